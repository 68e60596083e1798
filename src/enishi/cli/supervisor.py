"""Keeps the processes of `enishi serve` alive: starts, watches, restarts, ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from enishi.book.process import ENV_SUPERVISED

FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
STEADY = 60.0
"""Seconds after which a process that ran on is taken to be well again."""

_STOP_SECONDS = 15.0
_LOOK_EVERY = 0.2


@dataclass
class Child:
    """One process: how it is started, and how its restarts have gone.

    ```
    waiting ──start──▶ running ──exits──▶ waiting (twice as long each time, up to 30 s)
                          └──stop──▶ ended
    ```
    """

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = 0.0  # before the restart that is due
    wait: float = FIRST_WAIT  # before the next one

    def start(self, environment: Mapping[str, str], now: float) -> None:
        # A session of its own: Ctrl-C reaches the supervisor alone, which ends them in order.
        self.process = subprocess.Popen(  # noqa: S603  the command is our own
            self.command, stdin=subprocess.DEVNULL, env=dict(environment), start_new_session=True
        )
        self.started = now

    def has_ended(self, now: float) -> int | None:
        """The exit code, once, when the process has ended; then it waits for its restart."""
        if self.process is None:
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process = None
        if now - self.started > STEADY:
            self.wait = FIRST_WAIT
        self.pause, self.due = self.wait, now + self.wait
        self.wait = min(self.wait * 2, LONGEST_WAIT)
        return code


@dataclass
class Supervisor:
    """Runs children until a signal asks to stop. `on_exit` is told of each that ended by itself."""

    children: list[Child]
    environment: Mapping[str, str]
    on_exit: Callable[[Child, int], None]
    on_tick: Callable[[], None] = lambda: None
    _stop: bool = field(default=False, init=False)

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        environment = dict(self.environment) | {ENV_SUPERVISED: "1"}
        try:
            while not self._stop:
                moment = time.monotonic()
                for child in self.children:
                    code = child.has_ended(moment)
                    if code is not None:
                        self.on_exit(child, code)
                    if child.process is None and moment >= child.due:
                        child.start(environment, moment)
                self.on_tick()
                time.sleep(_LOOK_EVERY)
        finally:
            self._end_all()

    def _asked_to_stop(self, *_: object) -> None:
        self._stop = True

    def _end_all(self) -> None:
        """SIGTERM to each in order, then SIGKILL to whatever is still there after a while."""
        alive = [child.process for child in self.children if child.process is not None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module with this Python."""
    return [sys.executable, "-m", name, *arguments]
