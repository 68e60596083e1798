"""Who is in which segment, over time: `enishi.memberships (segment, _id, entered_at, left_at)`.

One row a stay, naive UTC, `left_at` NULL while it lasts; kept for ever. A cycle brings any number
of segments to their next state at one instant `at`:

    rows that are open and not in the new state get `left_at = at`
    ids of the new state that have no open row get a row with `entered_at = at`

restricted to the touched ids where a change is not `whole`. A `Pass` does it: `Cycle` in DuckDB,
`set_cycle.SetCycle` in the other engines; everything else is questions in plain SQL. `apply` is
atomic for all its changes and logs each under its refresh id (`refresh_log`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.engine import Engine, Question
from enishi.warehouse.refresh_log import Change, Moved, Stored, keep_log, listed, states
from enishi.warehouse.spelling import SQL, Schemas, Spelling, literal, quoted

TABLE = "enishi.memberships"
DIFFERENCES = "enishi.membership_differences"

TOUCHED = "_touched"
"""The relation of touched ids inside a cycle: the `ids_table` of an incremental statement."""
DOUBT = "_doubt"
"""The relation of ids whose stored answer is being checked."""


OnMoved = Callable[[Workbench, Moved], None]


class Pass(Protocol):
    """One pass over some segments.

    The caller takes segments in the order of their dependencies: `touch` and `decide` those that do
    not lean on each other, `compare` them, `apply` them, then the next ones.
    """

    @property
    def bench(self) -> Question:
        """Who asks: cancelling it ends what is being decided."""

    def touch(self, selects: Sequence[SQL]) -> int:
        """Add to the touched ids what these SELECTs of `_id` give; returns how many there are."""

    def slice(self, selects: Mapping[str, SQL]) -> Schemas | None:
        """Copy aside what many statements will read: by dataset a SELECT, in order, that may name
        an earlier slice as `{dataset}`. Returns the schemas in whose `data` the slices stand; None
        where the engine gains nothing by it."""

    def decide(self, segment: str, ids: SQL | None) -> None:
        """Evaluate who is in now: `ids` is a SELECT of `_id`, of touched ones or of everybody; None
        where nobody had to be decided."""

    def decide_together(self, chosen: Mapping[str, SQL]) -> None:
        """`decide` for several small questions at once, by segment; all of them or none."""

    def compare(self, changes: Sequence[Change]) -> Collection[str]:
        """Compare what was decided with what is stored; who differs will enter or leave.

        Returns the segments in which somebody differs who was not touched, or may do so.
        """

    def doubtful(self, segment: str) -> int:
        """Fill the relation DOUBT with those of a compared segment whose stored answer differs from
        the one decided, the touched ones left out; returns how many."""

    def differing(self, segment: str, thens: Iterable[SQL]) -> None:
        """Tell apart those in DOUBT by SELECTs of who was in at the instants at which they may have
        been decided, the latest first: whose stored answer was right at one of them has been moved
        by time, the others were missed. `apply` counts and keeps them."""

    def apply(
        self, changes: Sequence[Change], at: datetime, moved: OnMoved | None = None
    ) -> list[Stored]:
        """Bring compared segments to their next state, all or none, at the instant `at`.

        `moved` is told in the same transaction who comes and goes (DuckDB only). An instant that is
        not after a segment's last one is moved just behind it, so that stays never run backwards.
        Raises Conflict `refreshed_meanwhile` when somebody else has applied a change to one of them
        since it was compared.
        """


class Cycle:
    """The pass in DuckDB. Statements are prepared in temporary tables, outside the lock."""

    def __init__(self, bench: Workbench, spelling: Spelling) -> None:
        self.bench, self._spelling = bench, spelling
        self._touched = 0
        self._numbers: dict[str, int] = {}  # a segment's number in the temporary tables
        self._before: dict[str, Stored] = {}
        self._sizes: dict[int, int] = {}  # how many have been decided to be in, of whole changes
        self._slices = ""
        bench.execute("CREATE OR REPLACE TEMP TABLE _next (s INTEGER, _id VARCHAR)")
        bench.execute(f"CREATE OR REPLACE TEMP TABLE {TOUCHED} (_id VARCHAR)")
        bench.execute(
            "CREATE OR REPLACE TEMP TABLE _found (s INTEGER, _id VARCHAR, cause VARCHAR,"
            " was_in BOOLEAN)"
        )

    def close(self) -> None:
        """Let go of the slices; the temporary tables go with the workbench."""
        if self._slices:
            self.bench.execute(f"DETACH {quoted(self._slices)}")
            self._slices = ""

    # ── who is touched, and what is read of them ─────────────────────────────────────────────────

    def touch(self, selects: Sequence[SQL]) -> int:
        if selects:
            union = " UNION ".join(f"SELECT _id FROM ({select}) t" for select in selects)
            self.bench.execute(
                f"INSERT INTO {TOUCHED} SELECT _id FROM ({union}) u"
                f" WHERE _id IS NOT NULL AND _id NOT IN (SELECT _id FROM {TOUCHED})"
            )
            self._touched = int(self.bench.one(f"SELECT count(*) FROM {TOUCHED}"))
        return self._touched

    def slice(self, selects: Mapping[str, SQL]) -> Schemas:
        self.close()
        self._slices = f"_slices_{secrets.token_hex(6)}"
        self.bench.execute(f"ATTACH ':memory:' AS {quoted(self._slices)}")
        tables = {name: f"{quoted(self._slices)}.{quoted(name)}" for name in selects}
        for name, select in selects.items():
            filled = select
            for other, table in tables.items():
                filled = filled.replace(f"{{{other}}}", table)
            self.bench.execute(f"CREATE TABLE {tables[name]} AS {filled}")
        return Schemas(self._slices, self._spelling.schemas.book)

    # ── who is in ────────────────────────────────────────────────────────────────────────────────

    def decide(self, segment: str, ids: SQL | None) -> None:
        number = self._numbers.setdefault(segment, len(self._numbers))
        if ids is not None:
            self.bench.execute(f"INSERT INTO _next SELECT {number}, _id FROM ({ids}) t")

    def decide_together(self, chosen: Mapping[str, SQL]) -> None:
        numbers = {name: self._numbers.setdefault(name, len(self._numbers)) for name in chosen}
        union = " UNION ALL ".join(
            f"SELECT {number}, _id FROM ({chosen[name]}) t{number}"
            for name, number in numbers.items()
        )
        self.bench.execute(f"INSERT INTO _next {union}")

    def compare(self, changes: Sequence[Change]) -> Collection[str]:
        self._before = states(self.bench, [change.segment for change in changes])
        self._diff(changes)
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _doubts AS SELECT s, _id, was_in FROM ("
            " SELECT s, _id, true AS was_in FROM _left"
            " UNION ALL SELECT s, _id, false FROM _entered) d"
            f" WHERE _id NOT IN (SELECT _id FROM {TOUCHED})"
        )
        found = {number for (number,) in self.bench.rows("SELECT DISTINCT s FROM _doubts")}
        return {c.segment for c in changes if self._numbers[c.segment] in found}

    def doubtful(self, segment: str) -> int:
        self.bench.execute(
            f"CREATE OR REPLACE TEMP TABLE {DOUBT} AS SELECT _id, was_in FROM _doubts"
            f" WHERE s = {self._numbers[segment]}"
        )
        return int(self.bench.one(f"SELECT count(*) FROM {DOUBT}"))

    def differing(self, segment: str, thens: Iterable[SQL]) -> None:
        keep = f"INSERT INTO _found SELECT {self._numbers[segment]}, d._id"
        for then in thens:
            self.bench.execute(
                f"CREATE OR REPLACE TEMP TABLE _then AS SELECT DISTINCT _id FROM ({then}) x"
            )
            right = f"FROM {DOUBT} d WHERE d.was_in = (d._id IN (SELECT _id FROM _then))"
            self.bench.execute(f"{keep}, 'moved', d.was_in {right}")
            self.bench.execute(
                f"DELETE FROM {DOUBT} d WHERE d.was_in = (d._id IN (SELECT _id FROM _then))"
            )
            if not self.bench.one(f"SELECT 1 FROM {DOUBT} LIMIT 1"):
                return
        self.bench.execute(f"{keep}, 'missed', d.was_in FROM {DOUBT} d")

    def _diff(self, changes: Sequence[Change]) -> None:
        changed = self._changed([c for c in changes if c.whole])
        named = ", ".join(
            f"({literal(c.segment)}, {self._numbers[c.segment]}, {c.whole},"
            f" {not c.whole or c.segment in changed})"
            for c in changes
        )
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _named AS"
            f" SELECT * FROM (VALUES {named}) v (segment, s, whole, changed)"
        )
        rows = f"{TABLE} m JOIN _named n ON n.segment = m.segment"
        parts = []
        if changed:
            parts.append(
                f"SELECT n.s, m._id FROM {rows} WHERE m.left_at IS NULL AND n.whole AND n.changed"
            )
        if any(not c.whole for c in changes):
            parts.append(
                f"SELECT n.s, m._id FROM {rows} JOIN {TOUCHED} t ON t._id = m._id"
                " WHERE m.left_at IS NULL AND NOT n.whole"
            )
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _open AS "
            + (" UNION ALL ".join(parts) or "SELECT * FROM _next WHERE false")
        )
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _left AS SELECT o.s, o._id FROM _open o"
            " ANTI JOIN _next n ON n.s = o.s AND n._id = o._id"
        )
        self.bench.execute(
            "CREATE OR REPLACE TEMP TABLE _entered AS SELECT n.s, n._id FROM _next n"
            " ANTI JOIN _open o ON n.s = o.s AND n._id = o._id"
            " WHERE n.s IN (SELECT s FROM _named WHERE changed)"
        )

    def _changed(self, changes: Sequence[Change]) -> list[str]:
        """Those of the segments decided whole whose members are not the very same as before.

        Number and sum of 64-bit hashes tell sets apart without joining them.
        """
        if not changes:
            return []
        stored = {
            name: (count, total)
            for name, count, total in self.bench.rows(
                f"SELECT segment, count(*), sum(hash(_id)) FROM {TABLE} WHERE left_at IS NULL"
                f" AND segment IN ({listed(c.segment for c in changes)}) GROUP BY segment"
            )
        }
        decided = {
            number: (count, total)
            for number, count, total in self.bench.rows(
                "SELECT s, count(*), sum(hash(_id)) FROM _next GROUP BY s"
            )
        }
        self._sizes = {number: int(count) for number, (count, _) in decided.items()}
        return [
            c.segment for c in changes
            if stored.get(c.segment) != decided.get(self._numbers[c.segment])
        ]  # fmt: skip

    # ── the next state ───────────────────────────────────────────────────────────────────────────

    def apply(
        self, changes: Sequence[Change], at: datetime, moved: OnMoved | None = None
    ) -> list[Stored]:
        if not changes:
            return []
        with self.bench.transaction():
            before = states(self.bench, [change.segment for change in changes])
            if any(one.refresh != self._known(name) for name, one in before.items()):
                raise _meanwhile()
            latest = max((one.as_of for one in before.values()), default=None)
            if latest is not None and at <= latest:
                at = latest + timedelta(microseconds=1)
            among = ", ".join(str(self._numbers[change.segment]) for change in changes)
            counts = self._move(among, at)
            if moved is not None:
                moved(self.bench, self._moved(changes, among, at, before))
            return self._log(changes, at, before, *counts)

    def _moved(
        self, changes: Sequence[Change], among: SQL, at: datetime, before: Mapping[str, Stored]
    ) -> Moved:
        rows = " UNION ALL ".join(
            f"SELECT n.segment, d._id, {entered} AS entered FROM {name} d"
            f" JOIN _named n ON n.s = d.s WHERE d.s IN ({among})"
            for name, entered in (("_left", "false"), ("_entered", "true"))
        )
        return Moved(
            rows, at, {change.segment: change.version for change in changes},
            frozenset(c.segment for c in changes if c.segment not in before),
            frozenset(change.segment for change in changes if change.whole),
        )  # fmt: skip

    def _known(self, segment: str) -> str | None:
        found = self._before.get(segment)
        return None if found is None else found.refresh

    def _move(self, among: SQL, at: datetime) -> tuple[dict[int, int], dict[int, int]]:
        entered, left = (
            dict(self.bench.rows(f"SELECT s, count(*) FROM {name} WHERE s IN ({among}) GROUP BY s"))
            for name in ("_entered", "_left")
        )
        instant = self._spelling.instant(at)
        if left:
            self.bench.execute(
                f"UPDATE {TABLE} AS m SET left_at = {instant} FROM (SELECT n.segment, l._id"
                f" FROM _left l JOIN _named n ON n.s = l.s WHERE l.s IN ({among})) g"
                " WHERE m.left_at IS NULL AND m.segment = g.segment AND m._id = g._id"
            )
        if entered:
            # Segment by segment, so that reading one finds its rows close together.
            self.bench.execute(
                f"INSERT INTO {TABLE} SELECT n.segment, e._id, {instant}, NULL FROM _entered e"
                f" JOIN _named n ON n.s = e.s WHERE e.s IN ({among}) ORDER BY e.s"
            )
        return entered, left

    def _log(
        self,
        changes: Sequence[Change],
        at: datetime,
        before: Mapping[str, Stored],
        entered: Mapping[int, int],
        left: Mapping[int, int],
    ) -> list[Stored]:
        found: dict[tuple[int, str], int] = {
            (number, cause): count
            for number, cause, count in self.bench.rows(
                "SELECT s, cause, count(*) FROM _found GROUP BY s, cause"
            )
        }
        done = []
        for change in changes:
            number = self._numbers[change.segment]
            came, went = entered.get(number, 0), left.get(number, 0)
            size = before[change.segment].size if change.segment in before else 0
            size = self._sizes.get(number, 0) if change.whole else size + came - went
            done.append(
                Stored(
                    change.refresh, change.segment, change.version, change.whole, at,
                    size, came, went, None if change.whole else self._touched,
                    found.get((number, "moved"), 0), found.get((number, "missed"), 0), change.seen,
                )
            )  # fmt: skip
        keep_log(self.bench, done)
        for change in changes:
            number = self._numbers[change.segment]
            if any(number == found_in for found_in, _ in found):
                self.bench.execute(
                    f"INSERT INTO {DIFFERENCES} SELECT {literal(change.refresh)},"
                    f" {literal(change.segment)}, _id, cause, was_in FROM _found"
                    f" WHERE s = {number}"
                )
        return done


def _meanwhile() -> Conflict:
    return Conflict(
        Text(
            "別の処理がこのセグメントを更新しました。",
            "Something else has refreshed this segment meanwhile.",
        ),
        Text("自動でもう一度試します。", "It will be tried again."),
        code="refreshed_meanwhile",
    )


@contextmanager
def cycle(engine: Engine) -> Iterator[Pass]:
    """A pass over some segments on this engine; what it sets aside goes with it."""
    if engine is engine.books:
        with engine.books.workbench() as bench:
            passing = Cycle(bench, engine.books.spelling)
            try:
                yield passing
            finally:
                passing.close()
        return
    from enishi.warehouse.set_cycle import SetCycle, Shelving

    assert isinstance(engine, Shelving)
    with engine.shelf() as shelf:
        yield SetCycle(engine.books, shelf)
