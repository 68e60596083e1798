"""ClickHouse as the engine: a server or a cluster, or embedded in the process.

Every column allows NULL except keys, ids and bookkeeping; an Array cannot be NULL, so a Bool
column `<field>__n` beside it is true where a list is unset. Rows lie sorted as they are asked for:
subjects by id, events by month, whom they are about and time, the rest by whom they are about and
key.

Nothing is changed in place (see `clickhouse_arrival`): a reader has all of a load or nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from enishi.catalog.types import Dataset, DatasetKind, FieldType
from enishi.kernel.errors import Conflict, Invalid, Unavailable
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.warehouse.clickhouse_arrival import ClickHouseArrival
from enishi.warehouse.clickhouse_client import COMPANION, ClickHouseQuestion, Connections
from enishi.warehouse.clickhouse_shelf import ClickHouseShelf
from enishi.warehouse.engine import PARTS, EngineUrl, Held, Incoming, OnStart
from enishi.warehouse.spelling import SQL, ClickHouseSpelling, Schemas
from enishi.warehouse.tables import columns

if TYPE_CHECKING:
    from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer

ARRIVING = "arriving"
"""Begins the names of tables that a load or a refresh works in; none outlives it."""

_TIME = "DateTime64(6, 'UTC')"
_UNTIL = f"Nullable({_TIME})"
_TYPES = {
    "VARCHAR": "String",
    "BIGINT": "Int64",
    "DOUBLE": "Float64",
    "BOOLEAN": "Bool",
    "DATE": "Date32",
    "TIMESTAMP": _TIME,
}
_SETS = {
    "memberships": (
        f"segment String, _id String, entered_at {_TIME}, left_at {_UNTIL}",
        "(_id, entered_at)",
    ),
    "list_members": (
        f"list String, _id String, status String, means String, _from {_TIME}, _to {_UNTIL}",
        "(_id, _from)",
    ),
}
_BATCH = 1_000_000


class ClickHouseEngine:
    """One open ClickHouse (see `engine.Engine`)."""

    dialect = "clickhouse"

    def __init__(self, url: EngineUrl, books: DuckDBEngine) -> None:
        """Raises Unavailable `engine_unreachable`, `engine_refused`, Invalid `warehouse_url`,
        `engine_too_old`, Conflict `warehouse_of_another`."""
        self.url = url.place
        self.books = books
        self.schemas = _schemas(url)
        self.spelling = ClickHouseSpelling(self.schemas)
        self._connections = Connections(url)
        self._sets = threading.Lock()  # one change of the sets of subjects at a time
        try:
            self._claim()
        except BaseException:
            self._connections.close()
            raise

    def _claim(self) -> None:
        """Make the schemas ours by a mark there and in the books, or refuse another's.

        Without it a workspace that has lost its books, or a second one, would begin anew over rows
        that are there.
        """
        own, marked = self.schemas.book, self.spelling.book("owner")
        with self.books.write() as writer:
            writer.execute("CREATE SCHEMA IF NOT EXISTS clickhouse")
            writer.execute("CREATE TABLE IF NOT EXISTS clickhouse.owner (id VARCHAR)")
            mark = writer.one("SELECT id FROM clickhouse.owner") or new_id("wh")
            with self.read() as question:
                if question.one("SELECT toString(toDate32('9999-12-31'))") != "9999-12-31":
                    raise _too_old(self.url)
                for schema in (self.schemas.data, own):
                    question.execute(f"CREATE DATABASE IF NOT EXISTS {self.spelling.name(schema)}")
                question.execute(
                    f"CREATE TABLE IF NOT EXISTS {marked} (id String)"
                    " ENGINE = MergeTree ORDER BY id"
                )
                there = question.one(f"SELECT id FROM {marked} LIMIT 1")
                if there is None:
                    if any(one.rows for one in self.held()):
                        raise _of_another(self.url)
                    question.execute(f"INSERT INTO {marked} SELECT ?", [mark])
                elif there != mark:
                    raise _of_another(self.url)
            writer.execute("DELETE FROM clickhouse.owner")
            writer.execute("INSERT INTO clickhouse.owner VALUES (?)", [mark])

    def close(self) -> None:
        self._connections.close()
        self.books.close()

    @contextmanager
    def read(self, on_start: OnStart | None = None) -> Iterator[ClickHouseQuestion]:
        with self._connections.session() as client:
            question = ClickHouseQuestion(client, self._kill)
            if on_start is not None:
                on_start(question)
            try:
                yield question
            finally:
                question.forget()

    def _kill(self, mark: str) -> None:
        with self._connections.session() as client:
            # The mark in two pieces: this statement must not name itself.
            client.command(
                "KILL QUERY WHERE position(query, concat("
                f"{self.spelling.text(mark[:4])}, {self.spelling.text(mark[4:])})) > 0 ASYNC"
            )

    # ── tables of datasets ───────────────────────────────────────────────────────────────────────

    def prepare(self) -> None:
        name = self.spelling.name
        with self.read() as question:
            for table, (body, order) in _SETS.items():
                question.execute(
                    f"CREATE TABLE IF NOT EXISTS {self.spelling.book(table)} ({body})"
                    f" ENGINE = MergeTree PARTITION BY {name(PARTS[table])} ORDER BY {order}"
                )
            left = question.rows(
                "SELECT name FROM system.tables WHERE database = ? AND startsWith(name, ?)",
                [self.schemas.book, ARRIVING],
            )
            for (table,) in left:
                question.execute(f"DROP TABLE IF EXISTS {self.spelling.book(table)} SYNC")

    def exists(self, writer: Writer, dataset: Dataset) -> bool:  # noqa: ARG002  of the port
        with self.read() as question:
            return bool(question.one(f"EXISTS TABLE {self.spelling.data(dataset.name)}"))

    def has_rows(self, writer: Writer, dataset: Dataset) -> bool:  # noqa: ARG002  of the port
        with self.read() as question:
            return bool(question.one(f"SELECT 1 FROM {self.spelling.data(dataset.name)} LIMIT 1"))

    def create(
        self,
        writer: Writer,  # noqa: ARG002  of the port
        dataset: Dataset,
        together: Sequence[str] = (),
    ) -> None:
        table = self.spelling.data(dataset.name)
        with self.read() as question:
            question.execute(f"DROP TABLE IF EXISTS {table} SYNC")
            question.execute(self._create(table, dataset, together))

    def _create(self, table: SQL, dataset: Dataset, together: Sequence[str]) -> SQL:
        name = self.spelling.name
        body = ", ".join(f"{name(column)} {type_}" for column, type_ in typed(dataset).items())
        return (
            f"CREATE TABLE {table} ({body}) ENGINE = MergeTree"
            f" ORDER BY {self._order(dataset, together)} SETTINGS allow_nullable_key = 1"
        )

    def _order(self, dataset: Dataset, together: Sequence[str]) -> SQL:
        name = self.spelling.name
        parts: list[SQL] = []
        if dataset.kind is DatasetKind.EVENT and dataset.time is not None:
            parts.append(f"toYYYYMM({name(dataset.time.field)})")
        if dataset.subject is not None:
            parts.append("_id")
        parts += [name(column) for column in together]
        if dataset.kind is DatasetKind.EVENT and dataset.time is not None:
            parts.append(name(dataset.time.field))
        elif dataset.subject is None:
            parts += [name(column) for column in dataset.key if column not in together]
        return f"({', '.join(parts)})"

    def grow(self, writer: Writer, dataset: Dataset) -> bool:  # noqa: ARG002  of the port
        table = self.spelling.data(dataset.name)
        with self.read() as question:
            there = {row[0] for row in question.rows(f"DESCRIBE TABLE {table}")}
            missing = {c: type_ for c, type_ in typed(dataset).items() if c not in there}
            for column, type_ in missing.items():
                # A list that has never been loaded is unset.
                unset = " DEFAULT true" if column.endswith(COMPANION) else ""
                question.execute(
                    f"ALTER TABLE {table} ADD COLUMN {self.spelling.name(column)} {type_}{unset}"
                )
        return bool(missing)

    @contextmanager
    def arrival(self, bench: Writer, incoming: Incoming) -> Iterator[ClickHouseArrival]:
        with self.read() as question:
            made = self._create("{table}", incoming.dataset, incoming.together)
            arriving = ClickHouseArrival(question, bench, incoming, self.spelling, made)
            try:
                yield arriving
            finally:
                arriving.clear()

    # ── sets of subjects ─────────────────────────────────────────────────────────────────────────

    def replace_part(
        self, table: str, part: str, query: SQL, given: Mapping[str, pa.Table] | None = None
    ) -> None:
        with self.shelf() as shelf, self.books.write() as writer:
            for name, rows in (given or {}).items():
                shelf.question.register(name, rows)
            shelf.draft(table, part, query)
            shelf.show(writer, table, [part])

    @contextmanager
    def shelf(self) -> Iterator[ClickHouseShelf]:
        """A place for what a pass over sets of subjects sets aside; one pass at a time."""
        with self._sets, self.read() as question:
            shelf = ClickHouseShelf(question, self.spelling)
            try:
                yield shelf
            finally:
                shelf.clear()

    # ── moving house ─────────────────────────────────────────────────────────────────────────────

    def held(self) -> list[Held]:
        with self.read() as question:
            rows = question.rows(
                "SELECT database, name, total_rows, total_bytes FROM system.tables"
                " WHERE database = ? OR (database = ? AND name IN (?, ?)) ORDER BY 1, 2",
                [self.schemas.data, self.schemas.book, *PARTS],
            )
        return [Held(schema, table, rows_ or 0, bytes_) for schema, table, rows_, bytes_ in rows]

    def batches(self, schema: str, table: str) -> Iterator[pa.RecordBatch]:
        source = f"{self.spelling.name(schema)}.{self.spelling.name(table)}"
        with self.read() as question:
            yield from question.stream(f"SELECT * FROM {source}")

    def fill(self, schema: str, table: str, rows: Iterable[pa.RecordBatch]) -> int:
        whole = f"{self.spelling.name(schema)}.{self.spelling.name(table)}"
        aside = self.spelling.book(f"{ARRIVING}_{new_id('copy')}")
        count = 0
        with self.read() as question:
            question.execute(f"CREATE TABLE {aside} AS {whole}")
            try:
                for batch in rows:
                    question.insert(aside, with_companions(pa.table(batch)))
                    count += batch.num_rows
                question.execute(f"EXCHANGE TABLES {whole} AND {aside}")
            finally:
                question.execute(f"DROP TABLE IF EXISTS {aside} SYNC")
        return count


def typed(dataset: Dataset) -> dict[str, SQL]:
    """Every column of a dataset's table with its ClickHouse type, companions of lists included."""
    firm = {*dataset.key, "_id", "_load", "_from"}
    found: dict[str, SQL] = {}
    for name, type_ in columns(dataset).items():
        if type_.endswith("[]"):
            found[name] = "Array(String)"
            continue
        own = _TYPES.get(type_) or type_.replace("DECIMAL", "Decimal")
        found[name] = own if name in firm else f"Nullable({own})"
    for field in dataset.fields.values():
        if field.type is FieldType.STRINGS:
            found[f"{field.name}{COMPANION}"] = "Bool"
    return found


