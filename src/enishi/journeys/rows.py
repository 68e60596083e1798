"""Walks as rows of the book, read and written many at a time: the ORM would take ten times as long.

Everything here stands inside a unit that is open. On PostgreSQL a walk that is read to be moved is
locked to the unit's end; SQLite has one writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from enishi.book import bulk
from enishi.book.jsontext import dumps, loads
from enishi.journeys.types import GRACE, End, Move, Walk, WalkState, Why

TABLE = "journeys_enrollment"
_SELECT = (
    'SELECT id, person, key, state, step, visit, since, due_at, why, "end", memory, entered_at,'
    f" control, journey, version FROM {TABLE} AS t "
)
_STATES = {str(one): one for one in WalkState}
_WHY = {str(one): one for one in Why}
_DELAYED = (Why.SIGNAL, Why.TASK)
_NOTHING: Mapping[str, Any] = {}
_CHANGED = {
    "state": "text", "step": "text", "visit": "int", "since": "timestamptz",
    "due_at": "timestamptz", "why": "text", "end": "text", "memory": "jsonb", "control": "bool",
    "ended_at": "timestamptz",
}  # fmt: skip
_MOVE = {
    "enrollment": "bigint", "person": "text", "at": "timestamptz", "step": "text", "to": "text",
    "visit": "int", "code": "text", "detail": "jsonb",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A walk and the version it goes by."""

    walk: Walk
    journey: str
    version: int


def stamps() -> Callable[[datetime | None], Any]:
    """Writes instants as the book has them; those that come again cost nothing."""
    if connection.vendor == "postgresql":
        return lambda at: at
    known: dict[datetime | None, Any] = {None: None}
    adapt = connection.ops.adapt_datetimefield_value

    def stamp(at: datetime | None) -> Any:
        found = known.get(at)
        if found is None and at is not None:
            found = known[at] = adapt(at)
        return found

    return stamp


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def due(journey: str, now: datetime, limit: int, *, also: str = "", lock: bool = True) -> list[Row]:
    """The walks of a journey that are due, in the order in which they became so.

    `also`: a further test of the row, as SQL without parameters. Locked ones are passed over.
    """
    skip = " FOR UPDATE SKIP LOCKED" if lock and connection.vendor == "postgresql" else ""
    return _read(
        "WHERE journey = %s AND state = 'active' AND due_at IS NOT NULL AND due_at <= %s"
        f"{also and ' AND ' + also} ORDER BY due_at, id LIMIT {int(limit)}{skip}",
        [journey, stamps()(now)],
    )


def by_ids(ids: Sequence[int]) -> list[Row]:
    """Walks by their ids, locked; ended ones are left out."""
    if not ids:
        return []
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    numbers = ", ".join(str(int(one)) for one in ids)
    return _read(f"WHERE id IN ({numbers}) AND state <> 'ended' ORDER BY id{lock}", [])


def of_version(journey: str, version: int, after: int, limit: int) -> list[Row]:
    """The walks on a version that have not ended, by id from above `after`, locked."""
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    return _read(
        "WHERE journey = %s AND version = %s AND state <> 'ended' AND id > %s"
        f" ORDER BY id LIMIT {int(limit)}{lock}",
        [journey, version, after],
    )


def _read(where: str, given: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT + where, list(given))
        return [_row(found) for found in cursor.fetchall()]


def _row(found: Sequence[Any]) -> Row:
    (number, person, key, state, step, visit, since, due_at, why, end, memory, entered, control,
     journey, version) = found  # fmt: skip
    known = _NOTHING if memory == "{}" else loads(memory)
    stands = _WHY[why]
    due = _aware(due_at)
    if due is not None and stands in _DELAYED and "kept" not in known:
        due -= GRACE
    walk = Walk(
        number, person, key, _STATES[state], step, visit, _instant(since), due, stands,
        End(end) if end else None, known, _instant(entered), bool(control),
    )  # fmt: skip
    return Row(walk, journey, version)


def _aware(at: datetime | None) -> datetime | None:
    return None if at is None else _instant(at)


def _instant(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def claimed_at(walk: Walk) -> datetime | None:
    """When the lane takes a walk up: a wait for a signal a little after its deadline."""
    if walk.due is not None and walk.why in _DELAYED and "kept" not in walk.memory:
        return walk.due + GRACE
    return walk.due


def change(walks: Iterable[Walk]) -> None:
    """Write where walks stand now."""
    stamp = stamps()
    bulk.update(
        TABLE,
        ("id", "bigint"),
        _CHANGED,
        (
            (
                walk.id, walk.state.value, walk.step, walk.visit, stamp(walk.since),
                stamp(claimed_at(walk)), walk.why.value, walk.end.value if walk.end else "",
                dumps(walk.memory) if walk.memory else "{}", walk.control,
                stamp(walk.since) if walk.end else None,
            )
            for walk in walks
        ),
    )  # fmt: skip


def put_on_version(ids: Sequence[int], version: int) -> None:
    """Have walks go by another version from now on."""
    if ids:
        numbers = ", ".join(str(int(one)) for one in ids)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET version = %s WHERE id IN ({numbers})", [int(version)]
            )


def tell(moves: Iterable[tuple[Walk, Move]]) -> None:
    """Write lines of stories."""
    stamp = stamps()
    bulk.insert(
        "journeys_enrollmentmove",
        _MOVE,
        (
            (
                walk.id, walk.person, stamp(move.at), move.step, move.to, move.visit, move.code,
                dumps(move.detail) if move.detail else "{}",
            )
            for walk, move in moves
        ),
    )  # fmt: skip
