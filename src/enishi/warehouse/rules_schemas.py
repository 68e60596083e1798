"""What the endpoints of rules take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class Bilingual(Schema):
    ja: str
    en: str


class FaultOut(Schema):
    code: str
    path: str
    message: str
    remedy: str


class RuleIn(Schema):
    """A rule, bare or in its envelope; `subject` and `purpose` fill what a bare one leaves open."""

    rule: dict[str, Any]
    subject: str | None = None
    purpose: str | None = None


class CheckIn(RuleIn):
    audience: bool = Field(False, description="Refuse a rule that selects everybody")
    user_values: bool = Field(False, description='Allow {"user": NAME}: row scopes, list filters')


class CheckOut(Schema):
    ok: bool
    faults: list[FaultOut]
    warnings: list[FaultOut]
    sentence: str | None
    consent: bool = Field(False, description="The purpose adds the consent of each person")


class AskIn(RuleIn):
    as_of: str | None = None


class CountOut(Schema):
    count: int
    as_of: datetime
    subject: str
    purpose: str | None
    sentence: str
    ms: float
    as_known_today: list[str]
    warnings: list[FaultOut]


class FunnelIn(AskIn):
    path: str | None = Field(
        None, max_length=2000, description="The node to take apart, as a JSON path; default the top"
    )


class FunnelStep(Schema):
    path: str
    sentence: str
    alone: int
    cumulative: int
    mode: str = Field(description="How the pieces join: all, any, at_least, steps, one")
    opens: bool = Field(description="The piece has a funnel of its own")


class FunnelOut(Schema):
    steps: list[FunnelStep]
    ms: float


class SampleIn(AskIn):
    sample: int = Field(10, ge=1, le=50)
    columns: dict[str, Any] = Field(default_factory=dict, max_length=200)


class SampleOut(Schema):
    people: list[dict[str, Any]]


class RulePreviewIn(AskIn):
    sample: int = Field(10, ge=0, le=50)
    columns: dict[str, Any] = Field(default_factory=dict, max_length=200)


class RulePreviewOut(CountOut):
    funnel: list[FunnelStep]
    sample: list[dict[str, Any]]


class WhyIn(AskIn):
    person: str = Field(description="An Enishi id or a source key", max_length=200)


class WhyOut(Schema):
    id: str
    subject: str
    truth: bool
    existed: bool
    as_of: datetime
    sentence: str
    as_known_today: list[str]
    explanation: dict[str, Any] | None


class CompareIn(Schema):
    a: dict[str, Any]
    b: dict[str, Any]
    subject: str | None = None
    purpose: str | None = None
    as_of: str | None = None
    people: int = Field(5, ge=0, le=50, description="How many to name on either side")


class PartOut(Schema):
    path: str
    sentence: str
    rule: dict[str, Any]


class SideOut(Schema):
    sentence: str
    parts: list[PartOut] = Field(description="The conditions that the other rule lacks")


class RuleCompareOut(Schema):
    a: SideOut
    b: SideOut
    common: list[str] = Field(description="The conditions that both have, in words")
    only_a: int
    both: int
    only_b: int
    people_only_a: list[dict[str, Any]]
    people_only_b: list[dict[str, Any]]


class SegmentChoice(Schema):
    slug: str
    label: str
    labels: Bilingual
    subject: str


class StatusChoice(Schema):
    name: str
    labels: Bilingual
    means: str


class ListChoice(SegmentChoice):
    statuses: list[StatusChoice]


class SetsOut(Schema):
    segments: list[SegmentChoice]
    lists: list[ListChoice]
