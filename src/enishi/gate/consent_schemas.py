"""What the endpoints of consents, approvals and the gate's matrix read and write."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from enishi.gate.consents import How
from enishi.gate.schemas import Body, ChannelName, ChannelOut, PersonRef

ClassName = Literal["promotion", "service", "transactional"]
RequestState = Literal["waiting", "approved", "denied", "withdrawn"]


class PurposeAnswers(Schema):
    """One purpose, how strictly it is treated, and the gate's answer on every channel."""

    purpose: str
    label: str
    purpose_class: ClassName
    answers: list[ChannelOut]


class MatrixOut(Schema):
    """May we make contact now, for every purpose on every channel."""

    channels: list[ChannelName]
    purposes: list[PurposeAnswers]


class ConsentOut(Schema):
    """One statement with its evidence. `channel` or `purpose` none is all of them."""

    id: str
    given: bool
    channel: ChannelName | None
    purpose: str | None
    purpose_label: str | None
    at: datetime
    until: datetime | None
    how: How | None
    how_label: str
    wording: str
    evidence: str
    origin: Literal["user", "import", "catalog"]
    by: PersonRef | None
    recorded_at: datetime
    voided_at: datetime | None
    voided_by: PersonRef | None
    void_reason: str | None


class ConsentStandingOut(Schema):
    """How consent stands for one purpose on one channel, as the policies in force ask for it."""

    channel: ChannelName
    purpose: str
    purpose_label: str
    state: Literal["given", "withdrawn", "missing", "not_needed"]
    since: datetime | None


class ConsentsOut(Schema):
    """All statements, the newest first, voided ones too, and how consent stands now."""

    items: list[ConsentOut]
    standing: list[ConsentStandingOut]


class ConsentIn(Body):
    """`at` is when the person said so (now if not given); times without an offset are meant in the
    workspace's time zone."""

    given: bool
    channel: ChannelName | None = None
    purpose: str | None = Field(default=None, min_length=1, max_length=64)
    how: How
    wording: str = Field(min_length=1, max_length=2000)
    evidence: str = Field(default="", max_length=500)
    at: datetime | None = None
    until: datetime | None = None


class VoidIn(Body):
    reason: str = Field(min_length=1, max_length=2000)


class RequestReason(Schema):
    code: str
    sentence: str


class ApprovalOut(Schema):
    """A request to make a contact that needs approval. `mine`: the reader asked for it;
    `may_decide`: the reader may answer it, and if not, `why_not` says so."""

    id: str
    person_id: str
    display: str
    channel: ChannelName
    purpose: str
    purpose_label: str
    product: str | None
    reasons: list[RequestReason]
    note: str
    state: RequestState
    list_id: str | None
    member_id: str | None
    asked_by: PersonRef
    for_user: PersonRef
    asked_at: datetime
    decided_by: PersonRef | None
    decided_at: datetime | None
    answer: str
    valid_until: datetime | None
    mine: bool
    may_decide: bool
    why_not: str


class ApprovalAskIn(Body):
    person_id: str = Field(min_length=1, max_length=40)
    channel: ChannelName
    purpose: str = Field(default="", max_length=64)
    product: str | None = Field(default=None, max_length=64)
    note: str = Field(min_length=1, max_length=2000)
    list_id: str = Field(default="", max_length=40)
    member_id: str = Field(default="", max_length=40)


class ApproveIn(Body):
    answer: str = Field(default="", max_length=2000)
    valid_until: datetime | None = None


class DenyIn(Body):
    answer: str = Field(min_length=1, max_length=2000)
