"""When somebody's answer is due again: in memory, up to the instant that has been foreseen.

Beyond that instant nothing is kept: who can change later is found again by `foresight`. So there
are as many timers as people can change within a quarter of an hour, not as there are people.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import datetime

EVERYBODY = "\0"
"""What stands in place of a person begins so where the whole segment is due."""


def everybody(due: datetime) -> str:
    """In place of a person: everybody, at this instant."""
    return EVERYBODY + due.isoformat()


class Timers:
    """(due, person, segment), each pair of person and segment once."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str, str]] = []
        self._due: dict[tuple[str, str], datetime] = {}

    def __len__(self) -> int:
        return len(self._due)

    def put(self, person: str, segment: str, due: datetime | None) -> None:
        """Let a person be due in a segment then, and at no other instant; None: at none."""
        known = self._due.pop((person, segment), None)
        if due is not None:
            self._due[person, segment] = due
            if known != due:
                heapq.heappush(self._heap, (due, person, segment))

    def add(self, person: str, segment: str, due: datetime) -> None:
        """Let a person be due in a segment by then: what is due earlier stays."""
        known = self._due.get((person, segment))
        if known is None or due < known:
            self.put(person, segment, due)

    def next(self) -> datetime | None:
        """The earliest instant at which anything is due."""
        while self._heap:
            due, person, segment = self._heap[0]
            if self._due.get((person, segment)) == due:
                return due
            heapq.heappop(self._heap)
        return None

    def take(self, until: datetime, most: int) -> Iterator[tuple[datetime, str, str]]:
        """Take out what is due at `until` or before, in order and up to `most`; where a whole
        segment is due it comes alone."""
        for nth in range(most):
            due = self.next()
            if due is None or due > until:
                return
            whole = self._heap[0][1].startswith(EVERYBODY)
            if whole and nth:
                return
            _, person, segment = heapq.heappop(self._heap)
            del self._due[person, segment]
            yield due, person, segment
            if whole:
                return

    def whole(self, until: datetime) -> set[str]:
        """The segments that are due as a whole by an instant."""
        return {
            segment for (person, segment), due in self._due.items()
            if due <= until and person.startswith(EVERYBODY)
        }  # fmt: skip

    def clear(self) -> None:
        """Nothing is due any more."""
        self._heap.clear()
        self._due.clear()
