"""Whom the gate stops, as a query: for counts and filters over whole lists.

Here stand the reasons that last: restrictions, consents, addresses, ages and rules. What passes by
itself (quiet hours, caps) is decided for each person shown and at the moment of contact.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from enishi.gate.bodies import AddressValid, Age, ConsentNeeded, Holds, Refusals, RulePolicy
from enishi.gate.deciding import RANK
from enishi.gate.models import Approval, Consent, Profile, ProfileRule, Restriction
from enishi.gate.policy_set import InForce, PolicySet
from enishi.gate.types import Answer, HoldKind, Question, RestrictionType

Persons = QuerySet[Restriction, str]
"""Enishi ids; said to be of restrictions, as queries of several tables have no type."""


def stopped(policies: PolicySet, question: Question, *, for_user: str | None = None) -> Persons:
    """The Enishi ids that what lasts would not let contact; whoever is named in `question` is not
    looked at. With `for_user` those are left out whom the user has an approval for."""
    approved = _approved(question, for_user).values("person")
    first, *others = [
        (part if for_user is None else part.exclude(person__in=approved)).values_list(
            "person", flat=True
        )
        for part in _parts(policies, question)
    ]
    return first.union(*others) if others else first.distinct()


def stopped_test(
    policies: PolicySet, question: Question, *, column: str, for_user: str | None = None
) -> Q:
    """The same as a test of the rows of another table, whose `column` holds the person.

    It looks each row's person up, so that it costs what the rows asked about cost, not what
    everybody there is would.
    """
    here = {"person": OuterRef(column)}
    found = Q()
    for part in _parts(policies, question):
        found |= Q(Exists(part.filter(**here)))
    if for_user is not None:
        found &= ~Q(Exists(_approved(question, for_user).filter(**here)))
    return found


def reasons_of_all(policies: PolicySet, question: Question) -> dict[str, str]:
    """Everybody whom something lasting stops, with the code of the first reason that `decide` would
    give: a query for each policy, whatever approvals there are."""
    holds, refusals = policies.ground["holds"].body, policies.ground["refusals"].body
    assert isinstance(holds, Holds)
    assert isinstance(refusals, Refusals)
    kind = policies.class_of(question.purpose)
    found: dict[str, tuple[int, str]] = {}

    def note(person: str, code: str, answer: str) -> None:
        rank = RANK[Answer(answer)]
        if person not in found or rank < found[person][0]:
            found[person] = (rank, code)

    rows = stopping(policies, question).order_by("-at", "-id")
    for person, type_, held, product in rows.values_list("person", "type", "kind", "product"):
        if type_ == RestrictionType.HOLD:
            note(person, f"hold.{held}", holds.table(HoldKind(held)).of(kind))
        elif type_ == RestrictionType.DO_NOT_CONTACT:
            note(person, "do_not_contact", refusals.do_not_contact.of(kind))
        elif product is None:
            note(person, "refusal.all", refusals.everything.of(kind))
        else:
            note(person, "refusal.product", refusals.product.of(kind))
    for policy in policies.about(question):
        for person, code, answer in _told(policy, policies, question):
            note(person, code, answer)
    return {person: code for person, (_, code) in found.items()}


def _told(
    policy: InForce, policies: PolicySet, question: Question
) -> Iterator[tuple[str, str, str]]:
    """Whom one policy stops, with the code and the answer."""
    body = policy.body
    if isinstance(body, ConsentNeeded):
        newest = _newest(question)
        for person in _without_consent(body, question).values_list("person", flat=True):
            yield person, newest.get(person, "consent.missing"), Answer.DENY
    elif isinstance(body, AddressValid):
        for person in _unreached(question).values_list("person", flat=True):
            yield person, "address.missing", Answer.DENY
    elif isinstance(body, Age):
        found = _of_age(body, question.at.astimezone(policies.zone).date())
        for person, born in found.values_list("person", "birth_date"):
            known = born is not None
            yield person, "age" if known else "age.unknown", body.answer if known else body.unknown
    elif isinstance(body, RulePolicy) and body.answer != "defer":
        ruled = ProfileRule.objects.filter(version=policy.version)
        for person in ruled.values_list("person", flat=True):
            yield person, f"rule.{policy.slug}", body.answer


def _approved(question: Question, for_user: str | None) -> QuerySet[Approval]:
    return Approval.objects.filter(
        state="approved", for_user=for_user or "", channel=question.channel,
        purpose=question.purpose or "", product=question.product,
        decided_at__lte=question.at, valid_until__gt=question.at,
    )  # fmt: skip


def _parts(policies: PolicySet, question: Question) -> Iterator[QuerySet[Any]]:
    """For each lasting reason the rows that tell whom it stops; each has a `person`."""
    yield stopping(policies, question).order_by()
    for policy in policies.about(question):
        body = policy.body
        found: QuerySet[Any] | None = None
        if isinstance(body, ConsentNeeded):
            found = _without_consent(body, question)
        elif isinstance(body, AddressValid):
            found = _unreached(question)
        elif isinstance(body, Age):
            found = _of_age(body, question.at.astimezone(policies.zone).date())
        elif isinstance(body, RulePolicy) and body.answer != "defer":
            found = ProfileRule.objects.filter(version=policy.version)
        if found is not None:
            yield found.order_by()


def stopping(policies: PolicySet, question: Question) -> QuerySet[Restriction]:
    """The restrictions in force that do not allow this contact, newest first."""
    kind = policies.class_of(question.purpose)
    holds, refusals = policies.ground["holds"].body, policies.ground["refusals"].body
    assert isinstance(holds, Holds)
    assert isinstance(refusals, Refusals)
    names = [hold for hold in HoldKind if holds.table(hold).of(kind) != "allow"]
    stops = Q(type=RestrictionType.HOLD, kind__in=names)
    if refusals.do_not_contact.of(kind) != "allow":
        stops |= Q(type=RestrictionType.DO_NOT_CONTACT)
    if refusals.everything.of(kind) != "allow":
        stops |= Q(type=RestrictionType.REFUSAL, product__isnull=True)
    if refusals.product.of(kind) != "allow":
        # A list that names no product is about its purpose: refusing that stops it too.
        stops |= Q(type=RestrictionType.REFUSAL, product=question.product or question.purpose or "")
    return (
        Restriction.objects.filter(stops, released_at__isnull=True, at__lte=question.at)
        .filter(Q(until__isnull=True) | Q(until__gt=question.at))
        .filter(Q(channel__isnull=True) | Q(channel=question.channel))
        .order_by("-at")
    )


def _unreached(question: Question) -> QuerySet[Profile]:
    return Profile.objects.filter(known__contains=question.channel).exclude(
        reach__contains=question.channel
    )


def _covering(question: Question) -> QuerySet[Consent]:
    return (
        Consent.objects.filter(voided_at__isnull=True, at__lte=question.at)
        .filter(Q(channel__isnull=True) | Q(channel=question.channel))
        .filter(Q(purpose__isnull=True) | Q(purpose=question.purpose or ""))
    )


def _newest(question: Question) -> dict[str, str]:
    """Of who has said anything, and does not consent now: whether it was withdrawn or has ended."""
    covering = _covering(question)
    later = covering.filter(person=OuterRef("person"), at__gt=OuterRef("at"))
    found: dict[str, str] = {}
    for person, given in covering.filter(~Exists(later)).values_list("person", "given"):
        if not given or person not in found:  # of two of the same instant the withdrawal counts
            found[person] = "consent.ended" if given else "consent.withdrawn"
    return found


def _without_consent(body: ConsentNeeded, question: Question) -> QuerySet[Any]:
    covering = _covering(question)
    later = covering.filter(person=OuterRef("person"), at__gt=OuterRef("at"))
    if body.mode == "opt_out":
        return covering.filter(~Exists(later), given=False)
    # The newest statement counts, and of two of the same instant the withdrawal, then the one
    # that has not ended: see `deciding.consent_state`.
    withdrawn = covering.filter(person=OuterRef("person"), at=OuterRef("at"), given=False)
    given = covering.filter(
        Q(until__isnull=True) | Q(until__gt=question.at),
        ~Exists(later), ~Exists(withdrawn), given=True, person=OuterRef("person"),
    )  # fmt: skip
    return Profile.objects.filter(~Exists(given))


def _of_age(body: Age, today: date) -> QuerySet[Profile]:
    found = Q(birth_date__lte=_years_before(today, body.from_age))
    if body.to_age is not None:
        found &= Q(birth_date__gt=_years_before(today, body.to_age))
    if body.unknown != "allow":
        found |= Q(birth_date__isnull=True, known__contains="birth_date")
    return Profile.objects.filter(found)


def _years_before(day: date, years: int) -> date:
    """The latest birth date of who is `years` old on `day`."""
    year = max(1, day.year - years)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 2, 28)
