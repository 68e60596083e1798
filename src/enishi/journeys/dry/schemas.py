"""What the endpoints of dry runs and of test walks read and write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field

from enishi.gate.schemas import Body, PersonRef
from enishi.journeys.drawing.schemas import DraftBody, EntryKey
from enishi.journeys.inside.schemas import EndCount, StoryLine, WalkStateName, WhyName


def _within(at: datetime) -> datetime:
    """Far from both ends of the calendar, so that time can travel from there."""
    if not 1900 <= at.year <= 2999:
        raise ValueError("Give a time between the years 1900 and 2999.")
    return at


Instant = Annotated[datetime, AfterValidator(_within)]
DryRunState = Literal["queued", "running", "done", "failed", "cancelled"]


# Dry runs ----------------------------------------------------------------------------------------


class JourneyDryRunIn(Body):
    """`number` names the version; absent, it is the one to read or go on writing."""

    days: int = Field(default=90, ge=1, le=90)
    number: int | None = None


class DryStep(Schema):
    """A step in a dry run. `reached`: walks that came there. Contacts: `contacts` were wanted,
    `allowed` made at once, `deferred` made later, `stopped` by the gate for good, `open` still
    waiting when the time played was over."""

    step: str
    title: str
    reached: int
    standing: int
    contacts: int
    allowed: int
    deferred: int
    stopped: int
    open: int


class DryEdge(Schema):
    step: str
    to: str
    people: int
    share: float


class DryStop(Schema):
    """How often the gate gave a reason: `stopped` contacts for good, `deferred` others."""

    code: str
    label: str
    stopped: int
    deferred: int


class DryDay(Schema):
    day: date
    entered: int
    contacts: int
    stopped: int


class DryHour(Schema):
    """Contacts by local hour of the day, over all days, and the most in one such hour."""

    hour: int
    contacts: int
    most: int


class DryBranch(Schema):
    """Human tasks and contacts by the branch of the person; empty: none known."""

    branch: str
    contacts: int
    tasks: int
    most_tasks_a_day: int


class DryPerson(Schema):
    """One walk of the sample, told line by line. `entered_at` is null where it follows from a date
    that the asker sees masked."""

    person: str
    display: str
    key: str
    entered_at: datetime | None
    contacts: int
    stopped: int
    end: str
    lines: list[StoryLine]


class DryResult(Schema):
    """Figures are of all people; where a sample was played (`sampled`), they are estimates scaled
    from `played` to `entered` walks. `notes` say what was assumed, one sentence each."""

    sentence: str
    notes: list[str]
    sampled: bool
    entered: int
    played: int
    persons: int
    contacts: int
    allowed: int
    deferred: int
    stopped: int
    tasks: int
    inside: int
    took_ms: int
    steps: list[DryStep]
    edges: list[DryEdge]
    ends: list[EndCount]
    stops: list[DryStop]
    days: list[DryDay]
    hours: list[DryHour]
    branches: list[DryBranch]
    people: list[DryPerson]


class JourneyDryRunOut(Schema):
    """A dry run: `progress` 0 to 1 with what it is doing now in words; `result` once done."""

    id: str
    number: int
    days: int
    since: datetime
    until: datetime
    state: DryRunState
    progress: float
    doing: str
    asked_by: PersonRef
    asked_at: datetime
    ended_at: datetime | None
    error: str
    """Why it failed, in words."""
    result: DryResult | None


class JourneyDryRunsOut(Schema):
    """The dry runs of a journey, newest first, without their results."""

    items: list[JourneyDryRunOut]
    total: int


# Test walks --------------------------------------------------------------------------------------


class WalkAction(Body):
    """One thing that is made to happen, in order.

    `due`: time goes on to the next due time. `wait`: time goes on by `minutes`. `signal`: what the
    step waits for comes now. `exit`, `goal`: signal `index` of the journey's own. `delivery`: the
    message is finished with `code` (sent, failed, suppressed, unknown). `task`: the human records
    `code`. `hold`, `release`: of kind `code`. `remove`: taken out by hand.
    """

    kind: Literal[
        "due", "wait", "signal", "exit", "goal", "delivery", "task", "hold", "release", "remove"
    ]
    index: int = Field(default=0, ge=0, le=50)
    minutes: int = Field(default=0, ge=0, le=5_256_000)
    code: str = Field(default="", max_length=80)


class GivenFacts(Body):
    """Invented facts. `arms`: by branch step, which arm holds (-1: none); `dates`: by step, the
    instant of its date field (None: unset). A step that is not named asks the real person, or
    without one takes the last way out (no arm holds, no date)."""

    arms: dict[str, int] = {}
    dates: dict[str, Instant | None] = {}


class WalkTestIn(Body):
    """A test walk is played anew from its start with every request: the same request always gives
    the same answer, and nothing is stored. `person` absent: somebody invented."""

    body: DraftBody | None = None
    number: int | None = None
    person: str | None = Field(default=None, max_length=40)
    key: EntryKey = ""
    start_at: Instant | None = None
    values: dict[str, Any] = Field(default={}, max_length=50)
    facts: GivenFacts = GivenFacts()
    actions: list[WalkAction] = Field(default=[], max_length=500)


class PossibleAction(Schema):
    """What can be made to happen next, as an action to append, in words."""

    kind: str
    index: int
    code: str
    label: str


class WalkContact(Schema):
    """A contact the walk wanted. The gate's answer is for now, where a real person is walked."""

    step: str
    at: datetime
    what: str
    answer: Literal["allow", "defer", "needs_approval", "deny", ""]
    sentence: str


class WalkTestOut(Schema):
    """Where the walk stands after all actions, its story so far and what can come next."""

    display: str
    at: datetime
    local: str
    state: WalkStateName
    step: str | None
    step_title: str
    why: WhyName
    due_at: datetime | None
    end: str
    standing: str
    visited: list[str]
    lines: list[StoryLine]
    contacts: list[WalkContact]
    possible: list[PossibleAction]
