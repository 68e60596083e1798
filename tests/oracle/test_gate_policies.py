"""Random policies, facts and histories: the gate answers as a brute-force reading of them does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gate_brute import forbidding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.book.workspace import Workspace
from enishi.gate.bodies import BODY, DAYS, GROUND
from enishi.gate.deciding import decide
from enishi.gate.history import facts_of, histories_of
from enishi.gate.models import (
    Approval,
    Consent,
    ContactMade,
    Profile,
    ProfileRule,
    Restriction,
)
from enishi.gate.policy_set import InForce, PolicySet
from enishi.gate.shipped import shipped
from enishi.gate.types import (
    Answer,
    Contact,
    Decision,
    Facts,
    History,
    Leave,
    Question,
    Statement,
    Stop,
)
from enishi.kernel.business_days import BusinessCalendar

TOKYO = ZoneInfo("Asia/Tokyo")
NAME = {"ja": "例", "en": "Example"}
CHANNELS = ("phone", "email", "post", "visit")
PURPOSES = ("deposits", "insurance", "service", "transactional")
HOLDS = ("complaint", "inheritance", "deceased", "guardianship", "antisocial")
START = datetime(2026, 11, 1, tzinfo=UTC)
HOURS = 24 * 60

channels, purposes = st.sampled_from(CHANNELS), st.sampled_from(PURPOSES)
instants = st.builds(
    lambda hour, minute: START + timedelta(hours=hour, minutes=minute),
    st.integers(0, HOURS),
    st.sampled_from([0, 0, 0, 30, 59]),
)
maybe_instant = st.none() | instants
answers = st.sampled_from(["allow", "needs_approval", "deny"])
by_class = st.fixed_dictionaries(
    {"promotion": answers, "service": answers, "transactional": answers}
)
applies = st.fixed_dictionaries(
    {
        "channels": st.lists(channels, max_size=2, unique=True),
        "purposes": st.just([]) | st.lists(purposes, max_size=2, unique=True),
        "classes": st.sampled_from([[], [], ["promotion"], ["promotion", "service"]]),
    }
)
clocks = st.sampled_from([time(0), time(8), time(12), time(18, 30), time(21), time(23, 30)])
windows = st.one_of(
    st.fixed_dictionaries({"unit": st.just("hours"), "count": st.integers(1, 72)}),
    st.fixed_dictionaries({"unit": st.just("days"), "count": st.integers(1, 30)}),
    st.sampled_from([{"unit": u, "count": 1} for u in ("day", "week", "month")]),
)


def kind(name: str, **members: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(name), "name": st.just(NAME), **members})


bodies = st.one_of(
    kind("consent", applies=applies, mode=st.sampled_from(["opt_in", "opt_out"])),
    kind(
        "cap", applies=applies, counts=applies, same_purpose=st.booleans(),
        per=st.sampled_from(["person", "household", "address"]), most=st.integers(0, 4),
        window=windows,
    ),
    kind(
        "quiet_hours", applies=applies, begin=clocks, end=clocks,
        weekdays=st.lists(st.sampled_from(DAYS), min_size=1, unique=True),
    ),
    kind("business_hours", applies=applies, hours=st.booleans()),
    kind("address", applies=applies),
    kind(
        "age", applies=applies, from_age=st.integers(0, 80),
        to_age=st.none() | st.integers(81, 120), unknown=answers,
        answer=st.sampled_from(["needs_approval", "deny"]), another=st.booleans(),
    ),
    kind(
        "rule", applies=applies, rule=st.just({"all": []}), say=st.just(NAME),
        answer=st.sampled_from(["defer", "needs_approval", "deny"]), another=st.booleans(),
        hours=st.integers(1, 100),
    ),
)  # fmt: skip
grounds = st.tuples(
    kind("classes", purposes=st.dictionaries(
        st.sampled_from(["deposits", "insurance"]),
        st.sampled_from(["promotion", "service", "transactional"]), max_size=2)),
    kind("holds", **dict.fromkeys(HOLDS, by_class)),
    kind("refusals", product=by_class, everything=by_class, do_not_contact=by_class),
)  # fmt: skip
facts_told = st.builds(
    Facts,
    told=st.sampled_from([True, True, True, False]),
    birth_date=st.none() | st.dates(date(1930, 1, 1), date(2010, 1, 1))
    | st.sampled_from([date(1952, 2, 29), date(1946, 11, 20)]),
    household=st.sampled_from(["", "h"]),
    address=st.sampled_from(["", "a"]),
    zone=st.sampled_from(["", "Asia/Tokyo", "America/New_York"]),
    reach=st.frozensets(channels),
    known=st.frozensets(st.sampled_from([*CHANNELS, "birth_date"])),
    rules=st.frozensets(st.sampled_from([f"v{n}" for n in range(8)])),
)  # fmt: skip
stops = st.builds(
    lambda n, type_, hold, product, channel, at, until, ended: Stop(
        f"s{n}", type_, hold if type_ == "hold" else "",
        product if type_ == "refusal" else None, channel, at, until, ended,
    ),
    st.integers(0, 99), st.sampled_from(["hold", "refusal", "do_not_contact"]),
    st.sampled_from(HOLDS), st.sampled_from([None, "card", "deposits"]), st.none() | channels,
    instants, maybe_instant, maybe_instant,
)  # fmt: skip
statements = st.builds(
    Statement, st.uuids().map(str), st.none() | channels, st.none() | purposes, st.booleans(),
    instants, maybe_instant, maybe_instant,
)  # fmt: skip
contacts = st.builds(
    Contact, st.sampled_from(["p", "q"]), st.sampled_from(["", "h"]), st.sampled_from(["", "a"]),
    channels, purposes, st.just(""), instants, st.sampled_from(["u", "w"]),
    st.sampled_from(["x", "y"]), maybe_instant, maybe_instant,
)  # fmt: skip
covers = st.frozensets(
    st.sampled_from([("age", ""), ("age.unknown", ""), ("hold.complaint", "s1"), ("rule.r0", "")])
)
leaves = st.builds(
    Leave, st.uuids().map(str), channels, purposes, st.none() | st.just("card"), covers,
    st.sampled_from(["u", "w"]), st.sampled_from(["u", "w"]), instants, instants,
)  # fmt: skip
histories = st.builds(
    History,
    st.lists(stops, max_size=4, unique_by=lambda s: s.id).map(tuple),
    st.lists(statements, max_size=4).map(tuple),
    st.lists(contacts, max_size=8).map(tuple),
    st.lists(leaves, max_size=2).map(tuple),
)
questions = st.builds(
    Question, st.just("p"), channels, purposes, st.none() | st.just("card"), instants,
    st.just("u"), st.sampled_from(["", "x"]),
)  # fmt: skip


def named(
    ground: tuple[dict[str, Any], ...], others: list[dict[str, Any]]
) -> tuple[PolicySet, list[tuple[str, str, dict[str, Any]]]]:
    """The bodies as the gate has them, and as the plain reading does."""
    typed = [BODY.validate_python(body) for body in (*ground, *others)]
    versions = [f"g{n}" for n in range(3)] + [f"v{n}" for n in range(len(others))]
    slugs = ["classes", "holds", "refusals"] + [f"r{n}" for n in range(len(others))]
    policies = tuple(InForce(*one) for one in zip(versions, slugs, typed, strict=True))
    plain = [
        (version, slug, body.model_dump(mode="json"))
        for version, slug, body in zip(versions, slugs, typed, strict=True)
    ]
    return PolicySet(policies, BusinessCalendar(), TOKYO), plain


def told(decision: Decision) -> set[tuple[str, str]]:
    """The answers and codes of all reasons; those of restrictions with their ids."""
    stopping = ("hold.", "refusal.", "do_not_contact")
    return {
        (str(r.answer), f"{r.code}:{r.restriction_id}" if r.code.startswith(stopping) else r.code)
        for r in decision.reasons
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=250)
@given(grounds, st.lists(bodies, max_size=6), facts_told, histories, questions)
def test_the_gate_answers_as_a_plain_reading_of_its_policies(
    ground: tuple[dict[str, Any], ...],
    others: list[dict[str, Any]],
    facts: Facts,
    history: History,
    question: Question,
) -> None:
    policies, plain = named(ground, others)
    decision = decide(policies, facts, history, question)
    expected = forbidding(plain, facts, history, question)
    ranks = ["deny", "needs_approval", "defer"]
    strongest = min((answer for answer, _ in expected), key=ranks.index, default="allow")
    if strongest == "defer" and decision.answer is Answer.DENY:
        # What would pass by itself never does: quiet hours that leave no hour free.
        assert told(decision) == {("deny", code) for _, code in expected}
        for hours in range(24 * 7 * 3):
            later = question.at + timedelta(hours=hours)
            assert forbidding(plain, facts, history, question, later), later
        return
    assert told(decision) == expected
    assert str(decision.answer) == strongest
    if strongest != "defer":
        assert decision.until is None
        return
    assert decision.until is not None
    assert decision.until > question.at
    waiting = decision.until - question.at
    for part in (0.0, 0.25, 0.5, 0.9, 0.999):
        between = question.at + waiting * part
        ruled = any(code.startswith("rule.") for _, code in expected)
        assert ruled or forbidding(plain, facts, history, question, between), between
    assert not forbidding(plain, facts, history, question, decision.until)


@settings(
    deadline=None, max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(grounds, st.lists(bodies, max_size=4), facts_told, histories, questions)
def test_what_is_read_from_the_book_decides_as_all_of_it_would(
    book: Workspace,
    ground: tuple[dict[str, Any], ...],
    others: list[dict[str, Any]],
    facts: Facts,
    history: History,
    question: Question,
) -> None:
    """The book is asked only for what can count: leaving the rest out must change nothing.

    What has been released, voided or given back is over, whichever instant is asked about.
    """
    facts = replace(facts, told=True)
    keep(facts, history)
    history = replace(
        history,
        stops=tuple(s for s in history.stops if s.ended is None),
        statements=tuple(s for s in history.statements if s.ended is None),
        contacts=tuple(c for c in history.contacts if c.ended is None),
    )
    policies, plain = named(ground, others)
    found = facts_of(["p"])
    assert found == {"p": facts}
    read = histories_of(
        found, policies, channel=question.channel, at=question.at, for_user=question.by
    )
    decision = decide(policies, found["p"], read["p"], question)
    whole = decide(policies, facts, history, question)
    assert (told(decision), decision.until) == (told(whole), whole.until)
    expected = forbidding(plain, facts, history, question)
    if whole.answer is Answer.DENY and all(answer == "defer" for answer, _ in expected):
        expected = {("deny", code) for _, code in expected}  # no hour is free: see above
    assert told(decision) == expected


def keep(facts: Facts, history: History) -> None:
    """Write it all into the book, which held another one's."""
    for model in (Profile, ProfileRule, Restriction, Consent, ContactMade, Approval):
        model.objects.all().delete()
    Profile.objects.create(
        person="p", birth_date=facts.birth_date, household=facts.household,
        address=facts.address, zone=facts.zone, reach=",".join(facts.reach),
        known=",".join(facts.known), digest="",
    )  # fmt: skip
    ProfileRule.objects.bulk_create(ProfileRule(person="p", version=v) for v in facts.rules)
    Restriction.objects.bulk_create(
        Restriction(
            id=s.id, type=s.type, person="p", kind=s.kind, product=s.product, channel=s.channel,
            at=s.at, until=s.until, released_at=s.ended, by="u",
        )
        for s in history.stops
    )  # fmt: skip
    Consent.objects.bulk_create(
        Consent(
            id=s.id, person="p", channel=s.channel, purpose=s.purpose, given=s.given, at=s.at,
            until=s.until, voided_at=s.ended, origin="user", by="u",
        )
        for s in history.statements
    )  # fmt: skip
    ContactMade.objects.bulk_create(
        ContactMade(
            person=c.person, household=c.household, address=c.address, channel=c.channel,
            purpose=c.purpose, purpose_class=c.purpose_class, at=c.at, by=c.by, source=c.source,
            held_until=c.held_until, given_back_at=c.ended,
        )
        for c in history.contacts
    )  # fmt: skip
    Approval.objects.bulk_create(
        Approval(
            id=x.id, person="p", channel=x.channel, purpose=x.purpose, product=x.product,
            reasons=[{"code": code, "restriction": record} for code, record in x.covers],
            role="manager", state="approved", asked_by=x.for_user, for_user=x.for_user,
            decided_by=x.decided_by, decided_at=x.at, valid_until=x.until,
        )
        for x in history.leaves
    )  # fmt: skip


def test_quiet_hours_that_leave_no_hour_free_deny() -> None:
    """Waiting would have no end: two that fill the day between them, as one of whole days."""
    quiet = {"kind": "quiet_hours", "name": NAME}
    ground = tuple(one.body.model_dump(mode="json") for one in shipped() if one.body.kind in GROUND)
    halves = [
        quiet | {"begin": "00:00", "end": "12:00"},
        quiet | {"begin": "12:00", "end": "00:00"},
    ]
    question = Question("p", "phone", "deposits", None, datetime(2026, 11, 2, tzinfo=UTC), "u")
    for wordings in ([quiet | {"begin": "09:00", "end": "09:00"}], halves):
        policies, _ = named(ground, wordings)
        assert decide(policies, Facts(told=True), History(), question).answer is Answer.DENY
    policies, _ = named(ground, halves[:1])
    assert decide(policies, Facts(told=True), History(), question).answer is Answer.DEFER
