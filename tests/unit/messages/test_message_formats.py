"""Numbers and days as a letter from a bank has them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from enishi.messages.wording.filters import FilterError, date_, divided_by, plus_days, round_
from enishi.messages.wording.formats import Spec, dressed, money_man, wareki


@pytest.mark.parametrize(
    ("value", "spec", "ja", "en"),
    [
        (1234567, Spec(None, "integer", "money"), "1,234,567円", "¥1,234,567"),
        (Decimal("-5"), Spec(None, "decimal", "money"), "-5円", "-¥5"),
        (Decimal("1234.50"), Spec(None, "decimal", "money", 2), "1,234.5円", "¥1,234.5"),
        (Decimal("1234.50"), Spec(None, "decimal", "", 2), "1,234.50", "1,234.50"),
        (0.1, Spec(None, "float"), "0.1", "0.1"),
        (12, Spec(None, "integer"), "12", "12"),
        (12345, Spec(None, "integer", format="text"), "12345", "12345"),
        (Decimal("0.250"), Spec(None, "decimal", "rate", 3), "0.25%", "0.25%"),
        (date(2026, 1, 2), Spec(None, "date"), "2026年1月2日", "2 January 2026"),
        (datetime(2026, 1, 2, 9, 5, tzinfo=UTC), Spec(None, "timestamp"), "2026年1月2日 9:05",
         "2 January 2026 9:05"),
        (datetime(2026, 1, 2, 9, 5, tzinfo=UTC), Spec(None, "timestamp", format="time"), "9:05",
         "9:05"),
        (["a", "b"], Spec(None, "strings"), "a、b", "a, b"),
        ("x", Spec(None), "x", "x"),
    ],
)  # fmt: skip
def test_a_value_prints_as_it_is_written(value: Any, spec: Spec, ja: str, en: str) -> None:
    assert str(dressed(value, spec, "ja")) == ja
    assert str(dressed(value, spec, "en")) == en


@pytest.mark.parametrize("value", [None, "", "  ", "\u3000", []])
def test_what_is_unset_is_its_default(value: Any) -> None:
    assert dressed(value, Spec(None, default="なし"), "ja") == "なし"
    assert dressed(value, Spec(None, default=""), "ja") is None


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0円"), (9_999, "9,999円"), (10_000, "1万円"), (12_345_678, "1,235万円"),
        (123_456_789, "1億2,346万円"), (200_000_000, "2億円"), (-15_000, "-2万円"),
        (1_234_500_000_000, "12,345億円"), (99_999_999, "1億円"),
    ],
)  # fmt: skip
def test_large_amounts_in_units_of_ten_thousand(value: int, written: str) -> None:
    assert money_man(Decimal(value), "ja") == written


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2019, 4, 30), "平成31年4月30日"), (date(2019, 5, 1), "令和元年5月1日"),
        (date(2026, 11, 22), "令和8年11月22日"), (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"), (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 29), "明治45年7月29日"), (date(1873, 1, 1), "明治6年1月1日"),
        (date(1800, 1, 1), "1800年1月1日"),
    ],
)  # fmt: skip
def test_days_of_japanese_eras(day: date, written: str) -> None:
    assert wareki(day) == written


class _Here:
    language = "ja"


def test_days_are_written_by_parts() -> None:
    day = date(2026, 3, 4)
    assert date_(day, "%Y/%m/%d", environment=_Here) == "2026/03/04"
    assert date_(day, "%-m月%-d日(%a)", environment=_Here) == "3月4日(水)"
    assert date_("2026-03-04T09:05", "%H:%M 100%%", environment=_Here) == "09:05 100%"
    assert date_("not a day", "%Y", environment=_Here) == "not a day"
    with pytest.raises(FilterError):
        date_(day, "%Q", environment=_Here)
    assert str(plus_days(day, 30)) == "2026年4月3日"


def test_arithmetic_is_exact_and_bounded() -> None:
    assert round_(Decimal("2.5")) == 3
    assert round_("1,234.567", 2) == Decimal("1234.57")
    assert divided_by(10, 4) == Decimal("2.5")
    with pytest.raises(FilterError):
        divided_by(1, 0)
