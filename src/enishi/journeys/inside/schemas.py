"""What the endpoints of people inside a journey read and write: counts, people, stories."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from enishi.gate.schemas import Body
from enishi.journeys.drawing.schemas import EntryKey

WalkStateName = Literal["active", "held", "ended"]
WhyName = Literal["due", "signal", "delivery", "task", "facts", "hold", ""]
EndName = Literal[
    "completed", "goal", "exit", "left", "held", "moved", "removed", "closed", "broken"
]


class NodeOut(Schema):
    """A step and the people there. `standing` and `held` are there now; `arrived` and `passed` are
    of the days asked for, as is `median_seconds`, the time between coming and going. `overdue`:
    standing there past their due time by more than a minute."""

    step: str
    title: str
    standing: int
    held: int
    overdue: int
    arrived: int
    passed: int
    median_seconds: int | None
    oldest_since: datetime | None
    stuck: int
    """Standing at a task or a message for more than a day."""
    bottleneck: bool = False


class EdgeOut(Schema):
    """People who went from a step to the next. An empty `step` is the entry, an empty `to` the end
    of the walk; `code` says by what; `share` is of all who left the step, 0 to 1."""

    step: str
    to: str
    code: str
    label: str
    people: int
    share: float
    median_seconds: int | None


class EndCount(Schema):
    end: EndName
    label: str
    people: int


class LiveOut(Schema):
    """A journey's version as it runs. `counted` false: the counts cannot be told to who asks, and
    all are empty. `scoped`: they are of the asker's own customers only."""

    number: int
    as_of: datetime
    days: int
    counted: bool
    scoped: bool
    inside: int
    entered: int
    ended: int
    nodes: list[NodeOut]
    edges: list[EdgeOut]
    ends: list[EndCount]
    bottleneck: str | None
    sentence: str
    """The bottleneck in words; empty while there is none."""


class AskedOut(Schema):
    """What a human is asked to do with somebody who stands at a task, as its author wrote it.
    `list`: the slug of the list she was put on; `way`: the kind of contact, in words."""

    list: str
    way: str
    text: str
    what: str
    why: str


class WalkOut(Schema):
    """One walk. `display` is the person's name as the asker may read it. `standing` says in words
    what she is waiting for, or how the walk ended. Times that follow from a date which the asker
    sees masked are null, and `times_hidden` says why."""

    enrollment: int
    person: str
    display: str
    journey: str
    journey_name: str
    key: str
    version: int
    state: WalkStateName
    step: str | None
    step_title: str
    since: datetime | None
    due_at: datetime | None
    why: WhyName
    end: EndName | None
    control: bool
    entered_at: datetime | None
    entered_by: str
    ended_at: datetime | None
    standing: str
    times_hidden: str
    """Empty where nothing is hidden."""
    asked: AskedOut | None
    """Absent unless a human is asked now."""


class WalksOut(Schema):
    """`total` counts all that fit, as far as the asker may see them."""

    items: list[WalkOut]
    total: int


class StoryLine(Schema):
    """One line of a story. `local` is the time in the workspace's zone as it is spoken; of a time
    that the asker may not know `at` is null and `local` says so."""

    at: datetime | None
    local: str
    step: str | None
    step_title: str
    code: str
    sentence: str


class StoryOut(WalkOut):
    lines: list[StoryLine]


class RemoveIn(Body):
    reason: str = Field(min_length=1, max_length=2000)


class EnterIn(Body):
    """`person`: an Enishi id or a customer number; `key`: the entry key; `values`: what templates
    may name as `given.…`."""

    person: str = Field(max_length=40)
    key: EntryKey = ""
    values: dict[str, Any] = Field(default={}, max_length=50)


class EntriesIn(Body):
    entries: list[EnterIn] = Field(min_length=1, max_length=1000)


class RefusedCount(Schema):
    code: str
    label: str
    people: int


class EntriesOut(Schema):
    """How many came in, and how many did not, by reason."""

    entered: int
    refused: list[RefusedCount]
