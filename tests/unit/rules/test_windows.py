"""Windows and relative dates on the local calendar: clamped months, clocks that jump, calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rules_bank import jst

from enishi.rules.changes import passes, window_change
from enishi.rules.tree import CalendarWindow, LastWindow, NextWindow, Span
from enishi.rules.windows import (
    TICK,
    age,
    anniversary,
    date_bounds,
    instant_bounds,
    instant_of,
    midnight,
    period,
    step_date,
    step_instant,
)
from rules_world import make_catalog

TOKYO, NEW_YORK, BERLIN = (ZoneInfo(n) for n in ("Asia/Tokyo", "America/New_York", "Europe/Berlin"))
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def local(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def test_a_missing_local_time_moves_to_the_next_that_exists() -> None:
    found = step_instant(local(NEW_YORK, 2024, 3, 11, 2, 30), Span(-1, "d"), NEW_YORK)
    assert found == local(NEW_YORK, 2024, 3, 10, 3, 0)


def test_a_double_local_time_is_the_first() -> None:
    found = step_instant(local(NEW_YORK, 2024, 11, 4, 1, 30), Span(-1, "d"), NEW_YORK)
    assert found == local(NEW_YORK, 2024, 11, 3, 1, 30, fold=0)


def test_hours_are_exact_across_a_change_of_clocks() -> None:
    found = step_instant(local(BERLIN, 2024, 3, 31, 12), Span(-24, "h"), BERLIN)
    assert found == local(BERLIN, 2024, 3, 30, 11)


def test_a_missing_midnight_is_the_first_instant_of_the_day() -> None:
    assert midnight(date(2018, 11, 4), SAO_PAULO) == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "span", "day", "clamped"),
    [
        (date(2024, 3, 31), Span(-1, "mo"), date(2024, 2, 29), True),
        (date(2024, 3, 29), Span(-1, "mo"), date(2024, 2, 29), False),
        (date(2024, 2, 29), Span(-1, "y"), date(2023, 2, 28), True),
        (date(2024, 2, 29), Span(4, "y"), date(2028, 2, 29), False),
        (date(2024, 1, 15), Span(-13, "mo"), date(2022, 12, 15), False),
        (date(2024, 1, 15), Span(2, "w"), date(2024, 1, 29), False),
        (date(2024, 1, 15), Span(-9000, "y"), date.min, False),
        (date(2024, 1, 15), Span(999_999, "w"), date.max, False),
    ],
)
def test_stepping_dates(start: date, span: Span, day: date, clamped: bool) -> None:
    assert step_date(start, span) == (day, clamped)


def test_a_clamped_month_goes_to_the_next_midnight() -> None:
    found = step_instant(jst(2024, 3, 31, 12, 0), Span(-1, "mo"), TOKYO)
    assert found == jst(2024, 3, 1)


@pytest.mark.parametrize("unit", ["d", "w", "mo", "y"])
@pytest.mark.parametrize("zone", [TOKYO, SAO_PAULO])
def test_sliding_windows_never_re_admit(unit: str, zone: ZoneInfo) -> None:
    at = datetime(2023, 1, 25, 1, tzinfo=UTC)
    before = step_instant(at, Span(-1, unit), zone)
    for _ in range(1600):
        at += timedelta(hours=7)
        now = step_instant(at, Span(-1, unit), zone)
        assert now >= before
        before = now


def test_windows_on_instants_and_on_dates() -> None:
    catalog = make_catalog([], [])
    at = jst(2024, 3, 31, 12, 0)
    bounds = instant_bounds(LastWindow(Span(1, "d")), at, catalog)
    assert (bounds.start, bounds.end) == (at - timedelta(days=1) + TICK, at + TICK)
    bounds = instant_bounds(NextWindow(Span(1, "d")), at, catalog)
    assert (bounds.start, bounds.end) == (at + TICK, at + timedelta(days=1) + TICK)
    days = date_bounds(LastWindow(Span(3, "d")), at, catalog)
    assert (days.start, days.end) == (date(2024, 3, 29), date(2024, 4, 1))
    days = date_bounds(NextWindow(Span(3, "d")), at, catalog)
    assert (days.start, days.end) == (date(2024, 3, 31), date(2024, 4, 3))
    days = date_bounds(LastWindow(Span(1, "mo")), at, catalog)
    assert (days.start, days.end) == (date(2024, 3, 1), date(2024, 4, 1))
    days = date_bounds(NextWindow(Span(1, "mo")), at, catalog)  # 30 April, clamped: its end
    assert (days.start, days.end) == (date(2024, 3, 31), date(2024, 5, 1))
    days = date_bounds(NextWindow(Span(1, "mo")), jst(2024, 3, 30), catalog)
    assert (days.start, days.end) == (date(2024, 3, 30), date(2024, 4, 30))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("today", date(2024, 3, 31), date(2024, 4, 1)),
        ("tomorrow", date(2024, 4, 1), date(2024, 4, 2)),
        ("this_week", date(2024, 3, 25), date(2024, 4, 1)),
        ("next_week", date(2024, 4, 1), date(2024, 4, 8)),
        ("last_month", date(2024, 2, 1), date(2024, 3, 1)),
        ("this_quarter", date(2024, 1, 1), date(2024, 4, 1)),
        ("next_quarter", date(2024, 4, 1), date(2024, 7, 1)),
        ("last_year", date(2023, 1, 1), date(2024, 1, 1)),
        ("this_fiscal_year", date(2023, 4, 1), date(2024, 4, 1)),
        ("last_fiscal_year", date(2022, 4, 1), date(2023, 4, 1)),
        ("last_fiscal_quarter", date(2023, 10, 1), date(2024, 1, 1)),
    ],
)
def test_calendar_names(name: str, start: date, end: date) -> None:
    assert period(name, date(2024, 3, 31), make_catalog([], [])) == (start, end)


def test_the_workspace_sets_the_week_and_the_fiscal_year() -> None:
    catalog = make_catalog([], [], week_start=6, fiscal_year_start=2)
    sunday = date(2024, 3, 31)
    assert period("this_week", sunday, catalog) == (sunday, date(2024, 4, 7))
    assert period("this_fiscal_year", sunday, catalog)[0] == date(2024, 2, 1)
    assert period("this_fiscal_quarter", date(2024, 1, 31), catalog)[0] == date(2023, 11, 1)


def test_ages_and_anniversaries_of_29_february() -> None:
    born = date(2000, 2, 29)
    assert age(born, date(2001, 2, 27)) == 0
    assert age(born, date(2001, 2, 28)) == 1
    assert age(born, date(2004, 2, 28)) == 3
    assert age(born, date(2004, 2, 29)) == 4
    assert anniversary(born, 2100) == date(2100, 2, 28)


# ── when an answer changes ───────────────────────────────────────────────────────────────────────


def test_a_row_leaves_a_window_to_the_microsecond() -> None:
    catalog = make_catalog([], [])
    seen = jst(2024, 1, 31, 12, 0)
    change = window_change(LastWindow(Span(1, "mo")), seen, jst(2024, 2, 10), catalog)
    assert change == jst(2024, 3, 1)  # 29 February + 1 would still be clamped to 31 January's end


def test_a_clock_turned_back_re_admits_and_is_foreseen() -> None:
    """At 1:30 the second time, "24 hours ago by the calendar" is earlier than it was at 1:59."""
    catalog = make_catalog([], [], timezone="America/New_York")
    window = LastWindow(Span(1, "d"))
    seen = local(NEW_YORK, 2024, 11, 2, 1, 30)
    at = local(NEW_YORK, 2024, 11, 3, 1, 45, fold=0)
    assert not instant_bounds(window, at, catalog).holds(seen)
    change = window_change(window, seen, at, catalog)
    assert change == local(NEW_YORK, 2024, 11, 3, 1, 0, fold=1)
    assert instant_bounds(window, change, catalog).holds(seen)
    gone = window_change(window, seen, change, catalog)
    assert gone == local(NEW_YORK, 2024, 11, 3, 1, 30, fold=1)


def test_the_first_of_two_crossings_is_found() -> None:
    """Looked at from before the clock turns back, the value leaves before it comes back."""
    catalog = make_catalog([], [], timezone="America/New_York")
    seen = local(NEW_YORK, 2024, 11, 2, 1, 30)
    at = local(NEW_YORK, 2024, 11, 2, 12, 0)
    change = window_change(LastWindow(Span(1, "d")), seen, at, catalog)
    assert change == local(NEW_YORK, 2024, 11, 3, 1, 30, fold=0)


def test_a_bound_that_stands_still_never_passes() -> None:
    assert passes(lambda _: date(2024, 1, 1), date(2024, 1, 1), jst(2024, 1, 1), TOKYO) is None


def test_a_calendar_window_changes_when_its_period_ends() -> None:
    catalog = make_catalog([], [])
    at = jst(2024, 3, 30)
    window = CalendarWindow("this_month")
    assert window_change(window, jst(2024, 3, 5), at, catalog) == jst(2024, 4, 1)
    assert window_change(window, date(2024, 4, 5), at, catalog) == jst(2024, 4, 1)


def test_instants_outside_the_calendar_stay_at_its_ends() -> None:
    assert step_instant(jst(2024, 1, 1), Span(-9000, "y"), TOKYO).year <= 1
    assert step_instant(jst(2024, 1, 1), Span(999_999, "w"), TOKYO).year == 9999
    assert instant_of(datetime.fromisoformat("2024-01-01"), TOKYO) == jst(2024, 1, 1)
