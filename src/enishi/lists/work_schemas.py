"""What the endpoints of work and tracking read and write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from enishi.gate.schemas import Body, DecisionOut, PersonRef, RestrictionOut
from enishi.lists.schemas import (
    BuildOut,
    ColumnOut,
    Key,
    ListOut,
    MeaningName,
    StageName,
)
from enishi.lists.types import PriorityName


class LeaseOut(Schema):
    by: PersonRef
    until: datetime
    mine: bool


class MemberOut(Schema):
    """One row of the board. `id` is the member's, `person_id` the Enishi id."""

    id: int
    list_id: str
    person_id: str
    key: str
    display: str
    masked: bool = False
    """The row is out of the reader's scope: everything about the person is hidden."""
    values: dict[str, object]
    priority: PriorityName
    score: float | None
    reasons: list[str] = []
    status: str
    meaning: MeaningName
    assignee: PersonRef | None
    attempts: int
    stage: int
    last_contact_at: datetime | None
    last_outcome: str | None
    next_step: str | None
    next_at: datetime | None
    lease: LeaseOut | None
    present: bool
    """False: the last refresh no longer selects this person; the work is kept."""
    blocked: str | None = None
    """Why this person may not be contacted now, in words."""
    other_lists: int = 0


class MembersOut(Schema):
    columns: list[ColumnOut]
    items: list[MemberOut]
    total: int


class EngagementOut(Schema):
    id: str
    list_id: str
    list_name: str
    member_id: int
    person_id: str
    kind: str
    kind_label: str
    channel: str
    direction: Literal["outbound", "inbound"]
    outcome: str
    outcome_label: str
    outcome_kind: str
    note: str
    next_step: str | None
    next_at: datetime | None
    by: PersonRef | None
    at: datetime
    undone_at: datetime | None = None
    undo_until: datetime | None = None
    blocked: str | None = None
    """What this engagement blocked, in words."""


class ContactsOut(Schema):
    items: list[EngagementOut]
    total: int


class OtherListOut(Schema):
    """Where else this person stands; `last_contact` such as "11月3日に佐藤さんが電話"."""

    list_id: str
    list_name: str
    status: str
    meaning: MeaningName
    assignee: PersonRef | None
    state: str
    present: bool
    last_contact: str | None
    last_contact_at: datetime | None
    member_id: int


class CustomerListsOut(Schema):
    items: list[OtherListOut]
    total: int


class ConditionOut(Schema):
    """One node of the explanation of why this person is on the list, in words."""

    sentence: str
    truth: bool
    found: str | None = None


class MemberDetail(MemberOut):
    columns: list[ColumnOut]
    why: list[ConditionOut]
    why_sentence: str
    gate: dict[str, DecisionOut]
    """By engagement kind."""
    restrictions: list[RestrictionOut]
    lists: list[OtherListOut]
    contacts: list[EngagementOut]
    talk_guide: str
    warning: str | None = None
    """"On 2 other lists; called 3 Nov by …", None when there is nothing to know."""


class EngagementIn(Body):
    """`outcome` and `kind` are codes of the definition. `refused_product`: the product refused
    (absent: what the outcome says). `direction`: `inbound` when the customer came to us, which the
    gate never stops."""

    kind: str = Field(max_length=32)
    outcome: str = Field(max_length=32)
    note: str = Field(default="", max_length=10_000)
    next_step: str | None = Field(default=None, max_length=400)
    next_at: datetime | None = None
    refused_product: str | None = Field(default=None, max_length=64)
    direction: Literal["outbound", "inbound"] = "outbound"
    idempotency_key: Key | None = None


class EngagementDone(Schema):
    engagement: EngagementOut
    member: MemberOut
    replayed: bool = False
    """True: this key had been logged before; nothing was added."""


class ClaimOut(Schema):
    """`member` is None when nothing is left to claim; `sentence` then says why."""

    member: MemberOut | None
    sentence: str = ""


MemberId = Annotated[int, Field(ge=1, le=2**53 - 1)]  # as far as JSON and the book count alike


class BulkIn(Body):
    """What to do to which members. Give `ids`, or a `filter` as the board's query."""

    action: Literal["assign", "status", "priority"]
    ids: list[MemberId] | None = Field(default=None, max_length=5000)
    filter: BulkFilter | None = None
    assignee: str | None = None
    """A user's id; None with action `assign` frees the members."""
    assignees: list[str] | None = None
    """Spread the members evenly over these users."""
    status: str | None = None
    priority: PriorityName | None = None


class BulkFilter(Body):
    status: str | None = None
    meaning: MeaningName | None = None
    assignee: str | None = None
    """A user's id, `me`, or `none`."""
    priority: PriorityName | None = None
    q: str | None = Field(default=None, max_length=200)


class BulkOut(Schema):
    changed: int
    skipped: int
    """Members somebody is working on right now stay as they are."""
    sentence: str


class FunnelRow(Schema):
    """`key`: a user's id, a branch, or a day; `members` is None for days."""

    key: str
    label: str
    members: int | None
    attempted: int
    reached: int
    positive: int
    won: int


class TrackingOut(Schema):
    by: Literal["assignee", "branch", "day"]
    total: FunnelRow
    rows: list[FunnelRow]
    refused: int
    complaints: int
    blocked: int
    outcomes: list[OutcomeCount]


class OutcomeCount(Schema):
    code: str
    label: str
    kind: str
    engagements: int


class ExportIn(Body):
    format: Literal["csv_utf8", "csv_cp932", "xlsx"]
    status: str | None = None
    assignee: str | None = None
    priority: PriorityName | None = None


class TaskOut(Schema):
    """A member to contact today; `why` is one line."""

    member: MemberOut
    list_name: str
    due: date | None
    why: str
    kind: Literal["leased", "follow_up", "assigned"]


class TodayChange(Schema):
    list_id: str
    list_name: str
    build_id: str
    added: int
    left: int
    changed: int
    at: datetime


class ListAtRisk(Schema):
    list: ListOut
    why: str


class BlockedPerson(Schema):
    person_id: str
    display: str
    list_id: str
    list_name: str
    member_id: int
    reason: str


class WeekOutcome(Schema):
    kind: str
    label: str
    engagements: int


class TodayOut(Schema):
    """`done_today` and `planned_today` make the progress bar. The last four are for managers."""

    date: date
    tasks: list[TaskOut]
    follow_ups: list[TaskOut]
    changes: list[TodayChange]
    done_today: int
    planned_today: int
    at_risk: list[ListAtRisk] = []
    blocked: list[BlockedPerson] = []
    blocked_total: int = 0
    outcomes_week: list[WeekOutcome] = []
    builds: list[BuildOut] = []
    stage_names: list[StageName] = ["members", "attempted", "reached", "positive", "won"]
