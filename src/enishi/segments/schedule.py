"""When a segment is due, how old it may become, and what it is shown as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from enishi.segments.models import Segment
from enishi.segments.types import BACKOFF, EVERY_DAY, GRACE, Kind, SegmentState

_EVERY = re.compile(r"([1-9][0-9]{0,3})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
NIGHTLY = time(0, 5)
"""When the nightly refresh is due, in the workspace's zone: calendar windows have just turned."""


def every(text: str) -> timedelta | None:
    """The time that `refresh_every` says; None when nothing is said."""
    found = _EVERY.fullmatch(text or "")
    return None if found is None else int(found[1]) * _UNITS[found[2]]


def next_night(after: datetime, zone: ZoneInfo) -> datetime:
    """The next nightly refresh after an instant."""
    day = after.astimezone(zone).date()
    tonight = datetime.combine(day, NIGHTLY, zone)
    if tonight.astimezone(UTC) <= after:
        tonight = datetime.combine(day + timedelta(days=1), NIGHTLY, zone)
    return tonight.astimezone(UTC)


def next_due(segment: Segment, after: datetime, zone: ZoneInfo) -> datetime | None:
    """When the clock next asks for a full refresh; None for a snapshot."""
    if segment.kind == Kind.SNAPSHOT:
        return None
    night = next_night(after, zone)
    wish = every(segment.refresh_every)
    return night if wish is None else min(night, after + wish)


def backoff(failures: int) -> timedelta:
    """How long after this many failures in a row the next try waits."""
    return BACKOFF[min(failures, len(BACKOFF)) - 1]


def promised(segment: Segment) -> timedelta | None:
    """How old the state may become; None for a snapshot, which is of its day."""
    if segment.kind == Kind.SNAPSHOT:
        return None
    return min(every(segment.refresh_every) or EVERY_DAY, EVERY_DAY)


def is_late(segment: Segment, at: datetime) -> bool:
    """Whether the last good state (or, without one, the segment itself) is older than promised."""
    wish = promised(segment)
    if wish is None:
        return False
    return at - (segment.as_of or segment.created_at) > wish + min(GRACE, wish)


def states_of(
    segments: Mapping[str, Segment],
    uses: Mapping[str, list[str]],
    running: Mapping[str, bool],
    at: datetime,
) -> dict[str, SegmentState]:
    """What each segment is shown as, by slug.

    `uses`: the segments each names itself; `running`: by segment id, of those with an unfinished
    refresh, whether it runs. A segment built on one that failed or is late is late itself.
    """
    found: dict[str, SegmentState] = {}

    def state(slug: str, on_the_way: frozenset[str]) -> SegmentState:
        if slug in found:
            return found[slug]
        segment = segments[slug]
        if segment.archived_at is not None:
            return SegmentState.ARCHIVED
        waits = running.get(segment.id)
        if waits or (waits is not None and segment.as_of is None and not segment.failures):
            return SegmentState.REFRESHING
        if segment.failures:
            return SegmentState.FAILED
        below = [
            state(one, on_the_way | {slug})
            for one in uses.get(slug, ())
            if one in segments and one not in on_the_way
        ]
        if segment.kind != Kind.SNAPSHOT and any(
            one in (SegmentState.FAILED, SegmentState.LATE) for one in below
        ):
            return SegmentState.LATE
        return SegmentState.LATE if is_late(segment, at) else SegmentState.FRESH

    for slug in segments:
        found[slug] = state(slug, frozenset())
    return found
