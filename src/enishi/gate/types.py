"""The gate's words: what is asked, what is answered, and what a decision is made from.

A purpose is `transactional` (what a contract or the law makes us say), `service` (care for an
existing matter) or, whatever else the catalog names, promotion; the `classes` policy may say
otherwise. As shipped, the `holds` and `refusals` policies answer:

    restriction            promotion         service           transactional
    ---------------------  ----------------  ----------------  -------------
    refusal of a product   deny (product)    allow             allow
    refusal altogether     deny              deny              allow
    do not contact         deny              deny              allow
    hold complaint         deny              needs a manager   allow
    hold inheritance       deny              needs a manager   allow
    hold guardianship      deny              needs a manager   allow
    hold deceased          deny              deny              allow
    hold antisocial        deny              deny              needs a manager

A refusal or do-not-contact with a channel counts on that channel alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from enishi.kernel.text import Text

EMPTY = Text("", "")
TRANSACTIONAL = "transactional"
SERVICE = "service"
APPROVER = "manager"


class Channel(StrEnum):
    PHONE = "phone"
    VISIT = "visit"
    EMAIL = "email"
    POST = "post"
    MEETING = "meeting"
    SMS = "sms"
    LINE = "line"
    PUSH = "push"
    WEB = "web"


class Answer(StrEnum):
    ALLOW = "allow"
    DEFER = "defer"
    NEEDS_APPROVAL = "needs_approval"
    DENY = "deny"


class HoldKind(StrEnum):
    COMPLAINT = "complaint"
    INHERITANCE = "inheritance"
    DECEASED = "deceased"
    GUARDIANSHIP = "guardianship"
    ANTISOCIAL = "antisocial"


class RestrictionType(StrEnum):
    REFUSAL = "refusal"
    HOLD = "hold"
    DO_NOT_CONTACT = "do_not_contact"


class PurposeClass(StrEnum):
    PROMOTION = "promotion"
    SERVICE = "service"
    TRANSACTIONAL = "transactional"


def purpose_class(purpose: str | None) -> PurposeClass:
    """How strictly a purpose is treated; an unknown or missing one is promotion (fail closed)."""
    if purpose == TRANSACTIONAL:
        return PurposeClass.TRANSACTIONAL
    if purpose == SERVICE:
        return PurposeClass.SERVICE
    return PurposeClass.PROMOTION


CHANNEL_WORDS: Mapping[str, Text] = {
    Channel.PHONE: Text("電話", "phone"),
    Channel.VISIT: Text("訪問", "visit"),
    Channel.EMAIL: Text("メール", "e-mail"),
    Channel.POST: Text("郵送", "post"),
    Channel.MEETING: Text("面談", "meeting"),
    Channel.SMS: Text("SMS", "text message"),
    Channel.LINE: Text("LINE", "LINE"),
    Channel.PUSH: Text("アプリ通知", "app notification"),
    Channel.WEB: Text("ウェブ表示", "web message"),
}

CLASS_WORDS: Mapping[str, Text] = {
    PurposeClass.PROMOTION: Text("案内", "promotion"),
    PurposeClass.SERVICE: Text("お客さま対応", "service"),
    PurposeClass.TRANSACTIONAL: Text("手続き上の連絡", "transactional"),
}

HOLD_WORDS: Mapping[str, Text] = {
    HoldKind.COMPLAINT: Text("苦情対応中", "an open complaint"),
    HoldKind.INHERITANCE: Text("相続手続き中", "an inheritance in progress"),
    HoldKind.DECEASED: Text("逝去", "the customer's death"),
    HoldKind.GUARDIANSHIP: Text("成年後見", "an adult guardianship"),
    HoldKind.ANTISOCIAL: Text("反社会的勢力の確認", "an anti-social forces check"),
}

HOLD_ANSWERS: Mapping[str, Mapping[PurposeClass, Answer]] = {
    kind: {
        PurposeClass.PROMOTION: Answer.DENY,
        PurposeClass.SERVICE: service,
        PurposeClass.TRANSACTIONAL: transactional,
    }
    for kind, service, transactional in (
        (HoldKind.COMPLAINT, Answer.NEEDS_APPROVAL, Answer.ALLOW),
        (HoldKind.INHERITANCE, Answer.NEEDS_APPROVAL, Answer.ALLOW),
        (HoldKind.GUARDIANSHIP, Answer.NEEDS_APPROVAL, Answer.ALLOW),
        (HoldKind.DECEASED, Answer.DENY, Answer.ALLOW),
        (HoldKind.ANTISOCIAL, Answer.DENY, Answer.NEEDS_APPROVAL),
    )
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate answered so: a stable code, a sentence, and the record and policy behind it.

    `policy` is the id of a PolicyVersion. `until` belongs to DEFER, `by` (a role) to
    NEEDS_APPROVAL; `another`: nobody may approve her own contact for this reason.
    """

    code: str  # see docs/gate.md: refusal.product, hold.complaint, quiet_hours, cap.person…
    sentence: Text
    restriction_id: str
    answer: Answer
    policy: str = ""
    until: datetime | None = None
    by: str | None = None
    another: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer for one person. `until` belongs to DEFER, `by` (a role) to approvals.

    `until` is the first instant at which nothing of what passes by itself stands in the way.
    `approval` is the id of the approval that let the contact through.
    """

    answer: Answer
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None
    by: str | None = None
    another: bool = False
    approval: str = ""

    @property
    def allowed(self) -> bool:
        return self.answer is Answer.ALLOW


ALLOWED = Decision(Answer.ALLOW)


@dataclass(frozen=True, slots=True)
class Question:
    """May `person` be contacted on `channel` for `purpose` at `at`, by the user `by`?

    `source` names what the contact belongs to, whose own held slot does not count against it.
    """

    person: str
    channel: str
    purpose: str | None
    product: str | None
    at: datetime
    by: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person. `told`: nobody could tell; only policies without facts decide.

    `known` names the facts that can be known at all (`birth_date`, `household`, `address`, and the
    channels whose addresses the catalog holds); `reach` are the channels with a usable address;
    `rules` the ids of the policy versions whose rule holds of the person.
    """

    told: bool = True
    birth_date: date | None = None
    household: str = ""
    address: str = ""
    zone: str = ""
    branch: str = ""
    reach: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stop:
    """A restriction as a decision needs it; `ended` is when it was released."""

    id: str
    type: str
    kind: str
    product: str | None
    channel: str | None
    at: datetime
    until: datetime | None
    ended: datetime | None = None
    sentence: Text = EMPTY


@dataclass(frozen=True, slots=True)
class Statement:
    """A consent given or withdrawn; `ended` is when it was voided."""

    id: str
    channel: str | None
    purpose: str | None
    given: bool
    at: datetime
    until: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact made with the person or with somebody of the same household or address.

    `held_until`: not made, but a slot held until then. `ended` is when it was given back.
    """

    person: str
    household: str
    address: str
    channel: str
    purpose: str
    purpose_class: str
    at: datetime
    by: str = ""
    source: str = ""
    held_until: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """An approval: it covers the reasons (code, restriction id) it names, for one user."""

    id: str
    channel: str
    purpose: str
    product: str | None
    covers: frozenset[tuple[str, str]]
    for_user: str
    decided_by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class History:
    """Everything said and done that bears on one person; rows of other times may be among it."""

    stops: tuple[Stop, ...] = ()
    statements: tuple[Statement, ...] = ()
    contacts: tuple[Contact, ...] = ()
    leaves: tuple[Leave, ...] = ()
