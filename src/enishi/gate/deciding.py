"""The decision itself: a function of policies, facts, history and question, and of nothing else.

The gate, the examples beside the policies, the dry run and the tests all call `decide`. It asks no
database and no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from enishi.gate import caps, hours
from enishi.gate.bodies import (
    AddressValid,
    Age,
    BusinessHours,
    Cap,
    ConsentNeeded,
    Holds,
    QuietHours,
    Refusals,
    RulePolicy,
    Stopping,
)
from enishi.gate.policy_set import InForce, PolicySet
from enishi.gate.policy_words import (
    address_sentence,
    age_sentence,
    consent_sentence,
    hours_sentence,
    unknown_sentence,
)
from enishi.gate.types import (
    ALLOWED,
    Answer,
    Decision,
    Facts,
    History,
    PurposeClass,
    Question,
    Reason,
    RestrictionType,
    Statement,
    Stop,
)
from enishi.kernel.text import Text

_STEPS = 400
RANK = {Answer.DENY: 0, Answer.NEEDS_APPROVAL: 1, Answer.DEFER: 2}
"""Which of several reasons is told first."""


def decide(policies: PolicySet, facts: Facts, history: History, question: Question) -> Decision:
    """May this contact be made? All reasons that stand in its way, the strongest first."""
    about = policies.about(question)
    zone = zone_of(facts, policies)
    lasting = list(_lasting(policies, about, facts, history, question, zone))
    leave = None
    if any(reason.answer is Answer.NEEDS_APPROVAL for reason in lasting):
        lasting, leave = _approved(lasting, history, question)
    passing = list(_passing(policies, about, facts, history, question, question.at, zone))
    reasons = [*lasting, *passing]
    if not reasons:
        return ALLOWED if leave is None else Decision(Answer.ALLOW, approval=leave)
    reasons.sort(key=lambda reason: RANK[reason.answer])  # stable: as found
    answer = reasons[0].answer
    if answer is Answer.DENY:
        return Decision(answer, tuple(reasons))
    if answer is Answer.DEFER:
        until = _first_free(policies, about, facts, history, question, passing, zone)
        if until is None:
            return Decision(Answer.DENY, tuple(replace(r, answer=Answer.DENY) for r in reasons))
        return Decision(answer, tuple(reasons), until=until, approval=leave or "")
    needing = [reason for reason in reasons if reason.answer is Answer.NEEDS_APPROVAL]
    roles = {reason.by for reason in needing}
    by = "administrator" if "administrator" in roles else needing[0].by
    return Decision(answer, tuple(reasons), by=by, another=any(r.another for r in needing))


def zone_of(facts: Facts, policies: PolicySet) -> ZoneInfo:
    """The person's zone; the workspace's where none is known or the name is no zone."""
    if not facts.zone:
        return policies.zone
    try:
        return ZoneInfo(facts.zone)
    except (KeyError, ValueError, OSError):
        return policies.zone


# ── what stays until somebody ends it ────────────────────────────────────────────────────────────


def _lasting(
    policies: PolicySet,
    about: Sequence[InForce],
    facts: Facts,
    history: History,
    question: Question,
    zone: ZoneInfo,
) -> Iterator[Reason]:
    kind = policies.class_of(question.purpose)
    yield from _stopped(policies, history, question, kind)
    unknown = False
    for policy in about:
        body = policy.body
        if isinstance(body, ConsentNeeded):
            yield from _consent(policies, policy, body, history, question)
        elif not facts.told:
            unknown |= needs_facts(policy)
        elif isinstance(body, AddressValid):
            if question.channel in facts.known and question.channel not in facts.reach:
                yield Reason(
                    "address.missing", address_sentence(question.channel), "",
                    Answer.DENY, policy.version,
                )  # fmt: skip
        elif isinstance(body, Age):
            yield from _age(policy, body, facts, question, zone)
        elif isinstance(body, RulePolicy):
            yield from _ruled(policy, body, facts)
    if unknown and kind is PurposeClass.PROMOTION:
        yield Reason("facts.unknown", unknown_sentence(), "", Answer.DENY)


def _ruled(policy: InForce, body: RulePolicy, facts: Facts) -> Iterator[Reason]:
    if policy.version in facts.rules and body.answer != "defer":
        needed = body.answer == "needs_approval"
        yield Reason(
            f"rule.{policy.slug}", Text(body.say.ja, body.say.en), "", Answer(body.answer),
            policy.version, by=body.by if needed else None, another=body.another and needed,
        )  # fmt: skip


def needs_facts(policy: InForce) -> bool:
    """Whether a policy cannot be decided for a person of whom nothing can be told."""
    body = policy.body
    return isinstance(body, AddressValid | Age | RulePolicy) or (
        isinstance(body, Cap) and body.per != "person"
    )


def _stopped(
    policies: PolicySet, history: History, question: Question, kind: PurposeClass
) -> Iterator[Reason]:
    """Refusals, do-not-contacts and holds in force."""
    holds, refusals = policies.ground["holds"], policies.ground["refusals"]
    assert isinstance(holds.body, Holds)
    assert isinstance(refusals.body, Refusals)
    for stop in history.stops:
        if not in_force(stop, question.at) or stop.channel not in (None, question.channel):
            continue
        if stop.type == RestrictionType.HOLD:
            policy, by = holds, holds.body.by
            answer, code = holds.body.table(stop.kind).of(kind), f"hold.{stop.kind}"
        elif stop.type == RestrictionType.DO_NOT_CONTACT:
            policy, by = refusals, refusals.body.by
            answer, code = refusals.body.do_not_contact.of(kind), "do_not_contact"
        elif stop.product is None:
            policy, by = refusals, refusals.body.by
            answer, code = refusals.body.everything.of(kind), "refusal.all"
        else:
            # A list that names no product is about its purpose: refusing that stops it too.
            if stop.product != (question.product or question.purpose):
                continue
            policy, by = refusals, refusals.body.by
            answer, code = refusals.body.product.of(kind), "refusal.product"
        if answer != "allow":
            yield _reason(code, stop.sentence, answer, policy.version, by, stop.id)


def _reason(
    code: str, sentence: Text, answer: Stopping, version: str, by: str, record: str = ""
) -> Reason:
    needed = answer == "needs_approval"
    return Reason(code, sentence, record, Answer(answer), version, by=by if needed else None)


def in_force(stop: Stop, at: datetime) -> bool:
    """Whether a restriction counts at an instant."""
    return (
        stop.at <= at
        and (stop.until is None or stop.until > at)
        and (stop.ended is None or stop.ended > at)
    )


def consent_state(
    statements: Sequence[Statement], channel: str, purpose: str | None, at: datetime
) -> tuple[str, Statement | None]:
    """`given`, `withdrawn`, `ended` or `none`, and the statement that says so.

    The newest statement that covers the channel and the purpose counts; of two of the same instant
    the withdrawal does.
    """
    newest = max(
        (
            s
            for s in statements
            if s.at <= at
            and (s.ended is None or s.ended > at)
            and s.channel in (None, channel)
            and s.purpose in (None, purpose)
        ),
        key=lambda s: (s.at, not s.given, s.until is None or s.until > at, s.id),
        default=None,
    )
    if newest is None:
        return "none", None
    if not newest.given:
        return "withdrawn", newest
    if newest.until is not None and newest.until <= at:
        return "ended", newest
    return "given", newest


def _consent(
    policies: PolicySet,
    policy: InForce,
    body: ConsentNeeded,
    history: History,
    question: Question,
) -> Iterator[Reason]:
    state, said = consent_state(history.statements, question.channel, question.purpose, question.at)
    if state == "given" or (body.mode == "opt_out" and state != "withdrawn"):
        return
    code = {"none": "consent.missing", "ended": "consent.ended"}.get(state, "consent.withdrawn")
    when = None if said is None else (said.until if state == "ended" else said.at)
    sentence = consent_sentence(
        state, question.channel, policies.purpose_words(question.purpose), when, policies.zone,
        question.at,
    )  # fmt: skip
    yield Reason(code, sentence, said.id if said else "", Answer.DENY, policy.version)


def age_on(born: date, day: date) -> int:
    """Whole years; who was born on 29 February turns on 1 March in years that lack it."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _age(
    policy: InForce, body: Age, facts: Facts, question: Question, zone: ZoneInfo
) -> Iterator[Reason]:
    if facts.birth_date is None:
        if "birth_date" in facts.known and body.unknown != "allow":
            yield _reason(
                "age.unknown", age_sentence(body, known=False), body.unknown, policy.version,
                body.by,
            )  # fmt: skip
        return
    age = age_on(facts.birth_date, question.at.astimezone(zone).date())
    if age >= body.from_age and (body.to_age is None or age < body.to_age):
        needed = body.answer == "needs_approval"
        yield Reason(
            "age", age_sentence(body, known=True), "", Answer(body.answer), policy.version,
            by=body.by if needed else None, another=body.another and needed,
        )  # fmt: skip


