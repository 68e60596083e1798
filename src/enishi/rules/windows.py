"""Windows and relative dates become literal bounds, stepped on the workspace's calendar.

Bounds are half open, `[start, end)`. Instants have microseconds as the warehouse has, so the
language's (as_of - D, as_of] is [as_of - D + 1 µs, as_of + 1 µs).
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from enishi.catalog.types import Catalog
from enishi.rules.tree import (
    CalendarWindow,
    LastWindow,
    Literal,
    NextWindow,
    Now,
    Operand,
    Point,
    Span,
    Today,
    Window,
)

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
FIRST_INSTANT = datetime(1, 1, 3, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 29, tzinfo=UTC)

CALENDAR_NAMES = (
    "today",
    "yesterday",
    "tomorrow",
    *(f"{when}_{unit}" for unit in ("week", "month", "quarter", "year")
      for when in ("this", "last", "next")),
    *(f"{when}_{unit}" for unit in ("fiscal_quarter", "fiscal_year") for when in ("this", "last")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateBounds:
    """The dates `start <= d < end`; None: open."""

    start: date | None
    end: date | None

    def holds(self, day: date) -> bool:
        return (self.start is None or day >= self.start) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class InstantBounds:
    """The instants `start <= t < end`, aware, UTC; None: open."""

    start: datetime | None
    end: datetime | None

    def holds(self, instant: datetime) -> bool:
        return (self.start is None or instant >= self.start) and (
            self.end is None or instant < self.end
        )


# ── the local calendar ───────────────────────────────────────────────────────────────────────────


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a local time: the first of a double one, the next after a missing one."""
    try:
        before = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if before.astimezone(zone).replace(tzinfo=None) == local:
            return before
        low = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    except OverflowError:
        return FIRST_INSTANT if local.year < 5000 else LAST_INSTANT
    # In a gap the clock jumps somewhere in (low, before]: find that instant.
    high, offset = before, low.astimezone(zone).utcoffset()
    while high - low > TICK:
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day."""
    return instant_of(datetime.combine(day, time.min), zone)


def step_date(day: date, span: Span) -> tuple[date, bool]:
    """`day` moved by `d w mo y`, and whether a month step had to be clamped to its last day.

    Past the calendar's ends it stays at the end.
    """
    if span.unit in ("d", "w"):
        try:
            return day + timedelta(days=span.amount * (7 if span.unit == "w" else 1)), False
        except OverflowError:
            return (date.max if span.amount > 0 else date.min), False
    month = day.year * 12 + day.month - 1 + span.amount * (12 if span.unit == "y" else 1)
    year, month = divmod(month, 12)
    if not 1 <= year <= 9999:
        return (date.max if span.amount > 0 else date.min), False
    last = months.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)), day.day > last


def elapsed(span: Span) -> timedelta:
    """A length of `m h d w` as elapsed time: a day is 24 hours."""
    return timedelta(minutes=span.amount * _MINUTES[span.unit])


_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10_080}


def step_instant(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """`instant` moved by a span. `m h` are elapsed time; the rest keep the local time of day.

    A clamped month step goes to the end of that last day, which is the next midnight.
    """
    if span.amount == 0:
        return instant
    try:
        if span.exact:
            return instant + timedelta(minutes=span.amount * (60 if span.unit == "h" else 1))
        local = instant.astimezone(zone).replace(tzinfo=None)
        day, clamped = step_date(local.date(), span)
        if clamped:
            return midnight(day + DAY, zone)
        return instant_of(datetime.combine(day, local.time()), zone)
    except OverflowError:
        return FIRST_INSTANT if span.amount < 0 else LAST_INSTANT


def period(name: str, today: date, catalog: Catalog) -> tuple[date, date]:
    """First day and the day after the last of a calendar name, seen from `today`."""
    if name in ("today", "yesterday", "tomorrow"):
        start = today + DAY * {"today": 0, "yesterday": -1, "tomorrow": 1}[name]
        return start, start + DAY
    when, _, unit = name.partition("_")
    shift = {"this": 0, "last": -1, "next": 1}[when]
    if unit == "week":
        start = today - DAY * ((today.weekday() - catalog.week_start) % 7) + DAY * 7 * shift
        return start, start + DAY * 7
    length = {"month": 1, "quarter": 3, "fiscal_quarter": 3}.get(unit, 12)
    origin = catalog.fiscal_year_start - 1 if unit.startswith("fiscal") else 0
    index = today.year * 12 + today.month - 1
    first = index - (index - origin) % length + shift * length
    return _month(first), _month(first + length)


def _month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


# ── points and windows at an instant ─────────────────────────────────────────────────────────────


def is_point(operand: Operand) -> bool:
    """Whether an operand is known without any row."""
    return isinstance(operand, (Literal, Today, Now))


def point(operand: Point, at: datetime, zone: ZoneInfo) -> object:
    """The value of a literal or relative operand at an instant (a date, an instant, a scalar)."""
    if isinstance(operand, Today):
        return step_date(local_date(at, zone), operand.span)[0]
    if isinstance(operand, Now):
        return step_instant(at, operand.span, zone)
    return operand.value


def date_bounds(window: Window, at: datetime, catalog: Catalog) -> DateBounds:
    """The dates a window holds, seen from the instant `at`."""
    today = local_date(at, catalog.zone)
    if isinstance(window, LastWindow):
        return DateBounds(_after(step_date(today, -window.span)[0]), _after(today))
    if isinstance(window, NextWindow):
        if window.span.unit in ("d", "w"):
            return DateBounds(today, step_date(today, window.span)[0])
        end, clamped = step_date(today, window.span)
        return DateBounds(today, _after(end) if clamped else end)
    if isinstance(window, CalendarWindow):
        return DateBounds(*period(window.name, today, catalog))
    return DateBounds(
        *(
            None if edge is None else as_date(point(edge, at, catalog.zone), catalog.zone)
            for edge in (window.start, window.end)
        )
    )


def instant_bounds(window: Window, at: datetime, catalog: Catalog) -> InstantBounds:
    """The instants a window holds, seen from the instant `at`."""
    zone = catalog.zone
    if isinstance(window, LastWindow):
        return InstantBounds(step_instant(at, -window.span, zone) + TICK, at + TICK)
    if isinstance(window, NextWindow):
        return InstantBounds(at + TICK, step_instant(at, window.span, zone) + TICK)
    if isinstance(window, CalendarWindow):
        start, end = period(window.name, local_date(at, zone), catalog)
        return InstantBounds(midnight(start, zone), midnight(end, zone))
    return InstantBounds(
        *(
            None if edge is None else as_instant(point(edge, at, zone), zone)
            for edge in (window.start, window.end)
        )
    )


def as_date(value: object, zone: ZoneInfo) -> date:
    """A date, or the local date of an instant."""
    if isinstance(value, datetime):
        return local_date(value, zone)
    assert isinstance(value, date)
    return value


def as_instant(value: object, zone: ZoneInfo) -> datetime:
    """An instant, or the local midnight of a date."""
    if isinstance(value, datetime):
        return value
    assert isinstance(value, date)
    return midnight(value, zone)


def _after(day: date) -> date:
    return day if day == date.max else day + DAY


# ── anniversaries and ages ───────────────────────────────────────────────────────────────────────


def anniversary(born: date, year: int) -> date:
    """The anniversary of a date in a year: 29 February counts on the 28th in other years."""
    if (born.month, born.day) == (2, 29) and not months.isleap(year):
        return date(year, 2, 28)
    return date(year, born.month, born.day)


def age(born: date, today: date) -> int:
    """Completed years; who was born on 29 February ages on the 28th."""
    years = today.year - born.year
    return years - (today < anniversary(born, today.year))
