"""May we? Asked at the moment of every contact, by machines and by humans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.gate.models import DecisionRecord, Restriction
from enishi.gate.people import names_of
from enishi.gate.sentences import label_of, sentence_of
from enishi.gate.types import (
    ALLOWED,
    APPROVER,
    HOLD_ANSWERS,
    Answer,
    Decision,
    HoldKind,
    PurposeClass,
    Reason,
    RestrictionType,
    purpose_class,
)
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Locale, Text

_AT_ONCE = 500  # ids in one query
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def decide(
    person: str,
    channel: str,
    purpose: str | None,
    product: str | None = None,
    *,
    at: datetime,
    actor: Actor,
) -> Decision:
    """May this person be contacted on `channel` for `purpose` (and about `product`) at `at`?

    `actor` is who wants to contact; it decides nothing yet, and is part of the final signature.
    """
    return decide_many([person], channel, purpose, product, at=at, actor=actor)[person]


def decide_many(
    persons: Sequence[str],
    channel: str,
    purpose: str | None,
    product: str | None = None,
    *,
    at: datetime,
    actor: Actor,  # noqa: ARG001  part of the final signature: quiet hours and caps ask who
) -> dict[str, Decision]:
    """`decide` for many persons at once, in a few queries; every person asked has an answer."""
    found: dict[str, list[Restriction]] = {}
    everyone = list(dict.fromkeys(persons))
    for start in range(0, len(everyone), _AT_ONCE):
        batch = everyone[start : start + _AT_ONCE]
        for row in _stopping(channel, purpose, product, at).filter(person__in=batch):
            found.setdefault(row.person, []).append(row)
    names = names_of(row.by for rows in found.values() for row in rows)
    return {
        person: _answer(found[person], purpose, names, at) if person in found else ALLOWED
        for person in everyone
    }


def stopped_persons(
    channel: str, purpose: str | None, product: str | None = None, *, at: datetime
) -> QuerySet[Restriction, str]:
    """The Enishi ids the gate would not allow, as a query: for subqueries and whole-list counts."""
    return _stopping(channel, purpose, product, at).values_list("person", flat=True).distinct()


def _stopping(
    channel: str, purpose: str | None, product: str | None, at: datetime
) -> QuerySet[Restriction]:
    """The restrictions in force that do not allow this contact: the table of `types` as a query."""
    kind = purpose_class(purpose)
    stopping_holds = [k for k, answers in HOLD_ANSWERS.items() if answers[kind] is not Answer.ALLOW]
    stops = Q(type=RestrictionType.HOLD, kind__in=stopping_holds)
    if kind is not PurposeClass.TRANSACTIONAL:
        stops |= Q(type=RestrictionType.DO_NOT_CONTACT)
        refused = Q(product__isnull=True)
        if kind is PurposeClass.PROMOTION:
            # A list that names no product is about its purpose: refusing that stops it too.
            refused |= Q(product=product or purpose)
        stops |= Q(type=RestrictionType.REFUSAL) & refused
    return (
        Restriction.objects.filter(stops, released_at__isnull=True, at__lte=at)
        .filter(Q(until__isnull=True) | Q(until__gt=at))
        .filter(Q(channel__isnull=True) | Q(channel=channel))
        .order_by("-at")
    )


def _answer(
    rows: Sequence[Restriction], purpose: str | None, names: Mapping[str, str], at: datetime
) -> Decision:
    kind = purpose_class(purpose)
    reasons = [
        Reason(
            code=_code(row),
            sentence=sentence_of(row, names.get(row.by, ""), current_workspace().zone, at),
            restriction_id=row.id,
            answer=_answer_of(row, kind),
        )
        for row in rows
    ]
    reasons.sort(key=lambda reason: reason.answer is not Answer.DENY)  # stable: newest first
    if any(reason.answer is Answer.DENY for reason in reasons):
        return Decision(Answer.DENY, tuple(reasons))
    return Decision(Answer.NEEDS_APPROVAL, tuple(reasons), by=APPROVER)


def _answer_of(row: Restriction, kind: PurposeClass) -> Answer:
    return HOLD_ANSWERS[row.kind][kind] if row.type == RestrictionType.HOLD else Answer.DENY


def _code(row: Restriction) -> str:
    if row.type == RestrictionType.HOLD:
        return f"hold.{row.kind}"
    if row.type == RestrictionType.DO_NOT_CONTACT:
        return "do_not_contact"
    return "refusal.all" if row.product is None else "refusal.product"


def store(
    decision: Decision,
    person: str,
    channel: str,
    purpose: str | None,
    product: str | None,
    *,
    at: datetime,
    actor: Actor,
) -> str:
    """Keep a decision that is acted on; returns its id."""
    row = DecisionRecord.objects.create(
        person=person,
        channel=channel,
        purpose=purpose or "",
        product=product,
        answer=decision.answer,
        reasons=[{"code": r.code, "restriction": r.restriction_id} for r in decision.reasons],
        asked_by=actor.user_id,
        at=at,
    )
    return row.id


def was_allowed(decision_id: str) -> bool:
    """Whether a stored decision allowed the contact."""
    return DecisionRecord.objects.filter(id=decision_id, answer=Answer.ALLOW).exists()


def refuse(
    person: str,
    *,
    product: str | None,
    product_label: Text | None = None,
    channel: str | None = None,
    until: datetime | None = None,
    reason: str = "",
    via: str = "",
    engagement_id: str = "",
    list_id: str = "",
    at: datetime,
    actor: Actor,
) -> Restriction:
    """Record that a person refused a product, or (None) everything. One unit, audited."""
    label = None if product_label is None else {"ja": product_label.ja, "en": product_label.en}
    return _restrict(
        Restriction(
            type=RestrictionType.REFUSAL, person=person, product=product, product_label=label,
            channel=channel, until=until, reason=reason, via=via, engagement_id=engagement_id,
            list_id=list_id, by=actor.user_id, at=at,
        ),
        actor,
    )  # fmt: skip


def hold(
    person: str,
    kind: str,
    *,
    until: datetime | None = None,
    reason: str = "",
    via: str = "",
    engagement_id: str = "",
    list_id: str = "",
    at: datetime,
    actor: Actor,
) -> Restriction:
    """Put a hold on a person. One unit, audited."""
    return _restrict(
        Restriction(
            type=RestrictionType.HOLD, person=person, kind=HoldKind(kind), until=until,
            reason=reason, via=via, engagement_id=engagement_id, list_id=list_id,
            by=actor.user_id, at=at,
        ),
        actor,
    )  # fmt: skip


def do_not_contact(
    person: str,
    *,
    channel: str | None = None,
    until: datetime | None = None,
    reason: str = "",
    at: datetime,
    actor: Actor,
) -> Restriction:
    """Record that a person is not to be contacted, on one channel or on any. Audited."""
    return _restrict(
        Restriction(
            type=RestrictionType.DO_NOT_CONTACT, person=person, channel=channel, until=until,
            reason=reason, by=actor.user_id, at=at,
        ),
        actor,
    )  # fmt: skip


def _restrict(row: Restriction, actor: Actor) -> Restriction:
    if row.until is not None and row.until <= row.at:
        raise Invalid(
            Text("期限が過去になっています。", "The end lies in the past."),
            Text("これからの日時を指定してください。", "Give an end that is still to come."),
            code="until_past",
        )
    with work("gate.restrict"):
        row.save(force_insert=True)
        detail = {"type": row.type, "kind": row.kind, "product": row.product or "",
                  "channel": row.channel or "", "engagement": row.engagement_id}  # fmt: skip
        audit.record(actor, "gate.restrict", "restriction", row.id, detail, [row.person])
    return row


def restriction(restriction_id: str) -> Restriction:
    """One restriction; raises NotFound."""
    found = Restriction.objects.filter(id=restriction_id).first()
    if found is None:
        raise NotFound(
            Text("この制限は見つかりません。", "There is no such restriction."),
            Text("画面を更新してください。", "Reload the page."),
            code="restriction_not_found",
        )
    return found


def release(restriction_id: str, reason: str, *, at: datetime, actor: Actor) -> Restriction:
    """End a restriction, with the reason; it is kept. Raises Conflict when it had ended before."""
    with work("gate.release"):
        row = restriction(restriction_id)
        ended = Restriction.objects.filter(id=row.id, released_at__isnull=True).update(
            released_at=at, released_by=actor.user_id, release_reason=reason
        )
        if not ended:
            raise Conflict(
                Text("この制限はすでに解除されています。", "This restriction has been released."),
                Text("画面を更新してください。", "Reload the page."),
                code="already_released",
            )
        audit.record(actor, "gate.release", "restriction", row.id, {"type": row.type}, [row.person])
        row.refresh_from_db()
    return row


def withdraw(engagement_id: str, *, at: datetime, actor: Actor) -> int:
    """Release what an engagement had restricted, because it is undone; returns how many."""
    ended = 0
    for row in Restriction.objects.filter(engagement_id=engagement_id, released_at__isnull=True):
        release(row.id, "undone", at=at, actor=actor)
        ended += 1
    return ended


def restrictions_of(person: str) -> list[Restriction]:
    """All restrictions of a person, ended ones too, newest first."""
    return list(Restriction.objects.filter(person=person).order_by("-at", "-id"))


def in_force(row: Restriction, at: datetime) -> bool:
    return row.released_at is None and row.at <= at and (row.until is None or row.until > at)


def words(decision: Decision, locale: Locale) -> str:
    """All reasons of a decision in one line; empty when there is none."""
    return (" / " if locale == "en" else "／").join(r.sentence[locale] for r in decision.reasons)


def labelled(row: Restriction, names: Mapping[str, str], at: datetime) -> tuple[Text, Text]:
    """The short name and the sentence of a restriction."""
    zone = current_workspace().zone
    return label_of(row), sentence_of(row, names.get(row.by, ""), zone, at)


def aware(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """An instant from a form: without an offset it is meant in the workspace's time zone.

    Raises Invalid `time_too_far` for a year that not every time zone could show.
    """
    if at is None:
        return None
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise Invalid(
            Text("この日時は使えません。", "This time cannot be used."),
            Text(
                f"{_FIRST_YEAR}年から{_LAST_YEAR}年までの日時を指定してください。",
                f"Give a time between the years {_FIRST_YEAR} and {_LAST_YEAR}.",
            ),
            code="time_too_far",
        )
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def blocked_among(
    persons: Iterable[str], channel: str, purpose: str | None, product: str | None, *, at: datetime
) -> set[str]:
    """Which of very many persons the gate would not allow, in one query of the restrictions."""
    stopped = set(stopped_persons(channel, purpose, product, at=at).order_by())
    return stopped.intersection(persons)
