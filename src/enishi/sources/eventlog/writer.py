"""Writes one shard of the log: appends, syncs, rolls, and mends its end when it starts.

One writer holds a shard at a time (a lock on `writer.lock`). It always writes into the newest
segment, and begins a new one when it starts, when the present one is full, and when a file named
`roll` appears in the folder, so that somebody may rewrite or compress all older ones.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.sources.eventlog.format import decode, name_of
from enishi.sources.eventlog.positions import Synced, read_drained

ROLL_AT = 64 * 1024 * 1024
"""A segment is full at this many bytes."""

ROLL = "roll"
"""The file that asks for a new segment; it is gone when there is one."""

LOCK = "writer.lock"
_AT_ONCE = 1024  # buffers in one call; the system takes no more


class Shard:
    """The writer's end of one shard. Not for several threads at a time.

    ```
    open ──append──▶ open            (full, or asked to: a new segment)
      └─ write or sync fails ─▶ torn ──append──▶ open, in a new segment after the last good record
    ```
    """

    def __init__(self, folder: Path, *, roll_at: int = ROLL_AT) -> None:
        """Take the shard, cut off a torn tail, begin a new segment.

        Raises Conflict `shard_taken` while another writer holds it, OSError when the disk does not
        let it (nothing is held then).
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._roll_at = roll_at
        self._file: int | None = None
        self._torn: tuple[Path, int] | None = None  # a segment to cut, and to what size
        self._lock = _take(folder)
        try:
            newest, self.start, end = mend(folder)
            self._torn = None if newest is None else (newest, end - self.start)
            # A log that was lost, or restored without its end, never gives an offset out again
            # that the warehouse has taken: what follows would not be drained.
            self.end = max(end, read_drained(folder))
            self._synced = Synced(folder)
            try:
                self._begin()
                self._synced.move(self.end)
            except BaseException:
                self._synced.close()
                raise
        except BaseException:
            os.close(self._lock)
            raise

    def append(self, parts: Sequence[bytes]) -> int:
        """Write records and sync them; returns the offset after them. They are durable then.

        Raises OSError when the disk refuses: none of them is in the log then, and the next append
        tries again.
        """
        if self._file is None or self.end - self.start >= self._roll_at:
            self._begin()
        assert self._file is not None
        try:
            size = _write(self._file, parts)
            os.fdatasync(self._file)
        except OSError:
            self._take_back()
            raise
        self.end += size
        self._synced.move(self.end)
        return self.end

    def roll_if_asked(self) -> bool:
        """Begin a new segment when the file `roll` asks for it; whether it did."""
        wish = self.folder / ROLL
        if not wish.exists():
            return False
        if self._file is None or self.end > self.start:
            self._begin()
        wish.unlink(missing_ok=True)
        return True

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._synced.close()
        os.close(self._lock)

    def __enter__(self) -> Shard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take_back(self) -> None:
        """Leave the segment after a failure; what it holds beyond the last good record goes.

        The segment is not written again: after a failed sync nobody knows what of it is on the
        disk.
        """
        assert self._file is not None
        self._torn = (self.folder / name_of(self.start), self.end - self.start)
        with contextlib.suppress(OSError):  # tried again before anything new is written
            os.ftruncate(self._file, self.end - self.start)
        with contextlib.suppress(OSError):
            os.close(self._file)
        self._file = None

    def _begin(self) -> None:
        """Begin a segment at the end. An empty one that begins there is used again."""
        if self._torn is not None:
            _cut(*self._torn)
            self._torn = None
        path = self.folder / name_of(self.end)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            _sync_folder(self.folder)
        except BaseException:
            os.close(file)
            raise
        if self._file is not None:
            os.close(self._file)
        self._file, self.start = file, self.end


def mend(folder: Path) -> tuple[Path | None, int, int]:
    """Where a shard ends: its newest segment, where that starts, and the end of its last record.

    The segment is to be cut there and synced: its tail may be torn, and what is whole may not yet
    be on the disk. An older one was whole and synced when the next was begun; None: so is this one.
    """
    names = [path for path in folder.iterdir() if path.name.endswith((".log", ".log.zst"))]
    if not names:
        return None, 0, 0
    newest = max(names, key=lambda path: path.name.partition(".")[0])
    start = int(newest.name.partition(".")[0])
    if newest.suffix == ".zst":  # it was whole when it was compressed
        return None, start, start + _unpacked(newest)
    size = newest.stat().st_size
    end = start + _whole(newest, start) if size else start
    return newest, start, end


def _whole(path: Path, start: int) -> int:
    """How many bytes of a segment are whole records."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        whole = 0
        with memoryview(content) as data:
            for record in decode(data, start):
                whole = record.after - start
        return whole


def _unpacked(path: Path) -> int:
    import pyarrow as pa

    size = 0
    with pa.input_stream(str(path), compression="zstd") as content:
        while piece := content.read(1 << 20):
            size += len(piece)
    return size


def _take(folder: Path) -> int:
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise Conflict(
            Text(
                "このログは別のプロセスが書き込み中です。",
                "Another process is writing this log.",
            ),
            Text("終わってからもう一度お試しください。", "Try again when it has ended."),
            code="shard_taken",
        ) from None
    except BaseException:
        os.close(lock)
        raise
    return lock


def _write(file: int, parts: Sequence[bytes]) -> int:
    """Write every part; returns how many bytes they were."""
    total = 0
    for at in range(0, len(parts), _AT_ONCE):
        some = parts[at : at + _AT_ONCE]
        wanted = sum(map(len, some))
        done = os.writev(file, some)
        if done < wanted:  # a full disk takes a part; writing the rest then says what is wrong
            rest = memoryview(b"".join(some))[done:]
            while rest:
                rest = rest[os.write(file, rest) :]
        total += wanted
    return total


def _cut(path: Path, size: int) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.ftruncate(file, size)
        os.fsync(file)
    finally:
        os.close(file)


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
