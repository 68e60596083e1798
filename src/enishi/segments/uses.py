"""What uses a segment: other segments, row scopes, and whatever other packages tell of.

A package further down that names segments in rules of its own registers how to find them, in its
`AppConfig.ready`: `register(tell)`, where `tell(slug)` gives `Use`s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from django.db.models import F

from enishi.book.scopes import roles
from enishi.book.sets import SETS
from enishi.segments.models import SegmentVersion
from enishi.segments.naming import sets_named


@dataclass(frozen=True, slots=True)
class Use:
    """One thing whose rule names the segment. `id` leads to it in the interface."""

    kind: Literal["segment", "list", "definition", "scope", "journey"]
    id: str
    name: str


_tellers: list[Callable[[str], Iterable[Use]]] = []


def register(tell: Callable[[str], Iterable[Use]]) -> None:
    """Let a package tell what of its own uses a segment; registering twice counts once."""
    if tell not in _tellers:
        _tellers.append(tell)


def deciding_scopes() -> frozenset[str]:
    """The segments that decide a role's row scope: named in one, or leant on by one that is."""
    named = frozenset[str]().union(
        *(sets_named(role.scope)[0] for role in roles() if role.scope is not None)
    )
    known = SETS.segments() if named else {}
    return named.union(*(known[slug].uses for slug in named if slug in known))


def uses_of(slug: str) -> list[Use]:
    """Everything in use that names the segment itself."""
    found = [
        Use("segment", row.segment.slug, row.segment.name)
        for row in SegmentVersion.objects.select_related("segment")
        .filter(segment__archived_at__isnull=True, number=F("segment__version"))
        .order_by("segment__slug")
        if slug in row.uses
    ]
    found += [
        Use("scope", role.name, role.label.ja)
        for role in roles()
        if role.scope is not None and slug in sets_named(role.scope)[0]
    ]
    for tell in _tellers:
        found += tell(slug)
    return found
