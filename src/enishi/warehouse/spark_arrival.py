"""Brings a staged batch into a dataset by its key, as `history` does, inside Spark.

    stage (books) ──Parquet──▶ joined by key ──▶ delta: added, changed, gone
                                                   │ nothing but additions: one more folder
                                                   └ else: what stays of the old rows, anew

Nothing that a question may be reading is touched: the next snapshot is old folders and new ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from enishi.catalog.types import DatasetKind
from enishi.warehouse.duckdb_engine import Writer, drop_places
from enishi.warehouse.engine import Applied, Incoming, Place
from enishi.warehouse.history import refuse_older
from enishi.warehouse.spark_columns import dataset_columns
from enishi.warehouse.spark_snapshots import Columns, Snapshot
from enishi.warehouse.spelling import SQL, literal, quoted

if TYPE_CHECKING:
    from enishi.warehouse.spark import SparkEngine
    from enishi.warehouse.spark_question import SparkQuestion

_MOST_FOLDERS = 32
"""A dataset of more folders is written anew as one: each costs every question a little."""

_ADDED, _CHANGED, _GONE, _KEPT = "_what=added", "_what=changed", "_what=gone", "kept"


class SparkArrival:
    """One batch on its way in (see `engine.Arrival`)."""

    def __init__(
        self,
        engine: SparkEngine,
        question: SparkQuestion,
        bench: Writer,
        incoming: Incoming,
        stack: ExitStack,
    ) -> None:
        self._engine, self._ask, self._stack = engine, question, stack
        self._bench, self._in = bench, incoming
        self._dataset = dataset = incoming.dataset
        self._columns = dataset_columns(dataset)
        known = engine.snapshots.of(bench, engine.schemas.data, dataset.name)
        if known is None or incoming.rebuild:
            known = Snapshot(self._columns)
        self._old = known
        self._stage: Snapshot | None = None
        self._folder = ""
        self._next: Snapshot | None = None
        self.published = False

    # ── before ───────────────────────────────────────────────────────────────────────────────

    def conflicts(self) -> list[Place]:
        dataset = self._dataset
        if dataset.kind is not DatasetKind.EVENT or not self._old.rows:
            return []
        tests = [
            f"(t.{_q(name)} IS NOT NULL AND NOT (s.{_q(name)} <=> t.{_q(name)}))"
            for name in dataset.fields
            if name not in dataset.key
        ]
        return self._places(
            f"SELECT s._file, s._line FROM {self._staged()} s JOIN {self._view(self._old)} t"
            f" ON {self._same_key()} WHERE {' OR '.join(tests) or 'false'}"
        )

    def superseded(self, loads: Sequence[str] | None) -> list[Place]:
        if not self._old.rows:
            return []
        there = self._view(self._old)
        if loads is not None:
            among = ", ".join(self._engine.spelling.text(load) for load in loads) or "NULL"
            there = f"(SELECT * FROM {self._present()} WHERE _load IN ({among}))"
        return self._places(
            f"SELECT s._file, s._line FROM {self._staged()} s"
            f" LEFT SEMI JOIN {there} t ON {self._same_key()}"
        )

    def drop(self, places: Sequence[Place]) -> None:
        drop_places(self._bench, self._in.stage, places)
        self._stage = None

    # ── what it does ─────────────────────────────────────────────────────────────────────────

    def apply(self, *, removes: bool) -> Applied:
        dataset, old = self._dataset, self._old
        staged = int(self._bench.one(f"SELECT count(*) FROM {self._in.stage}"))
        if old.rows and dataset.versioned:
            latest = self._ask.table(f"SELECT max(_from) AS at FROM {self._view(old)}")
            refuse_older(dataset, latest.column("at")[0].as_py(), self._in.valid_from)
        self._folder = self._engine.snapshots.new(self._engine.schemas.data, dataset.name)
        whole = removes and dataset.kind is not DatasetKind.EVENT
        self._ask.write(
            f"SELECT * FROM ({self._delta(whole=whole)}) d{self._sorted('_what')}",
            self._folder,
            by="_what",
        )
        added, changed, gone = (self._count(part) for part in (_ADDED, _CHANGED, _GONE))
        self._next = self._after(added, changed, gone)
        return Applied(added, changed, staged - added - changed, gone)

    def publish(self) -> None:
        self.published = True
        if self._next is not None:
            snapshots = self._engine.snapshots
            snapshots.publish(
                self._bench, self._engine.schemas.data, self._dataset.name, self._next
            )

    def clear(self) -> None:
        """Remove what has been written and is not to be seen."""
        if self._folder and not (self.published and self._next is not None):
            self._engine.snapshots.remove(self._folder)

    def _delta(self, *, whole: bool) -> SQL:
        """The rows that come, added or changed, and the keys that go, told apart by `_what`."""
        names = ", ".join(_q(name) for name, _ in self._columns)
        if not self._old.rows:
            return f"SELECT {names}, 'added' AS _what FROM {self._staged()} s"
        found = (
            f"SELECT {', '.join(f's.{_q(name)}' for name, _ in self._columns)},"
            f" CASE WHEN t._there THEN 'changed' ELSE 'added' END AS _what FROM {self._staged()} s"
            f" LEFT JOIN (SELECT *, true AS _there FROM {self._present()}) t"
            f" ON {self._same_key()} WHERE t._there IS NULL OR {self._other_content()}"
        )
        if whole:
            found += (
                f" UNION ALL SELECT {', '.join(f't.{_q(name)}' for name, _ in self._columns)},"
                f" 'gone' AS _what FROM {self._present()} t LEFT ANTI JOIN {self._staged()} s"
                f" ON {self._same_key()}"
            )
        return found

    def _sorted(self, *first: str) -> SQL:
        """Each file in the order its rows are asked for, so that the rest of it can be skipped."""
        columns = [*first, *(self._in.together or self._dataset.key)]
        return f" SORT BY {', '.join(map(_q, columns))}"

    def _after(self, added: int, changed: int, gone: int) -> Snapshot | None:
        """The dataset with the delta; None when it stays as it is."""
        old = self._old
        fresh = tuple(
            f"{self._folder}/{part}"
            for part, count in ((_ADDED, added), (_CHANGED, changed))
            if count
        )
        if not changed and not gone and len(old.folders) + len(fresh) <= _MOST_FOLDERS:
            if not fresh and not self._in.rebuild:
                return None
            return Snapshot(self._columns, old.folders + fresh, old.rows + added)
        kept_rows = f"SELECT * FROM ({self._kept(changed, gone)}) k{self._sorted()}"
        self._ask.write(kept_rows, f"{self._folder}/{_KEPT}")
        kept = self._count(_KEPT)
        folders = (f"{self._folder}/{_KEPT}", *fresh) if kept else fresh
        return Snapshot(self._columns, folders, kept + added + changed)

    def _kept(self, changed: int, gone: int) -> SQL:
        """The old rows that stay, those of a versioned dataset with their versions closed.

        A version opened at this very instant has never held, and goes.
        """
        names = [_q(name) for name, _ in self._columns]
        ends = [
            f"SELECT {', '.join(_q(name) for name in self._dataset.key)}, true AS _ends"
            f" FROM {self._view(Snapshot(self._columns, (f'{self._folder}/{part}',), count))}"
            for part, count in ((_CHANGED, changed), (_GONE, gone))
            if count
        ]
        old = self._view(self._old)
        if not ends:
            return f"SELECT {', '.join(names)} FROM {old} t"
        union = " UNION ALL ".join(ends)
        if not self._dataset.versioned:
            selected = ", ".join(f"t.{name}" for name in names)
            return (
                f"SELECT {selected} FROM {old} t LEFT ANTI JOIN ({union}) s ON {self._same_key()}"
            )
        at = self._engine.spelling.instant(self._in.valid_from)
        closes = "(t._to IS NULL AND s._ends IS NOT NULL)"
        values = [
            f"CASE WHEN {closes} THEN {at} ELSE t._to END AS _to" if name == _q("_to")
            else f"t.{name}"
            for name in names
        ]  # fmt: skip
        return (
            f"SELECT {', '.join(values)} FROM {old} t LEFT JOIN ({union}) s"
            f" ON {self._same_key()} WHERE NOT ({closes} AND t._from = {at})"
        )

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    def _staged(self) -> SQL:
        """The view of the stage, with the columns Enishi makes; written out when it is asked."""
        if self._stage is None:
            self._stage = self._carried()
        return self._view(self._stage)

    def _carried(self) -> Snapshot:
        snapshots, dataset = self._engine.snapshots, self._dataset
        folder = self._stack.enter_context(snapshots.scratch())
        given = dict(self._in.made) | {"_load": literal(self._in.load_id)}
        if dataset.versioned:
            at = f"TIMESTAMP {literal(str(self._in.valid_from))}"
            given |= {"_from": at, "_to": "NULL::TIMESTAMP"}
        values = [
            f"{given.get(name, f's.{quoted(name)}')} AS {quoted(name)}" for name, _ in self._columns
        ]
        target = literal(str(snapshots.path(folder) / "batch.parquet"))
        rows = self._bench.execute(
            f"COPY (SELECT s._file, s._line, {', '.join(values)} FROM {self._in.stage} s)"
            f" TO {target} (FORMAT parquet, COMPRESSION zstd)"
        )
        columns: Columns = (("_file", "STRING"), ("_line", "BIGINT"), *self._columns)
        found = Snapshot(columns, (folder,), rows)
        self._stack.callback(self._engine.forget, found)
        return found

    def _view(self, snapshot: Snapshot) -> SQL:
        return _q(self._engine.view(snapshot))

    def _present(self) -> SQL:
        view = self._view(self._old)
        return f"(SELECT * FROM {view} WHERE _to IS NULL)" if self._dataset.versioned else view

    def _same_key(self) -> SQL:
        return " AND ".join(f"s.{_q(name)} = t.{_q(name)}" for name in self._dataset.key)

    def _other_content(self) -> SQL:
        tests = [
            f"NOT (s.{_q(name)} <=> t.{_q(name)})"
            for name in self._dataset.fields
            if name not in self._dataset.key
        ]
        return f"({' OR '.join(tests) or 'false'})"

    def _places(self, sql: SQL) -> list[Place]:
        found = self._ask.table(sql)
        return list(
            zip(found.column("_file").to_pylist(), found.column("_line").to_pylist(), strict=True)
        )

    def _count(self, part: str) -> int:
        """The rows of what has been written, by the files' own account."""
        folder = self._engine.snapshots.path(f"{self._folder}/{part}")
        return sum(pq.read_metadata(file).num_rows for file in folder.glob("*.parquet"))


def _q(name: str) -> SQL:
    return "`" + name.replace("`", "``") + "`"
