"""Events that a journey may be waiting for, kept by the drain until the lane has taken them in.

`enishi.journey_inbox (n, _id, event, at, row)` in the books of the warehouse: written in the very
transaction that appends the events, so none is lost between the log and a walk, and read on from a
cursor that the book keeps in the unit that applies them, so none counts twice. `n` grows and is
never given again; `row` holds the fields of `activity` as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from enishi.catalog.types import Catalog, FieldType
from enishi.identity.service import enishi_id, source_key
from enishi.journeys.feed import hearing
from enishi.kernel.text import fold
from enishi.sources.stream.types import Drained
from enishi.warehouse.duckdb_engine import DuckDBEngine, Workbench, Writer

_TABLES = """
CREATE TABLE IF NOT EXISTS enishi.journey_inbox (
    n BIGINT NOT NULL, _id VARCHAR NOT NULL, event VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL,
    "row" VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS enishi.journey_inbox_end (n BIGINT NOT NULL)
"""
_encode = msgspec.json.Encoder(decimal_format="string").encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_bells: list[Callable[[], None]] = []


@dataclass(frozen=True, slots=True)
class Came:
    """One event as journeys hear of it. `event` is its folded name, `row` the fields of `activity`
    (times aware), `at` when it happened."""

    n: int
    person: str
    event: str
    at: datetime
    row: dict[str, Any]

    @property
    def properties(self) -> dict[str, Any]:
        """What the event came with, as it was sent."""
        told = self.row.get("properties")
        return _decode(told.encode()) if told else {}


def provide_bell(ring: Callable[[], None] | None) -> None:
    """Let this be called when something has been committed that the lane may want to hear."""
    _bells[:] = [] if ring is None else [ring]


def ring() -> None:
    """Wake the lane of journeys: something has been committed."""
    for bell in _bells:
        bell()


# ── written by the drain ─────────────────────────────────────────────────────────────────────────


def hears(bench: Workbench, batch: Drained) -> None:
    """Keep those events of a batch that somebody listens to; inside the batch's transaction.

    While nobody has looked who listens to what, all are kept.
    """
    names = hearing.names()
    if not batch.rows.num_rows or (names is not None and not names):
        return
    rows = batch.rows
    if names is not None:
        told = rows.column("event__f")
        rows = rows.filter(pc.is_in(told, pa.array(sorted(names), pa.string())))
        if not rows.num_rows:
            return
    stream = batch.catalog.stream
    assert stream is not None
    person = batch.catalog.datasets[stream.person]
    fields = list(batch.catalog.datasets[stream.activity].fields)
    ids: dict[object, str] = {}
    kept: list[dict[str, object]] = []
    for row in rows.select(fields).to_pylist():
        key = row["person"]
        if key not in ids:
            ids[key] = enishi_id(batch.secret, person, source_key([key]))
        kept.append(
            {
                "_id": ids[key], "event": fold(row["event"] or ""), "at": row["ts"],
                "row": _encode(row).decode(),
            }
        )  # fmt: skip
    _append(bench, kept)


def _append(bench: Workbench, rows: Sequence[dict[str, object]]) -> None:
    last = prepare(bench)
    table = pa.Table.from_pylist(
        [{"n": last + nth, **row} for nth, row in enumerate(rows, 1)],
        pa.schema(
            {"n": pa.int64(), "_id": pa.string(), "event": pa.string(),
             "at": pa.timestamp("us"), "row": pa.string()}
        ),
    )  # fmt: skip
    bench.insert("enishi.journey_inbox", table)
    bench.execute("UPDATE enishi.journey_inbox_end SET n = ?", [last + len(rows)])


def prepare(writer: Writer) -> int:
    """Make the tables where they are not there; returns the last number given."""
    for statement in _TABLES.split(";"):
        writer.execute(statement)
    end = writer.one("SELECT n FROM enishi.journey_inbox_end")
    if end is None:
        writer.execute("INSERT INTO enishi.journey_inbox_end VALUES (0)")
    return int(end or 0)


# ── read by the lane ─────────────────────────────────────────────────────────────────────────────


def since(engine: DuckDBEngine, catalog: Catalog, after: int, limit: int) -> list[Came]:
    """At most `limit` events after one, in order."""
    with engine.read() as question:
        rows = question.rows(
            'SELECT n, _id, event, "at", "row" FROM enishi.journey_inbox WHERE n > ?'
            " ORDER BY n LIMIT ?",
            [after, limit],
        )
    return [
        Came(n, person, event, at.replace(tzinfo=UTC), read_row(catalog, told))
        for n, person, event, at, told in rows
    ]


def forget(engine: DuckDBEngine, until: int) -> None:
    """Delete what has been taken in."""
    with engine.write() as writer:
        writer.execute("DELETE FROM enishi.journey_inbox WHERE n <= ?", [until])


def read_row(catalog: Catalog, told: str) -> dict[str, Any]:
    """A row as it was kept: each value of its field's type. Fields that are gone are left out."""
    stream = catalog.stream
    assert stream is not None
    fields = catalog.datasets[stream.activity].fields
    return {
        name: None if value is None else _value(fields[name].type, value)
        for name, value in _decode(told.encode()).items()
        if name in fields
    }


def _value(kind: FieldType, value: Any) -> object:
    if kind is FieldType.TIMESTAMP:
        found = datetime.fromisoformat(value)
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    if kind is FieldType.DATE:
        return date.fromisoformat(value)
    if kind is FieldType.DECIMAL:
        return Decimal(str(value))
    return value
