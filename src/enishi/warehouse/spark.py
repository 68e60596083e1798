"""Spark as the engine of a warehouse: Parquet snapshots under a folder that all of it can read.

    spark://host:7077/path/to/folder

The path is the same on this machine, on the master and on the workers. Nothing there is changed in
place (see `spark_snapshots`); loading is `spark_arrival`, asking `spark_question`, the application
itself `spark_session`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from enishi.catalog.types import Dataset
from enishi.warehouse import spark_session
from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer
from enishi.warehouse.engine import PARTS, EngineUrl, Held, Incoming, OnStart
from enishi.warehouse.spark_arrival import SparkArrival
from enishi.warehouse.spark_columns import arrow_schema, dataset_columns, declared
from enishi.warehouse.spark_question import SparkQuestion
from enishi.warehouse.spark_shelf import SparkShelf
from enishi.warehouse.spark_snapshots import SETS, Snapshot, Snapshots
from enishi.warehouse.spelling import SQL, Schemas, SparkSpelling

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_BATCH = 1_000_000


class SparkEngine:
    """A warehouse in Spark (see `engine.Engine`). Close it, or use it as a context manager.

    Opening it starts the process's Spark application. Raises as `spark_session.attach`, Conflict
    `warehouse_of_another`, Unavailable `warehouse_unreadable`.
    """

    dialect = "spark"

    def __init__(self, url: EngineUrl, books: DuckDBEngine) -> None:
        self.url = url.place
        self.schemas = Schemas()
        self.spelling = SparkSpelling(self.schemas)
        self._books = books
        self._closed = False
        self._views: dict[str, object] = {}
        self._views_lock = threading.Lock()
        spark_session.attach(spark_session.application(url))
        try:
            names = (self.schemas.data, self.schemas.book)
            self.snapshots = Snapshots(Path(url.path), books, names)
        except BaseException:
            spark_session.detach()
            raise

    def __enter__(self) -> SparkEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def books(self) -> DuckDBEngine:
        return self._books

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            spark_session.detach()
            self._books.close()

    @contextmanager
    def read(self, on_start: OnStart | None = None) -> Iterator[SparkQuestion]:
        with ExitStack() as stack:
            question = SparkQuestion(self, stack)
            if on_start is not None:
                on_start(question)
            yield question

    # ── tables of datasets ───────────────────────────────────────────────────────────────────

    def prepare(self) -> None:
        """Nothing can be arriving now: what a crash has left goes."""
        self.snapshots.forget_unfinished()
        self.snapshots.sweep(all_arriving=True)

    def exists(self, writer: Writer, dataset: Dataset) -> bool:
        found = self.snapshots.of(writer, self.schemas.data, dataset.name)
        return found is not None and self.snapshots.there(found)

    def has_rows(self, writer: Writer, dataset: Dataset) -> bool:
        found = self.snapshots.of(writer, self.schemas.data, dataset.name)
        return found is not None and found.rows > 0

    def create(
        self,
        writer: Writer,
        dataset: Dataset,
        together: Sequence[str] = (),  # noqa: ARG002  each load sorts its own rows
    ) -> None:
        empty = Snapshot(dataset_columns(dataset))
        self.snapshots.publish(writer, self.schemas.data, dataset.name, empty)

    def grow(self, writer: Writer, dataset: Dataset) -> bool:
        """Files without a column read as NULL there: only the account of the columns grows."""
        found = self.snapshots.of(writer, self.schemas.data, dataset.name)
        assert found is not None
        there = {name for name, _ in found.columns}
        missing = tuple((n, type_) for n, type_ in dataset_columns(dataset) if n not in there)
        if missing:
            grown = Snapshot(found.columns + missing, found.folders, found.rows)
            self.snapshots.publish(writer, self.schemas.data, dataset.name, grown)
        return bool(missing)

    @contextmanager
    def arrival(self, bench: Writer, incoming: Incoming) -> Iterator[SparkArrival]:
        self.snapshots.sweep()
        with ExitStack() as stack:
            found = SparkArrival(self, SparkQuestion(self, stack), bench, incoming, stack)
            try:
                yield found
            finally:
                found.clear()

    # ── sets of subjects ─────────────────────────────────────────────────────────────────────

    def replace_part(
        self, table: str, part: str, query: SQL, given: Mapping[str, pa.Table] | None = None
    ) -> None:
        self.snapshots.sweep()
        with self.read() as question:
            for name, rows in (given or {}).items():
                question.register(name, rows)
            folder = self.written_part(question, table, query)
        with self._books.write() as writer:
            self.hold(writer, table, part, folder)

    def written_part(self, question: SparkQuestion, table: str, query: SQL) -> str:
        """Write the rows of a query as a part of a set; returns their folder, not yet seen."""
        folder = self.snapshots.new(self.schemas.book, table)
        cast = ", ".join(f"CAST(`{name}` AS {type_}) AS `{name}`" for name, type_ in SETS[table])
        question.write(f"SELECT {cast} FROM ({query}) q", folder)
        return folder

    @contextmanager
    def shelf(self) -> Iterator[SparkShelf]:
        """For a pass over segments (see `set_cycle.Shelf`)."""
        self.snapshots.sweep()
        with ExitStack() as stack:
            found = SparkShelf(self, SparkQuestion(self, stack), stack)
            try:
                yield found
            finally:
                found.clear()

    def hold(self, writer: Writer, table: str, part: str, folder: str) -> None:
        """Let a folder be all that a part of a set holds, from the writer's commit on."""
        rows = sum(pq.read_metadata(f).num_rows for f in self._files(folder))
        if rows:
            found = Snapshot(SETS[table], (folder,), rows)
            self.snapshots.publish(writer, self.schemas.book, table, found, part)
        else:
            self.snapshots.withdraw(writer, self.schemas.book, table, part)

    # ── moving house ─────────────────────────────────────────────────────────────────────────

    def held(self) -> list[Held]:
        with self.snapshots.reading() as tables:
            return [
                Held(schema, table, found.rows, sum(
                    file.stat().st_size for folder in found.folders for file in self._files(folder)
                ))
                for (schema, table), found in sorted(tables.items())
            ]  # fmt: skip

    def batches(self, schema: str, table: str) -> Iterator[pa.RecordBatch]:
        with self.snapshots.reading() as tables:
            found = tables[schema, table]
            files = [str(f) for folder in found.folders for f in self._files(folder)]
            if files:
                rows = ds.dataset(files, schema=arrow_schema(found.columns), format="parquet")
                yield from rows.to_batches(batch_size=_BATCH)

    def fill(self, schema: str, table: str, rows: Iterable[pa.RecordBatch]) -> int:
        self.snapshots.sweep()
        sets = schema == self.schemas.book
        with self._books.read() as question:
            columns = self.snapshots.present(question)[schema, table].columns
        found = _Filling(self.snapshots, schema, table, PARTS[table] if sets else None, columns)
        for batch in rows:
            found.add(pa.Table.from_batches([batch]))
        written = found.close()
        with self._books.write() as writer:
            self.snapshots.withdraw(writer, schema, table)
            if not sets:
                self.snapshots.publish(writer, schema, table, Snapshot(columns))
            for part, one in written.items():
                self.snapshots.publish(writer, schema, table, one, part)
        return sum(one.rows for one in written.values())

    def _files(self, folder: str) -> list[Path]:
        return sorted(self.snapshots.path(folder).glob("*.parquet"))

    # ── what the other modules ask of Spark ──────────────────────────────────────────────────

    def session(self) -> SparkSession:
        """The session; its views are known by name to every thread."""
        return spark_session.session()

    def alive(self) -> bool:
        return spark_session.alive()

    def view(self, snapshot: Snapshot) -> str:
        """The view of a snapshot's rows; made when it is first asked for."""
        session, name = self.session(), snapshot.name
        with self._views_lock:
            if self._views.get(name) is session:
                return name
            if snapshot.folders:
                paths = [str(self.snapshots.path(folder)) for folder in snapshot.folders]
                frame = session.read.schema(declared(snapshot.columns)).parquet(*paths)
            else:
                nothing = ", ".join(f"CAST(NULL AS {t}) AS `{n}`" for n, t in snapshot.columns)
                frame = session.sql(f"SELECT {nothing} WHERE false")
            frame.createOrReplaceTempView(name)
            self._views[name] = session
        return name

    def forget(self, snapshot: Snapshot) -> None:
        """Let go of the view of a snapshot that nobody asks for any more."""
        with self._views_lock:
            session = self._views.pop(snapshot.name, None)
        if session is not None and session is self.session():
            self.session().catalog.dropTempView(snapshot.name)

    def begin_jobs(self, group: str) -> None:
        """What this thread asks of Spark from now on is the group's."""
        self.session().sparkContext.setJobGroup(group, "", interruptOnCancel=True)

    def end_jobs(self) -> None:
        context = self.session().sparkContext
        context.setLocalProperty("spark.jobGroup.id", None)  # type: ignore[arg-type]  # as in Java

    def cancel_jobs(self, group: str) -> None:
        """End the group's jobs, and those it would still begin."""
        self.session().sparkContext._jsc.sc().cancelJobGroupAndFutureJobs(group)


