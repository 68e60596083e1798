"""Tests as SQL conditions. A condition may be NULL where the test is false; `not` makes it firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from sqlglot import exp

from enishi.catalog.types import FieldType
from enishi.kernel.text import fold
from enishi.rules.compare import holds
from enishi.rules.compile_dates import DateCompiler
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_rows import RowsCompiler, is_in
from enishi.rules.compile_select import (
    FALSE,
    TRUE,
    Expr,
    Moment,
    both,
    either,
    is_set,
    negate,
    number,
    real,
    text,
    unset,
)
from enishi.rules.compile_values import ZERO_WHEN_EMPTY, Sql, ValueCompiler
from enishi.rules.tree import (
    NUMBERS,
    TIMES,
    TWIN,
    Computed,
    FieldOperand,
    Literal,
    MeasureKind,
    Now,
    Op,
    Operand,
    Point,
    RowsValue,
    SubjectOperand,
    Test,
    Today,
    User,
    compares_exactly,
)
from enishi.rules.windows import is_point, point

DAY = timedelta(days=1)
_COMPARE = {Op.EQ: exp.EQ, Op.LT: exp.LT, Op.LE: exp.LTE, Op.GT: exp.GT, Op.GE: exp.GTE}
_FOLDS = frozenset({Op.EQ, Op.IN, Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH})


class TestCompiler:
    """Compiles one test on a frame."""

    __test__ = False

    def __init__(
        self, moment: Moment, paths: PathCompiler, values: ValueCompiler, rows: RowsCompiler
    ) -> None:
        self.moment = moment
        self.values = values
        self.rows = rows
        self.dates = DateCompiler(moment, paths)

    def test(self, test: Test, frame: Frame) -> Expr:
        """The condition of a test."""
        if isinstance(test.value, RowsValue) and all(is_point(o) for o in test.operands):
            return self._of_rows(test, test.value, frame)
        twin = TWIN.get(test.op)
        if twin is not None:
            return negate(self.test(replace(test, op=twin), frame))
        folded = _folds(test)
        left = self.values.value(frame, test.value, folded=folded)
        return self._condition(test, left, frame)

    # ── measures against what is known beforehand ────────────────────────────────────────────────

    def _of_rows(self, test: Test, value: RowsValue, frame: Frame) -> Expr:
        """A measure compared with constants: the groups that pass, or that fail, are listed."""
        zero = 0 if value.measure in ZERO_WHEN_EMPTY else None
        known = [point(o, self.moment.at, self.moment.catalog.zone) for o in test.operands
                 if isinstance(o, (Literal, Today, Now))]  # fmt: skip
        when_empty = holds(test, zero, known, self.moment.at, self.moment.catalog)
        if all(branch.nothing for branch in value.branches):
            return TRUE if when_empty else FALSE
        if value.measure is MeasureKind.COUNT and self._only_asks_any(test, known, when_empty):
            rows = self.rows.rows(frame, value, folded=False, repeats=False)
            found = is_in(rows.outer, rows.select.build(rows.anchors))
            return negate(found) if when_empty else found
        folded = _folds(test)
        rows = self.rows.rows(frame, value, folded=folded)
        twin = TWIN.get(test.op)
        plain = test if twin is None else replace(test, op=twin)
        passes = self._condition(plain, self.values.measure(value, rows), frame)
        if twin is not None:
            passes = negate(passes)
        wanted = negate(passes) if when_empty else passes
        if wanted is FALSE:
            return TRUE if when_empty else FALSE
        having = None if wanted is TRUE else wanted
        found = is_in(
            rows.outer, rows.select.build(rows.anchors, group=rows.anchors, having=having)
        )
        return negate(found) if when_empty else found

    def _only_asks_any(self, test: Test, known: list[object], when_empty: bool) -> bool:
        """Whether a test of a count says no more than "at least one" or "none"."""
        if test.op in (Op.IS_SET, Op.IS_NOT_SET):
            return False
        numbers = [n for n in known if isinstance(n, (int, Decimal))]
        if any(n > 1 for n in numbers) or test.op in (Op.BETWEEN, Op.IN, Op.NOT_IN):
            return False
        at, catalog = self.moment.at, self.moment.catalog
        # With operands of at most 1, the truth of 1 and of 2 settles that of any higher count.
        one, two = (holds(test, count, known, at, catalog) for count in (1, 2))
        return one == two != when_empty

    # ── one condition ────────────────────────────────────────────────────────────────────────────

    def _condition(self, test: Test, left: Sql, frame: Frame) -> Expr:
        """A test (not a negated one) of a value that is at hand as SQL."""
        op = test.op
        if op is Op.IS_SET:
            return is_set(left.expr)
        if op in (Op.IS_TRUE, Op.IS_FALSE):
            return left.expr if op is Op.IS_TRUE else exp.not_(left.expr)
        if op is Op.IS_EMPTY:
            size = exp.Coalesce(this=exp.ArraySize(this=left.expr), expressions=[number(0)])
            return exp.EQ(this=size, expression=number(0))
        if op is Op.DURING:
            assert test.window is not None
            return self.dates.during(left.expr, left.type, test.window)
        if op is Op.ANNIVERSARY_DURING:
            assert test.window is not None
            return self.dates.anniversary(left.expr, left.type, test.window)
        folded = _folds(test)
        operands = [self._operand(operand, test, frame, folded) for operand in test.operands]
        if op in (Op.HAS, Op.HAS_ANY, Op.HAS_ALL):
            return self._has(op, left, operands, folded)
        if op is Op.IN:
            return self._in(left, operands, folded)
        if op is Op.BETWEEN:
            low, high = operands
            return both([self._compare(Op.GE, left, low), self._compare(Op.LE, left, high)])
        if left.type is FieldType.STRING:
            return self._text(op, left, operands[0], folded)
        return self._compare(op, left, operands[0])

    def _operand(self, operand: Operand, test: Test, frame: Frame, folded: bool) -> Sql:
        if isinstance(operand, (FieldOperand, SubjectOperand)):
            at = frame.outer() if isinstance(operand, SubjectOperand) else frame
            return self.values.field(at, operand.path, folded=folded)
        if isinstance(operand, Computed):
            return self._computed(operand, frame, folded)
        if isinstance(operand, User):
            raise ValueError(f"the user's {operand.name} has not been bound")
        return self._constant(operand, test.value.type)

    def _constant(self, operand: Point, type_: FieldType) -> Sql:
        value = point(operand, self.moment.at, self.moment.catalog.zone)
        if value is None:
            item = FieldType.STRING if type_ is FieldType.STRINGS else type_
            return Sql(item, unset(item), 0, unset(item))
        if isinstance(value, bool):
            return Sql(FieldType.BOOLEAN, exp.true() if value else exp.false(), const=value)
        if isinstance(value, str):
            return Sql(FieldType.STRING, text(value), 0, text(fold(value)), const=value)
        if isinstance(value, datetime):
            return Sql(FieldType.TIMESTAMP, self.dates.instant(value), const=value)
        if isinstance(value, date):
            return Sql(FieldType.DATE, self.dates.day(value), const=value)
        assert isinstance(value, (int, Decimal))
        if type_ is FieldType.FLOAT:
            return Sql(FieldType.FLOAT, real(value), const=float(value))
        return Sql(FieldType.DECIMAL, number(value), _places(value), const=value)

    def _computed(self, operand: Computed, frame: Frame, folded: bool) -> Sql:
        found = self.values.value(frame, operand.value, folded=folded)
        for value, node in ((operand.times, exp.Mul), (operand.plus, exp.Add)):
            if value is None:
                continue
            if found.type is FieldType.FLOAT:
                other: Expr = real(value)
                if found.over is not None and node is exp.Add:
                    other = exp.Mul(this=other, expression=found.over.copy())
                found = replace(found, expr=_grouped(node, found.expr, other), const=None)
                continue
            other = number(value)
            if found.over is not None and node is exp.Add:
                other = exp.Mul(this=other, expression=found.over.copy())
            scale = max(found.scale, _places(value))
            if node is exp.Mul:
                scale = found.scale + _places(value)
            found = replace(found, expr=_grouped(node, found.expr, other), scale=scale, const=None)
        return found

    # ── comparisons ──────────────────────────────────────────────────────────────────────────────

    def _compare(self, op: Op, left: Sql, right: Sql) -> Expr:
        if left.type in TIMES:
            return self.dates.compare(_COMPARE[op], left, right)
        if left.type not in NUMBERS:
            return _COMPARE[op](this=left.expr.copy(), expression=right.expr.copy())
        if FieldType.FLOAT in (left.type, right.type):
            return _COMPARE[op](this=_double(left), expression=_double(right))
        if left.over is None and isinstance(right.const, (int, Decimal)):
            return _fitted(op, left, right.const)
        a, b = left.expr, right.expr
        if left.over is not None:
            b = _grouped(exp.Mul, b, exp.cast(left.over, exp.DataType.build("decimal(18, 0)")))
        if right.over is not None:
            a = _grouped(exp.Mul, a, exp.cast(right.over, exp.DataType.build("decimal(18, 0)")))
        return _COMPARE[op](this=a.copy(), expression=b.copy())

    def _in(self, left: Sql, operands: list[Sql], folded: bool) -> Expr:
        if left.type is FieldType.STRING:
            this = _text(left, folded)
            plain = [o for o in operands if o.const is not None]
            others = [o for o in operands if o.const is None]
            found: list[Expr] = [
                exp.EQ(this=this.copy(), expression=_text(o, folded)) for o in others
            ]
            if plain:
                wanted = list(dict.fromkeys(_text(o, folded) for o in plain))
                found.append(exp.In(this=this.copy(), expressions=wanted))
            return either(found)
        return either(self._compare(Op.EQ, left, o) for o in operands)

    def _text(self, op: Op, left: Sql, right: Sql, folded: bool) -> Expr:
        this, other = _text(left, folded), _text(right, folded)
        node = {
            Op.EQ: exp.EQ,
            Op.CONTAINS: exp.Contains,
            Op.STARTS_WITH: exp.StartsWith,
            Op.ENDS_WITH: exp.EndsWith,
            Op.MATCHES: exp.RegexpLike,
        }[op]
        return node(this=this.copy(), expression=other.copy())

    def _has(self, op: Op, left: Sql, operands: list[Sql], folded: bool) -> Expr:
        this = _text(left, folded)
        found = [
            exp.ArrayContains(this=this.copy(), expression=_text(o, folded).copy())
            for o in operands
        ]
        return both(found) if op is Op.HAS_ALL else either(found)


def _folds(test: Test) -> bool:
    """Whether the folded text decides."""
    type_ = test.value.type
    if type_ is FieldType.STRINGS:
        return not compares_exactly(test)
    twin = TWIN.get(test.op, test.op)
    return type_ is FieldType.STRING and twin in _FOLDS and not compares_exactly(test)


def _text(sql: Sql, folded: bool) -> Expr:
    return sql.folded if folded and sql.folded is not None else sql.expr


def _double(sql: Sql) -> Expr:
    """As a floating-point number; an average is divided."""
    if sql.const is not None and isinstance(sql.const, (int, Decimal)):
        return real(sql.const)
    found = sql.expr if sql.type is FieldType.FLOAT else exp.cast(sql.expr, "double")
    if sql.over is not None:
        found = exp.Div(this=found.copy(), expression=exp.cast(sql.over, "double"))
    return found.copy()


def _fitted(op: Op, left: Sql, literal: int | Decimal) -> Expr:
    """A comparison with a literal brought to the column's own places, so that no digit is lost.

    A column of scale 2 is above 0.126 exactly when it is above 0.12.
    """
    exact = Decimal(literal)
    limit = Decimal(10) ** (37 - left.scale)
    exact = max(-limit, min(limit, exact))
    unit = Decimal(1).scaleb(-left.scale)
    rounding = ROUND_FLOOR if op in (Op.GT, Op.LE) else ROUND_CEILING
    fitted = _quantize(exact, unit, rounding)
    if op is Op.EQ and fitted != exact:
        return FALSE
    return _COMPARE[op](this=left.expr.copy(), expression=number(fitted))


def _quantize(value: Decimal, unit: Decimal, rounding: str) -> Decimal:
    return value.quantize(unit, rounding=rounding, context=Context(prec=80))


def _grouped(node: type[exp.Binary], left: Expr, right: Expr) -> Expr:
    return exp.Paren(this=node(this=exp.Paren(this=left.copy()), expression=right.copy()))


def _places(value: int | Decimal) -> int:
    exponent = Decimal(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
