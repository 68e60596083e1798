"""May we? Asked at the moment of every contact, by machines and by humans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.gate import holding, stopped
from enishi.gate.bodies import RulePolicy
from enishi.gate.deciding import decide as _decide
from enishi.gate.history import UNTOLD, decided_rules, facts_of, histories_of
from enishi.gate.in_force import policies_in_force
from enishi.gate.models import DecisionRecord, Restriction
from enishi.gate.policy_set import PolicySet
from enishi.gate.policy_words import again
from enishi.gate.profile import ask_warehouse, with_rules
from enishi.gate.sentences import label_of, sentence_of
from enishi.gate.stopped import Persons
from enishi.gate.types import (
    Answer,
    Decision,
    Facts,
    HoldKind,
    Question,
    RestrictionType,
)
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Locale, Text

_AT_ONCE = 500  # persons in one query
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

    `actor` is who wants to contact: approvals count for whom they were given.
    """
    return decide_many([person], channel, purpose, product, at=at, actor=actor)[person]


def decide_many(
    persons: Sequence[str],
    channel: str,
    purpose: str | None,
    product: str | None = None,
    *,
    at: datetime,
    actor: Actor,
) -> dict[str, Decision]:
    """`decide` for many persons at once, in a few queries; every person asked has an answer."""
    policies = policies_in_force()
    question = Question("", channel, purpose, product, at, actor.user_id)
    found: dict[str, Decision] = {}
    everyone = list(dict.fromkeys(persons))
    for start in range(0, len(everyone), _AT_ONCE):
        batch = everyone[start : start + _AT_ONCE]
        facts = facts_for(batch, policies, question)
        histories = histories_of(facts, policies, channel=channel, at=at, for_user=actor.user_id)
        for person in batch:
            asked = replace(question, person=person)
            found[person] = _decide(policies, facts[person], histories[person], asked)
    return found


def decide_grid(
    person: str,
    asked: Sequence[tuple[str, str | None, str | None]],
    *,
    at: datetime,
    actor: Actor,
) -> list[Decision]:
    """The answers for many (channel, purpose, product) about one person, in as few queries as one.

    In the order asked: a customer's page shows all channels and purposes.
    """
    policies = policies_in_force()
    questions = [Question(person, *one, at, actor.user_id) for one in asked]
    if not questions:
        return []
    facts = facts_for([person], policies, *questions)
    history = histories_of(facts, policies, channel=None, at=at, for_user=actor.user_id)[person]
    return [_decide(policies, facts[person], history, question) for question in questions]


def facts_for(
    persons: Sequence[str], policies: PolicySet, *questions: Question
) -> dict[str, Facts]:
    """What is known of each person: from the mirror, else from the warehouse, else untold.

    A rule that was published a moment ago is asked of the warehouse until the mirror has it.
    """
    found = facts_of(persons)
    missing = [person for person in persons if person not in found]
    about = [policy for question in questions for policy in policies.about(question)]
    rules = {p.version: p.body for p in about if isinstance(p.body, RulePolicy)}
    if rules and (late := rules.keys() - decided_rules()):
        found = with_rules(found, {version: rules[version] for version in late})
    if missing and about:
        found |= ask_warehouse(missing, policies)
    return {person: found.get(person, UNTOLD) for person in persons}


def stopped_persons(
    channel: str,
    purpose: str | None,
    product: str | None = None,
    *,
    at: datetime,
    for_user: str | None = None,
) -> Persons:
    """The Enishi ids that something lasting stops, as a query: for subqueries and counts.

    Quiet hours, business hours and caps are not in it; see `stopped`.
    """
    question = Question("", channel, purpose, product, at, for_user or "")
    return stopped.stopped(policies_in_force(), question, for_user=for_user)


def stopped_test(
    channel: str,
    purpose: str | None,
    product: str | None = None,
    *,
    at: datetime,
    column: str = "person",
    for_user: str | None = None,
) -> Q:
    """Whom something lasting stops, as a test of the rows whose `column` holds an Enishi id."""
    question = Question("", channel, purpose, product, at, for_user or "")
    return stopped.stopped_test(policies_in_force(), question, column=column, for_user=for_user)


def store(
    decision: Decision,
    person: str,
    channel: str,
    purpose: str | None,
    product: str | None,
    *,
    at: datetime,
    actor: Actor,
    source: str = "",
) -> str:
    """Keep a decision that is acted on; returns its id."""
    row = DecisionRecord.objects.create(
        person=person,
        channel=channel,
        purpose=purpose or "",
        product=product,
        answer=decision.answer,
        reasons=[
            {"code": r.code, "restriction": r.restriction_id, "policy": r.policy}
            for r in decision.reasons
        ],
        until=decision.until,
        by=decision.by or "",
        source=source,
        asked_by=actor.user_id,
        at=at,
    )
    return row.id


def was_allowed(decision_id: str, channel: str) -> bool:
    """Whether a stored decision allowed the contact on this channel."""
    rows = DecisionRecord.objects.filter(id=decision_id, channel=channel, answer=Answer.ALLOW)
    return rows.exists()


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
        holding.tell(row)
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
        holding.tell(row)
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
    told = [reason.sentence[locale] for reason in decision.reasons]
    if decision.answer is Answer.DEFER and decision.until is not None:
        told.append(again(decision.until, current_workspace().zone)[locale])
    return (" / " if locale == "en" else "／").join(told)


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
    """Which of very many persons something lasting stops, in one query."""
    found = set(stopped_persons(channel, purpose, product, at=at).order_by())
    return found.intersection(persons)


def reasons_among(
    persons: Iterable[str], channel: str, purpose: str | None, product: str | None, *, at: datetime
) -> dict[str, str]:
    """Which of very many persons something lasting stops, and the code of the first reason: a query
    for each policy, and not one for each person."""
    question = Question("", channel, purpose, product, at, "")
    found = stopped.reasons_of_all(policies_in_force(), question)
    return {person: found[person] for person in persons if person in found}
