"""Holds of the gate, told to the walks of whom they are on: complaint, inheritance, death…

What a walk knows is compared with what is in force, so that telling twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from enishi.book.clock import now
from enishi.book.unit import work
from enishi.gate.holding import Hold, changed, holds_of
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.models import Enrollment, Notice
from enishi.journeys.types import Heard, WalkState
from enishi.journeys.walking import store

RECONCILE = timedelta(minutes=1)
"""How often it is asked whose holds have ended by themselves."""
OVERLAP = timedelta(minutes=5)
"""So far is looked back beyond the last time: what was recorded late is found too."""
NAME = "holds"
_AT_ONCE = 200


def note(person: str) -> None:
    """Remember, in the unit that is open, that somebody's holds have changed."""
    unfinished = Enrollment.objects.filter(person=person).exclude(state=WalkState.ENDED)
    if unfinished.exists():
        Notice.objects.create(kind="hold", person=person, at=now())


def settle(persons: Collection[str], at: datetime) -> int:
    """Tell the walks of these people which holds have begun and which have been lifted, in the
    unit that is open; returns how many walks moved."""
    walks = list(
        Enrollment.objects.filter(person__in=sorted(set(persons)))
        .exclude(state=WalkState.ENDED)
        .order_by("id")
        .values_list("id", "person", "memory")
    )
    by_person: dict[str, list[Hold]] = {}
    for hold in holds_of({person for _, person, _ in walks}, at):
        by_person.setdefault(hold.person, []).append(hold)
    told: list[tuple[int, Heard]] = []
    for walk, person, memory in walks:
        known = {**memory.get("holds", {}), **memory.get("quiet", {})}
        there = {hold.id: hold for hold in by_person.get(person, [])}
        told += [
            (walk, Heard("hold", hold.at, hold.kind, {"id": hold.id}))
            for hold in there.values() if hold.id not in known
        ]  # fmt: skip
        told += [
            (walk, Heard("release", at, kind, {"id": number}))
            for number, kind in known.items() if number not in there
        ]  # fmt: skip
    return store.hear(told) if told else 0


def reconcile(at: datetime) -> bool:
    """Settle everybody whose holds have changed since the last time, also those that have ended by
    themselves; whether it was time to."""
    value = followed(NAME, {"at": None})
    last = None if value["at"] is None else datetime.fromisoformat(value["at"])
    if last is not None and last <= at < last + RECONCILE:
        return False
    persons = changed(None if last is None else min(last, at) - OVERLAP, at)
    for start in range(0, len(persons), _AT_ONCE):
        with work("journeys.holds"):
            settle(persons[start : start + _AT_ONCE], at)
    with work("journeys.holds"):
        follow(NAME, {"at": at.isoformat()}, at)
    return False
