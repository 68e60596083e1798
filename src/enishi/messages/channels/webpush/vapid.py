"""The key with which we show push services who sends (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def new_key() -> str:
    """A new private key on P-256, PEM."""
    made = ec.generate_private_key(ec.SECP256R1())
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@lru_cache(maxsize=64)
def read_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError for what is no private key on P-256."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:  # it has a password
        raise ValueError(str(error)) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("no key on P-256")
    return key


def readable(pem: str) -> bool:
    """Whether it is such a key."""
    try:
        read_key(pem)
    except ValueError:
        return False
    return True


def public_key(pem: str) -> str:
    """What a browser needs to subscribe (`applicationServerKey`), base64url."""
    point = (
        read_key(pem)
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
