"""The socket by which a writer of the log wakes the drain: where it is, and how it is rung."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

WAKE: Final = "wake.sock"
_LONGEST: Final = 100
"""A socket's path may have 108 bytes on Linux, 104 on macOS, with the zero at its end."""


@contextmanager
def address(path: Path) -> Iterator[str]:
    """A spelling of a socket's path that is short enough to bind or send to.

    On Linux a folder that is open has a short name, however long its path.
    """
    if len(os.fsencode(path)) <= _LONGEST or not Path("/proc/self/fd").is_dir():
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class Bell:
    """Sends a byte to a datagram socket, if somebody listens there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def ring(self) -> None:
        try:
            with address(self._path) as there:
                self._socket.sendto(b"\x01", there)
        except OSError:
            return  # nobody listens, or a byte waits there already: the drain looks by itself

    def close(self) -> None:
        self._socket.close()
