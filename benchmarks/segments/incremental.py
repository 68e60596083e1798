"""Fifty segments after a few events more: only the persons touched are asked about again."""

from __future__ import annotations

from typing import Any

from benchmarks.segments.data import Size, bring, events
from benchmarks.segments.fifty import Fifty
from benchmarks.segments.ground import Ground
from benchmarks.segments.timing import median, timed

_ROUNDS = 3


def measure_incremental(ground: Ground, segments: Fifty, size: Size) -> dict[str, Any]:
    """New events come in, then the segments follow; what is stored is checked against the truth."""
    found: dict[str, Any] = {}
    first = size.events
    for count in (1_000, 10_000):
        appended, refreshed, touched = [], [], 0
        for _ in range(_ROUNDS):
            rows = events(size, first, count, late=True)
            first += count
            took, _new = timed(
                lambda rows=rows: bring(ground.engine, ground.catalog, "event", rows)
            )
            appended.append(took)
            took, outcomes = timed(lambda: segments.refresh(whole=False))
            refreshed.append(took)
            stored = [one.stored for one in outcomes if one.stored is not None]
            touched = max(one.touched or 0 for one in stored)
        segments.agree()
        found |= {
            f"{count}_events_append_ms": median([one.wall for one in appended]),
            f"{count}_events_refresh_ms": median([one.wall for one in refreshed]),
            f"{count}_events_refresh_cpu_ms": median([one.cpu for one in refreshed]),
            f"{count}_events_touched": touched,
        }
    return found
