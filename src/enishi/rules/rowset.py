"""Reading one place in the facts: paths, hops, and the rows that a value ranges over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from enishi.catalog.types import Dataset, FieldType
from enishi.rules.changes import earliest, together
from enishi.rules.facts import Facts, Row, exists, key_of, stored
from enishi.rules.moment import Moment
from enishi.rules.tree import (
    WEEKDAYS,
    Branch,
    MeasureKind,
    Node,
    Part,
    Path,
    RowsValue,
    Step,
    Window,
)
from enishi.rules.windows import (
    DateBounds,
    InstantBounds,
    age,
    as_date,
    as_instant,
)

Truth = tuple[bool, datetime | None]
"""Whether something holds, and the next instant at which that can change."""


class Place(NamedTuple):
    """One row that a rule is tested on. `outer`: the subject, when this is not it."""

    dataset: str
    row: Row
    outer: Place | None

    @property
    def subject(self) -> Place:
        return self if self.outer is None else self.outer


class Found(NamedTuple):
    """A value (None: unset) and the next instant at which it can change."""

    value: object
    until: datetime | None


class Member(NamedTuple):
    """One row that a related or event value counts."""

    branch: Branch
    dataset: Dataset
    place: Place
    time: date | None

    @property
    def key(self) -> tuple[object, ...]:
        return key_of(self.dataset, self.place.row)


class RowFinder:
    """Reads paths and rows at one instant. `rule` tells the truth of a rule at a place."""

    def __init__(self, facts: Facts, moment: Moment, rule: Callable[[Node, Place], Truth]) -> None:
        self.facts = facts
        self.catalog = facts.catalog
        self.moment, self.at = moment, moment.at
        self._rule = rule

    # ── paths ────────────────────────────────────────────────────────────────────────────────────

    def read(self, place: Place, path: Path) -> Found:
        """The value of a path from a row."""
        if path.missing:
            return Found(None, None)
        if path.constant is not None:
            return Found(path.constant, None)
        row: Row | None = place.row
        changes: list[datetime | None] = []
        for step in path.steps:
            row, until = self._one(step, row)
            changes.append(until)
            if row is None:
                return Found(None, earliest(changes))
        assert row is not None
        found = self._part(path, row)
        return Found(self._widened(path, found.value), earliest((*changes, found.until)))

    def _one(self, step: Step, row: Row | None) -> tuple[Row | None, datetime | None]:
        """The one row a to-one hop arrives at: of several the first by key."""
        assert row is not None
        arrived, changes = self.arrive(step, [Place(step.source, row, None)])
        dataset = self.catalog.datasets[step.target]
        rows = sorted(
            (place.row for place in arrived), key=lambda r: _orderable(key_of(dataset, r))
        )
        return (rows[0] if rows else None), earliest(changes)

    def _part(self, path: Path, row: Row) -> Found:
        value = stored(row, path.field)
        if value is None or path.part is None:
            return Found(value, None)
        if path.part is Part.SINCE:
            return Found(self._since(path, row), None)
        assert isinstance(value, date)
        zone = self.moment.zone
        if path.part is Part.HOUR:
            assert isinstance(value, datetime)
            return Found(value.astimezone(zone).hour, None)
        day = as_date(value, zone)
        if path.part is Part.AGE:
            return Found(age(day, self.moment.today), self.moment.birthday_change(day))
        plain: dict[Part, object] = {
            Part.YEAR: day.year,
            Part.MONTH: day.month,
            Part.DAY: day.day,
            Part.WEEK: day.isocalendar().week,
            Part.WEEKDAY: WEEKDAYS[day.weekday()],
            Part.DATE: day,
        }
        return Found(plain[path.part], None)

    def _since(self, path: Path, row: Row) -> object:
        """The start of the unbroken run of versions that hold the present value."""
        dataset = self.catalog.datasets[path.leaf]
        present = stored(row, path.field)
        since = stored(row, "_from")
        versions = self.facts.versions(dataset, row)
        ended = {stored(v, "_to"): v for v in versions}
        while True:
            before = ended.get(since)
            if before is None or stored(before, path.field) != present:
                return since
            since = stored(before, "_from")

    def _widened(self, path: Path, value: object) -> object:
        """To the type that several event datasets share."""
        if value is None:
            return None
        if path.type is FieldType.TIMESTAMP and not isinstance(value, datetime):
            return as_instant(value, self.catalog.zone)
        if path.type is FieldType.FLOAT:
            assert isinstance(value, (int, float)) or hasattr(value, "__float__")
            return float(value)
        return value

    # ── hops ─────────────────────────────────────────────────────────────────────────────────────

    def arrive(
        self,
        step: Step,
        places: Sequence[Place],
        branch: Branch | None = None,
        during: Window | None = None,
    ) -> tuple[list[Place], list[datetime | None]]:
        """The rows one hop leads to that exist and pass its narrowings, each once; and when that
        can change. Of a `branch` that names events, only the rows of these names; of those that
        are counted `during` a window, only the ones that can be in it before the horizon."""
        dataset = self.catalog.datasets[step.target]
        ours = tuple(name for name, _ in step.columns)
        theirs = tuple(name for _, name in step.columns)
        found: dict[tuple[object, ...], Place] = {}
        changes: list[datetime | None] = []
        for place in places:
            values = tuple(stored(place.row, name) for name in ours)
            if branch is None or branch.names is None:
                rows = self.facts.matching(step.target, theirs, values)
            else:
                assert branch.name_field is not None
                rows = self.facts.named(
                    step.target, theirs, values, branch.name_field, branch.names
                )
            if during is not None and branch is not None and branch.time is not None:
                rows = self.moment.near(during, rows, branch.time)
            for row in rows:
                arrived = Place(step.target, row, None)
                there = exists(self.catalog, dataset, row, self.at)
                if not step.where:
                    changes.append(there[1])
                    if there[0]:
                        found[key_of(dataset, row)] = arrived
                    continue
                tests = [self._rule(rule, arrived) for rule in step.where] if there[0] else []
                changes.append(together([there, *tests], True))
                if there[0] and all(truth for truth, _ in tests):
                    found[key_of(dataset, row)] = arrived
        return list(found.values()), changes

    # ── related rows and events ──────────────────────────────────────────────────────────────────

    def members(self, place: Place, value: RowsValue) -> tuple[list[Member], datetime | None]:
        """The rows a value counts, each once, and the next instant at which that can change."""
        members: list[Member] = []
        changes: list[datetime | None] = []
        for branch in value.branches:
            if branch.nothing:
                continue
            places = [place]
            for index, step in enumerate(branch.steps, 1):
                last = branch if index == len(branch.steps) else None
                window = None if last is None else value.during
                places, moved = self.arrive(step, places, last, window)
                changes.extend(moved)
            fitting: list[Member] = []
            for arrived in places:
                member, until = self._fitting(branch, arrived, place, value)
                if until is not None:
                    changes.append(until)
                if member is not None:
                    fitting.append(member)
            if value.during is not None:
                fitting, until = self._during(value.during, fitting)
                changes.append(until)
            members += fitting
        return members, earliest(changes)

    def _fitting(
        self, branch: Branch, arrived: Place, start: Place, value: RowsValue
    ) -> tuple[Member | None, datetime | None]:
        """The row as a member of the value but for `during`, or None; and when that can change."""
        place = Place(arrived.dataset, arrived.row, start.subject)
        time = None if branch.time is None else stored(place.row, branch.time)
        assert time is None or isinstance(time, date)
        if time is None and value.measure in (MeasureKind.FIRST, MeasureKind.LAST):
            return None, None
        truth, until = (True, None) if branch.where is None else self._rule(branch.where, place)
        if not truth:
            return None, until
        return Member(branch, self.catalog.datasets[branch.dataset], place, time), until

    def _during(
        self, window: Window, members: list[Member]
    ) -> tuple[list[Member], datetime | None]:
        """The rows whose time lies in a window (a row without a time is in none), and when that
        can change.

        Bounds move past the rows in the order of their times, so only the outermost of those
        inside, before and after the window need to be watched.
        """
        timed = [(member, member.time) for member in members if member.time is not None]
        if not timed:
            return [], None
        on_dates = not isinstance(timed[0][1], datetime)
        bounds: DateBounds | InstantBounds
        bounds = self.moment.days(window) if on_dates else self.moment.instants(window)
        inside = [(member, time) for member, time in timed if bounds.holds(time)]  # type: ignore[arg-type]  # dates with date bounds, times with times
        kept = [time for _, time in inside]
        ended = [t for _, t in timed if bounds.start is not None and t < bounds.start]
        to_come = [t for _, t in timed if bounds.end is not None and t >= bounds.end]
        watched = {min(kept), max(kept)} if kept else set()
        watched |= {max(ended)} if ended else set()
        watched |= {min(to_come)} if to_come else set()
        changes = [self.moment.window_change(window, time) for time in watched]
        return [member for member, _ in inside], earliest(changes)


def _orderable(key: tuple[object, ...]) -> tuple[tuple[bool, object], ...]:
    return tuple((part is None, part) for part in key)
