"""How long units of work hold the book, by their names, as the book's own log tells."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from enishi.book.unit import LONGEST_MS


class Units(logging.Handler):
    """What each unit took, in milliseconds, by its name."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.took: dict[str, list[float]] = defaultdict(list)

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 2:
            took, name = record.args
            if isinstance(took, float):
                self.took[str(name)].append(took)

    def told(self) -> dict[str, dict[str, float]]:
        return {
            name: {
                "units": len(some),
                "p50": round(_part(some, 0.5), 1),
                "p99": round(_part(some, 0.99), 1),
                "longest": round(max(some), 1),
                "too_long": sum(took > LONGEST_MS for took in some),
            }
            for name, some in sorted(self.took.items())
        }


@contextmanager
def units_measured() -> Iterator[Units]:
    """Have every unit of work tell what it took."""
    found, log = Units(), logging.getLogger("enishi.book")
    level, log.propagate = log.level, False
    log.setLevel(logging.DEBUG)
    log.addHandler(found)
    try:
        yield found
    finally:
        log.removeHandler(found)
        log.setLevel(level)
        log.propagate = True


def _part(some: list[float], part: float) -> float:
    return sorted(some)[int(len(some) * part)]
