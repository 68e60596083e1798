"""Processes beside ours that make mails and hand them over, when many wait.

Rendering a template, putting a mail together, signing it and talking SMTP take a millisecond of
one core for each mail, and an interpreter runs one thread at a time. So two children do them, while
this process asks the gate and writes the book. A child knows neither the book nor the warehouse:
it is given compiled templates, values and accounts, keeps what it has made, and hands over what it
is told to. It makes ahead; it never sends ahead. Of an account's connections each child has its
share: who gives sees to it that none has more in hand (`share`).

When a child dies, what was in its hands has an unknown end. When we die, it ends what it has in
hand, and itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from enishi.messages.channels.port import Account, Later, Outcome, Outgoing, Unknown
from enishi.messages.sending.handing import Workers
from enishi.messages.sending.making import Batch, channel_of, learn, make

PROVIDERS = ("smtp",)
"""The channels that need nothing of this process: neither the book nor Django."""

FORGET_SECONDS = 45.0
"""What was made and not handed over for so long is dropped by the child."""

_SWITCH_SECONDS = 0.0005  # a thread that computes lets one that talks go on
_GIVEN_AT_MOST = 100
_CHILDREN = 2  # more would wait for this process, whose part of a mail is as large as a child's
_GATHER_SECONDS = 0.001  # outcomes that come so close together are told at once
GONE = Later("stopped", 1.0)
"""What was to be handed over by a child that had ended already: surely nobody has got it."""

Key = tuple[str, str]
"""An account and its stamp."""

Told = list[tuple[str, Outcome]]
Tell = Callable[[Told], None]


def fits(account: Account) -> bool:
    """Whether this account's mails may be made and sent apart. Rates by domain are kept here."""
    return account.live and account.provider in PROVIDERS and not account.config.get("rates")


@dataclass(frozen=True, slots=True)
class Begun:
    """Messages that the children are making. `seats`: which child has which, by delivery."""

    parts: Sequence[Future[dict[str, str]]]
    seats: Mapping[str, int]

    def result(self) -> dict[str, str]:
        """The failures, by delivery; EOFError when a child has died over it."""
        return {id_: code for part in self.parts for id_, code in part.result().items()}


@dataclass(frozen=True, slots=True)
class Seated:
    """A message that a child has made."""

    account: Account
    delivery: str
    seat: int


class Apart:
    """The children, as this process has them. `tell` is called with what came of deliveries."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._calls = count(1)
        self._children: dict[int, _Child] = {}
        self._used = 0.0

    @property
    def runs(self) -> bool:
        return bool(self._children)

    def begin(self, batch: Batch) -> Begun:
        """Have messages made; children are started as needed, and keep what they have made."""
        shares = _shares(channel_of(batch).workers)
        seats = {draft.delivery: n % len(shares) for n, draft in enumerate(batch.drafts)}
        parts = []
        with self._lock:
            self._used = time.monotonic()
            for seat, most in enumerate(shares):
                drafts = batch.drafts[seat :: len(shares)]
                if drafts:
                    part = replace(batch, drafts=drafts)
                    parts.append(self._child(seat).begin(next(self._calls), part, most))
        return Begun(parts, seats)

    def give(self, items: Sequence[Seated]) -> None:
        """Hand these over; `tell` is called once for each, whatever happens."""
        if not items:
            return
        self._used = time.monotonic()
        for seat, given in _by_seat(items).items():
            child = self._children.get(seat)
            if child is None:
                self._tell([(one.delivery, GONE) for one in given])
            else:
                child.give([((one.account.id, one.account.stamp), one.delivery) for one in given])

    def drop(self, items: Sequence[Seated]) -> None:
        """These will not be handed over after all."""
        for seat, dropped in _by_seat(items).items():
            child = self._children.get(seat)
            if child is not None:
                child.put(("drop", [one.delivery for one in dropped]))

    def rest(self, idle: float) -> None:
        """End the children when they have had nothing to do for so many seconds."""
        if self._children and time.monotonic() - self._used > idle:
            self.close()

    def close(self) -> None:
        """Let the children finish what they have in hand, and end."""
        with self._lock:
            children, self._children = list(self._children.values()), {}
        for child in children:
            child.put(("end",))
        for child in children:
            child.close()

    def _child(self, seat: int) -> _Child:
        child = self._children.get(seat)
        if child is None or child.dead:
            child = self._children[seat] = _Child(self._tell)
        return child


def share(workers: int, seat: int) -> int:
    """How many of an account's workers the child of a seat has."""
    return _shares(workers)[seat]


