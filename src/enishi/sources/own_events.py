"""Events that Enishi itself tells: written to the log like any other, each teller's in a shard of
its own.

From there they go the way of every event: rules, live segments, journeys and timelines know them.
An event that is told again (a process died between the log and the book) is the same event, by its
message id.

Whom somebody has erased is told of no more. Looking that up and writing are one step that setting
tombstones waits for (`nobody_tells`): what was written before them is found when the log is
blanked, and nothing of hers is written after them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from weakref import WeakSet

import msgspec
import pyarrow as pa

from enishi.book.workspace import Workspace
from enishi.catalog.types import Catalog
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.tombstones import Erased
from enishi.sources.stream.waking import ring
from enishi.warehouse.engine import Engine

_TOGETHER = 100  # events in one record of the log
_ASKED = "_own_events_asked"
_LOCK = "own_events.lock"
_encode = msgspec.json.Encoder(decimal_format="string").encode


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An event of our own about a person (her Enishi id); `at` aware."""

    message: str
    person: str
    event: str
    at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)


class Teller:
    """Writes one shard, which is also the name of the event source. `let_go` closes it.

    Opened with the first event and kept open, since each opening begins a new file. Not for several
    threads at a time.
    """

    def __init__(self, shard: str, forget: Callable[[], None] = lambda: None) -> None:
        """`forget`: drops what whoever tells remembers of the workspace; called with each close."""
        self.shard = shard
        self._forget = forget
        self._open: Shard | None = None
        self._folder: Path | None = None
        self._erased: Erased | None = None
        _tellers.add(self)

    def tell(
        self,
        told: Sequence[OwnEvent],
        workspace: Workspace,
        engine: Engine,
        catalog: Catalog,
        now: datetime,
    ) -> None:
        """Write events, received `now`; on the disk when this returns. Who is erased, or not known
        to the warehouse, has none of them, and nobody has any without a stream.

        Raises Conflict `shard_taken` while another process tells, OSError when the disk refuses.
        """
        if not told or catalog.stream is None:
            return
        at = int(now.timestamp() * 1_000_000)
        with nobody_tells(workspace.events):
            shard = self._shard(workspace)
            users = _users(engine, catalog, {one.person for one in told})
            gone = self._gone(engine)
            calls = [
                _call(one, user)
                for one in told
                if (user := users.get(one.person)) is not None and not gone.is_erased(user)
            ]
            if not calls:
                return
            shard.roll_if_asked()
            shard.append(
                [
                    encode(
                        at,
                        Head(self.shard, "batch"),
                        _encode({"batch": calls[start : start + _TOGETHER]}),
                    )
                    for start in range(0, len(calls), _TOGETHER)
                ]
            )
        ring(workspace.events)

    def rest(self) -> None:
        """To be called now and then while there is nothing to tell: whoever rewrites the log waits
        for a segment to be let go of."""
        if self._open is not None:
            self._open.roll_if_asked()

    def close(self) -> None:
        """Let go of the shard."""
        self._let_go()
        self._forget()

    def _let_go(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = self._folder = self._erased = None

    def _shard(self, workspace: Workspace) -> Shard:
        folder = workspace.events / self.shard
        if self._open is None or self._folder != folder:
            self._let_go()
            self._open, self._folder = Shard(folder), folder
            self._erased = Erased(workspace.secret())
        return self._open

    def _gone(self, engine: Engine) -> Erased:
        """Who bears a tombstone now."""
        assert self._erased is not None
        with engine.books.read() as question:
            self._erased.refresh(question)
        return self._erased


_tellers: WeakSet[Teller] = WeakSet()
"""All of this process."""


def let_go() -> None:
    """Close every shard that this process tells into, so that another one may go on. When one
    cannot be closed, the others are."""
    with contextlib.ExitStack() as each:
        for teller in _tellers:
            each.callback(teller.close)


@contextlib.contextmanager
def nobody_tells(events: Path) -> Iterator[None]:
    """While this is held no teller of the workspace looks anybody up or writes."""
    events.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(events / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _call(one: OwnEvent, user: str) -> dict[str, Any]:
    return {
        "type": "track", "messageId": one.message, "userId": user, "event": one.event,
        "timestamp": one.at.astimezone(UTC).isoformat(), "properties": dict(one.properties),
    }  # fmt: skip


def _users(engine: Engine, catalog: Catalog, persons: Iterable[str]) -> dict[str, str]:
    """From Enishi ids to what events call these persons; left out: whom the warehouse lacks."""
    stream = catalog.stream
    ids = sorted(person for person in set(persons) if person)
    if stream is None or not ids:
        return {}
    dataset, spell = catalog.datasets[stream.person], engine.spelling
    current = " AND _to IS NULL" if dataset.versioned else ""
    with engine.read() as question:
        question.register(_ASKED, pa.table({"_id": pa.array(ids, pa.string())}))
        rows = question.rows(
            f"SELECT _id, {spell.name(stream.user)} FROM {spell.data(dataset.name)}"
            f" WHERE _id IN (SELECT _id FROM {_ASKED}){current}"
        )
    return {str(person): str(user) for person, user in rows if user not in (None, "")}
