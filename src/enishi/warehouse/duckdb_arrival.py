"""A staged batch that comes into DuckDB within the transaction of the books (`engine.Arrival`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from enishi.warehouse.engine import Applied, Incoming, Place
from enishi.warehouse.history import apply, conflicts, superseded
from enishi.warehouse.spelling import SQL

if TYPE_CHECKING:
    from enishi.warehouse.duckdb_engine import Writer


class DuckDBArrival:
    """The commit of the books is what shows it."""

    def __init__(self, bench: Writer, incoming: Incoming) -> None:
        self._bench, self._incoming = bench, incoming

    def conflicts(self) -> list[Place]:
        return conflicts(self._bench, self._incoming.dataset, self._incoming.stage)

    def superseded(self, loads: Sequence[str] | None) -> list[Place]:
        return superseded(self._bench, self._incoming.dataset, self._incoming.stage, loads)

    def drop(self, places: Sequence[Place]) -> None:
        drop_places(self._bench, self._incoming.stage, places)

    def apply(self, *, removes: bool) -> Applied:
        incoming = self._incoming
        return apply(
            self._bench,
            incoming.dataset,
            incoming.stage,
            load_id=incoming.load_id,
            valid_from=incoming.valid_from,
            made=incoming.made,
            removes=removes,
            together=incoming.together,
        )

    def publish(self) -> None:
        """The commit of the books' transaction is what everybody sees."""


def drop_places(writer: Writer, stage: SQL, places: Sequence[Place]) -> None:
    """Take rows off a stage."""
    table = pa.table(
        {
            "_file": pa.array([file for file, _ in places], pa.string()),
            "_line": pa.array([line for _, line in places], pa.int64()),
        }
    )
    writer.register("_dropped", table)
    try:
        writer.execute(
            f"DELETE FROM {stage} s WHERE EXISTS"
            " (SELECT 1 FROM _dropped d WHERE d._file = s._file AND d._line = s._line)"
        )
    finally:
        writer.unregister("_dropped")
