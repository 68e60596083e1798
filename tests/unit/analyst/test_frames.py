"""Rules over plain data frames: the same answers as the rules' own meaning, in every library."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import enishi
from enishi.kernel.errors import Invalid

AS_OF = "2026-11-05"


def _local(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of November 2026 as frames mostly hold it: without an offset."""
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001  naive is the point


PEOPLE = {
    "customer_no": [10, 20, 30, 40],
    "name": ["山田", "ｻﾄｳ", "", None],
    "age": [30, 61, None, 75],
    "balance": [Decimal("100.10"), Decimal("0.30"), None, Decimal("5.00")],
    "joined": [date(2020, 1, 1), date(2024, 2, 29), None, date(2026, 11, 4)],
    "tags": [["vip", "web"], [], None, ["web"]],
}
ACCOUNTS = {
    "customer_no": [10, 10, 20],
    "type": ["定期", "普通", "定期"],
    "amount": [Decimal("1.10"), Decimal("2.20"), Decimal("9.99")],
}
EVENTS = {
    "customer_no": [10, 10, 30, 10],
    "ts": [
        _local(1, 10), _local(2, 10), _local(3, 1),
        _local(30, 0),
    ],
    "event": ["purchase", "purchase", "purchase", "purchase"],
}  # fmt: skip
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}
RULES: list[tuple[dict[str, Any], list[bool]]] = [
    ({"field": "age", "op": "ge", "value": 61}, [False, True, False, True]),
    ({"field": "age", "op": "ne", "value": 61}, [True, False, True, True]),
    ({"field": "name", "op": "eq", "value": "サトウ"}, [False, True, False, False]),
    ({"field": "name", "op": "is_set"}, [True, True, False, False]),
    ({"field": "balance", "op": "eq", "value": 0.3}, [False, True, False, False]),
    ({"field": "joined", "op": "during", "value": {"last": "2d"}}, [False, False, False, True]),
    ({"not": {"field": "age", "op": "gt", "value": 40}}, [True, False, True, False]),
]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_boolean_column_stands_beside_the_rows(library: str) -> None:
    frame = LIBRARIES[library](PEOPLE)
    with enishi.frame(frame, key="customer_no") as people:
        for rule, wanted in RULES:
            found = people.evaluate(rule, as_of=AS_OF)
            assert [bool(value) for value in _listed(found)] == wanted, rule


def _listed(column: Any) -> list[bool]:
    for name in ("tolist", "to_list", "to_pylist"):
        if hasattr(column, name):
            found: list[bool] = getattr(column, name)()
            return found
    raise AssertionError(type(column))


def test_the_column_keeps_the_index_of_a_pandas_frame() -> None:
    frame = pd.DataFrame({"age": [30, 61]}, index=["b", "a"])
    found = enishi.evaluate({"field": "age", "op": "gt", "value": 40}, frame)
    assert isinstance(found, pd.Series)
    assert list(frame[found].index) == ["a"]


def test_related_rows_and_events() -> None:
    people = enishi.frame(
        pd.DataFrame(PEOPLE).drop(columns=["tags"]),
        key="customer_no",
        related={"accounts": pl.DataFrame(ACCOUNTS)},
        events=pa.table(EVENTS),
    )
    rich = {"related": "accounts", "measure": {"sum": "amount"}, "op": "ge", "value": 3.3}
    twice = {"event": "purchase", "during": {"last": "30d"}, "op": "ge", "value": 2}
    never = {"not": {"event": "purchase"}}
    assert list(people.evaluate(rich, as_of=AS_OF)) == [True, True, False, False]
    assert list(people.evaluate(twice, as_of=AS_OF)) == [True, False, False, False]
    assert list(people.evaluate(never, as_of=AS_OF)) == [False, True, False, True]
    assert list(people.select({"all": [rich, twice]}, as_of=AS_OF)["customer_no"]) == [10]
    assert people.count({"all": []}, as_of=AS_OF) == 4
    sums = {"total": {"related": "accounts", "measure": {"sum": "amount"}}}
    total = people.who(rich, columns=sums, as_of=AS_OF)
    assert dict(zip(total.ids, total.arrow()["total"].to_pylist(), strict=True)) == {
        "10": Decimal("3.30"),
        "20": Decimal("9.99"),
    }


