"""Coming in, in a real browser: invitation, forgotten password, second factor, sessions."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from served_bank import Served, Visit

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]


def _sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_label("パスワード", exact=True).fill(password)
    page.get_by_role("button", name="サインイン", exact=True).click()


def _set_password(page: Page, password: str, button: str) -> None:
    page.get_by_label("新しいパスワード", exact=True).fill(password)
    page.get_by_label("新しいパスワード (確認)").fill(password)
    page.get_by_role("button", name=button).click()
    page.get_by_role("link", name="サインインへ進む").click()


def _expect(seen: Visit, *statuses: int) -> None:
    """Forget the console lines that Chromium writes for refusals which the flow asked for."""
    seen.troubles = [
        trouble for trouble in seen.troubles if not any(str(one) in trouble for one in statuses)
    ]


def _path(link: str) -> str:
    found = urlsplit(link)
    return f"{found.path}?{found.query}"


def _code(secret: str) -> str:
    """The six digits of RFC 6238 for this half minute."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def _drop_session(context: BrowserContext) -> None:
    """The session has ended on the server's side as far as this browser can tell."""
    context.clear_cookies(name="enishi_session")


def test_an_invited_person_joins_and_is_known(visit: Open) -> None:
    admin = visit("admin").go("/settings/users")
    admin.get_by_role("button", name="招待する").click()
    panel = admin.get_by_role("complementary", name="利用者を招待")
    panel.get_by_label("メールアドレス").fill("hoshino@example.jp")
    panel.get_by_label("氏名").fill("星野 渚")
    panel.get_by_label("属性").fill("branch: 101")
    panel.get_by_role("button", name="招待リンクを作る").click()
    link = _path(admin.get_by_text(re.compile(r"/invitation\?token=")).inner_text())

    seen = visit(None)
    page = seen.go(link)
    page.get_by_label("氏名").fill("星野 なぎさ")
    _set_password(page, "kaze-ni-tsunagu-7", "使い始める")
    _sign_in(page, "hoshino@example.jp", "kaze-ni-tsunagu-7")
    page.wait_for_url("**/today")
    expect(page.get_by_role("button", name="星野 なぎさ のメニュー")).to_be_visible()

    again = visit(None)
    page = again.go(link)
    page.get_by_label("氏名").fill("だれか")
    page.get_by_label("新しいパスワード", exact=True).fill("kaze-ni-tsunagu-8")
    page.get_by_label("新しいパスワード (確認)").fill("kaze-ni-tsunagu-8")
    page.get_by_role("button", name="使い始める").click()
    expect(page.get_by_role("alert")).to_be_visible()
    _expect(seen, 401)
    _expect(again, 400, 401, 403, 404, 409, 410, 422)


def test_a_forgotten_password_is_set_anew_by_mail(visit: Open, served: Served) -> None:
    email = "s1005@example.jp"
    seen = visit(None)
    page = seen.go("/sign-in")
    page.get_by_role("link", name="パスワードをお忘れのとき").click()
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_role("button", name="リンクを送る").click()
    expect(page.get_by_role("status")).to_contain_text("まもなくメールが届きます")
    mails = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in (served.workspace / "var" / "mailbox").glob("*.eml")
    ]
    body = next(mail for mail in mails if mail["To"] == email).get_content()
    link = re.search(r"/reset-password\?token=\S+", body)
    assert link is not None, body
    page = seen.go(link.group())
    _set_password(page, "asa-no-hikari-19", "パスワードを変更")
    _sign_in(page, email, served.password)
    expect(page.get_by_role("alert")).to_be_visible()
    _sign_in(page, email, "asa-no-hikari-19")
    page.wait_for_url("**/today")
    _expect(seen, 401, 403)


def test_a_second_factor_is_asked_for_and_a_recovery_code_opens_once(
    visit: Open, served: Served
) -> None:
    email = "s1006@example.jp"  # nobody else's flow signs in as this one
    seen = visit(None)
    page = seen.go("/settings/account")
    _sign_in(page, email, served.password)
    page.wait_for_url("**/settings/account")
    page.get_by_role("button", name="設定を始める").click()
    expect(page.get_by_alt_text("認証アプリで読み取るQRコード")).to_be_visible()
    secret = page.get_by_test_id("totp-secret").inner_text()
    page.get_by_label("確認コードの1桁目").click()
    page.keyboard.type(_code(secret))
    recovery = page.get_by_test_id("recovery-codes").inner_text().split()
    assert len(recovery) >= 8

    _drop_session(seen.context)
    seen.go("/sign-in")
    _sign_in(page, email, served.password)
    page.get_by_label("確認コードの1桁目").click()
    page.keyboard.type(_code(secret))
    page.wait_for_url("**/today")

    for opens in (True, False):  # a recovery code opens once
        _drop_session(seen.context)
        seen.go("/sign-in")
        _sign_in(page, email, served.password)
        page.get_by_role("button", name="予備コードを使う").click()
        page.get_by_label("予備コード").fill(recovery[0])
        page.get_by_role("button", name="確認する").click()
        if opens:
            page.wait_for_url("**/today")
        else:
            expect(page.get_by_role("alert")).to_contain_text("確認コードが違います")
    _expect(seen, 401, 403)


def test_another_session_is_seen_and_ended(visit: Open) -> None:
    here, there = visit("analyst", fresh=True), visit("analyst", fresh=True)
    page = here.go("/settings/account")
    elsewhere = there.go("/settings/account")
    ends = page.get_by_role("button", name="サインアウトさせる")
    expect(ends.first).to_be_visible()
    for left in range(ends.count() - 1, -1, -1):
        ends.first.click()
        expect(ends).to_have_count(left)
    elsewhere.get_by_label("氏名").fill("江口 真帆子")
    elsewhere.get_by_role("button", name="氏名を保存").click()
    expect(elsewhere.get_by_role("dialog")).to_contain_text("もう一度サインインしてください")
    _expect(there, 401)


def test_an_ended_session_keeps_what_was_typed(visit: Open, served: Served) -> None:
    seen = visit("admin")
    page = seen.go("/settings/users?open=new")
    panel = page.get_by_role("complementary", name="利用者を招待")
    panel.get_by_label("メールアドレス").fill("kasumi@example.jp")
    panel.get_by_label("氏名").fill("霞 桂子")
    _drop_session(seen.context)
    panel.get_by_role("button", name="招待リンクを作る").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("メールアドレス")).to_have_value(served.emails["admin"])
    dialog.get_by_label("パスワード", exact=True).fill(served.password)
    dialog.get_by_role("button", name="サインイン", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(panel.get_by_label("氏名")).to_have_value("霞 桂子")
    panel.get_by_role("button", name="招待リンクを作る").click()
    expect(page.get_by_text(re.compile(r"/invitation\?token="))).to_be_visible()
    _expect(seen, 401)
