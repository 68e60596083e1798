"""What the workers have in hand, and what they come back with: told by their threads, taken by the
thread of the rounds."""

from __future__ import annotations

import math
import queue
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from enishi.messages.channels.port import Later, Outcome
from enishi.messages.sending.ahead import Ready
from enishi.messages.sending.rounds import LATER_AT_MOST, Handed

ENOUGH = 0.9
"""So much of what is in hand is waited for before a round: a commit waits for the disk, for one as
long as for sixteen."""

LINGER_SECONDS = 0.02
"""It is not waited longer than so from the last commit on."""


Place: TypeAlias = tuple[str, int | None]
"""Where workers are: an account's, in all (None) or of one child's seat."""


def places(ready: Ready) -> Sequence[Place]:
    """Where this takes a worker."""
    whole: Place = (ready.account.id, None)
    return (whole,) if ready.seat is None else (whole, (ready.account.id, ready.seat))


class Hands:
    """`told` and `told_apart` are for any thread, everything else for that of the rounds."""

    def __init__(self) -> None:
        self.holding: dict[str, Ready] = {}
        self.unwritten: list[Handed] = []
        self._come: queue.SimpleQueue[Handed] = queue.SimpleQueue()
        self._enough = threading.Event()
        self._wanted = 1  # outcomes that make a round worth while
        self._quiet_until: dict[str, float] = {}
        self._committed = 0.0

    def told(self, ready: Ready, outcome: Outcome) -> None:
        """A worker of ours came back."""
        self._come.put(Handed(ready, outcome))
        if self._come.qsize() >= self._wanted:
            self._enough.set()

    def told_apart(self, outcomes: Sequence[tuple[str, Outcome]]) -> None:
        """The child told what came of deliveries."""
        for delivery, outcome in outcomes:
            ready = self.holding.get(delivery)
            if ready is not None:
                self.told(ready, outcome)

    def take(self, items: Iterable[Ready]) -> None:
        """These are handed over now."""
        for ready in items:
            self.holding[ready.claim.id] = ready
        self._committed = time.monotonic()
        self._expect()

    def collect(self) -> None:
        """Take in what has come."""
        while True:
            try:
                one = self._come.get_nowait()
            except queue.Empty:
                break
            self.unwritten.append(one)
            if isinstance(one.outcome, Later) and one.outcome.whole_channel:
                until = time.monotonic() + min(one.outcome.after, LATER_AT_MOST)
                self._quiet_until[one.ready.account.id] = until

        self._expect()

    def _expect(self) -> None:
        self._enough.clear()
        self._wanted = max(1, math.ceil(len(self.holding) * ENOUGH) - len(self.unwritten))
        if self._come.qsize() >= self._wanted:  # they came meanwhile
            self._enough.set()

    def linger(self) -> bool:
        """Whether to wait for more of them."""
        few = len(self.unwritten) < ENOUGH * len(self.holding)
        return few and time.monotonic() - self._committed < LINGER_SECONDS

    def wait(self, seconds: float) -> None:
        """Wait until enough have come, or so long; while any have come, no longer than they may."""
        self._enough.wait(min(seconds, LINGER_SECONDS) if self.holding else seconds)

    def written(self) -> list[Ready]:
        """The outcomes are in the book: forget them. Returns whose they were."""
        done = [one.ready for one in self.unwritten]
        for ready in done:
            self.holding.pop(ready.claim.id, None)
        self.unwritten.clear()
        return done

    def is_quiet(self, account: str) -> bool:
        """Whether an account asked to be left alone for now."""
        return self._quiet_until.get(account, 0.0) > time.monotonic()

    def busy(self) -> Counter[Place]:
        """How many there are in hand at each place, without those whose outcome is here."""
        busy = Counter(place for one in self.holding.values() for place in places(one))
        busy.subtract(place for one in self.unwritten for place in places(one.ready))
        return busy
