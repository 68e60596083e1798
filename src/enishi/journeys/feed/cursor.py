"""How far each thing that journeys follow has been read, kept in the units that take it in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from enishi.journeys.models import Followed


def followed(name: str, default: Mapping[str, Any]) -> dict[str, Any]:
    """How far something has been read; `default` where nobody has begun."""
    row = Followed.objects.filter(name=name).first()
    return dict(default) if row is None else dict(row.value)


def follow(name: str, value: Mapping[str, Any], at: datetime) -> None:
    """Keep, in the unit that is open, how far something has been read."""
    Followed.objects.update_or_create(name=name, defaults={"value": dict(value), "at": at})
