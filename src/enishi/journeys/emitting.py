"""What journeys tell everybody else: their own events, written to the log.

Two kinds: what the steps `update` and `score` say (`models.Emitted`, written with the walk), and
what happened to walks, read from their story: `journey_entered`, `journey_goal_reached`,
`journey_exited`. They carry the entry key only where it says no more of a person than properties of
events may. Told at least once; the drain drops copies by the message id, so they count once.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence, Set
from typing import Any

from django.db import connection
from django.db.models import Max, Q

from enishi.book.unit import crash_point, work
from enishi.catalog.types import Catalog, Pii
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.inside.keys import level
from enishi.journeys.models import Emitted, Enrollment, EnrollmentMove, Journey, JourneyVersion
from enishi.sources.own_events import OwnEvent, Teller

SHARD = "journeys"
ENTERED, GOAL, EXITED = "journey_entered", "journey_goal_reached", "journey_exited"
AT_ONCE = 500
_GOALS = ("goal", "goal_reached")
_CURSOR = "told_moves"
SETTLED = 5.0
"""Seconds after which every unit that took a number of a move has committed (PostgreSQL)."""
_seen: deque[tuple[float, int]] = deque(maxlen=1000)
_teller = Teller(SHARD, _seen.clear)


def run_once(context: Any) -> bool:
    """Tell a slice of what has not been told; whether there may be more."""
    if context.warehouse.catalog.stream is None:
        return False
    _teller.rest()
    return _tell_emitted(context) or _tell_moves(context)


def _tell(context: Any, told: Sequence[OwnEvent]) -> None:
    held = context.warehouse
    _teller.tell(told, context.workspace, held.engine, held.catalog, context.clock())
    crash_point("journeys.told")


# ── what steps say ───────────────────────────────────────────────────────────────────────────────


def _tell_emitted(context: Any) -> bool:
    rows = list(Emitted.objects.order_by("at", "key")[:AT_ONCE])
    if not rows:
        return False
    _tell(context, [OwnEvent(row.key, row.person, row.event, row.at, row.values) for row in rows])
    with work("journeys.told"):
        Emitted.objects.filter(key__in=[row.key for row in rows]).delete()
    return True


# ── what happened to walks ───────────────────────────────────────────────────────────────────────


def _tell_moves(context: Any) -> bool:
    value = followed(_CURSOR, {"id": 0})
    bound = _bound()
    if bound <= value["id"]:
        return False
    rows = list(
        EnrollmentMove.objects.filter(
            Q(code="entered") | Q(code__in=_GOALS) | Q(to__isnull=True),
            id__gt=value["id"], id__lte=bound,
        ).order_by("id")[:AT_ONCE]
    )  # fmt: skip
    _tell(context, _events(rows, context.warehouse.catalog))
    last = rows[-1].id if len(rows) == AT_ONCE else bound
    with work("journeys.told"):
        follow(_CURSOR, {"id": last}, context.clock())
    return bool(rows)


def _bound() -> int:
    """The last move of which it is certain that none before it is still to be seen."""
    newest = EnrollmentMove.objects.aggregate(last=Max("id"))["last"] or 0
    if connection.vendor != "postgresql":
        return int(newest)  # one unit after another
    at = time.monotonic()
    if not _seen or at - _seen[-1][0] >= SETTLED / 50:
        _seen.append((at, int(newest)))
    settled = [number for seen, number in _seen if at - seen >= SETTLED]
    return settled[-1] if settled else 0


def _events(rows: Sequence[EnrollmentMove], catalog: Catalog) -> list[OwnEvent]:
    walks = {
        walk: (journey, version, key, person)
        for walk, journey, version, key, person in Enrollment.objects.filter(
            id__in={row.enrollment_id for row in rows}
        ).values_list("id", "journey", "version", "key", "person")
    }
    slugs = dict(
        Journey.objects.filter(id__in={one[0] for one in walks.values()}).values_list("id", "slug")
    )
    told = _tellable({(one[0], one[1]) for one in walks.values() if one[2]}, catalog)
    found: list[OwnEvent] = []
    for row in rows:
        if row.enrollment_id not in walks:
            continue
        journey, version, key, person = walks[row.enrollment_id]
        about: dict[str, Any] = {
            "journey": slugs.get(journey, ""), "version": version, "walk": row.enrollment_id,
        }  # fmt: skip
        if key and (journey, version) in told:
            about["key"] = key
        found += [
            OwnEvent(f"journey:{row.id}:{name}", person, name, row.at, about | more)
            for name, more in _names(row)
        ]
    return found


def _tellable(used: Set[tuple[str, int]], catalog: Catalog) -> set[tuple[str, int]]:
    """Of these versions (journey, number) those whose keys are no more personal than the properties
    of events: a key may hold a date that hardly anybody sees."""
    if not used:
        return set()
    rows = JourneyVersion.objects.filter(
        journey__in={journey for journey, _ in used}, number__in={number for _, number in used}
    ).values_list("journey_id", "number", "body")
    return {
        (journey, number)
        for journey, number, body in rows
        if (journey, number) in used and level(read_draft(body).body, catalog) != Pii.HIGH
    }


def _names(row: EnrollmentMove) -> list[tuple[str, dict[str, Any]]]:
    """The events that one line of a story is, with what each says beside the journey."""
    found: list[tuple[str, dict[str, Any]]] = []
    if row.code == "entered":
        found.append((ENTERED, {}))
    if row.code in _GOALS:
        found.append((GOAL, {"step": row.step or ""}))
    if "end" in row.detail:
        found.append((EXITED, {"step": row.step or "", "end": row.detail["end"]}))
    return found
