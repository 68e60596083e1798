"""What the gate's endpoints read and write."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

RestrictionTypeName = Literal["refusal", "hold", "do_not_contact"]
ChannelName = Literal["phone", "visit", "email", "post", "meeting", "sms", "line", "push", "web"]
HoldKindName = Literal["complaint", "inheritance", "deceased", "guardianship", "antisocial"]
AnswerName = Literal["allow", "defer", "needs_approval", "deny"]


class Body(Schema):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class PersonRef(Schema):
    """A user of Enishi, as others see one."""

    id: str
    name: str


class ReasonOut(Schema):
    """Why: `until` when it passes by itself, `by` which role may let the contact through, and
    `another`: somebody else than who asks."""

    code: str
    sentence: str
    restriction_id: str
    answer: AnswerName
    until: datetime | None = None
    by: str | None = None
    another: bool = False


class DecisionOut(Schema):
    """`sentence` is all reasons in one line, empty when allowed; `approval` is the id of the
    approval that let the contact through."""

    answer: AnswerName
    allowed: bool
    until: datetime | None = None
    by: str | None = None
    another: bool = False
    approval: str = ""
    reasons: list[ReasonOut] = []
    sentence: str = ""


class ChannelOut(Schema):
    channel: ChannelName
    decision: DecisionOut


class ChannelsOut(Schema):
    """The gate's answer for every channel."""

    items: list[ChannelOut]


class RestrictionOut(Schema):
    id: str
    type: RestrictionTypeName
    kind: HoldKindName | None = None
    label: str
    sentence: str
    product: str | None = None
    product_label: str | None = None
    channel: ChannelName | None = None
    until: datetime | None = None
    reason: str
    by: PersonRef | None
    at: datetime
    engagement_id: str | None = None
    list_id: str | None = None
    active: bool
    released_at: datetime | None = None
    released_by: PersonRef | None = None
    release_reason: str | None = None


class RestrictionsOut(Schema):
    """Newest first; released and expired ones are kept and marked `active: false`."""

    items: list[RestrictionOut]
    total: int


class GateQuestion(Body):
    channel: ChannelName
    purpose: str = Field(min_length=1, max_length=64)
    product: str | None = Field(default=None, max_length=64)


class RefusalIn(Body):
    product: str | None = Field(default=None, max_length=64)
    product_label_ja: str | None = Field(default=None, max_length=64)
    product_label_en: str | None = Field(default=None, max_length=64)
    channel: ChannelName | None = None
    until: datetime | None = None
    reason: str = Field(default="", max_length=2000)


class HoldIn(Body):
    kind: HoldKindName
    until: datetime | None = None
    note: str = Field(default="", max_length=2000)


class DoNotContactIn(Body):
    channel: ChannelName | None = None
    until: datetime | None = None
    reason: str = Field(default="", max_length=2000)


class ReleaseIn(Body):
    reason: str = Field(min_length=1, max_length=2000)
