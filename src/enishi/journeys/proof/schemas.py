"""What the endpoints of proofs read and write. Rates are from 0 to 1, money is in yen."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from enishi.gate.schemas import Body
from enishi.journeys.drawing.schemas import StepKind
from enishi.journeys.graph import Conversion

ProofWhat = Literal[
    "reached", "intended", "waiting", "suppressed", "failed", "unknown", "sent", "delivered",
    "opened", "machine_opened", "clicked", "replied", "bounced", "complained", "unsubscribed",
    "control", "treated", "entered",
]  # fmt: skip
ProofGroup = Literal["entry", "step", "control", "treated"]
Yen = Annotated[float, Field(ge=0, lt=1e9)]


class ProofRate(Schema):
    """k of n with the Wilson interval at 95 %; all None where n is 0."""

    k: int
    n: int
    rate: float | None
    low: float | None
    high: float | None


class ProofSuccess(ProofRate):
    """How many a success followed within its window. `open`: of the others those whose window is
    not over yet. `value`: summed over its events, None where no value is named or the reader sees
    it masked."""

    value: float | None
    open: int


class ProofReason(Schema):
    code: str
    sentence: str
    people: int
    state: Literal["suppressed", "failed"]


class ProofContact(Schema):
    """What became of a step's contacts. `sent` of a task: done by a human. Rates are of the sent;
    `opened` by humans as far as can be told. `cost` is None where a channel's is not known."""

    channel: str
    channel_label: str
    intended: int
    waiting: int
    suppressed: int
    failed: int
    unknown: int
    sent: ProofRate
    reasons: list[ProofReason]
    delivered: ProofRate
    opened: ProofRate
    machine_opened: ProofRate
    clicked: ProofRate
    replied: ProofRate
    bounced: ProofRate
    complained: ProofRate
    unsubscribed: ProofRate
    converted: list[ProofSuccess]
    cost: float | None
    cost_per_contact: float | None
    cost_per_success: list[float | None]


class ProofStep(Schema):
    """`gone`: not a step of the version that is shown any more. `reached`: how often it was
    entered, over all versions."""

    step: str
    title: str
    kind: StepKind | None
    gone: bool
    reached: int
    contact: ProofContact | None


class ProofDifference(Schema):
    """How much higher the rate of those treated is than the controls'; Newcombe's interval at 95 %.
    `certain`: it leaves out 0."""

    value: float
    low: float
    high: float
    certain: bool


class ProofRatio(Schema):
    """Whether there are as many controls as there should be. `wrong`: not by chance alone."""

    control: int
    treated: int
    expected: float
    chi_square: float
    p: float
    wrong: bool


class ProofHoldout(Schema):
    """People by the arm they first came into, with the rates from that instant on, for each
    success. `extra_cost`: all cost for each success that the control group says is extra."""

    step: str
    title: str
    control: list[ProofSuccess]
    treated: list[ProofSuccess]
    differences: list[ProofDifference | None]
    extra: list[float | None]
    extra_cost: list[float | None]
    ratio: ProofRatio | None


class ProofAim(Schema):
    """A success as it is called, and what is to be said of it. `value`: what is summed, empty where
    that is nothing or the reader sees it masked. `fault`: it cannot be counted, since the catalog
    has changed."""

    name: str
    sentence: str
    event: list[str]
    window: str
    window_label: str
    value: str
    fault: str


class ProofOut(Schema):
    """Everything, as of `as_of`; `sentence` is of the first success. `counted` false: it cannot be
    told to who asks, and all is empty. `scoped`: of the asker's own customers only. `own`:
    successes were chosen for the proof."""

    as_of: datetime
    counted: bool
    scoped: bool
    sentence: str
    entered: int
    people: int
    aims: list[ProofAim]
    own: bool
    entry: list[ProofSuccess]
    steps: list[ProofStep]
    holdouts: list[ProofHoldout]
    contacts: int
    cost: float | None
    cost_per_contact: float | None
    cost_per_success: list[float | None]
    may_change: bool
    may_see_people: bool
    took_ms: int


class ProofSettingsIn(Body):
    conversions: list[Conversion] = Field(max_length=10)
    cost: dict[str, Yen] = Field(default={}, max_length=20)


class ProofSettingsOut(Schema):
    """`wording`: what the version says, which holds where `own` is false."""

    own: bool
    conversions: list[Conversion]
    cost: dict[str, float]
    wording: list[Conversion]
    purpose: str
    changed_by: str
    changed_at: datetime | None


class ProofPerson(Schema):
    """Somebody behind a number. `enrollment` leads to her story, where there is one. `at` is null
    where it may follow from a date that the asker sees masked."""

    person: str
    display: str
    enrollment: int | None
    at: datetime | None
    detail: str


class ProofPeople(Schema):
    items: list[ProofPerson]
    total: int
