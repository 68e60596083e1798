"""Snowflake: generated, not run. Times are TIMESTAMP_NTZ in UTC, lists ARRAY."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from enishi.catalog.types import FieldType
from enishi.rules.dialects.base import Dialect, naive, whole_seconds
from enishi.rules.dialects.java_patterns import NotPortable
from enishi.rules.dialects.text import (
    TOTAL,
    Expr,
    call,
    cast,
    coalesce,
    compare,
    divide,
    equals,
)

_UNREADABLE = ("(?", "[[:^", "\\p", "\\P", "\\Q", "\\x", "\\z", "\\A", "\\C")


class Snowflake(Dialect):
    name = "snowflake"
    runs: ClassVar[bool] = False
    names: ClassVar[dict[FieldType, str]] = Dialect.names | {
        FieldType.DECIMAL: "NUMBER(38, {scale})",
        FieldType.TIMESTAMP: "TIMESTAMP_NTZ(6)",
        FieldType.STRINGS: "ARRAY",
    }

    def text(self, value: str) -> Expr:
        return Expr("'" + value.replace("\\", "\\\\").replace("'", "''") + "'")

    def instant(self, value: datetime) -> Expr:
        return Expr(f"'{naive(value)}'::TIMESTAMP_NTZ")

    def tally(self, count: Expr) -> Expr:
        return cast(count, "NUMBER(12, 0)")

    def quotient(self, total: Expr, scale: int, count: Expr, places: int) -> Expr:
        whole = divide(self.wide(total, scale), call("NULLIF", count, "0"))
        return call("ROUND", whole, str(places))

    def chosen(
        self, first: bool, value: Expr, folded: Expr | None, order: Sequence[Expr]
    ) -> tuple[Expr, Expr | None]:
        # One row is numbered first by the order; the aggregates of a group see its column alone.
        by = ", ".join(f"{part.sql}{'' if first else ' DESC'}" for part in order)

        def pick(what: Expr) -> Expr:
            listed = f"ARRAY_AGG(OBJECT_CONSTRUCT_KEEP_NULL('v', {what.sql}))"
            return Expr(f"GET({listed} WITHIN GROUP (ORDER BY {by}), 0):v")

        return pick(value), None if folded is None else cast(pick(folded), "VARCHAR")

    def iso_week(self, day: Expr) -> Expr:
        return call("WEEKISO", day)

    def iso_weekday(self, day: Expr) -> Expr:
        return call("DAYOFWEEKISO", day)

    def local_date(self, instant: Expr, zone: str) -> Expr:
        return call("TO_DATE", self._local(instant, zone))

    def local_hour(self, instant: Expr, zone: str) -> Expr:
        return call("HOUR", self._local(instant, zone))

    def _local(self, instant: Expr, zone: str) -> Expr:
        return call("CONVERT_TIMEZONE", "'UTC'", self.text(zone), instant)

    def regular_midnight(self, day: Expr, zone: str) -> Expr:
        start = call("TO_TIMESTAMP_NTZ", day)
        return call("CONVERT_TIMEZONE", self.text(zone), "'UTC'", start)

    def earlier(self, instant: Expr, by: timedelta) -> Expr:
        return call("DATEADD", "second", str(-whole_seconds(by)), instant)

    def contains(self, text: Expr, part: Expr) -> Expr:
        return call("CONTAINS", text, part)

    def starts_with(self, text: Expr, part: Expr) -> Expr:
        return call("STARTSWITH", text, part)

    def ends_with(self, text: Expr, part: Expr) -> Expr:
        return call("ENDSWITH", text, part)

    def matches(self, text: Expr, pattern: str) -> Expr:
        """Only what POSIX and Perl classes share with RE2; anything further is refused."""
        flags, rest = ("i", pattern[4:]) if pattern.startswith("(?i)") else ("c", pattern)
        for sign_ in _UNREADABLE:
            if sign_ in rest:
                raise NotPortable.of(sign_)
        found = call("REGEXP_INSTR", text, self.text(rest), "1", "1", "0", f"'{flags}'")
        return compare(">", found, Expr("0"))

    def has(self, items: Expr, item: Expr) -> Expr:
        return call("ARRAY_CONTAINS", Expr(f"{item.sql}::VARIANT"), items)

    def is_empty(self, items: Expr) -> Expr:
        return equals(coalesce(call("ARRAY_SIZE", items), Expr("0")), Expr("0"))

    def bucket(self, salt: str, key: Expr) -> Expr:
        digits = call("SUBSTR", call("MD5", self.salted(salt, key)), "1", "8")
        return Expr(call("MOD", call("TO_NUMBER", digits, "'XXXXXXXX'"), "10000").sql, TOTAL)
