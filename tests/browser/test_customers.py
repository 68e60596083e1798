"""Finding a customer, telling every list what she does not want, and all that her page shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from served_bank import Visit, faults, fits_a_phone

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]


def _untroubled(seen: Visit) -> dict[str, str]:
    """Somebody with a mobile phone whom nothing restricts: her id and what finds her."""
    rows = seen.get("customers?limit=50")["items"]
    for row in rows:
        told = {field["name"]: field["value"] for field in row["fields"]}
        if told["mobile"] and not seen.get(f"customers/{row['id']}/restrictions")["items"]:
            return {"id": row["id"], "key": row["key"], **told}
    raise AssertionError("everybody is restricted")


def _search(page: Page, words: str, key: str, everybody: str) -> Locator:
    page.get_by_label("氏名・カナ・電話・番号").fill(words)
    page.wait_for_url(
        lambda url: parse_qs(urlsplit(url).query).get("q") in ([words], [f'"{words}"'])
    )
    expect(page.get_by_text(everybody, exact=True)).to_have_count(0)
    found = page.get_by_role("row").filter(has_text=key)
    expect(found).to_have_count(1)
    return found


def test_a_customer_is_found_by_name_kana_phone_and_number(visit: Open) -> None:
    seen = visit("manager")
    known = _untroubled(seen)
    page = seen.go("/customers")
    everybody = page.get_by_text(re.compile(r"^[\d,]+人$")).inner_text()
    ways = [
        known["name"],
        re.sub(r"\s", "", known["name"]),
        known["name_kana"],
        known["mobile"].replace("-", ""),
        known["mobile"],
        known["key"],
    ]
    for words in ways:
        row = _search(page, words, known["key"], everybody)
    row.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(known["name"])
    page.go_back()
    expect(page.get_by_label("氏名・カナ・電話・番号")).to_have_value(known["key"])
    page.get_by_label("氏名・カナ・電話・番号").fill("いない人の名前")
    expect(page.get_by_text("該当する顧客はいません")).to_be_visible()


def _restrict(page: Page, what: str, reason: str) -> None:
    page.get_by_role("button", name="接触を制限").click()
    page.get_by_role("menuitem", name=what).click()
    page.get_by_role("complementary").get_by_role("textbox").last.fill(reason)
    page.get_by_role("button", name="記録する").click()
    expect(page.get_by_role("complementary")).to_have_count(0)


def _red(page: Page, alarm: Locator) -> bool:
    """Whether the alarm's title is written in the vermilion of the theme in use."""
    return bool(
        alarm.evaluate(
            """(node) => {
              const probe = document.createElement('span');
              probe.style.color = 'var(--en-shu)';
              node.append(probe);
              const shu = getComputedStyle(probe).color;
              probe.remove();
              return [...node.querySelectorAll('*')].some(
                (one) => getComputedStyle(one).color === shu);
            }"""
        )
    )


def test_a_refusal_a_hold_and_an_order_not_to_contact_stand_at_the_top_until_released(
    visit: Open,
) -> None:
    seen = visit("manager")
    known = _untroubled(seen)
    page = seen.go(f"/customers/{known['id']}")
    alarms = page.locator("[data-alarm]")
    gate = page.get_by_role("region", name="接触可否")
    expect(alarms).to_have_count(0)
    # By default e-mail needs consent, and at night a call waits; neither is a refusal to be called.
    phone = gate.get_by_role("listitem").filter(has_text="電話")
    expect(phone).not_to_contain_text("確認中")
    expect(phone).not_to_contain_text("不可")

    _restrict(page, "拒否を記録", "案内は一切不要と言われた")
    _restrict(page, "停止する", "窓口での待ち時間が長い")
    _restrict(page, "連絡不要にする", "ご家族からのお申し出")
    expect(alarms).to_have_count(3)
    for reason in ("案内は一切不要と言われた", "窓口での待ち時間が長い", "ご家族からのお申し出"):
        alarm = alarms.filter(has_text=reason)
        expect(alarm).to_be_visible()
        assert _red(page, alarm)
    expect(gate.get_by_text("不可")).to_have_count(5)

    english = visit("manager", locale="en").go(f"/customers/{known['id']}")
    expect(english.locator("[data-alarm]")).to_have_count(3)
    words = english.locator("[data-alarm]").all_inner_texts()
    assert any("omplaint" in text for text in words), words
    expect(english.get_by_role("region", name="May we contact")).to_contain_text("no")

    for left in (2, 1, 0):
        alarms.first.get_by_role("button", name="解除").click()
        page.get_by_label("解除する理由").fill("ご本人に確認した")
        page.get_by_role("button", name="解除する").click()
        expect(alarms).to_have_count(left)
    expect(phone).not_to_contain_text("不可")
    page.get_by_role("button", name=re.compile("終わった制限 3")).click()
    expect(page.get_by_text("ご本人に確認した").first).to_be_visible()


