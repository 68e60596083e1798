"""From the book: what was done to whom and when: the points after which successes are looked for.

A point is one contact, one entry or one person of an arm of a holdout, at an instant. Points of one
kind are a group: `entry`, `step:<step>`, `control:<step>`, `treated:<step>`; of a send `step:`,
`control:` and `treated:`, since it has one step without a name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from enishi.gate.book_rows import instant, rows
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.graph import Holdout, TaskStep
from enishi.journeys.models import JourneyVersion, Passage
from enishi.journeys.types import STAYING
from enishi.journeys.words import CONTACTS
from enishi.messages.deliveries import report
from enishi.messages.deliveries.report import Numbers
from enishi.messages.models import Send

Kind = Literal["journey", "send"]
ARMS = ("control", "treated")
LEFT_OUT = ("excluded", "holdout")
"""Why somebody intended for a send is in neither arm, or is its control."""
_OPEN, _DONE = ("waiting", "open"), "done"
PERSON = "person"
"""The channel of a human's task."""


@dataclass(frozen=True, slots=True)
class About:
    """What is to be proved: a journey or a send, by its id."""

    kind: Kind
    ref: str


@dataclass(slots=True)
class Group:
    """Points of one kind, side by side. `walks` are enrollments, 0 where there is none."""

    persons: list[str] = field(default_factory=list)
    walks: list[int] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)

    def add(self, person: str, walk: int | None, at: datetime) -> None:
        self.persons.append(person)
        self.walks.append(walk or 0)
        self.at.append(at)

    def __len__(self) -> int:
        return len(self.persons)


@dataclass(slots=True)
class Spent:
    """What contacts cost: as providers told, and how many of each channel did not tell."""

    told: Decimal = Decimal(0)
    untold: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def yen(self, cost: Mapping[str, float]) -> float | None:
        """All of it, at the cost by channel where nobody told; None where some is not known.

        A human's contact costs what its kind does (`phone`, `visit`, …), else what `person` does.
        """
        total = float(self.told)
        for channel, count in self.untold.items():
            each = cost.get(channel, cost.get(PERSON) if channel in CONTACTS else None)
            if each is None:
                return None
            total += count * each
        return total


@dataclass(slots=True)
class Done:
    """Everything that the book knows. `numbers`, `spent` and `channels` are by step."""

    groups: dict[str, Group] = field(default_factory=lambda: defaultdict(Group))
    numbers: dict[str, Numbers] = field(default_factory=dict)
    spent: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    channels: dict[str, str] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    expected: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def done(about: About, among: Collection[str] | None) -> Done:
    """What was done; of the people `among` alone where they are given."""
    found = Done()
    if about.kind == "journey":
        _entries(found, about.ref, among)
        _arms(found, about.ref, among)
        found.reached = _reached(about.ref, among)
        found.numbers = {
            step: numbers
            for (step,), numbers in report.of_journey(about.ref, ("step",), among=among).items()
        }
        _tasks(found, about.ref, among)
    else:
        found.numbers = {"": report.of_send(about.ref, among=among)}
        _arms_of_send(found, about.ref, among)
    _contacts(found, about, among)
    return found


