"""What has just come in: the end of the log of events, read beside the drain, never in its way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from enishi.sources.eventlog.format import FIXED, MOST, Record, decode
from enishi.sources.eventlog.positions import read_drained, read_synced

GLANCE = 256 * 1024
"""How much of a shard's end is shown to who looks for the first time, bytes."""
FAR = 2 * 1024 * 1024
"""Who is further behind than this is taken to the end again."""

_SEGMENT = re.compile(r"([0-9]{20})\.log")
_CURSOR = re.compile(r"([A-Za-z0-9_-]{1,40}):([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event as it was sent. `event` is not yet checked: the drain decides what it is worth.

    `id` is its place in the log; `at` is when it was accepted, µs since 1970.
    """

    id: str
    at: int
    source: str
    type: str
    event: Mapping[str, Any]


@dataclass
class Glance:
    """The newest arrivals, oldest first, and where to go on. `skipped`: some were passed over."""

    arrivals: list[Arrival] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    after: str = ""
    skipped: bool = False
    backlog: int = 0  # bytes not yet drained


def glance(folder: Path, after: str, most: int) -> Glance:
    """What has come into the log below `folder` since `after` (empty: a first look): the newest
    `most` events, and how many came of each source."""
    seen = {found[1]: int(found[2]) for found in _CURSOR.finditer(after)}
    told = Glance()
    cursor = []
    for shard in sorted(path for path in folder.glob("*") if path.is_dir()):
        end = read_synced(shard)
        if end is None:
            continue
        told.backlog += max(0, end - read_drained(shard))
        position = seen.get(shard.name)
        if position is not None and not 0 <= end - position <= FAR:
            position, told.skipped = None, True
        for record in _records(shard, position, end):
            for arrival in _arrivals(shard.name, record):
                told.counts[arrival.source] = told.counts.get(arrival.source, 0) + 1
                told.arrivals.append(arrival)
            position = record.after
        cursor.append(f"{shard.name}:{end if position is None else position}")
    told.arrivals.sort(key=lambda one: one.at)
    told.skipped = told.skipped or (bool(after) and len(told.arrivals) > most)
    told.arrivals = told.arrivals[-most:]
    told.after = ",".join(cursor)
    return told


def backlog(folder: Path) -> int:
    """How many bytes of the log wait for the drain."""
    shards = [path for path in folder.glob("*") if path.is_dir()]
    return sum(max(0, (read_synced(one) or 0) - read_drained(one)) for one in shards)


def _records(shard: Path, position: int | None, end: int) -> Iterator[Record]:
    """The records from a position to the end; None: those of the last `GLANCE` bytes."""
    whole = position is not None
    start = max(0, end - GLANCE) if position is None else position
    for first, path in _segments(shard):
        with path.open("rb") as file:
            length = file.seek(0, 2)
            if first + length <= start or first >= end:
                continue
            begin = max(start, first)
            file.seek(begin - first)
            data = file.read(min(end, first + length) - begin)
        # The first look starts anywhere; a segment's beginning and a cursor are records' ends.
        at = 0 if whole or begin == first else _resync(data)
        yield from decode(data, begin, at)


def _segments(shard: Path) -> list[tuple[int, Path]]:
    found = [(_SEGMENT.fullmatch(path.name), path) for path in shard.iterdir()]
    return sorted((int(name[1]), path) for name, path in found if name)


def _resync(data: bytes) -> int:
    """Where the first whole record begins in bytes cut out anywhere: its checksum tells."""
    view = memoryview(data)
    for at in range(len(data) - FIXED.size):
        length = int.from_bytes(view[at : at + 4], "little")
        # The length alone rules out almost every place, before any checksum is made.
        if 2 < length <= MOST and at + FIXED.size + length <= len(data):
            record = next(decode(view[: at + FIXED.size + length], 0, at), None)
            if record is not None:
                return at
    return len(data)


def _arrivals(shard: str, record: Record) -> Iterator[Arrival]:
    try:
        body = msgspec.json.decode(record.body)
    except (msgspec.DecodeError, RecursionError):
        return  # ingest looks less deep; a blanked record may be no JSON
    if not isinstance(body, dict):
        return
    items = body.get("batch") if record.head.kind == "batch" else [body]
    for number, item in enumerate(items if isinstance(items, list) else []):
        event = item if isinstance(item, dict) else {}
        kind = event.get("type") if record.head.kind == "batch" else record.head.kind
        yield Arrival(
            f"{shard}:{record.offset}:{number}", record.at, record.head.source,
            kind if isinstance(kind, str) else "", event,
        )  # fmt: skip
