"""A copy of the log, taken while it is being written: for a backup."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from enishi.sources.eventlog.positions import DRAINED, read_synced
from enishi.sources.eventlog.reader import segments, shards
from enishi.sources.eventlog.rewrite import rewriting


def copy_log(events: Path, to: Path) -> Iterator[tuple[str, Path]]:
    """Copy what every shard has on the disk; yields each file's path below `events`, and its copy.

    Taken after the warehouse was copied, it holds all that the copy has drained, and what came
    since. Sealed segments are linked, not copied, where the file system can.
    """
    for shard in shards(events):
        folder, aside = events / shard, to / shard
        aside.mkdir(parents=True, mode=0o700)
        with rewriting(folder):  # nothing is compressed or blanked meanwhile
            end = read_synced(folder) or 0
            found = [one for one in segments(folder) if one.start < end]
            for segment in found:
                copied = aside / segment.path.name
                if segment is found[-1] and not segment.packed:
                    _copy_start(segment.path, copied, end - segment.start)
                else:
                    _link(segment.path, copied)
                yield f"{shard}/{copied.name}", copied
            if (folder / DRAINED).is_file():
                copied = aside / DRAINED
                shutil.copy2(folder / DRAINED, copied)
                yield f"{shard}/{DRAINED}", copied


def _copy_start(path: Path, to: Path, size: int) -> None:
    """Copy the first bytes of a file that is being written."""
    with path.open("rb") as source, to.open("wb") as target:
        while size > 0 and (piece := source.read(min(size, 1 << 20))):
            target.write(piece)
            size -= len(piece)


def _link(path: Path, to: Path) -> None:
    try:
        os.link(path, to)
    except OSError:
        shutil.copy2(path, to)
