"""Units of work: a change and everything it causes commit together, and none takes long.

The book has one writer at a time on SQLite. A unit waits for its turn at a lock file beside the
book, which it polls every millisecond: SQLite's own waiting sleeps up to 100 ms at a time and would
miss every gap that a bulk writer leaves. Bulk work goes through `in_chunks`, which keeps each
transaction near 50 ms and steps aside between two of them.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, transaction

from enishi.book.database import BUSY_SECONDS
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Text

T = TypeVar("T")
Flush = Callable[[list[Any]], None]

LONGEST_MS = 100.0
"""No unit may hold the book longer; one that does is named in the log."""
WARNED_MS = 500.0
"""From here on as a warning: whoever waits for the book notices."""

LEAST_SHARE = 0.3
"""The share of a unit's target time that is work, at least."""

_POLL_SECONDS = 0.001
_GIVE_WAY_SECONDS = 0.003
_log = logging.getLogger("enishi.book")
_local = threading.local()
_passed: dict[str, int] = {}


class _Unit:
    """What the unit, or a savepoint inside it, has put off until just before its commit."""

    def __init__(self) -> None:
        self.deferred: dict[Flush, list[Any]] = {}

    def take_over(self, inner: _Unit) -> None:
        for flush, items in inner.deferred.items():
            self.deferred.setdefault(flush, []).extend(items)


def _stack() -> list[_Unit]:
    if not hasattr(_local, "units"):
        _local.units = []
    found: list[_Unit] = _local.units
    return found


@contextmanager
def work(name: str = "") -> Iterator[None]:
    """One unit of work: everything inside commits together or not at all.

    A unit inside a unit is a savepoint. `name` appears in the log when the unit was too long.
    Raises Unavailable `book_busy` when no turn came within the time of `BUSY_SECONDS`.
    """
    stack = _stack()
    if stack:
        inner = _Unit()
        stack.append(inner)
        try:
            with transaction.atomic():
                yield
        finally:
            stack.pop()
        stack[-1].take_over(inner)
        return
    with _turn():
        begun = time.perf_counter()
        unit = _Unit()
        stack.append(unit)
        try:
            with transaction.atomic():
                yield
                for flush, items in unit.deferred.items():
                    flush(items)
        finally:
            stack.pop()
    took = (time.perf_counter() - begun) * 1000
    level = logging.INFO if took > LONGEST_MS else logging.DEBUG
    if took > WARNED_MS:
        level = logging.WARNING
    _log.log(level, "a unit of work took %.0f ms: %s", took, name or "unnamed")


def in_unit() -> bool:
    """Whether a unit of work is open in this thread."""
    return bool(_stack())


def before_commit(flush: Flush, item: object) -> None:
    """Keep `item` until the outermost unit is about to commit; then `flush` gets them all at once.

    What a rolled-back savepoint has kept is dropped with it.
    """
    _stack()[-1].deferred.setdefault(flush, []).append(item)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for the right to write to a SQLite book; PostgreSQL keeps its own order."""
    path = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or ":memory:" in path or connection.in_atomic_block:
        yield
        return
    with Path(f"{path}.turn").open("ab") as file:
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise _busy() from None
                time.sleep(_POLL_SECONDS)
        yield


@contextmanager
def alone() -> Iterator[None]:
    """The turn to write, without a transaction: for what a database does outside of one."""
    with _turn():
        yield


def _busy() -> Unavailable:
    return Unavailable(
        Text("いま混み合っていて保存できませんでした。", "The book is busy; nothing was saved."),
        Text("少し待って、もう一度お試しください。", "Wait a moment and try again."),
        code="book_busy",
    )


def in_chunks(
    items: Iterable[T],
    write: Callable[[list[T]], None],
    *,
    size: int = 500,
    target_ms: float = 50.0,
    name: str = "",
    after: Callable[[int], None] | None = None,
) -> int:
    """Write many items in short units; returns how many were written.

    `write` is called inside a unit with a chunk whose size follows the time the last one took, so
    that a unit stays near `target_ms`. `after` is told the total so far once a chunk has committed.
    The caller makes it resumable and publishes the whole in a short unit of its own.
    """
    rest = iter(items)
    done = 0
    while chunk := list(islice(rest, size)):
        if done:
            time.sleep(_GIVE_WAY_SECONDS)  # let a waiting writer have its turn
        begun, busy = time.perf_counter(), time.thread_time()
        with work(name):
            write(chunk)
        spent = time.perf_counter() - begun, time.thread_time() - busy
        done += len(chunk)
        if after is not None:
            after(done)
        size = max(50, min(20_000, int(len(chunk) * grown(*spent, target_ms))))
    return done


def grown(seconds: float, busy: float, target_ms: float) -> float:
    """By how much the next unit should be larger than one that took so long to stay near the
    target, at most twice as large.

    `busy` is how long this thread itself has worked for it. What it waited for besides, a slow disk
    or a loaded machine, takes as long for a small unit: none is made so small that it would do
    little but wait.
    """
    wanted = target_ms / max(seconds * 1000, 1.0)
    least = target_ms * LEAST_SHARE / max(busy * 1000, 1.0)
    return min(2.0, max(wanted, least))


def crash_point(name: str) -> None:
    """A named place where a test may kill the process: `ENISHI_CRASH_AT=name` or `name:3`.

    With a number, the process dies the third time it passes here. It dies as by a power cut.
    """
    wanted = os.environ.get("ENISHI_CRASH_AT")
    if not wanted:
        return
    place, _, times = wanted.partition(":")
    if place != name:
        return
    _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] >= int(times or "1"):
        os.kill(os.getpid(), signal.SIGKILL)
