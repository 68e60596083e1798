"""What the endpoints of journeys and their versions read and write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from ninja import Schema
from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from enishi.book.jsontext import dumps, exact
from enishi.gate.schemas import Body, PersonRef
from enishi.journeys.graph import JourneyBody, Sheet

JourneyStateName = Literal["draft", "live", "paused", "closing", "ended"]
VersionStateName = Literal["draft", "review", "live", "replaced"]
StepKind = Literal[
    "wait", "wait_until", "wait_event", "wait_date", "branch", "split", "holdout", "message",
    "task", "update", "score", "webhook", "join", "goal", "exit",
]  # fmt: skip
LevelName = Literal["refuse", "warn"]
EntryKey = Annotated[str, Field(max_length=120)]


class _Unfinished:
    """A journey's body as it is being drawn: described like `JourneyBody`, refused never.

    Holes (a template not chosen yet, a branch without arms) come back as faults beside it.
    """

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        # Around the model's schema, for the description to name it; what it validates is not asked.
        return core_schema.no_info_wrap_validator_function(
            lambda value, _: value,
            handler.generate_schema(JourneyBody),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(cast("Any", schema)["schema"])


_MOST_STEPS = 1_000
_MOST_CHARACTERS = 1_000_000


def _json_object(value: object) -> object:
    """A draft may have any fault but size: it is checked anew each time that it is shown."""
    if not isinstance(value, dict):
        raise ValueError("A journey's body is a JSON object.")
    steps = value.get("steps")
    if isinstance(steps, dict | list) and len(steps) > _MOST_STEPS:
        raise ValueError(f"A journey's draft has {_MOST_STEPS} steps at most.")
    if len(dumps(value)) > _MOST_CHARACTERS:
        raise ValueError(f"A journey's draft has {_MOST_CHARACTERS} characters at most.")
    return exact(value)


DraftBody = Annotated[dict[str, Any], _Unfinished, BeforeValidator(_json_object)]


# What comes in -----------------------------------------------------------------------------------


class JourneyIn(Body):
    """`flow` names the template it is made from; `slug` is made from the name when absent."""

    name: str = Field(min_length=1, max_length=200)
    slug: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]{0,62}$")
    flow: str = Field(default="", max_length=40)
    purpose: str = Field(default="", max_length=64)


class JourneyPatch(Body):
    """What is absent stays. `priority`: the higher goes first where the gate allows one message."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    priority: int | None = Field(default=None, ge=-1000, le=1000)
    owner: str | None = Field(default=None, max_length=40)


class JourneyDraftIn(Body):
    """`seen`: `changed_at` of the draft that was gone on from; when somebody has saved since, it is
    refused (`draft_changed`) instead of lost. Absent: written in any case."""

    body: DraftBody
    note: str = Field(default="", max_length=2000)
    seen: datetime | None = None


class FlowInsertIn(Body):
    """`after`: the step, empty for the door; `way`: which of its ways (`next`, `timeout_next`,
    `arms[0].next`); `seen` as of `JourneyDraftIn`."""

    flow: str = Field(max_length=40)
    after: str = Field(default="", max_length=40)
    way: str = Field(default="next", max_length=40)
    seen: datetime | None = None


class JourneyCheckIn(Body):
    body: DraftBody


class JourneyNoteIn(Body):
    note: str = Field(default="", max_length=2000)


class ReasonIn(Body):
    reason: str = Field(min_length=1, max_length=2000)


class MappingIn(Body):
    """What becomes of those inside: `stay` (they finish on their version) or `move`. `steps`: where
    those go who stand at a step, by its id; an empty target ends their walk; a step that is not
    named keeps its id where the new version has a step of the same kind there."""

    move: Literal["stay", "move"] = "stay"
    steps: dict[str, str] = {}


class GoLiveIn(MappingIn):
    """`number` and `seen` (its `changed_at`): the version as it was read; another one, or another
    wording of it, is refused (`draft_changed`)."""

    number: int
    seen: datetime


# What goes out -----------------------------------------------------------------------------------


class JourneyFault(Schema):
    """`path`: a JSON path in the body (`$.steps.mail.template`); `step`: the step it lies in.
    `refuse` keeps the version from being submitted and from going live; `warn` does not."""

    code: str
    path: str
    step: str | None
    level: LevelName
    message: str
    remedy: str


class CardPart(Schema):
    """`derived`: told by the graph; `missing`: a hole that refuses publication."""

    text: str
    derived: bool
    missing: bool


class CardOut(Schema):
    """5W1H of a step that reaches somebody."""

    step: str
    kind: StepKind
    who: CardPart
    what: CardPart
    when: CardPart
    where: CardPart
    why: CardPart
    how: CardPart


class StepWords(Schema):
    """A step in words: its name (or what it is called by default) and one short sentence."""

    step: str
    kind: str
    title: str
    sentence: str


