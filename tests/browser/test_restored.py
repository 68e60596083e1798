"""What stands above the pages after a restore: sending is held, and who may let it go on."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import expect

from served_bank import PHONE, Served, Visit, fits_a_phone

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
SOON = 15_000  # ms


def _hold_all(served: Served) -> None:
    """The rows that `enishi restore` leaves in a book, which is not served meanwhile."""
    made = {"made_at": "2026-11-20T12:30:00+00:00"}
    with closing(sqlite3.connect(served.workspace / "var" / "book.sqlite3", timeout=20)) as book:
        book.execute(
            "INSERT INTO messages_deliveryhold (kind, ref, ending, at)"
            " VALUES ('all', '', 0, '2026-11-20 12:31:00')"
        )
        book.execute(
            "INSERT OR REPLACE INTO messages_sendingsettings (name, body, updated_by, updated_at)"
            " VALUES ('restored', ?, '', '2026-11-20 12:31:00')",
            [json.dumps(made)],
        )
        book.commit()


def test_after_a_restore_an_administrator_lets_sending_go_on(served: Served, visit: Open) -> None:
    _hold_all(served)
    others = visit("manager").go("/journeys")
    held = others.get_by_text("復元したあとなので、送信を止めています")
    expect(held).to_be_visible(timeout=SOON)
    expect(others.get_by_text("管理者が決めると再開します")).to_be_visible()
    expect(others.get_by_role("button", name="送信を再開")).to_have_count(0)

    seen = visit("admin", size=PHONE)
    page = seen.go("/messages/sends")
    page.get_by_role("button", name="送信を再開").click()
    fits_a_phone(page)
    page.get_by_role("radio", name="送って再開する").check()
    page.get_by_role("button", name=re.compile("送って再開")).click()
    expect(page.get_by_text("復元したあとなので")).to_have_count(0, timeout=SOON)
    assert seen.get("sending/held")["held"] is False
