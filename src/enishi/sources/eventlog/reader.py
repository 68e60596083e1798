"""Reads a shard of the log from an offset on: the records that are on the disk for good.

What lies beyond `synced` is not read (see `positions`). Segments that are compressed read the same;
where older ones have been taken away, reading goes on with the oldest that is there.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from enishi.sources.eventlog.format import FIXED, MOST, Record, decode
from enishi.sources.eventlog.positions import SYNCED, read_synced

_NAME = re.compile(r"([0-9]{20})\.log(\.zst)?")
_WHOLE = FIXED.size + MOST  # no record is longer than this
_log = logging.getLogger("enishi.stream")


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of a shard. `start` is the offset of its first byte."""

    start: int
    path: Path

    @property
    def packed(self) -> bool:
        return self.path.suffix == ".zst"


def segments(folder: Path) -> list[Segment]:
    """The segments of a shard in order; of two that start together the compressed one is whole."""
    found: dict[int, Segment] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = _NAME.fullmatch(path.name)
        if match is not None:
            found[int(match[1])] = Segment(int(match[1]), path)
    return [found[start] for start in sorted(found)]


def shards(events: Path) -> list[str]:
    """The names of the shards below the folder of events."""
    if not events.is_dir():
        return []
    return sorted(p.name for p in events.iterdir() if (p / SYNCED).is_file())


class LogReader:
    """Reads one shard forwards. Not for several threads at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: _Opened | None = None

    def end(self) -> int:
        """The offset up to which the shard can be read."""
        return read_synced(self.folder) or 0

    def read(self, offset: int, most: int) -> tuple[list[Record], int]:
        """Whole records from `offset` on, about `most` bytes of them at most, and where to go on.

        No records: there are no further ones yet. `offset` must be where a record starts.
        """
        found: list[Record] = []
        end, budget = self.end(), most
        while offset < end and budget > 0:
            opened = self._at(offset)
            if opened is None:
                break
            offset = max(offset, opened.segment.start)
            size = min(end - offset, max(budget, _WHOLE))
            data = opened.read(offset - opened.segment.start, size)
            took = 0
            for record in decode(data, offset):
                found.append(record)
                took = record.after - offset
                if took >= budget:
                    break
            budget -= took
            offset += took
            if not took:
                following = self._following(opened.segment)
                if following is None:
                    break
                if offset - opened.segment.start < opened.size():
                    _log.error("%s is damaged at %d", opened.segment.path.name, offset)
                offset = following.start
        return found, offset

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def __enter__(self) -> LogReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _at(self, offset: int) -> _Opened | None:
        """The segment that holds an offset, opened; the next one where that is gone."""
        if self._open is not None and self._open.holds(offset):
            return self._open
        self.close()
        chosen: Segment | None = None
        for segment in segments(self.folder):
            if segment.start <= offset or chosen is None:
                chosen = segment
        if chosen is not None:
            self._open = _Opened(chosen)
        return self._open

    def _following(self, segment: Segment) -> Segment | None:
        return next((one for one in segments(self.folder) if one.start > segment.start), None)


class _Opened:
    """A segment being read. A compressed one is unpacked into memory: it has at most 64 MB."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._content: memoryview | None = None
        self._file: int | None = None
        if segment.packed:
            with pa.input_stream(str(segment.path), compression="zstd") as stream:
                self._content = memoryview(stream.read())
        else:
            self._file = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)

    def holds(self, offset: int) -> bool:
        """Whether reading on here is right: there is something at the offset."""
        return self.segment.start <= offset < self.segment.start + self.size()

    def read(self, position: int, size: int) -> bytes | memoryview:
        if self._content is not None:
            return self._content[position : position + size]
        assert self._file is not None
        return os.pread(self._file, size, position)

    def size(self) -> int:
        """How many bytes of records it holds."""
        if self._content is not None:
            return len(self._content)
        assert self._file is not None
        return os.fstat(self._file).st_size

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)


def walk(folder: Path, start: int = 0, end: int | None = None) -> Iterator[Record]:
    """Every record of a shard from an offset up to another (None: all that can be read)."""
    with LogReader(folder) as reader:
        offset = start
        while True:
            records, following = reader.read(offset, 8_000_000)
            for record in records:
                if end is not None and record.offset >= end:
                    return
                yield record
            if following == offset:
                return
            offset = following
