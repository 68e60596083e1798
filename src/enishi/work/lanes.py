"""Lanes: each domain's durable loop in a thread of its own, so that one cannot starve another.

A lane without work sleeps until something has been committed that may be work for it: one thread
looks for that for all of them, which costs next to nothing. Besides, every lane looks by itself now
and then, since time alone makes things due.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections, connections

from enishi.book.faults import kind_and_place
from enishi.book.workspace import Workspace
from enishi.kernel.clock import Clock

IDLE_SECONDS = 2.0
"""How long a lane without work waits before it looks again; a poke wakes it at once."""

LOOK_SECONDS = 0.1
"""How often it is asked whether anything has been committed, which wakes the lanes."""

APART_SECONDS = 1.0
"""So long apart a lane is woken at least, however much is committed."""

PROMPT_SECONDS = 0.25
"""The same for lanes that are to be prompt while much is going on."""

_LONGEST_PAUSE = 30.0
_log = logging.getLogger("enishi.work")


@dataclass(frozen=True, slots=True)
class Context:
    """What every `run_once` is given."""

    workspace: Workspace
    clock: Clock
    warehouse: Any  # enishi.warehouse.warehouse.Warehouse, on its own file


RunOnce = Callable[[Context], bool]
"""Does one slice of work; True when there may be more."""

Mark = Callable[[], object]
"""Another value than before whenever something has been committed (see `noticing`)."""


class Lanes:
    """The running loops. `poke` wakes them, `stop` lets each finish its slice."""

    def __init__(
        self,
        context: Context,
        loops: Sequence[tuple[str, RunOnce]],
        mark: Mark | None = None,
        *,
        prompt: Collection[str] = (),
    ) -> None:
        """`mark`: what tells that there may be work; without it lanes look by themselves alone.
        `prompt` are the names of lanes that are woken again sooner than others."""
        self._context, self._prompt = context, frozenset(prompt)
        self._stop = threading.Event()
        self._wakers = {name: threading.Event() for name, _ in loops}
        self._failed: set[str] = set()
        self._threads = [
            threading.Thread(target=self._run, args=(name, run_once), name=name)
            for name, run_once in loops
        ]
        if mark is not None:
            self._threads.append(threading.Thread(target=self._notice, args=(mark,), name="notice"))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def poke(self) -> None:
        """Let every lane look for work now."""
        for waker in self._wakers.values():
            waker.set()

    def wake(self, *names: str) -> None:
        """Let these lanes look for work now."""
        for name in names:
            self._wakers[name].set()

    def stop(self) -> None:
        """Ask every lane to end and wait until it has."""
        self._stop.set()
        self.poke()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str, run_once: RunOnce) -> None:
        waker, pause = self._wakers[name], IDLE_SECONDS
        while not self._stop.is_set():
            waker.clear()
            try:
                more = run_once(self._context)
                pause = 0.0 if more else IDLE_SECONDS
                self._failed.discard(name)
            except Exception as error:
                _log.error("the loop of %s failed with %s", name, kind_and_place(error))
                pause = min(_LONGEST_PAUSE, max(1.0, pause * 2))
                self._failed.add(name)
                close_old_connections()
            if pause:
                waker.wait(pause)
        connections.close_all()

    def _notice(self, mark: Mark) -> None:
        """Wake the lanes whenever something has been committed; one that has failed rests."""
        known: object = None
        waiting: set[str] = set()
        woken: dict[str, float] = {}
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                found = mark()
            except Exception as error:  # the lanes find out for themselves, and say so
                _log.debug("nothing can be noticed: %s", kind_and_place(error))
                close_old_connections()
                pause = IDLE_SECONDS
                continue
            pause = LOOK_SECONDS
            if found != known:
                known = found
                waiting |= self._wakers.keys()
            for name in waiting - self._failed:
                apart = PROMPT_SECONDS if name in self._prompt else APART_SECONDS
                if time.monotonic() - woken.get(name, -apart) >= apart:
                    woken[name] = time.monotonic()
                    waiting.discard(name)
                    self._wakers[name].set()
        connections.close_all()
