"""Every reason has a sentence in both languages, and what is unfit is told rightly."""

from __future__ import annotations

import pytest

from enishi.catalog.types import Field, FieldType
from enishi.kernel.text import Text
from enishi.sources.reasons import REASONS, classify, sentence

ARGS = {"value": "x", "format": "f", "scale": 2, "expected": 1, "found": 2, "file": "f", "line": 3}


@pytest.mark.parametrize("code", sorted(REASONS))
def test_each_reason_is_a_sentence(code):
    told = sentence(code, ARGS)
    assert told.ja.endswith("。")
    assert told.en.endswith(".")
    assert told.ja != told.en


@pytest.mark.parametrize(
    ("kind", "scale", "value", "code"),
    [
        ("integer", 0, "12a", "not_integer"),
        ("integer", 0, "5.07E+12", "damaged_number"),
        ("integer", 0, "99999999999999999999", "out_of_range"),
        ("integer", 0, "12.5", "not_integer"),
        ("integer", 0, "１２", "not_integer"),
        ("decimal", 2, "1.005", "too_many_decimals"),
        ("decimal", 2, "99999999999999999999.00", "out_of_range"),
        ("decimal", 2, "¥100", "not_decimal"),
        ("float", 0, "1,5", "not_float"),
        ("boolean", 0, "maybe", "not_boolean"),
        ("date", 0, "2026-02-30", "not_date"),
        ("date", 0, "昭和60年4月1日", "not_date"),
        ("timestamp", 0, "25:00", "not_timestamp"),
        ("string", 0, None, "missing"),
    ],
)
def test_an_unfit_value_is_classified(kind, scale, value, code):
    field = Field("f", FieldType(kind), Text("f", "f"), scale=scale)
    found, args = classify(field, value)
    assert found == code
    assert sentence(found, args).en


TYPED = """
datasets:
  row:
    label: {ja: 行, en: Row}
    kind: current
    key: id
    source: {files: "row.csv", delimiter: ";"}
    fields:
      id: {type: integer}
      v: {type: %s}
"""


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        ("integer", {"7370.0": 7370, " 7 ": 7, "+5": 5, "-0": 0, "1,234": 1234, "007": 7},
         ["1e3", "0x1F", "1_000", "7370.4", "12,34", "inf", "99999999999999999999"]),
        ("float", {"1e3": 1000.0, ".5": 0.5, "5.": 5.0, "-1.25": -1.25},
         ["inf", "nan", "1e999", "1,5"]),
        ("date", {"2026-4-1": "2026-04-01", "2026/04/01": "2026-04-01",
                  "2026-04-01 00:00:00": "2026-04-01"},
         ["epoch", "infinity", "2026-02-30", "2026-04-01 10:00", "20260401", "2026-04-01x"]),
        ("date, format: '%y%m%d'", {"680101": "2068-01-01", "690101": "1969-01-01"},
         ["2026-04-01", "991301"]),
        ("date, format: wareki", {"昭和60年4月1日": "1985-04-01", "R1.5.1": "2019-05-01"},
         ["平成元年13月1日", "1985-04-01"]),
        ("boolean", {"TRUE": True, "0": False}, ["2", "はい"]),
        ("boolean, format: 'はい|いいえ'", {"はい": True, "いいえ": False}, ["true"]),
        ("timestamp", {"2026-04-01": "2026-03-31 15:00:00",
                       "2026-04-01T09:00:00.5+09:00": "2026-04-01 00:00:00.5",
                       "2026/4/1 9:00": "2026-04-01 00:00:00"},
         ["2026-04-01 25:00", "now", "2026-04-31 10:00"]),
    ],
)  # fmt: skip
def test_what_a_type_reads_and_what_it_refuses(world, written, good, bad):
    here = world(TYPED % written)
    cells = [*good, *bad]
    here.put("row.csv", "id;v\n" + "".join(f"{n};{cell}\n" for n, cell in enumerate(cells)))
    done = here.load()
    assert done.message is None
    found = {cells[n]: value for n, value in here.rows("SELECT id, v FROM data.row")}
    told = {
        cell: value if isinstance(value, bool | int | float) else _written(value)
        for cell, value in found.items()
    }
    assert told == good
    assert [raw.partition(";")[2] for *_, raw in here.dead()] == bad
    assert done.read == done.loaded + done.dead == len(cells)


def _written(value: object) -> str:
    text = str(value)
    return text.rstrip("0") if "." in text else text
