"""Waits on a date follow the date: who stands in one is asked for it again every quarter of an
hour. Whose date has changed is taken up by the lane, which asks once more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from enishi.book import bulk
from enishi.book.unit import work
from enishi.journeys.graph import WaitDate
from enishi.journeys.models import Enrollment
from enishi.journeys.types import WalkState, Why
from enishi.journeys.walking import rows
from enishi.journeys.walking.asking import Asker
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.readying import journeys, versions_of

EVERY = timedelta(minutes=15)

_CHUNK = 5000
_WRITTEN = 500
_SLICE_SECONDS = 0.3
_rounds: dict[str, tuple[datetime, Iterator[int] | None]] = {}  # by book


def run_now_and_then(context: Any) -> None:
    """Go on with a round of looking, or begin one when the last began a quarter of an hour ago."""
    book, now = str(connection.settings_dict["NAME"]), context.clock()
    began, going = _rounds.get(book, (None, None))
    if going is None:
        if began is not None and began <= now < began + EVERY:
            return
        began, going = now, follow(context)
    assert began is not None
    until = time.perf_counter() + _SLICE_SECONDS
    for _ in going:
        if time.perf_counter() > until:
            _rounds[book] = (began, going)
            return
    _rounds[book] = (began, None)


def follow(context: Any) -> Iterator[int]:
    """Look at everybody who waits for a date; yields of how many it has changed, by chunks."""
    for journey in journeys():
        for ready in versions_of(journey):
            for name, step in ready.steps.items():
                if isinstance(step, WaitDate):
                    yield from _at(context, ready, name)


def _at(context: Any, ready: Ready, name: str) -> Iterator[int]:
    after = 0
    while True:
        standing = Enrollment.objects.filter(
            journey=ready.journey, version=ready.number, state=WalkState.ACTIVE, step=name,
            why=Why.DUE, id__gt=after,
        ).order_by("id").values_list("id", "person", "due_at")[:_CHUNK]  # fmt: skip
        found = list(standing)
        if not found:
            return
        after = found[-1][0]
        now = context.clock()
        asker = Asker(context.warehouse.engine, context.warehouse.catalog, now)
        step = ready.steps[name]
        assert isinstance(step, WaitDate)
        dates = asker.dates(ready, name, step, {person for _, person, _ in found})
        if dates is not None:
            changed = [number for number, person, due in found if dates[person] != due]
            for start in range(0, len(changed), _WRITTEN):
                _take_up(changed[start : start + _WRITTEN], now)
            yield len(changed)


def _take_up(ids: list[int], now: datetime) -> None:
    """Let the lane ask those for their date who still wait for it."""
    with work("journeys.follow"):
        bulk.update(
            rows.TABLE, ("id", "bigint"), {"why": "text", "due_at": "timestamptz"},
            ((number, Why.FACTS.value, now) for number in ids),
            where="t.why = 'due' AND t.state = 'active'",
        )  # fmt: skip
