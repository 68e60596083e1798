"""Finding a customer, and telling every list at once what she does not want."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from served_bank import Visit

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]


def _untroubled(seen: Visit) -> dict[str, str]:
    """Somebody with a mobile phone whom nothing restricts: her id and what finds her."""
    rows = seen.context.request.get(f"{seen.base}/api/customers?limit=50").json()["items"]
    for row in rows:
        told = {field["name"]: field["value"] for field in row["fields"]}
        at = f"{seen.base}/api/customers/{row['id']}/restrictions"
        if told["mobile"] and not seen.context.request.get(at).json()["items"]:
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
    expect(gate).not_to_contain_text("不可")

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
    expect(gate).not_to_contain_text("不可")
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
    page.get_by_label("商品").fill("カード")
    page.get_by_label("お客さまの言葉や経緯").fill("年会費が高い")
    save.click()
    side = page.locator("section").filter(has=page.get_by_role("heading", name="接触の制限"))
    expect(side).to_contain_text("年会費が高い")
    expect(page.locator("[data-alarm]")).to_have_count(0)
    expect(page.get_by_role("region", name="接触可否")).not_to_contain_text("不可")
