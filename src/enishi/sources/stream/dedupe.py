"""Which message ids have been seen lately: exact over a crash, as fast with 50 million as with one.

An id is known by 80 bits of its hash: 64 find its slot, 16 are compared beside. With 50 million ids
the chance that any two of them agree by accident is below one in a hundred million. Per id 16 bytes
in open-addressing tables of files below `var/events/dedupe`, mapped into memory:

    <generation>.<level>     keys (64 bit), then values (16 bit hash, 8 bit shard, 40 bit place)

A generation holds the ids received within a quarter of `keep`; those of the last four and the
present one count, so that an id is known for at least `keep` and at most a quarter longer. A table
that is full gets a level beside it, twice as large; nothing is ever moved.

The value says where in the log the id was first seen. What the warehouse has not committed is
forgotten when the index is opened (`forget`), so that after a crash an event is never taken for a
copy of itself. A killed process loses nothing of a mapped file; after the machine itself has gone
down the index is made again from the log (see `Seen.whole`).
"""

from __future__ import annotations

import json
import mmap
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

PARTS = 4
"""So many generations make up `keep`."""
FIRST = 1 << 16
"""The slots of a generation's first table, at least."""
FULL = 0.6
"""How full a table may become."""

_STATE = "state.json"
_FORMAT = 1
_NAME = re.compile(r"(-?\d+)\.(\d+)")
_PLACE = np.uint64(40)
_CHECK = np.uint64(48)


def hashes(ids: Sequence[str]) -> Words:
    """Two words of hash for each id, as an array of shape (n, 2)."""
    joined = b"".join([blake2b(one.encode(), digest_size=16).digest() for one in ids])
    return np.frombuffer(joined, np.uint64).reshape(-1, 2)


def place(shard: int, offset: int) -> int:
    """Where a record stands, as one number: the shard's (1 to 255), and the offset by 16 bytes.

    No record is shorter than that, so every one has a place of its own.
    """
    return shard << 40 | offset >> 4


class Seen:
    """The ids seen lately. Not for several threads at a time."""

    def __init__(self, folder: Path, keep: int) -> None:
        """`keep` in µs. `whole` tells whether it holds what it should, or has to be filled anew."""
        self._folder, self._part = folder, max(keep // PARTS, 1)
        self._tables: dict[int, list[_Table]] = {}
        self._fresh: list[tuple[_Table, Numbers]] = []
        self.whole = self._is_whole(keep)
        if not self.whole:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in sorted(folder.iterdir()):
            found = _NAME.fullmatch(path.name)
            if found is not None:
                self._tables.setdefault(int(found[1]), []).append(_Table(path))
        self._write_state(keep, clean=False)
        self._keep = keep

    def duplicates(self, words: Words, places: Words, ats: Numbers) -> Flags:
        """Which of these ids have been seen; the others have been from now on.

        `words` from `hashes`, `places` from `place`, `ats` when each was received in µs, all in the
        order in which they came: of two that are the same, the first is new.
        """
        found = np.zeros(len(words), np.bool_)
        if not len(words):
            return found
        generations = ats // self._part
        low, high = generations.min(), generations.max()
        if low == high:
            return self._within(words, places, int(low))
        for generation in np.unique(generations):
            mine = np.nonzero(generations == generation)[0]
            found[mine] = self._within(words[mine], places[mine], int(generation))
        return found

    def commit(self) -> None:
        """What was new is committed: it stays. Generations that no longer count go."""
        self._fresh.clear()
        newest = max(self._tables, default=0)
        for generation in [one for one in self._tables if one < newest - PARTS - 1]:
            for table in self._tables.pop(generation):
                table.close()
                table.path.unlink(missing_ok=True)

    def undo(self) -> None:
        """What was new since the last commit is not to be known: its batch has failed."""
        for table, slots in self._fresh:
            table.values[slots] = 0
        self._fresh.clear()

    def forget(self, offsets: Mapping[int, int]) -> None:
        """Forget what stands at or beyond these offsets, by shard, and all of other shards."""
        bounds = np.zeros(256, np.uint64)
        for shard, offset in offsets.items():
            bounds[shard] = offset >> 4
        for tables in self._tables.values():
            for table in tables:
                table.forget(bounds)

    def close(self, *, clean: bool = True) -> None:
        """Let go of it; what it holds is on the disk then."""
        for tables in self._tables.values():
            for table in tables:
                table.close(flush=clean)
        self._tables.clear()
        if clean:
            self._write_state(self._keep, clean=True)

    def _within(self, words: Words, places: Words, generation: int) -> Flags:
        keys = np.where(words[:, 0] == 0, np.uint64(1), words[:, 0])
        checks = words[:, 1] & np.uint64(0xFFFF)
        found = _repeated(keys, checks)
        open_ = np.nonzero(~found)[0]
        for other, tables in self._tables.items():
            if other < generation - PARTS:
                continue
            for table in tables:
                if not len(open_):
                    return found
                hit = table.find(keys[open_], checks[open_])
                found[open_[hit]] = True
                open_ = open_[~hit]
        values = checks[open_] << _CHECK | places[open_]
        self._keep_new(generation, keys[open_], values)
        return found

    def _keep_new(self, generation: int, keys: Words, values: Words) -> None:
        at = 0
        while at < len(keys):
            table = self._room(generation)
            some = slice(at, at + table.room())
            self._fresh.append((table, table.insert(keys[some], values[some])))
            at += len(keys[some])

    def _room(self, generation: int) -> _Table:
        tables = self._tables.setdefault(generation, [])
        if not tables or tables[-1].room() <= 0:
            size = FIRST
            if tables:
                size = tables[-1].slots * 2
            elif before := self._tables.get(generation - 1):
                size = max(size, min(before[-1].slots, 1 << 25))  # it will hold about as many
            path = self._folder / f"{generation}.{len(tables)}"
            tables.append(_Table(path, size))
        return tables[-1]

    def _is_whole(self, keep: int) -> bool:
        try:
            state: dict[str, Any] = json.loads((self._folder / _STATE).read_text())
        except (OSError, ValueError):
            return False
        same = state.get("format") == _FORMAT and state.get("keep") == keep
        return same and (state.get("clean") is True or state.get("boot") == (_boot() or None))

    def _write_state(self, keep: int, *, clean: bool) -> None:
        fresh = self._folder / f"{_STATE}.new"
        state = {"format": _FORMAT, "keep": keep, "clean": clean, "boot": _boot()}
        with fresh.open("w") as file:
            file.write(json.dumps(state))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / _STATE)


