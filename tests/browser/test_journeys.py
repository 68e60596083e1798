"""Journeys in a real browser: made from a flow, drawn by mouse and keys, put live, looked into."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from served_bank import PHONE, Visit, faults, fits_a_phone

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]

SLOW = 20_000  # ms: the work process looks for what is due every few seconds

TOKYO: dict[str, Any] = {"field": "prefecture", "op": "eq", "value": "東京都"}
BODY: dict[str, Any] = {
    "purpose": "deposits",
    "entries": [{"kind": "api"}],
    "start": "ask",
    "steps": {
        "ask": {
            "kind": "branch",
            "arms": [{"label": {"ja": "東京", "en": "Tokyo"}, "rule": TOKYO, "next": "short"}],
            "next": "long",
        },
        "short": {"kind": "wait", "name": "東京で待つ", "duration": "3d", "next": "bye"},
        "long": {"kind": "wait", "name": "ほかで待つ", "duration": "9d", "next": "bye"},
        "bye": {"kind": "exit", "reason": {"ja": "ひとめぐり", "en": "Once around"}},
    },
    "exits": [{"kind": "event", "event": ["complaint"]}],
    "goal": {"signals": [{"kind": "event", "event": ["login"]}]},
}


def test_a_flow_becomes_a_journey_drawn_by_mouse_and_keys(visit: Open) -> None:
    seen = visit("marketer")
    page = seen.go("/journeys")
    page.get_by_role("button", name="ジャーニーを作る").click()
    page.get_by_text("満期のご案内", exact=True).click()
    expect(page.get_by_text("ロイヤルになるまでの段階")).to_be_visible()
    page.get_by_label("名前", exact=True).fill("定期預金の満期")
    page.get_by_role("button", name="下書きを作る").click()
    page.wait_for_url(re.compile(r"/journeys/(?!new)"))

    canvas = page.get_by_role("region", name="ジャーニーの流れ", exact=True)
    steps = canvas.get_by_role("button", name=re.compile("："))
    entry = steps.first
    count = 6  # the entry, three contacts and two waits
    expect(steps).to_have_count(count)

    # A fault is told at its step and at its field; the list of all leads there.
    page.get_by_role("button", name=re.compile(r"^不備 \d+ 件")).click()
    page.get_by_role("menuitem").filter(has_text="テンプレートが決まっていません").first.click()
    detail = page.get_by_role("complementary", name="詳細")
    expect(detail.get_by_role("combobox", name="テンプレート")).to_be_visible()
    expect(page).to_have_url(re.compile("step="))
    detail.get_by_role("textbox", name="名前(任意)").fill("最初のお知らせ")
    expect(canvas.get_by_role("button", name=re.compile("最初のお知らせ"))).to_be_visible()

    # By keys: from the entry to the next step, a step after it, taken back and done again.
    entry.focus()
    page.keyboard.press("ArrowRight")
    expect(canvas.locator("[data-step][aria-pressed=true]")).to_be_focused()
    page.keyboard.press("a")
    page.get_by_role("menuitem", name="時間帯を待つ").click()
    expect(steps).to_have_count(count + 1)
    expect(page).to_have_url(re.compile("step=wait_until"))
    page.get_by_role("button", name="元に戻す").first.click()
    expect(steps).to_have_count(count)
    page.get_by_role("button", name="やり直す").first.click()
    expect(steps).to_have_count(count + 1)
    expect(page.get_by_text("保存済み")).to_be_visible()

    # A whole flow after a step, by keys alone: what it leaves to choose is told, and it is undone.
    canvas.locator("[data-step=wait_until]").focus()
    page.keyboard.press("a")
    expect(page.get_by_role("menuitem", name="流れのひな型…")).to_be_visible()
    page.get_by_role("menu").press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="流れを入れる")
    panel.get_by_role("radio", name=re.compile("ウェルカム")).focus()
    page.keyboard.press("Space")
    expect(panel.get_by_text("ロイヤルになるまでの段階")).to_be_visible()
    panel.get_by_role("button", name="この場所に入れる").press("Enter")
    brought = page.get_by_role("complementary", name=re.compile("「ウェルカム」を入れました"))
    expect(brought.get_by_text("テンプレートが決まっていません").first).to_be_visible()
    assert steps.count() > count + 1
    brought.get_by_role("button", name="元に戻す").press("Enter")
    expect(steps).to_have_count(count + 1)
    page.keyboard.press("Escape")
    expect(page.get_by_text("保存済み")).to_be_visible()

    # By drag from the palette onto a line.
    page.get_by_role("button", name="全体を表示").click()
    line = page.get_by_role("button", name="間にステップを入れる").first
    page.get_by_role("navigation", name="ステップの種類").get_by_text("対照群").drag_to(line)
    expect(steps).to_have_count(count + 2)
    expect(canvas.get_by_role("button", name=re.compile("対照群を分ける"))).to_be_visible()
    canvas.locator("[data-step=holdout]").focus()
    page.keyboard.press("Delete")
    expect(steps).to_have_count(count + 1)

    page.get_by_text("文章", exact=True).click()
    text = page.get_by_role("region", name="ジャーニーの流れ(文章)")
    expect(text.get_by_role("button", name=re.compile("最初のお知らせ")).first).to_be_visible()
    expect(text.locator("[data-line]")).to_have_count(count + 1)
    expect(page.get_by_text("保存済み")).to_be_visible()
    page.reload()
    expect(text.locator("[data-line]")).to_have_count(count + 1)
    assert faults(page) == []


def test_a_journey_is_approved_and_tells_where_everybody_stands(visit: Open) -> None:
    author = visit("marketer")
    author.go("/journeys")
    slug = author.call("POST", "journeys", {"name": "見える流れ", "purpose": "deposits"})["slug"]
    author.call("PUT", f"journeys/{slug}/draft", {"body": BODY})
    page = author.go(f"/journeys/{slug}?mode=test")
    test = page.get_by_role("complementary", name="1人で試す")
    test.get_by_role("button", name=re.compile("まで時間を進める")).click()
    expect(test.get_by_role("status")).to_contain_text("で終わりました")
    expect(test.get_by_role("listitem").filter(has_text="ほかで待つ").first).to_be_visible()
    test.get_by_role("button", name="1つ戻る").click()
    expect(test.get_by_role("button", name=re.compile("まで時間を進める"))).to_be_visible()
    test.get_by_role("button", name="閉じる").click()
    page.get_by_role("button", name="承認を依頼").click()
    expect(page.get_by_text("承認できません", exact=False)).to_be_visible()

    approver = visit("manager")
    page = approver.go(f"/journeys/{slug}")
    page.get_by_role("button", name="承認して稼働").click()
    panel = page.get_by_role("complementary").filter(has_text="第1版を稼働させる")
    expect(panel.get_by_text("接触可否を確かめます", exact=False)).to_be_visible()
    panel.get_by_role("button", name="承認して稼働").click()
    expect(page.locator("main").get_by_text("稼働中", exact=True).first).to_be_visible()

    people = author.get("customers?limit=40")["items"]
    named = [{"person": one["id"]} for one in people]
    entered = author.call("POST", f"journeys/{slug}/entries", {"entries": named})["entered"]
    assert entered > 0
    page = author.go(f"/journeys/{slug}")
    node = page.locator("[data-step=long]")
    counted = page.locator(".react-flow__node").filter(has=node)
    expect(counted).to_contain_text(re.compile(r"[1-9]\d*人"), timeout=SLOW)
    node.click()
    detail = page.get_by_role("complementary", name="詳細")
    detail.get_by_role("region", name="このステップの人").get_by_role("button").first.click()
    story = page.get_by_role("complementary").filter(has_text="ジャーニーから外す")
    expect(story.get_by_role("listitem").filter(has_text="ほかで待つ")).to_be_visible()
    expect(page).to_have_url(re.compile(r"walk=\d+"))
    page.keyboard.press("Escape")
    assert faults(page) == []

    page.get_by_role("button", name="そのほかの操作").click()
    page.get_by_role("menuitem", name="一時停止").click()
    panel = page.get_by_role("complementary").filter(
        has_text="待っている途中でもその場で止まります"
    )
    panel.get_by_role("button", name=re.compile(r"\d+人を止める")).click()
    expect(page.get_by_text("待っている人も動きません", exact=False)).to_be_visible()

    phone = visit("marketer", size=PHONE, locale="en")
    page = phone.go(f"/journeys/{slug}")
    text = page.get_by_role("region", name="The journey's flow as text")
    expect(text.get_by_role("button", name=re.compile("ほかで待つ"))).to_be_visible()
    fits_a_phone(page)
    assert faults(page) == []
