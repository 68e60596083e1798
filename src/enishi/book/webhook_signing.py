"""Signatures as Standard Webhooks has them: what we sign for others, and what others sign for us.

    webhook-id          the message's id, the same at every try
    webhook-timestamp   seconds since 1970
    webhook-signature   v1,<base64 of HMAC-SHA256 over "id.timestamp.body">, a blank between several

The key is what stands behind `whsec_`, base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

TOLERANCE = 300
"""How far a timestamp may be off, in seconds: what is older is a replay."""


def sign(
    keys: Sequence[bytes], message_id: str, at: datetime, body: bytes, agent: str
) -> dict[str, str]:
    """The headers to send along with a JSON body at an instant."""
    stamp = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": agent,
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{_mark(key, message_id, stamp, body)}" for key in keys),
    }


def good(key: bytes, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Whether the headers (any mapping that knows the three names) sign the body at an instant."""
    message_id = headers.get("webhook-id") or ""
    stamp = headers.get("webhook-timestamp") or ""
    if not (key and message_id and stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        return False
    if abs(at.timestamp() - int(stamp)) > TOLERANCE:
        return False
    expected = f"v1,{_mark(key, message_id, stamp, body)}"
    given = (headers.get("webhook-signature") or "").split(" ")[:10]
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


def key_of(secret: str) -> bytes:
    """The key that a secret `whsec_…` stands for; another text is the key itself."""
    plain = secret.removeprefix("whsec_")
    if plain == secret:
        return secret.encode()
    try:
        return base64.b64decode(plain, validate=True)
    except (ValueError, binascii.Error):
        return secret.encode()


def _mark(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    signed = f"{message_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
