"""Whom the passing of time may touch between two instants: a small set nobody is missing from.

A bound that moves from one place to another sweeps over a span of values. The rows whose value lies
in that span, followed back along the rule's join paths, lead to everybody whose answer it can
change. Spans are a little too wide where clocks turn back or where dates meet instants: who is
named in vain costs one evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TypeAlias

from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.live.movers import Appears, Birthday, Elapsed, Mover
from enishi.rules.changes import turned_back
from enishi.rules.tree import Now, Today, Window
from enishi.rules.windows import (
    DAY,
    FIRST_INSTANT,
    LAST_INSTANT,
    as_date,
    date_bounds,
    elapsed,
    instant_bounds,
    local_date,
    midnight,
    point,
)
from enishi.segments.touched import back
from enishi.warehouse.spelling import SQL, Spelling

Swept: TypeAlias = tuple[date, date]
"""The values from one to the other, both included: two dates, or two instants."""


def sweep(
    mover: Mover, subject: str, start: datetime, end: datetime, catalog: Catalog, spell: Spelling
) -> SQL | None:
    """SELECT `_id` of the subjects whom a mover may touch in (start, end]; None: nobody."""
    tests = [
        test
        for swept in spans(mover, start, end, catalog)
        for test in _tests(mover, swept, subject, catalog, spell)
    ]
    if not tests:
        return None
    where = " OR ".join(dict.fromkeys(tests))
    if mover.table:
        of = f"{spell.name('segment' if mover.table == 'memberships' else 'list')}"
        return (
            f"SELECT _id FROM {spell.book(mover.table)}"
            f" WHERE {of} = {spell.text(mover.slug)} AND ({where})"
        )
    if mover.names is not None:
        assert mover.name_field is not None
        names = ", ".join(spell.text(name) for name in sorted(mover.names))
        where = f"({where}) AND {spell.name(mover.name_field + '__f')} IN ({names})"
    rows = f"SELECT * FROM {spell.data(_dataset(mover, subject, catalog).name)} WHERE {where}"
    return back(mover.way, rows, spell)


def spans(mover: Mover, start: datetime, end: datetime, catalog: Catalog) -> Iterator[Swept]:
    """The values that a mover passes in (start, end]."""
    moves, zone = mover.moves, catalog.zone
    turns = bool(turned_back(zone, start - DAY, end + DAY))
    if isinstance(moves, Appears):
        yield start, end
    elif isinstance(moves, Elapsed):
        length = elapsed(moves.span)
        if start - FIRST_INSTANT > length:
            yield start - length, end - length
    elif isinstance(moves, Birthday) and moves.window is None:
        yield local_date(start, zone), local_date(end, zone)
    elif isinstance(moves, (Today, Now)):
        edges = [point(moves, instant, zone) for instant in (start, end)]
        known = [edge for edge in edges if isinstance(edge, date)]
        if mover.on_dates:
            days = [as_date(edge, zone) for edge in known]
            if days[0] != days[1] or turns:
                yield _wide(min(days), max(days))
        elif known[0] != known[1]:
            yield _edges(known[0], known[1], turns)
    else:
        window = moves.window if isinstance(moves, Birthday) else moves
        assert window is not None
        yield from _windows(window, mover.on_dates, start, end, catalog, turns)


def _windows(
    window: Window, on_dates: bool, start: datetime, end: datetime, catalog: Catalog, turns: bool
) -> Iterator[Swept]:
    """What the two bounds of a window pass."""
    if on_dates:
        then, now = (date_bounds(window, instant, catalog) for instant in (start, end))
        for one, other in ((then.start, now.start), (then.end, now.end)):
            if one is not None and other is not None and (one != other or turns):
                yield _wide(min(one, other), max(one, other))
        return
    before, after = (instant_bounds(window, instant, catalog) for instant in (start, end))
    for first, last in ((before.start, after.start), (before.end, after.end)):
        if first is not None and last is not None and (first != last or turns):
            yield _edges(first, last, turns)


def _edges(one: date, other: date, turns: bool) -> Swept:
    """Two places of a bound as instants, the whole of what it may have passed between them."""
    assert isinstance(one, datetime)
    assert isinstance(other, datetime)
    low, high = min(one, other), max(one, other)
    margin = DAY if turns else timedelta(microseconds=1)
    low = low - margin if low - FIRST_INSTANT > margin else FIRST_INSTANT
    return low, high + margin if LAST_INSTANT - high > margin else LAST_INSTANT


def _wide(low: date, high: date) -> Swept:
    return (low if low == date.min else low - DAY), (high if high == date.max else high + DAY)


# ── the rows with such values ────────────────────────────────────────────────────────────────────


def _dataset(mover: Mover, subject: str, catalog: Catalog) -> Dataset:
    return catalog.datasets[mover.way[-1].target if mover.way else subject]


def _tests(
    mover: Mover, swept: Swept, subject: str, catalog: Catalog, spell: Spelling
) -> Iterator[SQL]:
    column = spell.name(mover.column)
    stored = FieldType.TIMESTAMP
    if not mover.table and mover.column not in ("_from", "_to"):
        stored = _dataset(mover, subject, catalog).fields[mover.column].type
    if isinstance(mover.moves, Birthday):
        yield from _anniversaries(column, swept)
        return
    low, high = _as_stored(swept, stored, catalog)
    spelled = spell.instant if stored is FieldType.TIMESTAMP else spell.day
    yield f"{column} BETWEEN {spelled(low)} AND {spelled(high)}"  # type: ignore[arg-type]  # an instant where instants are stored


def _as_stored(swept: Swept, stored: FieldType, catalog: Catalog) -> Swept:
    """A span in the type of a column."""
    low, high = swept
    zone = catalog.zone
    if stored is FieldType.TIMESTAMP:
        if isinstance(low, datetime):
            return low, high
        after = high if high == date.max else high + DAY
        return midnight(low, zone), midnight(after, zone)
    if isinstance(low, datetime):
        assert isinstance(high, datetime)
        return _wide(local_date(low, zone), local_date(high, zone))
    return low, high


def _anniversaries(column: SQL, swept: Swept) -> Iterator[SQL]:
    """The dates whose month and day lie among these days or beside them."""
    low, high = _wide(*swept)
    if high - low >= timedelta(days=366):
        yield f"{column} IS NOT NULL"
        return
    days = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    found = {day.month * 100 + day.day for day in days}
    if 228 in found:
        found.add(229)
    listed = ", ".join(str(number) for number in sorted(found))
    yield f"(month({column}) * 100 + day({column})) IN ({listed})"
