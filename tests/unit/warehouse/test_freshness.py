"""How old data may be: every unit the catalog takes, months and years by the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from enishi.catalog.types import Dataset, DatasetKind
from enishi.kernel.text import Text
from enishi.warehouse.freshness import is_fresh

TOKYO = ZoneInfo("Asia/Tokyo")
LOADED = datetime(2026, 1, 31, 3, 0, tzinfo=UTC)


def dataset(fresh_for: str | None) -> Dataset:
    label = Text("顧客", "Client")
    return Dataset("client", label, DatasetKind.CURRENT, ("id",), {}, fresh_for=fresh_for)


@pytest.mark.parametrize(
    ("span", "last"),
    [
        ("90m", LOADED + timedelta(minutes=90)),
        ("12h", LOADED + timedelta(hours=12)),
        ("1d", LOADED + timedelta(days=1)),
        ("2w", LOADED + timedelta(weeks=2)),
        ("1mo", datetime(2026, 2, 28, 15, 0, tzinfo=UTC)),  # to the end of February in Tokyo
        ("2mo", datetime(2026, 3, 31, 3, 0, tzinfo=UTC)),
        ("1y", datetime(2027, 1, 31, 3, 0, tzinfo=UTC)),
    ],
)
def test_each_unit(span: str, last: datetime) -> None:
    assert is_fresh(dataset(span), LOADED, last, TOKYO) is True
    assert is_fresh(dataset(span), LOADED, last + timedelta(seconds=1), TOKYO) is False


def test_no_promise_and_no_load() -> None:
    assert is_fresh(dataset(None), LOADED, LOADED, TOKYO) is None
    assert is_fresh(dataset("1d"), None, LOADED, TOKYO) is False
