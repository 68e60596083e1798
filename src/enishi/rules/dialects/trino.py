"""Trino: generated, not run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from enishi.catalog.types import FieldType
from enishi.rules.dialects.base import Dialect, naive, plain, whole_seconds
from enishi.rules.dialects.java_patterns import java_pattern
from enishi.rules.dialects.text import (
    ATOM,
    TOTAL,
    Expr,
    call,
    cast,
    coalesce,
    compare,
    divide,
    equals,
)


class Trino(Dialect):
    name = "trino"
    runs: ClassVar[bool] = False
    names: ClassVar[dict[FieldType, str]] = Dialect.names | {
        FieldType.TIMESTAMP: "TIMESTAMP(6)",
        FieldType.STRINGS: "ARRAY(VARCHAR)",
    }

    def number(self, value: int | Decimal) -> Expr:
        written = plain(value)
        if "." not in written and abs(int(value)) < 2**63:
            return super().number(value)
        return Expr(f"DECIMAL '{written}'")

    def instant(self, value: datetime) -> Expr:
        return Expr(f"TIMESTAMP '{naive(value)}'")

    def factor(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        return cast(expression, "DECIMAL(19, 0)") if type_ is FieldType.INTEGER else expression

    def tally(self, count: Expr) -> Expr:
        return cast(count, "DECIMAL(12, 0)")

    def total(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        if type_ is FieldType.INTEGER:
            expression = cast(expression, "DECIMAL(19, 0)")
        return call("SUM", expression)

    def quotient(self, total: Expr, scale: int, count: Expr, places: int) -> Expr:
        # Trino rounds a quotient of decimals half away from zero, to the places of the wider one.
        wide = cast(total, f"DECIMAL(38, {places})")
        return divide(wide, cast(call("NULLIF", count, "0"), "DECIMAL(12, 0)"))

    def chosen(
        self, first: bool, value: Expr, folded: Expr | None, order: Sequence[Expr]
    ) -> tuple[Expr, Expr | None]:
        row = call("ROW", value) if folded is None else call("ROW", value, folded)
        chosen = call("MIN_BY" if first else "MAX_BY", row, call("ROW", *order)).sql
        return Expr(f"{chosen}[1]"), None if folded is None else Expr(f"{chosen}[2]")

    def iso_weekday(self, day: Expr) -> Expr:
        return call("DAY_OF_WEEK", day)

    def local_date(self, instant: Expr, zone: str) -> Expr:
        return cast(self._local(instant, zone), "DATE")

    def local_hour(self, instant: Expr, zone: str) -> Expr:
        return call("HOUR", self._local(instant, zone))

    def _local(self, instant: Expr, zone: str) -> Expr:
        named = self.text(zone).sql
        return Expr(f"(with_timezone({instant.sql}, 'UTC') AT TIME ZONE {named})")

    def regular_midnight(self, day: Expr, zone: str) -> Expr:
        start = cast(day, "TIMESTAMP(6)").sql
        local = f"with_timezone({start}, {self.text(zone).sql})"
        return cast(Expr(f"{local} AT TIME ZONE 'UTC'"), "TIMESTAMP(6)")

    def earlier(self, instant: Expr, by: timedelta) -> Expr:
        return Expr(f"{instant.at(TOTAL)} - INTERVAL '{whole_seconds(by)}' SECOND", TOTAL)

    def ends_with(self, text: Expr, part: Expr) -> Expr:
        # STRPOS counts characters from the end when it is asked for the last instance.
        start = Expr(f"LENGTH({text.sql}) - LENGTH({part.sql}) + 1", TOTAL)
        fits = compare(">=", call("LENGTH", text), call("LENGTH", part))
        ending = equals(call("SUBSTR", text, start), part)
        return Expr(f"{fits.at(ATOM)} AND {ending.at(ATOM)}", 2)

    def matches(self, text: Expr, pattern: str) -> Expr:
        return call("REGEXP_LIKE", text, self.text(java_pattern(pattern)))

    def has(self, items: Expr, item: Expr) -> Expr:
        return call("CONTAINS", items, item)

    def is_empty(self, items: Expr) -> Expr:
        return equals(coalesce(call("CARDINALITY", items), Expr("0")), Expr("0"))

    def bucket(self, salt: str, key: Expr) -> Expr:
        digest = call("TO_HEX", call("MD5", call("TO_UTF8", self.salted(salt, key))))
        return Expr(f"FROM_BASE(SUBSTR({digest.sql}, 1, 8), 16) % 10000", TOTAL)
