"""Who is in which segment, over time: `enishi.memberships (segment, _id, entered_at, left_at)`.

One row a stay, naive UTC, `left_at` NULL while it lasts; kept for ever. A cycle brings any number
of segments to their next state at one instant `at`:

    rows that are open and not in the new state get `left_at = at`
    ids of the new state that have no open row get a row with `entered_at = at`

restricted to the touched ids where a change is not `whole`. A `Pass` does it: `Cycle` in DuckDB,
`set_cycle.SetCycle` in the other engines; everything else is questions in plain SQL. `apply` is
atomic for all its changes and logs each under its refresh id in
`enishi.refreshes`, so that whoever takes over from a killed process sees what was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from enishi.warehouse.duckdb_engine import Workbench, Writer
from enishi.warehouse.engine import Engine, Question
from enishi.warehouse.spelling import SQL, literal

TABLE = "enishi.memberships"
LOG = "enishi.refreshes"
DIFFERENCES = "enishi.membership_differences"

TOUCHED = "_touched"
"""The relation of touched ids inside a cycle: the `ids_table` of an incremental statement."""
DOUBT = "_doubt"
"""The relation of ids whose stored answer is being checked."""


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
    from what was stored (see `Cycle.differing`).
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


def states(question: Question, segments: Iterable[str] | None = None) -> dict[str, Stored]:
    """The last state of each segment named (None: of all); those never refreshed are left out."""
    only = "" if segments is None else f" WHERE segment IN ({_listed(segments)})"
    rows = question.records(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY segment ORDER BY as_of DESC)"
        f" AS nth FROM {LOG}{only}) WHERE nth = 1"
    )
    return {row["segment"]: _stored(row) for row in rows}


def logged(question: Question, refreshes: Iterable[str]) -> dict[str, Stored]:
    """What these refreshes have committed, by refresh id; those that have not are left out."""
    rows = question.records(f"SELECT * FROM {LOG} WHERE id IN ({_listed(refreshes)})")
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


def _listed(names: Iterable[str]) -> SQL:
    return ", ".join(literal(name) for name in names) or "NULL"


def instant(at: datetime) -> SQL:
    """An aware instant as a literal of the warehouse's naive UTC."""
    return f"TIMESTAMP {literal(at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' '))}"


def open_ids(segment: str) -> SQL:
    """`SELECT _id` of everybody who is in a segment now."""
    return f"SELECT _id FROM {TABLE} WHERE segment = {literal(segment)} AND left_at IS NULL"


class Pass(Protocol):
    """One pass over some segments.

    The caller takes segments in the order of their dependencies, calling `apply` before it decides
    segments that lean on those just applied.
    """

    @property
    def bench(self) -> Question:
        """Who asks: cancelling it ends what is being decided."""

    def touch(self, selects: Sequence[SQL]) -> int:
        """Add to the touched ids what these SELECTs of `_id` give; returns how many there are."""

    def decide(self, segment: str, ids: SQL) -> None:
        """Evaluate who is in now: `ids` is a SELECT of `_id`, of touched ones or of everybody."""

    def doubtful(self, segment: str) -> int:
        """Fill the relation DOUBT with those whose stored answer differs from the one decided, the
        touched ones left out; returns how many."""

    def differing(self, segment: str, then: SQL) -> tuple[int, int]:
        """Tell apart those in doubt by `then`, the SELECT of who was in at the stored instant.

        Returns (moved, missed): the stored answer was right then and time has moved on, or it was
        wrong then already. `apply` keeps them.
        """

    def apply(self, changes: Sequence[Change], at: datetime) -> list[Stored]:
        """Bring the decided segments to their next state, all or none, at the instant `at`.

        Each change's ids are those given to `decide`. An instant that is not after a segment's last
        one is moved just behind it, so that stays never run backwards.
        """


