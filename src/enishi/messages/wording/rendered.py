"""What a rendering is given and what comes of it: links, the message, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from enishi.messages.types import MessageChannel


class Links(Protocol):
    """The addresses of one delivery (`links.DeliveryLinks`): signed tokens, nothing is stored."""

    @property
    def unsubscribe(self) -> str:
        """Where one refuses more of this; empty where there is no such page."""
        ...

    @property
    def preferences(self) -> str: ...

    def click(self, url: str) -> str:
        """The address that leads to `url` and records the click."""
        ...

    def open(self) -> str:
        """The address of the picture that records the opening; empty: none is placed."""
        ...


@dataclass(frozen=True, slots=True)
class Untracked:
    """Links that lead straight on: previews and tests."""

    unsubscribe: str = "https://example.invalid/unsubscribe"
    preferences: str = "https://example.invalid/preferences"

    def click(self, url: str) -> str:
        return url

    def open(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One person's message.

    `email`: subject, html, text, sender_name, reply_to. `sms`: text. `line`: payload
    {"messages": […]} as LINE takes it. `push`: payload {title, body, url, icon}. `webhook`: payload
    is the JSON value, url where it goes. `person`: subject and text.
    No header field (subject, sender_name, reply_to, url) holds a control character.
    """

    channel: MessageChannel
    subject: str = ""
    html: str = ""
    text: str = ""
    payload: Any = None
    sender_name: str = ""
    reply_to: str = ""
    url: str = ""
    charset: str = "utf-8"


class UnrenderableError(Exception):
    """A template failed on one person's values. `code` is stable and names no value:
    `template_broken`, `template_limit` (steps, loops, output), `template_url` (no web address),
    `template_header` (a control character in a header field), `template_empty` (nothing to send).
    """

    def __init__(self, code: str, where: str) -> None:
        super().__init__(code, where)
        self.code, self.where = code, where

    def __str__(self) -> str:
        return f"{self.code} in {self.where}"
