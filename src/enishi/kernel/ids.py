"""Ids: opaque, sortable where order helps, never derived from a name."""

from __future__ import annotations

import hashlib
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A new id such as `lst_01k…`: a prefix, 9 characters of time (ms), 11 of randomness."""
    number = (time.time_ns() // 1_000_000) << 55 | secrets.randbits(55)
    characters = []
    for _ in range(20):
        characters.append(_ALPHABET[number & 31])
        number >>= 5
    return f"{prefix}_{''.join(reversed(characters))}"


def bucket(salt: str, enishi_id: str) -> int:
    """The sample bucket of a subject, 0 to 9,999: the one hash for samples, splits and holdouts."""
    digest = hashlib.md5(f"{salt}:{enishi_id}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % 10_000
