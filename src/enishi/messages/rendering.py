"""A template's version made ready once, and filled in for each person.

`compiled(version_id)` is cached; what it gives never changes and can be pickled, so that a sender's
child process can take it. `Compiled.render` is pure: no database, no clock, no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from enishi.messages.types import MessageChannel


class Links(Protocol):
    """The addresses of one delivery. Each is a signed token of its id, so nothing is stored."""

    @property
    def unsubscribe(self) -> str:
        """Where one refuses more of this; empty where there is no such page."""

    @property
    def preferences(self) -> str: ...

    def click(self, url: str) -> str:
        """The address that leads to `url` and records the click."""

    def open(self) -> str:
        """The address of the picture that records the opening; empty: none is placed."""


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
    `template_broken`, `template_limit` (loops, output, time), `template_url` (no web address),
    `template_empty` (nothing left to send)."""

    def __init__(self, code: str, where: str) -> None:
        super().__init__(f"{code} in {where}")
        self.code, self.where = code, where


@dataclass(frozen=True)
class Compiled:
    """A version made ready. `fields` are what `values.values_for` asks for."""

    version_id: str
    template: str  # slug
    channel: MessageChannel
    purpose: str
    product: str
    subject: str = "person"
    fields: Mapping[str, Any] = field(default_factory=dict)

    def render(self, values: Mapping[str, object], links: Links) -> Rendered:
        """This person's message; raises UnrenderableError."""
        raise UnrenderableError("template_broken", "body")


def compiled(version_id: str) -> Compiled:
    """The version made ready; cached by id, since a version that has been approved never changes.

    Raises NotFound, and Invalid when it no longer fits (an image of ours is gone, say).
    """
    raise UnrenderableError("template_broken", version_id)
