"""Whose walks a user may see and count: by row scope or by a grant; else nothing (fail closed)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from enishi.book.access import Actor
from enishi.gate.asking import in_scope
from enishi.gate.visibility import visible
from enishi.journeys.models import Enrollment

MOST = 50_000
"""Up to so many people are sorted out for a user with a row scope; beyond it nothing is counted."""


def sees_all(actor: Actor) -> bool:
    """Whether every person is the actor's to see."""
    return actor.scope is None


def seen(actor: Actor, persons: Iterable[str]) -> set[str]:
    """Those of these people whom the actor may see."""
    wanted = set(persons)
    return wanted if sees_all(actor) else visible(actor, wanted, in_scope)


def persons_seen(actor: Actor, journeys: Sequence[str]) -> set[str] | None:
    """Of everybody ever inside these journeys, those whom the actor may see.

    None: the actor sees everybody. Raises TooMany where they are too many to be sorted out.
    """
    if sees_all(actor):
        return None
    rows = Enrollment.objects.filter(journey__in=journeys).values_list("person", flat=True)
    persons = list(rows.distinct()[: MOST + 1])
    if len(persons) > MOST:
        raise TooMany
    return seen(actor, persons)


class TooMany(Exception):
    """More people than are sorted out for one answer."""
