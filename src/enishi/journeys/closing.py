"""A journey that is closing ends when the last one inside has left."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from enishi.book import audit
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.journeys.models import Enrollment, Journey
from enishi.journeys.types import JourneyState, WalkState
from enishi.kernel.clock import Clock

EVERY = timedelta(seconds=30)

_INSIDE = (WalkState.ACTIVE, WalkState.HELD)
_looked: dict[str, datetime] = {}  # by book


def run_now_and_then(clock: Clock) -> None:
    """Look twice a minute."""
    book, at = str(connection.settings_dict["NAME"]), clock()
    last = _looked.get(book)
    if last is None or not last <= at < last + EVERY:
        _looked[book] = at
        end_empty()


def end_empty() -> None:
    """End the journeys that take nobody in any more and that nobody is inside of. Audited."""
    for found in Journey.objects.filter(state=JourneyState.CLOSING):
        if Enrollment.objects.filter(journey=found.id, state__in=_INSIDE).exists():
            continue
        with work("journeys.closed"):
            rows = Journey.objects.filter(id=found.id, state=JourneyState.CLOSING)
            if rows.update(state=JourneyState.ENDED, state_since=now()):
                audit.record(SYSTEM, "journey.end", "journey", found.id, {"slug": found.slug})
