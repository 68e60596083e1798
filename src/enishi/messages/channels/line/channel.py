"""LINE: push messages, each with a retry key, so that trying again is safe."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import msgspec

from enishi.book.jsontext import dumps
from enishi.book.outbound import Answer
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.messages.channels.http import HttpConnection, Post, busy, guarded
from enishi.messages.channels.line.quota import API
from enishi.messages.channels.port import Account, Later, Outcome, Outgoing, Refused, Sent, Unknown

MOST_MESSAGES = 5
"""So many LINE takes at once."""

_KEYS = uuid.UUID("6d8f1c1e-6f5b-5a68-9a0b-2b9c6b2f6d01")  # a namespace of our own
_QUOTA_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class LineChannel:
    """An official account. LINE knows a retry key for 24 hours: the same key is the same push."""

    account: Account
    post: Post = field(default_factory=lambda: guarded(()))

    name = "line"
    channel = "line"
    dedupes = True

    @property
    def workers(self) -> int:
        return int(self.account.config.get("connections", 4))

    def prepare(self, outgoing: Outgoing) -> bytes:
        """The body of a push."""
        messages = (outgoing.rendered.payload or {}).get("messages", [])
        if not 1 <= len(messages) <= MOST_MESSAGES:
            raise Invalid(
                Text("LINEのメッセージは1から5個です。", "LINE takes one to five messages."),
                Text("テンプレートを直してください。", "Correct the template."),
                code="content_refused",
            )
        return dumps({"to": outgoing.address, "messages": messages}).encode()

    def open(self) -> HttpConnection:
        return HttpConnection(self._send)

    def wait_for(self, address: str) -> float:  # noqa: ARG002  the channels' common shape
        return 0.0

    def _send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        answer = self.post(
            f"{API}/v2/bot/message/push",
            prepared,
            {
                "Authorization": f"Bearer {self.account.secrets.get('access_token', '')}",
                "Content-Type": "application/json",
                "X-Line-Retry-Key": retry_key(outgoing.key),
            },
        )
        return _read(answer)


def retry_key(key: str) -> str:
    """The retry key of a delivery: the same at every try."""
    return str(uuid.uuid5(_KEYS, key))


def _read(answer: Answer) -> Outcome:
    request = answer.headers.get("x-line-request-id", "")[:200]
    if answer.status == 200:
        return Sent(request)
    if answer.status == 409:  # taken at an earlier try
        return Sent(answer.headers.get("x-line-accepted-request-id", request)[:200])
    if answer.status == 429:
        if "monthly limit" in _message(answer):
            return Later("quota", _QUOTA_SECONDS, whole_channel=True)
        return busy(answer, whole_channel=True)
    if answer.status in (401, 403):
        return Later("credentials", 300.0, whole_channel=True)
    if answer.status == 503:
        return busy(answer)
    if answer.status >= 500:
        return Unknown("no_answer")
    if answer.status == 400 and "'to'" in _message(answer):
        return Refused("address_bad", stops_address=True)
    return Refused("content_refused")


def _message(answer: Answer) -> str:
    try:
        told: dict[str, Any] = msgspec.json.decode(answer.body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return ""
    return str(told.get("message", ""))