class Cycle:
    """The pass in DuckDB. Statements are prepared in temporary tables, outside the lock."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self._touched: int | None = None
        bench.execute("CREATE OR REPLACE TEMP TABLE _next (segment VARCHAR, _id VARCHAR)")
        bench.execute(f"CREATE OR REPLACE TEMP TABLE {TOUCHED} (_id VARCHAR)")
        bench.execute(
            "CREATE OR REPLACE TEMP TABLE _found (segment VARCHAR, _id VARCHAR, cause VARCHAR,"
            " was_in BOOLEAN)"
        )

    def touch(self, selects: Sequence[SQL]) -> int:
        if selects:
            union = " UNION ".join(f"SELECT _id FROM ({select}) t" for select in selects)
            self.bench.execute(
                f"INSERT INTO {TOUCHED} SELECT _id FROM ({union}) u"
                f" WHERE _id IS NOT NULL AND _id NOT IN (SELECT _id FROM {TOUCHED})"
            )
        self._touched = int(self.bench.one(f"SELECT count(*) FROM {TOUCHED}"))
        return self._touched

    def decide(self, segment: str, ids: SQL) -> None:
        name = literal(segment)
        self.bench.execute(f"DELETE FROM _next WHERE segment = {name}")
        self.bench.execute(f"INSERT INTO _next SELECT {name}, _id FROM ({ids}) t")

    def doubtful(self, segment: str) -> int:
        self.bench.execute(
            f"CREATE OR REPLACE TEMP TABLE {DOUBT} AS SELECT _id, was_in FROM ("
            f" SELECT o._id, true AS was_in FROM ({open_ids(segment)}) o"
            f" ANTI JOIN (SELECT _id FROM _next WHERE segment = {literal(segment)}) n"
            " ON o._id = n._id"
            f" UNION ALL SELECT n._id, false FROM _next n"
            f" ANTI JOIN ({open_ids(segment)}) o ON o._id = n._id"
            f" WHERE n.segment = {literal(segment)}"
            f") d WHERE _id NOT IN (SELECT _id FROM {TOUCHED})"
        )
        return int(self.bench.one(f"SELECT count(*) FROM {DOUBT}"))

    def differing(self, segment: str, then: SQL) -> tuple[int, int]:
        self.bench.execute(
            f"INSERT INTO _found SELECT {literal(segment)}, d._id,"
            " CASE WHEN d.was_in = (t._id IS NOT NULL) THEN 'moved' ELSE 'missed' END, d.was_in"
            f" FROM {DOUBT} d LEFT JOIN (SELECT DISTINCT _id FROM ({then}) x) t ON t._id = d._id"
        )
        rows = self.bench.rows(
            "SELECT cause, count(*) FROM _found WHERE segment = ? GROUP BY cause", [segment]
        )
        counts = dict(rows)
        return counts.get("moved", 0), counts.get("missed", 0)

    def apply(self, changes: Sequence[Change], at: datetime) -> list[Stored]:
        if not changes:
            return []
        with self.bench.transaction():
            before = states(self.bench, [c.segment for c in changes])
            latest = max((one.as_of for one in before.values()), default=None)
            if latest is not None and at <= latest:
                at = latest + timedelta(microseconds=1)
            self._diff(changes)
            entered, left = self._move(at)
            return self._log(changes, at, entered, left)

    def _diff(self, changes: Sequence[Change]) -> None:
        whole = _listed(c.segment for c in changes if c.whole)
        parts = _listed(c.segment for c in changes if not c.whole)
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _open AS"
            f" SELECT segment, _id FROM {TABLE} WHERE left_at IS NULL AND (segment IN ({whole})"
            f" OR (segment IN ({parts}) AND _id IN (SELECT _id FROM {TOUCHED})))"
        )
        named = _listed(c.segment for c in changes)
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _left AS SELECT o.* FROM _open o"
            " ANTI JOIN _next n ON n.segment = o.segment AND n._id = o._id"
        )
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _entered AS SELECT n.* FROM _next n"
            " ANTI JOIN _open o ON n.segment = o.segment AND n._id = o._id"
            f" WHERE n.segment IN ({named})"
        )

    def _move(self, at: datetime) -> tuple[dict[str, int], dict[str, int]]:
        entered, left = (
            dict(self.bench.rows(f"SELECT segment, count(*) FROM {name} GROUP BY segment"))
            for name in ("_entered", "_left")
        )
        if left:
            self.bench.execute(
                f"UPDATE {TABLE} AS m SET left_at = {instant(at)} FROM _left l"
                " WHERE m.left_at IS NULL AND m.segment = l.segment AND m._id = l._id"
            )
        if entered:
            self.bench.execute(
                f"INSERT INTO {TABLE} SELECT segment, _id, {instant(at)}, NULL FROM _entered"
                " ORDER BY segment, _id"
            )
        return entered, left

    def _log(
        self,
        changes: Sequence[Change],
        at: datetime,
        entered: Mapping[str, int],
        left: Mapping[str, int],
    ) -> list[Stored]:
        named = _listed(c.segment for c in changes)
        sizes = dict(
            self.bench.rows(
                f"SELECT segment, count(*) FROM {TABLE} WHERE left_at IS NULL"
                f" AND segment IN ({named}) GROUP BY segment"
            )
        )
        found: dict[tuple[str, str], int] = {
            (segment, cause): count
            for segment, cause, count in self.bench.rows(
                "SELECT segment, cause, count(*) FROM _found GROUP BY segment, cause"
            )
        }
        done = []
        for change in changes:
            name = change.segment
            one = Stored(
                change.refresh, name, change.version, change.whole, at, sizes.get(name, 0),
                entered.get(name, 0), left.get(name, 0),
                None if change.whole else self._touched or 0,
                found.get((name, "moved"), 0), found.get((name, "missed"), 0), change.seen,
            )  # fmt: skip
            keep_log(self.bench, one)
            if (name, "moved") in found or (name, "missed") in found:
                self.bench.execute(
                    f"INSERT INTO {DIFFERENCES} SELECT {literal(change.refresh)}, segment, _id,"
                    f" cause, was_in FROM _found WHERE segment = {literal(name)}"
                )
            done.append(one)
        return done


def keep_log(writer: Writer, one: Stored) -> None:
    """Record what a refresh has come to, in the transaction that shows it."""
    writer.execute(
        f"INSERT INTO {LOG} VALUES (?, ?, ?, ?, {instant(one.as_of)}, ?, ?, ?, ?, ?, ?, ?)",
        [
            one.refresh, one.segment, one.version, one.whole, one.size, one.entered, one.left,
            one.touched, one.moved, one.missed, json.dumps(dict(one.seen)),
        ],
    )  # fmt: skip


@contextmanager
def cycle(engine: Engine) -> Iterator[Pass]:
    """A pass over some segments on this engine; what it sets aside goes with it."""
    if engine is engine.books:
        with engine.books.workbench() as bench:
            yield Cycle(bench)
        return
    from enishi.warehouse.set_cycle import SetCycle, Shelving

    assert isinstance(engine, Shelving)
    with engine.shelf() as shelf:
        yield SetCycle(engine.books, shelf)
