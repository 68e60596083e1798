"""The segments that rules may name: those in use, with all they lean on through each other.

Stays are kept for ever: who has left a segment, or is in it until its new wording has decided, may
tell of fields that an earlier wording read. So `fields` are those of every wording.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from enishi.catalog.sets import SegmentInfo
from enishi.kernel.text import Text
from enishi.segments.models import Segment, SegmentVersion


@dataclass(frozen=True, slots=True)
class _Own:
    """A segment: what its wording in use names, and the fields and segments of all wordings."""

    label: Text
    subject: str
    datasets: frozenset[str]
    uses: frozenset[str]
    fields_ever: frozenset[tuple[str, str]]
    uses_ever: frozenset[str]


def segments_of_book() -> Mapping[str, SegmentInfo]:
    """Every segment that is not archived, by slug; what it leans on includes what those it names
    lean on."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in _rows():
        rows.setdefault(str(row["segment__slug"]), []).append(row)
    own = {slug: _own(of) for slug, of in rows.items()}
    return {slug: _whole(slug, own) for slug in own}


def _rows() -> Iterable[Mapping[str, Any]]:
    """Every wording of the segments that are not archived."""
    found = SegmentVersion.objects.filter(segment__archived_at__isnull=True)
    return found.values(
        "segment__slug", "segment__name", "segment__name_en", "segment__subject",
        "segment__version", "number", "fields", "datasets", "uses",
    )  # fmt: skip


def _own(wordings: Iterable[Mapping[str, Any]]) -> _Own:
    rows = list(wordings)
    row = next(one for one in rows if one["number"] == one["segment__version"])
    return _Own(
        Text(row["segment__name"], row["segment__name_en"] or row["segment__name"]),
        row["segment__subject"],
        frozenset(row["datasets"]),
        frozenset(row["uses"]),
        frozenset((dataset, field) for one in rows for dataset, field in one["fields"]),
        frozenset(name for one in rows for name in one["uses"]),
    )


def _whole(slug: str, own: Mapping[str, _Own]) -> SegmentInfo:
    now = _reached(slug, {name: one.uses for name, one in own.items()})
    ever = _reached(slug, {name: one.uses_ever for name, one in own.items()})
    return SegmentInfo(
        slug,
        own[slug].label,
        own[slug].subject,
        frozenset[tuple[str, str]]().union(
            *(own[name].fields_ever for name in (slug, *ever) if name in own)
        ),
        frozenset[str]().union(*(own[name].datasets for name in (slug, *now) if name in own)),
        now,
    )


def _reached(slug: str, uses: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """All that a segment leans on, however far."""
    reached: set[str] = set()
    waiting = list(uses[slug])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += uses.get(name, ())
    return frozenset(reached)


def segments_named(slugs: Iterable[str]) -> dict[str, Segment]:
    """The segments of these slugs, archived ones too; those the book does not know are left out."""
    return {found.slug: found for found in Segment.objects.filter(slug__in=list(slugs))}
