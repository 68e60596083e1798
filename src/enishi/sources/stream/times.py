"""When an event happened: the time it tells, unless that cannot be.

    mark      what was told                          `ts` is then
    (none)    a time                                 that time
    missing   none, or what is no time               when it was received
    future    more than 5 minutes after receipt      when it was received
    ancient   more than 10 years before receipt      when it was received

What was told and not taken is kept beside (`told`). A sender whose clock is off by more than five
minutes, which its `sentAt` shows, has its times put right by as much.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_MICRO = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFF = 5 * 60 * 1_000_000
"""How far a clock may be off before it is put right, in µs."""
ANCIENT = 3653 * 24 * 3600 * 1_000_000
"""How old an event may be when it is received, in µs: ten years."""


class Told(NamedTuple):
    """`ts`: when it happened; `told`: another time that was told, not taken; both µs since 1970."""

    ts: int
    told: int | None = None
    mark: str | None = None


def naive(micros: int) -> datetime:
    """An instant as the books have it: naive, in UTC."""
    return (_EPOCH + micros * _MICRO).replace(tzinfo=None)


def instant(value: object) -> int | None:
    """A told time in µs since 1970: ISO text (without offset: UTC), or seconds or milliseconds."""
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        since = found - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not abs(value) < 1e14:  # NaN and what is beyond every calendar are no times
            return None
        return int((value / 1000 if abs(value) >= 1e11 else value) * 1_000_000)
    return None


def read_time(told: object, sent: int | None, received: int, *, old: bool = False) -> Told:
    """When an event happened: by the time told, when it was sent and when it was received.

    `old`: however long ago it was, it is believed (events imported from a file).
    """
    found = instant(told)
    if found is None:
        return Told(received, None, "missing")
    ts = found
    if sent is not None and not -OFF <= received - sent <= OFF:
        ts = received - (sent - found)
    if ts > received:
        if ts - received > OFF:
            return Told(received, _writable(found), "future")
        return Told(received, _writable(found))
    if (received - ts > ANCIENT and not old) or _writable(ts) is None:
        return Told(received, _writable(found), "ancient")
    return Told(ts) if ts == found else Told(ts, _writable(found))


def _writable(told: int) -> int | None:
    """What a timestamp column can hold and Python can read again: the years 1 to 9999."""
    return told if -62_135_596_800_000_000 <= told < 253_402_300_800_000_000 else None
