"""The segments that rules may name: those in use, with all they lean on through each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from enishi.catalog.sets import SegmentInfo
from enishi.kernel.text import Text
from enishi.segments.models import SegmentVersion


@dataclass(frozen=True, slots=True)
class _Own:
    """A segment and what its own wording names."""

    label: Text
    subject: str
    fields: frozenset[tuple[str, str]]
    datasets: frozenset[str]
    uses: frozenset[str]


def segments_of_book() -> Mapping[str, SegmentInfo]:
    """Every segment that is not archived, by slug; what it leans on includes what those it names
    lean on."""
    own = {str(row["segment__slug"]): _own(row) for row in _rows()}
    return {slug: _whole(slug, own) for slug in own}


def _rows() -> Iterable[Mapping[str, Any]]:
    found = SegmentVersion.objects.filter(
        segment__archived_at__isnull=True, number=F("segment__version")
    )
    return found.values(
        "segment__slug", "segment__name", "segment__name_en", "segment__subject",
        "fields", "datasets", "uses",
    )  # fmt: skip


def _own(row: Mapping[str, Any]) -> _Own:
    return _Own(
        Text(row["segment__name"], row["segment__name_en"] or row["segment__name"]),
        row["segment__subject"],
        frozenset((dataset, field) for dataset, field in row["fields"]),
        frozenset(row["datasets"]),
        frozenset(row["uses"]),
    )


def _whole(slug: str, own: Mapping[str, _Own]) -> SegmentInfo:
    reached: set[str] = set()
    waiting = list(own[slug].uses)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += own[name].uses if name in own else ()
    all_ = [own[slug], *(own[name] for name in reached if name in own)]
    return SegmentInfo(
        slug,
        own[slug].label,
        own[slug].subject,
        frozenset[tuple[str, str]]().union(*(one.fields for one in all_)),
        frozenset[str]().union(*(one.datasets for one in all_)),
        frozenset(reached),
    )
