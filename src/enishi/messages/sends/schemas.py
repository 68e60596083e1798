"""What the endpoints of sends read and write."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from enishi.messages.deliveries.schemas import ChannelName, DeliveryReason, StateName
from enishi.messages.sends.bodies import SendBody, Slug

SendStateName = Literal["draft", "preparing", "sending", "paused", "cancelled", "done"]


class SendIn(Schema):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    slug: Slug | None = None
    """Made from the name when absent; never changes afterwards."""
    body: SendBody


class SendPatch(Schema):
    """What is absent stays. The body can be changed while it is a draft."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=200)
    body: SendBody | None = None


class DispatchIn(Schema):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=1000)
    """What the last preview gave."""


class SendCounts(Schema):
    """How far it is: every intended person is in exactly one of these."""

    intended: int
    queued: int
    attempting: int
    sent: int
    failed: int
    suppressed: int
    unknown: int


class SendUser(Schema):
    id: str
    name: str


class SendNotBegun(Schema):
    """Why a dispatched send became a draft again: the audience is not what was previewed."""

    code: str
    sentence: str
    previewed: int | None
    found: int | None


class SendRow(Schema):
    id: str
    slug: str
    name: str
    state: SendStateName
    template: str
    template_name: str
    channel: ChannelName
    purpose: str
    due_at: datetime | None
    created_at: datetime
    dispatched_at: datetime | None
    finished_at: datetime | None
    counts: SendCounts
    counted: bool = True
    """False: the reader's row scope cannot be sorted out of so many, and all counts are 0."""
    archived: bool


class SendsOut(Schema):
    items: list[SendRow]
    total: int


class SendDetail(SendRow):
    body: SendBody
    template_version: str
    """The version that is sent, once dispatched."""
    within: str
    """In words, to whose row scope it is confined; empty: it goes to the whole audience."""
    created_by: SendUser
    dispatched_by: SendUser | None
    prepared: int
    """How many of the intended are written down while it is being prepared."""
    not_begun: SendNotBegun | None
    editable: bool
    may_dispatch: bool
    may_pause: bool
    may_resume: bool
    may_cancel: bool


class SendSegmentPart(Schema):
    slug: str
    name: str
    people: int


class SendReasonCount(Schema):
    """How many for one reason. `state`: what they ended in, none in a preview. `estimated`: told
    from a sample."""

    code: str
    sentence: str
    people: int
    state: StateName | None = None
    estimated: bool = False


class SendPreviewPerson(Schema):
    """One of the sample, with the gate's answer now. `rendered` as the person would get it."""

    person: str
    name: str
    answer: str
    reasons: list[DeliveryReason]
    subject: str
    text: str
    missing: list[str]
    """Fields that are unset and have no default: this person gets nothing."""


class SendPreview(Schema):
    """What would happen now. It is counted anew each time, and nothing is kept but the token."""

    people: int
    """Everybody intended: those below are parts of it."""
    segments: list[SendSegmentPart]
    in_several: int
    """In more than one of the segments; each gets one message."""
    excluded: int
    held_out: int
    no_address: int
    same_address: int
    stopped: list[SendReasonCount]
    """By the gate, among the remaining."""
    to_send: int
    """About how many are left."""
    hours: float | None
    """About how long it takes at the rate that is set."""
    sampled: int
    sample: list[SendPreviewPerson]
    within: str
    """In words, to whose row scope it is confined; empty: it goes to the whole audience."""
    warnings: list[DeliveryReason]
    token: str
    token_until: datetime


class SendRate(Schema):
    """k of n with the Wilson interval at 95 %."""

    k: int
    n: int
    rate: float | None
    low: float | None
    high: float | None


class SendReport(Schema):
    """What became of it. `stopped` tells who did not get it and why, the most frequent first."""

    counts: SendCounts
    stopped: list[SendReasonCount]
    held_out: int
    delivered: SendRate
    opened: SendRate
    machine_opened: int
    clicked: SendRate
    bounced: SendRate
    complained: SendRate
    replied: SendRate
    unsubscribed: SendRate
    cost: float | None
    """In yen, where the providers tell."""
    begun_at: datetime | None
    finished_at: datetime | None
    whole: bool
    """False: the reader's row scope leaves people out."""
