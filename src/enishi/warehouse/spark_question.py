"""One running question over Spark: answers come back as Arrow."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from enishi.kernel.errors import Unavailable
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.warehouse.duckdb_engine import CancelledError
from enishi.warehouse.spark_columns import readable, spark_columns
from enishi.warehouse.spark_names import Table, spoken
from enishi.warehouse.spark_snapshots import Snapshot
from enishi.warehouse.spelling import SQL

if TYPE_CHECKING:
    from enishi.warehouse.spark import SparkEngine

_CONDITION = re.compile(r"^\[([A-Z0-9_.]+)\]")


class SparkQuestion:
    """A question (see `engine.Question`); it reads the tables as they were when it first asked.

    Each statement is a job group of its own, by which `cancel` reaches it from any thread.
    """

    def __init__(self, engine: SparkEngine, stack: ExitStack) -> None:
        self._engine, self._stack = engine, stack
        self._registered: dict[str, str] = {}
        self._tables: dict[Table, Snapshot] | None = None
        self._reading = stack.enter_context(ExitStack())
        self._jobs: str | None = None  # the group of the statement under way
        self._lock = threading.Lock()
        self.cancelled = False

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            if self._jobs is not None:
                self._engine.cancel_jobs(self._jobs)

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable as `name` by this question alone."""
        folder = self._stack.enter_context(self._engine.snapshots.scratch())
        given = readable(table)
        pq.write_table(given, self._engine.snapshots.path(folder) / "rows.parquet")
        self.know(name, Snapshot(spark_columns(given.schema), (folder,), given.num_rows))

    def know(self, name: str, rows: Snapshot) -> None:
        """Make rows that lie in a folder readable as `name` by this question alone."""
        self._registered[name] = self._engine.view(rows)
        self._stack.callback(self._engine.forget, rows)

    def spoken(self, sql: SQL, parameters: Sequence[object] = ()) -> SQL:
        """The statement as Spark is to read it."""
        schemas = self._engine.schemas
        return spoken(sql, parameters, (schemas.data, schemas.book), self._view, self._registered)

    def _view(self, table: Table) -> str:
        if self._tables is None:
            self._tables = self._reading.enter_context(self._engine.snapshots.reading())
        found = self._tables.get(table)
        if found is None:
            raise LookupError(f"the warehouse has no table {'.'.join(table)}")
        return self._engine.view(found)

    def look_again(self) -> None:
        """Read the tables as they are from now on, not as they were when it first asked."""
        self._tables = None
        self._reading.close()

    def table(self, sql: SQL, parameters: Sequence[object] = ()) -> pa.Table:
        """The whole answer as Arrow."""
        with self.told():
            found: pa.Table = self._engine.session().sql(self.spoken(sql, parameters)).toArrow()
            return found

    def write(self, sql: SQL, folder: str, by: str | None = None) -> None:
        """Write the rows of a statement into a folder of the warehouse; `by` divides them
        further."""
        with self.told():
            writer = self._engine.session().sql(self.spoken(sql)).write.mode("append")
            if by is not None:
                writer = writer.partitionBy(by)
            writer.parquet(str(self._engine.snapshots.path(folder)))

    def rows(self, sql: SQL, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The whole answer as Python values."""
        columns = [column.to_pylist() for column in self.table(sql, parameters).columns]
        return list(zip(*columns, strict=True))

    def records(self, sql: SQL, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The whole answer as one dict a row."""
        table = self.table(sql, parameters)
        columns = [column.to_pylist() for column in table.columns]
        names = table.column_names
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    def one(self, sql: SQL, parameters: Sequence[object] = ()) -> Any:
        """The first column of the first row, None when there is no row."""
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def told(self) -> Iterator[None]:
        """Runs what is inside as this question's job; what Spark raises is told as ours."""
        from py4j.protocol import Py4JError, Py4JNetworkError
        from pyspark.errors import PySparkException

        with self._lock:
            if self.cancelled:
                raise _cancelled()
            self._jobs = new_id("jobs")
        self._engine.begin_jobs(self._jobs)
        try:
            yield
        except (PySparkException, Py4JError) as error:
            if self.cancelled:
                raise _cancelled() from error
            if isinstance(error, Py4JNetworkError) or not self._engine.alive():
                raise _gone() from error
            raise _failed(error) from error
        finally:
            self._jobs = None
            self._engine.end_jobs()


def _cancelled() -> CancelledError:
    return CancelledError(
        Text("問い合わせは中止されました。", "The question was cancelled."),
        Text("もう一度お試しください。", "Ask again if you still need it."),
    )


def _gone() -> Unavailable:
    return Unavailable(
        Text("Spark との接続が切れました。", "The connection to Spark was lost."),
        Text("マスターが動いているか確かめて、もう一度お試しください。",
             "Check that the master runs, then try again."),
        code="engine_unreachable",
    )  # fmt: skip


def _failed(error: Exception) -> Unavailable:
    """Spark's own text may quote rows: only its error class is told on."""
    condition = _CONDITION.match(str(error))
    return Unavailable(
        Text("Spark が問い合わせに答えられませんでした。", "Spark could not answer the question."),
        Text("ワーカーの空きメモリとディスクを確かめて、もう一度お試しください。",
             "Check the free memory and disk of the workers, then try again."),
        code="engine_failed",
        detail={"reason": condition[1] if condition else type(error).__name__},
    )  # fmt: skip