class CheckedJourney(Schema):
    """A wording as it stands. `refused`: how many faults keep it from going live."""

    faults: list[JourneyFault]
    refused: int
    cards: list[CardOut]
    words: list[StepWords]
    entries: list[str]
    """Each entry in words, in the order of the body."""


class JourneyVersionOut(Schema):
    """One wording through its life."""

    number: int
    state: VersionStateName
    note: str
    created_by: PersonRef
    created_at: datetime
    changed_by: PersonRef | None
    changed_at: datetime | None
    submitted_by: PersonRef | None
    submitted_at: datetime | None
    returned_by: PersonRef | None
    returned_at: datetime | None
    returned_because: str
    """Why it was given back, until it is submitted again."""
    live_by: PersonRef | None
    live_at: datetime | None
    replaced_at: datetime | None
    inside: int | None
    """How many walks are on it now; None where that cannot be told to who asks."""


class JourneyWording(CheckedJourney):
    number: int
    state: VersionStateName
    body: DraftBody
    note: str
    returned_because: str
    changed_at: datetime


class JourneyMay(Schema):
    """What the asker may do now; `approve` also says why not, by the code of the refusal."""

    write: bool
    submit: bool
    approve: bool
    approve_refused: str = ""
    run: bool
    see_people: bool


class JourneyRow(Schema):
    """A journey on the overview. `version`: the live one; `draft`: the state of the one in work.
    `inside`, `entered`, `goals`: walks under way, and of the last 30 days; `overdue`: past their
    due time by more than a minute now. All None where they cannot be told to who asks. With a row
    scope they count people inside it only."""

    id: str
    slug: str
    name: str
    state: JourneyStateName
    priority: int
    flow: str
    purpose: str
    purpose_label: str
    owner: PersonRef | None
    version: int | None
    draft: Literal["draft", "review"] | None
    inside: int | None
    entered: int | None
    goals: int | None
    overdue: int | None
    entries: list[str]
    live_since: datetime | None
    state_since: datetime | None
    changed_at: datetime
    archived_at: datetime | None


class JourneyDetail(JourneyRow):
    """`shown`: the wording to read or go on writing: the one in work, else the live one."""

    shown: JourneyWording
    versions: list[JourneyVersionOut]
    scoped: bool
    may: JourneyMay


class DiffRow(Schema):
    """One difference. `path` is a JSON path; `before` or `after` is empty where it was not."""

    path: str
    step: str | None
    kind: Literal["added", "removed", "changed"]
    what: str
    before: str
    after: str


class JourneyDiff(Schema):
    a: int
    b: int
    rows: list[DiffRow]


class MappedStep(Schema):
    """Where the people at one step of one older version go. `to` empty: their walk ends."""

    version: int
    step: str
    title: str
    people: int
    to: str
    to_title: str
    by: Literal["named", "same", "none"]
    """`named` in the mapping, `same` step in both versions, or there is `none`."""


class MappingPreview(Schema):
    """`inside`: walks under way on other versions; `moved`, `ended`: of those."""

    number: int
    inside: int | None
    moved: int
    ended: int
    rows: list[MappedStep]
    sentence: str
    faults: list[JourneyFault]


class FlowOut(Schema):
    """A flow to start from, with its planning sheet filled in."""

    name: str
    label: str
    description: str
    sheet: Sheet
    body: DraftBody
    words: list[StepWords]
    entries: list[str]
    to_choose: list[JourneyFault]
    """What has to be chosen before it can go live."""


class Choice(Schema):
    """`detail` says more (the channel of a template); `ready` false: it can be named now, and will
    keep the journey from going live until it is (a template without an approved version)."""

    value: str
    label: str
    detail: str = ""
    ready: bool = True


class TemplateChoice(Choice):
    channel: str
    purpose: str


class JourneyListChoice(Choice):
    """`statuses` and `outcomes`: what a step may wait for."""

    statuses: list[Choice]
    outcomes: list[Choice]


class EventChoice(Choice):
    fields: list[Choice]


class DateChoice(Choice):
    """`related`: empty for a field of the person herself, else the relation it is reached by."""

    related: str


class ChoicesOut(Schema):
    """What the steps of a journey can name."""

    purposes: list[Choice]
    products: list[Choice]
    segments: list[Choice]
    events: list[EventChoice]
    dates: list[DateChoice]
    templates: list[TemplateChoice]
    senders: list[Choice]
    lists: list[JourneyListChoice]


def unfinished(body: JourneyBody | Mapping[str, Any]) -> dict[str, Any]:
    """A body as it is stored and sent: JSON, without what was not given."""
    if isinstance(body, JourneyBody):
        return body.model_dump(mode="json", exclude_none=True)
    return dict(body)
