"""Holds on persons, for whoever has to stand still while there is one, or to end what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.db.models import Q, QuerySet

from enishi.gate.models import Restriction
from enishi.gate.types import RestrictionType

Listener: TypeAlias = Callable[[str], None]
"""Called with an Enishi id in the unit in which one of her holds begins or ends."""

_AT_ONCE = 500
_listening: list[Listener] = []


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force. `kind` is a `types.HoldKind`."""

    id: str
    person: str
    kind: str
    at: datetime


def listen(listener: Listener) -> None:
    """Have `listener` called inside every unit that begins or releases a hold; one that ends by
    itself, at its `until`, is told by nobody (see `changed`)."""
    if listener not in _listening:
        _listening.append(listener)


def tell(row: Restriction) -> None:
    """Tell, in the unit that is open, that a restriction has begun or ended."""
    if row.type == RestrictionType.HOLD:
        for listener in _listening:
            listener(row.person)


def holds_of(persons: Iterable[str], at: datetime) -> list[Hold]:
    """The holds in force at an instant on these persons."""
    wanted = sorted(set(persons))
    found: list[Hold] = []
    for start in range(0, len(wanted), _AT_ONCE):
        rows = _in_force(at).filter(person__in=wanted[start : start + _AT_ONCE])
        found += [Hold(*row) for row in rows.values_list("id", "person", "kind", "at")]
    return found


def changed(since: datetime | None, until: datetime) -> list[str]:
    """The persons of whom a hold has begun, ended or been released after `since` (None: who is
    held at all) and by `until`."""
    if since is None:
        rows = _in_force(until)
    else:
        rows = Restriction.objects.filter(type=RestrictionType.HOLD).filter(
            Q(at__gt=since, at__lte=until)
            | Q(until__gt=since, until__lte=until)
            | Q(released_at__gt=since, released_at__lte=until)
        )
    return sorted(set(rows.values_list("person", flat=True)))


def _in_force(at: datetime) -> QuerySet[Restriction]:
    return Restriction.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at),
        type=RestrictionType.HOLD, released_at__isnull=True, at__lte=at,
    )  # fmt: skip
