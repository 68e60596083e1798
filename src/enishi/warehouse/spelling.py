"""How each engine spells the few phrases that questions write by hand.

Rules are compiled (`enishi.rules`); what is left, a lookup or a page of rows, is one text with
these phrases in it, so that there is one question for every engine. Names are quoted, values are
printed as literals of the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from enishi.rules import Schemas as Schemas

SQL = str


def quoted(name: str) -> SQL:
    """An identifier for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> SQL:
    """A string literal for DuckDB."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Spelling:
    """The phrases in DuckDB's words; other engines override what they say differently."""

    schemas: Schemas = field(default_factory=Schemas)

    companion = ""
    """Ends the name of the column that says that a list is unset, where an engine needs one."""

    # names

    def name(self, name: str) -> SQL:
        """An identifier."""
        return quoted(name)

    def data(self, dataset: str) -> SQL:
        """The table of a dataset."""
        return f"{self.name(self.schemas.data)}.{self.name(dataset)}"

    def book(self, table: str) -> SQL:
        """A table about sets of subjects: `memberships`, `list_members`."""
        return f"{self.name(self.schemas.book)}.{self.name(table)}"

    # values

    def text(self, value: str) -> SQL:
        """A string."""
        return literal(value)

    def instant(self, value: datetime) -> SQL:
        """An instant: naive UTC, or aware."""
        return f"TIMESTAMP {self.text(plain_instant(value))}"

    def day(self, value: date) -> SQL:
        """A date."""
        return f"DATE {self.text(value.isoformat())}"

    # phrases

    def as_text(self, expression: SQL) -> SQL:
        """A value as text; NULL stays NULL."""
        return f"CAST({expression} AS VARCHAR)"

    def joined(self, texts: Sequence[SQL], by: str) -> SQL:
        """Texts with `by` between them."""
        return f"concat_ws({self.text(by)}, {', '.join(texts)})"

    def lower(self, text: SQL) -> SQL:
        """A text in small letters, of every script."""
        return f"lower({text})"

    def starts(self, text: SQL, prefix: SQL) -> SQL:
        """Whether a text starts with another."""
        return f"starts_with({text}, {prefix})"

    def holds(self, text: SQL, part: SQL) -> SQL:
        """Whether a text holds another."""
        return f"contains({text}, {part})"

    def each(self, source: SQL, column: SQL) -> SQL:
        """SQL of the rows of `source`, one for each item of the list in `column`, as `_item`."""
        return f"SELECT unnest({column}) AS _item, s.* FROM {source} s"

    def one_of(self, columns: Sequence[SQL], query: SQL) -> SQL:
        """Whether these columns together are a row of a query."""
        return f"({', '.join(columns)}) IN ({query})"

    def reached(self, rows: SQL, pairs: Sequence[tuple[str, str]], alias: str) -> SQL:
        """Whether a row `alias` is joined, by (column there, column here), to a row of a query."""
        there = ", ".join(self.name(column) for column, _ in pairs)
        here = [f"{alias}.{self.name(column)}" for _, column in pairs]
        return self.one_of(here, f"SELECT {there} FROM ({rows}) r")


def plain_instant(value: datetime) -> str:
    """An instant as every engine reads it: UTC, with all its microseconds, no zone."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat(sep=" ", timespec="microseconds")


class ClickHouseSpelling(Spelling):
    """ClickHouse's words."""

    companion = "__n"

    def name(self, name: str) -> SQL:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def text(self, value: str) -> SQL:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def instant(self, value: datetime) -> SQL:
        return f"toDateTime64({self.text(plain_instant(value))}, 6, 'UTC')"

    def day(self, value: date) -> SQL:
        return f"toDate32({self.text(value.isoformat())})"  # toDate knows no day before 1970

    def as_text(self, expression: SQL) -> SQL:
        return f"toString({expression})"

    def joined(self, texts: Sequence[SQL], by: str) -> SQL:
        return f"concatWithSeparator({self.text(by)}, {', '.join(texts)})"

    def lower(self, text: SQL) -> SQL:
        return f"lowerUTF8({text})"

    def starts(self, text: SQL, prefix: SQL) -> SQL:
        return f"startsWith({text}, {prefix})"

    def holds(self, text: SQL, part: SQL) -> SQL:
        return f"(position({text}, {part}) > 0)"

    def each(self, source: SQL, column: SQL) -> SQL:
        return f"SELECT arrayJoin({column}) AS _item, s.* FROM {source} s"


class SparkSpelling(Spelling):
    """Spark SQL's words."""

    def name(self, name: str) -> SQL:
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> SQL:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def instant(self, value: datetime) -> SQL:
        return f"TIMESTAMP_NTZ {self.text(plain_instant(value))}"

    def as_text(self, expression: SQL) -> SQL:
        return f"CAST({expression} AS STRING)"

    def starts(self, text: SQL, prefix: SQL) -> SQL:
        return f"startswith({text}, {prefix})"

    def each(self, source: SQL, column: SQL) -> SQL:
        return f"SELECT explode({column}) AS _item, s.* FROM {source} s"
