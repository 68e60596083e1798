"""Instants as people write them, and values as JSON carries them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """An ISO time (naive: in `zone`) or a date (its local midnight), as an aware UTC instant."""
    try:
        if len(text) == 10:
            local = datetime.combine(date.fromisoformat(text), time(), zone)
        else:
            found = datetime.fromisoformat(text)
            local = found.replace(tzinfo=zone) if found.tzinfo is None else found
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            Text(f"「{text}」は日時として読めません。", f"“{text}” is not a time."),
            Text(
                "2026-04-01 または 2026-04-01T09:00+09:00 のように書いてください。",
                "Write 2026-04-01 or 2026-04-01T09:00+09:00.",
            ),
            code="bad_instant",
        ) from error


def written(instant: datetime, zone: ZoneInfo) -> str:
    """An aware instant in ISO with the offset of `zone`."""
    return instant.astimezone(zone).isoformat()


def plain(value: object, zone: ZoneInfo) -> object:
    """A value as JSON: decimals as text (exact), times in ISO with the zone's offset.

    A naive time is one of the warehouse's, in UTC.
    """
    if isinstance(value, datetime):
        return written(value if value.tzinfo else value.replace(tzinfo=UTC), zone)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {str(key): plain(item, zone) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, zone) for item in value]
    return value
