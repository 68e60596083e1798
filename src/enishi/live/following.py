"""The crossings one after another, as webhooks and streams follow them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Crossing:
    """One entry or exit. Ids grow: who has seen one has seen all before it. `person` is an Enishi
    id."""

    id: str
    event: str  # segment_entered or segment_left
    at: datetime
    segment: str
    cause: str  # event, time or refresh
    person: str


Follow: TypeAlias = Callable[[str, int, Sequence[str] | None], list[Crossing]]
"""From the id of the last one seen, a bound and the segments wished (None: all) to what follows."""


def since(after: str, limit: int, segments: Sequence[str] | None = None) -> list[Crossing]:
    """At most `limit` crossings after one, in order."""
    from enishi.live import service

    return [_read(row) for row in service.crossings_since(after, limit, segments)]


def newest() -> str:
    """The id of the newest crossing; empty when there is none."""
    from enishi.live import service

    return service.newest_crossing()


def _read(row: Mapping[str, Any]) -> Crossing:
    return Crossing(
        row["crossing_id"], row["event"], row["ts"], row["segment"], row["cause"], row["_id"]
    )
