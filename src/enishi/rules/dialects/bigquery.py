"""BigQuery: generated, not run. Times are DATETIME in UTC, exact numbers BIGNUMERIC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from enishi.catalog.types import FieldType
from enishi.rules.dialects.base import Dialect, naive, plain, whole_seconds
from enishi.rules.dialects.text import ATOM, TOTAL, Expr, call, cast, coalesce, equals


class BigQuery(Dialect):
    name = "bigquery"
    runs: ClassVar[bool] = False
    names: ClassVar[dict[FieldType, str]] = {
        FieldType.STRING: "STRING",
        FieldType.INTEGER: "INT64",
        FieldType.DECIMAL: "BIGNUMERIC",
        FieldType.FLOAT: "FLOAT64",
        FieldType.BOOLEAN: "BOOL",
        FieldType.DATE: "DATE",
        FieldType.TIMESTAMP: "DATETIME",
        FieldType.STRINGS: "ARRAY<STRING>",
    }

    def identifier(self, name: str) -> str:
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

    def text(self, value: str) -> Expr:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return Expr("'" + escaped.replace("\n", "\\n").replace("\r", "\\r") + "'")

    def number(self, value: int | Decimal) -> Expr:
        written = plain(value)
        if "." not in written and abs(int(value)) < 2**63:
            return Expr(written, TOTAL if value < 0 else ATOM)
        return Expr(f"BIGNUMERIC '{written}'")

    def instant(self, value: datetime) -> Expr:
        return Expr(f"DATETIME '{naive(value)}'")

    def factor(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        return cast(expression, "BIGNUMERIC")

    def tally(self, count: Expr) -> Expr:
        return cast(count, "BIGNUMERIC")

    def total(self, expression: Expr, type_: FieldType, scale: int) -> Expr:
        if type_ is FieldType.FLOAT:
            return call("SUM", expression)
        return call("SUM", cast(expression, "BIGNUMERIC"))

    def quotient(self, total: Expr, scale: int, count: Expr, places: int) -> Expr:
        whole = call("SAFE_DIVIDE", total, cast(count, "BIGNUMERIC"))
        return call("ROUND", whole, str(places))

    def chosen(
        self, first: bool, value: Expr, folded: Expr | None, order: Sequence[Expr]
    ) -> tuple[Expr, Expr | None]:
        by = ", ".join(f"{part.sql} {'ASC' if first else 'DESC'}" for part in order)
        lower = "" if folded is None else f", {folded.sql} AS f"
        row = f"ARRAY_AGG(STRUCT({value.sql} AS v{lower}) ORDER BY {by} LIMIT 1)[SAFE_OFFSET(0)]"
        return Expr(f"{row}.v"), None if folded is None else Expr(f"{row}.f")

    def iso_week(self, day: Expr) -> Expr:
        return call("EXTRACT", f"ISOWEEK FROM {day.sql}")

    def iso_weekday(self, day: Expr) -> Expr:
        sunday_first = call("EXTRACT", f"DAYOFWEEK FROM {day.sql}")
        return Expr(f"MOD({sunday_first.sql} + 5, 7) + 1", TOTAL)

    def local_date(self, instant: Expr, zone: str) -> Expr:
        return call("DATE", self._instant(instant), self.text(zone))

    def local_hour(self, instant: Expr, zone: str) -> Expr:
        local = call("DATETIME", self._instant(instant), self.text(zone))
        return call("EXTRACT", f"HOUR FROM {local.sql}")

    def _instant(self, instant: Expr) -> Expr:
        return call("TIMESTAMP", instant, "'UTC'")

    def regular_midnight(self, day: Expr, zone: str) -> Expr:
        return call("DATETIME", call("TIMESTAMP", day, self.text(zone)), "'UTC'")

    def earlier(self, instant: Expr, by: timedelta) -> Expr:
        return call("DATETIME_SUB", instant, f"INTERVAL {whole_seconds(by)} SECOND")

    def matches(self, text: Expr, pattern: str) -> Expr:
        return call("REGEXP_CONTAINS", text, self.text(pattern))

    def has(self, items: Expr, item: Expr) -> Expr:
        return Expr(f"{item.at(TOTAL)} IN UNNEST({items.sql})", 4)

    def is_empty(self, items: Expr) -> Expr:
        return equals(coalesce(call("ARRAY_LENGTH", items), Expr("0")), Expr("0"))

    def bucket(self, salt: str, key: Expr) -> Expr:
        digits = call("SUBSTR", call("TO_HEX", call("MD5", self.salted(salt, key))), "1", "8")
        number = cast(call("CONCAT", "'0x'", digits), "INT64")
        return Expr(call("MOD", number, "10000").sql, TOTAL)