def test_a_refusal_of_one_product_leaves_the_others_open(visit: Open) -> None:
    seen = visit("rep", locale="ja")
    known = _untroubled(seen)
    page = seen.go(f"/customers/{known['id']}")
    expect(page.get_by_text(re.compile("前のデータ|たった今のデータ"))).to_be_visible()  # its age
    page.get_by_role("button", name="接触を制限").click()
    page.get_by_role("menuitem", name="拒否を記録").click()
    save = page.get_by_role("button", name="記録する")
    expect(save).to_be_disabled()  # a refusal has its reason
    page.get_by_role("complementary").get_by_label("何のご案内を").click()
    page.get_by_role("option", name="カードの案内").click()
    page.get_by_label("お客さまの言葉や経緯").fill("年会費が高い")
    save.click()
    side = page.locator("section").filter(has=page.get_by_role("heading", name="接触の制限"))
    expect(side).to_contain_text("年会費が高い")
    expect(page.locator("[data-alarm]")).to_have_count(0)
    gate = page.get_by_role("region", name="接触可否")
    phone = gate.get_by_role("listitem").filter(has_text="電話")
    expect(phone).not_to_contain_text("不可")
    seen.go(f"/customers/{known['id']}?purpose=cards")
    expect(phone).to_contain_text("不可")


def _known_for_years(seen: Visit) -> tuple[str, dict[str, Any]]:
    """Somebody with much on her timeline, over more than one year, who is in a segment."""
    for row in seen.get("customers?limit=200")["items"]:
        at = f"customers/{row['id']}"
        told = seen.get(f"{at}/timeline/summary")
        much = sum(one["count"] for one in told["years"]) > 40 and len(told["years"]) > 1
        if much and any(one["inside"] for one in seen.get(f"{at}/segments")["items"]):
            return str(row["id"]), told
    raise AssertionError("nobody has been known for years")


def test_the_whole_customer_stands_on_one_page(visit: Open) -> None:
    seen = visit("manager")
    person, told = _known_for_years(seen)
    page = seen.go(f"/customers/{person}")
    timeline = page.get_by_role("list", name="経緯")
    expect(timeline).to_be_visible()
    expect(page.get_by_role("region", name="接触可否")).to_be_visible()
    assert faults(page) == []

    # The kinds narrow it, the years jump; both stand in the URL and survive a reload.
    most = max((s for s in told["sources"] if s["kind"] == "event"), key=lambda s: s["count"])
    page.get_by_role("group", name="種類").get_by_text(most["label"]["ja"]).click()
    page.wait_for_url(re.compile(rf"show={most['source']}"))
    expect(timeline.locator("[data-line=entry]").first).to_contain_text(most["label"]["ja"])
    oldest = most["years"][-1]["year"]
    page.get_by_role("combobox", name="年を選ぶ").click()
    page.get_by_role("option", name=re.compile(f"^{oldest}年")).click()
    page.wait_for_url(re.compile(rf"year={oldest}"))
    expect(timeline.locator("[data-line=year]").first).to_have_text(f"{oldest}年")
    page.reload()
    seen.settle()
    expect(timeline.locator("[data-line=year]").first).to_have_text(f"{oldest}年")
    page.locator("#main").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    expect(page.get_by_text("ここから前の記録はありません。")).to_be_visible()

    # Why she is in a segment.
    segment = page.locator("section", has_text="入っているセグメント").locator("li button").first
    name = segment.locator("span").first.inner_text()
    segment.click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", level=2)).to_have_text(name)
    expect(panel.get_by_text("いま条件に当てはまります")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)

    # The minute before a call.
    page.get_by_role("button", name="電話の前に").click()
    for part in ("お話しすること", "最近の動き", "最近の接触"):
        expect(panel.get_by_role("heading", name=part)).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")

    # On a phone one part at a time, none of it wider than the screen.
    fits_a_phone(page)
    for tab, shown in (("対応", "メモ"), ("情報", "基本情報"), ("経緯", "経緯")):
        page.get_by_text(tab, exact=True).first.click()
        expect(page.get_by_role("heading", name=shown, exact=True)).to_be_visible()
        fits_a_phone(page)


def test_a_note_is_written_pinned_taken_away_and_brought_back(visit: Open) -> None:
    seen = visit("rep")
    rows = seen.get("customers?limit=1")["items"]
    page = seen.go(f"/customers/{rows[0]['id']}")
    page.get_by_role("button", name="メモを書く").click()
    page.get_by_label("メモ", exact=True).fill("平日は18時以降が希望")
    page.get_by_role("button", name="保存する").click()
    note = page.locator("li", has_text="平日は18時以降が希望")
    expect(note.first).to_be_visible()
    expect(page.get_by_role("list", name="経緯")).to_contain_text("平日は18時以降が希望")
    more = page.get_by_role("button", name="メモの操作")
    more.click()
    page.get_by_role("menuitem", name="先頭に固定").click()
    expect(page.get_by_label("固定")).to_be_visible()
    more.click()
    page.get_by_role("menuitem", name="消す").click()
    expect(note).to_have_count(0)
    page.get_by_role("button", name="元に戻す").click()
    expect(note.first).to_be_visible()


def test_a_company_shows_its_group(visit: Open) -> None:
    seen = visit("manager", locale="en")
    for row in seen.get("customers?subject=company&limit=200")["items"]:
        told = seen.get(f"customers/{row['id']}/group")["items"]
        if sum(one["seen"] for one in told) > 1:
            break
    else:
        raise AssertionError("no company has a group that may be seen")
    page = seen.go(f"/customers/{row['id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(row["display"])
    tree = page.locator("section", has=page.get_by_role("heading", name="Group"))
    expect(tree.locator("li[aria-current]")).to_have_text(row["display"])
    other = next(one for one in told if one["seen"] and not one["itself"])
    tree.get_by_role("link", name=other["display"], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(other["display"])
    assert faults(page) == []
