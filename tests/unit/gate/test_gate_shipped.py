"""The policies a workspace begins with pass their examples; the calendar knows its days."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.book.access import SYSTEM
from enishi.book.workspace import Workspace
from enishi.gate import policies
from enishi.gate.bodies import GROUND, KINDS
from enishi.gate.models import Policy, PolicyVersion
from enishi.gate.shipped import shipped, write_shipped
from enishi.kernel.business_days import BusinessCalendar, japanese_holidays
from enishi.kernel.errors import Conflict, Invalid

TOKYO = ZoneInfo("Asia/Tokyo")


def test_a_new_book_begins_with_policies_that_pass_their_examples(book: Workspace) -> None:
    found = policies.all_policies()
    assert [policy.slug for policy in found] == [one.slug for one in shipped()]
    assert [policy.kind for policy in found if policy.ground] == list(GROUND)
    assert {policy.kind for policy in found} == set(KINDS) - {"rule"}
    for policy in found:
        version = policies.published(policy)
        assert version is not None
        tried = policies.try_version(version)
        assert tried, policy.slug
        assert [one.message().en for one in tried if not one.passed] == []


def test_they_are_written_once(book: Workspace) -> None:
    assert write_shipped() == 0
    Policy.objects.filter(slug="opt-out").delete()
    assert write_shipped() == 0  # whoever has taken one away does not find it back
    PolicyVersion.objects.all().delete()
    Policy.objects.all().delete()
    assert write_shipped() == len(shipped())


def test_a_draft_rewritten_while_it_is_published_is_not_published(
    book: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = next(one for one in policies.all_policies() if not one.ground)
    live = policies.published(policy)
    assert live is not None
    body, examples = policies.body_of(live), policies.examples_of(live)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    draft = policies.save_draft(policy.id, body, examples, at=at, actor=SYSTEM)

    def rewritten(_: object) -> None:
        policies.save_draft(policy.id, body, [], at=at + timedelta(seconds=1), actor=SYSTEM)

    with monkeypatch.context() as between:
        between.setattr(policies, "_require_passed", rewritten)
        with pytest.raises(Conflict) as refused:
            policies.publish(draft.id, at=at, actor=SYSTEM)
    assert refused.value.code == "draft_changed"
    assert policies.published(policy) == live
    with pytest.raises(Invalid) as missing:
        policies.publish(draft.id, at=at, actor=SYSTEM)
    assert missing.value.code == "examples_missing"


HOLIDAYS = """
2015 1/1 1/12 2/11 3/21 4/29 5/3 5/4 5/5 5/6
     7/20 9/21 9/22 9/23 10/12 11/3 11/23 12/23
2019 1/1 1/14 2/11 3/21 4/29 4/30 5/1 5/2 5/3 5/4 5/5 5/6
     7/15 8/11 8/12 9/16 9/23 10/14 10/22 11/3 11/4 11/23
2020 1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6
     7/23 7/24 8/10 9/21 9/22 11/3 11/23
2021 1/1 1/11 2/11 2/23 3/20 4/29 5/3 5/4 5/5
     7/22 7/23 8/8 8/9 9/20 9/23 11/3 11/23
2025 1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6
     7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24
2026 1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6
     7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23
2027 1/1 1/11 2/11 2/23 3/21 3/22 4/29 5/3 5/4 5/5
     7/19 8/11 9/20 9/23 10/11 11/3 11/23
"""
"""As the Cabinet Office has published them."""


@pytest.mark.parametrize("told", re.split(r"\n(?=\d)", HOLIDAYS.strip()))
def test_the_holidays_of_japan(told: str) -> None:
    year, *expected = told.split()
    found = {f"{day.month}/{day.day}" for day in japanese_holidays(int(year))}
    assert found == set(expected)


def test_business_days_pass_over_weekends_holidays_and_the_year_s_end() -> None:
    calendar = BusinessCalendar(opened={date(2026, 11, 21): "特別営業日"})
    assert calendar.next_business_day(date(2026, 11, 21)) == date(2026, 11, 21)
    assert calendar.next_business_day(date(2026, 11, 22)) == date(2026, 11, 24)
    assert calendar.add_business_days(date(2026, 12, 29), 2) == date(2027, 1, 4)
    assert calendar.why_closed(date(2026, 12, 31)) is not None
    closed = BusinessCalendar(closed={date(2026, 11, 24): "研修"})
    assert closed.next_business_day(date(2026, 11, 22)) == date(2026, 11, 25)
    with pytest.raises(ValueError, match="no business day"):
        BusinessCalendar(hours={}).next_business_day(date(2026, 1, 1))


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive


@given(instants)
def test_the_next_opening_is_the_first_open_minute(at: datetime) -> None:
    hours = {n: (time(9), time(15)) for n in range(5)} | {5: (time(10), time(12))}
    calendar = BusinessCalendar(hours=hours, branches={"101": {0: (time(13), time(14))}})
    for branch in ("", "101"):
        opens = calendar.next_open(at, TOKYO, branch)
        assert opens >= at
        local = opens.astimezone(TOKYO)
        open_then = calendar.hours_on(local.date(), branch)
        assert open_then is not None
        assert open_then[0] <= local.time() < open_then[1]
        step = at
        while step < opens:  # every hour between is closed
            there = step.astimezone(TOKYO)
            then = calendar.hours_on(there.date(), branch)
            assert then is None or not then[0] <= there.time() < then[1]
            step += timedelta(minutes=55)
