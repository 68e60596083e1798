"""The data page: what is there, how it hangs together, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from served_bank import Served, Visit

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]


@contextmanager
def _appended(path: Path, lines: str) -> Iterator[int]:
    """A source file with more lines at its end; yields the number of the first of them."""
    before = path.read_bytes()
    path.write_bytes(before + lines.encode())
    try:
        yield before.count(b"\n") + 1
    finally:
        path.write_bytes(before)


def test_datasets_their_fields_and_relations(visit: Open) -> None:
    seen = visit("admin")
    page = seen.go("/data")
    row = page.get_by_role("row").filter(has_text="person").first
    expect(row).to_contain_text("3,000")
    row.click()
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("生年月日")
    expect(panel).to_contain_text("機微な個人情報")
    panel.get_by_label("項目を探す").fill("カナ")
    expect(panel.get_by_text("name_kana")).to_be_visible()
    expect(panel.get_by_text("birth_date")).to_have_count(0)
    panel.get_by_role("heading", level=2).click()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)

    page.get_by_role("tab", name="関連").click()
    boxes = page.locator(".react-flow__node")
    expect(boxes.filter(has_text="顧客")).to_be_visible()
    assert page.locator(".react-flow__edge").count() >= 20
    boxes.filter(has_text="預金口座").click()
    expect(panel.get_by_role("heading", level=2)).to_have_text("預金口座")
    expect(page).to_have_url(re.compile("dataset=deposit"))


def test_a_load_tells_which_rows_it_could_not_read_and_why(visit: Open, served: Served) -> None:
    seen = visit("admin")
    page = seen.go("/data")
    broken = (
        '"N9000001","00001669",yesterday,7,"アプリ","いつか"\n'
        '"N9000002","00001669",2026-11-01 09:38:33.000000Z,seven,"アプリ","点"\n'
        '"N9000003","00001669"\n'
    )
    with _appended(served.workspace / "data" / "nps_answers.csv", broken) as line:
        page.get_by_role("button", name="取り込む").click()
        page.get_by_role("menuitem", name="NPS回答").click()
        newest = page.get_by_role("row").nth(1)
        expect(newest).to_contain_text("NPS回答", timeout=20_000)
        expect(newest).to_contain_text("完了")
        newest.click()
        panel = page.get_by_role("complementary", name="NPS回答の取り込み")
        letters = panel.get_by_role("region", name="読めなかった行").get_by_role("listitem")
        expect(letters).to_have_count(3)
        expect(letters.nth(0)).to_contain_text(f"nps_answers.csv{line}行目")
        expect(letters.nth(0)).to_contain_text("日時として読めません")
        expect(letters.nth(1)).to_contain_text("整数ではありません")
        expect(letters.nth(1)).to_contain_text("score")
        expect(letters.nth(2)).to_contain_text("列が 6 あるはずのところ")
        english = visit("admin", locale="en").go(page.url.removeprefix(seen.base))
        expect(english.get_by_role("complementary")).to_contain_text(f"line {line}")


@pytest.mark.heavy
def test_loading_everything_shows_how_far_it_is(visit: Open) -> None:
    page = visit("admin").go("/data?tab=loads")
    rows = page.get_by_role("row")
    page.get_by_role("button", name="取り込む").click()
    page.get_by_role("menuitem", name="すべて取り込む").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="取り込む")).to_be_disabled()
    page.get_by_role("link", name="顧客").click()  # it goes on when the page is left
    page.go_back()
    expect(page.get_by_role("button", name="取り込む")).to_be_enabled(timeout=30_000)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(rows.filter(has_text="完了").first).to_be_visible()
