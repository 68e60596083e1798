"""What a policy says: one shape for the API, for the stored version and for the decision.

Every body has a `kind`, a name, an optional description and `applies`: the contacts it is about
(an empty list is all). `classes`, `holds` and `refusals` are the ground: there is exactly one of
each.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from enishi.book.jsontext import exact

ChannelName = Literal["phone", "visit", "email", "post", "meeting", "sms", "line", "push", "web"]
ClassName = Literal["promotion", "service", "transactional"]
HoldName = Literal["complaint", "inheritance", "deceased", "guardianship", "antisocial"]
AnswerName = Literal["allow", "defer", "needs_approval", "deny"]
Stopping = Literal["allow", "needs_approval", "deny"]
Role = Literal["manager", "administrator"]
DayName = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[DayName, ...] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
PurposeName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
Json = Annotated[dict[str, Any], BeforeValidator(exact)]


class Part(BaseModel):
    """A part of a policy: unknown members are refused, so that a misspelling is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """One text in both languages."""

    ja: str = Field(min_length=1, max_length=400)
    en: str = Field(min_length=1, max_length=400)


class Applies(Part):
    """Which contacts are meant; an empty list is all of them."""

    channels: list[ChannelName] = []
    purposes: list[PurposeName] = []
    classes: list[ClassName] = []

    def to(self, channel: str, purpose: str | None, purpose_class: str) -> bool:
        return (
            (not self.channels or channel in self.channels)
            and (not self.purposes or purpose in self.purposes)
            and (not self.classes or purpose_class in self.classes)
        )


class ByClass(Part):
    """An answer for each class of message."""

    promotion: Stopping = "deny"
    service: Stopping = "deny"
    transactional: Stopping = "allow"

    def of(self, purpose_class: str) -> Stopping:
        found: Stopping = getattr(self, purpose_class)
        return found


class _Body(Part):
    name: Words
    description: Words | None = None


class Classes(_Body):
    """Which class each purpose has; `service` and `transactional` have theirs, others promote."""

    kind: Literal["classes"] = "classes"
    purposes: dict[PurposeName, ClassName] = {}


class Holds(_Body):
    """What each hold (苦情, 相続, 逝去, 成年後見, 反社) answers, and who may approve."""

    kind: Literal["holds"] = "holds"
    complaint: ByClass = ByClass(service="needs_approval")
    inheritance: ByClass = ByClass(service="needs_approval")
    guardianship: ByClass = ByClass(service="needs_approval")
    deceased: ByClass = ByClass()
    antisocial: ByClass = ByClass(transactional="needs_approval")
    by: Role = "manager"

    def table(self, hold: str) -> ByClass:
        found: ByClass = getattr(self, hold)
        return found


class Refusals(_Body):
    """What refusals and do-not-contacts answer.

    A refusal of a product is about that product, or about the purpose where none is offered.
    """

    kind: Literal["refusals"] = "refusals"
    product: ByClass = ByClass(service="allow")
    everything: ByClass = ByClass()
    do_not_contact: ByClass = ByClass()
    by: Role = "manager"


class ConsentNeeded(_Body):
    """`opt_in`: only with consent. `opt_out`: unless consent was withdrawn."""

    kind: Literal["consent"] = "consent"
    applies: Applies = Applies()
    mode: Literal["opt_in", "opt_out"]


class Window(Part):
    """`hours` and `days` (of 24 hours) end now; `day`, `week` (from Monday) and `month` are the
    running ones of the calendar in the person's zone, and `count` is 1."""

    unit: Literal["hours", "days", "day", "week", "month"]
    count: int = Field(default=1, ge=1, le=400)

    @model_validator(mode="after")
    def _one_running(self) -> Window:
        if self.unit in ("day", "week", "month") and self.count != 1:
            raise ValueError("count: a running day, week or month is counted alone")
        return self


class Cap(_Body):
    """At most `most` contacts in the window, counted over those that `counts` means.

    `per` household or address counts the contacts with everybody who shares it. `same_purpose`
    counts only contacts for the purpose that is asked about.
    """

    kind: Literal["cap"] = "cap"
    applies: Applies = Applies()
    counts: Applies = Applies()
    same_purpose: bool = False
    per: Literal["person", "household", "address"] = "person"
    most: int = Field(ge=0, le=1000)
    window: Window


class QuietHours(_Body):
    """No contact from `begin` to `end` in the person's zone; over midnight where `end` is not
    later, and the whole day where they are equal. `weekdays` are those on which it begins."""

    kind: Literal["quiet_hours"] = "quiet_hours"
    applies: Applies = Applies()
    begin: time
    end: time
    weekdays: list[DayName] = list(DAYS)

    @model_validator(mode="after")
    def _plain(self) -> QuietHours:
        if self.begin.tzinfo or self.end.tzinfo or self.begin.second or self.end.second:
            raise ValueError("begin, end: hours and minutes without a zone")
        return self


class BusinessHours(_Body):
    """Contact only on business days, and with `hours` only while the person's branch is open."""

    kind: Literal["business_hours"] = "business_hours"
    applies: Applies = Applies()
    hours: bool = True


