"""Values as SQL: fields, measures, and the columns of a view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from enishi.catalog.types import FieldType
from enishi.rules.check_values import AVG_PLACES
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_rows import Rows, RowsCompiler
from enishi.rules.compile_select import Expr, Names, column, equal_all, number, unset, wide
from enishi.rules.tree import FieldValue, MeasureKind, Path, RowsValue, Value

ZERO_WHEN_EMPTY = frozenset({MeasureKind.COUNT, MeasureKind.SUM, MeasureKind.DISTINCT})
_STRUCT_MEASURES = frozenset({MeasureKind.FIRST, MeasureKind.LAST})


@dataclass(frozen=True, slots=True)
class Sql:
    """A typed SQL value. `over`: an average is `expr / over`, kept as two so that it stays exact.

    `folded`: the folded form of a text. `const`: the value of a literal.
    """

    type: FieldType
    expr: Expr
    scale: int = 0
    folded: Expr | None = None
    over: Expr | None = None
    const: str | int | Decimal | float | bool | datetime | object | None = None


class ValueCompiler:
    """Puts values into frames: a field is read, a measure is joined as a grouped SELECT."""

    def __init__(self, names: Names, paths: PathCompiler, rows: RowsCompiler) -> None:
        self.names = names
        self.paths = paths
        self.rows = rows

    def value(self, frame: Frame, value: Value, *, folded: bool = False) -> Sql:
        """A value as columns available in `frame`."""
        if isinstance(value, FieldValue):
            return self.field(frame, value.path, folded=folded)
        key = (value, folded)
        if key not in frame.measured:
            frame.measured[key] = self._joined(frame, value, folded)
        found = frame.measured[key]
        assert isinstance(found, Sql)
        return found

    def field(self, frame: Frame, path: Path, *, folded: bool = False) -> Sql:
        lower = self.paths.read(frame, path, folded=True) if folded else None
        return Sql(path.type, self.paths.read(frame, path), path.scale, lower)

    # ── measures ─────────────────────────────────────────────────────────────────────────────────

    def _joined(self, frame: Frame, value: RowsValue, folded: bool) -> Sql:
        if all(branch.nothing for branch in value.branches):
            return empty(value)
        rows = self.rows.rows(frame, value, folded=folded)
        measured = self.measure(value, rows)
        alias = self.names.new("g")
        columns = [
            exp.alias_(anchor.copy(), f"_a{i}", quoted=True)
            for i, anchor in enumerate(rows.anchors)
        ]
        parts = {"_m": measured.expr, "_n": measured.over, "_f": measured.folded}
        kept = {name: part for name, part in parts.items() if part is not None}
        columns += [exp.alias_(part, name, quoted=True) for name, part in kept.items()]
        query = rows.select.build(columns, group=rows.anchors)
        on = equal_all(rows.outer, [column(alias, f"_a{i}") for i in range(len(rows.anchors))])
        frame.select.join("left", query.subquery(alias, copy=False), on)
        found: Expr = column(alias, "_m")
        if value.measure in ZERO_WHEN_EMPTY:
            found = exp.Coalesce(this=found, expressions=[number(0)])
        return Sql(
            value.type,
            found,
            measured.scale,
            column(alias, "_f") if "_f" in kept else None,
            column(alias, "_n") if "_n" in kept else None,
        )

    def measure(self, value: RowsValue, rows: Rows) -> Sql:
        """A measure as aggregates over `rows`, to be grouped by their anchors."""
        kind, this = value.measure, rows.value
        if kind is MeasureKind.COUNT:
            return Sql(FieldType.INTEGER, exp.Count(this=exp.Star()))
        assert this is not None
        assert value.measured is not None
        type_, scale = value.measured.type, value.measured.scale
        if kind is MeasureKind.DISTINCT:
            return Sql(FieldType.INTEGER, exp.Count(this=exp.Distinct(expressions=[this.copy()])))
        if kind is MeasureKind.SUM:
            total = exp.Sum(this=this.copy())
            return Sql(type_, exp.Coalesce(this=total, expressions=[number(0)]), scale)
        if kind is MeasureKind.AVG:
            total, count = exp.Sum(this=this.copy()), exp.Count(this=this.copy())
            return Sql(value.type, total, scale, None, count)
        if kind in _STRUCT_MEASURES:
            return self._chosen(value, rows)
        chosen = exp.Min if kind is MeasureKind.MIN else exp.Max
        return Sql(type_, chosen(this=this.copy()), scale)

    def _chosen(self, value: RowsValue, rows: Rows) -> Sql:
        """The value of the first or last row by (time, key)."""
        assert value.measured is not None
        type_, scale = value.measured.type, value.measured.scale
        first = value.measure is MeasureKind.FIRST
        assert rows.value is not None
        if _is_time_itself(value):
            return Sql(type_, (exp.Min if first else exp.Max)(this=rows.value.copy()), scale)
        parts = {"v": rows.value} | ({} if rows.folded is None else {"f": rows.folded})
        order = {f"o{i}": part for i, part in enumerate(rows.order)}
        row = (exp.ArgMin if first else exp.ArgMax)(this=_struct(parts), expression=_struct(order))
        return Sql(
            type_,
            _member(row, "v"),
            scale,
            None if rows.folded is None else _member(row, "f"),
        )


def empty(value: RowsValue) -> Sql:
    """A measure of no rows."""
    if value.measure in ZERO_WHEN_EMPTY:
        return Sql(value.type, number(0), value.scale, const=0)
    nothing = unset(value.type, value.scale)
    return Sql(value.type, nothing, value.scale, nothing)


def shown(sql: Sql) -> Expr:
    """One column of its proper type: an average is divided, rounded half away from zero."""
    if sql.over is None:
        return sql.expr
    if sql.type is FieldType.FLOAT:
        return exp.Div(this=sql.expr, expression=exp.cast(sql.over, "double"))
    places = sql.scale + AVG_PLACES
    shifted = exp.Mul(this=wide(sql.expr, sql.scale), expression=number(10**places))
    total = exp.cast(shifted, "int128")
    twice = exp.Mul(this=exp.Abs(this=total), expression=number(2))
    count = exp.cast(sql.over, "int128")
    half_up = exp.IntDiv(
        this=exp.Paren(this=exp.Add(this=twice, expression=count)),
        expression=exp.Paren(this=exp.Mul(this=count.copy(), expression=number(2))),
    )
    sign = exp.Case(
        ifs=[exp.If(this=exp.LT(this=sql.expr.copy(), expression=number(0)), true=number(-1))],
        default=number(1),
    )
    units = wide(exp.Mul(this=half_up, expression=sign), 0)
    unit = exp.cast(
        number(Decimal(1).scaleb(-places)), exp.DataType.build(f"decimal(38, {places})")
    )
    return exp.Mul(this=units, expression=unit)


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


def _struct(parts: dict[str, Expr]) -> Expr:
    return exp.Struct(
        expressions=[
            exp.PropertyEQ(this=exp.to_identifier(name), expression=part.copy())
            for name, part in parts.items()
        ]
    )


def _member(row: Expr, name: str) -> Expr:
    return exp.StructExtract(this=row.copy(), expression=exp.Literal.string(name))