def with_companions(table: pa.Table) -> pa.Table:
    """Rows as ClickHouse holds them: unset lists are empty, and a companion says so."""
    for column_field in table.schema:
        if pa.types.is_list(column_field.type) or pa.types.is_large_list(column_field.type):
            column = table.column(column_field.name)
            if not column_field.name.endswith("__f"):
                table = table.append_column(f"{column_field.name}{COMPANION}", column.is_null())
            filled = pc.coalesce(column, pa.scalar([], column_field.type))
            place = table.schema.get_field_index(column_field.name)
            table = table.set_column(place, column_field.name, filled)
    return table


def _too_old(place: str) -> Unavailable:
    return Unavailable(
        Text(
            f"{place} の ClickHouse は古く、1900年から2299年までの日付しか保存できません。",
            f"The ClickHouse at {place} is too old: it keeps dates from 1900 to 2299 only.",
        ),
        Text("ClickHouse 26.9 以降をお使いください。", "Use ClickHouse 26.9 or newer."),
        code="engine_too_old",
    )


def _of_another(place: str) -> Conflict:
    return Conflict(
        Text(
            f"{place} には別のワークスペースのデータがあります。",
            f"{place} holds the data of another workspace.",
        ),
        Text(
            "URL に別の名前を書いてください（例: clickhouse://…/bank2）。"
            "元のワークスペースの var を失ったときは、そのデータベースを削除して読み込み直します。",
            "Write another name in the URL, such as clickhouse://…/bank2. If the var folder of its"
            " workspace is lost, drop those databases and load again.",
        ),
        code="warehouse_of_another",
    )


def _schemas(url: EngineUrl) -> Schemas:
    """`…/bank` → `bank_data` and `bank_enishi`; no path, and embedded → `data` and `enishi`."""
    if url.scheme == "chdb" or not url.path.strip("/"):
        return Schemas()
    name = url.path.strip("/")
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise Invalid(
            Text(
                f"ClickHouse の名前「{name}」は使えません。",
                f"{name!r} cannot name the data in ClickHouse.",
            ),
            Text(
                "英数字と _ で書いてください（例: clickhouse://…/bank）。",
                "Use letters, digits and _, such as clickhouse://…/bank.",
            ),
            code="warehouse_url",
        )
    return Schemas(f"{name}_data", f"{name}_enishi")
