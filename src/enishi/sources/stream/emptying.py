"""Takes out of the warehouse what the log can bring again, before it is drained anew."""

from __future__ import annotations

from datetime import UTC, datetime

from enishi.book.workspace import Workspace
from enishi.catalog.types import Catalog
from enishi.kernel.ids import new_id
from enishi.sources.eventlog.reader import LogReader, segments, shards
from enishi.sources.stream.times import naive
from enishi.sources.types import LoadState
from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer
from enishi.warehouse.tables import remember, table_of


def empty(
    workspace: Workspace, engine: DuckDBEngine, catalog: Catalog, now: datetime
) -> int | None:
    """Empty `activity` and what goes with it, and go back to the log's beginning.

    Where the log's oldest segments are gone, what was received before its first record stays;
    returns that instant then (µs since 1970), else None.
    """
    stream = catalog.stream
    assert stream is not None
    dataset = catalog.datasets[stream.activity]
    starts = _starts(workspace)
    since = min((at for start, at in starts.values() if start and at), default=None)
    ended = now.astimezone(UTC).replace(tzinfo=None)
    with engine.write() as writer:
        if since is None:
            gone = int(writer.one(f"SELECT count(*) FROM {table_of(dataset.name)}"))
            engine.create(writer, dataset)
            remember(writer, dataset)
            writer.execute("DELETE FROM enishi.stream_names")
        else:
            gone = _later(writer, table_of(dataset.name), "received_at", since)
        _later(writer, "enishi.stream_aliases", "since", since)
        _later(writer, "enishi.stream_unclaimed", "received_at", since)
        _letters(writer, dataset.name, {shard: start for shard, (start, _) in starts.items()})
        writer.execute(
            'UPDATE enishi.stream_offsets SET "offset" = 0, read = 0, duplicates = 0, erased = 0'
        )
        for shard, (start, _) in starts.items():
            writer.execute(
                'UPDATE enishi.stream_offsets SET "offset" = ? WHERE shard = ?', [start, shard]
            )
        writer.execute(
            "UPDATE enishi.loads SET state = ?, ended_at = ? WHERE dataset = ? AND state = ?",
            [LoadState.LOADED.value, ended, dataset.name, LoadState.STREAMING.value],
        )
        # That rows have gone is to be seen by who asks what is new: so it is a load.
        writer.execute(
            "INSERT INTO enishi.loads (id, dataset, files, state, started_at, ended_at, removed)"
            " VALUES (?, ?, '[]', ?, ?, ?, ?)",
            [new_id("load"), dataset.name, LoadState.LOADED.value, ended, ended, gone],
        )
    return since


def _starts(workspace: Workspace) -> dict[str, tuple[int, int | None]]:
    """For each shard the offset of its first record, and when that was received."""
    found: dict[str, tuple[int, int | None]] = {}
    for shard in shards(workspace.events):
        folder = workspace.events / shard
        start = next((one.start for one in segments(folder)), 0)
        with LogReader(folder) as reader:
            records, _ = reader.read(start, 1)
        found[shard] = start, records[0].at if records else None
    return found


def _later(writer: Writer, table: str, column: str, since: int | None) -> int:
    """Delete the rows from an instant on, or all."""
    if since is None:
        return writer.execute(f"DELETE FROM {table}")
    return writer.execute(f"DELETE FROM {table} WHERE {column} >= ?", [naive(since)])


def _letters(writer: Writer, dataset: str, starts: dict[str, int]) -> None:
    for shard, start in starts.items():
        writer.execute(
            "DELETE FROM enishi.dead_letters WHERE dataset = ? AND file = ? AND line >= ?",
            [dataset, f"stream:{shard}", start],
        )
