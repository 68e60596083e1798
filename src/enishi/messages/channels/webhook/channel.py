"""A signed webhook: the message as JSON to the address that its template names, where that leads to
a host that an administrator has named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from enishi.book import webhook_signing
from enishi.book.jsontext import dumps
from enishi.book.outbound import Answer
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.messages.channels.http import HttpConnection, Post, busy, guarded
from enishi.messages.channels.port import Account, Outcome, Outgoing, Refused, Sent
from enishi.messages.channels.webhook import hosts_of

LONGEST = 256_000
"""No body is longer, in bytes."""

_AGAIN = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Signed as Standard Webhooks has it. `webhook-id` is the delivery's key, by which a receiver
    knows what it has had: trying again is safe."""

    account: Account
    post: Post = field(default_factory=lambda: guarded(None))

    name = "webhook"
    channel = "webhook"
    dedupes = True

    @property
    def workers(self) -> int:
        return int(self.account.config.get("connections", 4))

    def prepare(self, outgoing: Outgoing) -> bytes:
        """JSON of the address and the body's text."""
        body = dumps(outgoing.rendered.payload)
        if len(body) > LONGEST or not outgoing.rendered.url:
            raise Invalid(
                Text("Webhookの宛先がないか、長すぎます。", "It has no address, or is too long."),
                Text("テンプレートを直してください。", "Correct the template."),
                code="too_large" if outgoing.rendered.url else "address_bad",
            )
        return dumps({"url": outgoing.rendered.url, "body": body}).encode()

    def open(self) -> HttpConnection:
        return HttpConnection(self._send)

    def wait_for(self, address: str) -> float:  # noqa: ARG002  the channels' common shape
        return 0.0

    def _send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:
        told: dict[str, str] = msgspec.json.decode(prepared, type=dict[str, str])
        if host_of(told["url"]) not in hosts_of(self.account.config):
            return Refused("host_not_named")
        body = told["body"].encode()
        key = webhook_signing.key_of(self.account.secrets.get("signing_secret", ""))
        # Signed at the moment of sending: a receiver refuses what was signed long ago.
        headers = webhook_signing.sign([key], outgoing.key, outgoing.at, body, "Enishi-Messages/1")
        return _read(self.post(told["url"], body, headers))


def host_of(url: str) -> str:
    """The host that an address leads to, as settings name it; empty where that cannot be told."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").encode("idna").decode().lower()
    except ValueError:
        return ""


def _read(answer: Answer) -> Outcome:
    if 200 <= answer.status < 300:
        return Sent()
    if answer.status == 410:
        return Refused("gone")
    if answer.status in _AGAIN or answer.status >= 500:
        return busy(answer)
    return Refused("refused")
