"""The gate's words: what is asked, what is answered, and which restriction stops what.

A purpose is `transactional` (what a contract or the law makes us say), `service` (care for an
existing matter) or, whatever else the catalog names, promotion.

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
from datetime import datetime
from enum import StrEnum

from enishi.kernel.text import Text

TRANSACTIONAL = "transactional"
SERVICE = "service"
APPROVER = "manager"


class Channel(StrEnum):
    PHONE = "phone"
    VISIT = "visit"
    EMAIL = "email"
    POST = "post"
    MEETING = "meeting"


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
    """Why the gate answered so: a stable code, who/when/how in words, and the record behind it."""

    code: str  # refusal.product | refusal.all | do_not_contact | hold.<kind>
    sentence: Text
    restriction_id: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer for one person. `until` belongs to DEFER, `by` (a role) to approvals."""

    answer: Answer
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None
    by: str | None = None

    @property
    def allowed(self) -> bool:
        return self.answer is Answer.ALLOW


ALLOWED = Decision(Answer.ALLOW)
