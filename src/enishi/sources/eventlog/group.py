"""Many requests, one sync: a thread that writes what has gathered while the last sync ran.

What waits is bounded in bytes and in requests, and so is what the drain has not taken yet: beyond
a bound a record is refused at once, and memory never grows.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from enishi.kernel.errors import EnishiError, Unavailable
from enishi.kernel.text import Text
from enishi.sources.eventlog.bell import Bell
from enishi.sources.eventlog.positions import read_drained
from enishi.sources.eventlog.writer import Shard

Done: TypeAlias = Callable[[list["Waiting"], EnishiError | None], None]
"""Told, in the writer's thread, of records that are durable (None) or refused (the error)."""

_LOOK_EVERY = 0.1  # seconds between two looks at `roll` and `drained`
_TRY_AGAIN = 0.2  # seconds before a shard that cannot be opened is tried again
_log = logging.getLogger("enishi.ingest")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait, in bytes and in requests: to be written, and to be drained."""

    bytes: int = 64 * 1024 * 1024
    requests: int = 20_000
    backlog: int = 4 * 1024 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Waiting:
    """A record that has been handed over; `whose` is the asker's own mark."""

    record: bytes
    whose: object


class GroupWriter:
    """Writes records to a shard in a thread of its own. `close` writes what waits, and ends it."""

    def __init__(
        self,
        folder: Path,
        done: Done,
        *,
        bounds: Bounds | None = None,
        wake: Path | None = None,
        open_shard: Callable[[Path], Shard] = Shard,
    ) -> None:
        """`wake` is the datagram socket that gets a byte after each sync, if there is one."""
        self._folder, self._done, self._bounds = folder, done, bounds or Bounds()
        self._open = open_shard
        self._wake = Bell(wake) if wake is not None else None
        self._queue: list[Waiting] = []
        self._held = self._writing = 0  # bytes: waiting, and in the hands of the thread
        self._closing = False
        self._refusing: Unavailable | None = not_ready()
        self._look_at = 0.0
        self._turn = threading.Condition()
        self.settled = threading.Event()  # set once the shard has been opened, or refused
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def submit(self, record: bytes, whose: object) -> None:
        """Hand a record over; `done` is told of it later. Raises Unavailable: try again later."""
        with self._turn:
            refusing = self._refusing
            if refusing is not None:
                raise again(refusing)
            held = self._held + self._writing + len(record)
            if held > self._bounds.bytes or len(self._queue) >= self._bounds.requests:
                raise too_busy()
            if self._closing:
                raise not_ready()
            self._queue.append(Waiting(record, whose))
            self._held += len(record)
            if len(self._queue) == 1:
                self._turn.notify()

    def refusing(self) -> Unavailable | None:
        """Why no record is accepted now; None when they are."""
        return self._refusing

    def close(self) -> None:
        with self._turn:
            self._closing = True
            self._turn.notify()
        self._thread.join()
        if self._wake is not None:
            self._wake.close()

    def _run(self) -> None:
        while True:
            shard = self._opened()
            self.settled.set()
            if shard is not None:
                with shard:
                    if self._serve(shard):
                        return
            with self._turn:
                if self._closing:
                    return
                self._turn.wait(_TRY_AGAIN)

    def _serve(self, shard: Shard) -> bool:
        """Write groups until the end (true), or until something nobody has foreseen (false)."""
        while True:
            self._look(shard)
            group = self._gathered()
            if group is None:
                return True
            if group and not self._write(shard, group):
                self._refusing = not_ready()
                return False

    def _opened(self) -> Shard | None:
        try:
            shard = self._open(self._folder)
        except (OSError, EnishiError) as error:
            refusing = disk_refuses(error) if isinstance(error, OSError) else not_ready()
            if self._refusing is None or self._refusing.code != refusing.code:
                _log.warning("the log cannot be opened: %s", refusing.code)
            self._refusing = refusing
            return None
        self._refusing = None
        return shard

    def _gathered(self) -> list[Waiting] | None:
        """What has gathered, maybe nothing; None at the end."""
        with self._turn:
            if not self._queue:
                if self._closing:
                    return None
                self._turn.wait(_LOOK_EVERY)
            group, self._queue = self._queue, []
            self._writing, self._held = self._held, 0
            return group

    def _write(self, shard: Shard, group: list[Waiting]) -> bool:
        """Write a group and tell of it; false when the shard has to be opened anew."""
        error: EnishiError | None = None
        whole = True
        try:
            shard.append([waiting.record for waiting in group])
        except OSError as refused:
            _log.warning("the log cannot be written: errno %s", refused.errno)
            error = disk_refuses(refused)
        except Exception:
            _log.exception("the log could not be written")
            error, whole = not_ready(), False
        self._writing = 0
        self._done(group, error)
        if error is None and self._wake is not None:
            self._wake.ring()
        return whole

    def _look(self, shard: Shard) -> None:
        """Roll when asked to; refuse more while the drain is too far behind."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_EVERY
        try:
            shard.roll_if_asked()
        except OSError as error:
            _log.warning("no new segment could be begun: errno %s", error.errno)
        behind = shard.end - max(read_drained(self._folder), self._oldest(shard))
        self._refusing = backlog_full() if behind > self._bounds.backlog else None

    def _oldest(self, shard: Shard) -> int:
        """Where the shard's oldest segment starts: what is no longer there does not wait.

        Only looked up when the log is longer than the bound at all.
        """
        if shard.end <= self._bounds.backlog:
            return 0
        starts = [int(path.name[:20]) for path in self._folder.glob("*.log*")]
        return min(starts, default=0)


def again(error: EnishiError) -> Unavailable:
    """A new error like this one. The same one, raised for request after request, would gather
    their tracebacks and keep their bodies in memory."""
    return Unavailable(error.message, error.remedy, code=error.code, detail=error.detail)


def not_ready() -> Unavailable:
    return Unavailable(
        Text("イベントの受付を準備しています。", "The event API is getting ready."),
        Text("少し待って、もう一度お送りください。", "Wait a moment and send again."),
        code="ingest_not_ready",
    )


def too_busy() -> Unavailable:
    return Unavailable(
        Text("受付が混み合っています。", "Too many events are waiting to be written."),
        Text("少し待って、もう一度お送りください。", "Wait a moment and send again."),
        code="ingest_busy",
    )


def backlog_full() -> Unavailable:
    return Unavailable(
        Text(
            "取り込みを待つイベントが上限に達しています。",
            "The events that wait to be drained have reached their bound.",
        ),
        Text(
            "しばらく待って、もう一度お送りください。"
            "続くときは enishi serve の work を確認してください。",
            "Send again later. If it lasts, look at the work process of `enishi serve`.",
        ),
        code="ingest_backlog",
    )


def disk_refuses(error: OSError) -> Unavailable:
    return Unavailable(
        Text(
            "イベントをディスクに書き込めませんでした。",
            "The events could not be written to the disk.",
        ),
        Text(
            "空き容量を確かめ、もう一度お送りください。",
            "Make room on the disk and send again.",
        ),
        code="ingest_disk",
        detail={"errno": error.errno},
    )
