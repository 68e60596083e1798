"""What a list definition says: one shape for the API, for YAML files and for the stored row."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from enishi.book.jsontext import exact

Name = Annotated[str, StringConstraints(pattern=r"^[^\W\d_]\w{0,62}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


Json = Annotated[dict[str, Any], BeforeValidator(exact)]
"""A rule or a value, not yet checked; its numbers are exact."""


class Part(BaseModel):
    """A part of a definition: unknown members are refused, so that a misspelling is seen.

    A plain model: a ninja Schema looks every member of every part up through a wrapper that serves
    rows of the book, which made reading one definition take five milliseconds.
    """

    model_config = ConfigDict(extra="forbid")


class Words(Part):
    """One text in both languages."""

    ja: str = Field(min_length=1, max_length=400)
    en: str = Field(min_length=1, max_length=400)


ColumnFormat = Literal[
    "text", "number", "money", "percent", "date", "datetime", "boolean", "phone", "email", "list"
]


class Column(Part):
    """One column: any value of the rule language. `order` places it; equal orders keep file order.

    `role`: `owner` names the staff code of the relationship owner, `branch` is the branch that
    tracking groups by. At most one column has each role.
    """

    name: Name
    label: Words
    value: Json
    format: ColumnFormat = "text"
    order: int = 0
    role: Literal["owner", "branch"] | None = None


class Filter(Part):
    """A field or value offered to managers for their own conditions.

    `value` is the left side of a test. A `related` or `event` value without `where` and `measure`
    offers every `where` and `measure` below it.
    """

    name: Name
    label: Words
    value: Json


class Status(Part):
    code: Code
    label: Words
    meaning: Literal["open", "working", "done", "dropped"]


class Kind(Part):
    """A way to engage; the channel is what the gate is asked for."""

    code: Code
    label: Words
    channel: Literal["phone", "visit", "email", "post", "meeting"]


class Outcome(Part):
    """What came of an engagement.

    `kind` is its meaning for tracking, `status` the member's next status (absent: stays, or the
    first working status while it was open). `blocks`: `product` refuses the list's product, `all`
    refuses every contact, a hold's name puts the hold; absent: `all` for kind `refused`,
    `complaint` for kind `complaint`, nothing otherwise.
    """

    code: Code
    label: Words
    kind: Literal["no_answer", "reached", "positive", "won", "refused", "complaint"]
    status: Code | None = None
    blocks: (
        Literal[
            "nothing",
            "product",
            "all",
            "complaint",
            "inheritance",
            "deceased",
            "guardianship",
            "antisocial",
        ]
        | None
    ) = None

    @property
    def blocking(self) -> str:
        """What this outcome blocks, with the default of its kind."""
        if self.blocks is not None:
            return self.blocks
        return {"refused": "all", "complaint": "complaint"}.get(self.kind, "nothing")


def _words(ja: str, en: str) -> Words:
    return Words(ja=ja, en=en)


def default_statuses() -> list[Status]:
    return [
        Status(code="open", label=_words("未対応", "Open"), meaning="open"),
        Status(code="working", label=_words("対応中", "Working"), meaning="working"),
        Status(code="done", label=_words("完了", "Done"), meaning="done"),
        Status(code="dropped", label=_words("対象外", "Dropped"), meaning="dropped"),
    ]


def default_kinds() -> list[Kind]:
    return [
        Kind(code="call", label=_words("電話", "Call"), channel="phone"),
        Kind(code="visit", label=_words("訪問", "Visit"), channel="visit"),
        Kind(code="mail", label=_words("メール", "Mail"), channel="email"),
        Kind(code="meeting", label=_words("面談", "Meeting"), channel="meeting"),
    ]


def default_outcomes() -> list[Outcome]:
    return [
        Outcome(code="no_answer", label=_words("不在", "No answer"), kind="no_answer"),
        Outcome(code="reached", label=_words("話せた", "Reached"), kind="reached"),
        Outcome(code="positive", label=_words("前向き", "Interested"), kind="positive"),
        Outcome(code="won", label=_words("成約", "Won"), kind="won", status="done"),
        Outcome(
            code="refused",
            label=_words("今後の案内を拒否", "Refused"),
            kind="refused",
            status="dropped",
        ),
        Outcome(
            code="complaint", label=_words("苦情", "Complaint"), kind="complaint", status="dropped"
        ),
    ]


class DefinitionBody(Part):
    """The whole template. `rule` is bare (no envelope): subject and purpose stand beside it."""

    name: Words
    description: Words | None = None
    subject: Name = "person"
    purpose: str | None = Field(default=None, max_length=64)
    product: str | None = Field(default=None, max_length=64)
    product_label: Words | None = None
    rule: Json
    columns: list[Column] = Field(min_length=1)
    filters: list[Filter] = []
    statuses: list[Status] = Field(default_factory=default_statuses)
    kinds: list[Kind] = Field(default_factory=default_kinds, min_length=1)
    outcomes: list[Outcome] = Field(default_factory=default_outcomes, min_length=1)
    talk_guide: str = Field(default="", max_length=100_000)
    lease_minutes: int = Field(default=15, ge=1, le=480)

    @model_validator(mode="after")
    def _consistent(self) -> DefinitionBody:
        for what, names in (
            ("columns", [c.name.casefold() for c in self.columns]),
            ("filters", [f.name.casefold() for f in self.filters]),
            ("statuses", [s.code for s in self.statuses]),
            ("kinds", [k.code for k in self.kinds]),
            ("outcomes", [o.code for o in self.outcomes]),
        ):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"{what}: {', '.join(twice)} stands there twice")
        meanings = {s.meaning for s in self.statuses}
        missing = [m for m in ("open", "working", "done", "dropped") if m not in meanings]
        if missing:
            raise ValueError(f"statuses: none means {', '.join(missing)}")
        codes = {s.code for s in self.statuses}
        for outcome in self.outcomes:
            if outcome.status is not None and outcome.status not in codes:
                raise ValueError(
                    f"outcomes: {outcome.code} leads to unknown status {outcome.status}"
                )
        for role in ("owner", "branch"):
            if sum(column.role == role for column in self.columns) > 1:
                raise ValueError(f"columns: more than one has the role {role}")
        return self

    def ordered_columns(self) -> list[Column]:
        return sorted(self.columns, key=lambda column: column.order)

    def status(self, code: str) -> Status | None:
        return next((s for s in self.statuses if s.code == code), None)

    def first_status(self, meaning: str) -> Status:
        """The first status with a meaning; validation has made sure that there is one."""
        return next(s for s in self.statuses if s.meaning == meaning)

    def kind(self, code: str) -> Kind | None:
        return next((k for k in self.kinds if k.code == code), None)

    def outcome(self, code: str) -> Outcome | None:
        return next((o for o in self.outcomes if o.code == code), None)

    def column_of_role(self, role: str) -> Column | None:
        return next((c for c in self.columns if c.role == role), None)


class DefinitionFile(DefinitionBody):
    """A YAML file: the body and its name in the world of files."""

    version: Literal[1] = 1
    slug: Slug

    def body(self) -> DefinitionBody:
        return DefinitionBody.model_validate(
            self.model_dump(exclude={"version", "slug"}, exclude_none=True)
        )
