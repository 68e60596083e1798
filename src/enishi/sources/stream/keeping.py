"""Keeps the log small: what is sealed and drained is compressed, and goes when its time is over."""

from __future__ import annotations

import itertools
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from enishi.sources.eventlog.reader import LogReader, Segment, segments
from enishi.sources.eventlog.rewrite import rewriting

_log = logging.getLogger("enishi.stream")


def keep(folder: Path, drained: int, now: datetime, longest: timedelta | None) -> None:
    """Look after one shard: at most one segment is compressed, so that nobody waits for long.

    `drained`: how far it is in the warehouse. `longest`: how long events stay (None: for ever).
    """
    found = segments(folder)
    done = [one for one, then in itertools.pairwise(found) if then.start <= drained]
    if longest is not None:
        done = _without_old(folder, done, found, now - longest)
    for segment in done:
        if not segment.packed:
            compress(folder, segment)
            return


def compress(folder: Path, segment: Segment) -> None:
    """Put a compressed file in the place of a sealed segment; one of the two is there always."""
    packed = segment.path.with_name(f"{segment.path.name}.zst")
    aside = packed.with_name(f".{packed.name}.new")
    with rewriting(folder):
        if not segment.path.exists():
            return
        with (
            pa.output_stream(str(aside), compression="zstd") as out,
            segment.path.open("rb") as file,
        ):
            while piece := file.read(1 << 20):
                out.write(piece)
        _sync(aside)
        aside.chmod(0o600)
        aside.replace(packed)
        _sync(folder)
        segment.path.unlink()


def _without_old(
    folder: Path, done: list[Segment], found: list[Segment], since: datetime
) -> list[Segment]:
    """Remove segments whose events were all received before `since`; returns those that stay."""
    stays = list(done)
    for segment, then in itertools.pairwise(found):
        if segment not in stays or _begins(folder, then) >= since.timestamp() * 1_000_000:
            return stays
        with rewriting(folder):
            segment.path.unlink(missing_ok=True)
        _log.info("events received before %s have left the log", since.date())
        stays.remove(segment)
    return stays


def _begins(folder: Path, segment: Segment) -> float:
    """When a segment's first record was received, µs since 1970; never, if it has none."""
    with LogReader(folder) as reader:
        records, _ = reader.read(segment.start, 1)
    return records[0].at if records else float("inf")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
