"""What the endpoints of a customer's page answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Schema

from enishi.gate.schemas import DecisionOut, RestrictionOut
from enishi.lists.notes import NoteOut
from enishi.lists.work_schemas import EngagementOut
from enishi.warehouse.api import ShownField
from enishi.warehouse.rules_schemas import Bilingual

EntryKind = Literal["event", "engagement", "list", "segment", "note", "gate", "consent", "decision"]


class SourceShape(Schema):
    """How the values of an event dataset are called and written."""

    label: Bilingual
    fields: list[ShownField]


class EntryOut(Schema):
    """One thing that happened. `place` continues the timeline after it.

    event       `source` is its dataset, `event` its name, `values` by field, `masked` those masked;
                of a changed field `title` is its label and `text` what it was and is
    engagement  `engagement`
    list        `title` the list's name, `ref` its id, `entered`: joined it or left it
    segment     `title` the segment's name, `ref` its slug, `entered`: came in or left
    note        `note`
    gate        `title` what was recorded, `text` the sentence, `entered` false: it was released
    consent     `title` what was said, `text` how it is known, `entered`: given or withdrawn
    decision    `event` the answer (deny, defer, needs_approval, approved, refused), `title` the
                purpose and channel asked about, `text` why
    """

    place: str
    at: str
    kind: EntryKind
    source: str
    event: str | None = None
    values: dict[str, Any] = {}
    masked: list[str] = []
    title: str | None = None
    text: str | None = None
    ref: str | None = None
    entered: bool | None = None
    by: str | None = None
    engagement: EngagementOut | None = None
    note: NoteOut | None = None


class TimelinePage(Schema):
    """`next` asks for what came before; None: nothing did."""

    datasets: dict[str, SourceShape]
    items: list[EntryOut]
    next: str | None


class YearCount(Schema):
    year: int
    count: int


class SourceCount(Schema):
    """`source` as in `show`; `label` of a dataset, None for what Enishi keeps itself."""

    source: str
    kind: EntryKind
    label: Bilingual | None
    count: int
    years: list[YearCount]


class TimelineSummary(Schema):
    """How much there is, by source and local year; the years are those with anything at all."""

    sources: list[SourceCount]
    years: list[YearCount]


class StayOut(Schema):
    """A segment somebody is or was in. `live`: decided at each event."""

    slug: str
    name: str
    description: str
    purpose: str | None
    live: bool
    inside: bool
    entered_at: datetime
    left_at: datetime | None
    stays: int


class SegmentsOfOut(Schema):
    items: list[StayOut]
    total: int


class GroupItem(Schema):
    """One company of a group. `seen` false: outside the reader's row scope, nameless."""

    id: str
    parent: str | None
    depth: int
    display: str | None
    key: str | None
    seen: bool
    itself: bool


class GroupOut(Schema):
    relation: Bilingual | None
    items: list[GroupItem]
    cut: bool


class BriefChange(Schema):
    """Something that happened lately: `entry` the last time, `count` of it in the quarter."""

    label: Bilingual | None
    count: int
    entry: EntryOut


class FollowUp(Schema):
    """What was promised or planned, on which list, by whom."""

    list_id: str
    list_name: str
    member_id: int
    step: str
    at: datetime | None
    late: bool
    by: str | None


class ToSay(Schema):
    """A list somebody is to work: what it is about and how to begin."""

    list_id: str
    list_name: str
    member_id: int
    product: str | None
    assignee: str | None
    mine: bool
    due: date | None
    guide: str
    decision: DecisionOut


class BriefOut(Schema):
    """The minute before a call, on one screen."""

    person_id: str
    datasets: dict[str, SourceShape]
    changed: list[BriefChange]
    say: list[ToSay]
    never: list[RestrictionOut]
    follow_ups: list[FollowUp]
    contacts: list[EngagementOut]
    notes: list[NoteOut]
    since: date
