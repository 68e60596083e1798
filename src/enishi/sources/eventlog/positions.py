"""How far a shard is on the disk, and how far it has been drained: two small files beside it.

`synced` is the offset up to which every record is known to be on the disk; its writer moves it
after each sync and before it answers. Who reads the log reads no further: what lies beyond may be
taken back when the sync fails or the machine loses power, and its place be given to other records.

`drained` is the offset up to which the warehouse has committed. The drain writes it; the writer
reads it to know how much waits.
"""

from __future__ import annotations

import mmap
import os
import struct
from pathlib import Path
from types import TracebackType

SYNCED = "synced"
DRAINED = "drained"


class Synced:
    """The `synced` file of a shard, mapped so that moving it costs no system call."""

    def __init__(self, folder: Path) -> None:
        file = os.open(folder / SYNCED, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(file).st_size < 8:
                # Written, not truncated to length: on a full disk this fails here and now, where a
                # hole in a mapped file would end the process when it is first touched.
                os.pwrite(file, bytes(8), 0)
            self._map = mmap.mmap(file, 8)
        finally:
            os.close(file)
        self._value = memoryview(self._map).cast("Q")  # one aligned store: never half a number

    def move(self, offset: int) -> None:
        self._value[0] = offset

    def close(self) -> None:
        self._value.release()
        self._map.close()

    def __enter__(self) -> Synced:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_synced(folder: Path) -> int | None:
    """The offset up to which a shard is on the disk; None when it has never had a writer."""
    try:
        content = (folder / SYNCED).read_bytes()
    except FileNotFoundError:
        return None
    return int(struct.unpack("=Q", content[:8])[0]) if len(content) >= 8 else None


def read_drained(folder: Path) -> int:
    """The offset up to which a shard is in the warehouse; 0 when nothing is."""
    try:
        return int((folder / DRAINED).read_text("ascii") or "0")
    except (FileNotFoundError, ValueError):
        return 0


def write_drained(folder: Path, offset: int) -> None:
    """Tell the writer how far the drain is; whole or not at all."""
    fresh = folder / f"{DRAINED}.new"
    fresh.write_text(str(offset), "ascii")
    fresh.replace(folder / DRAINED)
