"""What the lists' endpoints read and write."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Header, Schema
from pydantic import AliasChoices, Field

from enishi.gate.schemas import Body, PersonRef
from enishi.lists.body import DefinitionBody, Json, Slug, Words
from enishi.lists.types import PriorityName

ListStateName = Literal["building", "open", "closed", "failed"]
BuildStateName = Literal["queued", "gathering", "writing", "folding", "done", "failed", "cancelled"]
MeaningName = Literal["open", "working", "done", "dropped"]
StageName = Literal["members", "attempted", "reached", "positive", "won"]
Key = Annotated[str, Field(min_length=8, max_length=80)]
"""An idempotency key: the same key from the same user never makes a second thing."""
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=80)]
"""The same as a header, which the body's wins over."""


# Definitions -------------------------------------------------------------------------------------


class DefinitionIn(Body):
    slug: Slug
    body: DefinitionBody


class DefinitionPut(Body):
    body: DefinitionBody


class DatasetState(Schema):
    """The curated dataset of an active definition. `old` when it is older than a day."""

    state: Literal["none", "queued", "building", "ready", "failed"]
    rows: int | None = None
    as_of: datetime | None = None
    built_at: datetime | None = None
    old: bool = False
    message: str = ""


class DefinitionOut(Schema):
    id: str
    slug: str
    version: int
    state: Literal["draft", "active", "retired"]
    name: str
    body: DefinitionBody
    sentence: str
    """The rule in words, in the reader's language."""
    dataset: DatasetState
    open_lists: int
    created_at: datetime
    created_by: PersonRef | None
    activated_at: datetime | None
    retired_at: datetime | None


class DefinitionsOut(Schema):
    items: list[DefinitionOut]
    total: int


class ColumnOut(Schema):
    """A column as the reader sees it. `masked` when the reader's role hides its values."""

    name: str
    label: str
    format: str
    type: str
    role: Literal["owner", "branch"] | None = None
    masked: bool = False


class DatasetRow(Schema):
    id: str
    key: str
    display: str
    values: dict[str, object]


class DatasetOut(Schema):
    dataset: DatasetState
    columns: list[ColumnOut]
    items: list[DatasetRow]
    total: int | None


# Lists -------------------------------------------------------------------------------------------


class ScorePart(Body):
    """One weighted value: points = number × `weight`, or `map[text]`, or the first band reached.

    Of `weight`, `map` and `bands` exactly one is given. A boolean counts 1 or 0. `map` may hold
    `"*"` for any other set value. `bands` are tried in order: the first whose `from` is not above
    the number.
    """

    value: Json
    label: Words
    weight: float | None = None
    map: dict[str, float] | None = None
    bands: list[Band] | None = None


class Band(Body):
    from_: float = Field(validation_alias=AliasChoices("from", "from_"), serialization_alias="from")
    points: float


class FixedPriority(Body):
    kind: Literal["fixed"] = "fixed"
    level: PriorityName = "medium"


class ScorePriority(Body):
    """High from `high_from` points, medium from `medium_from`; absent: the best 20 % and next 30 %
    of the first build, kept for its refreshes."""

    kind: Literal["score"]
    parts: list[ScorePart] = Field(min_length=1, max_length=20)
    high_from: float | None = None
    medium_from: float | None = None


PriorityIn = Annotated[FixedPriority | ScorePriority, Field(discriminator="kind")]


class ByHand(Body):
    kind: Literal["by_hand"] = "by_hand"


class RoundRobin(Body):
    kind: Literal["round_robin"]
    users: list[str] = Field(min_length=1, max_length=500)


class ByOwner(Body):
    """The relationship owner: `column` (absent: the column with role `owner`) names the staff code
    found in a user's attribute `staff_code`; members without one go to `otherwise` or stay free."""

    kind: Literal["owner"]
    column: str | None = None
    otherwise: list[str] = []


AssignmentIn = Annotated[ByHand | RoundRobin | ByOwner, Field(discriminator="kind")]


class PreviewIn(Body):
    definition: str
    """A definition's id, or a slug for its active version."""
    filter: Json | None = None
    priority: PriorityIn = Field(default_factory=FixedPriority)
    top_n: int | None = Field(default=None, ge=1)
    assignment: AssignmentIn = Field(default_factory=ByHand)
    due: date | None = None


class ListIn(PreviewIn):
    name: str = Field(min_length=1, max_length=200)
    slug: Slug | None = Field(None, description="What rules call the list; made when left out")
    idempotency_key: Key | None = None


class ListPatch(Body):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    due: date | None = None
    clear_due: bool = False


class SampleRow(Schema):
    id: str
    key: str
    display: str
    values: dict[str, object]
    score: float | None = None
    priority: PriorityName
    reasons: list[str] = []
    blocked: str | None = None
    other_lists: int = 0


class PreviewOut(Schema):
    """`count` before `top_n`; `members` after it. `blocked`: how many the gate would not let call
    (they stay on the list, marked). `unassigned`: known only for assignment by owner."""

    count: int
    members: int
    sentence: str
    columns: list[ColumnOut]
    sample: list[SampleRow]
    on_other_lists: int
    blocked: int
    ms: int
    as_of: datetime
    as_known_today: list[str] = []
    warnings: list[str] = []


class BuildOut(Schema):
    id: str
    number: int
    state: BuildStateName
    progress: float
    """0 to 1."""
    found: int | None
    written: int
    added: int
    left: int
    changed: int
    as_of: datetime | None
    requested_by: PersonRef | None
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    message: str = ""


class StatusOut(Schema):
    code: str
    label: str
    meaning: MeaningName
    members: int = 0


class KindOut(Schema):
    code: str
    label: str
    channel: str


class OutcomeOut(Schema):
    """`blocks` says in words what choosing it will block; empty when nothing."""

    code: str
    label: str
    kind: str
    status: str | None
    blocks: str
    blocks_text: str = ""


class ShareOut(Schema):
    id: str
    user: PersonRef
    level: Literal["view", "work"]
    by: PersonRef | None
    at: datetime


class AssigneeOut(Schema):
    user: PersonRef | None
    members: int
    done: int


class ListOut(Schema):
    id: str
    slug: str
    name: str
    state: ListStateName
    definition_id: str
    definition_slug: str
    definition_name: str
    purpose: str | None
    product: str | None
    due: date | None
    created_at: datetime
    created_by: PersonRef | None
    closed_at: datetime | None
    refreshed_at: datetime | None
    total: int
    open: int
    working: int
    done: int
    dropped: int
    left: int
    can_work: bool
    can_manage: bool
    build: BuildOut | None
    """The newest build, running or not."""


class ListsOut(Schema):
    items: list[ListOut]
    total: int


class ListDetail(ListOut):
    sentence: str
    """Who is on it, in words: the definition's rule and the manager's filter."""
    filter: Json | None
    priority: PriorityIn
    top_n: int | None
    assignment: AssignmentIn
    columns: list[ColumnOut]
    statuses: list[StatusOut]
    kinds: list[KindOut]
    outcomes: list[OutcomeOut]
    shares: list[ShareOut]
    assignees: list[AssigneeOut]
    talk_guide: str


class ChangeOut(Schema):
    kind: Literal["added", "left", "changed"]
    member_id: int
    display: str
    fields: list[str]
    """Labels of what changed."""
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    has_work: bool = False
    at: datetime


class ChangesOut(Schema):
    items: list[ChangeOut]
    total: int


class ShareIn(Body):
    user: str
    level: Literal["view", "work"] = "view"
    """`work`: may claim from the unassigned pool."""
