"""What the journeys that run listen to, looked up by what can happen.

Read from the book again whenever a version or a journey's state has changed. Versions that have
been replaced listen too, for those who finish on them; drafts are known by the names of their
events alone, so that nothing is missed between going live and the next look.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from pydantic import ValidationError

from enishi.catalog.types import Catalog
from enishi.journeys.feed.signals import Where, heard_by, person_rule, wheres_of
from enishi.journeys.graph import (
    DateEntry,
    JourneyBody,
    OnEvent,
    OnListStatus,
    OnRule,
    OnSegment,
    ScheduleEntry,
    SegmentEntry,
    WaitEvent,
)
from enishi.journeys.models import JourneyVersion
from enishi.journeys.types import JourneyState, VersionState
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import fold
from enishi.rules.facts import Row
from enishi.rules.types import CheckedRule

RUNNING = (JourneyState.LIVE, JourneyState.PAUSED, JourneyState.CLOSING)
TAKES_IN = (JourneyState.LIVE, JourneyState.PAUSED)
"""While a journey is paused people come up to its door."""
_log = logging.getLogger("enishi.journeys")


@dataclass(frozen=True)
class Version:
    """One version that people walk on. `open`: it takes people in; `since` is when it went live,
    `begun` when its journey did (what happened before that brings nobody in)."""

    journey: str
    slug: str
    number: int
    body: JourneyBody
    open: bool
    since: datetime
    begun: datetime


@dataclass(frozen=True)
class Ear:
    """One thing a version listens to. `place`: `entry:0`, `exit:1`, `goal:0`, `wait:<step>`."""

    version: Version
    place: str
    signal: Any  # an entry or a signal of `graph`
    wheres: Mapping[str, Where] | None = None  # by dataset of the event; None: any event fits
    rule: CheckedRule | None = None

    @property
    def kind(self) -> str:
        """`entry`, `exit`, `goal` or `wait`."""
        return self.place.partition(":")[0]

    @property
    def enters(self) -> bool:
        return self.kind == "entry"

    def fits(self, dataset: str, row: Row, at: datetime) -> bool:
        """Whether an event's row in a dataset is one of those meant."""
        if self.wheres is None:
            return True
        where = self.wheres.get(dataset)
        return where is not None and where.holds(row, at)

    @property
    def place_key(self) -> str:
        """What tells this ear from every other."""
        return f"{self.version.journey}/{self.version.number}/{self.place}"


@dataclass
class Hearing:
    """Everything that is listened to. Names of events are folded."""

    catalog: Catalog
    versions: list[Version] = field(default_factory=list)
    events: dict[str, list[Ear]] = field(default_factory=dict)
    segments: dict[str, list[Ear]] = field(default_factory=dict)
    lists: dict[str, list[Ear]] = field(default_factory=dict)
    dates: list[Ear] = field(default_factory=list)
    schedules: list[Ear] = field(default_factory=list)
    rules: list[Ear] = field(default_factory=list)
    ruled: dict[str, list[Ear]] = field(default_factory=dict)  # by event name; "": any event
    drafted: set[str] = field(default_factory=set)

    @property
    def names(self) -> frozenset[str] | None:
        """The events (folded) that the drain has to keep; None: all."""
        if "" in self.ruled:
            return None
        return frozenset(self.events) | frozenset(self.ruled) | frozenset(self.drafted)

    def by_event(self, name: str) -> list[Ear]:
        return self.events.get(name, [])

    def rules_for(self, name: str) -> list[Ear]:
        """The rules over people that an event of this name may change."""
        return self.ruled.get(name, []) + self.ruled.get("", [])

    def add(self, ear: Ear) -> None:
        signal = ear.signal
        if isinstance(signal, OnEvent):
            for name in {fold(one) for one in signal.event}:
                self.events.setdefault(name, []).append(ear)
        elif isinstance(signal, OnSegment):
            self.segments.setdefault(signal.segment, []).append(ear)
        elif isinstance(signal, OnListStatus):
            self.lists.setdefault(signal.list, []).append(ear)
        elif isinstance(signal, DateEntry):
            self.dates.append(ear)
        elif isinstance(signal, ScheduleEntry):
            self.schedules.append(ear)
        elif isinstance(signal, OnRule) and ear.rule is not None:
            self.rules.append(ear)
            names = heard_by(ear.rule, self.catalog)
            for name in {""} if names is None else names:
                self.ruled.setdefault(name, []).append(ear)


