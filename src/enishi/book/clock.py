"""The clock of this process, which tests set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from enishi.kernel.clock import Clock, system_clock

_clock: Clock = system_clock


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _clock()


@contextmanager
def clock_set_to(clock: Clock) -> Iterator[None]:
    """Let `now` read `clock` inside the block, in every thread."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before
