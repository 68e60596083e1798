"""Reads dead letters of the stream again, by the catalog as it is now, as a load of their own.

letter of load A ──replay R──▶ a row of R, a letter of R, or waiting      (replayed_by = R)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from enishi.kernel.errors import Conflict
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.sources.dead_letters import store_dead
from enishi.sources.stream.bringing import Bringing, letter
from enishi.sources.stream.loads import Counts, count, seal_inside
from enishi.sources.stream.parse import Event, Origin, Unread, read_event
from enishi.sources.types import DatasetLoad, LoadState
from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer
from enishi.warehouse.tables import table_of


def replay_letters(
    engine: DuckDBEngine, bringing: Bringing, load_id: str, at: datetime
) -> DatasetLoad:
    """Replay the letters of a load that have not been. Raises Conflict `nothing_to_replay`."""
    stream = bringing.catalog.stream
    assert stream is not None
    now = at.astimezone(UTC).replace(tzinfo=None)
    with engine.write() as writer:
        rows = writer.rows(
            "SELECT raw, reason_args FROM enishi.dead_letters"
            " WHERE load_id = ? AND dataset = ? AND replayed_by IS NULL ORDER BY file, line",
            [load_id, stream.activity],
        )
        if not rows:
            raise Conflict(
                Text("やり直す不備の行はありません。", "There are no dead letters to replay."),
                Text("`enishi data loads` で確かめてください。", "See `enishi data loads`."),
                code="nothing_to_replay",
            )
        seal_inside(writer, now)  # its rows come before those of the replay
        made = DatasetLoad(new_id("load"), stream.activity, LoadState.LOADED, at, ended_at=at)
        writer.execute(
            "INSERT INTO enishi.loads (id, dataset, files, state, started_at, ended_at)"
            " VALUES (?, ?, '[]', ?, ?, ?)",
            [made.id, made.dataset, made.state.value, now, now],
        )
        events, unread = _read(rows)
        new = _new(writer, stream.activity, events)
        brought = bringing.bring(writer, new, made.id, now)
        unread = bringing.kept_unread(unread, brought.erased) + brought.unread
        store_dead(writer, made.id, made.dataset, [letter(one) for one in unread], now)
        counts = Counts(brought.rows.num_rows, len(events) - len(new), len(unread))
        count(writer, made.id, counts)
        writer.execute(
            "UPDATE enishi.dead_letters SET replayed_by = ?"
            " WHERE load_id = ? AND dataset = ? AND replayed_by IS NULL AND load_id <> ?",
            [made.id, load_id, made.dataset, made.id],
        )
    made.added, made.unchanged, made.dead = counts.added, counts.duplicates, counts.dead
    made.loaded = made.added + made.unchanged
    made.read = made.loaded + made.dead
    return made


def _read(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Event], list[Unread]]:
    events: list[Event] = []
    unread: list[Unread] = []
    for raw, args in rows:
        told = json.loads(args)
        origin = msgspec.convert(told["origin"], Origin)
        found = read_event(origin, raw.encode(), told["call"])
        if isinstance(found, Event):
            events.append(found)
        else:
            unread.append(found)
    return events, unread


def _new(writer: Writer, activity: str, events: Sequence[Event]) -> list[Event]:
    """Those whose message id no row has, each once."""
    asked = pa.table({"id": pa.array([one.message_id for one in events], pa.string())})
    writer.register("_asked", asked)
    try:
        taken = {
            row[0]
            for row in writer.rows(
                f"SELECT a.message_id FROM {table_of(activity)} a JOIN _asked q"
                " ON q.id = a.message_id"
            )
        }
    finally:
        writer.unregister("_asked")
    found: dict[str, Event] = {}
    for one in events:
        if one.message_id not in taken:
            found.setdefault(one.message_id, one)
    return list(found.values())
