"""Which journeys name a segment, for `segments.uses`."""

from __future__ import annotations

from collections.abc import Iterator

from enishi.journeys.models import JourneyVersion
from enishi.journeys.types import JourneyState, VersionState
from enishi.segments.naming import sets_named
from enishi.segments.uses import Use

_NAMING = (VersionState.DRAFT, VersionState.REVIEW, VersionState.LIVE)


def uses_of_segment(slug: str) -> Iterator[Use]:
    """Journeys that have not ended, of which the version in work or the live one names it."""
    rows = (
        JourneyVersion.objects.select_related("journey")
        .filter(state__in=_NAMING, journey__archived_at=None)
        .exclude(journey__state=JourneyState.ENDED)
        .order_by("journey__slug", "number")
    )
    told: set[str] = set()
    for row in rows:
        journey = row.journey
        if journey.slug not in told and slug in sets_named(row.body)[0]:
            told.add(journey.slug)
            yield Use("journey", journey.slug, journey.name)
