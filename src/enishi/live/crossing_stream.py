"""Crossings pushed to browsers as Server-Sent Events, from one follower for all of a process.

While anybody listens, one thread asks the warehouse what has crossed since it last looked; each
stream waits for it, keeps what its reader may see, and ends after a minute: the browser comes back
by itself with the id of what it saw last, and is let in anew or not. A stream occupies a thread of
the web process, so there may be so many and no more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from django.db import connections

from enishi.book.access import SYSTEM, Actor
from enishi.book.faults import kind_and_place
from enishi.kernel.errors import EnishiError, Unavailable
from enishi.kernel.text import Text
from enishi.warehouse.process import warehouse

MOST_STREAMS = 12
"""At a time in one process; `web.main` has so many more threads."""
MOST_EACH = 3
"""At a time for one user."""
LASTS = 60.0
HEARTBEAT = 2.0
"""A browser that has gone is noticed by the next one, and its place is free again."""
LOOK_EVERY = 0.5
KEPT = 2000
MISSED = 500
"""How many who comes back is told of what has passed meanwhile: the newest."""

Row: TypeAlias = dict[str, Any]
_log = logging.getLogger("enishi.live")


@dataclass
class _Follower:
    """What all streams of this process have in common.

    `kept` holds every crossing after `start` up to `cursor`, the last one looked at; both are empty
    before the first look.
    """

    came: threading.Condition = field(default_factory=threading.Condition)
    kept: deque[Row] = field(default_factory=deque)
    start: str = ""
    cursor: str = ""
    listeners: dict[str, int] = field(default_factory=dict)
    thread: threading.Thread | None = None


_follower = _Follower()


def open_streams() -> int:
    """How many streams are open in this process."""
    with _follower.came:
        return sum(_follower.listeners.values())


class Stream:
    """The events of a stream: what crossed after `after` (empty: from now on), then what crosses.

    Raises Unavailable `too_many_streams` at once when no more are let in. `close` frees its place,
    whether or not anything was read.
    """

    def __init__(
        self, actor: Actor, segments: Sequence[str] | None, after: str, *, lasts: float = LASTS
    ) -> None:
        _enter(actor.user_id)
        self._user: str | None = actor.user_id
        self._events = _events(actor, segments, after, time.monotonic() + lasts)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        self._events.close()
        user, self._user = self._user, None
        if user is not None:
            _leave(user)


def _enter(user: str) -> None:
    with _follower.came:
        mine = _follower.listeners.get(user, 0)
        if sum(_follower.listeners.values()) >= MOST_STREAMS or mine >= MOST_EACH:
            raise Unavailable(
                Text("同時に見られる数を超えています。", "Too many are watching at the same time."),
                Text(
                    "しばらくして自動でつながります。開いたままの別の画面を閉じると早まります。",
                    "It connects by itself after a while; closing other open pages helps.",
                ),
                code="too_many_streams",
            )
        _follower.listeners[user] = mine + 1
        if _follower.thread is None:
            _follower.thread = threading.Thread(target=_follow, name="crossings", daemon=True)
            _follower.thread.start()


def _leave(user: str) -> None:
    with _follower.came:
        _follower.listeners[user] -= 1
        if not _follower.listeners[user]:
            del _follower.listeners[user]
        _follower.came.notify_all()


def _events(
    actor: Actor, segments: Sequence[str] | None, after: str, until: float
) -> Generator[bytes]:
    with _follower.came:
        _follower.came.wait_for(lambda: bool(_follower.cursor), HEARTBEAT)
        after = after or _follower.cursor
    # Told first, so that a browser that comes back has somewhere to go on from.
    yield f"retry: 3000\nid: {after}\nevent: open\ndata: {{}}\n\n".encode()
    while (left := until - time.monotonic()) > 0:
        rows, after = _next(actor, segments, after, min(HEARTBEAT, left))
        yield from _told(rows)
        if not rows:
            yield b": still here\n\n"


def _next(
    actor: Actor, segments: Sequence[str] | None, after: str, seconds: float
) -> tuple[list[Row], str]:
    """What there is beyond `after` for this reader, waiting for it at most so long; and where that
    ends."""
    with _follower.came:
        _follower.came.wait_for(lambda: _follower.cursor > after, seconds)
        start, head = _follower.start, _follower.cursor
        fresh = [row for row in _follower.kept if row["crossing_id"] > after]
    wanted = [row for row in fresh if segments is None or row["segment"] in segments]
    rows = _seen(actor, wanted)
    if after < start:  # somebody comes back after more has passed than is kept
        missed = warehouse().crossings(
            actor=actor, after=after, segments=segments, newest=True, limit=MISSED
        )
        rows = [row for row in reversed(missed) if row["crossing_id"] <= start] + rows
    return rows, max(after, head)


def _seen(actor: Actor, rows: Sequence[Row]) -> list[Row]:
    """The rows of people in the actor's row scope."""
    if actor.scope is None or not rows:
        return list(rows)
    ids = warehouse().in_scope(sorted({row["id"] for row in rows}), actor=actor)
    return [row for row in rows if row["id"] in ids]


def _told(rows: Sequence[Row]) -> Iterator[bytes]:
    for row in rows:
        data = msgspec.json.encode(row).decode()
        yield f"id: {row['crossing_id']}\nevent: crossing\ndata: {data}\n\n".encode()


def _follow() -> None:
    """Ask what has crossed, as long as anybody listens."""
    try:
        while True:
            with _follower.came:
                if not _follower.listeners:
                    _follower.thread, _follower.start, _follower.cursor = None, "", ""
                    _follower.kept.clear()
                    return
            try:
                _look()
            except EnishiError as error:
                _log.info("crossings cannot be followed just now: %s", error.code)
            except Exception as error:
                _log.error("crossings cannot be followed: %s", kind_and_place(error))
            with _follower.came:
                _follower.came.wait_for(lambda: not _follower.listeners, LOOK_EVERY)
    finally:
        connections.close_all()


def _look() -> None:
    if not _follower.cursor:
        found = warehouse().newest_crossing() or "0"
        with _follower.came:
            _follower.start = _follower.cursor = found
            _follower.came.notify_all()
        return
    rows: list[Row] = warehouse().crossings(actor=SYSTEM, after=_follower.cursor, limit=KEPT // 2)
    if not rows:
        return
    with _follower.came:
        _follower.kept.extend(rows)
        while len(_follower.kept) > KEPT:
            _follower.start = _follower.kept.popleft()["crossing_id"]
        _follower.cursor = rows[-1]["crossing_id"]
        _follower.came.notify_all()
