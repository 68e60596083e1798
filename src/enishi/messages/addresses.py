"""Addresses: normalised one way everywhere, and known elsewhere by a keyed digest alone."""

from __future__ import annotations

import base64
import hashlib
import hmac

from enishi.book.workspace import current_workspace
from enishi.catalog.normalise import normalise_email, normalise_phone


def normalise(channel: str, address: str) -> str | None:
    """An address as it is sent to and compared; None when it is none.

    A LINE user id and a push subscription are taken as they are.
    """
    if channel == "email":
        return normalise_email(address)
    if channel == "sms":
        return normalise_phone(address)
    return address.strip() or None


def digest(channel: str, address: str) -> str:
    """The keyed digest of a normalised address, 32 characters: `Delivery.address`,
    `AddressStop.address`, `ChannelAddress.digest`."""
    return digest_with(current_workspace().secret(), channel, address)


def digest_with(secret: bytes, channel: str, address: str) -> str:
    """The same with the workspace's secret in hand, for many."""
    told = f"address:{channel}:{address}".encode()
    found = hmac.new(secret, told, hashlib.sha256).digest()
    return base64.b32encode(found[:20]).decode().lower()
