"""Statements as Spark reads them: tables by snapshot, parameters as literals, texts left alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from enishi.warehouse.spark_names import printed, spoken


def say(sql: str, *parameters: object) -> str:
    return spoken(
        sql, parameters, ("data", "enishi"), lambda table: "v·" + "·".join(table), {"_ids": "q1"}
    )


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM data.客 t", "SELECT * FROM `v·data·客` t"),
        ("SELECT * FROM `data`.`x` WHERE `x` = 1", "SELECT * FROM `v·data·x` WHERE `x` = 1"),
        ("FROM `enishi`.memberships m", "FROM `v·enishi·memberships` m"),
        ("FROM _ids i WHERE t._ids = `_ids`.n", "FROM `q1` i WHERE t._ids = `q1`.n"),
        ("SELECT 'data.x ? _ids', \"data.x\" FROM t", "SELECT 'data.x ? _ids', \"data.x\" FROM t"),
        ("SELECT 'it\\'s data.x' , data FROM t", "SELECT 'it\\'s data.x' , data FROM t"),
        ("SELECT `data.x`, t.data.x, 1.5, 2.0e5 FROM t",
         "SELECT `data.x`, t.data.x, 1.5, 2.0e5 FROM t"),
        ("SELECT `a``b`.c FROM `data`.`a``b`", "SELECT `a``b`.c FROM `v·data·a``b`"),
        ("SELECT data", "SELECT data"),
    ],
)  # fmt: skip
def test_tables_and_relations_are_named_anew(sql: str, expected: str) -> None:
    assert say(sql) == expected


def test_parameters_become_literals_in_order() -> None:
    at = datetime(2026, 4, 1, 9, tzinfo=UTC)
    told = say("SELECT ?, ?, '?' WHERE a = ? AND b = ?", 1, "a'b\\", at, None)
    assert told == (
        "SELECT 1, 'a\\'b\\\\', '?' WHERE a = TIMESTAMP_NTZ '2026-04-01 09:00:00.000000'"
        " AND b = NULL"
    )


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (True, "true"),
        (Decimal("1E+3"), "1000BD"),
        (0.1, "CAST('0.1' AS DOUBLE)"),
        (date(1500, 2, 28), "DATE '1500-02-28'"),
    ],
)
def test_each_sort_of_parameter(value: object, literal: str) -> None:
    assert printed(value) == literal


@pytest.mark.parametrize(("sql", "given"), [("SELECT ?", []), ("SELECT 1", [1])])
def test_parameters_must_be_as_many_as_placeholders(sql: str, given: list[object]) -> None:
    with pytest.raises(ValueError, match="placeholders"):
        say(sql, *given)


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError):
        printed(object())
