"""Web push: encrypted for the browser (RFC 8291), signed for its push service (RFC 8292)."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import http_ece
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from enishi.book.jsontext import dumps
from enishi.book.outbound import Answer
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.messages.channels.http import BUSY, HttpConnection, Post, busy, guarded
from enishi.messages.channels.port import Account, Later, Outcome, Outgoing, Refused, Sent, Unknown
from enishi.messages.channels.webpush.subscription import Subscription, read_subscription
from enishi.messages.channels.webpush.vapid import public_key, read_key

LONGEST = 3000
"""A payload may have so many bytes: push services take 4,096 once it is encrypted."""

_VALID_SECONDS = 12 * 3600  # how long a signature counts; a day is the most that is allowed


@dataclass(frozen=True, slots=True)
class WebPushChannel:
    """Pushes signed with the account's key. A push service takes the same message twice."""

    account: Account
    post: Post = field(default_factory=lambda: guarded(None))

    name = "webpush"
    channel = "push"
    dedupes = False

    @property
    def workers(self) -> int:
        return int(self.account.config.get("connections", 4))

    def prepare(self, outgoing: Outgoing) -> bytes:
        """JSON of endpoint, headers and the encrypted body; in the mailbox, of the plain push."""
        told = dict(outgoing.rendered.payload or {})
        payload = dumps({**told, "delivery": outgoing.delivery}).encode()
        if len(payload) > LONGEST:
            raise Invalid(
                Text("通知が長すぎます。", "The push is too long."),
                Text("本文を短くしてください。", "Shorten its text."),
                code="too_large",
            )
        if not self.account.live:
            return payload
        found = read_subscription(outgoing.address, current_workspace().webhooks_allow)
        return dumps(
            {
                "endpoint": found.endpoint,
                "headers": self._headers(found, int(outgoing.at.timestamp())),
                "body": base64.b64encode(encrypted(payload, found)).decode(),
            }
        ).encode()

    def open(self) -> HttpConnection:
        return HttpConnection(self._send)

    def wait_for(self, address: str) -> float:  # noqa: ARG002  the channels' common shape
        return 0.0

    def _headers(self, found: Subscription, at: int) -> dict[str, str]:
        parts = urlsplit(found.endpoint)
        pem = self.account.secrets["vapid_key"]
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": at + _VALID_SECONDS,
            "sub": f"mailto:{self.account.config.get('contact', '')}",
        }
        hours = int(self.account.config.get("keep_hours", 24))
        return {
            "Authorization": f"vapid t={_token(pem, claims)},k={public_key(pem)}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(hours * 3600),
            "Urgency": "normal",
        }

    def _send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:  # noqa: ARG002  as above
        told: dict[str, Any] = msgspec.json.decode(prepared, type=dict[str, Any])
        body = base64.b64decode(told["body"])
        return _read(self.post(told["endpoint"], body, told["headers"]))


def encrypted(payload: bytes, found: Subscription) -> bytes:
    """The payload as only this browser can read it (`aes128gcm`)."""
    return bytes(
        http_ece.encrypt(
            payload,
            salt=os.urandom(16),
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=found.public,
            auth_secret=found.auth,
            version="aes128gcm",
        )
    )


def _token(pem: str, claims: dict[str, Any]) -> str:
    """A JWT signed with ES256."""
    head = _encode(b'{"typ":"JWT","alg":"ES256"}')
    told = f"{head}.{_encode(dumps(claims).encode())}"
    r, s = decode_dss_signature(read_key(pem).sign(told.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{told}.{_encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(answer: Answer) -> Outcome:
    if 200 <= answer.status < 300:
        return Sent(answer.headers.get("location", "")[:200])
    if answer.status in (404, 410):
        return Refused("gone", stops_address=True)
    if answer.status == 413:
        return Refused("too_large")
    if answer.status in BUSY:
        return busy(answer)
    if answer.status in (401, 403):
        return Later("credentials", 600.0)
    if answer.status >= 500:
        return Unknown("no_answer")
    return Refused("refused")
