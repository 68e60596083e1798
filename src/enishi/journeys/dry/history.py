"""What really happened in past days, as a journey would have heard it: who came in, what waits,
exits and goals would have been told, and which holds came and went.

Segments are read from the warehouse's stays; one that was not kept then yet is decided anew by its
rule at every local midnight. Dates are those known today.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.journeys.entries import dates
from enishi.journeys.entries.schedule import falls_on
from enishi.journeys.feed.events import given, key_in
from enishi.journeys.feed.hearing import Ear, Hearing, Version
from enishi.journeys.feed.signals import everybody_who_fits, person_rule, those_who_fit, wheres_of
from enishi.journeys.feed.told import Feed
from enishi.journeys.feed.ways import joined
from enishi.journeys.graph import (
    DateEntry,
    EventEntry,
    ListEntry,
    OnEvent,
    OnListStatus,
    OnSegment,
    ScheduleEntry,
    SegmentEntry,
    Signal,
)
from enishi.journeys.walking.ready import Ready, span
from enishi.journeys.walking.times import on_day
from enishi.kernel.text import Text, fold
from enishi.rules import check_rule
from enishi.rules.windows import instant_of, local_date
from enishi.segments import service as segments
from enishi.warehouse.engine import Engine
from enishi.warehouse.gather import aware
from enishi.warehouse.refresh_log import LOG
from enishi.warehouse.spelling import SQL

_DAY = timedelta(days=1)
MOST_EVENTS = 200_000
"""Events of one name that are looked at; of more, the newest."""


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody whom an entry would have brought in."""

    person: str
    key: str
    at: datetime
    by: str
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a signal would have heard: `place` as in `Heard.signal`, with `wait:<step>`
    for the signal of a step. `key` is what an event's `same_key` holds."""

    place: str
    person: str
    at: datetime
    key: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a person: its row, and of the event API what was sent with it."""

    person: str
    name: str
    at: datetime
    row: Mapping[str, Any]
    properties: Mapping[str, Any]

    @property
    def machine(self) -> object:
        """Whether a machine did it (an opened mail, a followed link)."""
        return self.properties.get("machine")


class Past:
    """One stretch of the past. `notes` gathers what had to be assumed."""

    def __init__(
        self, engine: Engine, catalog: Catalog, ready: Ready, since: datetime, until: datetime
    ) -> None:
        self.engine, self.catalog, self.ready = engine, catalog, ready
        self.since, self.until = since, until
        self.notes: list[Text] = []
        self._spell = engine.spelling
        self._stays: dict[str, list[tuple[str, datetime, datetime | None]]] = {}

    def days(self) -> Iterator[date]:
        """The local days."""
        day, last = (local_date(at, self.ready.zone) for at in (self.since, self.until))
        while day <= last:
            yield day
            day += _DAY

    # ── who came in ──────────────────────────────────────────────────────────────────────────

    def comings(self) -> list[Coming]:
        """Whom the entries would have brought in, of the audience, in order of time."""
        found: list[Coming] = []
        for entry in self.ready.body.entries:
            match entry:
                case SegmentEntry():
                    found += self._by_segment(entry)
                case EventEntry():
                    found += self._by_event(entry)
                case DateEntry():
                    found += self._by_date(entry)
                case ScheduleEntry():
                    found += self._by_schedule(entry)
                case ListEntry():
                    found += [
                        Coming(person, "", at, f"list:{entry.list}")
                        for person, at in self._statuses(entry)
                    ]
                case _:
                    self.note(
                        "APIからの開始は、過去にはないので数えていません。",
                        "Entries by the API have no past and are left out.",
                    )
        return sorted(self._of_audience(found), key=lambda one: (one.at, one.person, one.key))

    def _by_segment(self, entry: SegmentEntry) -> Iterator[Coming]:
        by = f"segment:{entry.segment}"
        for person, entered, left in self.stays(entry.segment):
            at = entered if entry.crossing == "entered" else left
            if at is not None and self.since <= at <= self.until:
                yield Coming(person, "", at, by)
            elif entry.present and entered < self.since and (left is None or left > self.since):
                yield Coming(person, "", self.since, by)

    def _by_event(self, entry: EventEntry) -> Iterator[Coming]:
        for came in self.events(entry):
            key = key_in(came.row, came.properties, entry.key)
            by = f"event:{came.name}"[:40]
            yield Coming(came.person, key, came.at, by, given(came.properties))

    def _by_date(self, entry: DateEntry) -> Iterator[Coming]:
        zone, offset = self.ready.zone, span(entry.offset)
        led = sorted({d for day in self.days() for d in dates.days_that_lead_to(day, offset)})
        for person, row, told in dates.whose(self._feed(), self._ear(entry), led):
            at = on_day(told, offset, entry.at, zone)
            if self.since <= at <= self.until:
                key = f"{row}@{told.isoformat()}" if row else told.isoformat()
                yield Coming(person, key, at, "date", {"date": told.isoformat()})
        self.note(
            "日付は、今分かっているもので計算しました。", "Dates are those that are known today."
        )

    def _by_schedule(self, entry: ScheduleEntry) -> Iterator[Coming]:
        zone, body = self.ready.zone, self.ready.body
        rule = person_rule(body.audience, self.catalog, body.purpose)
        for day in self.days():
            at = instant_of(datetime.combine(day, entry.at), zone)
            if falls_on(entry, day, self.ready.calendar) and self.since <= at <= self.until:
                key = day.isoformat() if body.reentry.kind == "per_key" else ""
                for person in everybody_who_fits(self.engine, self.catalog, rule, at):
                    yield Coming(person, key, at, "schedule")

    def _of_audience(self, found: Sequence[Coming]) -> list[Coming]:
        """Those of whom the audience held at the end of the local day they came, or now."""
        body = self.ready.body
        rule = person_rule(body.audience, self.catalog, body.purpose)
        if body.audience is None:
            persons = {one.person for one in found}
            fit = those_who_fit(self.engine, self.catalog, rule, persons, self.until)
            return [one for one in found if one.person in fit]
        by_day: dict[date, list[Coming]] = defaultdict(list)
        for one in found:
            by_day[local_date(one.at, self.ready.zone)].append(one)
        kept: list[Coming] = []
        for group in by_day.values():
            asked = [one for one in group if one.by != "schedule"]
            kept += [one for one in group if one.by == "schedule"]
            if asked:
                last = max(one.at for one in asked)
                persons = {one.person for one in asked}
                fit = those_who_fit(self.engine, self.catalog, rule, persons, last)
                kept += [one for one in asked if one.person in fit]
        return kept

    # ── what was heard ───────────────────────────────────────────────────────────────────────

    def told(self, persons: set[str]) -> list[Told]:
        """What exits, goals and waits would have heard about these people, in order of time."""
        found: list[Told] = []
        for place, signal in self.ready.signals.items():
            found += self._signalled(place, signal, persons)
        return sorted(found, key=lambda one: (one.at, one.place))

    def _signalled(self, place: str, signal: Signal, persons: set[str]) -> Iterator[Told]:
        if isinstance(signal, OnEvent):
            for came in self.events(signal):
                if came.person in persons:
                    key = key_in(came.row, came.properties, signal.same_key)
                    yield Told(place, came.person, came.at, key, {"event": came.name})
        elif isinstance(signal, OnSegment):
            for person, entered, left in self.stays(signal.segment):
                at = entered if signal.crossing == "entered" else left
                if person in persons and at is not None and self.since <= at <= self.until:
                    yield Told(place, person, at, detail={"segment": signal.segment})
        elif isinstance(signal, OnListStatus):
            for person, at in self._statuses(signal):
                if person in persons:
                    yield Told(place, person, at, detail={"list": signal.list})

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def events(self, signal: OnEvent) -> list[Event]:
        """The events of these names that fit its `where`, of the event API and of loads, in order
        of time. What a machine did is left out."""
        names = frozenset(fold(name) for name in signal.event)
        wheres = (
            None if signal.where is None
            else wheres_of(signal.event, signal.where, self.catalog)
        )  # fmt: skip
        found: list[Event] = []
        for dataset in self._told_by(names):
            if wheres is not None and dataset.name not in wheres:
                continue
            came = [self._event(dataset, row) for row in self._event_rows(dataset, names)]
            where = None if wheres is None else wheres[dataset.name]
            found += [one for one in came if where is None or where.holds(one.row, one.at)]
        fit = (one for one in found if self.since <= one.at and one.machine is not True)
        return sorted(fit, key=lambda one: one.at)

    def _told_by(self, names: frozenset[str]) -> list[Dataset]:
        """The datasets whose events journeys hear."""
        stream = self.catalog.stream
        if stream is None:
            return []
        kind = self.catalog.datasets[stream.person].subject or ""
        return [
            one for one in self.catalog.event_sources(kind, names)
            if one.name != stream.crossing and one.time is not None
        ]  # fmt: skip

    def _event_rows(self, dataset: Dataset, names: frozenset[str]) -> list[dict[str, Any]]:
        """The newest rows of an event dataset in the time, each with its person's `_id`."""
        spell, stream, event = self._spell, self.catalog.stream, dataset.event
        assert stream is not None
        assert event is not None
        assert dataset.time is not None
        person = self.catalog.datasets[stream.person]
        steps = self.catalog.expand(person.name, event.of[person.subject or ""]) or ()
        joins, tests = joined(self._feed(), person, steps)
        row, time = f"t{len(steps)}", dataset.time.field
        if event.name_field is not None:
            listed = ", ".join(spell.text(one) for one in sorted(names))
            tests.append(f"{row}.{spell.name(event.name_field + '__f')} IN ({listed})")
        column = f"{row}.{spell.name(time)}"
        if dataset.fields[time].type is FieldType.DATE:
            first, last = (local_date(at, self.ready.zone) for at in (self.since, self.until))
            # The day that is still going on is told of tomorrow.
            tests.append(f"{column} >= {spell.day(first)} AND {column} < {spell.day(last)}")
        else:
            tests.append(f"{column} >= {spell.instant(self.since)}")
            tests.append(f"{column} <= {spell.instant(self.until)}")
        listed = ", ".join(f"{row}.{spell.name(name)}" for name in dataset.fields)
        with self.engine.read() as question:
            rows = question.records(
                f"SELECT DISTINCT t0._id, {listed} FROM {joins} WHERE {' AND '.join(tests)}"
                f" ORDER BY {column} DESC LIMIT {MOST_EVENTS}"
            )
        if len(rows) == MOST_EVENTS:
            self.note(
                f"イベントが多いので、新しい{MOST_EVENTS:,}件だけを使いました。",
                f"There are many events: the newest {MOST_EVENTS:,} were used.",
            )
        return aware(rows)

    def _event(self, dataset: Dataset, row: dict[str, Any]) -> Event:
        assert dataset.event is not None
        assert dataset.time is not None
        event, at = dataset.event, row[dataset.time.field]
        name = event.name if event.name_field is None else row[event.name_field]
        if not isinstance(at, datetime):  # a day's events are known of as it ends
            at = instant_of(datetime.combine(at + _DAY, datetime.min.time()), self.ready.zone)
            at -= timedelta(microseconds=1)
        streamed = self.catalog.stream is not None and dataset.name == self.catalog.stream.activity
        told = row.get("properties") if streamed else None
        properties: dict[str, Any] = json.loads(told) if told else {}
        return Event(str(row["_id"]), str(name or ""), at, row, properties)

    def stays(self, segment: str) -> list[tuple[str, datetime, datetime | None]]:
        """(person, entered, left) of a segment: as they were kept, else decided by the rule."""
        if segment not in self._stays:
            kept = self._kept_since(segment)
            if kept is not None and kept <= self.since + _DAY:
                self._stays[segment] = self._kept(segment)
            else:
                self._stays[segment] = self._decided(segment)
        return self._stays[segment]

    def _kept_since(self, segment: str) -> datetime | None:
        with self.engine.books.read() as question:
            rows = question.rows(f"SELECT min(as_of) FROM {LOG} WHERE segment = ?", [segment])
        at: datetime | None = rows[0][0]
        return None if at is None else at.replace(tzinfo=UTC)

    def _kept(self, segment: str) -> list[tuple[str, datetime, datetime | None]]:
        spell = self._spell
        rows = self._rows(
            f"SELECT _id, entered_at, left_at FROM {spell.book('memberships')}"
            f" WHERE segment = {spell.text(segment)}"
            f" AND (left_at IS NULL OR left_at >= {spell.instant(self.since)})"
        )
        return [(person, _aware(entered), left and _aware(left)) for person, entered, left in rows]

    def _decided(self, segment: str) -> list[tuple[str, datetime, datetime | None]]:
        """Stays by the segment's rule of today, asked as of every local midnight."""
        found = segments.get_segment(segment)
        rule = check_rule(segments.envelope(found), self.catalog)
        self.note(
            f"「{found.name}」は当時まだなかったので、今の条件で日ごとに判定しました。",
            f'"{found.name_en or found.name}" was not kept then: decided daily by its rule of now.',
        )
        inside: dict[str, datetime] = {}
        stays: list[tuple[str, datetime, datetime | None]] = []
        for nth, day in enumerate(self.days()):
            at = instant_of(datetime.combine(day, datetime.min.time()), self.ready.zone)
            now = set(everybody_who_fits(self.engine, self.catalog, rule, at))
            stays += [(one, since, at) for one, since in inside.items() if one not in now]
            # Who is in at the first midnight came in before.
            begun = at - _DAY if nth == 0 else at
            inside = {one: inside.get(one, begun) for one in now}
        return stays + [(one, since, None) for one, since in inside.items()]

    def _statuses(self, signal: OnListStatus) -> list[tuple[str, datetime]]:
        """Whom a list gave one of the statuses, and when."""
        spell = self._spell
        states = ", ".join(spell.text(code) for code in signal.status)
        rows = self._rows(
            f"SELECT _id, _from FROM {spell.book('list_members')}"
            f" WHERE list = {spell.text(signal.list)} AND status IN ({states})"
            f" AND _from >= {spell.instant(self.since)} AND _from <= {spell.instant(self.until)}"
        )
        return [(person, _aware(at)) for person, at in rows]

    def _rows(self, sql: SQL) -> list[tuple[Any, ...]]:
        with self.engine.read() as question:
            return question.rows(sql)

    def note(self, ja: str, en: str) -> None:
        """Keep what had to be assumed, once."""
        told = Text(ja, en)
        if told not in self.notes:
            self.notes.append(told)

    def _ear(self, entry: DateEntry) -> Ear:
        ready = self.ready
        version = Version(
            ready.journey, ready.slug, ready.number, ready.body, True, self.since, self.since
        )
        return Ear(version, "entry:0", entry)

    def _feed(self) -> Feed:
        return Feed(self.engine, self.catalog, lambda: self.until, Hearing(self.catalog))


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def persons_of(comings: Iterable[Coming]) -> list[str]:
    """Everybody who came, once, in order."""
    return list(dict.fromkeys(one.person for one in comings))
