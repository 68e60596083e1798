"""The graph of a journey, as it is stored, exported and drawn: pydantic models, no behaviour.

A walk has one place at a time. Steps name the step that follows; none means that the walk ends
there, completed. Durations are written as in rules (`30m`, `2h`, `3d`, `1w`, `1mo`): m and h are
exact, the others step the local calendar. Times of day and weekdays are the workspace's local ones.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from enishi.gate.types import HoldKind

Duration: TypeAlias = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}(m|h|d|w|mo|y)$")]
Offset: TypeAlias = Annotated[str, Field(pattern=r"^(0d|[+-]?[1-9][0-9]{0,3}(d|w|mo|y))$")]
StepId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Slug: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Rule: TypeAlias = dict[str, Any]
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Percent: TypeAlias = Annotated[float, Field(ge=0, le=100)]
Words: TypeAlias = Annotated[str, Field(max_length=2000)]
Codes: TypeAlias = Annotated[list[str], Field(min_length=1)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Words2(Part):
    """A short text in both languages; one of them may be empty."""

    ja: str = Field(default="", max_length=200)
    en: str = Field(default="", max_length=200)


# ── what is listened to ────────────────────────────────────────────────────────────────────────


class OnEvent(Part):
    """One of these events; `where` is a rule over the event's own fields. Machine opens and clicks
    never count. `same_key`: only events whose entry key is the walk's own."""

    kind: Literal["event"] = "event"
    event: list[str] = Field(min_length=1, max_length=20)
    where: Rule | None = None
    same_key: str = ""  # the field of the event that holds the key


class OnSegment(Part):
    kind: Literal["segment"] = "segment"
    segment: Slug
    crossing: Literal["entered", "left"] = "entered"


class OnRule(Part):
    """A rule of the subject: asked whenever an event it hears comes, before every step, and every
    quarter of an hour of everybody inside."""

    kind: Literal["rule"] = "rule"
    rule: Rule


class OnListStatus(Part):
    """A member's status on a list became one of these."""

    kind: Literal["list_status"] = "list_status"
    list: Slug
    status: Codes


Signal: TypeAlias = Annotated[
    OnEvent | OnSegment | OnRule | OnListStatus, Field(discriminator="kind")
]


# ── how people come in ─────────────────────────────────────────────────────────────────────────


class SegmentEntry(OnSegment):
    """`present`: those who are inside when the journey goes live come in too."""

    present: bool = False


class EventEntry(OnEvent):
    """`key`: the field of the event that makes entries of their own (an appointment, an order)."""

    key: str = ""


class ListEntry(OnListStatus):
    pass


class DateEntry(Part):
    """`offset` before or after a date of the person (`-30d` before), at a local time of day.

    `related` names a to-many relation whose rows' date `field` counts: each row is an entry key.
    `yearly`: every anniversary counts (a birthday). 29 February counts on the 28th.
    """

    kind: Literal["date"] = "date"
    field: str
    related: str = ""
    where: Rule | None = None  # of the related rows
    offset: Offset = "0d"
    at: time = time(9, 0)
    yearly: bool = False


class ScheduleEntry(Part):
    """Everybody of whom `audience` holds, at regular times. `day`: of the month, 31 is the last."""

    kind: Literal["schedule"] = "schedule"
    every: Literal["once", "day", "business_day", "week", "month"]
    at: time = time(9, 0)
    weekdays: list[Weekday] = []
    day: int | None = Field(default=None, ge=1, le=31)
    on: str = ""  # the day of `once`, ISO


class ApiEntry(Part):
    """Whoever the API names; it may give an entry key and values."""

    kind: Literal["api"] = "api"


Entry: TypeAlias = Annotated[
    SegmentEntry | EventEntry | DateEntry | ScheduleEntry | ListEntry | ApiEntry,
    Field(discriminator="kind"),
]


class Reentry(Part):
    """`never`; `after_exit`: once the walk before has ended; `after`: so long after it began, and
    ended; `per_key`: once for each entry key. One person has one walk for one key at a time."""

    kind: Literal["never", "after_exit", "after", "per_key"] = "never"
    after: Duration | None = None


# ── steps ──────────────────────────────────────────────────────────────────────────────────────


class Card(Part):
    """Why a step is done, as the planning sheet asks: 5W1H. `when`, `where` and `how` may be left
    empty where the graph says them already; `who`, `what` and `why` have to be written."""

    who: Words = ""
    what: Words = ""
    why: Words = ""
    when: Words = ""
    where: Words = ""
    how: Words = ""


class Step(Part):
    name: str = Field(default="", max_length=80)


class Onward(Step):
    next: StepId | None = None


class WaitDuration(Onward):
    kind: Literal["wait"] = "wait"
    duration: Duration


class WaitUntil(Onward):
    """Until it is next inside a window of local time. `until` not after `since` spans the night;
    equal to it: only the instant counts (a time of day). `business`: only on business days."""

    kind: Literal["wait_until"] = "wait_until"
    since: time
    until: time
    weekdays: list[Weekday] = []
    business: bool = False


class WaitEvent(Onward):
    """Until a signal; `timeout_next` is taken where none comes in time. An event at or before the
    deadline beats it, even when it is heard of later than the deadline by less than a minute."""

    kind: Literal["wait_event"] = "wait_event"
    signal: OnEvent | OnSegment | OnListStatus = Field(discriminator="kind")
    timeout: Duration
    timeout_next: StepId | None = None


class WaitDate(Onward):
    """Until a date of the person, moved by `offset`, at a local time; follows the date when it
    changes. `passed_next`: where it lies in the past already; `unset_next`: where there is none.
    Neither named: the walk goes on at once."""

    kind: Literal["wait_date"] = "wait_date"
    field: str
    offset: Offset = "0d"
    at: time = time(9, 0)
    passed_next: StepId | None = None
    unset_next: StepId | None = None


