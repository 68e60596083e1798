"""The log of refreshes, `enishi.refreshes`: what each came to, in the books beside the rows.

Written in the transaction that shows the rows, keyed by the refresh id: whoever takes over from a
killed process sees what was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from enishi.warehouse.duckdb_engine import Workbench, Writer
from enishi.warehouse.engine import Question
from enishi.warehouse.spelling import SQL, Spelling, literal

LOG = "enishi.refreshes"
_SPELLING = Spelling()  # the books are DuckDB whatever the engine
MOST_INSTANTS = 100
"""How many instants `decided_at` tells at most."""


@dataclass(frozen=True, slots=True)
class Change:
    """A segment's next state. `whole`: everybody has been decided, not only the touched ones.

    `seen` is kept with it: per dataset the last load, per set the last instant it reflects.
    """

    refresh: str
    segment: str
    version: int
    whole: bool
    seen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a segment's last refresh left behind. `as_of` is aware, in UTC.

    `touched` None: everybody was asked about. `moved` and `missed` count the people found different
    from what was stored (see `memberships.Pass.differing`).
    """

    refresh: str
    segment: str
    version: int
    whole: bool
    as_of: datetime
    size: int
    entered: int
    left: int
    touched: int | None
    moved: int
    missed: int
    seen: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a refresh has just moved, in the transaction that moves it.

    `rows` selects (segment, _id, entered) of everybody who enters (true) or leaves. `first` are the
    segments that had no members before; `whole` those of whom everybody was decided.
    """

    rows: SQL
    at: datetime
    versions: Mapping[str, int]
    first: frozenset[str]
    whole: frozenset[str]


def states(question: Question, segments: Iterable[str] | None = None) -> dict[str, Stored]:
    """The last state of each segment named (None: of all); those never refreshed are left out."""
    only = "" if segments is None else f" WHERE segment IN ({listed(segments)})"
    rows = question.records(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY segment ORDER BY as_of DESC)"
        f" AS nth FROM {LOG}{only}) WHERE nth = 1"
    )
    return {row["segment"]: _stored(row) for row in rows}


def decided_at(question: Question, segment: str) -> list[datetime]:
    """The instants at which somebody's stay may last have been decided: of the last refresh that
    asked about everybody and of those after it, the latest first, at most a hundred (aware)."""
    rows = question.rows(
        f"SELECT as_of FROM {LOG} WHERE segment = ? AND as_of >= (SELECT max(as_of) FROM {LOG}"
        " WHERE segment = ? AND whole) ORDER BY as_of DESC",
        [segment, segment],
    )
    found = [row[0].replace(tzinfo=UTC) for row in rows]
    return found if len(found) <= MOST_INSTANTS else [*found[: MOST_INSTANTS - 1], found[-1]]


def logged(question: Question, refreshes: Iterable[str]) -> dict[str, Stored]:
    """What these refreshes have committed, by refresh id; those that have not are left out."""
    rows = question.records(f"SELECT * FROM {LOG} WHERE id IN ({listed(refreshes)})")
    return {row["id"]: _stored(row) for row in rows}


def _stored(row: Mapping[str, object]) -> Stored:
    found = dict(row)
    as_of = found["as_of"]
    assert isinstance(as_of, datetime)
    return Stored(
        refresh=str(found["id"]), segment=str(found["segment"]), version=_int(found["version"]),
        whole=bool(found["whole"]), as_of=as_of.replace(tzinfo=UTC), size=_int(found["size"]),
        entered=_int(found["entered"]), left=_int(found["left_"]),
        touched=None if found["touched"] is None else _int(found["touched"]),
        moved=_int(found["moved"]), missed=_int(found["missed"]),
        seen=json.loads(str(found["seen"])),
    )  # fmt: skip


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def listed(names: Iterable[str]) -> SQL:
    """Names as the inside of an IN list; of none, what nothing equals."""
    return ", ".join(literal(name) for name in names) or "NULL"


def keep_log(writer: Writer | Workbench, done: Sequence[Stored]) -> None:
    """Record what refreshes have come to, in the transaction that shows it."""
    rows: list[SQL] = []
    given: list[object] = []
    for one in done:
        rows.append(f"(?, ?, ?, ?, {_SPELLING.instant(one.as_of)}, ?, ?, ?, ?, ?, ?, ?)")
        given += [
            one.refresh, one.segment, one.version, one.whole, one.size, one.entered, one.left,
            one.touched, one.moved, one.missed, json.dumps(dict(one.seen)),
        ]  # fmt: skip
    if rows:
        writer.execute(f"INSERT INTO {LOG} VALUES {', '.join(rows)}", given)
