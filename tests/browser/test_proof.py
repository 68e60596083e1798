"""The effect of a journey in a real browser: the sentence, the figures, what counts, the people."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from served_bank import PHONE, Visit

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
EFFECT = "/journeys/maturity-guide?tab=effect"
SLOW = 20_000  # ms: the work process may be busy with what it has just been given


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',
           'wcag21aa', 'wcag22aa']})).violations.map(
             v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`)"""
    )
    return found


def test_a_marketer_reads_the_effect_and_chooses_what_counts(visit: Callable[..., Visit]) -> None:
    seen = visit("marketer")
    page = seen.page
    seen.go(EFFECT)
    expect(page.get_by_text(re.compile("対照群")).first).to_be_visible(timeout=SLOW)
    table = page.get_by_role("region", name="ステップごとの数字")
    row = table.get_by_role("row").filter(has_text="満期のご案内")
    intended = row.get_by_role("button", name=re.compile("予定"))
    count = int(intended.inner_text())
    assert count > 0
    found = _violations(page)
    assert found == [], found

    intended.click()
    people = page.get_by_role("complementary", name=re.compile("予定"))
    expect(people.get_by_text(f"{count}人", exact=True)).to_be_visible()
    assert "behind=what.intended" in page.url  # a view that can be sent to a colleague
    page.keyboard.press("Escape")
    expect(people).to_be_hidden()

    page.get_by_role("button", name="成果を選ぶ").click()
    panel = page.get_by_role("complementary", name="成果を選ぶ")
    first = panel.get_by_role("region", name="成果 1")
    first.get_by_label("数える期間 数").fill("60")
    panel.get_by_role("button", name="この成果で数える").click()
    expect(page.get_by_text("成果を変えました")).to_be_visible()
    expect(page.get_by_text("60日以内")).to_be_visible(timeout=SLOW)


def test_a_representative_sees_her_own_customers_on_a_phone(visit: Callable[..., Visit]) -> None:
    seen = visit("rep", locale="en", size=PHONE)
    page = seen.page
    seen.go(EFFECT)
    expect(page.get_by_role("button", name="See what counts")).to_be_visible(timeout=SLOW)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
