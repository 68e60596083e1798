"""What has failed while deciding live, and rests for a while: the log is drained all the same.

Where one rule cannot be decided, its segment rests; then a full refresh decides it and lets it back
in. Where it is anything else, all of live deciding rests; what comes meanwhile a refresh looks for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from enishi.live.types import LiveFault

SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(minutes=10)


class Resting:
    """Who rests until when. Not for several threads at a time."""

    def __init__(self) -> None:
        self._segments: dict[str, datetime] = {}
        self._until: datetime | None = None
        self._pause = SHORTEST

    def note(self, fault: LiveFault, at: datetime) -> None:
        """Let rest what has failed. Who fails again soon after a rest, rests longer."""
        if fault.slug is not None:
            self._segments[fault.slug] = at + LONGEST
            return
        if self._until is not None and at < self._until + LONGEST:
            self._pause = min(LONGEST, self._pause * 2)
        else:
            self._pause = SHORTEST
        self._until = at + self._pause

    def all_rest(self, at: datetime) -> bool:
        """Whether nothing is to be decided live."""
        return self._until is not None and at < self._until

    def segments(self, at: datetime) -> set[str]:
        """The segments that rest."""
        self._segments = {slug: until for slug, until in self._segments.items() if at < until}
        return set(self._segments)
