"""From the warehouse: which points were followed by a success within its window.

The points go in as a table, the events stay where they are, and one query for each dataset of
events answers for everybody. Events with the property `machine: true` count for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.journeys.feed.hearing import Hearing
from enishi.journeys.feed.signals import wheres_of
from enishi.journeys.feed.told import Feed
from enishi.journeys.feed.ways import among, joined
from enishi.journeys.graph import Conversion
from enishi.journeys.walking.ready import span
from enishi.journeys.walking.times import later
from enishi.kernel.text import fold
from enishi.rules.windows import local_date
from enishi.warehouse.engine import Engine
from enishi.warehouse.masking import hidden
from enishi.warehouse.spelling import SQL

_POINTS = "_proof_points"
_QUARTER = 900
_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT)


@dataclass(slots=True)
class Followed:
    """Of some points (by their place) those that a success followed, with its value (summed over
    the events in the window); `open`: those of the others whose window is not over."""

    values: dict[int, float] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)


class Events:
    """The events of one warehouse as they stand at one instant."""

    def __init__(self, engine: Engine, catalog: Catalog, now: datetime) -> None:
        self._engine, self._catalog, self._now = engine, catalog, now
        self._feed = Feed(engine, catalog, lambda: now, Hearing(catalog))

    def after(self, persons: Sequence[str], at: Sequence[datetime], one: Conversion) -> Followed:
        """Which points, each a person and an instant, a success followed.

        A success later than the point and not later than its window counts. An event with a date
        alone happened as its day ended. Raises Invalid where the catalog no longer fits it.
        """
        found = Followed()
        if not persons:
            return found
        until = Windows(one.window, self._catalog.zone)
        ends = [until(moment) for moment in at]
        table = self._points(persons, at, ends)
        for dataset in self._told_by(one):
            with self._engine.read() as question:
                question.register(_POINTS, table)
                for point, worth in question.rows(self._question(dataset, one)):
                    place = int(point)
                    found.values[place] = found.values.get(place, 0.0) + float(worth or 0)
        found.open = {
            place for place, end in enumerate(ends)
            if end > self._now and place not in found.values
        }  # fmt: skip
        return found

    def _points(
        self, persons: Sequence[str], at: Sequence[datetime], ends: Sequence[datetime]
    ) -> pa.Table:
        days = _Days(self._catalog.zone)
        instants = pa.timestamp("us")
        return pa.table(
            {
                "n": pa.array(range(len(persons)), pa.int64()),
                "person": pa.array(persons, pa.string()),
                "since": pa.array([one.replace(tzinfo=None) for one in at], instants),
                "until": pa.array([one.replace(tzinfo=None) for one in ends], instants),
                # Days that end after the point, and not after its window.
                "first_day": pa.array([days(one) for one in at], pa.date32()),
                "day_after": pa.array([days(one) for one in ends], pa.date32()),
            }
        )

    def _told_by(self, one: Conversion) -> Iterator[Dataset]:
        """The datasets that hold such events, and whose fields the narrowing fits."""
        fit = None if one.where is None else wheres_of(one.event, one.where, self._catalog)
        for dataset in _sources(self._catalog, one):
            if dataset.time is not None and (fit is None or dataset.name in fit):
                yield dataset

    def _question(self, dataset: Dataset, one: Conversion) -> SQL:
        spell, stream, event = self._engine.spelling, self._catalog.stream, dataset.event
        assert stream is not None
        assert event is not None
        assert dataset.time is not None
        person = self._catalog.datasets[stream.person]
        steps = self._catalog.expand(person.name, event.of[person.subject or ""]) or ()
        joins, tests = joined(self._feed, person, steps)
        row = f"t{len(steps)}"
        if event.name_field is not None:
            names = ", ".join(spell.text(name) for name in sorted(map(fold, one.event)))
            tests.append(f"{row}.{spell.name(event.name_field + '__f')} IN ({names})")
        if one.where is not None:
            tests.append(among(self._feed, dataset, row, one.where))
        if dataset.name == stream.activity:
            told = f"coalesce({row}.{spell.name('properties')}, '')"
            for machine in ('"machine":true', '"machine": true'):
                tests.append(f"NOT {spell.holds(told, spell.text(machine))}")
        time = f"{row}.{spell.name(dataset.time.field)}"
        worth = dataset.fields.get(one.value)
        value = f"{row}.{spell.name(one.value)}" if worth and worth.type in _NUMBERS else "0"
        key = "".join(f", {row}.{spell.name(n)} AS k{i}" for i, n in enumerate(dataset.key))
        tests.append(f"t0._id IN (SELECT person FROM {_POINTS})")
        inner = (
            f"SELECT DISTINCT t0._id AS person, {time} AS happened, {value} AS worth{key}"
            f" FROM {joins} WHERE {' AND '.join(tests)}"
        )
        if dataset.fields[dataset.time.field].type is FieldType.DATE:
            today = spell.day(local_date(self._now, self._catalog.zone))
            inside = "e.happened >= p.first_day AND e.happened < p.day_after"
            inside += f" AND e.happened < {today}"
        else:
            inside = "e.happened > p.since AND e.happened <= p.until"
            inside += f" AND e.happened <= {spell.instant(self._now)}"
        return (
            f"SELECT p.n AS n, sum(e.worth) AS worth FROM {_POINTS} p JOIN ({inner}) e"
            f" ON e.person = p.person WHERE {inside} GROUP BY p.n"
        )


def _sources(catalog: Catalog, one: Conversion) -> list[Dataset]:
    """The datasets that can hold such events."""
    stream = catalog.stream
    if stream is None:
        return []
    kind = catalog.datasets[stream.person].subject or ""
    found = catalog.event_sources(kind, frozenset(map(fold, one.event)))
    return [dataset for dataset in found if dataset.name != stream.crossing]


def value_hidden(one: Conversion, catalog: Catalog, pii: str) -> bool:
    """Whether a role with this PII level sees masked what the success sums."""
    summed = [dataset.fields.get(one.value) for dataset in _sources(catalog, one)]
    return any(field is not None and hidden(field, pii) for field in summed)


class Windows:
    """When a window that begins at an instant is over. Fast for many: clocks change at quarters of
    an hour, so that within one all windows are equally long (but for a local time that is skipped,
    where they differ by less than the skip)."""

    def __init__(self, window: str, zone: ZoneInfo) -> None:
        self._span, self._zone = span(window), zone
        self._long: dict[int, timedelta] = {}

    def __call__(self, at: datetime) -> datetime:
        quarter = int(at.timestamp()) // _QUARTER
        long = self._long.get(quarter)
        if long is None:
            long = self._long[quarter] = later(at, self._span, self._zone) - at
        return at + long


class _Days:
    """The local day of instants, for many."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[int, date] = {}

    def __call__(self, at: datetime) -> date:
        quarter = int(at.timestamp()) // _QUARTER
        day = self._known.get(quarter)
        if day is None:
            day = self._known[quarter] = local_date(at, self._zone)
        return day
