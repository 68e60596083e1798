"""The second factor: allauth's TOTP and recovery codes, their secrets encrypted in the book."""

from __future__ import annotations

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet

from enishi.book.workspace import current_workspace


def _cipher() -> Fernet:
    key = hashlib.sha256(b"totp:" + current_workspace().secret()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Encrypts what allauth stores with the workspace's secret."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return f"Enishi {current_workspace().name}"
