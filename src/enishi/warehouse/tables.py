"""The tables of the warehouse: one per dataset (schema `data`), and the books kept about them
(schema `enishi`). Made from the catalog, and grown with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from enishi.catalog.types import Catalog, Dataset, Field, FieldType
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.warehouse.spelling import SQL, quoted

if TYPE_CHECKING:
    from enishi.warehouse.duckdb_engine import Writer
    from enishi.warehouse.engine import Engine

_TYPES = {
    FieldType.STRING: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.FLOAT: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMP",
    FieldType.STRINGS: "VARCHAR[]",
}

_BOOKS = """
CREATE SCHEMA IF NOT EXISTS data;
CREATE SCHEMA IF NOT EXISTS enishi;
CREATE TABLE IF NOT EXISTS enishi.datasets (
    dataset VARCHAR PRIMARY KEY, shape JSON NOT NULL, rows BIGINT NOT NULL DEFAULT 0,
    loaded_at TIMESTAMP, load_id VARCHAR);
CREATE TABLE IF NOT EXISTS enishi.loads (
    id VARCHAR PRIMARY KEY, dataset VARCHAR NOT NULL, files JSON, state VARCHAR NOT NULL,
    started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP,
    read BIGINT DEFAULT 0, loaded BIGINT DEFAULT 0, dead BIGINT DEFAULT 0, added BIGINT DEFAULT 0,
    changed BIGINT DEFAULT 0, unchanged BIGINT DEFAULT 0, removed BIGINT DEFAULT 0,
    bytes BIGINT DEFAULT 0, message JSON);
ALTER TABLE enishi.loads ADD COLUMN IF NOT EXISTS erased BIGINT DEFAULT 0;
CREATE TABLE IF NOT EXISTS enishi.dead_letters (
    load_id VARCHAR NOT NULL, dataset VARCHAR NOT NULL, file VARCHAR NOT NULL,
    line BIGINT NOT NULL, field VARCHAR, code VARCHAR NOT NULL, reason_args JSON,
    raw VARCHAR, "at" TIMESTAMP NOT NULL, replayed_by VARCHAR);
