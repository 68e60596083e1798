"""The housekeeping of accounts: what has ended is removed, once an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from enishi.book import throttle, tickets
from enishi.book.clock import now
from enishi.book.sessions import SessionStore

EVERY = timedelta(hours=1)
_last: list[datetime] = []


def run_once(context: object) -> bool:  # noqa: ARG001  the loops' common shape
    """Remove ended sessions, old attempts and spent links when an hour has gone by."""
    if _last and now() - _last[-1] < EVERY:
        return False
    _last[:] = [now()]
    SessionStore.clear_expired()
    throttle.sweep()
    tickets.sweep()
    return True
