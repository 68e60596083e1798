"""The policies in force, read once and kept until the book says that they have changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from django.db import connection
from django.db.models import F

from enishi.book.workspace import current_workspace
from enishi.gate.asking import catalog
from enishi.gate.bodies import BODY, DAYS, CalendarBody, DayName, OpeningHours
from enishi.gate.book_rows import rows
from enishi.gate.models import CalendarSettings, GateState, PolicyVersion
from enishi.gate.policy_set import InForce, PolicySet
from enishi.kernel.business_days import BusinessCalendar, Hours
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text

_kept: dict[str, tuple[int, PolicySet]] = {}
_lock = threading.Lock()


def policies_in_force() -> PolicySet:
    """All published policies with the calendar; one small query when nothing has changed."""
    book = str(connection.settings_dict["NAME"])
    told = rows("SELECT stamp FROM gate_gatestate WHERE id = 1")
    stamp = told[0][0] if told else 0
    kept = _kept.get(book)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    with _lock:
        found = _read()
        _kept.clear()
        _kept[book] = (stamp, found)
    return found


def stamp_change() -> None:
    """Tell every process, in the unit that is open, that the gate decides otherwise now."""
    if not GateState.objects.filter(id=1).update(stamp=F("stamp") + 1):
        GateState.objects.get_or_create(id=1, defaults={"stamp": 1})


def _read() -> PolicySet:
    versions = (
        PolicyVersion.objects.select_related("policy")
        .filter(state="published", policy__retired_at__isnull=True)
        .order_by("policy__created_at", "policy_id")
    )
    return policy_set(
        tuple(InForce(row.id, row.policy.slug, BODY.validate_python(row.body)) for row in versions)
    )


def policy_set(policies: tuple[InForce, ...]) -> PolicySet:
    """Policies with this workspace's calendar, zone and words."""
    return PolicySet(policies, as_calendar(calendar_body()), current_workspace().zone, _purposes())


def _purposes() -> Mapping[str, Text]:
    try:
        return {name: purpose.label for name, purpose in catalog().purposes.items()}
    except EnishiError:
        return {}  # sentences then show the names


def calendar_body() -> CalendarBody:
    """The calendar as it is set; the default one where nobody has."""
    row = CalendarSettings.objects.filter(name="default").first()
    return CalendarBody() if row is None else CalendarBody.model_validate(row.body)


def as_calendar(body: CalendarBody) -> BusinessCalendar:
    """The calendar that decisions use."""
    return BusinessCalendar(
        hours=_hours(body.hours),
        branches={name: _hours(hours) for name, hours in body.branches.items()},
        holidays=body.national_holidays,
        closed_yearly=frozenset((int(d[:2]), int(d[3:])) for d in body.closed_yearly),
        closed={one.day: one.name for one in body.closed},
        opened={one.day: one.name for one in body.opened},
    )


def _hours(body: Mapping[DayName, OpeningHours]) -> dict[int, Hours]:
    return {DAYS.index(name): (one.opens, one.closes) for name, one in body.items()}
