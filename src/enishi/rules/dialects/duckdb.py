"""DuckDB: the embedded engine."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from enishi.catalog.types import FieldType
from enishi.rules.dialects.base import Dialect, plain, rounded, sign
from enishi.rules.dialects.text import ATOM, TOTAL, Expr, call, cast, coalesce, equals, multiply


class DuckDB(Dialect):
    name = "duckdb"
    semi_join: ClassVar[str | None] = "SEMI JOIN"
    anti_join: ClassVar[str | None] = "ANTI JOIN"
    groups_sets: ClassVar[bool] = True

    def factor(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        return self.wide(expression, scale)  # a product has the width of its wider factor

    def quotient(self, total: Expr, scale: int, count: Expr, places: int) -> Expr:
        shifted = multiply(self.wide(total, scale), self.number(10**places))
        units = cast(shifted, "INT128")
        counted = cast(count, "INT128")
        half_up = rounded(multiply(call("ABS", units), Expr("2")), counted, "//")
        signed = self.wide(multiply(half_up, sign(total)), 0)
        unit = Expr(plain(Decimal(1).scaleb(-places)))
        return multiply(signed, cast(unit, f"DECIMAL(38, {places})"))

    def chosen(
        self, first: bool, value: Expr, folded: Expr | None, order: Sequence[Expr]
    ) -> tuple[Expr, Expr | None]:
        row = _struct({"v": value} if folded is None else {"v": value, "f": folded})
        by = _struct({f"o{i}": part for i, part in enumerate(order)})
        chosen = call("ARG_MIN" if first else "ARG_MAX", row, by).sql
        lower = None if folded is None else Expr(f"({chosen}).f")
        return Expr(f"({chosen}).v"), lower

    def iso_weekday(self, day: Expr) -> Expr:
        return call("ISODOW", day)

    def local_date(self, instant: Expr, zone: str) -> Expr:
        return cast(self._local(instant, zone), "DATE")

    def local_hour(self, instant: Expr, zone: str) -> Expr:
        return call("EXTRACT", f"hour FROM {self._local(instant, zone).sql}")

    def _local(self, instant: Expr, zone: str) -> Expr:
        if zone == "UTC":
            return instant
        at = f"{instant.at(ATOM)} AT TIME ZONE 'UTC' AT TIME ZONE {self.text(zone).sql}"
        return Expr(f"({at})")

    def regular_midnight(self, day: Expr, zone: str) -> Expr:
        start = cast(day, "TIMESTAMP").sql
        return Expr(f"({start} AT TIME ZONE {self.text(zone).sql} AT TIME ZONE 'UTC')")

    def contains(self, text: Expr, part: Expr) -> Expr:
        return call("CONTAINS", text, part)

    def matches(self, text: Expr, pattern: str) -> Expr:
        return call("REGEXP_MATCHES", text, self.text(pattern))

    def has(self, items: Expr, item: Expr) -> Expr:
        return call("LIST_CONTAINS", items, item)

    def is_empty(self, items: Expr) -> Expr:
        return Expr(equals(coalesce(call("LEN", items), Expr("0")), Expr("0")).sql, 4, firm=True)

    def bucket(self, salt: str, key: Expr) -> Expr:
        digits = call("SUBSTR", call("MD5", self.salted(salt, key)), "1", "8").sql
        return Expr(f"CAST('0x' || {digits} AS UBIGINT) % 10000", TOTAL)


def _struct(parts: dict[str, Expr]) -> Expr:
    return Expr("{" + ", ".join(f"'{name}': {part.sql}" for name, part in parts.items()) + "}")
