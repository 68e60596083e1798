"""Walks in the book: people come in, and what happened to them is applied at once.

Everything that a walk's move causes (its story, the counts on the canvas, deliveries, tasks, events
of our own) is written in the same unit. Inside a unit of the caller both functions join it; outside
they make short ones of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from enishi.journeys.types import Heard, WalkState


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody is to come in.

    `at` is when it happened that brings her in (not later than now); `key` the entry key, at most
    120 characters; `by` what brought her (`segment:vip`, `event:order`, `date`, `schedule`, `api`);
    `memory` the values that the entry brought, which templates read as `given.*`.
    """

    person: str
    key: str
    at: datetime
    by: str
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entered:
    """How many came in, and how many did not, by reason: `inside` (she is on her way), `again`
    (re-entry does not allow it), `closed` (the journey takes nobody in now)."""

    entered: int
    refused: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands who has not finished."""

    id: int
    journey: str
    version: int
    person: str
    key: str
    state: WalkState
    step: str | None


def enter_many(journey: str, version: int, entries: Sequence[Entry]) -> Entered:
    """Let people in at the door of a journey, by its rule of re-entry; the same twice is once.

    `journey` is its id. They take their first steps as soon as the lane comes by. Two entries of
    one person and key in `entries`: the first counts. Any number: 1M is written in short units.
    """
    raise NotImplementedError


def hear(heard: Sequence[tuple[int, Heard]]) -> int:
    """Apply what happened to walks, in the order given; returns how many of them moved.

    Walks that have ended take no notice. While a journey is paused, exits, goals, holds and removal
    count at once; what a wait was for is kept and taken on resuming.
    """
    raise NotImplementedError


def standing(persons: Sequence[str], journeys: Sequence[str]) -> list[Standing]:
    """The walks of these people through these journeys that have not ended, held ones too."""
    raise NotImplementedError
