"""Files as they come: encodings, delimiters, gzip, Excel, Parquet, JSON Lines."""

from __future__ import annotations

import gzip
import json
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet
import pytest
import xlsxwriter

CATALOG = """
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: number
    source: {files: "person*"%s}
    fields:
      number: {type: string, source: 顧客番号}
      name: {type: string, source: 氏名}
      born: {type: date, source: 生年月日}
      points: {type: integer, source: ポイント}
      balance: {type: decimal, scale: 2, source: 残高}
      seen: {type: timestamp, source: 最終来店}
      active: {type: boolean, source: 有効}
      tags: {type: strings, source: 区分}
"""
HEADER = ["顧客番号", "氏名", "生年月日", "ポイント", "残高", "最終来店", "有効", "区分"]
ROWS = [
    ["0001", "山田 太郎", "1985-04-01", "7370.0", "1,234.50", "2026-03-01 09:30", "true", "a|b"],
    ["0002", "ｻﾄｳ 花子〜", "1990/12/31", "", "-5", "2026-03-01T00:00:00Z", "0", ""],
]
EXPECTED = [
    ("0001", "山田 太郎", date(1985, 4, 1), 7370, Decimal("1234.50"),
     datetime.fromisoformat("2026-03-01T00:30"), True, ["a", "b"]),
    ("0002", "ｻﾄｳ 花子〜", date(1990, 12, 31), None, Decimal("-5.00"),
     datetime.fromisoformat("2026-03-01"), False, None),
]  # fmt: skip
SELECT = (
    "SELECT number, name, born, points, balance, seen, active, tags FROM data.person ORDER BY 1"
)


def text(delimiter: str = ",", ending: str = "\r\n") -> str:
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in ROWS]
    return ending.join(delimiter.join(row) for row in [HEADER, *quoted]) + ending


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "ending"),
    [
        ("person.csv", "utf-8", ",", "\r\n"),
        ("person.csv", "utf-8-sig", ",", "\n"),
        ("person.tsv", "utf-16", "\t", "\r\n"),
        ("person.txt", "utf-16-le", ";", "\n"),
        ("person.csv", "cp932", ",", "\r\n"),
        ("person.csv", "euc_jp", ";", "\n"),
        ("person.csv", "utf-8", ";", "\r"),
    ],
)
def test_text_in_any_encoding_and_delimiter_is_detected(world, name, encoding, delimiter, ending):
    here = world(CATALOG % "")
    content = text(delimiter, ending)
    if encoding in ("euc_jp", "cp932"):
        content = content.replace("〜", "～" if encoding == "cp932" else "〜")
    here.put(name, content.encode(encoding))
    done = here.load()
    assert done.message is None
    assert (done.read, done.loaded, done.dead) == (2, 2, 0)
    found = here.rows(SELECT)
    assert [row[:1] + row[2:] for row in found] == [row[:1] + row[2:] for row in EXPECTED]
    assert [row[1].replace("～", "〜") for row in found] == [row[1] for row in EXPECTED]
    assert here.rows("SELECT name__f FROM data.person ORDER BY number")[1][0] == "サトウ 花子~"


def test_gzip_is_known_by_its_content(world):
    here = world(CATALOG % "")
    here.put("person.dat", gzip.compress(text().encode()))
    assert here.load().loaded == 2
    assert here.rows(SELECT) == EXPECTED


