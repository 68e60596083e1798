"""Segments in a real browser: made, refreshed, looked into, compared, mended, put away."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from served_bank import WIDE, Served, Visit, faults, fits_a_phone

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]

APP: dict[str, Any] = {"field": "app_user", "op": "is_true"}
TOKYO: dict[str, Any] = {"field": "prefecture", "op": "eq", "value": "東京都"}
REFRESHED = 30_000  # ms: the work process looks for refreshes every few seconds


def _make(seen: Visit, slug: str, rule: dict[str, Any], name: str) -> None:
    """A segment that is there and counted; made once for all flows that use it."""
    found = seen.get(f"segments?q={slug}")
    if slug not in {row["slug"] for row in found["items"]}:
        seen.call("POST", "segments", {"slug": slug, "name": name, "rule": rule})
    seen.go(f"/segments/{slug}")
    expect(_size(seen.page)).to_have_text(re.compile(r"\d"), timeout=REFRESHED)


def _size(page: Page) -> Locator:
    return page.get_by_role("button").filter(has_text=re.compile(r"^[\d,]+人$"))


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def _find(page: Page, opener: Locator, words: str, option: str) -> None:
    opener.click()
    page.get_by_role("textbox", name="項目をさがす").fill(words)
    page.get_by_role("option").filter(has_text=re.compile(rf"^{option}")).first.click()


def test_a_dynamic_segment_is_made_counted_and_explained(visit: Open) -> None:
    seen = visit("marketer")
    page = seen.go("/segments/new?rule=" + json.dumps(APP))
    make = page.get_by_role("button", name="セグメントを作る")
    expect(make).to_be_disabled()
    page.get_by_label("名前(日本語)").fill("アプリの顧客")
    page.get_by_label("名前(英語)").fill("Customers of the app")
    beside = page.get_by_role("complementary", name="当てはまる人", exact=True)
    expect(beside.locator("[aria-busy=false] .tabular").first).to_be_visible()
    counted = _number(beside.locator(".tabular").first.inner_text())
    make.click()
    page.wait_for_url("**/segments/customers-of-the-app")
    expect(_size(page)).to_have_text(f"{counted:,}人", timeout=REFRESHED)
    expect(page.locator("main").get_by_text("最新", exact=True).first).to_be_visible()
    expect(page.get_by_text("アプリ利用がはい").first).to_be_visible()

    chart = page.get_by_role("figure").filter(has_text="日ごとの出入り")
    expect(chart.locator("[role=img]")).to_be_visible()
    chart.get_by_role("button", name="表で見る").click()
    expect(chart.get_by_role("row").nth(1)).to_contain_text(f"{counted:,}人")

    _tab(page, "人")
    expect(page.get_by_text(f"{counted:,}人", exact=True)).to_be_visible()
    page.get_by_role("region", name="人").get_by_role("row").nth(1).click()
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("条件に当てはまります")
    expect(panel).to_contain_text("今も入っている")
    address = page.url
    assert "member=" in address
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.go_back()
    expect(panel).to_contain_text("条件に当てはまります")
    expect(panel.get_by_role("link", name="顧客ページを開く")).to_have_attribute(
        "href", re.compile(r"/customers/\w+")
    )


def test_a_ranked_segment_takes_the_first_of_each_group(visit: Open) -> None:
    seen = visit("marketer")
    page = seen.go("/segments/new?rule=" + json.dumps(APP))
    page.get_by_label("名前(日本語)").fill("支店ごとの古参")
    page.get_by_label("名前(英語)").fill("Oldest of each branch")
    page.get_by_role("radio", name="上位").click()
    make = page.get_by_role("button", name="セグメントを作る")
    expect(make).to_be_disabled()
    _find(page, page.get_by_role("button", name="値を選ぶ"), "取引開始日", "取引開始日")
    page.get_by_text("小さい順", exact=True).click()
    page.get_by_role("textbox", name="人数").fill("2")
    _find(page, page.get_by_role("button", name="グループを選ぶ"), "取引店番", "取引店番")
    make.click()
    page.wait_for_url("**/segments/oldest-of-each-branch")
    expect(_size(page)).to_have_text(re.compile(r"\d"), timeout=REFRESHED)
    by_branch = {"value": {"field": "branch"}}
    branches = seen.call("POST", "segments/oldest-of-each-branch/composition", by_branch)
    assert branches["total"] == _number(_size(page).inner_text())
    assert {bucket["count"] for bucket in branches["buckets"]} <= {1, 2}
    assert 2 in {bucket["count"] for bucket in branches["buckets"]}


def test_composition_leads_to_the_people_behind_a_bar(visit: Open) -> None:
    seen = visit("marketer")
    _make(seen, "app", APP, "アプリ")
    page = seen.page
    _tab(page, "構成")
    page.get_by_role("button", name="性別", exact=True).click()
    expect(page).to_have_url(re.compile("by="))
    bars = page.get_by_role("figure").filter(has_text="性別").get_by_role("listitem")
    expect(bars.first).to_contain_text("人")
    _find(page, page.get_by_role("button", name="値を選ぶ"), "年齢", "生年月日")
    ages = page.get_by_role("figure").filter(has_text="年齢")
    expect(ages.locator("[role=img]")).to_be_visible()
    page.reload()
    expect(ages.locator("[role=img]")).to_be_visible()
    people = bars.first.get_by_role("link")
    wanted = _number(people.inner_text())
    people.click()
    page.wait_for_url("**/segments/new?**")
    beside = page.get_by_role("complementary", name="当てはまる人", exact=True)
    expect(beside.locator("[aria-busy=false] .tabular").first).to_have_text(f"{wanted:,}")


def test_overlap_is_drawn_and_each_part_leads_to_its_people(visit: Open) -> None:
    seen = visit("marketer")
    _make(seen, "tokyo", TOKYO, "東京の人")
    _make(seen, "app", APP, "アプリ")
    page = seen.page
    _tab(page, "重なり")
    page.get_by_role("combobox", name="比べるセグメント").click()
    page.get_by_role("option", name="東京の人").click()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("with=tokyo"))
    columns = page.get_by_role("region", name="組み合わせごとの人数").get_by_role("link")
    expect(columns).to_have_count(3)
    both = seen.call("POST", "segments/overlap", {"slugs": ["app", "tokyo"]})["pairs"][0]["both"]
    named = columns.filter(has=page.locator(f"text='{both:,}'"))
    expect(named.first).to_have_attribute("aria-label", re.compile("すべてに入っている"))
    cells = page.get_by_role("table", name="二つずつの重なり").get_by_role("link")
    expect(cells).to_have_count(2)
    expect(cells.first).to_contain_text(f"{both:,}人")
    fits_a_phone(page)
    named.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/segments/new?**")
    beside = page.get_by_role("complementary", name="当てはまる人", exact=True)
    expect(beside.locator("[aria-busy=false] .tabular").first).to_have_text(f"{both:,}")


def test_a_new_version_is_saved_compared_and_kept(visit: Open) -> None:
    seen = visit("marketer")
    _make(seen, "worded-anew", TOKYO, "言い直す")
    page = seen.page
    before = _number(_size(page).inner_text())
    _tab(page, "条件")
    _find(page, page.get_by_role("button", name="条件を加える"), "アプリ利用", "アプリ利用")
    _tab(page, "概要")
    expect(page.get_by_role("tab", name="条件")).to_contain_text("編集中")
    _tab(page, "条件")
    page.get_by_role("button", name="新しい版として保存").click()
    page.get_by_label("変えた理由(任意)").fill("アプリの人だけにする")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("第2版を保存しました")).to_be_visible()
    compare = page.locator("section").filter(has_text="版を比べる").last
    expect(compare).to_contain_text("アプリ利用")
    _tab(page, "概要")
    expect(_size(page)).not_to_have_text(f"{before:,}人", timeout=REFRESHED)
    assert _number(_size(page).inner_text()) < before
    _tab(page, "履歴")
    expect(page.get_by_text("アプリの人だけにする")).to_be_visible()
    rows = page.get_by_role("table", name="更新").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("新しい版")
    page.get_by_role("link", name="前の版と比べる").click()
    expect(page).to_have_url(re.compile("a=1&b=2"))


def test_a_refresh_by_hand_and_one_that_failed(visit: Open, served: Served) -> None:
    seen = visit("marketer")
    _make(seen, "failing", TOKYO, "失敗する")
    page = seen.go("/segments/failing")  # opened anew: it tells of no refresh but the one by hand
    page.get_by_role("button", name="今すぐ更新").click()
    expect(page.get_by_text("更新しました。")).to_be_visible(timeout=REFRESHED)
    # What the work process writes when the warehouse does not answer.
    none = {"ja": "", "en": ""}
    told = {"message": {"ja": "倉庫に届きません。", "en": "No warehouse."}, "remedy": none}
    with sqlite3.connect(served.workspace / "var" / "book.sqlite3", timeout=30) as book:
        book.execute(
            "UPDATE segments_segment SET failures = 1, failed_at = as_of, message = ?"
            " WHERE slug = 'failing'",
            [json.dumps(told)],
        )
    page.reload()
    alarm = page.locator("[data-alarm]")
    expect(alarm).to_contain_text("倉庫に届きません。")
    expect(alarm).to_contain_text("時点のまま使えます")
    expect(page.locator("main").get_by_text("失敗", exact=True).first).to_be_visible()
    expect(_size(page)).to_be_visible()
    alarm.get_by_role("button", name="今すぐやり直す").click()
    expect(alarm).to_have_count(0, timeout=REFRESHED)
    expect(page.locator("main").get_by_text("最新", exact=True).first).to_be_visible()


def test_archiving_is_taken_back(visit: Open) -> None:
    seen = visit("marketer")
    _make(seen, "put-away", TOKYO, "しまう")
    page = seen.page
    page.get_by_role("button", name="その他の操作").click()
    page.get_by_role("menuitem", name="保管する").click()
    expect(page.get_by_text("このセグメントは", exact=False)).to_contain_text("保管されました")
    expect(page.get_by_role("button", name="今すぐ更新")).to_have_count(0)
    page.get_by_role("button", name="元に戻す").click()
    expect(page.get_by_role("button", name="今すぐ更新")).to_be_visible()


def test_segments_are_found_and_narrowed(visit: Open) -> None:
    seen = visit("marketer")
    _make(seen, "tokyo", TOKYO, "東京の人")
    page = seen.go("/segments")
    page.get_by_role("textbox", name="名前・説明で探す").fill("東京")
    expect(page).to_have_url(re.compile("q="))
    row = page.get_by_role("row").filter(has_text="東京の人")
    expect(row).to_contain_text("都道府県が東京都")
    page.get_by_role("banner").get_by_role("button", name="検索", exact=True).click()
    page.get_by_role("textbox", name="検索を開く").fill("東京の人")
    page.get_by_role("button", name="東京の人").click()
    page.wait_for_url("**/segments/tokyo")


def test_whoever_may_only_read_sees_nothing_to_press(visit: Open) -> None:
    maker = visit("marketer")
    _make(maker, "tokyo", TOKYO, "東京の人")
    page = visit("auditor").go("/segments/tokyo?tab=rule")
    expect(page.get_by_role("heading", level=1)).to_have_text("東京の人")
    for name in ("今すぐ更新", "その他の操作", "条件を加える"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page = visit("rep").go("/today")
    expect(page.get_by_role("link", name="セグメント")).to_have_count(0)


@pytest.mark.parametrize("locale", ["ja", pytest.param("en", marks=pytest.mark.heavy)])
def test_every_tab_is_accessible_and_fits_a_phone(visit: Open, locale: str) -> None:
    for slug, rule, name in (("app", APP, "アプリ"), ("tokyo", TOKYO, "東京の人")):
        _make(visit("marketer"), slug, rule, name)
    seen = visit("marketer", locale=locale)
    value = json.dumps([{"field": "gender"}, {"field": "birth_date.age"}])
    for part in ("", "people", f"composition&by={value}", "overlap&with=tokyo", "rule", "history"):
        page = seen.go(f"/segments/app?tab={part or 'overview'}")
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        if locale == "ja":  # the same in both languages, as far as axe-core can tell
            assert faults(page) == [], part
        fits_a_phone(page)
        page.set_viewport_size(WIDE)
