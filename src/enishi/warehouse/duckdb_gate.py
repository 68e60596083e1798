"""Lets many into a DuckDB file at once, or one alone while the file itself is exchanged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Counts who is inside. Who is inside already may enter again while others have to wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._shut = False
        self._mine = threading.local()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Being inside together with others."""
        depth = getattr(self._mine, "depth", 0)
        with self._changed:
            if depth == 0:
                self._changed.wait_for(lambda: not self._shut)
            self._inside += 1
        self._mine.depth = depth + 1
        try:
            yield
        finally:
            self._mine.depth -= 1
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, wait: float) -> Iterator[bool]:
        """Being inside with nobody else: False when the others were not out within `wait` seconds.

        Not for who is inside: the wait would be for oneself.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._shut)
            self._shut = True
            let_in = self._changed.wait_for(lambda: self._inside == 0, wait)
            if not let_in:
                self._open()
        try:
            yield let_in
        finally:
            if let_in:
                with self._changed:
                    self._open()

    def _open(self) -> None:
        self._shut = False
        self._changed.notify_all()