def _approved(
    reasons: list[Reason], history: History, question: Question
) -> tuple[list[Reason], str | None]:
    """The reasons that no approval in force covers, and the approval that covered others."""
    used = None
    for leave in history.leaves:
        if (
            (leave.channel, leave.purpose, leave.product)
            != (question.channel, question.purpose or "", question.product)
            or leave.for_user != question.by
            or not leave.at <= question.at < leave.until
        ):
            continue
        rest = [
            reason
            for reason in reasons
            if reason.answer is not Answer.NEEDS_APPROVAL
            or (reason.code, reason.restriction_id) not in leave.covers
            or leave.decided_by == question.by
        ]
        if len(rest) < len(reasons):
            reasons, used = rest, leave.id
    return reasons, used


# ── what passes by itself ────────────────────────────────────────────────────────────────────────


def _passing(
    policies: PolicySet,
    about: Sequence[InForce],
    facts: Facts,
    history: History,
    question: Question,
    at: datetime,
    zone: ZoneInfo,
) -> Iterator[Reason]:
    """What stands in the way at `at` and will end: quiet and closed hours, caps, rules that defer.

    A cap of none is no waiting: it denies.
    """
    for policy in about:
        body = policy.body
        until: datetime | None = None
        if isinstance(body, QuietHours):
            until = hours.quiet_until(body, at, zone)
        elif isinstance(body, BusinessHours):
            until = hours.closed_until(body, at, policies.calendar, zone, facts.branch)
        elif isinstance(body, Cap):
            if not facts.told and body.per != "person":
                continue  # `facts.unknown` for promotion; others go on what is known
            if body.most == 0:
                yield Reason(
                    f"cap.{body.per}", caps.sentence(body), "", Answer.DENY, policy.version
                )
                continue
            until = caps.full_until(body, facts, history.contacts, question, at, zone, policies)
        elif isinstance(body, RulePolicy):
            if at > question.at or body.answer != "defer":
                continue
            if not facts.told or policy.version not in facts.rules:
                continue
            until = at + timedelta(hours=body.hours)
        if until is not None:
            code, sentence = _until_then(policy)
            yield Reason(code, sentence, "", Answer.DEFER, policy.version, until=until)


def _until_then(policy: InForce) -> tuple[str, Text]:
    """The code and the sentence of a policy that defers."""
    body = policy.body
    if isinstance(body, QuietHours):
        return "quiet_hours", hours_sentence(body)
    if isinstance(body, BusinessHours):
        return "business_hours", hours_sentence(body)
    if isinstance(body, Cap):
        return f"cap.{body.per}", caps.sentence(body)
    assert isinstance(body, RulePolicy)
    return f"rule.{policy.slug}", Text(body.say.ja, body.say.en)


def _first_free(
    policies: PolicySet,
    about: Sequence[InForce],
    facts: Facts,
    history: History,
    question: Question,
    passing: Sequence[Reason],
    zone: ZoneInfo,
) -> datetime | None:
    """The first instant at which nothing that passes by itself stands in the way any more; None
    when there is none in sight, as with quiet hours of whole days on all days of the week.
    """
    at = question.at
    found = list(passing)
    for _ in range(_STEPS):
        if not found:
            return at
        at = max(reason.until for reason in found if reason.until is not None)
        found = list(_passing(policies, about, facts, history, question, at, zone))
    return None
