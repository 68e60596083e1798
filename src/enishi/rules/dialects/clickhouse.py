"""ClickHouse: a server, or chDB embedded.

Text, dates and times are Nullable columns, dates Date32 and times DateTime64(6, 'UTC'). An array
cannot be NULL: a column `<field>__n` is true where a list is unset, and inside a statement such a
list is `[NULL]`. Exact numbers are Decimal(76) wherever something is done with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from enishi.catalog.types import FieldType
from enishi.rules.dialects.base import Dialect, naive, plain, sign, whole_seconds
from enishi.rules.dialects.text import (
    ATOM,
    TOTAL,
    Expr,
    add,
    call,
    coalesce,
    compare,
    divide,
    equals,
    multiply,
    negate,
)

_UNSET_LIST = "[CAST(NULL AS Nullable(String))]"

SETTINGS = {
    "join_use_nulls": 1,  # a LEFT JOIN that finds nothing yields NULL, not 0 or ''
    "transform_null_in": 0,  # NULL is in nothing
    "aggregate_functions_null_for_empty": 0,
    "group_by_use_nulls": 0,
    "decimal_check_overflow": 1,  # an overflow is an error, never a wrong number
    "count_distinct_implementation": "'uniqExact'",
}
"""What a statement needs; a server or a profile may have set any of them otherwise."""


class ClickHouse(Dialect):
    name = "clickhouse"
    list_companion: ClassVar[bool] = True
    nearest_joins: ClassVar[bool] = True
    names: ClassVar[dict[FieldType, str]] = {
        FieldType.STRING: "Nullable(String)",
        FieldType.INTEGER: "Nullable(Int64)",
        FieldType.DECIMAL: "Nullable(Decimal(76, {scale}))",
        FieldType.FLOAT: "Nullable(Float64)",
        FieldType.BOOLEAN: "Nullable(Bool)",
        FieldType.DATE: "Nullable(Date32)",
        FieldType.TIMESTAMP: "Nullable(DateTime64(6, 'UTC'))",
        FieldType.STRINGS: "Array(Nullable(String))",
    }

    def finish(self, statement: str) -> str:
        return f"{statement} SETTINGS {', '.join(f'{k} = {v}' for k, v in SETTINGS.items())}"

    def identifier(self, name: str) -> str:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def text(self, value: str) -> Expr:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0")
        return Expr(f"'{escaped}'")

    def number(self, value: int | Decimal) -> Expr:
        exact = Decimal(value)
        places = max(0, -int(exact.as_tuple().exponent))
        if not places and abs(exact) < 2**63:
            return Expr(plain(value), TOTAL if value < 0 else ATOM)
        narrow = len(exact.as_tuple().digits) <= 18 and places <= 18 and abs(exact) < 10**18
        return Expr(f"toDecimal{64 if narrow else 256}('{plain(value)}', {places})")

    def real(self, value: int | Decimal | float) -> Expr:
        return call("toFloat64", f"'{float(value)!r}'")

    def day(self, value: date) -> Expr:
        return call("toDate32", f"'{value.isoformat()}'")

    def instant(self, value: datetime) -> Expr:
        return call("toDateTime64", f"'{naive(value)}'", "6", "'UTC'")

    def unset(self, type_: FieldType, scale: int = 0) -> Expr:
        if type_ is FieldType.STRINGS:
            return Expr(_UNSET_LIST)
        return super().unset(type_, scale)

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────

    def exact(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        return self.wide(expression, scale)

    def literal(self, number: Expr, scale: int) -> Expr:
        return self.wide(number, scale)

    def tally(self, count: Expr) -> Expr:
        return self.wide(count, 0)

    def total(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        if type_ is FieldType.FLOAT:
            return call("SUM", expression)
        return call("SUM", self.wide(expression, scale))

    def zero(self, type_: FieldType, scale: int) -> Expr:
        if type_ is FieldType.DECIMAL:
            return call("toDecimal256", "'0'", str(scale))
        return Expr("toFloat64(0)" if type_ is FieldType.FLOAT else "0")

    def quotient(self, total: Expr, scale: int, count: Expr, places: int) -> Expr:
        # Decimals without places are divided like integers, towards zero.
        power = call("toDecimal256", f"'{10**places}'", "0")
        units = self.wide(multiply(self.wide(total, scale), power), 0)
        counted = self.wide(call("greatest", coalesce(count, Expr("1")), "1"), 0)
        above = add(multiply(call("ABS", units), Expr("2")), counted)
        half_up = divide(above, multiply(counted, Expr("2")))
        signed = multiply(half_up, sign(total))
        unit = plain(Decimal(1).scaleb(-places))
        return multiply(signed, call("toDecimal256", f"'{unit}'", str(places)))

    # ── aggregates ───────────────────────────────────────────────────────────────────────────────

    def count_distinct(self, expression: Expr) -> Expr:
        return call("uniqExact", expression)

    def chosen(
        self, first: bool, value: Expr, folded: Expr | None, order: Sequence[Expr]
    ) -> tuple[Expr, Expr | None]:
        # Aggregates skip rows whose argument is NULL; a tuple is never NULL.
        row = f"tuple({value.sql}{'' if folded is None else f', {folded.sql}'})"
        by = f"tuple({', '.join(part.sql for part in order)})"
        chosen = call("argMin" if first else "argMax", row, by).sql
        lower = None if folded is None else Expr(f"tupleElement({chosen}, 2)")
        return Expr(f"tupleElement({chosen}, 1)"), lower

    # ── dates and times ──────────────────────────────────────────────────────────────────────────

    def part(self, what: str, day: Expr) -> Expr:
        name = {"year": "toYear", "month": "toMonth", "day": "toDayOfMonth"}[what]
        return call("toInt64", call(name, day))

    def iso_week(self, day: Expr) -> Expr:
        return call("toInt64", call("toISOWeek", day))

    def iso_weekday(self, day: Expr) -> Expr:
        return call("toDayOfWeek", day)

    def local_date(self, instant: Expr, zone: str) -> Expr:
        return call("toDate32", call("toTimeZone", instant, self.text(zone)))

    def local_hour(self, instant: Expr, zone: str) -> Expr:
        return call("toInt64", call("toHour", call("toTimeZone", instant, self.text(zone))))

    def regular_midnight(self, day: Expr, zone: str) -> Expr:
        local = call("toDateTime64", day, "6", self.text(zone))
        return call("toTimeZone", local, "'UTC'")

    def earlier(self, instant: Expr, by: timedelta) -> Expr:
        return Expr(f"{instant.at(TOTAL)} - toIntervalSecond({whole_seconds(by)})", TOTAL)

    # ── texts and lists ──────────────────────────────────────────────────────────────────────────

    def contains(self, text: Expr, part: Expr) -> Expr:
        return compare(">", call("position", text, part), Expr("0"))

    def starts_with(self, text: Expr, part: Expr) -> Expr:
        return call("startsWith", text, part)

    def ends_with(self, text: Expr, part: Expr) -> Expr:
        return call("endsWith", text, part)

    def matches(self, text: Expr, pattern: str) -> Expr:
        # RE2 itself, but there `.` takes a line break unless told not to.
        return call("match", text, self.text(f"(?-s){pattern}"))

    def has(self, items: Expr, item: Expr) -> Expr:
        # NULL stands for an unset list here, so it must not be found.
        return Expr(f"has({items.sql}, {item.sql}) AND {item.at(TOTAL)} IS NOT NULL", 2)

    def is_empty(self, items: Expr) -> Expr:
        return equals(call("arrayCount", "x -> x IS NOT NULL", items), Expr("0"))

    def list_is_set(self, items: Expr) -> Expr:
        return negate(Expr(call("has", items, "NULL").sql, firm=True))

    def list_value(self, column: Expr, companion: Expr | None) -> Expr:
        if companion is None:
            return column
        return call("if", coalesce(companion, Expr("TRUE")), _UNSET_LIST, column)

    def list_columns(self, alias: str, items: Expr) -> dict[str, Expr]:
        kept = call("arrayFilter", "x -> x IS NOT NULL", items)
        return {alias: kept, f"{alias}__n": call("has", items, "NULL")}

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────

    def previous(self, column: Expr, partition: Sequence[Expr], order: Expr) -> Expr:
        by = ", ".join(p.sql for p in partition)
        return Expr(
            f"lagInFrame({column.sql}) OVER (PARTITION BY {by} ORDER BY {order.sql} "
            "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        )

    def bucket(self, salt: str, key: Expr) -> Expr:
        digest = call("MD5", call("concat", self.text(f"{salt}:"), key))
        head = call("reverse", call("substring", digest, "1", "4"))
        return Expr(f"{call('reinterpretAsUInt32', head).sql} % 10000", TOTAL)

    def never_null(self, expression: Expr) -> Expr:
        return call("assumeNotNull", expression)
