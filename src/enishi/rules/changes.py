"""When an answer can change by itself: bounds that move, and the instant they pass a value.

A bound is a function of the instant (`as_of - 30d`, today, the start of this month). It never moves
back, except where the local clock is turned back; those places are looked at one by one. What is
found may be too early, never too late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from enishi.catalog.types import Catalog
from enishi.rules.tree import LastWindow, Point, Window
from enishi.rules.windows import (
    LAST_INSTANT,
    TICK,
    DateBounds,
    anniversary,
    as_date,
    date_bounds,
    instant_bounds,
    local_date,
    midnight,
    point,
    step_date,
    step_instant,
)

Bound: TypeAlias = Callable[[datetime], date | None]
"""A date or an instant as a function of the instant asked about; None: no bound."""

NEAR = timedelta(days=4)
"""A bound that goes back makes good for it within this time (clocks turn back by a few hours, and
a clamped month step stands still for at most three days)."""


def earliest(changes: Iterable[datetime | None]) -> datetime | None:
    """The first of several changes; None: none will come."""
    known = [change for change in changes if change is not None]
    return min(known, default=None)


def latest(changes: Iterable[datetime | None]) -> datetime | None:
    """The last of several changes; None when one of them never comes."""
    found = list(changes)
    return None if any(c is None for c in found) else max(c for c in found if c is not None)


def together(parts: Iterable[tuple[bool, datetime | None]], wanted: bool) -> datetime | None:
    """When "all are `wanted`" can change, given each part's truth and its next change.

    While it holds, the first change counts; while it does not, one part keeps it so until the last
    of the parts in its way has changed.
    """
    known = list(parts)
    if all(truth is wanted for truth, _ in known):
        return earliest(change for _, change in known)
    return latest(change for truth, change in known if truth is not wanted)


# ── moving bounds against a value ────────────────────────────────────────────────────────────────


def passes(
    bound: Bound, value: date, at: datetime, zone: ZoneInfo, guess: datetime | None = None
) -> datetime | None:
    """The next instant after `at` at which `bound > value` changes.

    `guess` is where it may well be: two looks confirm it, where searching takes a hundred.
    """

    def beyond(instant: datetime) -> bool:
        edge = bound(instant)
        return edge is not None and edge > value

    if beyond(at):
        turned = [t for t in turned_back(zone, at, at + NEAR) if not beyond(t)]
        return turned[0] if turned else None
    if (
        guess is not None
        and at < guess < LAST_INSTANT
        and beyond(guess)
        and not beyond(guess - TICK)
        and not turned_back(zone, max(at, guess - NEAR), guess + NEAR)
    ):
        return guess
    step = timedelta(seconds=1)
    high = at
    while not beyond(high):
        if high >= LAST_INSTANT:
            return None
        low, high = high, min(LAST_INSTANT, high + step if step < _FAR else LAST_INSTANT)
        step *= 4
    return _first(beyond, at, low, high, zone)


_FAR = timedelta(days=365 * 3000)


def _first(
    beyond: Callable[[datetime], bool], at: datetime, low: datetime, high: datetime, zone: ZoneInfo
) -> datetime:
    """The first instant in (at, high] that is beyond, given that `low` is not and `high` is."""
    while high - low > TICK:
        middle = low + (high - low) // 2
        if beyond(middle):
            high = middle
        else:
            low = middle
    for turn in turned_back(zone, max(at, high - NEAR), high):
        before = turn - TICK
        if before > at and beyond(before):
            return _first(beyond, at, max(at, turn - NEAR), before, zone)
    return high


def turned_back(zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """The instants in (start, end] at which the local clock goes back."""
    years = range(max(1, start.year), min(9999, end.year) + 1)
    return [t for year in years for t in _turns(zone, year) if start < t <= end]


@lru_cache(maxsize=4096)
def _turns(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """The instants of a UTC year at which the local clock goes back."""
    if not 3 <= year <= 9997:
        return ()
    found = []
    low = datetime(year, 1, 1, tzinfo=UTC)
    while low.year == year:
        high = low + timedelta(days=1)
        before, after = low.astimezone(zone).utcoffset(), high.astimezone(zone).utcoffset()
        assert before is not None
        assert after is not None
        if after < before:
            a, b = low, high
            while b - a > TICK:
                middle = a + (b - a) // 2
                if middle.astimezone(zone).utcoffset() == before:
                    a = middle
                else:
                    b = middle
            found.append(b)
        low = high
    return tuple(found)


def window_change(window: Window, value: date, at: datetime, catalog: Catalog) -> datetime | None:
    """When a value can enter or leave a window (on dates for a date, else on instants)."""
    bounds = instant_bounds if isinstance(value, datetime) else date_bounds
    zone = catalog.zone
    guess = _leaves(window, value, zone)
    start = passes(lambda t: bounds(window, t, catalog).start, value, at, zone, guess)
    if isinstance(window, LastWindow) and isinstance(value, datetime) and value <= at:
        return start  # its end is now, which has passed the value for good
    end = passes(lambda t: bounds(window, t, catalog).end, value, at, zone)
    return earliest((start, end))


def _leaves(window: Window, value: date, zone: ZoneInfo) -> datetime | None:
    """When a value very likely falls out of the last so many days: that much later."""
    if not isinstance(window, LastWindow):
        return None
    if isinstance(value, datetime):
        return step_instant(value, window.span, zone)
    return midnight(step_date(value, window.span)[0], zone)


def point_change(operand: Point, value: object, at: datetime, catalog: Catalog) -> datetime | None:
    """When the order of a value and a relative date or time can change."""
    if not isinstance(value, date):
        return None
    zone = catalog.zone
    on_dates = not (isinstance(value, datetime) and isinstance(point(operand, at, zone), datetime))
    mine = as_date(value, zone) if on_dates else value

    def bound(instant: datetime) -> date:
        edge = point(operand, instant, zone)
        assert isinstance(edge, date)
        return as_date(edge, zone) if on_dates else edge

    just_before = mine - (timedelta(days=1) if on_dates else TICK)
    return earliest((passes(bound, mine, at, zone), passes(bound, just_before, at, zone)))


def anniversary_change(
    window: Window, born: date, at: datetime, catalog: Catalog
) -> datetime | None:
    """When an anniversary can enter or leave a window."""
    now: DateBounds = date_bounds(window, at, catalog)
    found: list[datetime | None] = []
    if now.start is not None:
        leaving = _next_anniversary(born, now.start)
        if leaving is not None:
            found.append(
                passes(lambda t: date_bounds(window, t, catalog).start, leaving, at, catalog.zone)
            )
    if now.end is not None:
        coming = _next_anniversary(born, now.end)
        if coming is not None:
            found.append(
                passes(lambda t: date_bounds(window, t, catalog).end, coming, at, catalog.zone)
            )
    return earliest(found)


def _next_anniversary(born: date, day: date) -> date | None:
    """The first anniversary in a later year than `born` that is on or after `day`."""
    for year in (max(born.year + 1, day.year), max(born.year + 1, day.year) + 1):
        if year <= 9999 and (found := anniversary(born, year)) >= day:
            return found
    return None


def birthday_change(born: date, at: datetime, catalog: Catalog) -> datetime | None:
    """The next local midnight at which an age grows."""
    today = local_date(at, catalog.zone)
    for year in (today.year, today.year + 1):
        if year <= 9999 and (birthday := anniversary(born, year)) > today:
            return midnight(birthday, catalog.zone)
    return None
