"""A value's spread: ranges for numbers and times with many values, else the commonest values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import numpy as np

from enishi.catalog.types import Catalog, FieldType
from enishi.kernel.text import Locale, Text
from enishi.rules.types import CheckedValue
from enishi.warehouse.engine import Question
from enishi.warehouse.instants import plain
from enishi.warehouse.spelling import SQL, Spelling

CATEGORIES = 20
"""How many categories are listed; the rest are counted together."""

_RANGED = frozenset(
    {FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT, FieldType.DATE, FieldType.TIMESTAMP}
)
_TIMES = frozenset({FieldType.DATE, FieldType.TIMESTAMP})
_YES, _NO = Text("はい", "Yes"), Text("いいえ", "No")


@dataclass(frozen=True, slots=True)
class Buckets:
    """`items`: (low, high, count); of categories both ends are the value."""

    kind: Literal["categories", "histogram"]
    items: tuple[tuple[Any, Any, int], ...]
    other: int
    unset: int
    total: int

    def as_json(self, catalog: Catalog, locale: Locale) -> dict[str, Any]:
        """As the API tells it; labels are the values as text."""
        return {
            "kind": self.kind,
            "buckets": [
                {
                    "label": _label(low, high, catalog, locale),
                    "low": plain(low, catalog.zone),
                    "high": plain(high, catalog.zone),
                    "count": count,
                }
                for low, high, count in self.items
            ],
            "other": self.other,
            "unset": self.unset,
            "total": self.total,
        }


def _label(low: Any, high: Any, catalog: Catalog, locale: Locale) -> str:
    if isinstance(low, bool):
        return (_YES if low else _NO)[locale]
    first, last = str(plain(low, catalog.zone)), str(plain(high, catalog.zone))
    if first == last:
        return first
    return f"{first} 〜 {last}" if locale == "ja" else f"{first} – {last}"


def bucketed(
    question: Question, before: SQL, view: SQL, value: CheckedValue, bins: int, spell: Spelling
) -> Buckets:
    """Count `v` of a view `SELECT _id, v`; `before` are the WITHs that the view names."""
    one = f"SELECT _id, v FROM ({view}) q"
    total, filled, different = question.rows(
        f"{before}SELECT count(*), count(v), count(DISTINCT v) FROM ({one}) c"
    )[0]
    unset = int(total) - int(filled)
    ranged = value.type in _RANGED and int(different) > bins
    if ranged and value.type in _TIMES:
        items = _by_time(question, before, one, bins, spell)
        return Buckets("histogram", items, 0, unset, int(total))
    if ranged:
        items = _by_number(question, before, one, value, bins)
        return Buckets("histogram", items, 0, unset, int(total))
    if value.type is FieldType.STRINGS:
        counted = f"SELECT _item AS v, _id FROM ({spell.each(f'({one})', 'v')}) i"
    else:
        counted = one
    rows = question.rows(
        f"{before}SELECT v, count(*) AS n FROM ({counted}) c WHERE v IS NOT NULL GROUP BY v"
        f" ORDER BY n DESC, v LIMIT {CATEGORIES}"
    )
    items = tuple((found, found, int(count)) for found, count in rows)
    if value.type in _RANGED:
        items = tuple(sorted(items))
    listed = sum(count for _, _, count in items)
    other = 0 if value.type is FieldType.STRINGS else max(0, int(filled) - listed)
    return Buckets("categories", items, other, unset, int(total))


def _by_number(
    question: Question, before: SQL, one: SQL, value: CheckedValue, bins: int
) -> tuple[tuple[Any, Any, int], ...]:
    """Ranges of one round width over most of the values; the outermost ones take in the rest.

    The width is 1, 2 or 5 times a power of ten, found from the values without the outermost
    percent at each end, so that one billionaire does not push everybody else into one bar.
    """
    table = question.table(f"{before}SELECT v FROM ({one}) c WHERE v IS NOT NULL")
    numbers = np.sort(table.column("v").cast("double").to_numpy())
    low, high = (Decimal(repr(float(np.quantile(numbers, part)))) for part in (0.01, 0.99))
    step = _round_step((high - low) / bins or Decimal(1), value.type is FieldType.INTEGER)
    start = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    while start + step * bins <= high:
        step = _round_step(step * Decimal("1.01"), value.type is FieldType.INTEGER)
        start = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    edges = [start + step * n for n in range(bins + 1)]
    inner = np.searchsorted(numbers, [float(edge) for edge in edges[1:-1]], side="left")
    counts = np.diff([0, *inner, len(numbers)])
    edges[0] = min(edges[0], Decimal(repr(float(numbers[0]))))
    edges[-1] = max(edges[-1], Decimal(repr(float(numbers[-1]))))
    return tuple((edges[n], edges[n + 1], int(counts[n])) for n in range(bins))


def _round_step(width: Decimal, integer: bool) -> Decimal:
    power = Decimal(10) ** width.adjusted()
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= width)
    return max(step, Decimal(1)) if integer else step


def _by_time(
    question: Question, before: SQL, one: SQL, bins: int, spell: Spelling
) -> tuple[tuple[Any, Any, int], ...]:
    """Equal ranges of time between the first and the last."""
    low, high = question.rows(f"{before}SELECT min(v), max(v) FROM ({one}) c")[0]
    step = (high - low) / bins
    edges = [low + step * n for n in range(bins)] + [high]
    if isinstance(low, date) and not isinstance(low, datetime):
        days = (high - low).days
        edges = [type(low).fromordinal(low.toordinal() + days * n // bins) for n in range(bins)]
        edges.append(high)
    write = spell.instant if isinstance(low, datetime) else spell.day
    whens = " ".join(f"WHEN v < {write(edges[n + 1])} THEN {n}" for n in range(bins - 1))
    rows = question.rows(
        f"{before}SELECT n, count(*) FROM (SELECT CASE {whens} ELSE {bins - 1} END AS n"
        f" FROM ({one}) c WHERE v IS NOT NULL) d GROUP BY n"
    )
    found = {int(n): int(count) for n, count in rows}
    return tuple((edges[n], edges[n + 1], found.get(n, 0)) for n in range(bins))