class _Table:
    """One file: as many keys as values. A key of 0 is a free slot; a value of 0 a forgotten id."""

    def __init__(self, path: Path, slots: int = 0) -> None:
        """Open the table, or make it with so many slots (a power of two). Raises OSError."""
        self.path = path
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if slots:
                # Allocated, not a hole: writing into a hole of a full disk would end the process.
                os.posix_fallocate(file, 0, slots * 16)
            size = os.fstat(file).st_size
            self._map = mmap.mmap(file, size)
        finally:
            os.close(file)
        self.slots = size // 16
        self._mask = np.uint64(self.slots - 1)
        self.keys: Words = np.frombuffer(self._map, np.uint64, self.slots)
        self.values: Words = np.frombuffer(self._map, np.uint64, self.slots, self.slots * 8)
        self._count = int(np.count_nonzero(self.keys)) if not slots else 0

    def room(self) -> int:
        """How many more ids it takes."""
        return int(self.slots * FULL) - self._count

    def find(self, keys: Words, checks: Words) -> Flags:
        """Which of the keys are there, with the same check."""
        found = np.zeros(len(keys), np.bool_)
        slots = keys & self._mask
        left = np.arange(len(keys))
        while len(left):
            there = self.keys[slots]
            values = self.values[slots]
            same = (there == keys[left]) & (values != 0) & (values >> _CHECK == checks[left])
            found[left[same]] = True
            on = (there != 0) & ~same
            left, slots = left[on], (slots[on] + np.uint64(1)) & self._mask
        return found

    def insert(self, keys: Words, values: Words) -> Numbers:
        """Put in keys that are not there, each once; returns their slots."""
        slots = keys & self._mask
        taken = np.zeros(len(keys), np.int64)
        left = np.arange(len(keys))
        while len(left):
            free = self.keys[slots] == 0
            _, first = np.unique(slots, return_index=True)
            mine = np.zeros(len(left), np.bool_)
            mine[first] = True  # of several that want a slot, one gets it
            won = free & mine
            at = slots[won]
            self.values[at] = values[left[won]]  # before the key: a slot with a key has a value
            self.keys[at] = keys[left[won]]
            taken[left[won]] = at
            self._count += int(won.sum())
            rest = ~won
            left = left[rest]
            slots = slots[rest]
            slots = np.where(free[rest], slots, (slots + np.uint64(1)) & self._mask)
        return taken

    def forget(self, bounds: Words) -> None:
        for start in range(0, self.slots, 1 << 22):
            values = self.values[start : start + (1 << 22)]
            shard = values >> _PLACE & np.uint64(0xFF)
            beyond = values & np.uint64((1 << 40) - 1)
            gone = (values != 0) & (beyond >= bounds[shard])
            if gone.any():
                values[gone] = 0

    def close(self, *, flush: bool = False) -> None:
        if flush:
            self._map.flush()
        self.keys = self.values = np.zeros(0, np.uint64)
        self._map.close()


def _repeated(keys: Words, checks: Words) -> Flags:
    """Which stand in the batch before already."""
    found = np.zeros(len(keys), np.bool_)
    if len(keys) < 2:
        return found
    both = np.stack([keys, checks], axis=1)
    order = np.lexsort((np.arange(len(keys)), both[:, 1], both[:, 0]))
    again = (both[order][1:] == both[order][:-1]).all(axis=1)
    found[order[1:][again]] = True
    return found


def _boot() -> str:
    """What changes when the machine starts anew."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""  # not Linux: only an index that was closed is whole
