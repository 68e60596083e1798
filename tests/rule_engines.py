"""The engines whose rules are tested, each filled with the rows of a world and asked in its SQL.

Rows cross as Arrow, so that no text written for an engine puts them there: a literal that an engine
reads otherwise cannot hide by standing on both sides.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from enishi.catalog.types import Dataset, Field, FieldType
from enishi.kernel.text import fold
from enishi.rules import Schemas
from rules_world import SET_TABLES, Row, World

SCHEMAS = Schemas("rules_data", "rules_book")
"""Not the names that are there by default: statements must use those they are given."""

_ARROW = {
    FieldType.STRING: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.FLOAT: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.DATE: pa.date32(),
    FieldType.TIMESTAMP: pa.timestamp("us"),
    FieldType.STRINGS: pa.list_(pa.string()),
}
_SETS = {"VARCHAR": pa.string(), "TIMESTAMP": pa.timestamp("us")}


@dataclass(frozen=True, slots=True)
class Filled:
    """One table with its rows. `firm`: the columns that are never NULL."""

    schema: str
    name: str
    rows: pa.Table
    firm: frozenset[str]


class RuleEngine(Protocol):
    """An engine that holds one world at a time."""

    dialect: str

    def load(self, world: World) -> None:
        """Take the rows of a world in place of those before."""
        ...

    def ids(self, statements: Sequence[str]) -> list[list[str]]:
        """What each statement selects, sorted."""
        ...

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of one statement."""
        ...


# ── the rows of a world as Arrow ─────────────────────────────────────────────────────────────────


def tables(world: World) -> Iterator[Filled]:
    """The tables of a world as every engine lays them out."""
    for dataset in world.catalog.datasets.values():
        columns = _columns(dataset)
        firm = {*dataset.key, "_id", "_from"} & set(columns)
        rows = world.rows.get(dataset.name, ())
        yield Filled(SCHEMAS.data, dataset.name, _table(rows, columns), frozenset(firm))
    for facts, table in SET_TABLES.items():
        columns = {"set": pa.string()} | {n: _SETS[t] for n, t in table.columns.items()}
        found = _table(world.rows.get(facts, ()), columns)
        named = found.rename_columns([table.slug, *table.columns])
        yield Filled(SCHEMAS.book, table.name, named, frozenset({table.slug, "_id"}))


def _columns(dataset: Dataset) -> dict[str, pa.DataType]:
    found: dict[str, pa.DataType] = {}
    for field in dataset.fields.values():
        found[field.name] = _type(field)
        if field.type in (FieldType.STRING, FieldType.STRINGS):
            found[f"{field.name}__f"] = _type(field)
    if dataset.subject is not None:
        found["_id"] = pa.string()
    if dataset.versioned:
        found |= {"_from": pa.timestamp("us"), "_to": pa.timestamp("us")}
    return found


def _type(field: Field) -> pa.DataType:
    return pa.decimal128(18, field.scale) if field.type is FieldType.DECIMAL else _ARROW[field.type]


def _table(rows: Sequence[Row], columns: dict[str, pa.DataType]) -> pa.Table:
    return pa.table(
        {
            name: pa.array([_cell(row, name, type_) for row in rows], type_)
            for name, type_ in columns.items()
        }
    )


def _cell(row: Row, name: str, type_: pa.DataType) -> object:
    value = row.get(name.removesuffix("__f"))
    if value is None or value == "":
        return None
    if name.endswith("__f"):
        return fold(value) or None if isinstance(value, str) else [fold(str(v)) for v in value]  # type: ignore[attr-defined]  # a list
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    if pa.types.is_list(type_):
        return list(value)  # type: ignore[call-overload]  # a list or tuple
    return value


# ── DuckDB ───────────────────────────────────────────────────────────────────────────────────────


class DuckDBRules:
    dialect = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 1")
        for schema in (SCHEMAS.data, SCHEMAS.book):
            self.connection.execute(f"CREATE SCHEMA {schema}")

    def load(self, world: World) -> None:
        for filled in tables(world):
            self.connection.register("arriving", filled.rows)
            self.connection.execute(
                f'CREATE OR REPLACE TABLE {filled.schema}."{filled.name}" AS FROM arriving'
            )

    def ids(self, statements: Sequence[str]) -> list[list[str]]:
        return [sorted(i for (i,) in self.rows(statement)) for statement in statements]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(statement).fetchall()


# ── ClickHouse, embedded ─────────────────────────────────────────────────────────────────────────


def _clickhouse_type(type_: pa.DataType) -> str:
    if pa.types.is_decimal(type_):
        return f"Decimal({type_.precision}, {type_.scale})"
    return {
        pa.string(): "String",
        pa.int64(): "Int64",
        pa.float64(): "Float64",
        pa.bool_(): "Bool",
        pa.date32(): "Date32",
        pa.timestamp("us"): "DateTime64(6, 'UTC')",
        pa.list_(pa.string()): "Array(String)",
    }[type_]


