"""When contacts may be made: quiet hours and the business calendar."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from enishi.gate.bodies import DAYS, BusinessHours, QuietHours
from enishi.kernel.business_days import BusinessCalendar, instant

_DAY = timedelta(days=1)


def quiet_until(body: QuietHours, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours that `at` lies in end, in UTC; None outside of them.

    They begin on the weekdays named, by the person's clock; the end itself is not quiet.
    """
    today = at.astimezone(zone).date()
    ends = []
    for day in (today - _DAY, today):
        if DAYS[day.weekday()] not in body.weekdays:
            continue
        begin = instant(day, body.begin, zone)
        end = instant(day if body.end > body.begin else day + _DAY, body.end, zone)
        if begin <= at < end:
            ends.append(end)
    return max(ends, default=None)


def closed_until(
    body: BusinessHours, at: datetime, calendar: BusinessCalendar, zone: ZoneInfo, branch: str
) -> datetime | None:
    """When business begins again, in UTC; None while it is open. By the person's clock."""
    if body.hours:
        opens = calendar.next_open(at, zone, branch)
        return opens if opens > at else None
    day = at.astimezone(zone).date()
    if calendar.is_business_day(day):
        return None
    return instant(calendar.next_business_day(day), time(0), zone)
