"""Ids: opaque, sortable where order helps, never derived from a name."""

from __future__ import annotations

import hashlib
import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]


def new_id(prefix: str) -> str:
    """A new id such as `lst_01k…`: a prefix, 9 characters of time (ms), 11 of randomness."""
    return new_ids(prefix, 1)[0]


def new_ids(prefix: str, count: int) -> list[str]:
    """Many new ids: randomness is asked of the system once, which costs more than all the rest."""
    instant = (time.time_ns() // 1_000_000) << 55
    drawn = secrets.token_bytes(7 * count)
    found = []
    for place in range(0, 7 * count, 7):
        number = instant | int.from_bytes(drawn[place : place + 7]) >> 1
        pairs = [_PAIRS[number >> shift & 1023] for shift in range(90, -1, -10)]
        found.append(f"{prefix}_{''.join(pairs)}")
    return found


def bucket(salt: str, enishi_id: str) -> int:
    """The sample bucket of a subject, 0 to 9,999: the one hash for samples, splits and holdouts."""
    digest = hashlib.md5(f"{salt}:{enishi_id}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % 10_000
