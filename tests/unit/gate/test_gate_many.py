"""Taking many contacts at once is taking them one after the other."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from enishi.book.access import SYSTEM
from enishi.book.workspace import Workspace
from enishi.gate import service, slots
from enishi.gate.models import Consent, ContactMade, DecisionRecord, Profile
from enishi.gate.slots import Ask
from enishi.gate.types import HoldKind

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)  # noon in Tokyo, a Friday
PEOPLE = 24


def make_people(prefix: str) -> list[str]:
    """Households of three, addresses of four; some said yes, one complained, one died."""
    persons = [f"{prefix}{n}" for n in range(PEOPLE)]
    Profile.objects.bulk_create(
        Profile(
            person=person, household=f"{prefix}h{n // 3}", address=f"{prefix}a{n // 4}",
            reach="email", known="email", digest="",
        )
        for n, person in enumerate(persons)
    )  # fmt: skip
    Consent.objects.bulk_create(
        Consent(person=p, given=n % 5 != 0, at=AT - timedelta(days=9), origin="user", by="usr_1")
        for n, p in enumerate(persons)
    )
    for n, kind in ((1, HoldKind.COMPLAINT), (2, HoldKind.DECEASED)):
        service.hold(persons[n], kind, at=AT - timedelta(days=1), actor=SYSTEM)
    return persons


def asks(persons: list[str], seed: int) -> list[Ask]:
    chance = random.Random(seed)
    return [
        Ask(
            persons[chance.randrange(PEOPLE)], chance.choice(["email", "sms", "line"]),
            chance.choice(["deposits", "loans", "service", "transactional"]), None,
            f"delivery:{persons[0]}{n}",
        )
        for n in range(120)
    ]  # fmt: skip


def test_many_are_decided_as_one_after_the_other(both_books: Workspace) -> None:
    left, right = make_people("l"), make_people("r")
    at_once = []
    everything = asks(left, 1)
    for start in range(0, len(everything), 40):
        batch = everything[start : start + 40]
        facts = slots.facts_for_many(batch, at=AT, actor=SYSTEM)
        at_once += [d for d, _ in slots.take_many(batch, facts, at=AT, actor=SYSTEM)]
    singly = [
        slots.take(a.person, a.channel, a.purpose, a.product, at=AT, actor=SYSTEM, source=a.source)[
            0
        ]
        for a in asks(right, 1)
    ]
    for one, other in zip(at_once, singly, strict=True):
        assert (one.answer, one.until) == (other.answer, other.until)
        assert [r.code for r in one.reasons] == [r.code for r in other.reasons]
    assert len({one.answer for one in at_once}) > 2, "too tame to tell anything"
    rows = DecisionRecord.objects
    for column in ("answer", "channel", "purpose", "until", "by", "source", "asked_by", "at"):
        told = [
            sorted(str(v).replace("r", "l") for v in rows.filter(person__startswith=side)
                   .values_list(column, flat=True))
            for side in "lr"
        ]  # fmt: skip
        assert told[0] == told[1], column
    made = [ContactMade.objects.filter(person__startswith=side).count() for side in "lr"]
    assert made[0] == made[1] == sum(one.allowed for one in at_once)


def test_a_contact_that_was_not_made_counts_no_more(both_books: Workspace) -> None:
    make_people("l")
    batch = [Ask("l3", "email", "deposits", None, f"delivery:{n}") for n in range(9)]
    facts = slots.facts_for_many(batch, at=AT, actor=SYSTEM)
    first = slots.take_many(batch, facts, at=AT, actor=SYSTEM)
    allowed = [a.source for a, (d, _) in zip(batch, first, strict=True) if d.allowed]
    assert 0 < len(allowed) < 9
    assert slots.give_back_many(allowed, at=AT) == len(allowed)
    assert slots.give_back_many(allowed, at=AT) == 0
    again = slots.take_many(batch, facts, at=AT, actor=SYSTEM)
    assert sum(d.allowed for d, _ in again) == len(allowed)
