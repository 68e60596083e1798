"""The versions that people walk by, made ready once and kept; the journeys they belong to."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from enishi.book.workspace import current_workspace
from enishi.gate.in_force import policies_in_force
from enishi.journeys.graph import JourneyBody
from enishi.journeys.models import Journey, JourneyVersion
from enishi.journeys.types import JourneyState, VersionState
from enishi.journeys.walking.ready import Ready

MOVING = (JourneyState.LIVE, JourneyState.CLOSING)
"""The states of a journey in which people go on."""

_MOST = 500
_kept: dict[tuple[str, str, int], Ready] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Known:
    """A journey as it is now. `halted`: nobody moves."""

    id: str
    slug: str
    state: JourneyState
    priority: int

    @property
    def halted(self) -> bool:
        return self.state not in MOVING


def journeys(ids: Iterable[str] | None = None) -> Mapping[str, Known]:
    """Journeys by their ids; without ids those in which people go on, of high priority first."""
    rows = Journey.objects.order_by("-priority", "created_at", "id")
    rows = rows.filter(state__in=MOVING) if ids is None else rows.filter(id__in=set(ids))
    told = rows.values_list("id", "slug", "state", "priority")
    return {row[0]: Known(row[0], row[1], JourneyState(row[2]), row[3]) for row in told}


def behind() -> Mapping[int, int]:
    """Of each priority among the journeys in which people go on, how many are higher."""
    told = Journey.objects.filter(state__in=MOVING).order_by("-priority")
    found = told.values_list("priority", flat=True).distinct()
    return {priority: place for place, priority in enumerate(found)}


def readies(wanted: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], Ready]:
    """Versions by (journey id, number). A version that is gone has no steps.

    What people walk by never changes; a changed calendar has them all made anew.
    """
    asked = set(wanted)
    book = str(connection.settings_dict["NAME"])
    calendar = policies_in_force().calendar
    found: dict[tuple[str, int], Ready] = {}
    missing: set[tuple[str, int]] = set()
    for one in asked:
        known = _kept.get((book, *one))
        if known is not None and known.calendar == calendar:
            found[one] = known
        else:
            missing.add(one)
    if not missing:
        return found
    zone = current_workspace().zone
    bodies = _bodies(missing)
    with _lock:
        if len(_kept) > _MOST:
            _kept.clear()
        for one in missing:
            slug, body, fixed = bodies.get(one, ("", JourneyBody(purpose=""), False))
            found[one] = Ready(one[0], slug, one[1], body, zone, calendar)
            if fixed:
                _kept[book, *one] = found[one]
    return found


_Found = tuple[str, JourneyBody, bool]  # slug, body, whether it stays as it is


def _bodies(wanted: set[tuple[str, int]]) -> dict[tuple[str, int], _Found]:
    rows = JourneyVersion.objects.filter(
        journey_id__in={journey for journey, _ in wanted}
    ).values_list("journey_id", "number", "journey__slug", "body", "state")
    return {
        (journey, number): (
            slug,
            JourneyBody.model_validate(body),
            state in (VersionState.LIVE, VersionState.REPLACED),
        )
        for journey, number, slug, body, state in rows
        if (journey, number) in wanted
    }


def versions_of(journey: str) -> list[Ready]:
    """The versions of a journey that people may walk by."""
    numbers = JourneyVersion.objects.filter(
        journey_id=journey, state__in=(VersionState.LIVE, VersionState.REPLACED)
    ).values_list("number", flat=True)
    return list(readies((journey, number) for number in numbers).values())
