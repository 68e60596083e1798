"""The SQL of a derivation gives, row by row, what the Python reference gives, faults included."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from enishi.catalog.derive import Derivation, DeriveError, derivations, derive
from enishi.catalog.derive_tree import Kind
from enishi.catalog.types import Dataset, DatasetKind, Field, FieldType
from enishi.kernel.text import Text
from enishi.warehouse.duckdb_engine import DuckDBEngine

LOADED = {
    "s": Kind(FieldType.STRING),
    "t": Kind(FieldType.STRING),
    "i": Kind(FieldType.INTEGER),
    "j": Kind(FieldType.INTEGER),
    "d": Kind(FieldType.DECIMAL, 2),
    "e": Kind(FieldType.DECIMAL, 9),
    "f": Kind(FieldType.FLOAT),
    "b": Kind(FieldType.BOOLEAN),
    "day": Kind(FieldType.DATE),
}
NUMBERS = ("integer", "decimal")
Expression = Any


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(None) as opened:
        yield opened


def dataset(type_: FieldType, scale: int, expression: Mapping[str, object]) -> Dataset:
    """A dataset of the loaded columns and one derived field `x`."""
    name = Text("x", "x")
    fields = {
        n: Field(n, kind.type or FieldType.STRING, name, scale=kind.scale)
        for n, kind in LOADED.items()
    }
    fields["x"] = Field("x", type_, name, scale=scale, derive=expression)
    return Dataset("a", name, DatasetKind.CURRENT, ("s",), fields)


# ------------------------------------------------------------------------------- expressions

TEXTS = st.one_of(
    st.text("ab1Zß ǆİ〜ｱア東,.-", max_size=6),
    st.sampled_from(
        [
            "930101",
            "2020/02/29",
            "1999-12-31",
            "0000-01-01",
            "12,345",
            "+7",
            "-0.005",
            "1.2345678",
            "999999999999999999",
            "1,23",
            "昭和60年4月1日",
            "S60.4.1",
            "令和元年5月1日",
            "5-May-68",
            "03-1234-5678",
            "０３（１２３４）５６７８",
            "a.b@example.com",
            "㈱日の出",
            "　",
        ]
    ),
)
LITERAL_TEXT = st.text("ab1Z'東", min_size=1, max_size=4)
FORMATS = st.sampled_from(
    ["%y%m%d", "%Y/%m/%d", "%Y-%m-%d", "%d-%b-%y", "wareki", "yyyyMMdd", "%d/%m/%Y %H:%M"]
)


def _call(name: str, *args: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.tuples(*args).map(lambda given: {name: list(given)})


def _several(name: str, arg: st.SearchStrategy[Expression], least: int) -> Any:
    return st.lists(arg, min_size=least, max_size=3).map(lambda given: {name: given})


def of_type(type_: str, depth: int) -> st.SearchStrategy[Expression]:
    """Expressions of a type, nested at most `depth` deep."""
    leaves = {
        "string": st.one_of(
            st.sampled_from([{"field": "s"}, {"field": "t"}]), LITERAL_TEXT, st.none()
        ),
        "integer": st.one_of(
            st.sampled_from([{"field": "i"}, {"field": "j"}]), st.integers(-10, 10)
        ),
        "decimal": st.one_of(
            st.sampled_from([{"field": "d"}, {"field": "e"}]),
            st.decimals(-99, 99, places=3).map(lambda d: d + 0),
        ),
        "float": st.just({"field": "f"}),
        "boolean": st.sampled_from([{"field": "b"}, True, False]),
        "date": st.just({"field": "day"}),
    }
    if depth == 0:
        return leaves[type_]
    inner = {name: of_type(name, depth - 1) for name in leaves}
    same = inner[type_]
    either = st.one_of(
        leaves[type_],
        _call("if", inner["boolean"], same, same),
        _several("coalesce", same, 1),
        same.map(lambda x: {"try": [x]}),
    )
    return st.one_of(either, *_calls(type_, inner))


def _calls(type_: str, inner: dict[str, st.SearchStrategy[Expression]]) -> list[Any]:
    text, whole, number = inner["string"], inner["integer"], inner["decimal"]
    pattern = st.integers(-5, 5)
    if type_ == "string":
        return [
            _several("concat", text, 1),
            st.tuples(st.just("-"), text, text).map(lambda a: {"join": list(a)}),
            _call("substring", text, pattern, st.integers(0, 5)),
            _call("substring", text, pattern),
            *(
                text.map(lambda x, name=name: {name: x})
                for name in ("upper", "lower", "trim", "normalise_kana", "normalise_phone")
            ),
            _call("replace", text, LITERAL_TEXT, st.one_of(LITERAL_TEXT, st.none())),
            *(inner[n].map(lambda x: {"to_string": [x]}) for n in ("decimal", "boolean", "date")),
            st.tuples(text, text).map(
                lambda a: {"map": {"value": a[0], "table": {"a": "b", "1": "z"}, "default": a[1]}}
            ),
        ]
    if type_ == "integer":
        return [
            text.map(lambda x: {"length": [x]}),
            text.map(lambda x: {"to_integer": [x]}),
            number.map(lambda x: {"to_integer": [x]}),
            inner["float"].map(lambda x: {"to_integer": [x]}),
            _several("add", whole, 2),
            _several("multiply", whole, 2),
            _call("subtract", whole, whole),
            _call("modulo", whole, whole),
        ]
    if type_ == "decimal":
        mixed = st.one_of(number, whole)
        return [
            st.tuples(number, mixed).map(lambda a: {"add": list(a)}),
            st.tuples(mixed, number, mixed).map(lambda a: {"multiply": list(a)}),
            _call("subtract", number, mixed),
            _call("divide", mixed, mixed),
            text.map(lambda x: {"to_decimal": [x]}),
        ]
    if type_ == "float":
        return [_several(n, inner["float"], 2) for n in ("add", "multiply")] + [
            _call("divide", inner["float"], inner["float"])
        ]
    if type_ == "boolean":
        pairs = [(text, text), (whole, number), (inner["date"], inner["date"])]
        return [
            _call(name, a, b)
            for a, b in pairs
            for name in ("eq", "ne", "lt", "ge")
            if name in ("eq", "ne") or a is not text
        ] + [
            _several("and", inner["boolean"], 1),
            _several("or", inner["boolean"], 1),
            inner["boolean"].map(lambda x: {"not": [x]}),
            text.map(lambda x: {"is_set": [x]}),
            _call("in", whole, st.lists(whole, min_size=1, max_size=3)),
            _call("starts_with", text, text),
            _call("ends_with", text, text),
            _call("contains", text, text),
        ]
    return [_call("parse_date", text, FORMATS, st.sampled_from([68, -1, 30, 99]))]


ROW = st.fixed_dictionaries(
    {
        "s": st.one_of(st.none(), TEXTS),
        "t": st.one_of(st.none(), TEXTS),
        "i": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-100, 100)),
        "j": st.one_of(st.none(), st.integers(-3, 3)),
        "d": st.one_of(st.none(), st.decimals(-(10**15), 10**15, places=2)),
        "e": st.one_of(st.none(), st.decimals(-(10**8), 10**8, places=9)),
        "f": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
        "b": st.one_of(st.none(), st.booleans()),
        "day": st.one_of(st.none(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    }
)
TYPES = ["string", "integer", "decimal", "float", "boolean", "date"]
CASE = st.sampled_from(TYPES).flatmap(lambda t: st.tuples(st.just(t), of_type(t, 3)))


# -------------------------------------------------------------------------------- comparison


def in_python(derivation: Derivation, row: Mapping[str, object]) -> tuple[object, bool]:
    try:
        return derive(derivation, row), False
    except DeriveError:
        return None, True


SCHEMA = pa.schema(
    [
        ("s", pa.string()),
        ("t", pa.string()),
        ("i", pa.int64()),
        ("j", pa.int64()),
        ("d", pa.decimal128(18, 2)),
        ("e", pa.decimal128(18, 9)),
        ("f", pa.float64()),
        ("b", pa.bool_()),
        ("day", pa.date32()),
    ]
)


def in_sql(
    engine: DuckDBEngine, derivation: Derivation, rows: list[dict[str, object]]
) -> list[tuple[object, bool]]:
    fault = derivation.fault_sql or "false"
    with engine.read() as question:
        question.register("given", pa.Table.from_pylist(rows, SCHEMA))
        found = question.rows(f"SELECT {derivation.value_sql}, {fault} FROM given")
    return [(value, bool(failed)) for value, failed in found]


EXAMPLES = 300 if os.environ.get("HYPOTHESIS_PROFILE") == "all" else 150


def same(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-15) or a == b
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return a == b and str(a) == str(b)
    return type(a) is type(b) and a == b


NOTHING: dict[str, object] = dict.fromkeys(SCHEMA.names)


@example(  # what cannot be read is not replaced by what stands in for what is missing
    ("date", {"try": [{"coalesce": [{"parse_date": ["1", "%y%m%d", 68]}, {"field": "day"}]}]}),
    [NOTHING | {"day": date(2000, 1, 1)}],
)
@given(CASE, st.lists(ROW, min_size=4, max_size=12))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_sql_equals_the_reference(
    engine: DuckDBEngine, case: tuple[str, Expression], rows: list[dict[str, object]]
) -> None:
    type_, expression = case
    if not isinstance(expression, dict):
        expression = {"literal": expression}
    derivation = derivations(dataset(FieldType(type_), 3, expression))["x"]
    for row, (value, failed) in zip(rows, in_sql(engine, derivation, rows), strict=True):
        expected, wrong = in_python(derivation, row)
        assert failed is wrong, (row, expected, value)
        if not wrong:
            assert same(value, expected), (row, expected, value)


@pytest.mark.parametrize("name", ["contains", "starts_with", "ends_with", "concat", "eq"])
def test_nulls_alone_need_no_guess_at_their_type(engine: DuckDBEngine, name: str) -> None:
    expression: Expression = {name: [None, None]}
    type_ = FieldType.STRING if name == "concat" else FieldType.BOOLEAN
    derivation = derivations(dataset(type_, 0, expression))["x"]
    row = dict.fromkeys(LOADED)
    ((value, failed),) = in_sql(engine, derivation, [row])
    assert (value, failed) == in_python(derivation, row)


@pytest.mark.parametrize(
    "expression",
    [
        {"length": [None]},
        {"trim": [None]},
        {"upper": [None]},
        {"replace": [None, "a", None]},
        {"substring": [None, 0, 2]},
        {"join": ["-", None, {"field": "s"}]},
    ],
    ids=lambda expression: next(iter(expression)),
)
def test_functions_of_text_take_a_null(engine: DuckDBEngine, expression: Expression) -> None:
    type_ = FieldType.INTEGER if "length" in expression else FieldType.STRING
    derivation = derivations(dataset(type_, 0, expression))["x"]
    row = dict.fromkeys(LOADED) | {"s": "x"}
    ((value, failed),) = in_sql(engine, derivation, [row])
    assert (value, failed) == in_python(derivation, row)
