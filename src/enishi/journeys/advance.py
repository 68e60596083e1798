"""One walk, moved on as far as it goes: a pure function, no I/O, the clock handed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from enishi.journeys.ready import Ready
from enishi.journeys.types import Advanced, Heard, StepFacts, Walk


def advance(
    ready: Ready,
    walk: Walk,
    heard: Sequence[Heard],
    facts: StepFacts,
    now: datetime,
    *,
    halted: bool = False,
) -> Advanced:
    """Take in what was heard, in that order, then go on until the walk stands.

    `halted`: the journey is paused. Nobody moves then; exits, goals, holds and removal count all
    the same, and what a wait was for is kept until it goes on. Instants that the world gives (an
    entry, a signal, a finished delivery) count as they were; what the clock causes counts from when
    it is really done, so that no two overdue waits end together.
    """
    raise NotImplementedError