_names: frozenset[str] | None = None
_kept: list[tuple[object, Hearing]] = []


def names() -> frozenset[str] | None:
    """The events (folded) that somebody listens to, as of the last look; None: nobody has looked
    yet, or any."""
    return _names


def forget() -> None:
    """Know nothing, as at the beginning of a process."""
    global _names
    _names = None
    _kept.clear()


def look(catalog: Catalog) -> Hearing:
    """What is listened to now. One small query when nothing has changed."""
    global _names
    rows = JourneyVersion.objects.filter(
        Q(journey__state__in=RUNNING, state__in=(VersionState.LIVE, VersionState.REPLACED))
        | Q(state__in=(VersionState.DRAFT, VersionState.REVIEW)),
        journey__archived_at__isnull=True,
    )
    told = rows.order_by("id").values_list(
        "id", "state", "changed_at", "live_at", "journey__state", "journey__live_since"
    )
    stamp = (catalog.version, *told)
    if _kept and _kept[0][0] == stamp:
        return _kept[0][1]
    found = Hearing(catalog)
    for row in rows.select_related("journey").order_by("journey__created_at", "number"):
        _take_up(found, row)
    _kept[:] = [(stamp, found)]
    _names = found.names
    return found


def _take_up(found: Hearing, row: JourneyVersion) -> None:
    try:
        body = JourneyBody.model_validate(row.body)
    except ValidationError:  # a draft with holes; nothing such goes live
        return
    if row.state not in (VersionState.LIVE, VersionState.REPLACED):
        found.drafted |= {fold(one) for one in _event_names(body)}
        return
    at = row.live_at or row.created_at
    takes_in = row.state == VersionState.LIVE and row.journey.state in TAKES_IN
    version = Version(
        row.journey_id, row.journey.slug, row.number, body, takes_in, at,
        row.journey.live_since or at,
    )  # fmt: skip
    found.versions.append(version)
    for place, signal in signals_of(body, entries=takes_in):
        ear = _ear(version, place, signal, found.catalog)
        if ear is not None:
            found.add(ear)


def signals_of(body: JourneyBody, *, entries: bool = True) -> Iterator[tuple[str, Any]]:
    """Everything that a version listens to, by its place in the body."""
    if entries:
        for nth, entry in enumerate(body.entries):
            yield f"entry:{nth}", entry
    for nth, signal in enumerate(body.goal.signals):
        yield f"goal:{nth}", signal
    for nth, signal in enumerate(body.exits):
        yield f"exit:{nth}", signal
    for name, step in body.steps.items():
        if isinstance(step, WaitEvent):
            yield f"wait:{name}", step.signal


def _ear(version: Version, place: str, signal: Any, catalog: Catalog) -> Ear | None:
    """An ear; None where the catalog no longer fits what it listens by: it then hears nothing."""
    wheres, rule = None, None
    try:
        if isinstance(signal, OnEvent) and signal.where is not None:
            wheres = wheres_of(signal.event, signal.where, catalog)
        if isinstance(signal, OnRule):
            rule = person_rule(signal.rule, catalog, version.body.purpose)
    except EnishiError as error:
        _log.warning("%s of %s hears nothing: %s", place, version.slug, error.code)
        return None
    return Ear(version, place, signal, wheres, rule)


def _event_names(body: JourneyBody) -> Iterable[str]:
    for _, signal in signals_of(body):
        if isinstance(signal, OnEvent):
            yield from signal.event


def present_entries(found: Hearing) -> list[Ear]:
    """The entries that take in whoever is inside a segment when the journey goes live."""
    return [
        ear for ears in found.segments.values() for ear in ears
        if isinstance(ear.signal, SegmentEntry) and ear.signal.present and ear.enters
    ]  # fmt: skip


def by_version(ears: Iterable[Ear]) -> Mapping[tuple[str, int], list[Ear]]:
    """Ears by the version they belong to: (journey id, number)."""
    found: dict[tuple[str, int], list[Ear]] = {}
    for ear in ears:
        found.setdefault((ear.version.journey, ear.version.number), []).append(ear)
    return found
