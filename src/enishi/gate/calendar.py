"""The business calendar as it is set: read, changed, and shown day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.unit import work
from enishi.gate.bodies import CalendarBody
from enishi.gate.in_force import as_calendar, calendar_body, stamp_change
from enishi.gate.models import CalendarSettings
from enishi.kernel.text import Text

__all__ = ["CalendarBody", "Day", "calendar_body", "days", "save"]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar: open from `opens` to `closes`, or closed and why (where named)."""

    day: date
    open: bool
    opens: time | None
    closes: time | None
    name: Text | None


def save(body: CalendarBody, *, at: datetime, actor: Actor) -> CalendarBody:
    """Set the calendar; decisions use it from the next one on. Audited."""
    with work("calendar.save"):
        CalendarSettings.objects.update_or_create(
            name="default",
            defaults={
                "body": body.model_dump(mode="json"),
                "updated_by": actor.user_id,
                "updated_at": at,
            },
        )
        stamp_change()
        audit.record(actor, "calendar.save", "calendar", "default", {})
    return body


def days(body: CalendarBody, first: date, count: int, *, branch: str = "") -> list[Day]:
    """`count` days from `first`, for one branch."""
    calendar = as_calendar(body)
    found = []
    for n in range(count):
        day = first + timedelta(days=n)
        hours = calendar.hours_on(day, branch)
        opens, closes = hours or (None, None)
        found.append(Day(day, hours is not None, opens, closes, calendar.why_closed(day)))
    return found
