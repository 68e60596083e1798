"""Spark SQL, with ANSI mode on and the session's time zone UTC: an overflow is an error.

Decimals hold 38 digits and a product's type loses places silently when its digits would not fit, so
factors are declared no wider than they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from enishi.catalog.types import FieldType
from enishi.rules.dialects.base import Dialect, naive, plain, sign
from enishi.rules.dialects.java_patterns import java_pattern
from enishi.rules.dialects.text import (
    ATOM,
    TOTAL,
    Expr,
    add,
    call,
    cast,
    coalesce,
    equals,
    multiply,
)


class Spark(Dialect):
    name = "spark"
    semi_join: ClassVar[str | None] = "LEFT SEMI JOIN"
    anti_join: ClassVar[str | None] = "LEFT ANTI JOIN"
    names: ClassVar[dict[FieldType, str]] = {
        FieldType.STRING: "STRING",
        FieldType.INTEGER: "BIGINT",
        FieldType.DECIMAL: "DECIMAL(38, {scale})",
        FieldType.FLOAT: "DOUBLE",
        FieldType.BOOLEAN: "BOOLEAN",
        FieldType.DATE: "DATE",
        FieldType.TIMESTAMP: "TIMESTAMP_NTZ",
        FieldType.STRINGS: "ARRAY<STRING>",
    }

    def identifier(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> Expr:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\0", "\\0")
        # `${…}` would be substituted before the statement is read.
        return Expr("'" + escaped.replace("${", "$\\{") + "'")

    def number(self, value: int | Decimal) -> Expr:
        written = plain(value)
        if "." not in written and abs(int(value)) >= 2**63:
            # Bare, it would be taken for true of every row, those without a value among them.
            return Expr(f"CAST('{written}' AS DECIMAL(38, 0))")
        return Expr(f"{written}BD" if "." in written else written, TOTAL if value < 0 else ATOM)

    def instant(self, value: datetime) -> Expr:
        return Expr(f"TIMESTAMP_NTZ '{naive(value)}'")

    # ── numbers ──────────────────────────────────────────────────────────────────────────────────

    def exact(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        return cast(expression, "DECIMAL(38, 0)") if type_ is FieldType.INTEGER else expression

    def one_zero(self, expression: Expr) -> Expr:
        # Compared as it is stored, files that hold -0.0 alone would be passed over by their
        # dictionaries, in which the two differ.
        return add(expression, Expr("0D"))

    def tally(self, count: Expr) -> Expr:
        return cast(count, "DECIMAL(12, 0)")

    def total(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        if type_ is FieldType.INTEGER:
            expression = cast(expression, "DECIMAL(19, 0)")
        return call("SUM", expression)

    def quotient(self, total: Expr, scale: int, count: Expr, places: int) -> Expr:
        power = Expr(f"1{'0' * places}")
        units = cast(multiply(cast(total, f"DECIMAL(28, {scale})"), power), "DECIMAL(38, 0)")
        counted = cast(count, "DECIMAL(12, 0)")
        # The divisor's type is kept narrow: the wider it is, the fewer digits a quotient has left.
        double = cast(multiply(counted, Expr("2")), "DECIMAL(13, 0)")
        above = add(multiply(call("ABS", units), Expr("2")), counted)
        above = cast(above, "DECIMAL(38, 0)")
        left_over = cast(Expr(f"{above.sql} % {double.sql}"), "DECIMAL(38, 0)")
        exactly = Expr(f"({above.sql} - {left_over.sql}) / {double.sql}")
        half_up = cast(exactly, f"DECIMAL({37 - places}, 0)")
        unit = Expr(f"CAST('{plain(Decimal(1).scaleb(-places))}' AS DECIMAL({places}, {places}))")
        return multiply(cast(multiply(half_up, sign(total)), f"DECIMAL({37 - places}, 0)"), unit)

    # ── aggregates ───────────────────────────────────────────────────────────────────────────────

    def chosen(
        self, first: bool, value: Expr, folded: Expr | None, order: Sequence[Expr]
    ) -> tuple[Expr, Expr | None]:
        more = "" if folded is None else f", 'f', {folded.sql}"
        row = f"named_struct('v', {value.sql}{more})"
        by = f"struct({', '.join(part.sql for part in order)})"
        chosen = call("min_by" if first else "max_by", row, by).sql
        return Expr(f"{chosen}.v"), None if folded is None else Expr(f"{chosen}.f")

    # ── dates and times ──────────────────────────────────────────────────────────────────────────

    def iso_week(self, day: Expr) -> Expr:
        return call("weekofyear", day)

    def iso_weekday(self, day: Expr) -> Expr:
        return call("EXTRACT", f"DAYOFWEEK_ISO FROM {day.sql}")

    def local_date(self, instant: Expr, zone: str) -> Expr:
        return cast(self._local(instant, zone), "DATE")

    def local_hour(self, instant: Expr, zone: str) -> Expr:
        return call("hour", self._local(instant, zone))

    def _local(self, instant: Expr, zone: str) -> Expr:
        return call("convert_timezone", "'UTC'", self.text(zone), instant)

    def regular_midnight(self, day: Expr, zone: str) -> Expr:
        start = cast(day, "TIMESTAMP_NTZ")
        return call("convert_timezone", self.text(zone), "'UTC'", start)

    # ── texts and lists ──────────────────────────────────────────────────────────────────────────

    def contains(self, text: Expr, part: Expr) -> Expr:
        return call("contains", text, part)

    def starts_with(self, text: Expr, part: Expr) -> Expr:
        return call("startswith", text, part)

    def ends_with(self, text: Expr, part: Expr) -> Expr:
        return call("endswith", text, part)

    def matches(self, text: Expr, pattern: str) -> Expr:
        return call("regexp_like", text, self.text(java_pattern(pattern)))

    def has(self, items: Expr, item: Expr) -> Expr:
        return call("array_contains", items, item)

    def is_empty(self, items: Expr) -> Expr:
        return Expr(equals(coalesce(call("size", items), Expr("0")), Expr("0")).sql, 4, firm=True)

    def differs(self, left: Expr, right: Expr) -> Expr:
        return Expr(f"NOT {left.at(TOTAL)} <=> {right.at(TOTAL)}", 3, firm=True)

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────

    def bucket(self, salt: str, key: Expr) -> Expr:
        digits = call("substr", call("md5", self.salted(salt, key)), "1", "8")
        number = cast(call("conv", digits, "16", "10"), "BIGINT")
        return Expr(f"{number.sql} % 10000", TOTAL)
