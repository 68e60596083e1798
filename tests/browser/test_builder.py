"""The rule builder in a real browser: by keyboard, by drag, as text; why, and why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from served_bank import Visit, faults, fits_a_phone

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]

TOKYO: dict[str, Any] = {"field": "prefecture", "op": "in", "value": ["東京都"]}
GROWN: dict[str, Any] = {"field": "birth_date.age", "op": "ge", "value": 40}
YOUNG: dict[str, Any] = {"field": "birth_date.age", "op": "lt", "value": 30}
VISITED: dict[str, Any] = {"event": "web_visit", "during": {"last": "1y"}}
QUIET: dict[str, Any] = {
    "sequence": [{"event": "web_visit"}, {"no_event": "contact", "within": "14d"}],
    "during": {"last": "6mo"},
}
EVERYTHING: dict[str, Any] = {
    "all": [
        TOKYO,
        {"any": [GROWN, {"not": {"all": [YOUNG, VISITED]}}]},
        QUIET,
        {"not": {"segment": "gone"}},
        {"sample": {"percent": 50, "salt": "spring"}},
        {"at_least": 1, "of": [VISITED, {"related": "deposits", "where": {"journey": "x"}}]},
        {"field": "birth_date", "op": "anniversary_during", "value": {"next": "30d"}},
        {
            "event": "web_visit",
            "op": "lt",
            "value": {"of": {"event": "contact", "during": {"calendar": "last_month"}}, "times": 2},
        },
    ]
}


def _open(visit: Open, locale: str = "ja", size: dict[str, int] | None = None) -> Page:
    seen = visit("admin", locale=locale, **({"size": size} if size else {}))
    return seen.go("/segments/new")


def _view(page: Page, name: str) -> None:
    page.locator("[data-rule-builder] [role=radiogroup]").get_by_text(name, exact=True).click()


def _code(page: Page) -> Locator:
    return page.locator("[data-rule-builder] textarea:not([aria-hidden])")


def _apply(page: Page, rule: dict[str, Any], locale: str = "ja") -> None:
    """Give the builder a rule as JSON."""
    _view(page, "JSON")
    _code(page).fill(json.dumps(rule, ensure_ascii=False))
    page.get_by_role("button", name="反映" if locale == "ja" else "Apply", exact=True).click()
    _view(page, "画面" if locale == "ja" else "Form")


def _rule(page: Page, form: str = "画面") -> Any:
    """What the builder holds, read from its JSON."""
    _view(page, "JSON")
    found = json.loads(_code(page).input_value())
    _view(page, form)
    return found


def _count(page: Page) -> int:
    """The count, once it is that of the rule as it stands."""
    beside = page.get_by_role("complementary", name="当てはまる人", exact=True)
    expect(beside.locator("[aria-busy=false] .tabular").first).to_be_visible()
    return int(beside.locator(".tabular").first.inner_text().replace(",", ""))


def _card(page: Page, text: str) -> Locator:
    return page.locator("[data-rule-builder] fieldset").filter(has_text=text).last


def test_a_rule_is_built_by_keyboard_alone(visit: Open) -> None:
    page = _open(visit)
    page.get_by_role("button", name="条件を加える", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.type("都道府県")
    expect(page.get_by_role("option", name="都道府県").first).to_be_visible()
    page.keyboard.press("Enter")
    # The new card has the focus: its first value, then the count.
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("東京")
    expect(page.get_by_role("option", name="東京都")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert _count(page) > 100
    # Twice, the second one negated, in a group of its own, and out of it again.
    blocks = page.locator("[data-rule-builder] fieldset[data-kind]")
    focused = page.locator("[data-rule-builder] fieldset[data-kind]:focus")
    before = blocks.count()
    page.keyboard.press("d")
    expect(blocks).to_have_count(before + 1)
    expect(focused).to_be_visible()  # the keys that follow are for it
    page.keyboard.press("n")
    expect(page.locator("[data-rule-builder] fieldset[data-not]:focus")).to_be_visible()
    page.keyboard.press("g")
    expect(blocks).to_have_count(before + 2)
    assert _rule(page) == {"all": [TOKYO, {"any": [{"not": TOKYO}]}]}
    page.locator("[data-kind=group]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowLeft")
    for _ in range(3):
        page.keyboard.press("Alt+ArrowUp")
    assert _rule(page) == {"all": [{"not": TOKYO}, TOKYO, {"any": []}]}
    heard = page.locator("[data-rule-builder] [role=status][aria-live=assertive]")
    page.locator("[data-kind=group]").focus()
    page.keyboard.press("Delete")
    expect(heard).to_have_text("削除しました")
    page.keyboard.press("Control+z")
    expect(heard).to_have_text("元に戻しました")
    page.keyboard.press("Control+y")
    assert _rule(page) == {"all": [{"not": TOKYO}, TOKYO]}
    page.get_by_role("button", name="キーボード操作").click()
    expect(page.get_by_text("まとまりの外へ")).to_be_visible()


def test_a_block_is_dragged_into_another_group(visit: Open) -> None:
    page = _open(visit)
    _apply(page, {"all": [TOKYO, {"any": [GROWN, VISITED]}]})
    before = _count(page)
    grip = _card(page, "東京都").get_by_role("button", name="ドラッグして移動")
    box, goal = grip.bounding_box(), _card(page, "年齢").bounding_box()
    assert box is not None
    assert goal is not None
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(goal["x"] + 40, goal["y"] + goal["height"] + 4, steps=8)
    expect(page.locator("[data-drop][data-over]")).to_have_count(1)
    page.mouse.up()
    assert _rule(page) == {"all": [{"any": [GROWN, TOKYO, VISITED]}]}
    assert _count(page) > before
    page.get_by_role("button", name="元に戻す").click()
    assert _rule(page) == {"all": [TOKYO, {"any": [GROWN, VISITED]}]}
    assert _count(page) == before


def test_why_somebody_is_in_and_somebody_else_is_not(visit: Open) -> None:
    page = _open(visit)
    _apply(page, {"all": [TOKYO, {"any": [GROWN, QUIET]}]})
    people = page.get_by_role("complementary", name="当てはまる人", exact=True)
    people.get_by_role("button", name="理由").first.click()
    panel = page.get_by_role("complementary", name="当てはまる理由")
    expect(panel.get_by_text("条件に当てはまります")).to_be_visible()
    expect(panel.get_by_text("実際の値: 東京都")).to_be_visible()
    # The panel follows the rule: who was in is out of its opposite.
    page.keyboard.press("Escape")
    _apply(page, {"all": [{"not": TOKYO}, {"any": [GROWN, QUIET]}]})
    assert _count(page) > 0
    expect(people.locator("ul[data-stale]")).to_have_count(0)
    other = people.get_by_role("button", name="理由").first
    number = other.locator("span").nth(1).inner_text()
    _apply(page, {"all": [TOKYO, GROWN]})
    page.get_by_placeholder("氏名・カナ・番号").fill(number)
    page.get_by_role("option", name=number).click()
    expect(panel.get_by_text("条件に当てはまりません")).to_be_visible()
    expect(panel.get_by_text("足りない条件")).to_be_visible()
    expect(panel.get_by_text("実際の値:").first).to_be_visible()


def test_the_funnel_opens_and_a_purpose_is_refused_at_its_block(visit: Open) -> None:
    page = _open(visit)
    _apply(page, {"all": [TOKYO, {"any": [GROWN, VISITED]}, QUIET]})
    beside = page.get_by_role("complementary", name="当てはまる人", exact=True)
    beside.get_by_role("button", name="ウェブ閲覧").last.click()
    expect(beside.get_by_text("順番（そこまで進んだ人数）")).to_be_visible()
    balance = {"related": "deposits", "measure": {"sum": "balance"}, "op": "gt", "value": 1}
    _apply(page, {"all": [TOKYO, {"any": [GROWN, balance]}]})
    expect(_card(page, "合計").get_by_role("alert")).to_contain_text("預金残高")
    expect(page.locator("fieldset[data-faulty]")).to_have_count(1)
    expect(beside.get_by_text("直すところが1か所あります")).to_be_visible()


def test_a_sequence_and_an_exclusion_are_made_of_blocks(visit: Open) -> None:
    page = _open(visit)
    page.get_by_role("button", name="ほかの条件").click()
    page.get_by_role("menuitem", name="順番に起きたこと").click()
    card = page.locator("[data-kind=sequence]")
    for step, name in enumerate(("ウェブ閲覧", "接触履歴")):
        card.get_by_role("button", name="イベント:").nth(step).click()
        page.get_by_role("option", name=name, exact=True).click()
        page.keyboard.press("Escape")
    card.get_by_role("button", name="起きたか").last.click()
    page.get_by_role("option", name="が起きなかった").click()
    assert _rule(page) == {
        "all": [
            {
                "sequence": [{"event": "web_visit"}, {"no_event": "contact", "within": "7d"}],
                "during": {"last": "90d"},
            }
        ]
    }
    assert _count(page) > 0
    page.get_by_role("button", name="除外を加える").click()
    expect(page.locator("[data-kind=membership]")).to_contain_text("除外")
    expect(page.get_by_text("値が空の条件があります")).to_be_visible()


def test_yaml_is_edited_and_its_faults_have_lines(visit: Open) -> None:
    page = _open(visit)
    _apply(page, {"all": [TOKYO, GROWN]})
    before = _count(page)
    _view(page, "YAML")
    text = _code(page).input_value()
    _code(page).fill(text.replace("op: ge", "field: twice"))
    expect(page.get_by_role("button", name="7行目")).to_be_visible()
    expect(page.get_by_role("button", name="反映", exact=True)).to_be_disabled()
    _code(page).fill(text.replace("birth_date.age", "birth_date.wage"))
    page.get_by_role("button", name="反映", exact=True).click()
    expect(page.get_by_role("button", name="6行目")).to_be_visible()
    _code(page).fill(text.replace("value: 40", "value: 20"))
    page.get_by_role("button", name="反映", exact=True).click()
    _view(page, "画面")
    assert _rule(page) == {"all": [TOKYO, {**GROWN, "value": 20}]}
    assert _count(page) >= before


@pytest.mark.parametrize("locale", ["ja", pytest.param("en", marks=pytest.mark.heavy)])
def test_every_form_is_shown_and_kept_at_both_widths(visit: Open, locale: str) -> None:
    page = _open(visit, locale)
    _apply(page, EVERYTHING, locale)
    form = "画面" if locale == "ja" else "Form"
    assert _rule(page, form) == EVERYTHING
    if locale == "ja":
        assert faults(page, "[data-rule-builder]") == []
    fits_a_phone(page)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('[data-rule-builder] button')].filter(
             one => one.getBoundingClientRect().right > 390).map(one => one.ariaLabel)"""
    )
    assert outside == []
