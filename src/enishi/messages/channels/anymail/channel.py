"""Mail by a provider's API, spoken by django-anymail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.utils.module_loading import import_string

from enishi.book.jsontext import dumps
from enishi.messages.channels.anymail.providers import ESPS, Esp
from enishi.messages.channels.mime import Letter, build
from enishi.messages.channels.port import Account, Later, Outcome, Outgoing, Refused, Sent, Unknown

TIMEOUT = 20
"""Seconds that one request may take."""
DELIVERY = "enishi_delivery"
"""Under this name a provider keeps the delivery's id, and tells it in its webhook."""

_STOPPING = frozenset({"invalid"})


@dataclass(frozen=True, slots=True)
class AnymailChannel:
    """An account with one of `providers.ESPS`. None of them recognises our key."""

    account: Account

    name = "anymail"
    channel = "email"
    dedupes = False

    @property
    def workers(self) -> int:
        return int(self.account.config.get("connections", 4))

    @property
    def esp(self) -> Esp:
        return ESPS[str(self.account.config.get("esp"))]

    def prepare(self, outgoing: Outgoing) -> bytes:
        """JSON of the mail's parts; the provider builds the mail. Raises Invalid for header fields
        and addresses that no mail may have, as `mime.build` does."""
        config, rendered = self.account.config, outgoing.rendered
        told = {
            "from_name": rendered.sender_name or str(config.get("from_name", "")),
            "from_address": str(config["from_address"]),
            "to_name": outgoing.name,
            "to_address": outgoing.address,
            "subject": rendered.subject,
            "reply_to": rendered.reply_to or str(config.get("reply_to", "")),
            "unsubscribe": outgoing.unsubscribe,
        }
        more = dict(outgoing.headers)
        build(
            Letter(html="", text="", message_id="check@enishi", at=outgoing.at, more=more, **told)
        )
        content = {"html": rendered.html, "text": rendered.text, "more": more}
        kept = {"metadata": {DELIVERY: outgoing.delivery} if self.esp.metadata else {}}
        return dumps({**told, **content, **kept}).encode()

    def open(self) -> AnymailConnection:
        esp = self.esp
        known = {**self.account.config, **self.account.secrets}
        settings = {name: str(known.get(ours, "")) for name, ours in esp.settings.items()}
        if esp.name in ("postal", "unisender_go"):
            settings["api_url"] = f"https://{settings['api_url']}"
        return AnymailConnection(lambda: import_string(esp.backend)(timeout=TIMEOUT, **settings))

    def wait_for(self, address: str) -> float:  # noqa: ARG002  the channels' common shape
        return 0.0


class AnymailConnection:
    """Keeps the back end's HTTP session open."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._backend: Any = None

    def send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:  # noqa: ARG002  the channels' common shape
        message = _message(msgspec.json.decode(prepared, type=dict[str, Any]))
        try:
            if self._backend is None:
                self._backend = self._make()
                self._backend.open()
            self._backend.send_messages([message])
        except AnymailRecipientsRefused:
            states = message.anymail_status.status or set()
            return Refused("mailbox_unknown", stops_address=bool(states & _STOPPING))
        except AnymailAPIError as error:
            return _read(error)
        except (AnymailError, ValueError):
            return Refused("content_refused")
        found = message.anymail_status.message_id
        return Sent(str(found)[:200] if isinstance(found, str) else "")

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None


def _message(told: dict[str, Any]) -> AnymailMessage:
    headers = dict(told["more"])
    if told["unsubscribe"]:
        headers["List-Unsubscribe"] = f"<{told['unsubscribe']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = AnymailMessage(
        subject=told["subject"],
        body=told["text"],
        from_email=_named(told["from_name"], told["from_address"]),
        to=[_named(told["to_name"], told["to_address"])],
        reply_to=[told["reply_to"]] if told["reply_to"] else None,
        headers=headers,
    )
    if told["html"]:
        message.attach_alternative(told["html"], "text/html")
    if told["metadata"]:
        message.metadata = told["metadata"]
    return message


def _named(name: str, address: str) -> str:
    if not name:
        return address
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def _read(error: AnymailAPIError) -> Outcome:
    cause = error.__cause__
    if isinstance(cause, requests.ConnectTimeout | requests.exceptions.SSLError):
        return Later("connection", 60.0)
    if isinstance(cause, requests.Timeout):
        return Unknown("timeout")
    if isinstance(cause, requests.ConnectionError):
        # Refused or not found: nothing was handed over. Broken later: it may have been.
        never = "NewConnectionError" in str(cause) or "NameResolutionError" in str(cause)
        return Later("connection", 60.0) if never else Unknown("no_answer")
    status = error.status_code
    if status is None:
        return Unknown("no_answer")
    if status in (429, 503):
        return Later("rate" if status == 429 else "try_later", 60.0)
    if status in (401, 403):
        return Later("credentials", 300.0, whole_channel=True)
    if status >= 500:
        return Unknown("no_answer")
    return Refused("content_refused") if 400 <= status < 500 else Unknown("no_answer")
