"""Sends and senders in a real browser: previewed, let go, stopped, told of; set up and tried."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from served_bank import Visit, accessible
from smtp_world import mail_server

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
SOON = 15_000  # ms


def _approved(author: Visit, other: Visit) -> str:
    """A text message that one has written and another has approved; its name and slug."""
    slug = f"send-{uuid.uuid4().hex[:6]}"
    body = {"kind": "sms", "text": "日の出銀行です。"}
    new = {"slug": slug, "name": slug, "channel": "sms", "purpose": "service", "body": body}
    author.call("POST", "templates", new)
    version = author.get(f"templates/{slug}")["work_version"]
    read = {"version": version["id"], "wording": version["wording"]}
    author.call("POST", f"templates/{slug}/submit", read)
    other.call("POST", f"templates/{slug}/approve", read)
    return slug


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_a_send_is_previewed_let_go_stopped_and_told_of(visit: Open) -> None:
    seen, manager = visit("marketer"), visit("manager")
    name = _approved(seen, manager)
    page = seen.go("/messages/sends/new")
    save = page.get_by_role("button", name="下書きを保存")
    page.get_by_role("textbox", name="配信の名前").fill(name)
    page.get_by_role("combobox", name="テンプレート").click()
    page.get_by_role("option", name=f"{name}（SMS）").click()
    expect(page.get_by_text("送るセグメントか条件を選んでください")).to_be_visible()
    expect(save).to_be_disabled()
    page.get_by_role("combobox", name="送るセグメント").click()
    page.get_by_role("option", name="世帯の代表").click()
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="対照群").fill("10")
    page.get_by_role("textbox", name="1時間に送る上限").fill("60")
    save.click()

    # What it would do: every part of the audience adds up; a change asks for another look.
    page.get_by_role("button", name="プレビューで確かめる").click()
    proceed = page.get_by_role("button", name="送信に進む")
    expect(proceed).to_be_visible(timeout=SOON)
    row = page.locator("dl > div")
    intended = _number(row.filter(has_text="対象").locator("dd").inner_text())
    less = [_number(text) for text in row.locator("dd", has_text="−").all_inner_texts()]
    going = _number(row.filter(has_text="送る相手").locator("dd").inner_text())
    assert intended > 100
    assert row.filter(has_text="対照群として送らない").count() == 1
    assert abs(intended - sum(less) - going) <= len(less)  # shares of a sample are rounded
    page.get_by_role("textbox", name="人数のずれの許容").fill("8")
    expect(page.get_by_text("確かめた後に内容が変わりました")).to_be_visible()
    page.get_by_role("button", name="保存して確かめる").click()
    proceed.click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_text("お客さまには届きません")).to_be_visible()
    accessible(page)

    # Somebody else changes it at that moment: it is explained, and looked at anew.
    draft = manager.get(f"sends/{page.url.split('/')[-1].split('?')[0]}")
    seen.call("PATCH", f"sends/{draft['slug']}", {"body": draft["body"] | {"drift": 9}})
    seen.troubles.clear()
    panel.get_by_role("button", name="人に送る").click()
    expect(panel.get_by_text("確認した後に内容が変わりました")).to_be_visible()
    seen.troubles.clear()  # the refusal itself is told on the console
    panel.get_by_role("button", name="もう一度確かめる").click()
    panel.get_by_role("button", name="人に送る").click()

    # Stopped at once, then ended; everybody is in one state, and the reasons are a click away.
    expect(page.get_by_role("button", name="届いていない")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="一時停止").click()
    expect(page.get_by_text("再開するまで一通も送りません")).to_be_visible()
    page.get_by_role("button", name="取りやめる").click()
    page.get_by_role("button", name="への送信を取りやめる").click()
    expect(page.get_by_text("取りやめ", exact=True).first).to_be_visible()
    page.get_by_role("button", name="比較のため送らない人です").click()
    people = page.get_by_role("region", name="相手")
    expect(people.get_by_role("row").nth(1)).to_contain_text("比較のため送らない人です")
    assert "state=suppressed" in page.url
    people.get_by_role("row").nth(1).focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_text("送らないことになりました")).to_be_visible()
    expect(panel.get_by_role("link", name="顧客の画面を開く")).to_be_visible()
    accessible(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="効果").click()
    expect(page.get_by_text("成果が決まっていないので、効果はまだ分かりません")).to_be_visible()
    expect(page.get_by_role("region", name="配信の数字")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="一斉配信", exact=True).click()
    expect(page.get_by_role("row").filter(has_text=name).first).to_contain_text("取りやめ")


def test_a_sender_is_set_up_tried_and_only_then_switched_on(visit: Open, tmp_path: Path) -> None:
    seen = visit("admin")
    page = seen.go("/settings/channels")
    page.get_by_role("link", name="メールを設定").click()
    page.get_by_role("textbox", name="名前", exact=True).fill("本店")
    slug = f"mail-{uuid.uuid4().hex[:6]}"
    page.get_by_role("textbox", name="識別名").fill(slug)
    with mail_server(tmp_path) as (server, _):
        page.get_by_role("textbox", name="サーバー").fill("127.0.0.1")
        page.get_by_role("textbox", name="ポート").fill(str(server.port))
        page.get_by_role("combobox", name="暗号化").click()
        page.get_by_role("option", name="なし").click()
        page.get_by_role("textbox", name="差出人アドレス").fill("info")
        page.get_by_role("textbox", name="差出人名").fill("日の出銀行")
        page.get_by_role("textbox", name="DKIMのドメイン").fill("hinode.example.jp")
        page.get_by_role("button", name="作る", exact=True).click()
        expect(page.get_by_text("メールアドレスではありません").first).to_be_visible()
        seen.troubles.clear()  # the refusal itself is told on the console
        page.get_by_role("textbox", name="差出人アドレス").fill("info@hinode.example.jp")
        page.get_by_role("button", name="作る", exact=True).click()
        page.wait_for_url(f"**/settings/channels/{slug}")
        expect(page.get_by_text("v=DKIM1").first).to_be_visible(timeout=SOON)
        expect(page.get_by_text("内蔵メールボックスへ").first).to_be_visible()
        page.get_by_role("button", name="テストを送る").click()
        expect(page.get_by_text("送れました")).to_be_visible(timeout=SOON)
        assert [taken.rcpt_tos for taken in server.taken] == [["admin@example.jp"]]
    accessible(page)
    page.get_by_role("button", name="使うのをやめる").click()
    page.get_by_role("button", name="設定を消す").click()
    expect(page.get_by_role("link", name="メールを設定")).to_be_visible()

    # A secret goes in and never comes out; the switch names what follows from it.
    page.get_by_role("link", name="Webhookを設定").click()
    page.get_by_role("textbox", name="名前", exact=True).fill("基幹")
    page.get_by_role("textbox", name="送ってよいホスト").fill("hooks.example.jp")
    page.get_by_role("button", name="新しい鍵を作る").click()
    secret = page.locator("pre").filter(has_text="whsec_").inner_text()
    page.get_by_role("button", name="作る", exact=True).click()
    page.wait_for_url("**/settings/channels/webhook")
    expect(page.get_by_placeholder("設定済み")).to_have_value("")
    assert secret not in page.content()
    page.get_by_role("button", name="本番送信を有効にする").click()
    expect(page.get_by_text("届いたものは取り消せません")).to_be_visible()
    page.get_by_role("button", name="お客さまに実際に送る").click()
    expect(page.get_by_text("お客さまに実際に届きます")).to_be_visible()
    page.get_by_role("button", name="本番送信を止める").click()
    expect(page.get_by_role("button", name="本番送信を有効にする")).to_be_visible()
    page.get_by_role("button", name="使うのをやめる").click()
    page.get_by_role("button", name="設定を消す").click()
    expect(page.get_by_role("link", name="Webhookを設定")).to_be_visible()
    accessible(page)
