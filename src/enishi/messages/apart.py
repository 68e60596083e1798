"""A process beside ours that makes mails and hands them over, when many wait.

Rendering a template, putting a mail together, signing it and talking SMTP take a millisecond of
one core for each mail, and the interpreter runs one thread at a time. So a child does them, while
this process asks the gate and writes the book. The child knows neither the book nor the warehouse:
it is given compiled templates, values and accounts, keeps what it has made, and hands over what it
is told to, at most as many at a time as there are workers. It makes ahead; it never sends ahead.

When the child dies, what was in its hands has an unknown end. When we die, it ends what it has in
hand, and itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from enishi.messages.channels.port import Account, Later, Outcome, Outgoing, Unknown
from enishi.messages.handing import Workers
from enishi.messages.making import Batch, Made, channel_of, make

PROVIDERS = ("smtp",)
"""The channels that need nothing of this process: neither the book nor Django."""

FORGET_SECONDS = 45.0
"""What was made and not handed over for so long is dropped by the child."""

_SWITCH_SECONDS = 0.0005  # a thread that computes lets one that talks go on
_GIVEN_AT_MOST = 100
Tell = Callable[[str, Outcome], None]


def fits(account: Account) -> bool:
    """Whether this account's mails may be made and sent apart. Rates by domain are kept here."""
    return account.live and account.provider in PROVIDERS and not account.config.get("rates")


class Apart:
    """The child, as this process has it. `tell` is called with each delivery's outcome."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._calls = count(1)
        self._child: _Child | None = None
        self._used = 0.0

    @property
    def runs(self) -> bool:
        return self._child is not None

    def begin(self, batch: Batch) -> Future[list[Made]]:
        """Have messages made; the child is started for the first. What it answers lacks what was
        prepared, which it keeps. It fails with EOFError when the child dies."""
        with self._lock:
            self._used = time.monotonic()
            if self._child is None or self._child.dead:
                self._child = _Child(self._tell)
            child = self._child
        return child.begin(next(self._calls), batch)

    def give(self, account: Account, delivery: str) -> None:
        """Hand over what was made for a delivery; `tell` is called once, whatever happens."""
        child = self._child
        if child is None:
            self._tell(delivery, Unknown("stopped"))
        else:
            self._used = time.monotonic()
            child.give((account.id, account.stamp), delivery)

    def drop(self, deliveries: Sequence[str]) -> None:
        """These will not be handed over after all."""
        child = self._child
        if child is not None and deliveries:
            child.put(("drop", list(deliveries)))

    def rest(self, idle: float) -> None:
        """End the child when it has had nothing to do for so many seconds."""
        if self._child is not None and time.monotonic() - self._used > idle:
            self.close()

    def close(self) -> None:
        """Let the child finish what it has in hand, and end."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            child.close()


class _Child:
    """One child process, and the thread that listens to it."""

    def __init__(self, tell: Tell) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, os.getpid()), daemon=True)
        self._process.start()
        theirs.close()
        self._tell, self._lock = tell, threading.Lock()
        self._calls: dict[int, Future[list[Made]]] = {}
        self._in_hand: set[str] = set()
        self._given: set[str] = set()
        self.dead = False
        self._listener = threading.Thread(target=self._listen, name="apart", daemon=True)
        self._listener.start()

    def begin(self, call: int, batch: Batch) -> Future[list[Made]]:
        future: Future[list[Made]] = Future()
        with self._lock:
            if self.dead:
                future.set_exception(EOFError())
                return future
            self._calls[call] = future
            if len(self._given) > _GIVEN_AT_MOST:
                self._given.clear()
            new = {id_: one for id_, one in batch.compiled.items() if id_ not in self._given}
            self._given |= new.keys()
        self.put(("make", call, replace(batch, compiled=new)))
        return future

    def give(self, account: tuple[str, str], delivery: str) -> None:
        with self._lock:
            if not self.dead:
                self._in_hand.add(delivery)
        if delivery in self._in_hand:
            self.put(("hand", account, delivery))
        else:
            self._tell(delivery, Unknown("stopped"))

    def put(self, message: tuple[Any, ...]) -> None:
        with self._lock, suppress(OSError):  # when it is gone, the listener sees to everything
            self._ours.send(message)

    def close(self) -> None:
        self.put(("end",))
        self._listener.join()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()

    def _listen(self) -> None:
        while True:
            try:
                kind, name, what = self._ours.recv()
            except (EOFError, OSError):
                break
            if kind == "made":
                with self._lock:
                    future = self._calls.pop(name)
                future.set_result(what)
            else:
                with self._lock:
                    self._in_hand.discard(name)
                self._tell(name, what)
        with self._lock:
            self.dead = True
            calls, self._calls = list(self._calls.values()), {}
            left, self._in_hand = list(self._in_hand), set()
        for future in calls:
            future.set_exception(EOFError())
        for delivery in left:
            self._tell(delivery, Unknown("stopped"))


# ── in the child ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is ready to be handed over."""

    delivery: str
    prepared: bytes
    outgoing: Outgoing
    at: float


class _Served:
    """The child's side: one thread listens, one makes, the workers send."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._kept: dict[str, Kept] = {}
        self._workers: dict[tuple[str, str], Workers[Kept]] = {}
        self._accounts: dict[tuple[str, str], Batch] = {}
        self._wanted: SimpleQueue[tuple[int, Batch] | None] = SimpleQueue()

    def run(self) -> None:
        maker = threading.Thread(target=self._make, daemon=True)
        maker.start()
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                break
            if message[0] == "make":
                self._wanted.put((message[1], message[2]))
            elif message[0] == "hand":
                self._hand(message[1], message[2])
            elif message[0] == "drop":
                for delivery in message[1]:
                    self._kept.pop(delivery, None)
            else:
                break
        self._wanted.put(None)
        for workers in list(self._workers.values()):
            workers.close()

    def _hand(self, account: tuple[str, str], delivery: str) -> None:
        kept = self._kept.pop(delivery, None)
        if kept is None:  # it was forgotten, and nothing of it has gone out
            self._say("came", delivery, Later("forgotten", 1.0))
            return
        found = self._workers.get(account)
        if found is None:
            channel = channel_of(self._accounts[account])
            found = self._workers[account] = Workers(channel, self._came)
        found.give(kept)

    def _came(self, kept: Kept, outcome: Outcome) -> None:
        self._say("came", kept.delivery, outcome)

    def _make(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            call, batch = wanted
            self._accounts[(batch.account.id, batch.account.stamp)] = replace(
                batch, drafts=(), compiled={}
            )
            made, at = make(batch), time.monotonic()
            for one in made:
                if one.outgoing is not None:
                    self._kept[one.delivery] = Kept(one.delivery, one.prepared, one.outgoing, at)
            self._say("made", call, [Made(one.delivery, failure=one.failure) for one in made])
            old = [id_ for id_, one in list(self._kept.items()) if at - one.at > FORGET_SECONDS]
            for id_ in old:
                self._kept.pop(id_, None)

    def _say(self, kind: str, name: object, what: object) -> None:
        with self._lock, suppress(OSError):  # nobody listens any more
            self._pipe.send((kind, name, what))


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
