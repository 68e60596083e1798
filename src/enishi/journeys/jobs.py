"""The lane `journeys`: takes in what happened, then moves on whoever is due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TakeIn = Callable[[Any], bool]
"""`feed.take_in(context)`: takes in a slice of what happened (through `store.enter_many` and
`store.hear`, in order of time) and says whether there may be more. While it does, no timeout of a
wait for a signal is taken, so that after an outage an event that came in time still beats it."""


def run_once(context: Any) -> bool:
    """One slice; True when there may be more.

    1. Walks whose message or task is finished go on, so that they stand where what came after that
       is to be heard. 2. The feed. 3. Everybody else who is due, the journeys of higher priority
       first, within a journey in the order in which they became due.
    """
    raise NotImplementedError
