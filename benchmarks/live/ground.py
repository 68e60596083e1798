"""A workspace of any size whose events lie as the drain leaves them, and live segments over it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.segments import data
from benchmarks.segments.data import Size
from benchmarks.segments.questions import fifty

_LAYOUT = 2  # goes up when the same size gives other files
_EVENT = data.CATALOG.index("  event:\n")
_RELATIONS = data.CATALOG.index("relations:\n")
CATALOG = (
    data.CATALOG[:_EVENT]
    + data.CATALOG[_RELATIONS:].replace(
        "  - {from: event.person_no, to: person.person_no, name: person, inverse: events}\n", ""
    )
    + """
stream:
  fields:
    amount: {type: decimal, scale: 0, label: {ja: 金額, en: Amount}, meaning: money}
"""
)
EVENTS = [name for name, _ in data._EVENTS]


def make(folder: Path, size: Size) -> dict[str, Any]:
    """A workspace with persons, accounts and events, or the one that is there already."""
    from enishi.catalog.load import load_catalog
    from enishi.warehouse.duckdb_engine import DuckDBEngine
    from enishi.warehouse.tables import prepare

    marker = folder / "made.json"
    if marker.exists():
        known: dict[str, Any] = json.loads(marker.read_text())
        if known["size"] == asdict(size) and known["layout"] == _LAYOUT:
            return known
    (folder / "catalog").mkdir(parents=True, exist_ok=True)
    (folder / "var").mkdir(exist_ok=True)
    (folder / "enishi.toml").write_text('name = "benchmark"\n')
    (folder / "catalog" / "all.yaml").write_text(CATALOG, encoding="utf-8")
    catalog = load_catalog(folder)
    (folder / "var" / "secret.key").write_bytes(data.SECRET)  # ids are made with it
    for path in (folder / "var").glob("warehouse.duckdb*"):
        path.unlink()
    begun = time.perf_counter()
    end = datetime.now(UTC).replace(tzinfo=None).isoformat(sep=" ")
    with DuckDBEngine(folder / "var" / "warehouse.duckdb") as engine:
        prepare(engine, catalog)
        data.bring(engine, catalog, "person", data._person(size))
        data.bring(engine, catalog, "account", data._account(size))
        moved = f"TIMESTAMP '{end}' - TIMESTAMP '{data.AS_OF.replace(tzinfo=None)}'"
        rows = (
            "SELECT 'e' || event_no AS message_id, event, ts + (" + moved + ") AS ts,"
            " person_no AS person, 'track' AS type, channel, ts + (" + moved + ") AS received_at,"
            " amount FROM (" + data.events(size, 0, size.events) + ")"
        )
        _append(engine, catalog, rows)
        engine.checkpoint()
    made: dict[str, Any] = {
        "size": asdict(size), "layout": _LAYOUT,
        "seconds": round(time.perf_counter() - begun, 1),
        "file_mb": round((folder / "var" / "warehouse.duckdb").stat().st_size / 1e6),
    }  # fmt: skip
    marker.write_text(json.dumps(made))
    return made


def _append(engine: Any, catalog: Any, rows: str) -> None:
    """Put rows into `activity` with the columns that the drain makes."""
    from enishi.catalog.types import FieldType
    from enishi.kernel.ids import new_id

    dataset = catalog.datasets[catalog.stream.activity]
    shadows = ", ".join(
        f'lower("{name}") AS "{name}__f"'
        for name in ("message_id", "event", "type", "channel")
        if dataset.fields[name].type is FieldType.STRING
    )
    load = new_id("load")
    with engine.write() as writer:
        writer.execute(
            f'INSERT INTO data."{dataset.name}" BY NAME'
            f" SELECT *, {shadows}, '{load}' AS _load FROM ({rows}) r"
        )
        writer.execute(
            "INSERT INTO enishi.loads (id, dataset, state, started_at, ended_at, added, changed,"
            " removed) VALUES (?, ?, 'loaded', now()::TIMESTAMP, now()::TIMESTAMP, 0, 0, 0)",
            [load, dataset.name],
        )
        writer.execute(
            "UPDATE enishi.datasets SET loaded_at = now()::TIMESTAMP, load_id = ?"
            " WHERE dataset = ?",
            [load, dataset.name],
        )


def live_rules(count: int) -> dict[str, Any]:
    """So many of the fifty, those with windows and counts first and last."""
    found = {one.name: one.rule for one in fifty()}
    order = [*list(found)[:20], *list(found)[30:], *list(found)[20:30]]
    return {slug: found[slug] for slug in order[:count]}
