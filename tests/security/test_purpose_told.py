"""Whoever approves a template that bypasses the consent to promotion is told so."""

from __future__ import annotations

from typing import Any

import pytest

from book_fixtures import ApiClient
from lists_world import Bank

WARNED = {"ja": "案内への同意は確かめられません", "en": "consent to promotion is not asked for"}


def checks(bank: Bank, purpose: str, text: str, role: str = "manager") -> dict[str, dict[str, Any]]:
    """What the approver reads beside a version that waits for approval, by code."""
    body = {"kind": "sms", "text": f"【試験銀行】{text}"}
    made = bank.api("marketer").post(
        "templates",
        {"slug": "t", "name": "t", "channel": "sms", "purpose": purpose, "body": body},
    )
    assert made.status_code == 201, made.content.decode()
    work = made.json()["work_version"]
    sent = bank.api("marketer").post(
        "templates/t/submit", {"version": work["id"], "wording": work["wording"]}
    )
    assert sent.status_code == 200, sent.content.decode()
    shown = bank.api(role).get("templates/t").json()["work_version"]
    assert shown["approvable"], "it is a warning, and somebody else's to judge"
    return {check["code"]: check for check in shown["checks"]}


@pytest.mark.parametrize("purpose", ["service", "transactional"])
def test_the_approver_reads_that_consent_is_bypassed(sqlite_bank: Bank, purpose: str) -> None:
    found = checks(sqlite_bank, purpose, "お手続きが終わりました。")
    assert found["not_promotion"]["level"] == "warn"
    assert WARNED["en"] in found["not_promotion"]["message"]
    assert "do not approve it" in found["not_promotion"]["remedy"]
    assert "promotion_words" not in found
    japanese = ApiClient(sqlite_bank.people["manager"], locale="ja")
    shown = japanese.get("templates/t").json()
    told = {check["code"]: check for check in shown["work_version"]["checks"]}
    assert WARNED["ja"] in told["not_promotion"]["message"]


def test_words_of_an_invitation_are_named(sqlite_bank: Bank) -> None:
    found = checks(sqlite_bank, "service", "今だけ！新商品の特典キャンペーン")
    assert "キャンペーン" in found["promotion_words"]["message"]


def test_promotion_is_told_nothing_of_it(sqlite_bank: Bank) -> None:
    text = "キャンペーン中です。配信停止 {{ unsubscribe_url }}"
    assert not {"not_promotion", "promotion_words"} & checks(sqlite_bank, "deposits", text).keys()
