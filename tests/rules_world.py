"""A world for tests of the rules: a catalog built by hand, rows, and the same rows in DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb

from enishi.catalog.sets import LIST_ROWS, SEGMENT_ROWS
from enishi.catalog.types import (
    Catalog,
    Dataset,
    DatasetKind,
    EventNaming,
    Field,
    FieldType,
    Hop,
    Relation,
    TimeField,
    TimeKind,
)
from enishi.kernel.text import Text, fold

Row = dict[str, object]

_SQL = {
    FieldType.STRING: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.FLOAT: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMP",
    FieldType.STRINGS: "VARCHAR[]",
}


def make_field(name: str, type_: FieldType, **more: object) -> Field:
    return Field(name, type_, Text(name, name), **more)  # type: ignore[arg-type]  # test shorthand


def make_dataset(
    name: str,
    kind: DatasetKind,
    key: Sequence[str],
    fields: Sequence[Field],
    *,
    subject: str | None = None,
    time: tuple[str, TimeKind] | None = None,
    event: EventNaming | None = None,
) -> Dataset:
    return Dataset(
        name, Text(name, name), kind, tuple(key), {f.name: f for f in fields}, subject,
        None if time is None else TimeField(*time), event,
    )  # fmt: skip


def foreign_key(
    source: str, columns: Sequence[tuple[str, str]], target: str, name: str, inverse: str
) -> list[Relation]:
    """The two base relations of one foreign key."""
    there = Relation(name, source, target, False, Text(name, name), tuple(columns), inverse=inverse)
    back = Relation(
        inverse, target, source, True, Text(inverse, inverse),
        tuple((b, a) for a, b in columns), inverse=name,
    )  # fmt: skip
    return [there, back]


def path_relation(
    name: str, source: str, target: str, via: Sequence[tuple[str, object]], *, many: bool = True
) -> Relation:
    hops = tuple(Hop(step, where) for step, where in via)  # type: ignore[arg-type]  # rule JSON
    return Relation(name, source, target, many, Text(name, name), via=hops)


def make_catalog(
    datasets: Sequence[Dataset], relations: Sequence[Relation], **more: object
) -> Catalog:
    named: dict[str, dict[str, Relation]] = {}
    for relation in relations:
        named.setdefault(relation.source, {})[relation.name] = relation
    return Catalog({d.name: d for d in datasets}, named, **more)  # type: ignore[arg-type]


@dataclass
class World:
    catalog: Catalog
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def database(self) -> duckdb.DuckDBPyConnection:
        """The rows as the warehouse lays them out."""
        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        connection.execute("CREATE SCHEMA data")
        for dataset in self.catalog.datasets.values():
            _create(connection, dataset, self.rows.get(dataset.name, ()))
        connection.execute("CREATE SCHEMA enishi")
        for rows, table in SET_TABLES.items():
            _create_table(connection, table, self.rows.get(rows, ()))
        return connection


def sql_type(described: Field) -> str:
    if described.type is FieldType.DECIMAL:
        return f"DECIMAL(18, {described.scale})"
    return _SQL[described.type]


@dataclass(frozen=True)
class SetTable:
    """A table of the warehouse that holds who is in sets: `enishi.<name>`, its first column the
    set's slug (`set` in the facts)."""

    name: str
    slug: str
    columns: Mapping[str, str]


SET_TABLES: Mapping[str, SetTable] = {
    SEGMENT_ROWS: SetTable(
        "memberships", "segment",
        {"_id": "VARCHAR", "entered_at": "TIMESTAMP", "left_at": "TIMESTAMP"},
    ),
    LIST_ROWS: SetTable(
        "list_members", "list",
        {"_id": "VARCHAR", "status": "VARCHAR", "means": "VARCHAR", "_from": "TIMESTAMP",
         "_to": "TIMESTAMP"},
    ),
}  # fmt: skip
"""By the name of the facts the table that holds the same rows."""


def _create_table(
    connection: duckdb.DuckDBPyConnection, table: SetTable, rows: Sequence[Row]
) -> None:
    columns = {"set": "VARCHAR", **table.columns}
    listed = ", ".join(f'"{name}" {type_}' for name, type_ in table.columns.items())
    connection.execute(f"CREATE TABLE enishi.{table.name} ({table.slug} VARCHAR, {listed})")
    for row in rows:
        line = ", ".join(_literal(row.get(name), type_) for name, type_ in columns.items())
        connection.execute(f"INSERT INTO enishi.{table.name} VALUES ({line})")


def _create(connection: duckdb.DuckDBPyConnection, dataset: Dataset, rows: Sequence[Row]) -> None:
    columns: dict[str, str] = {}
    for described in dataset.fields.values():
        columns[described.name] = sql_type(described)
        if described.type in (FieldType.STRING, FieldType.STRINGS):
            columns[f"{described.name}__f"] = sql_type(described)
    if dataset.subject is not None:
        columns["_id"] = "VARCHAR"
    if dataset.versioned:
        columns |= {"_from": "TIMESTAMP", "_to": "TIMESTAMP"}
    listed = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    connection.execute(f'CREATE TABLE data."{dataset.name}" ({listed})')
    if rows:
        lines = ", ".join(
            "(" + ", ".join(_literal(_cell(row, name), columns[name]) for name in columns) + ")"
            for row in rows
        )
        connection.execute(f'INSERT INTO data."{dataset.name}" VALUES {lines}')


def _cell(row: Row, name: str) -> object:
    if name.endswith("__f"):
        raw = row.get(name[:-3])
        if isinstance(raw, str):
            return fold(raw) or None
        return None if raw is None else [fold(str(item)) for item in raw]  # type: ignore[attr-defined]
    return row.get(name)


def _literal(value: object, type_: str) -> str:
    if value is None or value == "":
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_literal(item, "VARCHAR") for item in value) + "]::VARCHAR[]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, (int, Decimal)):
        return format(Decimal(value), "f")
    return f"'{value!r}'::{type_}"
