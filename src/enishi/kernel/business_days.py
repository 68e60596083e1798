"""The business calendar: 営業日, 国民の祝日, opening hours. Pure: days and times in, days out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from enishi.kernel.text import Text

FIRST_YEAR, LAST_YEAR = 2007, 2099
"""The years whose Japanese holidays are known: since the law's last great change, and as long as
the almanac's formulas for the equinoxes hold."""

_DAY = timedelta(days=1)
_LONGEST_SEARCH = 800  # days: a calendar closed for longer than that is no calendar

Hours = tuple[time, time]
"""Opening and closing time on one day, the closing exclusive."""


def _equinox(year: int, base: float) -> int:
    passed = year - 1980
    return int(base + 0.242194 * passed) - passed // 4


def _monday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (number - 1))


@lru_cache(maxsize=256)
def japanese_holidays(year: int) -> Mapping[date, Text]:
    """国民の祝日 of a year with 振替休日 and 国民の休日; none outside FIRST_YEAR to LAST_YEAR."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return {}
    found = {
        date(year, 1, 1): Text("元日", "New Year's Day"),
        _monday(year, 1, 2): Text("成人の日", "Coming of Age Day"),
        date(year, 2, 11): Text("建国記念の日", "National Foundation Day"),
        date(year, 3, _equinox(year, 20.8431)): Text("春分の日", "Vernal Equinox Day"),
        date(year, 4, 29): Text("昭和の日", "Showa Day"),
        date(year, 5, 3): Text("憲法記念日", "Constitution Memorial Day"),
        date(year, 5, 4): Text("みどりの日", "Greenery Day"),
        date(year, 5, 5): Text("こどもの日", "Children's Day"),
        _monday(year, 9, 3): Text("敬老の日", "Respect for the Aged Day"),
        date(year, 9, _equinox(year, 23.2488)): Text("秋分の日", "Autumnal Equinox Day"),
        date(year, 11, 3): Text("文化の日", "Culture Day"),
        date(year, 11, 23): Text("勤労感謝の日", "Labour Thanksgiving Day"),
    }
    found |= _moved(year)
    birthday = Text("天皇誕生日", "The Emperor's Birthday")
    if year <= 2018:
        found[date(year, 12, 23)] = birthday
    elif year >= 2020:
        found[date(year, 2, 23)] = birthday
    else:
        found[date(year, 5, 1)] = Text("天皇の即位の日", "Enthronement Day")
        found[date(year, 10, 22)] = Text("即位礼正殿の儀", "Enthronement Ceremony Day")
    return found | _between(found) | _instead(found)


def _moved(year: int) -> dict[date, Text]:
    """The holidays that the games of 2020 and 2021 moved, each in its year."""
    sea, mountain = Text("海の日", "Marine Day"), Text("山の日", "Mountain Day")
    sports = Text("スポーツの日" if year >= 2020 else "体育の日", "Sports Day")
    if year == 2020:
        return {date(2020, 7, 23): sea, date(2020, 8, 10): mountain, date(2020, 7, 24): sports}
    if year == 2021:
        return {date(2021, 7, 22): sea, date(2021, 8, 8): mountain, date(2021, 7, 23): sports}
    found = {_monday(year, 7, 3): sea, _monday(year, 10, 2): sports}
    return found | ({date(year, 8, 11): mountain} if year >= 2016 else {})


def _between(holidays: Mapping[date, Text]) -> dict[date, Text]:
    """国民の休日: a day that has a holiday on either side."""
    return {
        day + _DAY: Text("国民の休日", "National holiday")
        for day in holidays
        if day + 2 * _DAY in holidays and day + _DAY not in holidays and (day + _DAY).weekday() != 6
    }


def _instead(holidays: Mapping[date, Text]) -> dict[date, Text]:
    """振替休日: the first day after a holiday on a Sunday that is no holiday itself."""
    found = {}
    for day in holidays:
        if day.weekday() == 6:
            while day in holidays:
                day += _DAY
            found[day] = Text("振替休日", "Substitute holiday")
    return found


def _office_hours() -> dict[int, Hours]:
    return {weekday: (time(9), time(17)) for weekday in range(5)}


@dataclass(frozen=True)
class BusinessCalendar:
    """When the business is open. Weekdays are 0 Monday … 6 Sunday.

    A day is a business day when it is in `opened`, or when its weekday has `hours` and it is
    neither a national holiday, nor closed every year (`closed_yearly`, month and day), nor in
    `closed`. `branches` have hours of their own; their days are those of the business.
    """

    hours: Mapping[int, Hours] = field(default_factory=_office_hours)
    branches: Mapping[str, Mapping[int, Hours]] = field(default_factory=dict)
    holidays: bool = True  # 国民の祝日 are closed
    closed_yearly: frozenset[tuple[int, int]] = frozenset({(12, 31), (1, 2), (1, 3)})
    closed: Mapping[date, str] = field(default_factory=dict)
    opened: Mapping[date, str] = field(default_factory=dict)

    def is_business_day(self, day: date) -> bool:
        return day in self.opened or (day.weekday() in self.hours and self.why_closed(day) is None)

    def why_closed(self, day: date) -> Text | None:
        """The name of the closed day; None for a day that only its weekday may close."""
        if day in self.opened:
            return None
        if day in self.closed:
            name = self.closed[day]
            return Text(name, name)
        if self.holidays and (name_ := japanese_holidays(day.year).get(day)) is not None:
            return name_
        if (day.month, day.day) in self.closed_yearly:
            return Text("銀行休業日", "Bank holiday")
        return None

    def next_business_day(self, day: date) -> date:
        """The day itself or the first business day after it; raises ValueError when none comes."""
        for _ in range(_LONGEST_SEARCH):
            if self.is_business_day(day):
                return day
            day += _DAY
        raise ValueError("the calendar has no business day in two years")

    def add_business_days(self, day: date, count: int) -> date:
        """The business day that lies `count` business days after `day` (not counting `day`)."""
        for _ in range(count):
            day = self.next_business_day(day + _DAY)
        return day

    def hours_on(self, day: date, branch: str = "") -> Hours | None:
        """When a branch is open on a day; None on a day that is no business day."""
        if not self.is_business_day(day):
            return None
        hours = self.branches.get(branch, self.hours)
        # A day opened as an exception, or a weekday the branch does not name, has the usual hours.
        return hours.get(day.weekday()) or next(iter(self.hours.values()), (time(9), time(17)))

    def next_open(self, at: datetime, zone: ZoneInfo, branch: str = "") -> datetime:
        """`at` when a branch is open then, else when it opens next, in UTC; `at` is aware."""
        day = at.astimezone(zone).date()
        for _ in range(_LONGEST_SEARCH):
            hours = self.hours_on(day, branch)
            if hours is not None:
                opens, closes = (instant(day, moment, zone) for moment in hours)
                if at < closes:
                    return max(at.astimezone(UTC), opens)
            day += _DAY
        raise ValueError("the calendar has no business day in two years")


def instant(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, of a local time; one that the clocks skip is moved on by the gap."""
    return datetime.combine(day, moment, zone).astimezone(UTC)
