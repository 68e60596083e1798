"""Walks in the book: people come in, and what happened to them is applied at once.

Everything that a walk's move causes (its story, the counts on the canvas, deliveries, tasks, events
of our own) is written in the same unit. Inside a unit of the caller these functions join it;
outside they make short ones of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from enishi.book import bulk
from enishi.book.by_index import by_index
from enishi.book.clock import now
from enishi.book.jsontext import dumps
from enishi.book.unit import in_chunks, in_unit, work
from enishi.book.workspace import current_workspace
from enishi.journeys.graph import Reentry
from enishi.journeys.models import Enrollment, Journey
from enishi.journeys.types import Heard, JourneyState, WalkState, Why
from enishi.journeys.walking import rows
from enishi.journeys.walking.applying import UNASKED, Batch
from enishi.journeys.walking.ready import span
from enishi.journeys.walking.readying import readies
from enishi.journeys.walking.times import later
from enishi.messages.deliveries.service import Finished

_CHUNK = 500
_TAKES_IN = (JourneyState.LIVE, JourneyState.PAUSED)
_COLUMNS = {
    "journey": "text", "version": "int", "person": "text", "key": "text", "state": "text",
    "visit": "int", "since": "timestamptz", "due_at": "timestamptz", "why": "text", "end": "text",
    "memory": "jsonb", "control": "bool", "entered_at": "timestamptz", "entered_by": "text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody is to come in.

    `at` is when it happened that brings her in (not later than now); `key` the entry key, at most
    120 characters; `by` what brought her (`segment:vip`, `event:order`, `date`, `schedule`, `api`);
    `memory` the values that the entry brought, which templates read as `given.*`.
    """

    person: str
    key: str
    at: datetime
    by: str
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entered:
    """How many came in, and how many did not, by reason: `inside` (she is on her way), `again`
    (re-entry does not allow it), `closed` (the journey takes nobody in now)."""

    entered: int
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands who has not finished."""

    id: int
    journey: str
    version: int
    person: str
    key: str
    state: WalkState
    step: str | None


# ── coming in ────────────────────────────────────────────────────────────────────────────────────


def enter_many(journey: str, version: int, entries: Sequence[Entry]) -> Entered:
    """Let people in at the door of a journey, by its rule of re-entry; the same twice is once.

    `journey` is its id. They take their first steps as soon as the lane comes by. Two entries of
    one person and key in `entries`: the first counts. Any number: 1M is written in short units.
    """
    refused: Counter[str] = Counter()
    entered = 0
    reentry = readies([(journey, version)])[journey, version].body.reentry

    def let_in(chunk: list[Entry]) -> None:
        nonlocal entered
        entered += _let_in(journey, version, reentry, chunk, refused)

    if in_unit():
        for start in range(0, len(entries), _CHUNK):
            let_in(list(entries[start : start + _CHUNK]))
    else:
        in_chunks(entries, let_in, size=_CHUNK, name="journeys.enter")
    return Entered(entered, dict(refused))


def _let_in(
    journey: str, version: int, reentry: Reentry, chunk: Sequence[Entry], refused: Counter[str]
) -> int:
    # Locked on PostgreSQL: two who let in the same person see one another.
    state = (
        Journey.objects.select_for_update().filter(id=journey).values_list("state", flat=True)
    ).first()
    if state not in _TAKES_IN:
        refused["closed"] += len(chunk)
        return 0
    before = _walks_before(journey, sorted({one.person for one in chunk}))
    fresh = []
    for one in chunk:
        mine = before.setdefault(one.person, [])
        reason = _refusal(reentry, one, mine)
        if reason:
            refused[reason] += 1
        else:
            mine.append((one.key, WalkState.ACTIVE, one.at))
            fresh.append(one)
    return _insert(journey, version, fresh)


_Before = tuple[str, str, datetime]  # key, state, entered at


def _walks_before(journey: str, persons: Sequence[str]) -> dict[str, list[_Before]]:
    # Not asked for the journey: SQLite would look for these people among everybody inside.
    found: dict[str, list[_Before]] = {}
    told = Enrollment.objects.filter(person__in=persons)
    columns = ("journey", "person", "key", "state", "entered_at")
    with by_index():
        for walks, person, key, state, at in told.values_list(*columns):
            if walks == journey:
                found.setdefault(person, []).append((key, state, at))
    return found


def _refusal(reentry: Reentry, one: Entry, before: Sequence[_Before]) -> str:
    """Why somebody is not let in; empty: she is. Walks for other keys count but for `per_key`."""
    mine = [walk for walk in before if reentry.kind != "per_key" or walk[0] == one.key]
    if any(state != WalkState.ENDED for _, state, _ in mine):
        return "inside"
    if not mine or reentry.kind == "after_exit":
        return ""
    if reentry.kind == "after" and reentry.after is not None:
        last = max(at for _, _, at in mine)
        return (
            "" if later(last, span(reentry.after), current_workspace().zone) <= one.at else "again"
        )
    return "again"


def _insert(journey: str, version: int, entries: Sequence[Entry]) -> int:
    instant = now()
    return bulk.insert(
        rows.TABLE,
        _COLUMNS,
        (
            (
                journey, version, one.person, one.key[:120], "active", 0, at, at, Why.FACTS.value,
                "", dumps({"given": one.memory}) if one.memory else "{}", False, at, one.by[:40],
            )
            for one in entries
            for at in (min(one.at, instant),)
        ),
        conflict="ON CONFLICT DO NOTHING",
    )  # fmt: skip


# ── what happened ────────────────────────────────────────────────────────────────────────────────


def hear(heard: Sequence[tuple[int, Heard]]) -> int:
    """Apply what happened to walks, in the order given; returns how many of them it concerned.

    Walks that have ended take no notice. While a journey is paused, exits, goals, holds and removal
    count at once; what a wait was for is kept and taken on resuming.
    """
    told: dict[int, list[Heard]] = {}
    for number, one in heard:
        told.setdefault(number, []).append(one)
    concerned = 0

    def apply(chunk: list[int]) -> None:
        nonlocal concerned
        batch = Batch(rows.by_ids(chunk), now())
        for row in batch.rows:
            concerned += batch.go(row, told[row.walk.id], UNASKED)
        batch.write()

    ids = sorted(told)
    if in_unit():
        for start in range(0, len(ids), _CHUNK):
            with work():
                apply(ids[start : start + _CHUNK])
    else:
        in_chunks(ids, apply, size=_CHUNK // 2, name="journeys.hear")
    return concerned


# A CASE, so that PostgreSQL looks for the walks by their ids alone: with figures from before a
# million waited for their message it would go through all of these for each.
_TOLD = (
    "(CASE t.why WHEN 'delivery' THEN TRUE"
    " WHEN 'hold' THEN t.memory->>'was' = 'delivery' ELSE FALSE END)"
)


def lock(walks: Iterable[int]) -> None:
    """Lock these walks until the unit that is open ends, in the order in which everybody does.

    Walks come before deliveries (`deliveries.provide_lock`), tasks and members of lists, and among
    themselves by their ids, so that no two units wait for each other.
    """
    numbers = ", ".join(str(one) for one in sorted(set(walks)))
    if numbers and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {rows.TABLE} WHERE id IN ({numbers}) ORDER BY id FOR UPDATE"
            )


def lock_journeys(ids: Iterable[str]) -> None:
    """Lock journeys that people are to be let into: they come before walks."""
    if connection.vendor == "postgresql":
        list(Journey.objects.select_for_update().filter(id__in=set(ids)).order_by("id"))


def finished(done: Sequence[Finished]) -> None:
    """Have walks go on whose delivery is finished: they are due at the instant it was.

    Called in the unit that finishes deliveries (`deliveries.provide_finished`). A visit that is
    over, and a walk that has ended, take no notice.
    """
    told = [
        (
            one.enrollment, one.visit, one.at,
            dumps({"kept": {
                "signal": "delivery", "at": one.at.isoformat(), "code": one.state,
                "detail": {"reason": one.reason},
            }}),
        )
        for one in done
        if one.enrollment is not None
    ]  # fmt: skip
    if connection.vendor == "postgresql":
        bulk.postgresql(
            f"UPDATE {rows.TABLE} AS t SET memory = t.memory || v.kept, due_at = v.at FROM {{rows}}"
            f" WHERE t.id = v.id AND t.visit = v.visit AND {_TOLD}",
            {"id": "bigint", "visit": "int", "at": "timestamptz", "kept": "jsonb"}, told,
        )  # fmt: skip
    else:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {rows.TABLE} AS t SET memory = json_patch(t.memory, %s), due_at = %s"
                f" WHERE t.id = %s AND t.visit = %s AND {_TOLD}",
                [(kept, rows.stamp(at), number, visit) for number, visit, at, kept in told],
            )


def standing(persons: Sequence[str], journeys: Sequence[str]) -> list[Standing]:
    """The walks of these people through these journeys that have not ended, held ones too."""
    # Not asked for the journeys: SQLite would look for these people among everybody inside.
    wanted = set(journeys)
    found: list[Standing] = []
    columns = ("id", "journey", "version", "person", "key", "state", "step")
    for start in range(0, len(persons), _CHUNK):
        told = Enrollment.objects.filter(person__in=persons[start : start + _CHUNK])
        found += [
            Standing(number, journey, version, person, key, WalkState(state), step)
            for number, journey, version, person, key, state, step in told.exclude(
                state=WalkState.ENDED
            )
            .order_by("id")
            .values_list(*columns)
            if journey in wanted
        ]
    return found
