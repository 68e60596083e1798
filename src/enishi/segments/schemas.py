"""What the segments' endpoints read and write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from enishi.book.jsontext import exact

KindName = Literal["dynamic", "snapshot", "ranked", "one_per_group"]
SegmentStateName = Literal["fresh", "refreshing", "late", "failed", "archived"]
RefreshStateName = Literal["queued", "running", "done", "failed", "cancelled"]
ModeName = Literal["full", "incremental"]
CauseName = Literal["created", "version", "by_hand", "load", "nightly", "schedule", "retry"]
DifferenceName = Literal["moved", "missed"]
SegmentMemberState = Literal["in", "left"]
UseKind = Literal["segment", "list", "definition", "scope", "journey"]
SegmentSlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Every = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}[mhd]$")]
"""How often a segment whose windows move with time is refreshed whole: `30m`, `4h`, `1d`."""
RuleJson = Annotated[dict[str, Any], BeforeValidator(exact)]
"""A rule or a value, not yet checked; its numbers are exact."""


class SegmentBody(Schema):
    """A request body: unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


# What comes in -----------------------------------------------------------------------------------


class RankIn(SegmentBody):
    """How a ranked segment chooses: the first `n` by `value`, of all or of each `group` (a value).

    Who has no `value` comes last; equals go by Enishi id. `n` is 1 for one_per_group.
    """

    value: RuleJson
    direction: Literal["desc", "asc"] = "desc"
    n: int = Field(default=1, ge=1, le=10_000_000)
    group: RuleJson | None = None


class SegmentIn(SegmentBody):
    slug: SegmentSlug | None = None
    """Made from the name when absent; never changes afterwards."""
    name: str = Field(min_length=1, max_length=200)
    name_en: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=4000)
    subject: str = "person"
    purpose: str | None = None
    kind: KindName = "dynamic"
    rule: RuleJson
    rank: RankIn | None = None
    refresh_every: Every | None = None
    live: bool = False
    """Decided at once, as events come and as time passes; of kind `dynamic`, of persons."""


class SegmentPatch(SegmentBody):
    """What is absent stays; `refresh_every` "" takes the wish back."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    name_en: str | None = Field(default=None, max_length=200)
    description: str | None = Field(default=None, max_length=4000)
    owner: str | None = Field(default=None, max_length=40)
    refresh_every: Every | Literal[""] | None = None
    live: bool | None = None


class VersionIn(SegmentBody):
    rule: RuleJson
    rank: RankIn | None = None
    note: str = Field(default="", max_length=1000)


class RefreshIn(SegmentBody):
    mode: ModeName = "full"


class OverlapIn(SegmentBody):
    slugs: list[SegmentSlug] = Field(min_length=2, max_length=12)


class CompositionIn(SegmentBody):
    value: RuleJson
    bins: int = Field(default=12, ge=2, le=50)


class SegmentExportIn(SegmentBody):
    """`columns`: further values, by the heading they get."""

    format: Literal["csv_utf8", "csv_cp932", "xlsx", "parquet"] = "csv_utf8"
    columns: dict[str, RuleJson] = Field(default={}, max_length=200)


# What goes out -----------------------------------------------------------------------------------


class Named(Schema):
    ja: str
    en: str


class OwnerRef(Schema):
    """A user, as others see one."""

    id: str
    name: str


class RefreshRow(Schema):
    """`touched`: how many people were asked about; None: everybody."""

    id: str
    mode: ModeName
    cause: CauseName
    state: RefreshStateName
    attempt: int
    requested_by: OwnerRef | None
    requested_at: datetime
    not_before: datetime
    started_at: datetime | None
    ended_at: datetime | None
    as_of: datetime | None
    version: int | None
    size: int | None
    entered: int
    left: int
    touched: int | None
    moved: int
    missed: int
    ms: int | None
    message: str = ""


class SegmentRow(Schema):
    """`entered`, `left`: of the last refresh. `data_as_of`: when the oldest data behind it was
    loaded. `message`: why the last refresh failed. `sentence`: the rule in words; empty when the
    catalog no longer knows what it names. `sizes`: at the end of each of the last days, if asked
    for."""

    id: str
    slug: str
    name: str
    names: Named
    description: str
    subject: str
    subject_label: str
    purpose: str | None
    purpose_label: str | None
    kind: KindName
    owner: OwnerRef | None
    state: SegmentStateName
    version: int
    size: int | None
    entered: int
    left: int
    as_of: datetime | None
    data_as_of: datetime | None
    message: str = ""
    sentence: str = ""
    sizes: list[int] = []
    live: bool = False
    live_since: datetime | None = None
    """Since when the wording in use has been decided live; None while it has not."""
    live_differences: int | None = None
    """How many people the last full refresh found other than live deciding had left them."""
    created_at: datetime
    changed_at: datetime


class SegmentsOut(Schema):
    items: list[SegmentRow]
    total: int


class DataBehind(Schema):
    """`fresh` None: the catalog promises nothing. `newer`: loaded after this state was made."""

    dataset: str
    label: str
    loaded_at: datetime | None
    fresh_for: str | None
    fresh: bool | None
    newer: bool


class SegmentBehind(Schema):
    slug: str
    name: str
    state: SegmentStateName
    as_of: datetime | None


class Freshness(Schema):
    """`promised`: how old the state may become (`1d`, or `refresh_every`); None for snapshots."""

    as_of: datetime | None
    promised: str | None
    late: bool
    next_refresh: datetime | None
    data: list[DataBehind]
    segments: list[SegmentBehind]


class FailureOut(Schema):
    at: datetime
    attempts: int
    message: str
    remedy: str
    next_try: datetime | None


class DifferencesOut(Schema):
    """What the last full refresh found different from what was stored."""

    refresh: str
    as_of: datetime
    moved: int
    missed: int


class SegmentMay(Schema):
    write: bool
    export: bool


class RankOut(Schema):
    value: dict[str, Any]
    direction: Literal["desc", "asc"]
    n: int
    group: dict[str, Any] | None = None
    sentence: str
    """How it chooses, in words: the value, the number, the group."""


class SegmentDetail(SegmentRow):
    rule: dict[str, Any]
    rank: RankOut | None
    refresh_every: str | None
    freshness: Freshness
    failure: FailureOut | None
    refresh: RefreshRow | None
    """The refresh that is running or waiting."""
    last_refresh: RefreshRow | None
    differences: DifferencesOut | None
    warnings: list[str] = []
    archived_at: datetime | None
    may: SegmentMay


class VersionOut(Schema):
    number: int
    rule: dict[str, Any]
    rank: RankOut | None
    sentence: str
    note: str
    by: OwnerRef | None
    at: datetime
    current: bool


class ComparedVersion(Schema):
    number: int
    sentence: str


class ComparedPeople(Schema):
    """How many fit only one of the two rules and how many both, now and before any ranking."""

    only_a: int
    both: int
    only_b: int


class VersionCompareOut(Schema):
    """`parts_*`: the conditions of the rules' tops, in words."""

    a: ComparedVersion
    b: ComparedVersion
    parts_only_a: list[str]
    parts_only_b: list[str]
    parts_both: list[str]
    people: ComparedPeople


