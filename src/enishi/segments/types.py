"""The words of segments: their kinds, the states they show, and the states of a refresh.

Refresh (one attempt to bring a segment up to date)

    queued ──▶ running ──▶ done
       │          ├──────▶ failed        the last good state stands; the next try is queued
       └──────────┴──────▶ cancelled     (once its change is in the warehouse it can only be done)

Of one segment at most one refresh is queued and at most one is running, so two wishes at once
follow each other. A running refresh whose worker died is taken up again when its lease is over;
what it had already committed to the warehouse is found there by its id and not done twice.

Segment (what a reader is shown; worked out from what is stored, never stored itself)

    archived     kept, no longer refreshed, not to be named in rules
    refreshing   a refresh is running, or the first one waits
    failed       the last refresh failed; size and members are those of the last good one
    late         the last good state is older than promised, or built on one that is
    fresh        none of these
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    DYNAMIC = "dynamic"
    """Everybody for whom the rule is true, kept fresh."""
    SNAPSHOT = "snapshot"
    """Everybody for whom the rule was true when it was taken; taken again only on demand."""
    RANKED = "ranked"
    """The first `n` by a value of those for whom the rule is true, overall or of each group."""
    ONE_PER_GROUP = "one_per_group"
    """The first by a value in each group; who has no group stands alone."""


RANKS = (Kind.RANKED, Kind.ONE_PER_GROUP)


class SegmentState(StrEnum):
    FRESH = "fresh"
    REFRESHING = "refreshing"
    LATE = "late"
    FAILED = "failed"
    ARCHIVED = "archived"


class RefreshState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (RefreshState.QUEUED, RefreshState.RUNNING)


class Mode(StrEnum):
    FULL = "full"
    """Everybody is asked about, and what was stored is compared with it."""
    INCREMENTAL = "incremental"
    """Only those are asked about whom rows loaded since the last refresh lead to."""


class Cause(StrEnum):
    """Why a refresh was queued."""

    CREATED = "created"
    VERSION = "version"
    BY_HAND = "by_hand"
    LOAD = "load"
    NIGHTLY = "nightly"
    SCHEDULE = "schedule"
    RETRY = "retry"


EVERY_DAY = timedelta(days=1)
GRACE = timedelta(hours=2)
"""How long after its promise a state is not yet called late: the nightly refresh takes its time."""

BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
"""How long after the first, second… failure in a row the next try waits; the last one repeats."""
