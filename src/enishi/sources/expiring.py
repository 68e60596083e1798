"""Deletes what is older than its dataset's `retain`: rows by their time, segments of the log."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from enishi.catalog.types import Dataset, FieldType
from enishi.kernel.ids import new_id
from enishi.rules.tree import Span
from enishi.rules.windows import step_instant
from enishi.sources.eventlog.format import decode
from enishi.sources.eventlog.positions import read_drained
from enishi.sources.eventlog.rewrite import read_segment, rewriting
from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.engine import Engine
from enishi.warehouse.spelling import quoted
from enishi.warehouse.tables import table_of

AT_ONCE = 200_000  # rows of one transaction
_SPAN = re.compile(r"([1-9][0-9]*)(m|h|d|w|mo|y)")


def cut(retain: str, at: datetime, zone: ZoneInfo) -> datetime:
    """The instant before which nothing is kept; months and years are those of the calendar."""
    found = _SPAN.fullmatch(retain)
    assert found is not None, "the catalog's schema lets no other span in"
    return step_instant(at, Span(-int(found[1]), found[2]), zone)


def expire(engine: Engine, dataset: Dataset, before: datetime, zone: ZoneInfo, at: datetime) -> int:
    """Delete rows whose time lies before an instant, and dead letters as old; rows gone.

    A day lies before it when it is an earlier one than its own, in `zone`. `at` is now: what was
    deleted is noted as a load that removed, so that segments know. On another engine than DuckDB
    nothing is deleted: that is its own to do.
    """
    assert dataset.time is not None
    if engine.books is not engine:
        return 0
    field = dataset.fields[dataset.time.field]
    limit = before.astimezone(zone).date() if field.type is FieldType.DATE else _naive(before)
    gone = 0
    while True:
        with engine.books.write() as writer:
            some = writer.execute(
                f"DELETE FROM {table_of(dataset.name)} WHERE rowid IN (SELECT rowid FROM"
                f" {table_of(dataset.name)} WHERE {quoted(field.name)} < ? LIMIT {AT_ONCE})",
                [limit],
            )
            gone += some
            if some < AT_ONCE:
                writer.execute(
                    'DELETE FROM enishi.dead_letters WHERE dataset = ? AND "at" < ?',
                    [dataset.name, _naive(before)],
                )
                if gone:
                    _note(writer, dataset.name, gone, at)
                return gone


def expire_log(events: Path, before: datetime) -> int:
    """Delete drained segments of the log whose every record was accepted before; how many."""
    limit, gone = int(before.timestamp() * 1_000_000), 0
    for folder in sorted(path for path in events.glob("*") if path.is_dir()):
        with rewriting(folder):
            found = sorted(
                (p for p in folder.glob("*.log*") if p.name.endswith((".log", ".log.zst"))),
                key=lambda path: path.name,
            )
            drained = read_drained(folder)
            for path, following in pairwise(found):
                start = int(following.name.partition(".")[0])
                first = next(decode(read_segment(following), start), None)
                if first is None or first.at >= limit or start > drained:
                    break
                path.unlink()
                gone += 1
    return gone


def _note(writer: Writer, dataset: str, gone: int, at: datetime) -> None:
    now = _naive(at)
    writer.execute(
        "INSERT INTO enishi.loads (id, dataset, files, state, started_at, ended_at, removed)"
        " VALUES (?, ?, '[]', 'loaded', ?, ?, ?)",
        [new_id("load"), dataset, now, now, gone],
    )


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
