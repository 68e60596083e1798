"""The effect of a journey in a real browser: the sentence, the figures, what counts, the people."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from served_bank import PHONE, Visit, faults, fits_a_phone

pytestmark = pytest.mark.browser

EFFECT = "/journeys/maturity-guide?tab=effect"
SLOW = 20_000  # ms: the work process may be busy with what it has just been given


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
    assert faults(page) == []

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
    expect(page.get_by_text("Only your own customers are counted.")).to_be_visible()
    fits_a_phone(page)