class AddressValid(_Body):
    """No contact on a channel for which the person has no usable address."""

    kind: Literal["address"] = "address"
    applies: Applies = Applies()


class Age(_Body):
    """Persons of `from_age` and over (below `to_age`, where given) are answered `answer`.

    `another`: somebody else than who asks has to approve, whatever the asker's role. `unknown` is
    the answer for a person whose birth date the bank does not know.
    """

    kind: Literal["age"] = "age"
    applies: Applies = Applies()
    from_age: int = Field(ge=0, le=150)
    to_age: int | None = Field(default=None, ge=0, le=151)
    answer: Literal["needs_approval", "deny"] = "needs_approval"
    another: bool = False
    unknown: Stopping = "allow"
    by: Role = "manager"

    @model_validator(mode="after")
    def _some_age(self) -> Age:
        if self.to_age is not None and self.to_age <= self.from_age:
            raise ValueError("to_age: has to be above from_age")
        return self


class RulePolicy(_Body):
    """Persons of whom a rule holds are answered `answer`, with the reason `say`.

    The rule is decided when the gate's copy of the warehouse is made, after each load and each
    night. `defer` asks to come again after `hours`.
    """

    kind: Literal["rule"] = "rule"
    applies: Applies = Applies()
    rule: Json
    answer: Literal["defer", "needs_approval", "deny"] = "deny"
    another: bool = False
    hours: int = Field(default=24, ge=1, le=24 * 90)
    by: Role = "manager"
    say: Words


PolicyBody = Annotated[
    Classes
    | Holds
    | Refusals
    | ConsentNeeded
    | Cap
    | QuietHours
    | BusinessHours
    | AddressValid
    | Age
    | RulePolicy,
    Field(discriminator="kind"),
]
BODY: TypeAdapter[PolicyBody] = TypeAdapter(PolicyBody)
KINDS = (
    "classes", "holds", "refusals", "consent", "cap", "quiet_hours", "business_hours", "address",
    "age", "rule",
)  # fmt: skip
GROUND = ("classes", "holds", "refusals")


class OpeningHours(Part):
    """From `opens` to `closes` of one day."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _some_time(self) -> OpeningHours:
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("opens, closes: hours and minutes without a zone")
        if self.opens >= self.closes:
            raise ValueError("closes: has to be later than opens")
        return self


class NamedDay(Part):
    """A day that is closed or opened as an exception, and why."""

    day: date
    name: str = Field(min_length=1, max_length=80)


MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


def _weekdays() -> dict[DayName, OpeningHours]:
    return {day: OpeningHours(opens=time(9), closes=time(17)) for day in DAYS[:5]}


class CalendarBody(Part):
    """The business calendar: opening hours by weekday (absent: closed), and the exceptions.

    `branches` are hours of a branch by its code as the catalog's branch field has it.
    `closed_yearly` are month and day (`12-31`).
    """

    hours: dict[DayName, OpeningHours] = Field(default_factory=_weekdays, min_length=1)
    branches: dict[str, dict[DayName, OpeningHours]] = {}
    national_holidays: bool = True
    closed_yearly: list[MonthDay] = ["12-31", "01-02", "01-03"]
    closed: list[NamedDay] = Field(default=[], max_length=400)
    opened: list[NamedDay] = Field(default=[], max_length=400)


class ExampleFacts(Part):
    """What an example supposes of the person. `holds`: the rule of a `rule` policy holds of her."""

    birth_date: date | None = None
    reach: list[ChannelName] = ["phone", "visit", "email", "post", "sms"]
    household: str = ""
    address: str = ""
    zone: str = ""
    branch: str = ""
    holds: bool = False


class ExampleStop(Part):
    """A restriction of the example's person."""

    type: Literal["refusal", "hold", "do_not_contact"]
    kind: HoldName | None = None
    product: str | None = None
    channel: ChannelName | None = None
    at: AwareDatetime
    until: AwareDatetime | None = None


class ExampleConsent(Part):
    """A consent of the example's person."""

    given: bool = True
    channel: ChannelName | None = None
    purpose: PurposeName | None = None
    at: AwareDatetime
    until: AwareDatetime | None = None


class ExampleContact(Part):
    """A contact made before; `who` is the person herself or another one of the same household or
    address."""

    channel: ChannelName
    purpose: PurposeName
    at: AwareDatetime
    who: Literal["self", "household", "address"] = "self"


class ExampleAsk(Part):
    """The contact that is asked for."""

    channel: ChannelName
    purpose: PurposeName
    product: str | None = None


class Example(Part):
    """ "This person on this day: deny because …": what a version has to answer to be published.

    An example is decided by its policy alone, with the ground. `codes` are the reasons expected,
    in any order; none for `allow`.
    """

    name: Words
    facts: ExampleFacts = ExampleFacts()
    stops: list[ExampleStop] = []
    consents: list[ExampleConsent] = []
    contacts: list[ExampleContact] = []
    ask: ExampleAsk
    at: AwareDatetime
    answer: AnswerName
    codes: list[str] = []
    until: datetime | None = None
