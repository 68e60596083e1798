"""Opens the index of message ids beside the log; fills it from the log where it is not whole."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from enishi.catalog.types import Catalog
from enishi.sources.eventlog.reader import walk
from enishi.sources.stream.dedupe import PARTS, Flags, Seen, hashes, place
from enishi.sources.stream.parse import Event, events_of
from enishi.sources.stream.times import naive
from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.warehouse.tables import table_of

ENV_DEDUPE = "ENISHI_STREAM_DEDUPE"
"""`off` lets copies of events in: to show that the kill campaign would find them."""

FOLDER = "dedupe"
_MICRO = timedelta(microseconds=1)
_SOME = 20_000
_log = logging.getLogger("enishi.stream")


@dataclass(slots=True)
class Position:
    """How far a shard has been drained. `number` (1 to 255) stands for it in the index."""

    number: int
    offset: int


def open_index(
    events: Path, keep: timedelta, positions: Mapping[str, Position], now: datetime
) -> Seen | None:
    """The index of what has been drained up to these positions; None when it is switched off."""
    if os.environ.get(ENV_DEDUPE) == "off":
        _log.warning("copies of events are let in: %s is off", ENV_DEDUPE)
        return None
    seen = Seen(events / FOLDER, keep // _MICRO)
    if seen.whole:
        seen.forget({one.number: one.offset for one in positions.values()})
        return seen
    since = int(now.timestamp() * 1_000_000) - keep // _MICRO * (PARTS + 1) // PARTS
    for shard, position in positions.items():
        some: list[Event] = []
        for record in walk(events / shard, 0, position.offset):
            if record.at >= since:
                some += [one for one in events_of(shard, record) if isinstance(one, Event)]
            if len(some) >= _SOME:
                duplicates(seen, position.number, some)
                some = []
        duplicates(seen, position.number, some)
    seen.commit()
    return seen


def see_rows(seen: Seen, engine: DuckDBEngine, catalog: Catalog, before: int) -> None:
    """Have the index know the rows of `activity` received within `keep` before an instant, in µs:
    those that the log no longer has."""
    stream = catalog.stream
    assert stream is not None
    with engine.read() as question:
        rows = question.rows(
            f"SELECT message_id, epoch_us(received_at) FROM {table_of(stream.activity)}"
            " WHERE received_at >= ? AND received_at < ? ORDER BY received_at",
            [naive(before) - stream.keep, naive(before)],
        )
    for start in range(0, len(rows), _SOME):
        some = rows[start : start + _SOME]
        seen.duplicates(
            hashes([message for message, _ in some]),
            np.full(len(some), place(1, 0), np.uint64),  # before all that the log still has
            np.array([at for _, at in some], np.int64),
        )
    seen.commit()


def duplicates(seen: Seen, number: int, events: Sequence[Event]) -> Flags:
    """Which of a shard's events have been seen; all of them have been from now on."""
    return seen.duplicates(
        hashes([event.message_id for event in events]),
        np.array([place(number, event.origin.offset) for event in events], np.uint64),
        np.array([event.origin.at for event in events], np.int64),
    )
