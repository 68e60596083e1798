"""Every page, both languages, wide and narrow: it loads, fits, and is accessible."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from served_bank import PHONE, WIDE, Served, Visit

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"

PAGES = [
    ("manager", "/today"),
    ("rep", "/today"),
    ("marketer", "/today"),
    ("manager", "/customers"),
    ("marketer", "/segments"),
    ("marketer", "/segments/new"),
    ("manager", "/lists"),
    ("manager", "/lists/new"),
    ("admin", "/definitions"),
    ("admin", "/definitions/new"),
    ("admin", "/data"),
    ("admin", "/settings/users"),
    ("admin", "/settings/roles"),
    ("auditor", "/settings/audit"),
    ("rep", "/settings/account"),
]


def _faults(visit: Visit) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, one line each."""
    page = visit.page
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',
           'wcag21aa', 'wcag22aa']})).violations.map(
             v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`)"""
    )
    return list(found)


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_a_page_fits_both_widths_and_is_accessible(
    visit: Callable[..., Visit], role: str, path: str, locale: str
) -> None:
    seen = visit(role, locale=locale, size=WIDE)
    page = seen.go(path)
    expect(page.locator("h1")).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == locale
    assert _faults(seen) == []
    page.set_viewport_size(PHONE)
    page.wait_for_function("document.documentElement.clientWidth === 390")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.browser
def test_signed_out_people_are_led_back_after_signing_in(
    visit: Callable[..., Visit], served: Served
) -> None:
    seen = visit(None, locale="ja")
    page = seen.go("/lists")
    page.get_by_label("メールアドレス").fill(served.emails["manager"])
    page.get_by_label("パスワード", exact=True).fill(served.password)
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.wait_for_url("**/lists")
    # The first question of a signed-out page is answered 401: the one expected console line.
    seen.troubles = [t for t in seen.troubles if "401" not in t]
