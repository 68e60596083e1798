"""The lane `journeys`: takes in what happened, then moves on whoever is due.

0. Whoever is inside a journey that has been ended leaves it.
1. Walks whose message is finished go on, so that they stand where what came after it is heard.
2. The feed: what happened is told to the walks it concerns. While there is more of it no timeout is
   taken, so that after an outage an event that came in time still beats it.
3. Everybody else who is due, journeys of higher priority first, in a journey in the order in which
   they became so. 4. People are moved to another version. 5. Now and then: dates that have been
   changed, journeys that have closed, and the watchdog.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from django.db import connection

from enishi.journeys.feed import intake as feed
from enishi.journeys.walking import closing, following, moving, runner, watchdog

_ALIVE_SECONDS = 10.0
_helped: dict[int, float] = {}
"""When each lane that helps was last seen to work without failing (monotonic), by its part."""
_taken_in: list[bool] = []
"""Whether, as of the last look of this process, everything that came in has been taken in."""


def run_once(context: Any) -> bool:
    """One slice; True when there may be more."""
    _taken_in.clear()  # until it is known again: this may fail on its way there
    more = closing.end_walks(context.clock)
    more = runner.settle(context.clock) or more
    behind = feed.take_in(context)
    _taken_in[:] = [] if behind else [True]
    more = behind or more
    parts = _unhelped(time.monotonic())
    more = runner.move(context.clock, context.warehouse, signals=not behind, parts=parts) or more
    more = moving.run_once(context.clock) or more
    following.run_now_and_then(context)
    closing.run_now_and_then(context.clock)
    watchdog.run_now_and_then(context.clock)
    return more


def _unhelped(at: float) -> set[int] | None:
    """The parts that no other lane has in hand; None: all."""
    helped = {part for part, seen in _helped.items() if at - seen < _ALIVE_SECONDS}
    return set(range(runner.PARTS)) - helped if helped else None


def help_moving(part: int, context: Any) -> bool:
    """A further lane, which moves one part of whoever is due: on PostgreSQL one works out where
    walks go while the server writes for the others. SQLite has one writer: nothing helps there.
    """
    if connection.vendor != "postgresql":
        return False
    signals = bool(_taken_in)
    more = runner.move(context.clock, context.warehouse, signals=signals, parts=[part])
    _helped[part] = time.monotonic()
    return more


HELPING = {f"journeys helped {part}": partial(help_moving, part) for part in range(1, runner.PARTS)}
"""The further lanes, by name."""