def _of(among: Collection[str] | None, found: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """Rows that begin with a person: those of the people."""
    return found if among is None else (row for row in found if row[0] in among)


def _entries(found: Done, journey: str, among: Collection[str] | None) -> None:
    group = found.groups["entry"]
    for person, walk, at in _of(among, rows(
        "SELECT person, id, entered_at FROM journeys_enrollment WHERE journey = %s"
        " ORDER BY entered_at, id", [journey],
    )):  # fmt: skip
        group.add(person, walk, instant(at))


def _contacts(found: Done, about: About, among: Collection[str] | None) -> None:
    """The messages that were sent, at the instant they were handed over."""
    column = "journey" if about.kind == "journey" else "send"
    found.channels |= {str(step): str(channel) for step, channel in rows(
        f"SELECT step, max(channel) FROM messages_delivery WHERE {column} = %s GROUP BY step",
        [about.ref],
    )}  # fmt: skip
    for person, walk, step, channel, at, cost in _of(among, rows(
        "SELECT person, enrollment, step, channel, coalesce(attempted_at, finished_at), cost"
        f" FROM messages_delivery WHERE {column} = %s AND state = 'sent'"
        " ORDER BY finished_at, id", [about.ref],
    )):  # fmt: skip
        found.groups[f"step:{step}"].add(person, walk, instant(at))
        _spend(found, step, channel, cost)


def _spend(found: Done, step: str, channel: str, cost: object) -> None:
    if cost is None:
        found.spent[step].untold[channel] += 1
    else:
        found.spent[step].told += Decimal(str(cost))


def _tasks(found: Done, journey: str, among: Collection[str] | None) -> None:
    """Humans' tasks, in the words of deliveries: done is sent, refused and withdrawn are not."""
    contacts = {
        name: step.contact
        for version in JourneyVersion.objects.filter(journey_id=journey).order_by("number")
        for name, step in read_draft(version.body).body.steps.items()
        if isinstance(step, TaskStep)
    }
    for person, walk, step, state, reason, at in _of(among, rows(
        "SELECT t.person, t.enrollment, t.step, t.state, t.reason, t.done_at"
        " FROM journeys_enrollment e JOIN journeys_journeytask t ON t.enrollment = e.id"
        " WHERE e.journey = %s ORDER BY t.done_at, t.id", [journey],
    )):  # fmt: skip
        numbers = found.numbers.setdefault(step, Numbers())
        found.channels[step] = PERSON
        if state == _DONE:
            numbers.states["sent"] += 1
            found.groups[f"step:{step}"].add(person, walk, instant(at))
            _spend(found, step, contacts.get(step, "task"), None)
        elif state in _OPEN:
            numbers.states["queued"] += 1
        else:
            numbers.states["suppressed"] += 1
            numbers.reasons["suppressed", reason or state] += 1


def _arms(found: Done, journey: str, among: Collection[str] | None) -> None:
    """Who came to a holdout, from the first time on, and how many controls there should be."""
    chances = _chances(journey)
    seen: set[tuple[str, str]] = set()
    for person, walk, step, code, version, at in _of(among, rows(
        "SELECT e.person, m.enrollment, m.step, m.code, e.version, m.at"
        " FROM journeys_enrollment e JOIN journeys_enrollmentmove m ON m.enrollment = e.id"
        " WHERE e.journey = %s AND m.code IN ('control', 'treated') ORDER BY m.at, m.id", [journey],
    )):  # fmt: skip
        if (step, person) in seen:
            continue
        seen.add((step, person))
        found.groups[f"{code}:{step}"].add(person, walk, instant(at))
        found.expected[step] += chances.get((version, step), 0.0)


def _chances(journey: str) -> dict[tuple[int, str], float]:
    """The chance to be a control, by version and step."""
    return {
        (version.number, name): step.percent / 100
        for version in JourneyVersion.objects.filter(journey_id=journey)
        for name, step in read_draft(version.body).body.steps.items()
        if isinstance(step, Holdout)
    }


def _arms_of_send(found: Done, send: str, among: Collection[str] | None) -> None:
    """Everybody intended, from when the send wrote her down: also whom it could not reach."""
    holdout = Send.objects.get(id=send).body.get("holdout")
    if not holdout:
        return
    for person, state, reason, at in _of(among, rows(
        "SELECT person, state, reason, created_at FROM messages_delivery WHERE send = %s"
        " ORDER BY created_at, id", [send],
    )):  # fmt: skip
        left_out = state == "suppressed" and reason in LEFT_OUT
        if not left_out or reason == "holdout":
            found.groups["control:" if left_out else "treated:"].add(person, None, instant(at))
            found.expected[""] += float(holdout["percent"]) / 100


def _reached(journey: str, among: Collection[str] | None) -> dict[str, int]:
    """How many times each step was entered."""
    counts: dict[str, int] = defaultdict(int)
    if among is None:
        passed = Passage.objects.filter(journey=journey).exclude(to="").exclude(code="mapped")
        for step, people in passed.values_list("to", "people"):
            counts[step] += people
        return counts
    staying = ", ".join(f"'{code}'" for code in sorted({*STAYING, "mapped"}))
    for _, step in _of(among, rows(
        'SELECT e.person, m."to" FROM journeys_enrollment e'
        " JOIN journeys_enrollmentmove m ON m.enrollment = e.id"
        f' WHERE e.journey = %s AND m."to" IS NOT NULL AND m.code NOT IN ({staying})', [journey],
    )):  # fmt: skip
        counts[step] += 1
    return counts
