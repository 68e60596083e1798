"""Signatures as Standard Webhooks has them, so that receivers can use a library they have.

    webhook-id          the delivery's id, the same at every try
    webhook-timestamp   seconds since 1970
    webhook-signature   v1,<base64 of HMAC-SHA256 over "id.timestamp.body">, a blank between several

The key is what stands behind `whsec_`, base64. It is made from the workspace's secret, the
webhook's id and the number of its secret, and stored nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from enishi.book.workspace import current_workspace
from enishi.live.webhook_types import BOTH_SECRETS


def secret(webhook_id: str, number: int) -> str:
    """The secret an administrator hands to the receiver."""
    return "whsec_" + base64.b64encode(_key(webhook_id, number)).decode()


def _key(webhook_id: str, number: int) -> bytes:
    told = f"webhook:{webhook_id}:{number}".encode()
    return hmac.new(current_workspace().secret(), told, hashlib.sha256).digest()


def headers(
    webhook_id: str, number: int, since: datetime, delivery_id: str, at: datetime, body: bytes
) -> dict[str, str]:
    """What is sent along with a body at an instant. `since`: when the secret `number` was made;
    for a day afterwards the one before signs too."""
    stamp = str(int(at.timestamp()))
    numbers = [number]
    if number > 1 and at - since < BOTH_SECRETS:
        numbers.append(number - 1)
    signed = f"{delivery_id}.{stamp}.".encode() + body
    marks = [
        base64.b64encode(hmac.new(_key(webhook_id, one), signed, hashlib.sha256).digest()).decode()
        for one in numbers
    ]
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Enishi-Webhooks/1",
        "webhook-id": delivery_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }
