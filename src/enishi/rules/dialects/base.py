"""What engines say differently. The defaults are the SQL most of them share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from enishi.catalog.types import FieldType
from enishi.rules.dialects.text import (
    NULL,
    PRODUCT,
    TOTAL,
    Expr,
    add,
    call,
    case,
    cast,
    compare,
    is_set,
    multiply,
)

_NAMES = {
    FieldType.STRING: "VARCHAR",
    FieldType.INTEGER: "BIGINT",
    FieldType.DECIMAL: "DECIMAL(38, {scale})",
    FieldType.FLOAT: "DOUBLE",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.TIMESTAMP: "TIMESTAMP",
    FieldType.STRINGS: "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Schemas:
    """The two schemas a statement reads: the loaded data, and the sets of subjects."""

    data: str = "data"
    book: str = "enishi"


class Dialect:
    """One engine's SQL. `runs`: statements are run on it by the tests, else generated, not run."""

    name: ClassVar[str] = ""
    runs: ClassVar[bool] = True
    names: ClassVar[dict[FieldType, str]] = _NAMES
    list_companion: ClassVar[bool] = False
    """Whether a column `<field>__n` says that a list is unset."""

    groups_sets: ClassVar[bool] = False
    """Whether `x IN (…)` is faster when each value comes once there (where it is not negated)."""

    # ── names and literals ───────────────────────────────────────────────────────────────────────

    def identifier(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def column(self, alias: str, name: str) -> Expr:
        return Expr(f"{alias}.{self.identifier(name)}")

    def table(self, schema: str, name: str, alias: str) -> str:
        return f"{self.schema(schema)}.{self.identifier(name)} AS {alias}"

    def schema(self, name: str) -> str:
        """A schema's name, bare where it may stand so."""
        return name if name.isidentifier() and name.isascii() else self.identifier(name)

    def text(self, value: str) -> Expr:
        return Expr("'" + value.replace("'", "''") + "'")

    def number(self, value: int | Decimal) -> Expr:
        """An exact number, with the places it is written with."""
        return Expr(plain(value), TOTAL if value < 0 else 7)

    def real(self, value: int | Decimal | float) -> Expr:
        """A floating-point literal, printed so that it reads back exactly."""
        return cast(self.text(repr(float(value))), self.names[FieldType.FLOAT])

    def day(self, value: date) -> Expr:
        return Expr(f"DATE '{value.isoformat()}'")

    def instant(self, value: datetime) -> Expr:
        """An instant as the warehouse keeps it: without a zone, UTC, microseconds."""
        return Expr(f"TIMESTAMP '{naive(value)}'")

    def type_of(self, type_: FieldType, scale: int = 0) -> str:
        return self.names[type_].format(scale=scale)

    def unset(self, type_: FieldType, scale: int = 0) -> Expr:
        """NULL of a type, so that no function has to guess it and no union loses places."""
        return cast(NULL, self.type_of(type_, scale))

    def finish(self, statement: str) -> str:
        """A whole statement, with what the engine must be told for it."""
        return statement

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────

    def as_real(self, expression: Expr) -> Expr:
        return cast(expression, self.names[FieldType.FLOAT])

    def one_zero(self, expression: Expr) -> Expr:
        """A floating-point number that is to be compared with zero: -0.0 is zero, too."""
        return expression

    def wide(self, expression: Expr, scale: int) -> Expr:
        """As the widest decimal with these places."""
        return cast(expression, self.type_of(FieldType.DECIMAL, scale))

    def exact(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        """An exact number made ready to be compared with one of other places."""
        return expression

    def factor(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        """An exact number made ready to be multiplied or added to."""
        return self.exact(expression, type_, scale)

    def literal(self, number: Expr, scale: int) -> Expr:
        """A number's literal as a factor."""
        return number

    def product(self, left: Expr, right: Expr) -> Expr:
        """Of two exact numbers."""
        return multiply(left, right)

    def tally(self, count: Expr) -> Expr:
        """A count as a factor of exact numbers."""
        return cast(count, "DECIMAL(18, 0)")

    def total(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        """The sum of a group; NULL when there is nothing to add."""
        return call("SUM", expression)

    def zero(self, type_: FieldType, scale: int) -> Expr:
        return self.number(0)

    def quotient(self, total: Expr, scale: int, count: Expr, places: int) -> Expr:
        """`total / count` with `places` decimal places, rounded half away from zero."""
        raise NotImplementedError

    # ── aggregates ───────────────────────────────────────────────────────────────────────────────

    def count_distinct(self, expression: Expr) -> Expr:
        return Expr(f"COUNT(DISTINCT {expression.sql})")

    def chosen(
        self, first: bool, value: Expr, folded: Expr | None, order: Sequence[Expr]
    ) -> tuple[Expr, Expr | None]:
        """The value (and its folded text) of the first or last row of a group by `order`.

        The row decides: its value may be NULL.
        """
        raise NotImplementedError

    # ── dates and times ──────────────────────────────────────────────────────────────────────────

    def part(self, what: str, day: Expr) -> Expr:
        """year, month or day of a date."""
        return call(
            f"EXTRACT({what} FROM {day.sql})"[:-1].partition("(")[0], f"{what} FROM {day.sql}"
        )

    def iso_week(self, day: Expr) -> Expr:
        return call("WEEK", day)

    def iso_weekday(self, day: Expr) -> Expr:
        """1 Monday … 7 Sunday."""
        raise NotImplementedError

    def local_date(self, instant: Expr, zone: str) -> Expr:
        """The local date of an instant."""
        raise NotImplementedError

    def local_hour(self, instant: Expr, zone: str) -> Expr:
        """The local hour of an instant."""
        raise NotImplementedError

    def midnight(self, day: Expr, zone: str, odd: Sequence[tuple[date, datetime]]) -> Expr:
        """The first instant of a local date. `odd`: dates whose midnight is missing or double."""
        plain_ = self.regular_midnight(day, zone)
        if not odd:
            return plain_
        return case([(self.day(d), self.instant(i)) for d, i in odd], plain_, of=day)

    def regular_midnight(self, day: Expr, zone: str) -> Expr:
        """The instant of a local midnight that comes exactly once."""
        raise NotImplementedError

    def earlier(self, instant: Expr, by: timedelta) -> Expr:
        """An instant moved back by elapsed time."""
        return Expr(f"{instant.at(TOTAL)} - INTERVAL '{whole_seconds(by)}' SECOND", TOTAL)

    # ── texts and lists ──────────────────────────────────────────────────────────────────────────

    def contains(self, text: Expr, part: Expr) -> Expr:
        return compare(">", call("STRPOS", text, part), Expr("0"))

    def starts_with(self, text: Expr, part: Expr) -> Expr:
        return call("STARTS_WITH", text, part)

    def ends_with(self, text: Expr, part: Expr) -> Expr:
        return call("ENDS_WITH", text, part)

    def matches(self, text: Expr, pattern: str) -> Expr:
        """Whether a pattern in RE2 syntax is found. Raises `EnishiError` where it has no like."""
        raise NotImplementedError

    def has(self, items: Expr, item: Expr) -> Expr:
        raise NotImplementedError

    def is_empty(self, items: Expr) -> Expr:
        """Whether a list has no items; an unset list has none."""
        raise NotImplementedError

    def list_is_set(self, items: Expr) -> Expr:
        return is_set(items)

    def list_value(self, column: Expr, companion: Expr | None) -> Expr:
        """A list as a value that can be unset. `companion`: the column that says so, if any."""
        return column

    def list_columns(self, alias: str, items: Expr) -> dict[str, Expr]:
        """A list as columns of an answer."""
        return {alias: items}

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────

    def differs(self, left: Expr, right: Expr) -> Expr:
        """Not equal, NULL being a value like others."""
        return Expr(f"{left.at(TOTAL)} IS DISTINCT FROM {right.at(TOTAL)}", 4, firm=True)

    def previous(self, column: Expr, partition: Sequence[Expr], order: Expr) -> Expr:
        """The value of the row before, NULL on the first."""
        by = ", ".join(p.sql for p in partition)
        return Expr(f"LAG({column.sql}) OVER (PARTITION BY {by} ORDER BY {order.sql})")

    def bucket(self, salt: str, key: Expr) -> Expr:
        """The bucket (0 … 9,999) that `kernel.ids.bucket` gives."""
        raise NotImplementedError

    def salted(self, salt: str, key: Expr) -> Expr:
        return call("CONCAT", self.text(f"{salt}:"), key)

    def never_null(self, expression: Expr) -> Expr:
        """An expression that has no NULLs, where the engine must be told."""
        return expression

    nearest_joins: ClassVar[bool] = False
    """Whether joins to the nearest row in time (ASOF) serve better than those to any."""
    semi_join: ClassVar[str | None] = None
    """How a join that only keeps or drops is written; None: the engine has no such join."""
    anti_join: ClassVar[str | None] = None


def plain(value: int | Decimal) -> str:
    """A number in plain digits."""
    return format(Decimal(value), "f")


def naive(value: datetime) -> str:
    """An instant in UTC without a zone, as text."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


def whole_seconds(by: timedelta) -> int:
    return by // timedelta(seconds=1)


def rounded(twice: Expr, count: Expr, whole: str) -> Expr:
    """`(twice + count) / (2 × count)`, the whole part: half up of `twice / 2 / count`."""
    double = multiply(count, Expr("2"))
    return Expr(f"{add(twice, count).at(PRODUCT)} {whole} {double.at(7)}", PRODUCT)


def sign(expression: Expr) -> Expr:
    return case([(compare("<", expression, Expr("0")), Expr("-1"))], Expr("1"))
