"""The local midnights that come twice or not at all, where engines disagree about the instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from enishi.rules.windows import midnight

_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)


@lru_cache(maxsize=16)
def odd_midnights(timezone: str) -> tuple[tuple[date, datetime], ...]:
    """Dates from 1900 to 2099 whose midnight is missing or double, with their first instants.

    Clocks change at most once in a week: only weeks at whose ends they differ are looked into.
    """
    zone = ZoneInfo(timezone)
    found = []
    here, offset = _FIRST, _FIRST.astimezone(zone).utcoffset()
    while here < _LAST:
        following = here + _STEP
        after = following.astimezone(zone).utcoffset()
        if after != offset:
            first = here.astimezone(zone).date() - timedelta(days=1)
            days = [first + timedelta(days=n) for n in range(10)]
            found += [(day, midnight(day, zone)) for day in days if _odd(day, zone)]
        here, offset = following, after
    return tuple(sorted(set(found)))


def _odd(day: date, zone: ZoneInfo) -> bool:
    local = datetime.combine(day, time.min)
    return (
        local.replace(tzinfo=zone, fold=0).utcoffset()
        != local.replace(tzinfo=zone, fold=1).utcoffset()
    )