ALTER TABLE enishi.dead_letters ADD COLUMN IF NOT EXISTS replayed_by VARCHAR;
CREATE TABLE IF NOT EXISTS enishi.identity_links (
    kind VARCHAR NOT NULL, dataset VARCHAR NOT NULL, source_key VARCHAR NOT NULL,
    enishi_id VARCHAR NOT NULL, linked_at TIMESTAMP NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.list_members (
    list VARCHAR NOT NULL, _id VARCHAR NOT NULL, status VARCHAR NOT NULL, means VARCHAR NOT NULL,
    _from TIMESTAMP NOT NULL, _to TIMESTAMP);
CREATE TABLE IF NOT EXISTS enishi.memberships (
    segment VARCHAR NOT NULL, _id VARCHAR NOT NULL, entered_at TIMESTAMP NOT NULL,
    left_at TIMESTAMP);
CREATE TABLE IF NOT EXISTS enishi.refreshes (
    id VARCHAR NOT NULL, segment VARCHAR NOT NULL, version INTEGER NOT NULL,
    whole BOOLEAN NOT NULL, as_of TIMESTAMP NOT NULL, size BIGINT NOT NULL,
    entered BIGINT NOT NULL, left_ BIGINT NOT NULL, touched BIGINT, moved BIGINT NOT NULL,
    missed BIGINT NOT NULL, seen VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.membership_differences (
    refresh VARCHAR NOT NULL, segment VARCHAR NOT NULL, _id VARCHAR NOT NULL,
    cause VARCHAR NOT NULL, was_in BOOLEAN NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.tombstones (hash VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.stream_offsets (
    shard VARCHAR NOT NULL, number INTEGER NOT NULL, "offset" BIGINT NOT NULL,
    read BIGINT NOT NULL, duplicates BIGINT NOT NULL, erased BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.stream_aliases (
    anonymous_id VARCHAR NOT NULL, person VARCHAR NOT NULL, since TIMESTAMP NOT NULL,
    "by" VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.stream_unclaimed (
    who BIGINT NOT NULL, kind VARCHAR NOT NULL, id VARCHAR NOT NULL, received_at TIMESTAMP NOT NULL,
    origin VARCHAR NOT NULL, call VARCHAR NOT NULL, raw VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.stream_names (name VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.changes_followed (
    dataset VARCHAR NOT NULL, load_id VARCHAR NOT NULL);
"""


def table_of(dataset: str) -> SQL:
    """The table of a dataset, for SQL."""
    return f"data.{quoted(dataset)}"


def column_type(field: Field) -> SQL:
    """The DuckDB type of a field's column."""
    if field.type is FieldType.DECIMAL:
        return f"DECIMAL({38 if field.scale > 8 else 18},{field.scale})"
    return _TYPES[field.type]


def shadow(field: Field) -> str:
    """The name of the folded shadow column of a STRING or STRINGS field."""
    return f"{field.name}__f"


def shadow_type(field: Field) -> SQL | None:
    """The type of a field's shadow column; None when it has none."""
    return {FieldType.STRING: "VARCHAR", FieldType.STRINGS: "VARCHAR[]"}.get(field.type)


def columns(dataset: Dataset) -> dict[str, SQL]:
    """Every column of a dataset's table with its type, bookkeeping columns last."""
    found: dict[str, SQL] = {}
    for field in dataset.fields.values():
        found[field.name] = column_type(field)
        folded = shadow_type(field)
        if folded is not None:
            found[shadow(field)] = folded
    if dataset.subject is not None:
        found["_id"] = "VARCHAR"
    if dataset.versioned:
        found["_from"] = "TIMESTAMP"
        found["_to"] = "TIMESTAMP"
    found["_load"] = "VARCHAR"
    return found


def prepare(engine: Engine, catalog: Catalog) -> None:
    """Make or grow every table so that it fits the catalog, and note what a crash interrupted.

    A new field becomes an empty column, filled by the next load. A dataset whose stored rows no
    longer mean what the catalog says stays as it is (see `stale`); questions over it are refused.
    Only the process that has just opened the warehouse may call this: nothing can be loading then.
    """
    with engine.books.write() as writer:
        for statement in _BOOKS.split(";"):
            if statement.strip():
                writer.execute(statement)
        writer.execute("UPDATE enishi.loads SET state = 'interrupted' WHERE state = 'loading'")
        engine.prepare()
        for dataset in catalog.datasets.values():
            fit(engine, writer, dataset, catalog)


def stale(engine: Engine, dataset: Dataset) -> list[str]:
    """The fields (or "key", "kind") whose stored rows need a rebuild to fit the catalog."""
    with engine.books.read() as question:
        known = question.one("SELECT shape FROM enishi.datasets WHERE dataset = ?", [dataset.name])
        if known is None:
            return []
        return _differences(json.loads(known), dataset)


def together(catalog: Catalog, dataset: Dataset) -> tuple[str, ...]:
    """The columns by which rows of a dataset belong together: those that lead to its subject, or
    else to what its first to-one relation leads to. None of a subject's own."""
    if dataset.subject is not None:
        return ()
    for kind, path in dataset.event.of.items() if dataset.event is not None else ():
        subject = catalog.subject_dataset(kind)
        steps = catalog.expand(subject.name, path) if subject is not None else None
        if steps:
            return tuple(there for _, there in steps[-1].columns)
    to_one = [r for r in catalog.relations.get(dataset.name, {}).values() if not r.many]
    to_one.sort(key=lambda one: catalog.datasets[one.target].subject is None)
    for relation in to_one:
        if relation.columns:
            return tuple(own for own, _ in relation.columns)
    return ()


def fit(engine: Engine, writer: Writer, dataset: Dataset, catalog: Catalog) -> list[str]:
    """Make the table, or give it the columns it lacks. Returns what only a rebuild can mend."""

    def rebuild() -> None:
        engine.create(writer, dataset, together(catalog, dataset))
        remember(writer, dataset)

    known = writer.one("SELECT shape FROM enishi.datasets WHERE dataset = ?", [dataset.name])
    if known is None:
        rebuild()
        return []
    if not engine.exists(writer, dataset):  # somebody has dropped it: what was loaded is gone
        rebuild()
        writer.execute(
            "UPDATE enishi.datasets SET loaded_at = NULL, load_id = NULL WHERE dataset = ?",
            [dataset.name],
        )
        return []
    differences = _differences(json.loads(known), dataset)
    if differences:
        if engine.has_rows(writer, dataset):
            return differences
        rebuild()
        return []
    if engine.grow(writer, dataset):
        remember(writer, dataset)
    return []


def _shape(dataset: Dataset) -> dict[str, object]:
    return {
        "kind": dataset.kind.value,
        "key": list(dataset.key),
        "subject": dataset.subject,
        "fields": {
            field.name: {
                "type": column_type(field),
                "derive": None if field.derive is None else json.loads(_canonical(field.derive)),
            }
            for field in dataset.fields.values()
        },
    }


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def remember(writer: Writer, dataset: Dataset) -> None:
    """Note what of the catalog the dataset's stored rows fit."""
    writer.execute(
        "INSERT INTO enishi.datasets (dataset, shape) VALUES (?, ?)"
        " ON CONFLICT (dataset) DO UPDATE SET shape = excluded.shape",
        [dataset.name, _canonical(_shape(dataset))],
    )


def _differences(known: dict[str, object], dataset: Dataset) -> list[str]:
    wanted = _shape(dataset)
    found = [name for name in ("kind", "key", "subject") if known[name] != wanted[name]]
    before, after = known["fields"], wanted["fields"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    found += [name for name in after if name in before and before[name] != after[name]]
    return found


def stale_fault(dataset: Dataset, differences: list[str]) -> Conflict:
    """The refusal to use a dataset whose stored rows do not fit the catalog."""
    names = ", ".join(differences)
    return Conflict(
        Text(
            f"データセット {dataset.name} の {names} の定義が、読み込み済みの行と合いません。",
            f"In {dataset.name}, {names} of the catalog no longer fit the rows loaded before.",
        ),
        Text(
            f"`enishi load {dataset.name} --rebuild` で読み込み直してください。",
            f"Load it anew: `enishi load {dataset.name} --rebuild`.",
        ),
        code="reload_needed",
    )
