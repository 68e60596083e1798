"""Messages in a real browser: written in blocks, approved by another, sent, read in the mailbox."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from served_bank import Visit, accessible

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
SOON = 15_000  # ms
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _order(page: Page) -> list[str]:
    """The blocks of the mail, as they are named in their list."""
    rows = page.get_by_role("list", name="ブロックの並び").locator("button[aria-pressed]")
    names = [rows.nth(index).get_attribute("aria-label") or "" for index in range(rows.count())]
    return [
        name.split(":")[0] for name in names if "スペースキー" not in name and "Esc" not in name
    ]


def test_a_mail_is_written_in_blocks_and_another_person_approves_it(visit: Open) -> None:
    author = visit("marketer")
    page = author.go("/messages/new")
    slug = f"maturity-{uuid.uuid4().hex[:6]}"
    page.get_by_role("textbox", name="名前").fill("満期のご案内")
    page.get_by_role("textbox", name="識別名").fill(slug)
    page.get_by_role("combobox", name="目的").click()
    page.get_by_role("option", name="お客さま対応").click()
    page.get_by_role("radio", name="一つのご案内").check(force=True)
    page.get_by_role("button", name="作る").click()
    page.wait_for_url(f"**/messages/templates/{slug}")
    mail = page.frame_locator("iframe[title='メールの見え方']")
    expect(mail.get_by_text("ご案内の見出し").first).to_be_visible(timeout=SOON)
    before = _order(page)

    # A block from the palette comes after what is picked; what is typed is drawn.
    page.get_by_role("button", name="見出し: ご案内の見出し", exact=True).click()
    page.get_by_role("button", name="文章を加える").click()
    page.get_by_role("textbox", name="文章").fill("満期日が近づいています。")
    expect(mail.get_by_text("満期日が近づいています。")).to_be_visible(timeout=SOON)
    written = ["見出し", "文章", *before[1:]]
    assert _order(page) == written

    # Carried by keys: up before the heading, and back with Escape.
    handle = page.get_by_role("button", name="文章: 満期日が近づいています。 を")
    handle.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    assert _order(page) == ["文章", "見出し", *before[1:]]
    expect(handle).to_be_focused()
    page.keyboard.press("Escape")
    assert _order(page) == written

    # Dragged by the pointer to the top; one step back undoes it.
    grip, top = handle.bounding_box(), page.get_by_role("button", name="見出し: ").first
    target = top.bounding_box()
    assert grip is not None
    assert target is not None
    page.mouse.move(grip["x"] + 8, grip["y"] + 14)
    page.mouse.down()
    page.mouse.move(target["x"] + 20, target["y"] + 20, steps=4)
    page.mouse.move(target["x"] + 20, target["y"] - 2, steps=4)
    page.mouse.up()
    assert _order(page) == ["文章", "見出し", *before[1:]]
    page.get_by_role("button", name="元に戻す").click()
    assert _order(page) == written

    # What is drawn leads to its block.
    page.get_by_role("button", name="見出し: ご案内の見出し", exact=True).click()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    mail.get_by_text("満期日が近づいています。").click()
    expect(page.get_by_role("textbox", name="文章")).to_have_value("満期日が近づいています。")
    accessible(page)

    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("button", name="保存済み")).to_be_visible()
    page.get_by_role("button", name="承認を依頼").click()
    expect(
        page.get_by_text("この版を書いた人、直した人、依頼した人は承認できません")
    ).to_be_visible()
    expect(page.get_by_role("button", name="承認", exact=True)).to_be_disabled()

    # Somebody else gives it back once, then approves what was mended.
    manager = visit("manager")
    desk = manager.go(f"/messages/templates/{slug}")
    desk.get_by_role("button", name="差し戻す").click()
    desk.get_by_role("textbox", name="理由").fill("日付を入れてください")
    desk.get_by_role("complementary").get_by_role("button", name="差し戻す").click()
    expect(desk.get_by_text("日付を入れてください")).to_be_visible()
    page.reload()
    expect(page.get_by_text("日付を入れてください")).to_be_visible()
    page.get_by_role("button", name="承認を依頼").click()
    expect(page.get_by_role("button", name="依頼を取り下げる")).to_be_visible()
    desk.reload()
    desk.get_by_role("button", name="承認", exact=True).click()
    expect(desk.get_by_text("承認済み 第1版")).to_be_visible()

    # The next version says what it changes.
    page.reload()
    page.get_by_role("textbox", name="件名").fill("満期のお知らせ")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("下書き 第2版")).to_be_visible()
    page.get_by_role("tab", name="版").click()
    expect(page.locator("ins", has_text="満期のお知らせ").first).to_be_visible(timeout=SOON)


def test_blocks_are_left_for_source_only_after_a_warning(visit: Open) -> None:
    seen = visit("marketer", locale="en")
    slug = f"source-{uuid.uuid4().hex[:6]}"
    design = {"blocks": [{"kind": "heading", "text": "Hello there"}]}
    body = {"kind": "email", "subject": "Hello", "design": design}
    new = {"slug": slug, "name": "Source", "channel": "email", "purpose": "service", "body": body}
    seen.call("POST", "templates", new)
    page = seen.go(f"/messages/templates/{slug}")
    page.get_by_text("MJML", exact=True).first.click()
    expect(page.get_by_text("cannot be turned back into blocks")).to_be_visible()
    page.get_by_role("button", name="Go to MJML").click()
    source = page.get_by_role("textbox", name="MJML")
    expect(source).to_have_value(re.compile(r"<mjml[\s\S]*Hello there"))
    source.fill(source.input_value().replace("Hello there", "Good morning"))
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("Good morning")).to_be_visible(timeout=SOON)
    page.get_by_text("Blocks", exact=True).click()
    page.get_by_role("button", name="Go to blocks").click()
    expect(mail.get_by_text("Hello there")).to_be_visible(timeout=SOON)

    # Text that is not saved is not left without a word; a trial saves it, and is in the mailbox.
    page.get_by_role("textbox", name="Subject").fill("Hello again")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("main").get_by_role("link", name="Messages", exact=True).click()
    expect(page.get_by_role("textbox", name="Subject")).to_have_value("Hello again")
    assert "not saved" in asked[0]
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Send a trial to myself").click()
    expect(page.get_by_text("it is in the mailbox", exact=False)).to_be_visible(timeout=SOON)
    page = seen.go("/messages/mailbox")
    expect(page.get_by_text("[Trial] Hello again").first).to_be_visible(timeout=SOON)


@pytest.mark.heavy
def test_a_text_message_is_counted_as_it_is_typed_and_arrives_in_the_mailbox(visit: Open) -> None:
    seen, manager = visit("marketer"), visit("manager")
    slug = f"notice-{uuid.uuid4().hex[:6]}"
    body = {"kind": "sms", "text": "停止"}
    new = {"slug": slug, "name": "お知らせ", "channel": "sms", "purpose": "service", "body": body}
    seen.call("POST", "templates", new)
    page = seen.go(f"/messages/templates/{slug}")
    page.get_by_role("textbox", name="文面").fill("あ" * 71)
    expect(page.get_by_text("2通分")).to_be_visible()
    page.get_by_role("textbox", name="文面").fill(f"日の出銀行です。{slug}")
    expect(page.get_by_text("1通分")).to_be_visible()
    expect(page.get_by_label("見え方").get_by_text(slug)).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("button", name="保存済み")).to_be_visible()

    version = seen.get(f"templates/{slug}")["work_version"]
    read = {"version": version["id"], "wording": version["wording"]}
    seen.call("POST", f"templates/{slug}/submit", read)
    manager.call("POST", f"templates/{slug}/approve", read)
    few = {"sample": {"percent": 1, "salt": slug}}
    send = {"name": slug, "slug": slug, "body": {"template": slug, "rule": few}}
    seen.call("POST", "sends", send)
    token = seen.call("POST", f"sends/{slug}/preview")["token"]
    seen.call("POST", f"sends/{slug}/dispatch", {"token": token})

    page = seen.go("/messages/mailbox?channel=sms")
    row = page.get_by_role("row").filter(has_text=slug).first
    expect(row).to_be_visible(timeout=25_000)
    row.click()
    pane = page.get_by_label("開いているメッセージ")
    expect(pane.get_by_text(f"日の出銀行です。{slug}").last).to_be_visible()
    expect(pane.get_by_text("一斉配信")).to_be_visible()
    assert "item=" in page.url
    accessible(page)


@pytest.mark.heavy
def test_an_image_is_brought_in_and_described(visit: Open) -> None:
    seen = visit("marketer")
    page = seen.go("/messages/images")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="画像を加える").click()
    chooser.value.set_files({"name": "店舗.png", "mimeType": "image/png", "buffer": PIXEL})
    panel = page.get_by_role("complementary")
    panel.get_by_role("textbox", name="画像の説明").fill("店舗の外観")
    panel.get_by_role("button", name="保存").click()
    expect(page.get_by_role("img", name="店舗の外観").first).to_be_visible()
    seen.go("/messages")
    expect(page.get_by_role("columnheader", name="名前と件名")).to_be_visible()
    accessible(page)
