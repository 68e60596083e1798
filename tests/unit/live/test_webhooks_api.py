"""Webhooks and notices over HTTP: what is refused, what is shown once, what is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from enishi.book.models import AuditRow
from enishi.book.workspace import read_workspace, use_workspace
from enishi.live.models import Delivery, Webhook
from lists_world import Bank
from segments_world import MAIN, Segments

HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
def bank_with_live(sqlite_bank: Bank) -> Bank:
    """The bank with a live segment and one that is not, allowing webhooks to its own machine."""
    root = sqlite_bank.workspace.root
    with (root / "enishi.toml").open("a", encoding="utf-8") as file:
        file.write('\n[webhooks]\nallow = ["127.0.0.1"]\n')
    use_workspace(read_workspace(root))
    segments = Segments(sqlite_bank)
    segments.make("main", MAIN, live=True)
    segments.make("plain", MAIN)
    return sqlite_bank


def body(**more: Any) -> dict[str, Any]:
    return {
        "name": "CRM", "url": HOOK, "segments": ["main"],
        "events": ["segment_left", "segment_entered"],
    } | more  # fmt: skip


def made(bank: Bank, **more: Any) -> dict[str, Any]:
    answer = bank.api("administrator").post("webhooks", body(**more))
    assert answer.status_code == 201, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def test_a_secret_is_shown_once_and_renewed(bank_with_live: Bank) -> None:
    bank, admin = bank_with_live, bank_with_live.api("administrator")
    first = made(bank)
    webhook = first["webhook"]
    assert first["secret"].startswith("whsec_")
    assert webhook["state"] == "active"
    assert webhook["events"] == ["segment_entered", "segment_left"]
    assert webhook["segments"] == [{"slug": "main", "name": "main", "live": True}]
    assert "whsec_" not in admin.get("webhooks").content.decode()
    assert "whsec_" not in str(list(Webhook.objects.values()))
    second = admin.post(f"webhooks/{webhook['id']}/secret").json()
    assert second["secret"] != first["secret"]
    actions = set(AuditRow.objects.values_list("action", flat=True))
    assert {"webhook.create", "webhook.secret"} <= actions


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"url": "https://10.0.0.1/x"}, "url_refused"),
        ({"url": "http://hooks.example.com/"}, "url_refused"),
        ({"url": "https://no-such-host.invalid/"}, "url_refused"),
        ({"segments": ["plain"]}, "segment_not_live"),
        ({"segments": ["main", "gone"]}, "segment_not_live"),
    ],
)
def test_what_cannot_be_told_is_refused(
    bank_with_live: Bank, wrong: dict[str, Any], code: str
) -> None:
    answer = bank_with_live.api("administrator").post("webhooks", body(**wrong))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Webhook.objects.exists()


def test_it_is_changed_paused_tried_out_and_taken_away(bank_with_live: Bank) -> None:
    bank, admin = bank_with_live, bank_with_live.api("administrator")
    path = f"webhooks/{made(bank)['webhook']['id']}"
    changed = admin.patch(path, {"name": "別名", "events": ["segment_left"], "state": "paused"})
    assert changed.json()["name"] == "別名"
    assert changed.json()["events"] == ["segment_left"]
    assert admin.post(f"{path}/ping").status_code == 409
    assert admin.patch(path, {"state": "active"}).json()["state"] == "active"
    assert admin.patch(path, {"url": "https://169.254.169.254/"}).status_code == 422
    assert admin.post(f"{path}/ping").status_code == 202
    (row,) = admin.get(f"{path}/deliveries").json()["items"]
    assert (row["event"], row["state"], row["person"]) == ("ping", "waiting", None)
    assert bank.api("auditor").get(f"{path}/deliveries").status_code == 200
    assert bank.api("marketer").get(f"{path}/deliveries").status_code == 403

    Delivery.objects.update(state="dead", ended_at=datetime(2026, 1, 1, tzinfo=UTC), status=500)
    shown = admin.get(f"{path}/deliveries?state=dead").json()
    assert shown["total"] == 1
    assert "500" in shown["items"][0]["message"]
    assert admin.get(path).json()["dead"] == 1
    assert admin.post(f"{path}/replay", {"ids": ["msg_of_another"]}).json() == {"replayed": 0}
    assert admin.post(f"{path}/replay", {"ids": None}).json() == {"replayed": 1}
    assert admin.get(path).json()["waiting"] == 1
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.get("webhooks").json()["total"] == 0


def test_a_notice_has_defaults_and_escapes_what_is_written(bank_with_live: Bank) -> None:
    admin = bank_with_live.api("administrator")
    sources = {
        kind: admin.post("events/sources", {"name": kind, "kind": kind}).json()["source"]["id"]
        for kind in ("web", "server")
    }
    path = f"events/sources/{sources['web']}/notice"
    told = admin.get(path).json()
    assert told["recipient"]["ja"] == "試験銀行"
    assert "訪問者の識別子" in told["html"]["ja"]
    assert "Do Not Track" in told["html"]["en"]
    written = admin.put(path, {"purpose_ja": "<script>alert(1)</script>", "contact": "a&b"}).json()
    assert "<script>" not in written["html"]["ja"]
    assert "&lt;script&gt;" in written["html"]["ja"]
    assert written["purpose"]["en"] == "<script>alert(1)</script>"
    assert admin.get(path).json() == written
    assert bank_with_live.api("marketer").put(path, {}).status_code == 403
    assert admin.get(f"events/sources/{sources['server']}/notice").status_code == 409
    assert admin.get("events/sources/src_none/notice").status_code == 404
