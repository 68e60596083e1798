"""When a step is over: durations, windows and dates on the workspace's local calendar.

Days, weeks, months and years step the local calendar and keep the time of day: from the 31st a
month leads to the last day of the next. A local time that the clocks skip is the next that exists,
one that comes twice is the first. Minutes and hours are elapsed time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from enishi.kernel.business_days import BusinessCalendar
from enishi.rules.tree import Span
from enishi.rules.windows import LAST_INSTANT, instant_of, local_date, step_date

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_LONGEST_SEARCH = 800  # days: a window that never opens in two years opens never


@lru_cache(maxsize=8192)
def later(at: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """`at` moved on by a length, in UTC."""
    try:
        if span.exact:
            return at + timedelta(minutes=span.amount * (60 if span.unit == "h" else 1))
        local = at.astimezone(zone).replace(tzinfo=None)
        day, _ = step_date(local.date(), span)
        return instant_of(datetime.combine(day, local.time()), zone)
    except OverflowError:
        return LAST_INSTANT


def on_day(value: date, offset: Span, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a local time on a date (or an instant's local date) moved by an offset."""
    day = local_date(value, zone) if isinstance(value, datetime) else value
    moved, _ = step_date(day, offset)
    return instant_of(datetime.combine(moved, at), zone)


def opening(
    at: datetime,
    since: time,
    until: time,
    weekdays: Sequence[str],
    calendar: BusinessCalendar | None,
    zone: ZoneInfo,
) -> datetime:
    """`at` inside a window of local time, else the instant at which the next one begins.

    A window whose end lies before its start spans the night; the weekday and the business day are
    those on which it begins. Start and end alike: the instant alone. The end itself is outside.
    `calendar`: only its business days. `LAST_INSTANT` where no such day comes in two years.
    """
    day = local_date(at, zone) - _DAY
    for _ in range(_LONGEST_SEARCH):
        if (not weekdays or WEEKDAYS[day.weekday()] in weekdays) and (
            calendar is None or calendar.is_business_day(day)
        ):
            begins = instant_of(datetime.combine(day, since), zone)
            ends = instant_of(datetime.combine(day + _DAY * (until < since), until), zone)
            if at <= begins:
                return begins
            if at < ends:
                return at
        day += _DAY
    return LAST_INSTANT