class ClickHouseRules:
    """The settings are those of a bare server: what statements need they bring."""

    dialect = "clickhouse"

    def __init__(self, client: Any) -> None:
        self.client = client
        for schema in (SCHEMAS.data, SCHEMAS.book):
            self.client.command(f"DROP DATABASE IF EXISTS {schema}")
            self.client.command(f"CREATE DATABASE {schema}")

    def load(self, world: World) -> None:
        for filled in tables(world):
            place = f'{filled.schema}."{filled.name}"'
            rows, declared = self._laid_out(filled)
            self.client.command(f"DROP TABLE IF EXISTS {place}")
            self.client.command(f"CREATE TABLE {place} ({declared}) ENGINE = Memory")
            if rows.num_rows:
                self.client.insert_arrow(place, rows)

    def _laid_out(self, filled: Filled) -> tuple[pa.Table, str]:
        """An unset list is an empty array with a companion that says so."""
        columns: dict[str, pa.ChunkedArray] = {}
        declared = []
        for field, column in zip(filled.rows.schema, filled.rows.columns, strict=True):
            own = _clickhouse_type(field.type)
            listed = pa.types.is_list(field.type)
            firm = listed or field.name in filled.firm
            declared.append(f'"{field.name}" {own if firm else f"Nullable({own})"}')
            columns[field.name] = column
            if listed:
                items = [value or [] for value in column.to_pylist()]
                columns[field.name] = pa.chunked_array([pa.array(items, field.type)])
                if not field.name.endswith("__f"):
                    columns[f"{field.name}__n"] = column.is_null()
                    declared.append(f'"{field.name}__n" Bool')
        return pa.table(columns), ", ".join(declared)

    def ids(self, statements: Sequence[str]) -> list[list[str]]:
        return [sorted(i for (i,) in self.rows(statement)) for statement in statements]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(statement).result_rows]


@contextmanager
def clickhouse(folder: Path) -> Iterator[ClickHouseRules]:
    """ClickHouse embedded in this process; no other may be open in it."""
    import clickhouse_connect

    client = clickhouse_connect.get_client(interface="chdb", path=str(folder))
    try:
        yield ClickHouseRules(client)
    finally:
        client.close()


# ── Spark ────────────────────────────────────────────────────────────────────────────────────────

_SPARK_TYPES = {
    pa.string(): "STRING",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP_NTZ",
    pa.list_(pa.string()): "ARRAY<STRING>",
}


class SparkRules:
    """Rows lie in Parquet files; statements are asked many at once, since each has a price."""

    dialect = "spark"
    together = 8

    def __init__(self, session: Any, folder: Path) -> None:
        self.session = session
        self.folder = folder
        self.loads = itertools.count()
        for schema in (SCHEMAS.data, SCHEMAS.book):
            self.session.sql(f"CREATE DATABASE IF NOT EXISTS {schema}")

    def load(self, world: World) -> None:
        here = self.folder / str(next(self.loads))
        for filled in tables(world):
            place = here / filled.schema / filled.name
            place.mkdir(parents=True)
            pq.write_table(filled.rows, place / "rows.parquet")
            declared = ", ".join(
                f"`{field.name}` {self._type(field.type)}" for field in filled.rows.schema
            )
            name = f"{filled.schema}.`{filled.name}`"
            self.session.sql(f"DROP TABLE IF EXISTS {name}")
            self.session.sql(f"CREATE TABLE {name} ({declared}) USING parquet LOCATION '{place}'")

    def _type(self, type_: pa.DataType) -> str:
        if pa.types.is_decimal(type_):
            return f"DECIMAL({type_.precision}, {type_.scale})"
        return _SPARK_TYPES[type_]

    def ids(self, statements: Sequence[str]) -> list[list[str]]:
        found: list[list[str]] = [[] for _ in statements]
        for start in range(0, len(statements), self.together):
            some = statements[start : start + self.together]
            asked = " UNION ALL ".join(
                f"SELECT {start + i} AS asked, _id FROM ({sql})" for i, sql in enumerate(some)
            )
            for asked_, id_ in self.rows(asked):
                found[asked_].append(id_)
        return [sorted(ids) for ids in found]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(statement).collect()]


@contextmanager
def spark(folder: Path) -> Iterator[SparkRules]:
    """Spark in this process with the settings of the product; one that runs already is shared."""
    from enishi.kernel.errors import Conflict
    from enishi.warehouse import spark_session

    quick = (
        ("spark.sql.shuffle.partitions", "1"),
        ("spark.sql.adaptive.enabled", "false"),
        ("spark.sql.codegen.wholeStage", "false"),
        ("spark.sql.codegen.factoryMode", "NO_CODEGEN"),
        ("spark.sql.autoBroadcastJoinThreshold", "-1"),
    )
    wanted = spark_session.Application("local", 2, quick)
    attached = True
    try:
        spark_session.attach(wanted)
    except Conflict:
        attached = False
    try:
        yield SparkRules(spark_session.session(), folder)
    finally:
        if attached:
            spark_session.detach()