class Arm(Part):
    label: Words2 = Words2()
    rule: Rule
    next: StepId | None = None


class Branch(Step):
    """The first arm whose rule holds; else `next`."""

    kind: Literal["branch"] = "branch"
    arms: list[Arm] = Field(min_length=1, max_length=10)
    next: StepId | None = None


class Share(Part):
    label: Words2 = Words2()
    percent: Percent
    next: StepId | None = None


class Split(Step):
    """By the person's bucket under `salt` (`kernel.ids.bucket`): the same person always goes the
    same way. Shares sum to 100. Empty salt: the journey's slug and the step's id."""

    kind: Literal["split"] = "split"
    shares: list[Share] = Field(min_length=2, max_length=10)
    salt: str = ""


class Holdout(Onward):
    """`percent` of the people are the control group: they go `control_next` and are measured beside
    those who go on. Empty salt: the journey's slug and `holdout`."""

    kind: Literal["holdout"] = "holdout"
    percent: Percent
    salt: str = ""
    control_next: StepId | None = None


class MessageStep(Onward):
    """A delivery of a template by a machine's channel. The walk waits until it is finished and then
    goes on from that instant; `failed_next` (else `next`) where it was not sent."""

    kind: Literal["message"] = "message"
    template: Slug
    sender: str = ""
    card: Card = Card()
    failed_next: StepId | None = None


class Outcome(Part):
    status: Codes  # outcome or status codes of the list's definition
    next: StepId | None = None


Outcomes: TypeAlias = list[Outcome]


class TaskStep(Onward):
    """A human's task on an actionable list. `outcomes` lead on as soon as one is recorded, `next`
    when the task is done otherwise, `timeout_next` when nobody did it in time."""

    kind: Literal["task"] = "task"
    list: Slug
    contact: Literal["phone", "visit", "mail", "meeting", "task"] = "phone"
    text: Words = ""
    card: Card = Card()
    outcomes: Outcomes = []
    timeout: Duration | None = None
    timeout_next: StepId | None = None


class UpdateStep(Onward):
    """An event of our own about the person, with fixed values, for rules and others to see."""

    kind: Literal["update"] = "update"
    event: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_ .-]{0,99}$")
    values: dict[str, str | int | float | bool] = {}


class ScoreStep(Onward):
    """Adds points to a named score: an event `score_changed` with `score` and `points`."""

    kind: Literal["score"] = "score"
    score: Slug
    points: int


class WebhookStep(Onward):
    """A signed request to a template of the channel webhook; waits like a message."""

    kind: Literal["webhook"] = "webhook"
    template: Slug
    sender: str = ""
    card: Card = Card()
    failed_next: StepId | None = None


class Join(Onward):
    """Where several ways meet again. Nobody waits here."""

    kind: Literal["join"] = "join"


class GoalStep(Onward):
    """Reaching it is counted as the goal; without `next` the walk ends with it."""

    kind: Literal["goal"] = "goal"


class ExitStep(Step):
    kind: Literal["exit"] = "exit"
    reason: Words2 = Words2()


AnyStep: TypeAlias = Annotated[
    WaitDuration | WaitUntil | WaitEvent | WaitDate | Branch | Split | Holdout | MessageStep
    | TaskStep | UpdateStep | ScoreStep | WebhookStep | Join | GoalStep | ExitStep,
    Field(discriminator="kind"),
]  # fmt: skip


# ── the whole ──────────────────────────────────────────────────────────────────────────────────


class Goal(Part):
    """Reaching any of the signals is the goal, at once, wherever the walk is; it ends there."""

    signals: list[Signal] = []


class Conversion(Part):
    """What counts as success, within `window` of a step's contact (or of the entry)."""

    name: Words2 = Words2()
    event: list[str] = Field(min_length=1)
    where: Rule | None = None
    window: Duration = "14d"
    value: str = ""  # a number field of the event, summed


class Sheet(Part):
    """The planning sheet: the state of the audience, the steps to loyalty, content, timing and
    channel, in the marketer's own words."""

    audience: Words = ""
    aim: Words = ""
    loyalty: list[Words] = []
    content: Words = ""
    timing: Words = ""
    channel: Words = ""


class Point(Part):
    x: float
    y: float


HoldAnswer: TypeAlias = Literal["pause", "suppress", "end"]
"""pause: the walk stands still until the hold is lifted; suppress: it goes on without contacts;
end: it ends."""

DEFAULT_HOLDS: dict[HoldKind, HoldAnswer] = {
    HoldKind.COMPLAINT: "pause",
    HoldKind.INHERITANCE: "end",
    HoldKind.DECEASED: "end",
    HoldKind.GUARDIANSHIP: "pause",
    HoldKind.ANTISOCIAL: "end",
}


class JourneyBody(Part):
    """One wording of a journey. `audience` has to hold of whoever comes in."""

    purpose: str
    product: str = ""
    entries: list[Entry] = Field(default=[], max_length=10)
    audience: Rule | None = None
    reentry: Reentry = Reentry()
    start: StepId | None = None
    steps: dict[StepId, AnyStep] = Field(default={}, max_length=200)
    exits: list[Signal] = Field(default=[], max_length=20)
    goal: Goal = Goal()
    holds: dict[HoldKind, HoldAnswer] = {}
    conversions: list[Conversion] = Field(default=[], max_length=10)
    cost: dict[str, float] = {}  # yen a contact, by channel
    sheet: Sheet = Sheet()
    layout: dict[str, Point] = {}
