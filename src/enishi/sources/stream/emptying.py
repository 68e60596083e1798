"""Takes out of the warehouse what the log can bring again, before it is drained anew.

The log may no longer have all: old segments go when their time is over, of each shard when its own
are old enough. No row tells which shard it came from, so a rebuild begins at the instant from which
every shard has everything; what was received before it stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from enishi.book.workspace import Workspace
from enishi.catalog.types import Catalog
from enishi.kernel.errors import Conflict, Unavailable
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.sources.eventlog.reader import LogReader, segments, shards, walk
from enishi.sources.stream.times import naive
from enishi.sources.types import LoadState
from enishi.warehouse.duckdb_engine import DuckDBEngine, Writer
from enishi.warehouse.tables import remember, table_of


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where what is left of a shard begins, and when its first record was received (µs); None: it
    has none."""

    offset: int
    at: int | None


def empty(
    workspace: Workspace, engine: DuckDBEngine, catalog: Catalog, now: datetime
) -> int | None:
    """Empty `activity` and what goes with it, and go back to the log's beginning.

    Where the log of a shard no longer begins at its beginning, what was received before the latest
    such beginning stays; returns that instant then (µs since 1970), else None. Raises Conflict
    `log_gone` when a shard that has been drained has no record left.
    """
    stream = catalog.stream
    assert stream is not None
    dataset = catalog.datasets[stream.activity]
    since, starts = _from_where(workspace, engine)
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
        _letters(writer, dataset.name, starts)
        writer.execute(
            'UPDATE enishi.stream_offsets SET "offset" = 0, read = 0, duplicates = 0, erased = 0'
        )
        for shard, start in starts.items():
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


def _from_where(workspace: Workspace, engine: DuckDBEngine) -> tuple[int | None, dict[str, int]]:
    """The instant from which every shard has all it received (None: each has always had), and the
    offset to drain each from."""
    begins = {shard: _begin(workspace, shard) for shard in shards(workspace.events)}
    with engine.read() as question:
        drained = question.rows('SELECT shard FROM enishi.stream_offsets WHERE "offset" > 0')
    lost = [
        shard for (shard,) in drained if begins.get(shard) is None or begins[shard].at is None
    ]  # fmt: skip
    if lost:
        raise log_gone(sorted(lost))
    since = max((one.at for one in begins.values() if one.offset and one.at), default=None)
    if since is None:
        return None, {shard: one.offset for shard, one in begins.items()}
    return since, {
        shard: _first_since(workspace, shard, one.offset, since) for shard, one in begins.items()
    }


def _begin(workspace: Workspace, shard: str) -> _Begin:
    folder = workspace.events / shard
    start = next((one.start for one in segments(folder)), 0)
    with LogReader(folder) as reader:
        records, _ = reader.read(start, 1)
    return _Begin(start, records[0].at if records else None)


def _first_since(workspace: Workspace, shard: str, start: int, since: int) -> int:
    """The offset of a shard's first record received at an instant or later, or of its end."""
    for record in walk(workspace.events / shard, start):
        if record.at >= since:
            return record.offset
        start = record.after
    return start


def _later(writer: Writer, table: str, column: str, since: int | None) -> int:
    """Delete the rows from an instant on, or all."""
    if since is None:
        return writer.execute(f"DELETE FROM {table}")
    return writer.execute(f"DELETE FROM {table} WHERE {column} >= ?", [naive(since)])


def _letters(writer: Writer, dataset: str, starts: Mapping[str, int]) -> None:
    for shard, start in starts.items():
        writer.execute(
            "DELETE FROM enishi.dead_letters WHERE dataset = ? AND file = ? AND line >= ?",
            [dataset, f"stream:{shard}", start],
        )


def log_gone(lost: Sequence[str]) -> Conflict:
    named = ", ".join(lost)
    return Conflict(
        Text(
            f"イベントのログがありません（{named}）。作り直すと、その行が失われます。",
            f"The log of events is gone ({named}): a rebuild would lose what came from it.",
        ),
        Text(
            "バックアップから var/events を戻してください。何も変えていません。",
            "Restore var/events from a backup. Nothing has been changed.",
        ),
        code="log_gone",
    )


def log_unreadable(shards: Sequence[str]) -> Unavailable:
    named = ", ".join(shards)
    return Unavailable(
        Text(
            f"イベントのログを最後まで読めませんでした（{named}）。",
            f"The log of events could not be read to its end ({named}).",
        ),
        Text(
            "ディスクを確かめ、バックアップから var/events を戻して、もう一度実行してください。",
            "Check the disk, restore var/events from a backup, and run it again.",
        ),
        code="log_unreadable",
    )
