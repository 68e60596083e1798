"""A world made from a seed: a journey, people, what happens to them, and when it is looked at.

Everything is decided here, before anything is played: the same seed is the same world.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.simulation.drawing import EVENTS, HOLDS, RANKS, body
from enishi.journeys.graph import JourneyBody

DAYS = 30
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens to a person: an event (`machine`: a program did it), a crossing, a
    hold with its number, its release, or a withdrawn consent. `known` is when it is heard of."""

    at: datetime
    known: datetime
    person: str
    kind: str  # event | segment | hold | release | withdrawal
    name: str
    number: str = ""
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    person: str
    key: str


@dataclass(frozen=True, slots=True)
class Change:
    """From then on something else is known of a person."""

    at: datetime
    person: str
    field: str  # balance, rank or matures
    value: Any


@dataclass(frozen=True, slots=True)
class Look:
    """When the engine runs. `skew` is how wrong its clock is. `dies`: where the process dies.

    "unit": the first unit of this look does its work and is lost before it commits. "marked":
    messages have been marked as attempted, and nobody was handed one. "answered": they have been
    handed over, and what came of them is lost.
    """

    at: datetime
    skew: timedelta
    dies: str


@dataclass(frozen=True)
class World:
    seed: int
    zone: ZoneInfo
    begins: datetime
    body: JourneyBody
    newer: JourneyBody
    mapping: dict[str, str | None]
    moved_at: datetime | None
    persons: tuple[str, ...]
    entries: tuple[Entry, ...]
    happenings: tuple[Happening, ...]
    looks: tuple[Look, ...]
    pauses: tuple[tuple[datetime, datetime], ...]
    changes: tuple[Change, ...]
    dedupes: frozenset[str]  # channels whose provider recognises our key
    sure: bool  # whether everything that is asked is answered at once

    def data(self, person: str, at: datetime) -> dict[str, Any]:
        """What is known of somebody at an instant."""
        mine = (one for one in self.changes if one.person == person and one.at <= at)
        return {one.field: one.value for one in mine}

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(days=DAYS)

    def chance(self, *of: object) -> float:
        """A number from 0 to 1 that belongs to these, whenever and however often it is asked."""
        told = hashlib.blake2b(f"{self.seed}:{of}".encode(), digest_size=7).digest()
        return int.from_bytes(told) / 2**56


def world(seed: int, *, sparse: bool = False, persons: tuple[str, ...] = ()) -> World:
    """The world of a seed. `sparse`: it is looked at a few times a day, and every question is
    answered; `persons`: who may live in it, at least six."""
    rng = random.Random(seed)
    zone = rng.choice(ZONES)
    begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(335 * 24 * 60))
    named = persons or tuple(f"person-{seed}-{number}" for number in range(6))
    persons = named[: rng.randint(2, 6)]
    first = body(rng)
    newer = body(rng)
    mapping = {name: rng.choice([*newer.steps, None]) for name in first.steps}
    times = _Times(rng, begins)
    return World(
        seed, ZoneInfo(zone), begins, first, newer, mapping,
        times.any() if rng.random() < 0.3 else None,
        persons,
        tuple(sorted(
            (
                Entry(times.early(), person, key)
                for person in persons
                for key in rng.sample("abc", rng.randint(1, 2))
            ),
            key=lambda one: (one.at, one.person, one.key),
        )),
        _happenings(rng, times, persons), _looks(rng, begins, sparse), _pauses(rng, times),
        _changes(rng, times, persons), frozenset(c for c in ("email", "sms") if rng.random() < 0.4),
        sparse,
    )  # fmt: skip


def meets(rule: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether a rule as `drawing` makes them holds of what is known of somebody."""
    if "all" in rule:
        return all(meets(one, known) for one in rule["all"])
    if "any" in rule:
        return any(meets(one, known) for one in rule["any"])
    if "not" in rule:
        return not meets(rule["not"], known)
    mine, value = known[rule["field"]], rule["value"]
    return {"ge": mine >= value, "lt": mine < value, "eq": mine == value}[rule["op"]]


@dataclass
class _Times:
    rng: random.Random
    begins: datetime

    def any(self) -> datetime:
        return self.begins + timedelta(seconds=self.rng.randrange(DAYS * 86_400))

    def early(self) -> datetime:
        return self.begins + timedelta(seconds=self.rng.randrange(DAYS * 86_400 // 3))


# ── what happens ───────────────────────────────────────────────────────────────────────────────


def _happenings(
    rng: random.Random, times: _Times, persons: tuple[str, ...]
) -> tuple[Happening, ...]:
    found = []
    for person in persons:
        for _ in range(rng.randint(0, 10)):
            at = times.any()
            late = timedelta(seconds=rng.choice((0, 0, 0, 5, 40)))
            machine = rng.random() < 0.2
            found.append(
                Happening(at, at + late, person, "event", rng.choice(EVENTS), machine=machine)
            )
        for _ in range(rng.randint(0, 2)):
            at = times.any()
            found.append(Happening(at, at, person, "segment", rng.choice(("entered", "left"))))
        if rng.random() < 0.3:
            at, kind, number = times.any(), rng.choice(HOLDS), f"hold-{person}"
            found.append(Happening(at, at, person, "hold", kind, number))
            if rng.random() < 0.7:
                until = at + timedelta(hours=rng.randint(1, 200))
                found.append(Happening(until, until, person, "release", kind, number))
        if rng.random() < 0.15:
            at = times.any()
            found.append(Happening(at, at, person, "withdrawal", rng.choice(("email", "sms"))))
    return tuple(sorted(found, key=lambda one: (one.known, one.person, one.kind, one.name)))


def _changes(rng: random.Random, times: _Times, persons: tuple[str, ...]) -> tuple[Change, ...]:
    """What is known of everybody from the start, and what becomes of it."""

    def value(field: str) -> Any:
        if field == "balance":
            return rng.randrange(100)
        if field == "rank":
            return rng.choice(RANKS)
        return None if rng.random() < 0.2 else times.any().date()

    before = times.begins - timedelta(days=1)
    found = [
        Change(before, person, field, value(field))
        for person in persons
        for field in ("balance", "rank", "matures")
    ]
    for person in persons:
        for _ in range(rng.randint(0, 4)):
            field = rng.choice(("balance", "balance", "rank", "matures"))
            found.append(Change(times.any(), person, field, value(field)))
    return tuple(sorted(found, key=lambda one: (one.at, one.person, one.field)))


def _looks(rng: random.Random, begins: datetime, sparse: bool) -> tuple[Look, ...]:
    found, at, skew = [], begins, timedelta(0)
    ends = begins + timedelta(days=DAYS)
    while at < ends:
        gaps = (240, 360, 600, 900) if sparse else (2, 20, 90, 180, 300)
        gap = timedelta(minutes=rng.choice(gaps), seconds=rng.randrange(60))
        if rng.random() < 0.02:
            gap = timedelta(hours=rng.randint(6, 60))  # nothing runs
        at += gap
        if rng.random() < 0.02:
            skew = timedelta(minutes=rng.choice((0, 0, 0, -1560, -90, -1, 1, 90, 1560)))
        dies = rng.choices(("", "unit", "marked", "answered"), (89, 5, 3, 3))[0]
        found.append(Look(at, skew, dies))
    return tuple(found)


def _pauses(rng: random.Random, times: _Times) -> tuple[tuple[datetime, datetime], ...]:
    if rng.random() > 0.3:
        return ()
    begins = times.any()
    return ((begins, begins + timedelta(hours=rng.randint(1, 72))),)
