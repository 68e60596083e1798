"""The crossings one after another, as webhooks and streams follow them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from enishi.book.access import SYSTEM
from enishi.warehouse.process import warehouse


@dataclass(frozen=True, slots=True)
class Told:
    """One entry or exit as others are told of it. Ids grow: who has seen one has seen all before.

    `person` is an Enishi id.
    """

    id: str
    event: str  # segment_entered or segment_left
    at: datetime
    segment: str
    cause: str  # event, time or refresh
    person: str


Follow: TypeAlias = Callable[[str, int], list[Told]]
"""From the id of the last one seen, and a bound, to what follows."""


def since(after: str, limit: int) -> list[Told]:
    """At most `limit` crossings after one, in order, of everybody."""
    return [
        Told(
            row["crossing_id"], row["event"], datetime.fromisoformat(row["at"]).astimezone(UTC),
            row["segment"], row["cause"], row["id"],
        )
        for row in warehouse().crossings(actor=SYSTEM, after=after, limit=limit)
    ]  # fmt: skip


def newest() -> str:
    """The id of the newest crossing; empty when there is none."""
    found: str = warehouse().newest_crossing()
    return found
