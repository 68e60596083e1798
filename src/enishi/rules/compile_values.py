"""Values as SQL: fields, measures, and the columns of a view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from enishi.catalog.types import FieldType
from enishi.rules.check_values import AVG_PLACES
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_rows import Rows, RowsCompiler
from enishi.rules.compile_select import Names, numbered
from enishi.rules.dialects.base import Dialect
from enishi.rules.dialects.text import Expr, call, coalesce, divide, equal_all
from enishi.rules.tree import FieldValue, MeasureKind, Part, Path, RowsValue, Value

ZERO_WHEN_EMPTY = frozenset({MeasureKind.COUNT, MeasureKind.SUM, MeasureKind.DISTINCT})
_STRUCT_MEASURES = frozenset({MeasureKind.FIRST, MeasureKind.LAST})


@dataclass(frozen=True, slots=True)
class Sql:
    """A typed SQL value. `over`: an average is `expr / over`, kept as two so that it stays exact.

    `folded`: the folded form of a text. `const`: the value of a literal. `born`: of an age, the
    date or time it is counted from.
    """

    type: FieldType
    expr: Expr
    scale: int = 0
    folded: Expr | None = None
    over: Expr | None = None
    const: str | int | Decimal | float | bool | datetime | object | None = None
    born: Sql | None = None


class ValueCompiler:
    """Puts values into frames: a field is read, a measure is joined as a grouped SELECT."""

    def __init__(
        self, dialect: Dialect, names: Names, paths: PathCompiler, rows: RowsCompiler
    ) -> None:
        self.sql = dialect
        self.names = names
        self.paths = paths
        self.rows = rows

    def value(
        self, frame: Frame, value: Value, *, folded: bool = False, items: bool = False
    ) -> Sql:
        """A value as columns available in `frame`. `items`: of a list only the items matter."""
        if isinstance(value, FieldValue):
            return self.field(frame, value.path, folded=folded, items=items)
        key = (value, folded)
        if key not in frame.measured:
            frame.measured[key] = self._joined(frame, value, folded)
        found = frame.measured[key]
        assert isinstance(found, Sql)
        return found

    def field(self, frame: Frame, path: Path, *, folded: bool = False, items: bool = False) -> Sql:
        lower = self.paths.read(frame, path, folded=True, items=items) if folded else None
        found = self.paths.read(frame, path, items=items)
        born = None
        if path.part is Part.AGE and not path.missing and path.type is FieldType.INTEGER:
            whole = replace(path, part=None, type=path.stored)
            born = Sql(path.stored, self.paths.read(frame, whole))
        return Sql(path.type, found, path.scale, lower, born=born)

    # ── measures ─────────────────────────────────────────────────────────────────────────────────

    def _joined(self, frame: Frame, value: RowsValue, folded: bool) -> Sql:
        if all(branch.nothing for branch in value.branches):
            return empty(value, self.sql)
        rows = self.rows.rows(frame, value, folded=folded)
        measured = self.measure(value, rows)
        alias = self.names.new("g")
        parts = {"_m": measured.expr, "_n": measured.over, "_f": measured.folded}
        kept = {name: part for name, part in parts.items() if part is not None}
        query = rows.select.build(numbered("_a", rows.anchors) | kept, group=rows.anchors)
        anchors = [self.sql.column(alias, f"_a{i}") for i in range(len(rows.anchors))]
        frame.select.join("LEFT JOIN", f"({query}) AS {alias}", equal_all(rows.outer, anchors))
        found = self._missing(alias, "_m", value)
        if value.measure in ZERO_WHEN_EMPTY:
            found = coalesce(found, self.sql.zero(value.type, measured.scale))
        return Sql(
            value.type,
            found,
            measured.scale,
            self._missing(alias, "_f", value) if "_f" in kept else None,
            self.sql.column(alias, "_n") if "_n" in kept else None,
        )

    def _missing(self, alias: str, name: str, value: RowsValue) -> Expr:
        """A column of a joined group that is unset where no group was met."""
        found = self.sql.column(alias, name)
        if value.type is FieldType.STRINGS and self.sql.list_companion:
            nobody = call("isNull", self.sql.column(alias, "_a0"))
            return self.sql.list_value(found, nobody)
        return found

    def measure(self, value: RowsValue, rows: Rows) -> Sql:
        """A measure as aggregates over `rows`, to be grouped by their anchors."""
        kind, this = value.measure, rows.value
        if kind is MeasureKind.COUNT:
            return Sql(FieldType.INTEGER, Expr("COUNT(*)"))
        assert this is not None
        assert value.measured is not None
        type_, scale = value.measured.type, value.measured.scale
        if kind is MeasureKind.DISTINCT:
            return Sql(FieldType.INTEGER, self.sql.count_distinct(this))
        if kind is MeasureKind.SUM:
            total = self.sql.total(this, type_, scale)
            return Sql(type_, coalesce(total, self.sql.zero(type_, scale)), scale)
        if kind is MeasureKind.AVG:
            total, count = self.sql.total(this, type_, scale), call("COUNT", this)
            return Sql(value.type, total, scale, None, count)
        if kind in _STRUCT_MEASURES:
            return self._chosen(value, rows)
        return Sql(type_, call("MIN" if kind is MeasureKind.MIN else "MAX", this), scale)

    def _chosen(self, value: RowsValue, rows: Rows) -> Sql:
        """The value of the first or last row by (time, key)."""
        assert value.measured is not None
        type_, scale = value.measured.type, value.measured.scale
        first = value.measure is MeasureKind.FIRST
        assert rows.value is not None
        if _is_time_itself(value):
            return Sql(type_, call("MIN" if first else "MAX", rows.value), scale)
        found, folded = self.sql.chosen(first, rows.value, rows.folded, rows.order)
        return Sql(type_, found, scale, folded)


def empty(value: RowsValue, dialect: Dialect) -> Sql:
    """A measure of no rows."""
    if value.measure in ZERO_WHEN_EMPTY:
        return Sql(value.type, dialect.zero(value.type, value.scale), value.scale, const=0)
    nothing = dialect.unset(value.type, value.scale)
    return Sql(value.type, nothing, value.scale, nothing)


def shown(sql: Sql, dialect: Dialect) -> Expr:
    """One column of its proper type: an average is divided, rounded half away from zero."""
    if sql.over is None:
        return sql.expr
    if sql.type is FieldType.FLOAT:
        return divide(sql.expr, dialect.as_real(sql.over))
    places = sql.scale + AVG_PLACES
    return dialect.quotient(sql.expr, sql.scale, sql.over, places)


def _is_time_itself(value: RowsValue) -> bool:
    """Whether what is measured is the very time the rows are ordered by."""
    return all(
        branch.path is not None
        and not branch.path.steps
        and not branch.path.missing
        and branch.path.part is None
        and branch.path.constant is None
        and branch.path.field == branch.time
        for branch in value.branches
    )
