"""What the endpoints of crossings answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema


class CrossingRow(Schema):
    """One entry or exit. `display` is masked as for the role; `cause`: an event, the passing of
    time, or a refresh."""

    crossing_id: str
    event: Literal["segment_entered", "segment_left"]
    at: datetime
    segment: str
    cause: Literal["event", "time", "refresh"]
    id: str
    key: str | None
    display: str | None


class CrossingsOut(Schema):
    """The newest first, of people in one's row scope."""

    items: list[CrossingRow]