class _Filling:
    """Rows written as they come, for each part of a set its own folder."""

    def __init__(
        self,
        snapshots: Snapshots,
        schema: str,
        table: str,
        by: str | None,
        columns: tuple[tuple[str, SQL], ...],
    ) -> None:
        self._snapshots, self._schema, self._table = snapshots, schema, table
        self._by, self._columns = by, columns
        self._arrow = arrow_schema(columns)
        self._open: dict[str, tuple[str, pq.ParquetWriter]] = {}
        self._rows: dict[str, int] = {}

    def add(self, rows: pa.Table) -> None:
        rows = rows.select([name for name, _ in self._columns]).cast(self._arrow)
        if self._by is None:
            self._write("", rows)
            return
        for part in rows.column(self._by).unique().to_pylist():
            self._write(part, rows.filter(pa.compute.equal(rows.column(self._by), part)))

    def _write(self, part: str, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        if part not in self._open:
            folder = self._snapshots.new(self._schema, self._table)
            path = self._snapshots.path(folder)
            path.mkdir(parents=True, mode=0o700)
            writer = pq.ParquetWriter(path / "rows.parquet", self._arrow, compression="zstd")
            self._open[part] = (folder, writer)
        self._open[part][1].write_table(rows)
        self._rows[part] = self._rows.get(part, 0) + rows.num_rows

    def close(self) -> dict[str, Snapshot]:
        """The snapshot of each part."""
        for _, writer in self._open.values():
            writer.close()
        return {
            part: Snapshot(self._columns, (folder,), self._rows[part])
            for part, (folder, _) in self._open.items()
        }
