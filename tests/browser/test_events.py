"""Events in a real browser: what arrives, who may send, who is told, and a segment that is live."""

from __future__ import annotations

import json
import re
import threading
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import expect

from served_bank import PHONE, Served, Visit, faults, fits_a_phone

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
SOON = 15_000  # ms


def _send(seen: Visit, kind: str, *events: dict[str, Any]) -> None:
    """Send events to the event API, as the SDK of a source of this kind would."""
    sources = seen.get("events/sources")
    key = next(one["key"] for one in sources["items"] if one["kind"] == kind and one["enabled"])
    batch = [{"messageId": str(uuid.uuid4()), **event} for event in events]
    request = urllib.request.Request(
        f"{sources['url']}/v1/batch",
        data=json.dumps({"batch": batch, "writeKey": key}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def _outside(seen: Visit, slug: str) -> dict[str, Any]:
    """A customer who is not in a segment."""
    rule = {"not": {"segment": slug}}
    found = seen.call("POST", "rules/sample", {"rule": rule})["people"]
    person: dict[str, Any] = found[0]
    return person


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server of ours that a webhook tells, and what it was told."""
    told: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", told
    server.shutdown()
    server.server_close()


def test_events_are_seen_as_they_arrive_and_masked_by_role(visit: Open) -> None:
    marketer, admin = visit("marketer"), visit("admin")
    page, masked = admin.go("/events"), marketer.go("/events")
    event = f"shelf_seen_{uuid.uuid4().hex[:6]}"
    _send(
        admin, "web",
        {"type": "track", "event": event, "anonymousId": "a-1", "properties": {"shelf": "窓口A"}},
    )  # fmt: skip
    row = page.get_by_role("row").filter(has_text=event)
    expect(row).to_contain_text("窓口A", timeout=SOON)
    expect(masked.get_by_role("row").filter(has_text=event)).to_contain_text("＊＊＊", timeout=SOON)
    expect(masked.get_by_text("窓口A")).to_have_count(0)

    row.click()
    panel = page.get_by_role("complementary")
    expect(panel).to_contain_text("窓口A")
    assert "open=" in page.url
    page.keyboard.press("Escape")
    page.get_by_role("button", name="一時停止").click()
    expect(page.get_by_text("停止中", exact=True)).to_be_visible()
    page.get_by_role("textbox", name="イベント名で絞り込む").fill("no-such-event")
    expect(page.get_by_text("当てはまるイベントはありません")).to_be_visible()


def test_a_source_is_made_and_its_snippet_and_notice_can_be_taken(visit: Open) -> None:
    seen = visit("admin", fresh=True)
    page = seen.go("/events/sources")
    page.get_by_role("button", name="送信元を作る").click()
    name = f"採用サイト{uuid.uuid4().hex[:4]}"
    page.get_by_role("textbox", name="名前").fill(name)
    page.get_by_role("button", name="作る", exact=True).click()
    panel = page.get_by_role("complementary")
    code = panel.get_by_role("group", name="計測タグ")
    expect(code).to_contain_text(re.compile(r'enishi\.js" data-key="web_[0-9a-f]+"></script>'))
    panel.get_by_role("checkbox", name="同意があるまで何も送らない").check()
    expect(code).to_contain_text('data-wait="consent"')

    panel.get_by_role("button", name="送信先と目的を書く").click()
    panel.get_by_role("textbox", name="利用目的(日本語)").fill("採用活動の改善のため")
    panel.get_by_role("button", name="保存").last.click()
    expect(panel.get_by_role("group", name="公表用のHTML")).to_contain_text("採用活動の改善のため")
    panel.get_by_role("button", name="受け付けを停止").click()
    expect(panel.get_by_text("停止中", exact=True)).to_be_visible()

    seen.go("/events/sources?open=new")
    page.get_by_role("textbox", name="名前").fill(f"{name}の基幹")
    page.get_by_role("radio", name="サーバー").check()
    page.get_by_role("button", name="作る", exact=True).click()
    expect(panel).to_contain_text("このキーは今だけ表示されます")
    expect(panel.get_by_role("group", name="書き込みキー")).to_contain_text("srv_")


def test_offline_events_are_looked_at_and_then_imported(visit: Open) -> None:
    seen = visit("admin")
    person = seen.call("POST", "rules/sample", {"rule": {"all": []}})["people"][0]
    rows = f"顧客番号,日時,店番\n{person['key']},2026-11-20 10:00,101\n,2026-11-20 11:00,101\n"
    page = seen.go("/events/import")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="ファイルを選ぶ").click()
    chooser.value.set_files(
        {"name": "来店.csv", "mimeType": "text/csv", "buffer": rows.encode("cp932")}
    )
    for label, option in (("顧客を表す列", "顧客番号"), ("日時の列", "日時")):
        page.get_by_role("combobox", name=label).click()
        page.get_by_role("option", name=option, exact=True).click()
    page.get_by_role("textbox", name="すべての行のイベント名").fill("branch_visited")
    page.get_by_role("button", name="取り込む前に確かめる").click()
    expect(page.get_by_text("3行目")).to_be_visible()
    page.get_by_role("button", name="1件を取り込む").click()
    expect(page.get_by_role("heading", name="取り込みました")).to_be_visible()
    seen.go("/events")
    row = page.get_by_role("row").filter(has_text="branch_visited").first
    expect(row).to_contain_text(person["key"], timeout=SOON)


def test_who_enters_a_live_segment_is_seen_at_once_and_told_by_webhook(
    visit: Open, receiver: tuple[str, list[dict[str, Any]]]
) -> None:
    (url, told), name = receiver, f"CRM{uuid.uuid4().hex[:4]}"
    admin, marketer = visit("admin"), visit("marketer")
    page = admin.go("/events/webhooks")
    page.get_by_role("button", name="Webhookを作る").click()
    page.get_by_role("textbox", name="名前").fill(name)
    page.get_by_role("textbox", name="宛先").fill("https://169.254.169.254/latest")
    page.get_by_role("combobox", name="セグメント").click()
    page.get_by_role("option", name="今日アプリを使った").click()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="作る", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("この宛先には送れません")
    admin.troubles.clear()  # Chromium reports the refused request, too
    page.get_by_role("textbox", name="宛先").fill(url)
    page.get_by_role("button", name="作る", exact=True).click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("group", name="署名キー")).to_contain_text("whsec_")
    page.keyboard.press("Escape")
    page.get_by_role("row").filter(has_text=name).click()
    panel.get_by_role("button", name="試しに送る").click()
    expect(panel.get_by_role("listitem").filter(has_text="試し送り")).to_contain_text(
        "済み", timeout=SOON
    )

    live = marketer.go("/segments/app-today")
    expect(live.get_by_text("ライブ", exact=True).first).to_be_visible()
    expect(live.get_by_text("更新中", exact=True)).to_be_visible(timeout=SOON)
    person = _outside(marketer, "app-today")
    entered = live.get_by_role("listitem").filter(has_text=re.compile("入った.+出来事"))
    before = entered.count()
    _send(admin, "app", {"type": "track", "event": "app_login", "userId": person["key"]})
    expect(entered).to_have_count(before + 1, timeout=SOON)
    expect(entered.first).to_contain_text("たった今")
    expect(panel.get_by_role("listitem").filter(has_text="今日アプリを使った")).to_contain_text(
        "済み", timeout=SOON
    )
    (crossing,) = [one for one in told if one["type"] == "segment_entered"]
    assert crossing["data"]["person"] == person["id"]
    assert person["key"] not in json.dumps(told)

    panel.get_by_role("button", name="削除").click()
    panel.get_by_role("button", name="削除する").click()
    expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)


def test_a_segment_is_made_live_by_its_switch(visit: Open, served: Served) -> None:
    seen = visit("marketer")
    rule = {"field": "app_user", "op": "is_true"}
    slug = f"app-users-{uuid.uuid4().hex[:6]}"
    seen.call("POST", "segments", {"slug": slug, "name": "アプリの利用者", "rule": rule})
    page = seen.go(f"/segments/{slug}")
    switch = page.get_by_role("switch", name="出来事ごとに判定する")
    switch.click()
    expect(page.get_by_text("ライブにしました")).to_be_visible()
    expect(switch).to_be_checked()
    expect(page.get_by_text("ライブの開始")).to_be_visible()
    seen.call("PATCH", f"segments/{slug}", {"live": False})


def test_the_pages_are_accessible_and_fit_a_phone(visit: Open) -> None:
    seen, phone = visit("admin"), visit("admin", locale="en", size=PHONE)
    sources = seen.get("events/sources")["items"]
    web = next(one["id"] for one in sources if one["kind"] == "web")
    for path in (
        "/events", f"/events/sources?open={web}", "/events/webhooks?open=new", "/events/import",
        "/segments/app-today",
    ):  # fmt: skip
        page = seen.go(path)
        assert faults(page) == [], path
        fits_a_phone(phone.go(path))
