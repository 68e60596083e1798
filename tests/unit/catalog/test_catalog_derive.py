"""Derivations: what they give, what they refuse, and how text is brought to its normal form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import pytest

from enishi.catalog.derive import (
    DeriveError,
    check_derivations,
    derivations,
    derive,
)
from enishi.catalog.faults import Faults
from enishi.catalog.formats import BadFormatError, compile_format, read_time, read_wareki
from enishi.catalog.normalise import NORMALISERS
from enishi.catalog.types import Dataset, DatasetKind, Field, FieldType
from enishi.kernel.text import Text

NAME = Text("x", "x")
LOADED = {
    "born": FieldType.STRING,
    "status": FieldType.STRING,
    "count": FieldType.INTEGER,
    "amount": FieldType.DECIMAL,
    "share": FieldType.FLOAT,
    "day": FieldType.DATE,
}


def dataset(derived: Mapping[str, tuple[FieldType, object]]) -> Dataset:
    fields = {n: Field(n, t, NAME, scale=2 if n == "amount" else 0) for n, t in LOADED.items()}
    for name, (type_, expression) in derived.items():
        assert isinstance(expression, dict)
        fields[name] = Field(name, type_, NAME, scale=2, derive=expression)
    return Dataset("client", NAME, DatasetKind.CURRENT, ("born",), fields)


def value(type_: FieldType, expression: object, **row: object) -> object:
    return derive(derivations(dataset({"x": (type_, expression)}))["x"], row)


def faults(type_: FieldType, expression: object) -> list[tuple[str, str, str]]:
    found = Faults()
    given = dataset({"x": (type_, expression)})
    check_derivations(given, set(), "datasets.client", found)
    at = "datasets.client.fields.x.derive"
    return [(f.code, f.path.removeprefix(at), f.remedy.en) for f in found.found]


BIRTH_NUMBER = {
    "parse_date": {
        "value": {
            "join": [
                "-",
                {"concat": ["19", {"substring": [{"field": "born"}, 0, 2]}]},
                {"to_string": {"modulo": [{"field": "month"}, 50]}},
                {"substring": [{"field": "born"}, 4, 2]},
            ]
        }
    }
}
MONTH = {"to_integer": {"substring": [{"field": "born"}, 2, 2]}}


@pytest.mark.parametrize(
    ("born", "expected"),
    [("706213", date(1970, 12, 13)), ("190922", date(1919, 9, 22)), ("045229", date(1904, 2, 29))],
)
def test_a_birth_number_with_fifty_on_a_womans_month(born: str, expected: date) -> None:
    given = dataset({"month": (FieldType.INTEGER, MONTH), "date": (FieldType.DATE, BIRTH_NUMBER)})
    assert derive(derivations(given)["date"], {"born": born}) == expected


def test_a_day_that_does_not_exist_is_a_fault_of_the_row_unless_tried() -> None:
    expression = {"parse_date": [{"field": "born"}, "%y%m%d"]}
    with pytest.raises(DeriveError) as caught:
        value(FieldType.DATE, expression, born="010229")
    assert caught.value.code == "not_a_date"
    assert value(FieldType.DATE, {"try": expression}, born="010229") is None
    assert value(FieldType.DATE, expression, born=None) is None


@pytest.mark.parametrize(
    ("expression", "row", "expected"),
    [
        ({"divide": [{"field": "count"}, 3]}, {"count": 10}, Decimal("3.33")),
        ({"divide": [1, {"field": "count"}]}, {"count": 0}, None),
        ({"multiply": [{"field": "amount"}, 1.5]}, {"amount": Decimal("0.33")}, Decimal("0.50")),
        ({"add": [{"field": "amount"}, {"field": "count"}]}, {"amount": Decimal(1)}, None),
        ({"to_decimal": "1,234.565"}, {}, Decimal("1234.57")),
        ({"to_decimal": "-0.004"}, {}, Decimal("0.00")),
    ],
)
def test_money_is_exact(expression: object, row: dict[str, object], expected: object) -> None:
    if isinstance(expression, dict) and "multiply" in expression:
        expression = {"multiply": [{"field": "amount"}, Decimal("1.5")]}
    assert value(FieldType.DECIMAL, expression, **row) == expected


def test_too_large_for_the_column_is_a_fault() -> None:
    with pytest.raises(DeriveError, match="out_of_range"):
        value(FieldType.INTEGER, {"multiply": [{"field": "count"}, 10]}, count=2**62)


@pytest.mark.parametrize(
    ("status", "expected"), [("A", "good"), ("Z", "unknown"), (None, "unknown")]
)
def test_a_table_with_a_default(status: str | None, expected: str) -> None:
    expression = {
        "map": {"value": {"field": "status"}, "table": {"A": "good"}, "default": "unknown"}
    }
    assert value(FieldType.STRING, expression, status=status) == expected


def test_only_the_branch_taken_can_fail() -> None:
    expression = {
        "if": [
            {"and": [{"eq": [{"length": {"field": "born"}}, 6]}, {"is_set": {"field": "born"}}]},
            {"parse_date": [{"field": "born"}, "%y%m%d"]},
            None,
        ]
    }
    assert value(FieldType.DATE, expression, born="nonsense") is None
    assert value(FieldType.DATE, expression, born="930101") == date(1993, 1, 1)


REFUSED = [
    (FieldType.STRING, {"uper": "a"}, "unknown_function", ".uper", "upper"),
    (FieldType.STRING, {"upper": {"field": "stats"}}, "unknown_field", ".upper.field", "status"),
    (FieldType.STRING, {"upper": {"field": "count"}}, "wrong_type", ".upper", "to_string"),
    (FieldType.STRING, {"field": "count"}, "wrong_type", "", "integer"),
    (FieldType.INTEGER, {"add": [1]}, "wrong_count", ".add", "sum"),
    (FieldType.BOOLEAN, {"eq": [{"field": "day"}, "2020"]}, "unlike_types", ".eq", "parse_date"),
    (FieldType.FLOAT, {"add": [{"field": "share"}, {"field": "amount"}]}, "unlike_types",
     ".add", ""),
    (FieldType.DATE, {"parse_date": [{"field": "born"}, "%Y%m"]}, "bad_format", ".parse_date",
     "%Y"),
    (FieldType.DATE, {"parse_date": {"value": "a", "formt": "x"}}, "unknown_key",
     ".parse_date.formt", "format"),
    (FieldType.STRING, {"upper": "a", "lower": "b"}, "bad_expression", "", "field"),
    (FieldType.STRING, {"field": "x"}, "circular", "", "loaded"),
    (FieldType.STRING, {"substring": [{"field": "born"}, {"field": "count"}]}, "bad_argument",
     ".substring[1]", "reference"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "expression", "code", "path", "remedy"), REFUSED)
def test_mistakes_are_told_at_their_place(
    type_: FieldType, expression: object, code: str, path: str, remedy: str
) -> None:
    found = faults(type_, expression)
    assert [(c, p) for c, p, _ in found] == [(code, path)]
    assert remedy in found[0][2]


def test_nesting_without_end_is_refused() -> None:
    expression: object = "a"
    for _ in range(200):
        expression = {"trim": expression}
    assert faults(FieldType.STRING, expression)[0][0] == "too_deep"


def test_the_sql_grows_with_the_expression_not_faster() -> None:
    sizes = []
    for depth in (4, 8, 16):
        expression: object = {"field": "born"}
        for _ in range(depth):
            expression = {"to_string": {"to_integer": expression}}
        sizes.append(
            len(derivations(dataset({"x": (FieldType.STRING, expression)}))["x"].value_sql)
        )
    assert sizes[2] < 5 * sizes[0]


def refused(fields: Mapping[str, tuple[FieldType, object]]) -> dict[str, str]:
    """Field → code of its fault."""
    found = Faults()
    check_derivations(dataset(fields), set(), "datasets.client", found)
    return {fault.path.split(".")[3]: fault.code for fault in found.found}


def chain(first: object, step: Callable[[object], object], length: int) -> dict[str, object]:
    """f0, and `length` fields each made of the one before."""
    fields = {"f0": first}
    for n in range(1, length + 1):
        fields[f"f{n}"] = step({"field": f"f{n - 1}"})
    return fields


def doubled(below: object) -> object:
    return {"concat": [below, below]}


def doubled_unseen(below: object) -> object:
    """What is unset either way is printed as NULL, whatever is asked."""
    return {"concat": [{"if": [{"eq": [below, below]}, None, None]}, "x"]}


def tried(below: object) -> object:
    written = {"parse_date": [{"to_string": below}, "%Y-%m-%d"]}
    return {"try": {"coalesce": [written, {"field": "day"}]}}


@pytest.mark.parametrize(
    ("type_", "first", "step", "length"),
    [
        (FieldType.STRING, {"field": "born"}, doubled, 40),
        (FieldType.STRING, {"field": "born"}, doubled_unseen, 40),
        (FieldType.DATE, {"field": "day"}, tried, 40),
        (FieldType.STRING, {"field": "born"}, lambda below: {"trim": below}, 400),
    ],
)
def test_fields_made_of_fields_do_not_grow_without_end(
    type_: FieldType, first: object, step: Callable[[object], object], length: int
) -> None:
    fields = {name: (type_, made) for name, made in chain(first, step, length).items()}
    [(name, code)] = refused(fields).items()  # those made of it are refused with it
    assert code == "too_large"
    within = list(fields)[: list(fields).index(name)]
    assert len(within) > 4, "some levels are nothing unusual"
    largest = derivations(dataset({one: fields[one] for one in within}))[within[-1]]
    assert len(largest.value_sql) < 500_000


def test_a_long_table_is_no_nesting() -> None:
    """As many codes as somebody has; and what they come to, compared with several values."""
    table = {f"{n:05d}": f"地域{n % 50}" for n in range(20_000)}
    among: list[object] = [{"field": "region"}, [f"地域{n}" for n in range(10)]]
    fields: dict[str, tuple[FieldType, object]] = {
        "region": (FieldType.STRING, {"map": {"value": {"field": "status"}, "table": table}}),
        "near": (FieldType.BOOLEAN, {"in": among}),
    }
    assert refused(fields) == {}
    found = derivations(dataset(fields))
    assert derive(found["near"], {"status": "00007"}) is True
    assert derive(found["near"], {"status": "00049"}) is False


# ----------------------------------------------------------------------------------- formats


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("20240331", "YYYYMMDD", "2024-03-31T00:00:00"),
        ("31/3/2024 9:15", "dd/MM/yyyy HH:mm", "2024-03-31T09:15:00"),
        ("3/31/2024 12:05 AM", "%m/%d/%Y %I:%M %p", "2024-03-31T00:05:00"),
        ("5-May-68", "%d-%b-%y", "2068-05-05T00:00:00"),
        ("5-May-69", "%d-%b-%y", "1969-05-05T00:00:00"),
        (" 2024年3月1日 ", "%Y年%m月%d日", "2024-03-01T00:00:00"),
        ("930101 00:00:00", "%y%m%d %H:%M:%S", "1993-01-01T00:00:00"),
        ("2024-03-31", "%Y%m%d", None),
        ("2024331", "%Y%m%d", None),
        ("20240230", "%Y%m%d", None),
        ("00000101", "%Y%m%d", None),
    ],
)
def test_formats(text: str, written: str, expected: str | None) -> None:
    found = read_time(text, written)
    assert (None if found is None else found.isoformat()) == expected


@pytest.mark.parametrize("written", ["%Y%m", "%Y%y%m%d", "%Q", "%I:%M %d%m%Y", "yyyy-qq-dd", "%"])
def test_formats_that_are_none(written: str) -> None:
    with pytest.raises(BadFormatError):
        compile_format(written)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昭和60年4月1日", date(1985, 4, 1)),
        ("Ｓ６０．４．１", date(1985, 4, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R1.5.1", date(2019, 5, 1)),
        ("H010203", date(1989, 2, 3)),
        ("平成40年1月1日", date(2028, 1, 1)),
        ("平成元年1月7日", None),
        ("昭和0年1月1日", None),
        ("昭和60年2月29日", None),
        ("1985-04-01", None),
    ],
)
def test_wareki(text: str, expected: date | None) -> None:
    assert read_wareki(text) == expected


# ------------------------------------------------------------------------------ normal forms


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("normalise_text", ["Ａ　Ｂ", " a  b".upper(), "ＡB".replace("AB", "A B")], None),
        ("normalise_kana", ["ﾔﾏﾀﾞ　ﾀﾛｳ", "やまだ たろう", "ヤマダ  タロウ"], "ヤマダ タロウ"),
        ("normalise_phone", ["03-1234-5678", "０３（１２３４）５６７８", "+81 3 1234 5678"],
         "+81312345678"),
        ("normalise_phone", ["12", "内線のみ"], None),
        ("normalise_email", ["Hanako.Y@Example.COM", " ｈanako.y@example.com "],
         "hanako.y@example.com"),
        ("normalise_email", ["hanako", "a@b@c"], None),
        ("normalise_company",
         ["株式会社日の出商事", "㈱　日の出商事", "日の出商事(株)", "日の出商事　株式会社"],
         "日の出商事"),
        ("normalise_company", ["Hinode Trading Co., Ltd.", "HINODE TRADING CO.,LTD"],
         "hinode trading"),
        ("normalise_address", ["架空町三丁目２番１号", "架空町３－２－１", "架空町 3丁目2-1"],
         "架空町3-2-1"),
        ("normalise_address", ["サンタワー十二号"], "サンタワー12"),
        ("normalise_postal_code", ["〒１２３４５６７", "123-4567", "1234567"], "123-4567"),
        ("normalise_postal_code", ["12-345"], None),
    ],
)  # fmt: skip
def test_normal_forms(name: str, texts: list[str], expected: str | None) -> None:
    found = {text: NORMALISERS[name](text) for text in texts}
    if name == "normalise_text":
        assert set(list(found.values())[:2]) == {"A B"}
    else:
        assert set(found.values()) == {expected}, found
