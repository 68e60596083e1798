"""What each operator means for plain values: the one definition both executions lean on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from enishi.catalog.types import Catalog
from enishi.kernel.text import fold
from enishi.rules.patterns import found_in
from enishi.rules.tree import TWIN, Op, Test, compares_exactly
from enishi.rules.windows import (
    DateBounds,
    anniversary,
    as_date,
    date_bounds,
    instant_bounds,
)

Found = object
"""A value at hand: str, int, Decimal, Fraction (an average), float, bool, date, datetime, tuple of
str; None when unset."""


def holds(
    test: Test, value: Found, operands: Sequence[Found], at: datetime, catalog: Catalog
) -> bool:
    """Whether a test is true of `value`, its operands being known. Unset: None."""
    twin = TWIN.get(test.op)
    if twin is not None:
        return not _positive(twin, test, value, operands, at, catalog)
    return _positive(test.op, test, value, operands, at, catalog)


def _positive(
    op: Op, test: Test, value: Found, operands: Sequence[Found], at: datetime, catalog: Catalog
) -> bool:
    if op is Op.IS_EMPTY:
        return not value
    if op in (Op.HAS, Op.HAS_ANY, Op.HAS_ALL):
        return _has(op, value, operands, compares_exactly(test))
    if value is None:
        return False
    if op is Op.IS_SET:
        return True
    if op in (Op.IS_TRUE, Op.IS_FALSE):
        return value is (op is Op.IS_TRUE)
    if op is Op.DURING:
        assert test.window is not None
        if isinstance(value, datetime):
            return instant_bounds(test.window, at, catalog).holds(value)
        assert isinstance(value, date)
        return date_bounds(test.window, at, catalog).holds(value)
    if op is Op.ANNIVERSARY_DURING:
        assert test.window is not None
        born = as_date(value, catalog.zone)
        return anniversary_in(born, date_bounds(test.window, at, catalog))
    if op is Op.IN:
        return any(
            operand is not None and _equal(value, operand, compares_exactly(test), catalog.zone)
            for operand in operands
        )
    if any(operand is None for operand in operands):
        return False
    if op is Op.BETWEEN:
        low, high = operands
        return order(low, value, catalog.zone) <= 0 <= order(high, value, catalog.zone)
    return _one(op, value, operands[0], compares_exactly(test), catalog.zone)


def _one(op: Op, value: Found, operand: Found, exact: bool, zone: ZoneInfo) -> bool:
    if op is Op.EQ:
        return _equal(value, operand, exact, zone)
    if op in (Op.LT, Op.LE, Op.GT, Op.GE):
        sign = order(value, operand, zone)
        return {Op.LT: sign < 0, Op.LE: sign <= 0, Op.GT: sign > 0, Op.GE: sign >= 0}[op]
    assert isinstance(value, str)
    assert isinstance(operand, str)
    if op is Op.MATCHES:
        return found_in(operand, value)
    text, part = (value, operand) if exact else (fold(value), fold(operand))
    if op is Op.CONTAINS:
        return part in text
    return text.startswith(part) if op is Op.STARTS_WITH else text.endswith(part)


def _equal(value: Found, operand: Found, exact: bool, zone: ZoneInfo) -> bool:
    if isinstance(value, str):
        assert isinstance(operand, str)
        return value == operand if exact else fold(value) == fold(operand)
    if isinstance(value, bool):
        return value is operand
    return order(value, operand, zone) == 0


def _has(op: Op, value: Found, operands: Sequence[Found], exact: bool) -> bool:
    """An unset list is empty; an unset operand is in no list."""
    assert value is None or isinstance(value, (tuple, list))
    items = {item if exact else fold(item) for item in value or ()}
    wanted = [o if exact or o is None else fold(str(o)) for o in operands]
    if op is Op.HAS_ALL:
        return all(want is not None and want in items for want in wanted)
    return any(want is not None and want in items for want in wanted)


def order(left: Found, right: Found, zone: ZoneInfo) -> int:
    """-1, 0 or 1. Dates and times: when either is a date both are local dates."""
    a, b = _alike(left, right, zone)
    return int(a > b) - int(a < b)


def _alike(left: Found, right: Found, zone: ZoneInfo) -> tuple[Any, Any]:
    """The two as values of one ordered type."""
    if isinstance(left, date) and isinstance(right, date):
        if isinstance(left, datetime) and isinstance(right, datetime):
            return left, right
        return as_date(left, zone), as_date(right, zone)
    if isinstance(left, float) or isinstance(right, float):
        return _float(left), _float(right)
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        return _fraction(left), _fraction(right)
    return left, right


def _float(value: object) -> float:
    assert isinstance(value, (int, Decimal, Fraction, float))
    return float(value)


def _fraction(value: object) -> Fraction:
    assert isinstance(value, (int, Decimal, Fraction))
    return Fraction(value)


def anniversary_in(born: date, bounds: DateBounds) -> bool:
    """Whether an anniversary in a later year than `born` falls in the window."""
    start = max(born.year + 1, bounds.start.year if bounds.start is not None else 1)
    end = min(9999, bounds.end.year if bounds.end is not None else 9999)
    if bounds.end is None:
        return start < 9999
    # At most two whole years need looking at: an open or long window holds one of them.
    years = {start, start + 1, end - 1, end}
    return any(start <= y <= end and bounds.holds(anniversary(born, y)) for y in years)
