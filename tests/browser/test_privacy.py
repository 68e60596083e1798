"""A person asks to be erased: the request, the check, the erasure, and nobody to be found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from served_bank import Visit

pytestmark = pytest.mark.browser

ERASED_MS = 90_000  # the warehouse of the whole demo bank is written anew


def test_a_request_for_erasure_is_received_checked_and_done(visit: Callable[..., Visit]) -> None:
    seen = visit("admin")
    # The last customer of the list: one that no other flow works with.
    total = seen.get("customers?limit=1")["total"]
    (last,) = seen.get(f"customers?limit=1&offset={total - 1}")["items"]
    page = seen.go("/settings/privacy")
    page.get_by_role("button", name="請求を受け付ける").click()
    page.get_by_role("combobox", name="種類").last.click()
    page.get_by_role("option", name="消去").click()
    page.get_by_placeholder("氏名・カナ・番号で探す").fill(last["key"])
    page.get_by_role("option").filter(has_text=last["key"]).click()
    page.get_by_role("button", name="受け付ける", exact=True).click()

    expect(page.get_by_role("heading", name="消去の請求")).to_be_visible()
    expect(page.get_by_text("あと14営業日").first).to_be_visible()
    page.get_by_role("button", name="確認済みにする").click()
    begin = page.get_by_role("button", name="消去する")
    expect(begin).to_be_disabled()
    page.get_by_label("確認のため顧客番号").fill(last["key"])
    begin.click()
    expect(page.get_by_role("heading", name="消去しました")).to_be_visible(timeout=ERASED_MS)
    expect(page.get_by_text("消去済み").first).to_be_visible()

    found = seen.get(f"customers?q={last['key']}")["items"]
    assert last["id"] not in [row["id"] for row in found]
    assert seen.context.request.get(f"{seen.base}/api/customers/{last['id']}").status == 404
