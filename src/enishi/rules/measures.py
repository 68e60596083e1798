"""Measures of a set of rows, exactly: sums never round, an average stays a fraction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from enishi.catalog.types import FieldType
from enishi.rules.check_values import AVG_PLACES
from enishi.rules.explanation import SHOWN_ROWS, Evidence, EvidenceRow
from enishi.rules.rowset import Member
from enishi.rules.tree import Computed, MeasureKind, RowsValue, Value
from enishi.rules.windows import as_instant

_EXACT = Context(prec=200)
"""Wide enough that sums and products of the warehouse's decimals never round."""


def measure(
    value: RowsValue, members: Sequence[Member], read: list[object], zone: ZoneInfo
) -> object:
    """The measure of `members`; `read`: what each yields on the measured path (unset: None)."""
    kind = value.measure
    if kind is MeasureKind.COUNT:
        return len(members)
    found: list[Any] = [item for item in read if item is not None]
    if kind is MeasureKind.DISTINCT:
        return len(set(found))
    if kind is MeasureKind.SUM:
        return total(found, value.type)
    if kind in (MeasureKind.FIRST, MeasureKind.LAST):
        return _chosen(kind, members, read, zone)
    if not found:
        return None
    if kind is MeasureKind.AVG:
        summed = total(found, value.type)
        if isinstance(summed, float):
            return summed / len(found)
        return Fraction(summed) / len(found)
    return min(found) if kind is MeasureKind.MIN else max(found)


def total(numbers: Sequence[int | Decimal | float], type_: FieldType) -> int | Decimal | float:
    """The sum; of decimals exact whatever their size."""
    if type_ is FieldType.FLOAT:
        return float(sum(numbers))
    result = Decimal(0)
    for number in numbers:
        result = _EXACT.add(result, Decimal(number))
    return int(result) if type_ is FieldType.INTEGER else result


def _chosen(
    kind: MeasureKind, members: Sequence[Member], read: list[object], zone: ZoneInfo
) -> object:
    """The value of the first or last row by (time, key), which may be unset."""
    if not members:
        return None
    alike = len({_key_types(member) for member in members}) == 1

    def order(index: int) -> tuple[Any, ...]:
        member = members[index]
        assert member.time is not None
        moment = as_instant(member.time, zone)
        name = member.dataset.name
        return (moment, member.key, name) if alike else (moment, name, member.key)

    chosen = (min if kind is MeasureKind.FIRST else max)(range(len(members)), key=order)
    return read[chosen]


def _key_types(member: Member) -> tuple[FieldType, ...]:
    return tuple(member.dataset.fields[name].type for name in member.dataset.key)


def computed(operand: Computed, value: object) -> object:
    """`value × times + plus`; unset stays unset."""
    if value is None or (operand.times is None and operand.plus is None):
        return value
    if isinstance(value, float):
        times = 1.0 if operand.times is None else float(operand.times)
        return value * times + (0.0 if operand.plus is None else float(operand.plus))
    assert isinstance(value, (int, Decimal, Fraction))
    product = Fraction(value) * Fraction(operand.times if operand.times is not None else 1)
    return product + Fraction(operand.plus if operand.plus is not None else 0)


def shown(value: Value, found: object) -> object:
    """A value as a column shows it: an average as a decimal, rounded half away from zero."""
    if not isinstance(found, Fraction):
        return found
    assert isinstance(value, RowsValue)
    assert value.measured is not None
    places = value.measured.scale + AVG_PLACES
    units = Decimal(found.numerator * 10**places)
    quotient = Context(prec=400).divide(units, Decimal(found.denominator))
    whole = quotient.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=_EXACT)
    return whole.scaleb(-places, context=_EXACT)


def evidence_of(members: Sequence[Member], zone: ZoneInfo) -> Evidence:
    """The rows behind a value, the latest first."""

    def when(member: Member) -> datetime:
        assert member.time is not None
        return as_instant(member.time, zone)

    timed = sorted((m for m in members if m.time is not None), key=when, reverse=True)
    ordered = [*timed, *(m for m in members if m.time is None)]
    rows = tuple(_evidence_row(member) for member in ordered[:SHOWN_ROWS])
    return Evidence(len(members), rows)


def _evidence_row(member: Member) -> EvidenceRow:
    time: date | None = member.time
    return EvidenceRow(member.dataset.name, member.key, time)
