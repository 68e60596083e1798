"""Wakes the drain when ingest has synced something, instead of having it look all the time."""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from pathlib import Path

from enishi.sources.eventlog.bell import WAKE, address


def ring(events: Path) -> None:
    """Wake the drain of this folder of events, if there is one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell, suppress(OSError):
        bell.setblocking(False)
        bell.sendto(b"\x01", str(events / WAKE))


class Waking:
    """The socket that ingest rings. Close it when done."""

    def __init__(self, events: Path) -> None:
        events.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = events / WAKE
        self._path.unlink(missing_ok=True)  # whoever made it is gone: one process drains
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        with address(self._path) as here:
            self._socket.bind(here)
        self._path.chmod(0o600)

    def fileno(self) -> int:
        """For who selects on it beside other things."""
        return self._socket.fileno()

    def wait(self, seconds: float) -> bool:
        """Wait until it rings, or for so long; whether it has rung. Look at the log after it."""
        ready, _, _ = select.select([self._socket], [], [], seconds)
        self.hush()
        return bool(ready)

    def hush(self) -> None:
        """Take what has been rung by now."""
        with suppress(BlockingIOError):
            while True:
                self._socket.recv(64)

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)
