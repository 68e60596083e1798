"""Relations that a pass over segments sets aside in Spark, and the parts of sets it drafts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.spark_columns import spark_columns
from enishi.warehouse.spark_question import SparkQuestion
from enishi.warehouse.spark_snapshots import Snapshot
from enishi.warehouse.spelling import SQL

if TYPE_CHECKING:
    from enishi.warehouse.spark import SparkEngine


class SparkShelf:
    """See `set_cycle.Shelf`."""

    def __init__(self, engine: SparkEngine, question: SparkQuestion, stack: ExitStack) -> None:
        self._engine, self.question, self._stack = engine, question, stack
        self.spelling = engine.spelling
        self._drafts: dict[tuple[str, str], str] = {}

    def keep(self, name: str, query: SQL) -> None:
        snapshots = self._engine.snapshots
        folder = f"{self._stack.enter_context(snapshots.scratch())}/rows"
        self.question.write(query, folder)
        files = sorted(snapshots.path(folder).glob("*.parquet"))
        columns = spark_columns(pq.read_schema(files[0]))
        self.question.know(name, Snapshot(columns, (folder,), len(files)))

    def draft(self, table: str, part: str, query: SQL) -> None:
        self._drop(table, part)
        self._drafts[table, part] = self._engine.written_part(self.question, table, query)

    def show(self, writer: Writer, table: str, parts: Sequence[str]) -> None:
        for part in parts:
            self._engine.hold(writer, table, part, self._drafts.pop((table, part)))

    def look_again(self) -> None:
        self.question.look_again()

    def clear(self) -> None:
        """Remove what was drafted and never shown."""
        for table, part in list(self._drafts):
            self._drop(table, part)

    def _drop(self, table: str, part: str) -> None:
        folder = self._drafts.pop((table, part), None)
        if folder is not None:
            self._engine.snapshots.remove(folder)
