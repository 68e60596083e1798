"""A sender's secrets as the book holds them: sealed with a key of the workspace's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Text

_MARK = "w1."
_NONCE = 12


def seal(sender_id: str, told: Mapping[str, str]) -> str:
    """AES-256-GCM with the sender's id as associated data; empty for nothing."""
    if not told:
        return ""
    nonce = secrets.token_bytes(_NONCE)
    plain = json.dumps(dict(told), ensure_ascii=False).encode()
    sealed = AESGCM(_key()).encrypt(nonce, plain, sender_id.encode())
    return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sender_id: str, sealed: str) -> dict[str, str]:
    """The secrets again. Raises Unavailable `secrets_sealed` where the workspace's secret is not
    the one they were sealed with."""
    if not sealed:
        return {}
    try:
        data = base64.urlsafe_b64decode(sealed.removeprefix(_MARK))
        plain = AESGCM(_key()).decrypt(data[:_NONCE], data[_NONCE:], sender_id.encode())
        found: dict[str, str] = json.loads(plain)
        return found
    except (ValueError, InvalidTag):
        raise Unavailable(
            Text(
                "送信設定の秘密の値を開けません。",
                "The secrets of this sender cannot be opened.",
            ),
            Text(
                "var/secret.key をバックアップから戻すか、秘密の値を入力し直してください。",
                "Restore var/secret.key from your backup, or type the secrets in again.",
            ),
            code="secrets_sealed",
        ) from None


def _key() -> bytes:
    return hmac.new(current_workspace().secret(), b"messages:senders", hashlib.sha256).digest()