class DaySize(Schema):
    day: date
    size: int


class DayFlow(Schema):
    day: date
    entered: int
    left: int


class TrendOut(Schema):
    """One entry a day, oldest first, in the workspace's zone; sizes are of the end of the day."""

    sizes: list[DaySize]
    flows: list[DayFlow]


class SegmentMemberRow(Schema):
    """`entered_at`, `left_at`: of the present or the last stay."""

    id: str
    key: str
    display: str | None
    entered_at: datetime
    left_at: datetime | None
    stays: int


class SegmentMembersOut(Schema):
    items: list[SegmentMemberRow]
    total: int
    masked: list[str] = []


class Stay(Schema):
    entered_at: datetime
    left_at: datetime | None


class SegmentMemberDetail(Schema):
    """`rule`: the envelope that `POST /rules/why` takes for this person."""

    id: str
    key: str
    display: str | None
    inside: bool
    stays: list[Stay]
    rule: dict[str, Any]


class SetSize(Schema):
    slug: str
    name: str
    size: int


class PairOverlap(Schema):
    a: str
    b: str
    both: int


class Intersection(Schema):
    """`size`: how many are in exactly these of the segments asked for and in none of the others."""

    slugs: list[str]
    size: int


class OverlapOut(Schema):
    """`total`: people in at least one. `intersections`: the largest first, at most 200."""

    sizes: list[SetSize]
    pairs: list[PairOverlap]
    intersections: list[Intersection]
    total: int


class Bucket(Schema):
    """A category (`label`) or a range: `low` included, `high` only in the last one."""

    label: str
    low: Any = None
    high: Any = None
    count: int


class CompositionOut(Schema):
    """`other`: those of the categories not listed. `value_label`: the value in words."""

    kind: Literal["categories", "histogram"]
    value_label: str
    buckets: list[Bucket]
    other: int
    unset: int
    total: int


class UseOut(Schema):
    kind: UseKind
    id: str
    name: str


class DifferenceRow(Schema):
    id: str
    key: str
    display: str | None
    cause: DifferenceName
    was_in: bool


class DifferenceRows(Schema):
    items: list[DifferenceRow]
    total: int
