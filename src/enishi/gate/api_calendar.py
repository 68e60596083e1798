"""The business calendar over HTTP: as it is set, and a year of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from ninja import Query

from enishi.book.clock import now
from enishi.book.http import Request, Router
from enishi.book.workspace import current_workspace
from enishi.gate import calendar
from enishi.gate.policy_schemas import CalendarIn, CalendarOut, DayOut
from enishi.kernel.business_days import FIRST_YEAR, LAST_YEAR
from enishi.kernel.text import Locale

router = Router(tags=["policies"])

_YEAR = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)]
_BRANCH = Annotated[str, Query(max_length=80)]


@router.get("/gate/calendar", permission="policies.read", response=CalendarOut)
def shown(request: Request, year: _YEAR = None, branch: _BRANCH = "") -> CalendarOut:
    """The business calendar, and every day of a year (this one if none is named)."""
    return _out(calendar.calendar_body(), year, branch, request.locale)


@router.put("/gate/calendar", permission="policies.write", response=CalendarOut)
def save(request: Request, body: CalendarIn) -> CalendarOut:
    """Set the calendar; the gate decides by it from the next question on."""
    body_now = calendar.save(body.body, at=now(), actor=request.actor)
    return _out(body_now, None, "", request.locale)


@router.post("/gate/calendar/preview", permission="policies.read", response=CalendarOut)
def preview(
    request: Request, body: CalendarIn, year: _YEAR = None, branch: _BRANCH = ""
) -> CalendarOut:
    """A year as it would be under a calendar that is not saved."""
    return _out(body.body, year, branch, request.locale)


def _out(body: calendar.CalendarBody, year: int | None, branch: str, locale: Locale) -> CalendarOut:
    wanted = year or now().astimezone(current_workspace().zone).year
    first = date(wanted, 1, 1)
    count = (date(wanted + 1, 1, 1) - first).days
    days = calendar.days(body, first, count, branch=branch)
    return CalendarOut(
        body=body,
        year=wanted,
        branch=branch,
        branches=sorted(body.branches),
        business_days=sum(day.open for day in days),
        days=[
            DayOut(
                day=day.day, open=day.open, opens=day.opens, closes=day.closes,
                name=None if day.name is None else day.name[locale],
            )
            for day in days
        ],
    )  # fmt: skip
