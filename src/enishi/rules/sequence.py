"""Whether events followed one another as a sequence asks: the search of `evaluate`.

Of one value of the shared field at a time. What a step needs of the past is only the event matched
before it, so for each event that can stand at a step one way there is kept: the one by the latest
event that can stand before it. Whether a `no_event` holds depends on that event alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from enishi.catalog.types import FieldType
from enishi.kernel.text import fold
from enishi.rules.changes import earliest
from enishi.rules.rowset import Member, Place, RowFinder
from enishi.rules.tree import MeasureKind, Path, RowsValue, Sequence, SequenceStep, Span
from enishi.rules.windows import LAST_INSTANT, as_instant, elapsed


class Matched(NamedTuple):
    """How far a sequence was matched: its truth, the steps that hold, the events behind them."""

    truth: bool
    steps: int
    members: tuple[Member, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    member: Member


@dataclass(frozen=True, slots=True)
class _Way:
    """An event that can stand at a step, and the way to it."""

    event: _Event
    before: _Way | None = None

    def members(self) -> tuple[Member, ...]:
        found, here = [self.event.member], self.before
        while here is not None:
            found.append(here.event.member)
            here = here.before
        return tuple(reversed(found))


_Shared = Hashable
"""A value of the shared field as it compares; None where nothing is shared."""


class SequenceFinder:
    """Matches sequences at one instant over one set of rows."""

    def __init__(self, rows: RowFinder) -> None:
        self.rows = rows
        self.zone = rows.moment.zone

    def find(self, sequence: Sequence, place: Place) -> Matched:
        """The sequence matched on a subject's events, as far as it goes."""
        changes = list[datetime | None]()
        steps = list[dict[_Shared, list[_Event]]]()
        for step in sequence.steps:
            events, until = self._events(sequence, step, place)
            steps.append(events)
            changes.extend(until)
        best = Matched(False, 0, (), None)
        for shared in steps[0]:
            found = self._match(sequence, [events.get(shared, []) for events in steps])
            changes.append(found.until)
            if not best.members or _further(found, best):
                best = found
        return best._replace(until=earliest(changes))

    def _events(
        self, sequence: Sequence, step: SequenceStep, place: Place
    ) -> tuple[dict[_Shared, list[_Event]], list[datetime | None]]:
        """The events of a step in the order of their times, by the value of the shared field."""
        value = RowsValue(
            sequence.dataset, None, step.events, step.branches,
            None if step.absent else sequence.during, MeasureKind.COUNT, None, FieldType.INTEGER,
        )  # fmt: skip
        members, until = self.rows.members(place, value)
        changes = [until]
        found: dict[_Shared, list[_Event]] = {}
        for member in members:
            if member.time is None:
                continue
            shared: _Shared = None
            if sequence.same is not None:
                path = member.branch.path
                assert path is not None
                read = self.rows.read(member.place, path)
                changes.append(read.until)
                if read.value is None:
                    continue
                shared = _comparable(path, read.value)
            event = _Event(as_instant(member.time, self.zone), member)
            found.setdefault(shared, []).append(event)
        for events in found.values():
            events.sort(key=lambda event: event.at)
        return found, changes

    # ── matching ─────────────────────────────────────────────────────────────────────────────────

    def _match(self, sequence: Sequence, events: list[list[_Event]]) -> Matched:
        ways = [_Way(event) for event in events[0]]
        held = 1
        best = ways[-1].members()
        changes = list[datetime | None]()
        for step, here in zip(sequence.steps[1:], events[1:], strict=True):
            assert step.within is not None or not step.absent
            if step.absent:
                ways, until = self._undisturbed(step, ways, here)
                changes.append(until)
            else:
                ways = _onward(step.within, ways, here)
            if not ways:
                return Matched(False, held, best, earliest(changes))
            held += 1
            best = ways[-1].members()
        return Matched(True, held, best, earliest(changes))

    def _undisturbed(
        self, step: SequenceStep, ways: list[_Way], absent: list[_Event]
    ) -> tuple[list[_Way], datetime | None]:
        """The ways after whose last event none of these came within the time, which has passed;
        and when the time of another will have passed."""
        assert step.within is not None
        length = elapsed(step.within)
        times = [event.at for event in absent]
        kept, waiting = list[_Way](), list[datetime | None]()
        for way in ways:
            start = way.event.at
            if LAST_INSTANT - start < length:
                continue
            if start + length > self.rows.at:
                waiting.append(start + length)
            elif bisect_right(times, start) == bisect_right(times, start + length):
                kept.append(way)
        return kept, earliest(waiting)


def _onward(within: Span | None, ways: list[_Way], events: list[_Event]) -> list[_Way]:
    """Each event that can follow some way, by the latest way that ends before it."""
    times = [way.event.at for way in ways]
    found = []
    for event in events:
        index = bisect_left(times, event.at) - 1
        if index < 0:
            continue
        if within is None or event.at - times[index] <= elapsed(within):
            found.append(_Way(event, ways[index]))
    return found


def _further(one: Matched, other: Matched) -> bool:
    return (one.truth, one.steps) > (other.truth, other.steps)


def _comparable(path: Path, value: object) -> _Shared:
    """A value so that equal ones are equal: texts folded, unless keys are among them."""
    if isinstance(value, str) and not path.key:
        return fold(value)
    assert isinstance(value, Hashable)
    return value
