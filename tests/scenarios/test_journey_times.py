"""Entries that the clock brings: schedules, and dates of the person and of what she has."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from enishi.journeys.entries.dates import days_that_lead_to, is_anniversary
from enishi.journeys.entries.schedule import last_run
from enishi.journeys.graph import ScheduleEntry
from enishi.journeys.walking.ready import span
from enishi.kernel.business_days import BusinessCalendar
from feed_world import AFTER_EXIT, Feeding, feeding

__all__ = ["feeding"]

NOW = {"kind": "wait", "duration": "1m"}
PER_KEY = {"kind": "per_key"}
FEW = {"field": "person_id", "op": "in", "value": ["P001", "P002"]}


def clock(local: str) -> datetime:
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)


@pytest.mark.parametrize(
    ("entry", "after", "until", "expected"),
    [
        ({"every": "day"}, "2026-11-20 10:00", "2026-11-21 08:59", None),
        ({"every": "day"}, "2026-11-20 10:00", "2026-11-21 09:00", "2026-11-21 09:00"),
        # after an outage of three days: the last one alone
        ({"every": "day"}, "2026-11-20 10:00", "2026-11-24 08:00", "2026-11-23 09:00"),
        ({"every": "day", "weekdays": ["fri"]}, "2026-11-20 10:00", "2026-11-26 10:00", None),
        # 23 November is a holiday, the 21st and 22nd a weekend
        ({"every": "business_day"}, "2026-11-20 10:00", "2026-11-24 08:00", None),
        ({"every": "business_day"}, "2026-11-20 10:00", "2026-11-24 09:00", "2026-11-24 09:00"),
        ({"every": "week"}, "2026-11-20 10:00", "2026-11-25 10:00", "2026-11-23 09:00"),
        ({"every": "week", "weekdays": ["tue", "thu"]}, "2026-11-20 10:00", "2026-11-28 10:00",
         "2026-11-26 09:00"),
        ({"every": "month"}, "2026-11-20 10:00", "2026-12-01 09:00", "2026-12-01 09:00"),
        ({"every": "month", "day": 31}, "2026-11-20 10:00", "2026-11-30 09:00",
         "2026-11-30 09:00"),
        ({"every": "month", "day": 31}, "2027-01-31 09:00", "2027-03-01 00:00",
         "2027-02-28 09:00"),
        ({"every": "month", "day": 30}, "2028-02-01 09:00", "2028-03-01 00:00",
         "2028-02-29 09:00"),
        ({"every": "once", "on": "2026-12-24", "at": "18:30"}, "2026-11-20 10:00",
         "2027-01-10 09:00", "2026-12-24 18:30"),
        ({"every": "once", "on": "2026-12-24"}, "2026-12-24 09:00", "2027-01-10 09:00", None),
    ],
)  # fmt: skip
def test_when_a_schedule_runs(
    entry: dict[str, Any], after: str, until: str, expected: str | None
) -> None:
    from zoneinfo import ZoneInfo

    told = ScheduleEntry.model_validate(entry)
    calendar = BusinessCalendar(holidays=True)
    found = last_run(told, clock(after), clock(until), calendar, ZoneInfo("Asia/Tokyo"))
    assert found == (None if expected is None else clock(expected))


@pytest.mark.parametrize(
    ("day", "offset", "expected"),
    [
        ("2026-12-01", "-30d", ["2026-12-31"]),
        ("2026-12-01", "0d", ["2026-12-01"]),
        ("2027-02-28", "+1mo", ["2027-01-28", "2027-01-29", "2027-01-30", "2027-01-31"]),
        ("2027-03-31", "1mo", []),
        ("2027-02-27", "-1mo", ["2027-03-27"]),
        ("2027-03-03", "1w", ["2027-02-24"]),
        ("2027-02-28", "1y", ["2026-02-28"]),
    ],
)
def test_which_dates_lead_to_a_day(day: str, offset: str, expected: list[str]) -> None:
    found = days_that_lead_to(date.fromisoformat(day), span(offset))
    assert [one.isoformat() for one in found] == expected


@pytest.mark.parametrize(
    ("born", "day", "expected"),
    [
        ("2000-02-29", "2027-02-28", True),
        ("2000-02-29", "2027-03-01", False),
        ("2000-02-29", "2028-02-28", False),
        ("2000-02-29", "2028-02-29", True),
        ("2026-11-25", "2026-11-25", False),
        ("1990-11-25", "2026-11-25", True),
    ],
)
def test_anniversaries(born: str, day: str, expected: bool) -> None:
    assert is_anniversary(date.fromisoformat(born), date.fromisoformat(day)) is expected


# ── with people ──────────────────────────────────────────────────────────────────────────────────


def test_a_schedule_brings_the_audience_in_again_and_again(feeding: Feeding) -> None:
    feeding.journey(
        entries=[{"kind": "schedule", "every": "business_day"}], audience=FEW,
        reentry=AFTER_EXIT, steps={"stand": NOW},
    )  # fmt: skip
    assert feeding.walks() == []
    feeding.until("2026-11-23 12:00")  # Friday 10:00, a weekend and a holiday
    assert feeding.walks() == []
    feeding.until("2026-11-24 09:00")
    assert feeding.who() == ["P001", "P002"]
    feeding.until("2026-11-24 12:00")
    assert feeding.outcomes() == {"P001": "completed", "P002": "completed"}
    feeding.until("2026-11-27 20:00")  # three runs were missed: made up for once
    assert feeding.who() == ["P001", "P001", "P002", "P002"]


def test_a_run_that_was_interrupted_goes_on_where_it_was(
    feeding: Feeding, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enishi.journeys.entries import schedule
    from enishi.journeys.feed import intake as feed

    monkeypatch.setattr(schedule, "AT_ONCE", 15)
    feeding.journey(
        entries=[{"kind": "schedule", "every": "day"}], reentry=AFTER_EXIT, steps={"stand": NOW}
    )
    feeding.bank.clock.now = clock("2026-11-21 09:00")
    feed.run_slow(feeding.context)
    assert len(feeding.walks()) == 15

    def dies(name: str) -> None:
        raise SystemExit(name)

    monkeypatch.setattr(schedule, "crash_point", dies)
    with pytest.raises(SystemExit):
        feed.run_slow(feeding.context)
    monkeypatch.undo()
    schedule._found.clear()  # another process goes on
    feeding.run()
    assert len(feeding.walks()) == len(set(feeding.who())) == 40


@pytest.mark.heavy
def test_birthdays(feeding: Feeding) -> None:
    born = {1: "2000-02-29", 2: "1990-02-28", 3: "1990-03-01", 4: "1990-02-27"}
    feeding.load(born=born)
    feeding.journey(
        entries=[{"kind": "date", "field": "born", "yearly": True, "at": "10:00"}],
        reentry=PER_KEY, steps={"stand": NOW},
    )  # fmt: skip
    feeding.until("2027-02-27 12:00")
    assert [walk[:2] for walk in feeding.walks()] == [("P004", "2027-02-27")]
    feeding.until("2027-02-28 09:59")
    assert feeding.who() == ["P004"]
    feeding.until("2027-02-28 10:00")
    assert feeding.who() == ["P001", "P002", "P004"]
    feeding.until("2027-02-28 23:00")
    assert feeding.who() == ["P001", "P002", "P004"]


@pytest.mark.heavy
def test_days_of_an_outage_are_made_up_for_in_order(feeding: Feeding) -> None:
    from enishi.journeys.models import Enrollment

    feeding.load(born={1: "1990-12-03", 2: "1990-12-01", 3: "1990-11-20", 4: "1990-12-04"})
    feeding.journey(
        entries=[{"kind": "date", "field": "born", "yearly": True}], reentry=PER_KEY,
        steps={"stand": NOW},
    )  # fmt: skip
    feeding.bank.clock.now = clock("2026-12-03 20:00")
    feeding.run()
    told = [feeding.number_of(row.person) for row in Enrollment.objects.order_by("id")]
    assert told == ["P002", "P001"]


def test_thirty_days_before_a_deposit_matures(feeding: Feeding) -> None:
    feeding.load(matures={1: "2026-12-31", 2: "2026-12-31", 3: "2027-01-01"})
    entry = {
        "kind": "date", "field": "matures", "related": "deposits", "offset": "-30d",
        "where": {"field": "balance", "op": "gt", "value": 100_000.5},
    }  # fmt: skip
    feeding.journey(
        entries=[entry], reentry=PER_KEY, steps={"stand": {"kind": "wait", "duration": "60d"}},
        exits=[{"kind": "event", "event": ["Renewed"], "same_key": "deposit"}],
    )  # fmt: skip
    feeding.until("2026-12-01 08:00")
    assert feeding.walks() == []
    feeding.until("2026-12-01 09:00")
    assert [walk[:2] for walk in feeding.walks()] == [("P002", "D002@2026-12-31")]
    # Its date is moved: the new one counts anew. An event of the same deposit ends its walks.
    feeding.load(matures={2: "2027-01-02", 3: "2027-01-01"})
    feeding.until("2026-12-03 09:00")
    assert [walk[:3] for walk in feeding.walks()] == [
        ("P002", "D002@2026-12-31", "active"), ("P002", "D002@2027-01-02", "active"),
        ("P003", "D003@2027-01-01", "active"),
    ]  # fmt: skip
    feeding.later(minutes=1)
    feeding.send(("P002", "Renewed"), properties={"deposit": "D999"})
    feeding.send(("P002", "Renewed"), properties={"deposit": "D002"})
    assert [walk[2] for walk in feeding.walks()] == ["left", "left", "active"]


def test_a_wait_on_a_date_follows_the_date(feeding: Feeding) -> None:
    feeding.load(born={1: "2026-12-10", 2: "2026-12-10"})
    steps = {"until": {"kind": "wait_date", "field": "born", "offset": "-1d", "next": "stand"},
             "stand": {"kind": "wait", "duration": "90d"}}  # fmt: skip
    feeding.journey(
        entries=[{"kind": "event", "event": ["Order Completed"]}], start="until", steps=steps
    )
    feeding.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    feeding.load(born={1: "2026-12-20", 2: "2026-12-01"})
    feeding.until("2026-11-30 09:20")
    feeding.later(seconds=1)
    assert feeding.walks() == [("P001", "", "active", "until"), ("P002", "", "active", "stand")]
    feeding.until("2026-12-19 08:00")
    assert feeding.walks()[0] == ("P001", "", "active", "until")
    feeding.until("2026-12-19 09:00")
    assert feeding.walks()[0] == ("P001", "", "active", "stand")