def test_a_time_without_an_offset_is_local_and_one_with_is_an_instant() -> None:
    local = pd.DataFrame({"ts": [_local(5, 0, 30)], "n": [1]})
    aware = pl.DataFrame({"ts": [datetime(2026, 11, 4, 15, 30, tzinfo=UTC)], "n": [1]})
    rule = {"field": "ts.date", "op": "eq", "value": "2026-11-05"}
    for frame in (local, aware):
        assert _listed(enishi.evaluate(rule, frame)) == [True]
    assert _listed(enishi.evaluate(rule, local, timezone="UTC")) == [True]
    assert _listed(enishi.evaluate(rule, aware, timezone="UTC")) == [False]


def test_why_reads_as_a_tree() -> None:
    rule = {"all": [{"field": "age", "op": "ge", "value": 61}, {"field": "name", "op": "is_set"}]}
    with enishi.frame(pl.DataFrame(PEOPLE), key="customer_no", locale="en") as people:
        why, why_not = people.why(rule, 20, as_of=AS_OF), people.why(rule, 40, as_of=AS_OF)
        assert people.sentence(rule) != people.sentence(rule, locale="ja")
    assert why
    assert not why_not
    assert why_not.tree is not None
    assert [child["truth"] for child in why_not.tree["children"]] == [True, False]
    lines = str(why_not).splitlines()
    assert lines[0].startswith("✗")
    assert lines[1].startswith("  ✓")
    assert "[75]" in lines[1]
    assert lines[2].startswith("  ✗")
    assert "unset" in lines[2]


def test_what_is_shown_as_a_page_is_escaped() -> None:
    frame = {"name": ["<script>alert(1)</script>"]}
    rule = {"field": "name", "op": "eq", "value": "<b>"}
    with enishi.frame(frame) as people:
        assert "<script" not in people.who({"all": []}, columns=["name"])._repr_html_()
        page = people.why(rule, "0")._repr_html_()
    assert "<script" not in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"key": "age"}, "key_not_unique"),
        ({"key": "nobody"}, "column_missing"),
        ({"related": {"accounts": ACCOUNTS}}, "key_needed"),
        ({"key": "customer_no", "related": {"accounts": {"other": [1]}}}, "column_missing"),
        ({"key": "customer_no", "related": {"accounts": {"customer_no": ["x"]}}}, "key_type"),
        ({"key": "customer_no", "week_start": "someday"}, "weekday_unknown"),
    ],
)
def test_frames_that_do_not_fit_are_refused(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        enishi.frame(PEOPLE, **arguments)
    assert refused.value.code == code


def test_what_is_no_frame_and_what_is_no_rule() -> None:
    with pytest.raises(Invalid) as no_frame:
        enishi.frame(42)
    assert no_frame.value.code == "not_a_frame"
    with pytest.raises(Invalid) as no_field:
        enishi.evaluate({"field": "agee", "op": "eq", "value": 1}, PEOPLE)
    assert any("$.field" in note for note in no_field.value.__notes__)


def test_columns_with_names_no_field_can_have() -> None:
    frame = pd.DataFrame({"売上 (円)": [1, 5], "2026年": [1, 2]})
    assert list(enishi.evaluate({"field": "売上__円_", "op": "gt", "value": 1}, frame)) == [
        False, True
    ]  # fmt: skip
    assert list(enishi.evaluate({"field": "c_2026年", "op": "eq", "value": 2}, frame)) == [
        False, True
    ]  # fmt: skip
    with pytest.raises(Invalid) as two:
        enishi.frame(pd.DataFrame({"a b": [1], "A_b": [2]}))
    assert two.value.code == "two_names"


def test_importing_enishi_imports_nothing_heavy() -> None:
    heavy = "('duckdb', 'pyarrow', 'django', 'pandas')"
    code = f"import enishi, sys; dir(enishi); print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
    with pytest.raises(AttributeError):
        enishi.nothing  # noqa: B018  the access is the test
