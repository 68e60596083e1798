"""A world made from a seed: a journey, people, what happens to them, and when it is looked at.

Everything is decided here, before anything is played: the same seed is the same world.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from enishi.journeys.graph import JourneyBody

DAYS = 30
PURPOSE = "deposits"
CHANNELS = {"letter": "email", "note": "sms", "ping": "push"}
"""The channel of each template."""
EVENTS = ("bought", "looked", "called")
HOLDS = ("complaint", "inheritance", "deceased", "guardianship")
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")

_DURATIONS = ("30m", "2h", "6h", "1d", "2d", "3d", "1w")
_KINDS = {
    "wait": 4, "wait_until": 2, "wait_event": 4, "wait_date": 1, "branch": 2, "split": 1,
    "holdout": 1, "message": 6, "task": 2, "update": 1, "score": 1, "join": 1, "goal": 1, "exit": 1,
}  # fmt: skip


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
class Look:
    """When the engine runs. `skew` is how wrong its clock is; `dies`: the first unit of this look
    does its work and is lost before it commits."""

    at: datetime
    skew: timedelta
    dies: bool


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

    @property
    def ends(self) -> datetime:
        return self.begins + timedelta(days=DAYS)

    def chance(self, *of: object) -> float:
        """A number from 0 to 1 that belongs to these, whenever and however often it is asked."""
        return random.Random(f"{self.seed}:{of}").random()


def world(seed: int) -> World:
    """The world of a seed."""
    rng = random.Random(seed)
    zone = ZoneInfo(rng.choice(ZONES))
    begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(335 * 24 * 60))
    persons = tuple(f"person-{seed}-{number}" for number in range(rng.randint(2, 6)))
    body = _body(rng)
    newer = _body(rng)
    mapping = {name: rng.choice([*newer.steps, None]) for name in body.steps}
    times = _Times(rng, begins)
    return World(
        seed, zone, begins, body, newer, mapping,
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
        _happenings(rng, times, persons), _looks(rng, begins), _pauses(rng, times),
    )  # fmt: skip


@dataclass
class _Times:
    rng: random.Random
    begins: datetime

    def any(self) -> datetime:
        return self.begins + timedelta(seconds=self.rng.randrange(DAYS * 86_400))

    def early(self) -> datetime:
        return self.begins + timedelta(seconds=self.rng.randrange(DAYS * 86_400 // 3))


# ── the journey ────────────────────────────────────────────────────────────────────────────────


def _body(rng: random.Random) -> JourneyBody:
    names = [f"s{number}" for number in range(rng.randint(4, 14))]
    steps: dict[str, Any] = {}
    for place, name in enumerate(names):
        ahead = names[place + 1 :]
        steps[name] = _step(rng, ahead, names[: place + 1])
    return JourneyBody.model_validate(
        {
            "purpose": PURPOSE,
            "entries": [{"kind": "api"}],
            "reentry": {"kind": "per_key"},
            "start": names[0],
            "steps": steps,
            "exits": _signals(rng, 2),
            "goal": {"signals": _signals(rng, 1)},
            "holds": {rng.choice(HOLDS): rng.choice(["pause", "suppress", "end"])},
        }
    )


def _signals(rng: random.Random, most: int) -> list[dict[str, Any]]:
    return [_signal(rng) for _ in range(rng.randint(0, most))]


def _signal(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.3:
        return {"kind": "segment", "segment": "vip", "crossing": rng.choice(["entered", "left"])}
    return {"kind": "event", "event": rng.sample(EVENTS, rng.randint(1, 2))}


def _step(rng: random.Random, ahead: list[str], behind: list[str]) -> dict[str, Any]:
    kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]

    def to() -> str | None:
        return rng.choice(ahead[:3]) if ahead and rng.random() < 0.95 else None

    step: dict[str, Any] = {"kind": kind}
    if kind != "exit":
        step["next"] = to()
    match kind:
        case "wait":
            step["duration"] = rng.choice(_DURATIONS)
            if rng.random() < 0.1:  # round again
                step |= {"duration": "3d", "next": rng.choice(behind)}
        case "wait_until":
            hours = [f"{hour:02}:{rng.choice((0, 30)):02}" for hour in rng.choices(range(24), k=2)]
            step |= {"since": hours[0], "until": hours[1], "business": rng.random() < 0.3}
            if rng.random() < 0.3:
                step["weekdays"] = rng.sample(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 3)
        case "wait_event":
            step |= {"signal": _signal(rng), "timeout": rng.choice(_DURATIONS)}
            step["timeout_next"] = to()
        case "wait_date":
            step |= {"field": "matures", "offset": rng.choice(["-3d", "0d", "1d"])}
            step |= {"passed_next": to(), "unset_next": to()}
        case "branch":
            step["arms"] = [{"rule": {"all": []}, "next": to()} for _ in range(rng.randint(1, 3))]
        case "split":
            step["shares"] = [{"percent": 40, "next": to()}, {"percent": 60, "next": to()}]
            del step["next"]
        case "holdout":
            step |= {"percent": 20, "control_next": to()}
        case "message":
            step |= {"template": rng.choice(list(CHANNELS)), "failed_next": to()}
        case "task":
            step |= {"list": "calls", "timeout_next": to()}
            step["outcomes"] = [{"status": ["won"], "next": to()}]
            if rng.random() < 0.7:
                step["timeout"] = rng.choice(_DURATIONS)
        case "update":
            step["event"] = "told"
        case "score":
            step |= {"score": "interest", "points": 1}
    return step


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


def _looks(rng: random.Random, begins: datetime) -> tuple[Look, ...]:
    found, at, skew = [], begins, timedelta(0)
    ends = begins + timedelta(days=DAYS)
    while at < ends:
        gap = timedelta(minutes=rng.choice((2, 20, 90, 180, 300)), seconds=rng.randrange(60))
        if rng.random() < 0.02:
            gap = timedelta(hours=rng.randint(6, 60))  # nothing runs
        at += gap
        if rng.random() < 0.02:
            skew = timedelta(minutes=rng.choice((0, 0, -90, -1, 1, 90)))
        found.append(Look(at, skew, rng.random() < 0.05))
    return tuple(found)


def _pauses(rng: random.Random, times: _Times) -> tuple[tuple[datetime, datetime], ...]:
    if rng.random() > 0.3:
        return ()
    begins = times.any()
    return ((begins, begins + timedelta(hours=rng.randint(1, 72))),)
