"""The signatures of these webhooks: those of `book.webhook_signing`, the id being the delivery's.

The key is what stands behind `whsec_`, base64. It is made from the workspace's secret, the
webhook's id and the number of its secret, and stored nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from enishi.book import webhook_signing
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
    numbers = [number]
    if number > 1 and at - since < BOTH_SECRETS:
        numbers.append(number - 1)
    keys = [_key(webhook_id, one) for one in numbers]
    return webhook_signing.sign(keys, delivery_id, at, body, "Enishi-Webhooks/1")
