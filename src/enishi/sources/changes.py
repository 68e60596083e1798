"""What a load has changed, as events: for each changed field of a versioned dataset one row of
`<dataset>_changed` with its old and new value, at the instant from which the new one holds.

It follows the load as a load of its own, which the next one or the loop catches up on when it was
interrupted: `enishi.changes_followed` says up to which load of a dataset its changes are known. The
first version of a row is no change. On other engines than DuckDB nothing is derived.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any

from enishi.catalog.builtin import told_fields, values_told
from enishi.catalog.types import Catalog, Dataset, Field, FieldType
from enishi.kernel.clock import Clock
from enishi.kernel.ids import new_id
from enishi.sources.types import LoadState
from enishi.warehouse.duckdb_engine import DuckDBEngine, Workbench, quoted
from enishi.warehouse.engine import Engine
from enishi.warehouse.folding import folded
from enishi.warehouse.spelling import SQL, literal
from enishi.warehouse.tables import fit, shadow, shadow_type, stale_fault, table_of

_EVERY_SECONDS = 30.0
_log = logging.getLogger("enishi.changes")
_looked: dict[int, float] = {}


def run_once(context: Any) -> bool:
    """Catch up, now and then, on loads that nobody has followed; never more to do at once."""
    engine = context.warehouse.engine
    if time.monotonic() - _looked.get(id(engine), 0.0) >= _EVERY_SECONDS:
        _looked[id(engine)] = time.monotonic()
        follow(engine, context.warehouse.catalog, context.clock)
    return False


def follow(engine: Engine, catalog: Catalog, clock: Clock) -> int:
    """Derive the changes of all loads that have not been followed yet; returns the new events."""
    if not isinstance(engine, DuckDBEngine):
        return 0
    found = 0
    for name in catalog.changed:
        with engine.workbench() as bench:
            if pending := _pending(bench, name):
                with bench.transaction():
                    # Asked again under the lock: somebody else may have followed meanwhile.
                    pending = _pending(bench, name)
                    found += _derive(engine, bench, catalog, name, pending, clock) if pending else 0
    return found


def _pending(bench: Workbench, dataset: str) -> list[str]:
    """The loads of a dataset whose changes are not known yet, oldest first."""
    rows = bench.rows(
        "SELECT id FROM enishi.loads WHERE dataset = ? AND state = 'loaded' AND id > coalesce("
        " (SELECT max(load_id) FROM enishi.changes_followed WHERE dataset = ?), '') ORDER BY id",
        [dataset, dataset],
    )
    return [row[0] for row in rows]


def _derive(
    engine: DuckDBEngine,
    bench: Workbench,
    catalog: Catalog,
    name: str,
    loads: list[str],
    clock: Clock,
) -> int:
    dataset, changes = catalog.datasets[name], catalog.datasets[catalog.changed[name]]
    differences = fit(engine, bench, changes, catalog)
    if differences:
        raise stale_fault(changes, differences)
    now = clock().astimezone(UTC).replace(tzinfo=None)
    load = new_id("load")
    bench.execute(f"CREATE OR REPLACE TEMP TABLE _changes AS {_select(dataset, changes, loads)}")
    removed = _replace(bench, changes)
    added = bench.execute(
        f"INSERT INTO {table_of(changes.name)} BY NAME"
        f" SELECT *, {literal(load)} AS _load FROM temp._changes"
    )
    bench.execute("DROP TABLE temp._changes")
    if added or removed:
        _note(bench, changes, load, added, removed, now)
    bench.execute("DELETE FROM enishi.changes_followed WHERE dataset = ?", [name])
    bench.execute("INSERT INTO enishi.changes_followed VALUES (?, ?)", [name, loads[-1]])
    return added


def _select(dataset: Dataset, changes: Dataset, loads: list[str]) -> SQL:
    """A row for each field in which a version that the loads opened differs from the one before."""
    table, told = table_of(dataset.name), values_told(dataset)
    same = " AND ".join(f"o.{quoted(name)} = n.{quoted(name)}" for name in dataset.key)
    opened = (
        f"SELECT o, n FROM {table} n JOIN {table} o ON {same} AND o._to = n._from"
        f" WHERE n._load IN ({', '.join(map(literal, loads))})"
    )
    keys = ", ".join(f"n.{quoted(name)} AS {quoted(name)}" for name in dataset.key)
    parts = [
        f"SELECT {keys}, {literal(field.name)} AS field, {_value(field, 'o', told)} AS old,"
        f" {_value(field, 'n', told)} AS new, n._from AS ts FROM opened"
        f" WHERE o.{quoted(field.name)} IS DISTINCT FROM n.{quoted(field.name)}"
        for field in told_fields(dataset)
    ]
    if not parts:
        return (
            f"SELECT {', '.join(map(quoted, changes.fields))} FROM {table_of(changes.name)} LIMIT 0"
        )
    shadows = "".join(
        f", {folded(f'c.{quoted(field.name)}')} AS {quoted(shadow(field))}"
        for field in changes.fields.values()
        if shadow_type(field) is not None
    )
    union = " UNION ALL ".join(parts)
    return f"WITH opened AS MATERIALIZED ({opened}) SELECT c.*{shadows} FROM ({union}) c"


def _value(field: Field, side: str, told: frozenset[str]) -> SQL:
    if field.name not in told:
        return "NULL::VARCHAR"
    column = f"{side}.{quoted(field.name)}"
    if field.type is FieldType.STRINGS:
        return f"array_to_string({column}, ', ')"
    return f"CAST({column} AS VARCHAR)"


def _replace(bench: Workbench, changes: Dataset) -> int:
    """Take away what was derived of versions that have been corrected since, at their instant."""
    keys = [name for name in changes.key if name != "field"]
    same = " AND ".join(f"t.{quoted(name)} = c.{quoted(name)}" for name in keys)
    return bench.execute(
        f"DELETE FROM {table_of(changes.name)} t WHERE EXISTS"
        f" (SELECT 1 FROM temp._changes c WHERE {same})"
    )


def _note(
    bench: Workbench, changes: Dataset, load: str, added: int, removed: int, now: datetime
) -> None:
    bench.execute(
        "INSERT INTO enishi.loads (id, dataset, files, state, started_at, ended_at, read, loaded,"
        " added, removed) VALUES (?, ?, '[]', ?, ?, ?, ?, ?, ?, ?)",
        [load, changes.name, LoadState.LOADED.value, now, now, added, added, added, removed],
    )
    bench.execute(
        "UPDATE enishi.datasets SET load_id = ?, loaded_at = ? WHERE dataset = ?",
        [load, now, changes.name],
    )
