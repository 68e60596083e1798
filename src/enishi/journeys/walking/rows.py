"""Walks as rows of the book, read and written many at a time: the ORM would take ten times as long.

Everything here stands inside a unit that is open. On PostgreSQL a walk that is read to be moved is
locked to the unit's end; SQLite has one writer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from enishi.book import bulk
from enishi.book.by_index import by_index
from enishi.book.jsontext import dumps, loads
from enishi.journeys.types import GRACE, End, Move, Walk, WalkState, Why

TABLE = "journeys_enrollment"
_COLUMNS = (
    'id, person, key, state, step, visit, {since}, {due_at}, why, "end", memory, {entered_at},'
    " control, journey, version"
)
_DUE = "journey = %s AND state = 'active' AND due_at IS NOT NULL AND due_at <= %s"
_TIMES = ("since", "due_at", "entered_at")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    "enrollment": "bigint", "at": "timestamptz", "step": "text", "to": "text",
    "visit": "int", "code": "text", "detail": "jsonb",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A walk and the version it goes by."""

    walk: Walk
    journey: str
    version: int


class Standing(NamedTuple):
    """Where somebody stands who is due."""

    id: int
    person: str
    version: int
    step: str | None
    due_at: Any  # as a cursor tells it, to be given back to one


def stamp(at: datetime) -> Any:
    """An instant as this book's database takes it in a query."""
    return connection.ops.adapt_datetimefield_value(at)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def next_due(
    journey: str, now: datetime, limit: int, *, also: str = "", past: Standing | None = None
) -> list[Standing]:
    """Where the next who are due stand, in the order in which they became so, unlocked.

    `also`: a further test of the row, as SQL without parameters. `past`: only who comes after her.
    """
    given = [journey, stamp(now)]
    if past is not None:
        also = " AND ".join(filter(None, [also, "(due_at, id) > (%s, %s)"]))
        given += [past.due_at, past.id]
    with by_index(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, person, version, step, due_at FROM {TABLE} WHERE {_DUE}"
            f"{also and ' AND ' + also} ORDER BY due_at, id LIMIT {int(limit)}",
            given,
        )
        return [Standing(*found) for found in cursor.fetchall()]


def due(ids: Sequence[int], now: datetime, *, also: str = "") -> list[Row]:
    """Those of the walks that are due, in the order in which they became so, locked.

    `also` as of `next_due`. Walks that somebody else has locked are passed over.
    """
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    # A CASE, so that they are looked for by their ids alone, whatever the figures say.
    test = f"CASE state WHEN 'active' THEN due_at <= %s{also and ' AND ' + also} ELSE FALSE END"
    return _read(
        f"WHERE id IN ({_numbers(ids)}) AND {test} ORDER BY due_at, id{skip}", [stamp(now)]
    )


def by_ids(ids: Sequence[int]) -> list[Row]:
    """Walks by their ids, locked; ended ones are left out."""
    if not ids:
        return []
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    return _read(f"WHERE id IN ({_numbers(ids)}) AND state <> 'ended' ORDER BY id{lock}", [])


def ids_on(journey: str, version: int, after: int, limit: int) -> list[int]:
    """The walks on a version that have not ended, by id from above `after`, unlocked.

    Everybody inside the journey is looked at: ask for many at a time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {TABLE} WHERE journey = %s AND version = %s AND state <> 'ended'"
            f" AND id > %s ORDER BY id LIMIT {int(limit)}",
            [journey, version, after],
        )
        return [row[0] for row in cursor.fetchall()]


def _numbers(ids: Iterable[int]) -> str:
    return ", ".join(str(int(one)) for one in ids)


def _read(where: str, given: Sequence[Any]) -> list[Row]:
    # Instants are read as text or numbers: those that come again, as most do, are made out once.
    form = (
        "(EXTRACT(EPOCH FROM {}) * 1000000)::bigint" if connection.vendor == "postgresql"
        else "CAST({} AS TEXT)"
    )  # fmt: skip
    columns = _COLUMNS.format(**{name: form.format(name) for name in _TIMES})
    instants = _Instants()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {TABLE} AS t {where}", list(given))
        return [_row(found, instants) for found in cursor.fetchall()]


class _Instants(dict[Any, datetime]):
    """What the database told as an instant (text, or µs since 1970) → the instant, aware."""

    def __missing__(self, told: Any) -> datetime:
        if isinstance(told, int):
            found = _EPOCH + timedelta(microseconds=told)
        else:
            found = datetime.fromisoformat(told).replace(tzinfo=UTC)
        self[told] = found
        return found


def _row(found: Sequence[Any], instants: _Instants) -> Row:
    (number, person, key, state, step, visit, since, due_at, why, end, memory, entered, control,
     journey, version) = found  # fmt: skip
    known = _NOTHING if memory == "{}" else loads(memory)
    stands = _WHY[why]
    due = None if due_at is None else instants[due_at]
    if due is not None and stands in _DELAYED and "kept" not in known:
        due -= GRACE
    walk = Walk(
        number, person, key, _STATES[state], step, visit, instants[since], due, stands,
        End(end) if end else None, known, instants[entered], bool(control),
    )  # fmt: skip
    return Row(walk, journey, version)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def claimed_at(walk: Walk) -> datetime | None:
    """When the lane takes a walk up: a wait for a signal a little after its deadline."""
    if walk.due is not None and walk.why in _DELAYED and "kept" not in walk.memory:
        return walk.due + GRACE
    return walk.due


def change(walks: Iterable[Walk]) -> None:
    """Write where walks stand now."""
    bulk.update(
        TABLE,
        ("id", "bigint"),
        _CHANGED,
        (
            (
                walk.id, walk.state.value, walk.step, walk.visit, walk.since,
                claimed_at(walk), walk.why.value, walk.end.value if walk.end else "",
                dumps(walk.memory) if walk.memory else "{}", walk.control,
                walk.since if walk.end else None,
            )
            for walk in walks
        ),
    )  # fmt: skip


def put_on_version(ids: Sequence[int], version: int) -> None:
    """Have walks go by another version from now on."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET version = %s WHERE id IN ({_numbers(ids)})", [int(version)]
            )


def tell(moves: Iterable[tuple[Walk, Move]]) -> None:
    """Write lines of stories."""
    bulk.insert(
        "journeys_enrollmentmove",
        _MOVE,
        (
            (
                walk.id, move.at, move.step, move.to, move.visit, move.code,
                dumps(move.detail) if move.detail else "{}",
            )
            for walk, move in moves
        ),
    )  # fmt: skip
