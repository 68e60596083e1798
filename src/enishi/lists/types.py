"""The words of lists: what a definition says, and the states things move through.

Definition
    draft ──activate──▶ active ──retire──▶ retired
    active, retired ──new version──▶ draft                (activating retires the version before)

List
    building ──first build published──▶ open ──close──▶ closed
        └──first build failed──▶ failed ──refresh──▶ building

Build
    queued ──▶ gathering ──▶ writing ──publish──▶ folding ──▶ done
       └───────────┴────────────┴──▶ failed | cancelled     (after publish it can only go on)

Member (its status is the definition's own word; the meaning is one of four)

            outcome / by hand            outcome / by hand
    open ───────────────────▶ working ───────────────────▶ done
      ▲                          │                          │
      │◀────── reopened by a manager ◀──────────────────────┤
      └──────────────────────────┴───────────▶ dropped ◀────┘

Beside its status a member is present or left (the last refresh decides), free or leased (a person
is on it now), and has a stage: 0 untouched, 1 attempted, 2 reached, 3 positive, 4 won.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Literal, TypeAlias


class DefinitionState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class ListState(StrEnum):
    BUILDING = "building"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"


class BuildState(StrEnum):
    QUEUED = "queued"
    GATHERING = "gathering"  # asking the warehouse, spooling the answer to a file
    WRITING = "writing"  # chunks under the unpublished build
    FOLDING = "folding"  # published; pending values move into their places
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (BuildState.QUEUED, BuildState.GATHERING, BuildState.WRITING, BuildState.FOLDING)


class Meaning(StrEnum):
    """What a status means, whatever a definition calls it."""

    OPEN = "open"
    WORKING = "working"
    DONE = "done"
    DROPPED = "dropped"


LIVE = (Meaning.OPEN, Meaning.WORKING)


class Stage(IntEnum):
    """How far a member has come; each stage includes the ones before it."""

    UNTOUCHED = 0
    ATTEMPTED = 1
    REACHED = 2
    POSITIVE = 3
    WON = 4


class OutcomeKind(StrEnum):
    NO_ANSWER = "no_answer"
    REACHED = "reached"
    POSITIVE = "positive"
    WON = "won"
    REFUSED = "refused"
    COMPLAINT = "complaint"


STAGE_OF: dict[str, Stage] = {
    OutcomeKind.NO_ANSWER: Stage.ATTEMPTED,
    OutcomeKind.REACHED: Stage.REACHED,
    OutcomeKind.POSITIVE: Stage.POSITIVE,
    OutcomeKind.WON: Stage.WON,
    OutcomeKind.REFUSED: Stage.REACHED,
    OutcomeKind.COMPLAINT: Stage.REACHED,
}


class Priority(IntEnum):
    """Stored as a number so that it sorts."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


PriorityName: TypeAlias = Literal["high", "medium", "low"]
PRIORITY_NAMES: dict[int, PriorityName] = {
    Priority.HIGH: "high",
    Priority.MEDIUM: "medium",
    Priority.LOW: "low",
}
PRIORITY_OF: dict[str, int] = {name: priority for priority, name in PRIORITY_NAMES.items()}


class ChangeKind(StrEnum):
    ADDED = "added"
    LEFT = "left"
    CHANGED = "changed"
