"""Real files nobody here made: CP932 with a title line, old Excel, half a million rows, blanks."""

from __future__ import annotations

from pathlib import Path

import pytest

from loading_world import World, make_world

COMPANIES = """
datasets:
  filer:
    label: {ja: 提出者, en: Filer}
    kind: current
    subject: company
    key: code
    display: name
    source: {files: "EDINET*.csv", header: 2}
    fields:
      code: {type: string, source: ＥＤＩＮＥＴコード}
      name: {type: string, source: 提出者名, meaning: company_name}
      capital: {type: integer, source: 資本金}
      ticker: {type: string, source: 証券コード}
      ticker4:
        type: string
        derive: {substring: [{field: ticker}, 0, 4]}
      number: {type: %s, source: 提出者法人番号}
  listed:
    label: {ja: 上場銘柄, en: Listed company}
    kind: current
    key: code
    source: {files: "JPX*.xls"}
    fields:
      day: {type: date, source: 日付, format: "%%Y%%m%%d"}
      code: {type: string, source: コード}
      name: {type: string, source: 銘柄名}
"""
RETAIL = """
datasets:
  line:
    label: {ja: 明細, en: Line}
    kind: event
    key: no
    time: {field: at, kind: occurred}
    source: {files: "online_retail.csv.gz"}
    fields:
      no: {type: integer, derive: {source_line: []}}
      at: {type: timestamp, source: InvoiceDate}
      invoice: {type: string, source: InvoiceNo}
      customer: {type: string, source: CustomerID}
      quantity: {type: integer, source: Quantity}
      price: {type: decimal, scale: 3, source: UnitPrice}
"""


def _world(root: Path, folder: Path, catalog: str) -> World:
    made = make_world(root, catalog)
    made.data.rmdir()
    made.data.symlink_to(folder)
    return made


@pytest.mark.parametrize(("kind", "loaded"), [("string", 9784), ("integer", None)])
def test_filers_in_cp932_below_a_title_and_the_exchange_in_old_excel(
    test_data, tmp_path, kind, loaded
):
    here = _world(tmp_path, test_data / "jp_company", COMPANIES % kind)
    done = here.load("filer")
    assert done.message is None
    assert done.read == done.loaded + done.dead == 9784
    if loaded is None:  # 法人番号 that a spreadsheet has turned into 5.07E+12 are no integers
        codes = here.rows("SELECT code, count(*) FROM enishi.dead_letters GROUP BY code")
        assert [code for code, _ in codes] == ["damaged_number"]
        assert done.dead == 6115  # the others have none
        here.engine.close()
        return
    assert done.loaded == loaded
    assert here.load("listed").loaded == 4005
    pairs = here.rows("SELECT count(*) FROM data.filer f JOIN data.listed l ON f.ticker4 = l.code")
    assert pairs == [(3639,)]
    here.engine.close()


def test_half_a_million_lines_sum_up(test_data, tmp_path):
    here = _world(tmp_path, test_data / "online_retail", RETAIL)
    done = here.load()
    assert done.message is None
    assert (done.read, done.loaded, done.dead) == (541_909, 541_909, 0)
    (found,) = here.rows(
        "SELECT count(DISTINCT customer), count(DISTINCT invoice),"
        " count(*) - count(customer), round(sum(quantity * price), 2) FROM data.line"
    )
    assert [str(value).rstrip("0").rstrip(".") for value in found[3:]] == ["9747747.93"]
    assert found[:3] == (4372, 25_900, 135_080)
    here.engine.close()
