"""The gate's table: which restriction stops which contact, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.book.access import Actor
from enishi.book.workspace import Workspace
from enishi.gate import service
from enishi.gate.models import Profile, Restriction
from enishi.gate.types import HOLD_ANSWERS, PurposeClass
from enishi.kernel.errors import Conflict, Invalid
from enishi.kernel.text import Text

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
ACTOR = Actor("usr_1", "manager")
PURPOSES = {"promotion": "cards", "service": "service", "transactional": "transactional"}


@pytest.fixture(autouse=True)
def told(book: Workspace) -> None:
    """The gate has heard of everybody asked about; nobody is contacted about whom it has not."""
    Profile.objects.bulk_create(Profile(person=p, digest="") for p in ("p1", "a", "b", "c"))


def answer(purpose: str = "cards", channel: str = "phone", product: str | None = None) -> str:
    return str(service.decide("p1", channel, purpose, product, at=NOW, actor=ACTOR).answer)


@pytest.mark.parametrize(
    ("product", "asked", "expected"),
    [
        (None, ("cards", None), "deny"),
        (None, ("service", None), "deny"),
        (None, ("transactional", None), "allow"),
        ("card", ("cards", "card"), "deny"),
        ("card", ("cards", "gold"), "allow"),
        ("card", ("service", "card"), "allow"),
        ("cards", ("cards", None), "deny"),
    ],
)
def test_refusals(
    book: Workspace, product: str | None, asked: tuple[str, str | None], expected: str
) -> None:
    service.refuse("p1", product=product, at=NOW, actor=ACTOR)
    assert answer(asked[0], product=asked[1]) == expected


@pytest.mark.parametrize("kind", sorted(HOLD_ANSWERS))
@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_holds(book: Workspace, kind: str, purpose: str) -> None:
    service.hold("p1", kind, at=NOW, actor=ACTOR)
    assert answer(PURPOSES[purpose]) == HOLD_ANSWERS[kind][PurposeClass(purpose)]
    assert answer(PURPOSES[purpose], channel="visit") == HOLD_ANSWERS[kind][PurposeClass(purpose)]


def test_a_channel_stops_that_channel_alone(book: Workspace) -> None:
    service.do_not_contact("p1", channel="phone", at=NOW, actor=ACTOR)
    assert (answer(), answer(channel="post")) == ("deny", "allow")


def test_restrictions_end_by_time_and_by_release(book: Workspace) -> None:
    row = service.refuse("p1", product=None, at=NOW, until=NOW + timedelta(days=1), actor=ACTOR)
    later = service.decide("p1", "phone", "cards", at=NOW + timedelta(days=1), actor=ACTOR)
    assert later.allowed
    service.release(row.id, "誤り", at=NOW, actor=ACTOR)
    assert answer() == "allow"
    with pytest.raises(Conflict):
        service.release(row.id, "誤り", at=NOW, actor=ACTOR)
    with pytest.raises(Invalid):
        service.refuse("p1", product=None, at=NOW, until=NOW, actor=ACTOR)


def test_the_reason_says_who_when_how(book: Workspace) -> None:
    from enishi.book.models import User

    User.objects.create(id="usr_1", email="sato@example.jp", name="佐藤", role="manager")
    service.refuse("p1", product="card", product_label=Text("カード", "cards"), via="phone",
                   at=datetime(2026, 11, 3, 1, tzinfo=UTC), actor=ACTOR)  # fmt: skip
    [reason] = service.decide("p1", "phone", "x", "card", at=NOW, actor=ACTOR).reasons
    assert reason.code == "refusal.product"
    assert reason.sentence.ja == "11月3日に電話で「カード」の案内を断られています（佐藤）"
    assert reason.sentence.en == "Refused cards on 3 Nov by phone (佐藤)"


kinds = st.sampled_from(["refusal", "product", "dnc", *sorted(HOLD_ANSWERS)])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture],
          deadline=None)  # fmt: skip
@given(st.lists(st.tuples(st.sampled_from("abc"), kinds), max_size=6),
       st.sampled_from(sorted(PURPOSES.values())))  # fmt: skip
def test_one_by_one_and_all_at_once_agree(
    book: Workspace, restrictions: list[tuple[str, str]], purpose: str
) -> None:
    Restriction.objects.all().delete()
    for person, kind in restrictions:
        if kind in ("refusal", "product"):
            product = "card" if kind == "product" else None
            service.refuse(person, product=product, at=NOW, actor=ACTOR)
        elif kind == "dnc":
            service.do_not_contact(person, at=NOW, actor=ACTOR)
        else:
            service.hold(person, kind, at=NOW, actor=ACTOR)
    asked = ("phone", purpose, "card")
    many = service.decide_many(["a", "b", "c"], *asked, at=NOW, actor=ACTOR)
    single = {p: service.decide(p, *asked, at=NOW, actor=ACTOR) for p in "abc"}
    assert many == single
    stopped = {person for person, decision in many.items() if not decision.allowed}
    assert service.blocked_among("abc", *asked, at=NOW) == stopped
    codes = {person: many[person].reasons[0].code for person in stopped}
    assert service.reasons_among("abc", *asked, at=NOW) == codes


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_that_some_zone_cannot_show_is_refused(text: str) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    with pytest.raises(Invalid) as refused:
        service.aware(datetime.fromisoformat(text), tokyo)
    assert refused.value.code == "time_too_far"
    local = datetime(2030, 1, 1, tzinfo=tokyo)
    assert service.aware(local.replace(tzinfo=None), tokyo) == local
