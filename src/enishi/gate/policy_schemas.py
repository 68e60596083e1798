"""What the endpoints of policies and of the business calendar read and write."""

from __future__ import annotations

import datetime as dt
from datetime import datetime, time
from typing import Literal

from ninja import Schema
from pydantic import Field

from enishi.gate.bodies import CalendarBody, Example, PolicyBody
from enishi.gate.schemas import AnswerName, Body, ChannelName, PersonRef

KindName = Literal[
    "classes", "holds", "refusals", "consent", "cap", "quiet_hours", "business_hours", "address",
    "age", "rule",
]  # fmt: skip
MOST_EXAMPLES = 100


class PolicyFault(Schema):
    code: str
    path: str
    message: str
    remedy: str


class PolicyOut(Schema):
    """A policy on the overview. `version` is the one in force; `sentence` says what it, or the
    draft of a policy that was never published, says; `draft`: a new version is being written."""

    id: str
    slug: str
    kind: KindName
    ground: bool
    name: str
    sentence: str
    state: Literal["published", "draft", "retired"]
    version: int | None
    draft: bool
    examples: int
    changed_at: datetime


class PolicyVersionOut(Schema):
    """One wording through its life."""

    id: str
    number: int
    state: Literal["draft", "published", "replaced"]
    sentence: str
    note: str
    created_by: PersonRef
    created_at: datetime
    published_by: PersonRef | None
    published_at: datetime | None
    replaced_at: datetime | None


class ShownOut(Schema):
    """The wording to read or to go on writing: the draft, else the one in force, else the last."""

    number: int
    state: Literal["draft", "published", "replaced"]
    body: PolicyBody
    examples: list[Example]
    note: str


class PolicyDetailOut(PolicyOut):
    shown: ShownOut
    versions: list[PolicyVersionOut]


class DraftIn(Body):
    """A wording with its examples; `note` says why it was changed."""

    body: PolicyBody
    examples: list[Example] = Field(default=[], max_length=MOST_EXAMPLES)
    note: str = Field(default="", max_length=2000)


class ExampleOutcomeOut(Schema):
    """What a wording answers to one example, and whether that is what was expected."""

    passed: bool
    answer: AnswerName
    codes: list[str]
    until: datetime | None
    sentence: str


class CheckedPolicyOut(Schema):
    """A wording as it stands: in one sentence, what is wrong with it, how its examples come out."""

    sentence: str
    faults: list[PolicyFault]
    outcomes: list[ExampleOutcomeOut]


class PolicyCheckIn(DraftIn):
    """`policy_id` names the policy whose wording this is; none for one that is not saved yet."""

    policy_id: str | None = Field(default=None, max_length=64)


class DryRunIn(Body):
    """The wording to try, saved or not, and how many days back."""

    body: PolicyBody
    days: int = Field(default=30, ge=1, le=366)


class CodeCount(Schema):
    """How many past contacts one reason would have stopped."""

    code: str
    label: str
    count: int


class ChangedOut(Schema):
    """One past decision that would have been another. `reasons` are those that come or go."""

    person_id: str
    display: str
    channel: ChannelName
    purpose_label: str
    at: datetime
    before: AnswerName
    after: AnswerName
    reasons: list[str]


class DryRunOut(Schema):
    """A wording tried on the decisions of the last days: a sentence, the reasons, some of the
    people. `examined` is below `total` where a sample was taken; then the figures are of it."""

    sentence: str
    note: str
    days: int
    total: int
    examined: int
    stopped: int
    freed: int
    otherwise: int
    persons: int
    reasons: list[CodeCount]
    rows: list[ChangedOut]


class DayOut(Schema):
    """A day of the calendar: open with its hours, or closed and, where it has one, its name."""

    day: dt.date
    open: bool
    opens: time | None
    closes: time | None
    name: str | None


class CalendarOut(Schema):
    """The business calendar as it is set, and a year of it day by day for one branch."""

    body: CalendarBody
    year: int
    branch: str
    days: list[DayOut]
    business_days: int
    branches: list[str]


class CalendarIn(Body):
    body: CalendarBody
