"""Dates and times as SQL conditions, their bounds computed here and printed as literals."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

from enishi.catalog.types import FieldType
from enishi.rules.compile_paths import PathCompiler
from enishi.rules.compile_select import Moment
from enishi.rules.compile_values import Sql
from enishi.rules.dialects.text import FALSE, Expr, both, compare, either, is_set
from enishi.rules.tree import Window
from enishi.rules.windows import (
    DateBounds,
    InstantBounds,
    age,
    anniversary,
    as_date,
    date_bounds,
    instant_bounds,
    midnight,
)

_SIDE = timedelta(hours=4)


class DateCompiler:
    """Conditions on values of type DATE and TIMESTAMP."""

    def __init__(self, moment: Moment, paths: PathCompiler) -> None:
        self.moment = moment
        self.catalog = moment.catalog
        self.sql = moment.dialect
        self.paths = paths

    def during(self, expression: Expr, type_: FieldType, window: Window) -> Expr:
        """A window on a value's own type."""
        bounds: DateBounds | InstantBounds
        if type_ is FieldType.DATE:
            bounds = date_bounds(window, self.moment.at, self.catalog)
        else:
            bounds = instant_bounds(window, self.moment.at, self.catalog)
        return self.moment.within(expression, bounds)

    def compare(self, operator: str, left: Sql, right: Sql) -> Expr:
        """When either side is a date both are compared as local dates."""
        if left.type is right.type:
            return compare(operator, left.expr, right.expr)
        if (
            left.type is FieldType.TIMESTAMP
            and isinstance(right.const, date)
            and right.type is FieldType.DATE
        ):
            quick = self._by_instants(operator, left.expr, right.const)
            if quick is not None:
                return quick
        return compare(operator, self._local(left), self._local(right))

    def _local(self, value: Sql) -> Expr:
        if value.const is not None:
            return self.sql.day(as_date(value.const, self.catalog.zone))
        return self.paths.local_date(value.expr, value.type)

    def _by_instants(self, operator: str, expression: Expr, day: date) -> Expr | None:
        """A local date compared by its midnights; None where the clock turns back near one."""
        zone = self.catalog.zone
        try:
            start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        except OverflowError:
            return None
        for edge in (start, end):
            around = {(edge + by).astimezone(zone).utcoffset() for by in (-_SIDE, _SIDE)}
            if len(around) > 1:
                return None
        if operator == "=":
            return self.moment.within(expression, InstantBounds(start, end))
        edge = end if operator in (">", "<=") else start
        return compare(">=" if operator in (">", ">=") else "<", expression, self.sql.instant(edge))

    def aged(self, operator: str, born: Sql, years: int | Decimal) -> Expr:
        """An age compared with a number: the date of birth compared with a literal."""
        least = math.ceil(years)  # the age from which one is as old
        if operator == "=":
            if least != years:
                return FALSE
            return both([self.aged(">=", born, least), self.aged("<", born, least + 1)])
        if operator in (">", "<="):
            least = math.floor(years) + 1
        latest = born_by(least, self.moment.today)
        old_enough = operator in (">", ">=")
        if latest is None:
            # Nobody, or everybody, is so old within the years that dates have.
            return is_set(born.expr) if (least <= 0) is old_enough else FALSE
        day = Sql(FieldType.DATE, self.sql.day(latest), const=latest)
        return self.compare("<=" if old_enough else ">", born, day)

    def anniversary(self, expression: Expr, type_: FieldType, window: Window) -> Expr:
        """An anniversary in a later year falls in the window."""
        bounds = date_bounds(window, self.moment.at, self.catalog)
        born = self.paths.local_date(expression, type_)
        if bounds.end is None:
            return is_set(born)
        first = bounds.start.year if bounds.start is not None else 1
        years = range(max(first, bounds.end.year - 2), bounds.end.year + 1)
        return either(self._in_year(born, year, bounds) for year in {first, *years})

    def _in_year(self, born: Expr, year: int, bounds: DateBounds) -> Expr:
        """The anniversary of `year` is in the window, and `year` is a later one."""
        low, high = _month_days(year, bounds)
        if low > high:
            return FALSE
        found = [compare("<", self.sql.part("year", born), Expr(str(year)))]
        month_day = self.paths.month_day(born)
        if low > 101:
            found.append(compare(">=", month_day, Expr(str(low))))
        if high < 1231:
            found.append(compare("<=", month_day, Expr(str(high))))
        return both(found)


def born_by(years: int, today: date) -> date | None:
    """The latest date of birth with which one is `years` old today; None: no date has it."""
    year = today.year - years
    if not 2 <= year <= 9998:
        return None
    found = date(year, today.month, 1) + timedelta(days=31)
    while age(found, today) < years:
        found -= timedelta(days=1)
    return found


def _month_days(year: int, bounds: DateBounds) -> tuple[int, int]:
    """First and last month-and-day whose anniversary in `year` the bounds hold (low > high: none).

    29 February is 229; in other years it counts where the 28th does.
    """
    start = max(bounds.start or date(year, 1, 1), date(year, 1, 1))
    last = date(year, 12, 31)
    if bounds.end is not None and bounds.end <= last:
        last = bounds.end - timedelta(days=1) if bounds.end > date.min else date.min
    if start > last or start.year != year or last.year != year:
        return 1, 0
    low, high = start.month * 100 + start.day, last.month * 100 + last.day
    leap_day_here = anniversary(date(2000, 2, 29), year)
    if high == 228 and leap_day_here.day == 28:
        high = 229
    return low, high
