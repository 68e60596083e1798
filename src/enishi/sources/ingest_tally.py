"""Counts what ingest refuses, and says so in its log: codes and numbers, nothing of a request."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

EVERY: Final = 60.0
"""Seconds between two lines at least; the first refusal is told at once."""

_log = logging.getLogger("enishi.ingest")


class Tally:
    """Refusals since the last line, by the code of the answer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._due = clock()

    def add(self, code: str) -> None:
        self._counts[code] += 1
        if self._clock() >= self._due:
            self.tell()

    def tell(self) -> None:
        """Write the line that is due, if anything was refused."""
        if self._counts:
            told = ", ".join(f"{code} {number}" for code, number in sorted(self._counts.items()))
            _log.warning("refused: %s", told)
        self._counts.clear()
        self._due = self._clock() + EVERY