def _shares(workers: int) -> list[int]:
    several = min(_CHILDREN, workers)
    return [(workers + seat) // several for seat in range(several)]


def _by_seat(items: Sequence[Seated]) -> dict[int, list[Seated]]:
    found: dict[int, list[Seated]] = {}
    for one in items:
        found.setdefault(one.seat, []).append(one)
    return found


class _Child:
    """One child process, and the thread that listens to it."""

    def __init__(self, tell: Tell) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, os.getpid()), daemon=True)
        self._process.start()
        theirs.close()
        self._tell, self._lock = tell, threading.Lock()
        self._calls: dict[int, Future[dict[str, str]]] = {}
        self._in_hand: set[str] = set()
        self._given: set[str] = set()
        self.dead = False
        self._listener = threading.Thread(target=self._listen, name="apart", daemon=True)
        self._listener.start()

    def begin(self, call: int, batch: Batch, share: int) -> Future[dict[str, str]]:
        """`share`: how many connections of the batch's account this child may have."""
        future: Future[dict[str, str]] = Future()
        with self._lock:
            if self.dead:
                future.set_exception(EOFError())
                return future
            self._calls[call] = future
            if len(self._given) > _GIVEN_AT_MOST:
                self._given.clear()
            new = {id_: one for id_, one in batch.compiled.items() if id_ not in self._given}
            self._given |= new.keys()
        self.put(("make", call, replace(batch, compiled=new), share))
        return future

    def give(self, items: Sequence[tuple[Key, str]]) -> None:
        with self._lock:
            dead = self.dead
            if not dead:
                self._in_hand.update(delivery for _, delivery in items)
        if dead:
            self._tell([(delivery, GONE) for _, delivery in items])
        else:
            self.put(("hand", items))

    def put(self, message: tuple[Any, ...]) -> None:
        with self._lock, suppress(OSError):  # when it is gone, the listener sees to everything
            self._ours.send(message)

    def close(self) -> None:
        """Wait until it has ended, as it was told to."""
        self._listener.join()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()

    def _listen(self) -> None:
        while True:
            try:
                call, told = self._ours.recv()
            except (EOFError, OSError):
                break
            if call:
                with self._lock:
                    future = self._calls.pop(call)
                future.set_result(told)
            else:
                with self._lock:
                    self._in_hand.difference_update(delivery for delivery, _ in told)
                self._tell(told)
        with self._lock:
            self.dead = True
            calls, self._calls = list(self._calls.values()), {}
            left, self._in_hand = list(self._in_hand), set()
        for future in calls:
            future.set_exception(EOFError())
        self._tell([(delivery, Unknown("stopped")) for delivery in left])


# ── in the child ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is ready to be handed over."""

    delivery: str
    prepared: bytes
    outgoing: Outgoing
    at: float


class _Served:
    """The child's side: one thread listens, one makes, one tells, the workers send."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}
        self._forgot = 0.0
        self._workers: dict[Key, Workers[Kept]] = {}
        self._accounts: dict[Key, tuple[Batch, int]] = {}
        self._wanted: SimpleQueue[tuple[int, Batch] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[tuple[str, Outcome] | None] = SimpleQueue()

    def run(self) -> None:
        threading.Thread(target=self._make, daemon=True).start()
        teller = threading.Thread(target=self._tell, daemon=True)
        teller.start()
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                break
            if message[0] == "make":
                self._learn(message[2], message[3])
                self._wanted.put((message[1], message[2]))
            elif message[0] == "hand":
                for account, delivery in message[1]:
                    self._hand(account, delivery)
            elif message[0] == "drop":
                for delivery in message[1]:
                    self._kept.pop(delivery, None)
            else:
                break
        self._wanted.put(None)
        for workers in list(self._workers.values()):
            workers.close()
        self._outcomes.put(None)
        teller.join()

    def _hand(self, account: Key, delivery: str) -> None:
        kept = self._kept.pop(delivery, None)
        if kept is None:  # it was forgotten, and nothing of it has gone out
            self._outcomes.put((delivery, Later("forgotten", 1.0)))
            return
        found = self._workers.get(account)
        if found is None:
            batch, share = self._accounts[account]
            found = self._workers[account] = Workers(channel_of(batch), self._came, most=share)
        found.give(kept)

    def _came(self, kept: Kept, outcome: Outcome) -> None:
        self._outcomes.put((kept.delivery, outcome))

    def _tell(self) -> None:
        """Tell what came of deliveries, several at once where they come close together."""
        more = True
        while more:
            told = [self._outcomes.get()]
            if told[0] is not None:
                time.sleep(_GATHER_SECONDS)
            while not self._outcomes.empty():
                told.append(self._outcomes.get())
            more = None not in told
            self._say(0, [one for one in told if one is not None])

    def _learn(self, batch: Batch, share: int) -> None:
        learn(batch)
        account = (batch.account.id, batch.account.stamp)
        if account not in self._accounts:
            self._accounts[account] = (replace(batch, drafts=(), compiled={}), share)

    def _make(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            call, batch = wanted
            made, at = make(batch), time.monotonic()
            for one in made:
                if one.outgoing is not None:
                    self._kept[one.delivery] = Kept(one.delivery, one.prepared, one.outgoing, at)
            self._say(call, {one.delivery: one.failure for one in made if one.failure})
            self._forget(at)

    def _forget(self, at: float) -> None:
        """Now and then: drop what was made too long ago."""
        if at - self._forgot < FORGET_SECONDS / 10:
            return
        self._forgot = at
        for id_ in [i for i, one in list(self._kept.items()) if at - one.at > FORGET_SECONDS]:
            self._kept.pop(id_, None)

    def _say(self, call: int, told: object) -> None:
        """The answer to a call; 0: outcomes, which nobody called for."""
        with self._lock, suppress(OSError):  # nobody listens any more
            self._pipe.send((call, told))


def _serve(pipe: Connection, parent: int) -> None:
    sys.setswitchinterval(_SWITCH_SECONDS)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _Served(pipe).run()
    os._exit(0)


def _end_with(parent: int) -> None:
    """End a while after our parent, however it ended: what is in hand may be finished."""
    while os.getppid() == parent:
        time.sleep(0.5)
    time.sleep(2.0)
    os._exit(0)
