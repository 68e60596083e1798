"""Making messages ready to be handed over: all that costs CPU, and nothing else.

Rendering a template, putting a mail together and signing it take half a millisecond and hold the
interpreter. So where many wait, a child process does it, beside the process that talks to the
providers and to the book. The child knows no database: it is given compiled templates and accounts.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from enishi.kernel.errors import EnishiError
from enishi.messages.channels.port import Account, Channel, Outgoing
from enishi.messages.channels.registry import channel_for
from enishi.messages.rendering import Compiled, Links, UnrenderableError

MakeLinks: TypeAlias = Callable[[str], Links]
"""The links of a delivery, by its id. They can be pickled."""

MakeChannel: TypeAlias = Callable[[Account], Channel]


@dataclass(frozen=True, slots=True)
class Draft:
    """One message that is to be made. `version` is the id of its template's version."""

    delivery: str
    key: str
    person: str
    version: str
    values: Mapping[str, object] = field(repr=False)
    address: str = field(repr=False)
    name: str = field(repr=False)
    at: datetime
    links: Links = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """One message made, or the stable code of why it cannot be."""

    delivery: str
    prepared: bytes = field(default=b"", repr=False)
    outgoing: Outgoing | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages of one account. `compiled` are those of the versions that were not given before."""

    account: Account
    drafts: Sequence[Draft]
    compiled: Mapping[str, Compiled]
    channel: MakeChannel = channel_for


_versions: dict[str, Compiled] = {}
_channels: dict[tuple[str, str], Channel] = {}
_MOST_KEPT = 200


def make(batch: Batch) -> list[Made]:
    """Make every message of a batch, in this process."""
    if len(_versions) > _MOST_KEPT:
        _versions.clear()
    _versions.update(batch.compiled)
    channel = _channel(batch)
    return [_made(draft, channel) for draft in batch.drafts]


def _channel(batch: Batch) -> Channel:
    known = (batch.account.id, batch.account.stamp)
    found = _channels.get(known)
    if found is None:
        if len(_channels) > _MOST_KEPT:
            _channels.clear()
        found = _channels[known] = batch.channel(batch.account)
    return found


def _made(draft: Draft, channel: Channel) -> Made:
    try:
        rendered = _versions[draft.version].render(draft.values, draft.links)
        outgoing = Outgoing(
            draft.key, draft.delivery, draft.person, draft.address, draft.name, rendered, draft.at,
            draft.links.unsubscribe,
        )  # fmt: skip
        return Made(draft.delivery, channel.prepare(outgoing), outgoing)
    except UnrenderableError as error:
        return Made(draft.delivery, failure=error.code)
    except EnishiError as error:
        return Made(draft.delivery, failure=error.code)


class Maker:
    """Makes batches, here or in a child process. For one thread at a time."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._given: set[str] = set()
        self._used = 0.0

    def begin(self, batch: Batch) -> Future[list[Made]]:
        """Have a batch made by the child, which is started for the first."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, multiprocessing.get_context("spawn"), _end_with_parent, (os.getpid(),)
            )
            self._given = set()
        self._used = time.monotonic()
        if len(self._given) > _MOST_KEPT // 2:
            self._given = set()  # the child forgets too, in time
        new = {id_: one for id_, one in batch.compiled.items() if id_ not in self._given}
        self._given |= new.keys()
        return self._pool.submit(make, Batch(batch.account, batch.drafts, new, batch.channel))

    def take(self, begun: Future[list[Made]], batch: Batch) -> list[Made]:
        """What a batch became; made here when the child has died over it."""
        try:
            return begun.result()
        except BrokenProcessPool:
            self.close()
            return make(batch)

    def rest(self, idle: float) -> None:
        """End the child when it has had nothing to do for so many seconds."""
        if self._pool is not None and time.monotonic() - self._used > idle:
            self.close()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _end_with_parent(parent: int) -> None:
    """Let the child end within a second of its parent's end, however that came."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
