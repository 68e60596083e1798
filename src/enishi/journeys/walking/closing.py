"""Journeys that come to their end: one that is closing when the last one inside has left, and one
that has been ended by having everybody inside leave at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from enishi.book import audit
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.journeys.models import Enrollment, Journey
from enishi.journeys.types import Heard, JourneyState, WalkState
from enishi.journeys.walking import store
from enishi.kernel.clock import Clock
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.messages.deliveries import service as deliveries

EVERY = timedelta(seconds=30)

_INSIDE = (WalkState.ACTIVE, WalkState.HELD)
_AT_ONCE = 500
_looked: dict[str, datetime] = {}  # by book
_emptied: set[tuple[str, str, datetime | None]] = set()
"""Book, journey and when it was ended: nobody is inside any more, and nobody can come in."""


def end_walks(clock: Clock) -> bool:
    """End the walks of the next of those who are inside a journey that has been ended; True when
    there may be more."""
    book = str(connection.settings_dict["NAME"])
    ended = Journey.objects.filter(state=JourneyState.ENDED).order_by("id")
    for journey, since in ended.values_list("id", "state_since"):
        if (book, journey, since) in _emptied:
            continue
        inside = Enrollment.objects.filter(journey=journey, state__in=_INSIDE)
        walks = list(inside.values_list("id", flat=True)[:_AT_ONCE])  # sorting sees everybody
        if walks:
            store.hear([(walk, Heard("close", clock())) for walk in walks])
            return True
        deliveries.unhold(journey=journey)
        _emptied.add((book, journey, since))
    return False


def reopen(journey: str) -> None:
    """Let a journey that has been ended go live again, in the unit that is open.

    Raises Conflict `journey_state` while the lane has not ended everybody's walk yet.
    """
    if Enrollment.objects.filter(journey=journey, state__in=_INSIDE).exists():
        raise Conflict(
            Text("まだ終了の途中です。", "The journey is still being ended for those inside."),
            Text("少し待って、もう一度お試しください。", "Wait a moment and try again."),
            code="journey_state",
        )
    deliveries.unhold(journey=journey)


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
