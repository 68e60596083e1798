"""The words of walks: where somebody stands, what moved her, and what is to be done for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeAlias

GRACE = timedelta(minutes=1)
"""How late an event that came in time may be heard of before the timeout is taken."""


class JourneyState(StrEnum):
    """Of a journey.

    draft ──go live──► live ◄──► paused      nobody moves while it is paused
                        │ ▲
                        ▼ │
                     closing ──► ended        nobody comes in; those inside finish
    """

    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"
    CLOSING = "closing"
    ENDED = "ended"


class VersionState(StrEnum):
    """Of a version: draft → review → live → replaced."""

    DRAFT = "draft"
    REVIEW = "review"
    LIVE = "live"
    REPLACED = "replaced"


class WalkState(StrEnum):
    """Of an enrollment.

    active ◄──► held        by a hold of the gate that pauses
      └───────────┴──► ended, with its outcome
    """

    ACTIVE = "active"
    HELD = "held"
    ENDED = "ended"


class Why(StrEnum):
    """What an active walk stands still for. Each has a due time, or is a named reason itself."""

    DUE = "due"  # a duration, a window, a date: due_at
    SIGNAL = "signal"  # an event, a crossing, a status: due_at is the deadline
    DELIVERY = "delivery"  # a message on its way; the delivery says when it is tried
    TASK = "task"  # a human's; due_at is the timeout, if any
    FACTS = "facts"  # a branch whose rule is to be asked now: due_at is now
    HOLD = "hold"  # held; no due time
    ENDED = ""


class End(StrEnum):
    """How a walk ended."""

    COMPLETED = "completed"
    GOAL = "goal"
    EXIT = "exit"  # an exit step
    LEFT = "left"  # an exit signal
    HELD = "held"  # by a hold that ends it
    MOVED = "moved"  # its version was replaced and had no place for it
    REMOVED = "removed"  # taken out by hand
    CLOSED = "closed"  # the journey was ended
    BROKEN = "broken"  # its step is gone: the watchdog's, target 0


@dataclass(frozen=True, slots=True)
class Walk:
    """Where one enrollment stands: all that `advance` knows of it. Instants are aware, in UTC.

    `step` None while active: at the door, the first step is entered as soon as somebody moves her.
    `visit` counts steps entered, from 1: (step, visit) is never the same twice. `since` is when the
    step was entered, `due` when it is over by time: for a wait for a signal the deadline itself.
    `memory` holds what steps have to remember, small and JSON-able: `given` (values that the entry
    brought), `kept` (what was heard while nobody could move), `as` (how the version before called
    the step whose message or task she stands for), `holds`, `date`.
    """

    id: int
    person: str  # Enishi id
    key: str  # the entry key
    state: WalkState
    step: str | None
    visit: int
    since: datetime
    due: datetime | None = None
    why: Why = Why.ENDED
    end: End | None = None
    memory: Mapping[str, Any] = field(default_factory=dict)
    entered: datetime | None = None  # None: at `since`
    control: bool = False  # of the control group


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that happened to one walk's person, in the order it is to be taken.

    `signal` is the place of what it fits, and `at` when it happened:

    - `wait`: the signal of the step she stands at (`code` says which, `detail` what it was);
    - `exit:0`, `goal:1`: of the journey, by their place in the body;
    - `delivery`: finished, `code` is its state; `detail`: `step`, `visit`, `reason`;
    - `task`: `code` is the outcome or status; `detail`: `step`, `visit`, `done` (over, whatever
      the outcome); code `refused` with `reason`: nobody was given it;
    - `hold`, `release`: `code` is the kind of hold, `detail` its `id`;
    - `remove` (by hand, `detail`: `by`) and `close` (the journey has been ended).

    A `detail` that says `machine` true is of no consequence.
    """

    signal: str
    at: datetime
    code: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


class Move(NamedTuple):
    """One line of a walk's story. `code` is stable and has a sentence in both languages.

    `to` is the step then entered; the same step where she stays (held, released); None where the
    walk ends, `detail` then has its `end`. `stood` is for how many seconds she stood at `step`.

    Codes: entered; waited, opened, heard, timeout, date, passed, unset, followed; arm_0…, else;
    share_0…; control, treated; sent, failed, suppressed, unknown; outcome_0…, done, refused;
    updated, scored, joined, goal, exit; goal_reached, left, hold_ends, removed, closed, moved_out,
    broken; mapped; held, quiet, released.
    """

    at: datetime
    step: str | None
    code: str
    to: str | None = None
    visit: int = 0
    detail: Mapping[str, Any] = MappingProxyType({})
    stood: float = 0.0


STAYING = frozenset({"held", "quiet", "released", "followed"})
"""The codes of moves that lead nowhere else."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Intent: a message or a webhook request is to be delivered. `key` is the delivery's."""

    key: str
    step: str
    visit: int
    template: str
    sender: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """Intent: a human is to do something."""

    key: str
    step: str
    visit: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Emit:
    """Intent: an event of our own. `key` is its message id."""

    key: str
    event: str
    values: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Intent: what was begun at a step and is not finished is not to happen any more: queued
    deliveries and open tasks of (step, visit)."""

    step: str
    visit: int
    at: datetime
    code: str


Intent: TypeAlias = Contact | Task | Emit | Withdraw


class StepFacts(Protocol):
    """What is known of the person at `at`, asked by a step. None: not fetched yet; the walk then
    stands at the step with Why.FACTS until the runner has asked."""

    def holds(self, step: str, arm: int) -> bool | None:
        """Whether an arm's rule holds."""

    def date_of(self, step: str) -> datetime | bool | None:
        """The instant a `wait_date` leads to (field, offset and time applied); None: unset;
        False: not fetched yet."""


class Advanced(NamedTuple):
    """What `advance` answers: where the walk stands now, its story, and what is to be done."""

    walk: Walk
    moves: tuple[Move, ...] = ()
    intents: tuple[Intent, ...] = ()
