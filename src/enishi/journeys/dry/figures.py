"""The figures of a dry run, as they are stored: numbers and codes, no names and no words.

Where a sample was played they are scaled to everybody who came.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from enishi.journeys.dry.types import Played, Sent
from enishi.journeys.types import Move, Walk, WalkState, Why
from enishi.rules.windows import local_date

SHOWN = 50
"""Walks that are kept to be read."""


def figures(played: Played, zone: ZoneInfo) -> dict[str, Any]:
    """Everything that the page of a dry run shows but the people."""
    scaled = _Scaled(played.scale)
    inside = [walk for walk in played.walks if walk.state is not WalkState.ENDED]
    ends = Counter(str(walk.end) for walk in played.walks if walk.end is not None)
    made = [one for one in played.contacts if one.allowed]
    return {
        "came": played.came, "played": len(played.walks), "sampled": played.sampled,
        "entered": scaled(len(played.walks)),
        "persons": scaled(len({walk.person for walk in played.walks})),
        "contacts": scaled(len(played.contacts) + len(played.open)),
        "allowed": scaled(sum(not one.waited for one in made)),
        "deferred": scaled(sum(one.waited for one in made)),
        "stopped": scaled(len(played.contacts) - len(made)),
        "tasks": scaled(sum(not one.codes for one in played.tasks)),
        "inside": scaled(len(inside)),
        "steps": _steps(played, inside, scaled),
        "edges": _edges(played, scaled),
        "ends": {end: scaled(people) for end, people in ends.items()},
        "stops": _stops(played, scaled),
        "days": _days(played, zone, scaled),
        "hours": _hours(made, zone, scaled),
        "branches": _branches(played, made, zone, scaled),
        "notes": [{"ja": note.ja, "en": note.en} for note in played.notes],
    }  # fmt: skip


class _Scaled:
    def __init__(self, scale: float) -> None:
        self._scale = scale

    def __call__(self, number: int) -> int:
        return round(number * self._scale)


def _arrivals(moves: Iterable[Move]) -> Iterable[str]:
    for move in moves:
        if move.to is not None and move.to != move.step:
            yield move.to


def _steps(played: Played, inside: list[Walk], scaled: _Scaled) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for moves in played.moves:
        for step in _arrivals(moves):
            found[step]["reached"] += 1
    for walk in inside:
        if walk.step is not None:
            found[walk.step]["standing"] += 1
            if walk.why is Why.DELIVERY:
                found[walk.step].update(open=1, contacts=1)
    for one in played.contacts:
        became = "stopped" if not one.allowed else "deferred" if one.waited else "allowed"
        found[one.step].update({became: 1, "contacts": 1})
    for task in played.tasks:
        found[task.step].update({"stopped" if task.codes else "allowed": 1, "contacts": 1})
    return {
        step: {name: scaled(number) for name, number in counted.items()}
        for step, counted in found.items()
    }


def _edges(played: Played, scaled: _Scaled) -> list[list[Any]]:
    counted: Counter[tuple[str, str]] = Counter()
    for moves in played.moves:
        for move in moves:
            if move.to != move.step:
                counted[move.step or "", move.to or ""] += 1
    return [[step, to, scaled(people)] for (step, to), people in sorted(counted.items())]


def _stops(played: Played, scaled: _Scaled) -> dict[str, list[int]]:
    """By reason: how many it stopped for good, and how often it put one off."""
    stopped: Counter[str] = Counter()
    put_off: Counter[str] = Counter()
    for one in played.contacts:
        stopped.update(one.codes)
    for task in played.tasks:
        stopped.update(task.codes)
    for _, _, _, codes in played.deferrals:
        put_off.update(codes)
    return {
        code: [scaled(stopped[code]), scaled(put_off[code])]
        for code in sorted({*stopped, *put_off})
    }


def _days(played: Played, zone: ZoneInfo, scaled: _Scaled) -> list[list[Any]]:
    """[day, entered, contacts, stopped] of every local day from the first to the last."""
    entered: Counter[date] = Counter(local_date(one.at, zone) for one in played.of)
    made: Counter[date] = Counter()
    stopped: Counter[date] = Counter()
    for one in played.contacts:
        (made if one.allowed else stopped)[local_date(one.at, zone)] += 1
    first, last = local_date(played.since, zone), local_date(played.until, zone)
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return [
        [day.isoformat(), scaled(entered[day]), scaled(made[day]), scaled(stopped[day])]
        for day in days
    ]


def _hours(made: list[Sent], zone: ZoneInfo, scaled: _Scaled) -> list[list[int]]:
    """[contacts, most on one day] by local hour of the day."""
    counted: Counter[tuple[date, int]] = Counter()
    for one in made:
        local = one.at.astimezone(zone)
        counted[local.date(), local.hour] += 1
    return [
        [
            scaled(sum(n for (_, at), n in counted.items() if at == hour)),
            scaled(max((n for (_, at), n in counted.items() if at == hour), default=0)),
        ]
        for hour in range(24)
    ]


def _branches(
    played: Played, made: list[Sent], zone: ZoneInfo, scaled: _Scaled
) -> dict[str, list[int]]:
    """[contacts, tasks, most tasks on one day] by the branch of the person."""
    contacts: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    by_day: Counter[tuple[str, date]] = Counter()
    for one in made:
        contacts[played.branches[played.walks[one.walk].person]] += 1
    for task in played.tasks:
        if not task.codes:
            branch = played.branches[played.walks[task.walk].person]
            tasks[branch] += 1
            by_day[branch, local_date(task.at, zone)] += 1
    return {
        branch: [
            scaled(contacts[branch]), scaled(tasks[branch]),
            scaled(max((n for (b, _), n in by_day.items() if b == branch), default=0)),
        ]
        for branch in sorted({*contacts, *tasks})
    }  # fmt: skip


def shown_walks(played: Played, most: int = SHOWN) -> list[int]:
    """The walks to be read: spread evenly over all, in order of time."""
    total = len(played.walks)
    return list(range(total)) if total <= most else [n * total // most for n in range(most)]