def test_excel_with_a_title_above_its_header(world):
    here = world(CATALOG % ", header: 3, sheet: 顧客")
    book = xlsxwriter.Workbook(here.data / "person.xlsx")
    book.add_worksheet("表紙")
    sheet = book.add_worksheet("顧客")
    sheet.write(0, 0, "顧客一覧")
    sheet.write_row(2, 0, HEADER)
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(3, 0, ["0001", "山田 太郎"])
    sheet.write_datetime(3, 2, datetime.fromisoformat("1985-04-01"), day)
    sheet.write_number(3, 3, 7370)
    sheet.write_number(3, 4, 1234.5)
    sheet.write_datetime(3, 5, datetime.fromisoformat("2026-03-01T09:30"), moment)
    sheet.write_boolean(3, 6, True)
    sheet.write_string(3, 7, "a\x1fb")
    sheet.write_row(4, 0, ["0002", "x", "no date", "", -5])
    book.close()
    done = here.load()
    assert done.message is None
    assert (done.read, done.loaded, done.dead) == (2, 1, 1)
    assert here.rows(SELECT) == EXPECTED[:1]
    assert [(line, field, code) for line, field, code, _ in here.dead()] == [
        (5, "born", "not_date")
    ]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2026-03-01T09:30", pa.timestamp("ns")),
        ("2026-03-01T09:30+09:00", pa.timestamp("us", tz="Asia/Tokyo")),
        ("2026-03-01T00:30+00:00", pa.timestamp("s", tz="UTC")),
    ],
)
def test_parquet_keeps_its_types(world, written, kind):
    here = world(CATALOG % "")
    columns = {
        "顧客番号": ["0001"],
        "氏名": ["山田 太郎"],
        "生年月日": pa.array([date(1985, 4, 1)]),
        "ポイント": pa.array([7370], pa.int32()),
        "残高": pa.array([Decimal("1234.50")], pa.decimal128(12, 2)),
        "最終来店": pa.array([datetime.fromisoformat(written)], kind),
        "有効": [True],
        "区分": [["a", "b"]],
    }
    pyarrow.parquet.write_table(pa.table(columns), here.data / "person.parquet")
    assert here.load().loaded == 1
    assert here.rows(SELECT) == EXPECTED[:1]


def test_json_lines_with_lines_that_are_none(world):
    here = world(CATALOG % "")
    good = dict(
        zip(
            HEADER,
            ["0001", "山田 太郎", "1985-04-01", 7370, 1234.50, "2026-03-01T09:30:00+09:00", True,
             ["a", "b"]],
            strict=True,
        )
    )  # fmt: skip
    lines = [json.dumps(good, ensure_ascii=False), "{broken", "", "[1]", '{"氏名": "no key"}']
    here.put("person.jsonl", "\n".join(lines))
    done = here.load()
    assert (done.read, done.loaded, done.dead) == (4, 1, 3)
    assert here.rows(SELECT) == EXPECTED[:1]
    assert [(line, code) for line, _, code, _ in here.dead()] == [
        (2, "not_json"),
        (4, "not_object"),
        (5, "missing"),
    ]


def test_a_decimal_in_json_is_exact(world):
    here = world(CATALOG % "")
    row = '{"顧客番号": "1", "残高": 90071992547409.93}'
    here.put("person.jsonl", row)
    assert here.load().loaded == 1
    assert here.rows("SELECT balance FROM data.person") == [(Decimal("90071992547409.93"),)]


def test_without_a_header_columns_are_numbered(world):
    catalog = """
datasets:
  row:
    label: {ja: 行, en: Row}
    kind: current
    key: a
    source: {files: "row.csv", header: 0}
    fields:
      a: {type: integer, source: column_1}
      b: {type: string, source: column_3}
"""
    here = world(catalog)
    here.put("row.csv", "1,x,p\n2,y,q\n")
    assert here.load().loaded == 2
    assert here.rows("SELECT a, b FROM data.row ORDER BY a") == [(1, "p"), (2, "q")]


def test_a_column_that_is_missing_refuses_the_file_and_keeps_the_data(world):
    here = world(CATALOG % "")
    here.put("person.csv", text())
    here.load()
    here.put("person.csv", text().replace("生年月日", "生年月日付"))
    done = here.load()
    assert done.state == "failed"
    assert done.message["en"]["code"] == "columns_missing"
    fault = done.message["ja"]["faults"][0]
    assert fault["path"] == "fields.born"
    assert "生年月日付" in fault["remedy"]
    assert here.rows(SELECT) == EXPECTED


def test_my_number_is_refused_by_its_values(world):
    catalog = """
datasets:
  row:
    label: {ja: 行, en: Row}
    kind: current
    key: a
    source: {files: "row.csv"}
    fields:
      a: {type: integer}
      code: {type: string}
"""

    def number(stem: int) -> str:
        digits = f"{stem:011d}"
        total = sum(
            int(digit) * (n + 1 if n <= 6 else n - 5)
            for n, digit in enumerate(reversed(digits), start=1)
        )
        return digits + str(0 if total % 11 <= 1 else 11 - total % 11)

    here = world(catalog)
    lines = [f"{n},{number(12345678900 + n)}" for n in range(20)]
    here.put("row.csv", "a,code\n" + "\n".join(lines))
    done = here.load()
    assert done.state == "failed"
    assert done.message["en"]["code"] == "my_number"
    assert here.rows("SELECT count(*) FROM data.row") == [(0,)]
