"""Workers: each holds one connection to a provider and hands over one message at a time."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections

from enishi.book.faults import kind_and_place
from enishi.book.unit import crash_point
from enishi.messages.ahead import Ready
from enishi.messages.channels.port import Channel, Connection, Outcome, Unknown

IDLE_SECONDS = 20.0
"""How long a worker without work keeps its connection."""

_log = logging.getLogger("enishi.sending")


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that a worker had, and what came of it."""

    ready: Ready
    outcome: Outcome


class Workers:
    """The workers of one account; at most `channel.workers` at a time, started as needed."""

    def __init__(self, channel: Channel, tell: Callable[[Handed], None]) -> None:
        self.channel = channel
        self._tell = tell
        self._waiting: queue.SimpleQueue[Ready | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._busy = 0

    def give(self, ready: Ready) -> None:
        """Have a free worker hand this over; it is told of once an outcome is there."""
        with self._lock:
            self._busy += 1
            if len(self._threads) < self._busy:
                thread = threading.Thread(target=self._run, name=f"send-{self.channel.name}")
                self._threads.add(thread)
                thread.start()
        self._waiting.put(ready)

    def close(self) -> None:
        """Let every worker finish what it has in hand, and end."""
        with self._lock:
            threads = list(self._threads)
        for _ in threads:
            self._waiting.put(None)
        for thread in threads:
            thread.join()

    def _run(self) -> None:
        connection: Connection | None = None
        try:
            while (ready := self._next()) is not None:
                crash_point("sending.handing")
                try:
                    connection = connection or self.channel.open()
                    outcome = connection.send(ready.prepared, ready.outgoing)
                except Exception as error:
                    # A channel answers whatever happens; when it does not, nobody knows.
                    where = kind_and_place(error)
                    _log.error("the channel %s failed with %s", self.channel.name, where)
                    outcome = Unknown("stopped")
                crash_point("sending.answered")
                with self._lock:
                    self._busy -= 1
                self._tell(Handed(ready, outcome))
        finally:
            if connection is not None:
                connection.close()
            connections.close_all()

    def _next(self) -> Ready | None:
        """The next message; None when there has been none for a while, or at the end."""
        while True:
            try:
                return self._waiting.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    # Only as many stay as may be given something before another is started.
                    if len(self._threads) > self._busy:
                        self._threads.discard(threading.current_thread())
                        return None
