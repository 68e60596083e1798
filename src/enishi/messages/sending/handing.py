"""Workers: each holds one connection to a provider and hands over one message at a time."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from enishi.book.faults import kind_and_place
from enishi.book.unit import crash_point
from enishi.messages.channels.port import Channel, Connection, Outcome, Outgoing, Unknown

IDLE_SECONDS = 20.0
"""How long a worker without work keeps its connection."""

_log = logging.getLogger("enishi.sending")


class Message(Protocol):
    """What can be handed over."""

    @property
    def prepared(self) -> bytes: ...

    @property
    def outgoing(self) -> Outgoing: ...


M = TypeVar("M", bound=Message)


def _nothing() -> None:
    """What a worker leaves behind where there is nothing to close."""


class Workers(Generic[M]):
    """The workers of one account, started as needed, `most` at most: what is given beyond that
    waits for one. `end` is called at the end of each one's thread. Without `most`, whoever gives
    sees to it that no more are in hand than `channel.workers`."""

    def __init__(
        self,
        channel: Channel,
        tell: Callable[[M, Outcome], None],
        end: Callable[[], None] = _nothing,
        *,
        most: int | None = None,
    ) -> None:
        self.channel = channel
        self._tell, self._end = tell, end
        self._most = channel.workers if most is None else most
        self._waiting: queue.SimpleQueue[M | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._busy = 0

    def give(self, message: M) -> None:
        """Have a free worker hand this over; it is told of once an outcome is there."""
        with self._lock:
            self._busy += 1
            if len(self._threads) < min(self._busy, self._most):
                thread = threading.Thread(target=self._run, name=f"send-{self.channel.name}")
                self._threads.add(thread)
                thread.start()
        self._waiting.put(message)

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
            while (message := self._next()) is not None:
                crash_point("sending.handing")
                try:
                    connection = connection or self.channel.open()
                    outcome = connection.send(message.prepared, message.outgoing)
                except Exception as error:
                    # A channel answers whatever happens; when it does not, nobody knows.
                    where = kind_and_place(error)
                    _log.error("the channel %s failed with %s", self.channel.name, where)
                    outcome = Unknown("stopped")
                crash_point("sending.answered")
                with self._lock:
                    self._busy -= 1
                self._tell(message, outcome)
        finally:
            if connection is not None:
                connection.close()
            self._end()

    def _next(self) -> M | None:
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
