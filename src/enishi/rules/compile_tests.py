"""Tests as SQL conditions. A condition may be NULL where the test is false; `not` makes it firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from enishi.catalog.types import FieldType
from enishi.kernel.text import fold
from enishi.rules.compare import holds
from enishi.rules.compile_dates import DateCompiler
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_rows import RowsCompiler
from enishi.rules.compile_select import Moment, numbered
from enishi.rules.compile_values import ZERO_WHEN_EMPTY, Sql, ValueCompiler
from enishi.rules.dialects.text import (
    ATOM,
    FALSE,
    NEGATED,
    TRUE,
    Expr,
    add,
    both,
    compare,
    divide,
    either,
    equal_all,
    in_list,
    in_query,
    is_set,
    multiply,
    negate,
)
from enishi.rules.tree import (
    NUMBERS,
    TIMES,
    TWIN,
    Computed,
    FieldOperand,
    Literal,
    MeasureKind,
    Membership,
    Node,
    Now,
    Op,
    Operand,
    Point,
    RowsValue,
    Sequence,
    SubjectOperand,
    Test,
    Today,
    User,
    compares_exactly,
)
from enishi.rules.windows import is_point, point

DAY = timedelta(days=1)
_SIGNS = {Op.EQ: "=", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}
_CONTRARY = {
    Op.GE: Op.LT, Op.LT: Op.GE, Op.GT: Op.LE, Op.LE: Op.GT, Op.EQ: Op.NE, Op.NE: Op.EQ,
}  # fmt: skip
_LISTS = frozenset({Op.HAS, Op.HAS_ANY, Op.HAS_ALL, Op.IS_EMPTY})
_FOLDS = frozenset({Op.EQ, Op.IN, Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH})


class TestCompiler:
    """Compiles one test on a frame."""

    __test__ = False

    def __init__(
        self, moment: Moment, paths: PathCompiler, values: ValueCompiler, rows: RowsCompiler
    ) -> None:
        self.moment = moment
        self.sql = moment.dialect
        self.values = values
        self.rows = rows
        self.dates = DateCompiler(moment, paths)
        self.few = False
        """Whether what is tested stands beside a set that leaves few rows."""

    def test(self, test: Test, frame: Frame) -> Expr:
        """The condition of a test."""
        if isinstance(test.value, RowsValue) and all(is_point(o) for o in test.operands):
            return self._of_rows(test, test.value, frame)
        twin = TWIN.get(test.op)
        if twin is not None:
            return negate(self.test(replace(test, op=twin), frame))
        folded = _folds(test)
        left = self.values.value(frame, test.value, folded=folded, items=test.op in _LISTS)
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
            # DuckDB thinks the rows of a window many, and would hash all subjects to look them up;
            # of distinct ones it hashes those that it finds: 54 → 8 ms for 9,000 of a million.
            once = self.sql.groups_sets and not when_empty
            query = rows.select.build(numbered("_a", rows.anchors), distinct=once)
            return self._absent(rows.outer, query) if when_empty else in_query(rows.outer, query)
        folded = _folds(test)
        rows = self.rows.rows(frame, value, folded=folded)
        twin = TWIN.get(test.op)
        plain = test if twin is None else replace(test, op=twin)
        passes = self._condition(plain, self.values.measure(value, rows), frame)
        if twin is not None:
            passes = negate(passes)
        wanted = negate(passes) if when_empty else passes
        if wanted == FALSE:
            return TRUE if when_empty else FALSE
        having = None if wanted == TRUE else wanted
        anchors = numbered("_a", rows.anchors)
        query = rows.select.build(anchors, group=rows.anchors, having=having)
        return self._absent(rows.outer, query) if when_empty else in_query(rows.outer, query)

    def _absent(self, outer: tuple[Expr, ...], query: str) -> Expr:
        """Whether these columns are not among the rows of a query.

        Where few rows are left to ask about, DuckDB answers NOT EXISTS by an anti join that looks
        only these up: 20 against 29 ms. Of all rows it takes twice as long as marking them.
        """
        if not (self.few and self.sql.groups_sets):
            return negate(in_query(outer, query))
        alias = self.values.names.new("n")
        theirs = [self.sql.column(alias, f"_a{i}") for i in range(len(outer))]
        same = equal_all(theirs, outer)
        return Expr(
            f"NOT EXISTS (SELECT 1 FROM ({query}) AS {alias} WHERE {same.sql})", NEGATED, firm=True
        )

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
            if left.type is FieldType.STRINGS:
                return self.sql.list_is_set(left.expr)
            return is_set(left.expr)
        if op in (Op.IS_TRUE, Op.IS_FALSE):
            return left.expr if op is Op.IS_TRUE else Expr(f"NOT {left.expr.at(ATOM)}", NEGATED)
        if op is Op.IS_EMPTY:
            return self.sql.is_empty(left.expr)
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
            return self._text(test, left, operands[0], folded)
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
            nothing = self.sql.unset(item)
            return Sql(item, nothing, 0, nothing)
        if isinstance(value, bool):
            return Sql(FieldType.BOOLEAN, TRUE if value else FALSE, const=value)
        if isinstance(value, str):
            lower = self.sql.text(fold(value))
            return Sql(FieldType.STRING, self.sql.text(value), 0, lower, const=value)
        if isinstance(value, datetime):
            return Sql(FieldType.TIMESTAMP, self.sql.instant(value), const=value)
        if isinstance(value, date):
            return Sql(FieldType.DATE, self.sql.day(value), const=value)
        assert isinstance(value, (int, Decimal))
        if type_ is FieldType.FLOAT:
            return Sql(FieldType.FLOAT, self.sql.real(value), const=float(value))
        return Sql(FieldType.DECIMAL, self.sql.number(value), _places(value), const=value)

    def _computed(self, operand: Computed, frame: Frame, folded: bool) -> Sql:
        """`value × times + plus`; of an average both are of the sum, `plus` as often as counted."""
        found = self.values.value(frame, operand.value, folded=folded)
        if operand.times is not None:
            found = self._times(found, operand.times)
        return found if operand.plus is None else self._plus(found, operand.plus)

    def _times(self, found: Sql, value: Decimal) -> Sql:
        if found.type is FieldType.FLOAT:
            return replace(found, expr=multiply(found.expr, self.sql.real(value)), const=None)
        expr = self.sql.product(self._factor(found), self._literal(value))
        scale = found.scale + _places(value)
        return replace(found, type=FieldType.DECIMAL, expr=expr, scale=scale, const=None)

    def _plus(self, found: Sql, value: Decimal) -> Sql:
        if found.type is FieldType.FLOAT:
            other = self.sql.real(value)
            if found.over is not None:
                other = multiply(other, found.over)
            return replace(found, expr=add(found.expr, other), const=None)
        other = self._literal(value)
        if found.over is not None:
            other = self.sql.product(other, self.sql.tally(found.over))
        expr = add(self._factor(found), other)
        scale = max(found.scale, _places(value))
        return replace(found, type=FieldType.DECIMAL, expr=expr, scale=scale, const=None)

    def _factor(self, found: Sql) -> Expr:
        if isinstance(found.const, (int, Decimal)):
            return self._literal(Decimal(found.const))
        return self.sql.factor(found.expr, found.type, found.scale)

    def _exact(self, found: Sql) -> Expr:
        if isinstance(found.const, (int, Decimal)):
            return self._literal(Decimal(found.const))
        return self.sql.exact(found.expr, found.type, found.scale)

    def _literal(self, value: Decimal) -> Expr:
        return self.sql.literal(self.sql.number(value), _places(value))

    # ── comparisons ──────────────────────────────────────────────────────────────────────────────

    def _compare(self, op: Op, left: Sql, right: Sql) -> Expr:
        sign = _SIGNS[op]
        if left.type in TIMES:
            return self.dates.compare(sign, left, right)
        if left.type not in NUMBERS:
            return compare(sign, left.expr, right.expr)
        if FieldType.FLOAT in (left.type, right.type):
            double = self._double(left)
            if right.const == 0:
                double = self.sql.one_zero(double)
            return compare(sign, double, self._double(right))
        if left.over is None and isinstance(right.const, (int, Decimal)):
            if left.born is not None:
                return self.dates.aged(sign, left.born, right.const)
            return self._fitted(op, left, right.const)
        if left.over is not None and isinstance(right.const, (int, Decimal)):
            # No average comes near; times the count a larger one would be more than can be held.
            limit = Decimal(10) ** (26 - left.scale)
            right = replace(right, const=max(-limit, min(limit, Decimal(right.const))))
        a, b = self._exact(left), self._exact(right)
        if left.over is not None:
            b = self.sql.product(b, self.sql.tally(left.over))
        if right.over is not None:
            a = self.sql.product(a, self.sql.tally(right.over))
        return compare(sign, a, b)

    def _fitted(self, op: Op, left: Sql, literal: int | Decimal) -> Expr:
        """A comparison with a literal brought to the column's own places, so that no digit is lost.

        A column of scale 2 is above 0.126 exactly when it is above 0.12.
        """
        exact = Decimal(literal)
        limit = Decimal(10) ** (37 - left.scale)
        exact = max(-limit, min(limit, exact))
        unit = Decimal(1).scaleb(-left.scale)
        rounding = ROUND_FLOOR if op in (Op.GT, Op.LE) else ROUND_CEILING
        fitted = exact.quantize(unit, rounding=rounding, context=Context(prec=80))
        if op is Op.EQ and fitted != exact:
            return FALSE
        return compare(_SIGNS[op], left.expr, self.sql.number(fitted))

    def _double(self, sql: Sql) -> Expr:
        """As a floating-point number; an average is divided."""
        if sql.const is not None and isinstance(sql.const, (int, Decimal)):
            return self.sql.real(sql.const)
        found = sql.expr if sql.type is FieldType.FLOAT else self.sql.as_real(sql.expr)
        return found if sql.over is None else divide(found, self.sql.as_real(sql.over))

    def _in(self, left: Sql, operands: list[Sql], folded: bool) -> Expr:
        if left.type is FieldType.STRING:
            this = _text(left, folded)
            others = [o for o in operands if o.const is None]
            found = [compare("=", this, _text(o, folded)) for o in others]
            plain = [_text(o, folded) for o in operands if o.const is not None]
            if plain:
                found.append(in_list(this, list(dict.fromkeys(plain))))
            return either(found)
        return either(self._compare(Op.EQ, left, o) for o in operands)

    def _text(self, test: Test, left: Sql, right: Sql, folded: bool) -> Expr:
        this, other = _text(left, folded), _text(right, folded)
        if test.op is Op.EQ:
            return compare("=", this, other)
        if test.op is Op.MATCHES:
            return self.sql.matches(this, right.const) if isinstance(right.const, str) else FALSE
        said = {
            Op.CONTAINS: self.sql.contains,
            Op.STARTS_WITH: self.sql.starts_with,
            Op.ENDS_WITH: self.sql.ends_with,
        }
        return said[test.op](this, other)

    def _has(self, op: Op, left: Sql, operands: list[Sql], folded: bool) -> Expr:
        this = _text(left, folded)
        found = [self.sql.has(this, _text(o, folded)) for o in operands]
        return both(found) if op is Op.HAS_ALL else either(found)


def leaves_few(node: Node) -> bool:
    """Whether a rule asks for rows that most subjects lack, as far as its shape tells."""
    if isinstance(node, (Membership, Sequence)):
        return True
    return (
        isinstance(node, Test)
        and isinstance(node.value, RowsValue)
        and node.op in (Op.GE, Op.GT, Op.BETWEEN)
    )


def contrary_of(node: Node) -> Test | None:
    """The test of a count that is true exactly where this one is not; None where there is none.

    A count is never unset, so "not one or more" is "fewer than one": the rows are then looked up as
    what must not be there, which an engine does without making them distinct first.
    """
    if not isinstance(node, Test) or node.op not in _CONTRARY or len(node.operands) != 1:
        return None
    counts = isinstance(node.value, RowsValue) and node.value.measure is MeasureKind.COUNT
    [operand] = node.operands
    if not counts or not isinstance(operand, Literal) or operand.value is None:
        return None
    return replace(node, op=_CONTRARY[node.op])


def _folds(test: Test) -> bool:
    """Whether the folded text decides."""
    type_ = test.value.type
    if type_ is FieldType.STRINGS:
        return not compares_exactly(test)
    twin = TWIN.get(test.op, test.op)
    return type_ is FieldType.STRING and twin in _FOLDS and not compares_exactly(test)


def _text(sql: Sql, folded: bool) -> Expr:
    return sql.folded if folded and sql.folded is not None else sql.expr


def _places(value: int | Decimal) -> int:
    exponent = Decimal(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
