"""What anybody on the internet may ask of messages: tokens, redirects, unsubscribing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from book_fixtures import ApiClient
from enishi.book.clock import clock_set_to
from enishi.book.models import AuditRow
from enishi.book.workspace import Workspace
from enishi.gate.models import Consent
from enishi.kernel.clock import VirtualClock
from enishi.messages.models import Delivery, MailboxItem, Response, Sender
from enishi.messages.public import web as public
from enishi.messages.public.links import links_for, read_token, token_of
from lists_world import Bank

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HUMAN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    public.strangers.forget()
    yield
    public.strangers.forget()


def delivery(person: str = "p1", channel: str = "email", **more: Any) -> Delivery:
    told: dict[str, Any] = {
        "key": f"send:snd_1:{person}", "person": person, "channel": channel, "purpose": "deposits",
        "template_version": "tpv_1", "state": "sent", "address": "digest-of-it",
        "finished_at": NOW - timedelta(hours=1), **more,
    }  # fmt: skip
    return Delivery.objects.create(**told)


def browser(**headers: str) -> Client:
    """Without any cookie; what needs a CSRF token is refused."""
    return Client(
        enforce_csrf_checks=True, raise_request_exception=False,
        headers={"user-agent": HUMAN, "accept-language": "en", **headers}, SERVER_NAME="localhost",
    )  # fmt: skip


def path(url: str) -> str:
    return url.removeprefix("http://localhost:8000")


def test_an_opening_is_noted_and_machines_are_marked(book: Workspace) -> None:
    row = delivery()
    links = links_for(row.id)
    with clock_set_to(VirtualClock(NOW)):
        answer = browser().get(path(links.open()))
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "no-store" in answer["Cache-Control"]
        for agent in ("Mozilla/5.0", "", "Barracuda Sentinel (EE)", "python-requests/2.3"):
            browser(**{"user-agent": agent}).get(path(links.open()))
        browser(**{"sec-purpose": "prefetch"}).get(path(links.open()))
        browser().head(path(links.open()))
    assert Response.objects.filter(machine=False).count() == 1
    assert Response.objects.filter(machine=True).count() == 5
    row.refresh_from_db()
    assert row.opened_at == row.machine_opened_at == NOW
    soon = delivery("p2", finished_at=NOW - timedelta(seconds=3))
    with clock_set_to(VirtualClock(NOW)):
        browser(**{"user-agent": "GoogleImageProxy"}).get(path(links_for(soon.id).open()))
    soon.refresh_from_db()
    assert (soon.opened_at, soon.machine_opened_at) == (None, NOW)


def test_a_click_leads_where_the_token_says_and_nowhere_else(book: Workspace) -> None:
    row = delivery()
    links = links_for(row.id)
    with clock_set_to(VirtualClock(NOW)):
        for url in (
            "https://bank.test/定期?a=1&b=ペ#x", "http://bank.test:8080/", "https://例え.test/",
        ):  # fmt: skip
            answer = browser().get(path(links.click(url)))
            assert answer.status_code == 302
            assert answer["Location"].isascii()
            assert answer["Location"].split("/")[2] in ("bank.test", "bank.test:8080",
                                                        "xn--r8jz45g.test")  # fmt: skip
    assert {r.detail["url"] for r in Response.objects.all()} >= {"http://bank.test:8080/"}


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil.test", "https:/\\evil.test", "data:text/html,x", "mailto:a@b.c",
     "https://bank.test/\r\nSet-Cookie: a=b", "https://bank.test/ x", "ftp://x", "", "https://"],
)  # fmt: skip
def test_what_is_no_web_address_is_never_a_click(book: Workspace, url: str) -> None:
    assert links_for("dlv_01k9zz0000abcdefghjk").click(url) == url


def test_forged_changed_and_foreign_tokens_get_one_answer(book: Workspace) -> None:
    row = delivery()
    links = links_for(row.id)
    click = path(links.click("https://bank.test/"))
    head, _, mark = click.rpartition(".")
    evil = links_for(row.id).click("https://evil.test/").split(".")[1]
    bad = [
        click[:-1] + ("A" if click[-1] != "A" else "B"),
        f"{head}.{'A' * 22}",
        f"{head}.",
        f"/m/c/{row.id}.{evil}.{mark}",
        f"/m/c/{token_of('u', row.id)}",
        f"/m/u/{token_of('p', row.id)}",
        f"/m/p/{token_of('o', row.id)}",
        f"/m/o/{token_of('c', row.id)}.gif",
        f"/m/u/{token_of('u', row.id).replace('dlv', 'DLV')}",
        "/m/u/" + "A" * 7990,
        "/m/u/" + "A" * 9000,
        "/m/u/%00", "/m/u/..%2f..%2fetc", "/m/", "/m/x/y", "/m/u/\u3042", "/m/c/" + "." * 500,
    ]  # fmt: skip
    answers = {
        (found.status_code, found.content)
        for found in (browser().get(one) for one in bad if "%00" not in one)
    }
    assert len(answers) == 1
    (status, content) = answers.pop()
    assert status == 404
    assert b"This link does not work" in content
    assert row.id.encode() not in content
    assert browser().get("/m/u/%00").status_code == 400
    assert not Response.objects.exists()
    assert read_token("u", token_of("u", row.id)) is not None


def test_a_token_of_another_workspace_is_none_of_ours(book: Workspace, tmp_path: Any) -> None:
    from book_fixtures import make_workspace
    from enishi.book.workspace import use_workspace

    other = make_workspace(tmp_path / "other")
    use_workspace(other)
    theirs = token_of("u", "dlv_01k9zz0000abcdefghjk")
    use_workspace(book)
    assert read_token("u", theirs) is None


def test_who_tries_tokens_is_told_to_wait_and_good_ones_still_work(book: Workspace) -> None:
    row = delivery()
    codes = [browser().get(f"/m/u/{n}").status_code for n in range(70)]
    assert codes[:60] == [404] * 60
    assert set(codes[60:]) == {429}
    assert browser().get(path(links_for(row.id).unsubscribe)).status_code == 200


def test_looking_never_unsubscribes_and_one_click_does_without_a_cookie(
    sqlite_bank: Bank, caplog: pytest.LogCaptureFixture
) -> None:
    row = delivery()
    url = path(links_for(row.id).unsubscribe)
    for agent in (HUMAN, "Barracuda"):
        for method in ("get", "head"):
            answer = getattr(browser(**{"user-agent": agent}), method)(url)
            assert answer.status_code == 200
    assert not Consent.objects.exists()
    page = browser().get(url)
    assert b'<form method="post">' in page.content
    assert b"<script" not in page.content
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["Referrer-Policy"] == "no-referrer"
    answer = browser().post(
        url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    assert not answer.cookies
    again = browser().post(url, {"List-Unsubscribe": "One-Click"})  # multipart, as the RFC allows
    assert again.status_code == 200
    (said,) = Consent.objects.all()
    assert (said.person, said.channel, said.purpose, said.given) == ("p1", "email", None, False)
    assert said.evidence == row.id
    row.refresh_from_db()
    assert row.unsubscribed_at == sqlite_bank.clock()
    assert AuditRow.objects.filter(action="consent.withdraw").count() == 1
    assert token_of("u", row.id) not in caplog.text


def test_preferences_are_shown_and_kept(sqlite_bank: Bank) -> None:
    row = delivery()
    url = path(links_for(row.id).preferences)
    page = browser(**{"accept-language": "ja"}).get(url).content.decode()
    assert 'lang="ja"' in page
    assert "預金の案内" in page
    boxes = dict(re.findall(r'name="([a-z_]+:[a-z]+)" value="1"( checked)?', page))
    assert boxes["deposits:email"] == "", "mail asks for consent first"
    assert boxes["deposits:post"] == " checked"
    assert row.person not in page
    assert "English" in page
    assert "Deposits" in browser().get(f"{url}?lang=en").content.decode()
    wanted = {name: "1" for name, on in boxes.items() if on}
    wanted["deposits:email"] = "1"
    del wanted["cards:phone"]
    saved = browser().post(url, {**wanted, "do": "save", "nobody:asked": "1"})
    assert b"Your choice is saved" in saved.content
    said = {(c.purpose, c.channel): c.given for c in Consent.objects.all()}
    assert said == {("deposits", "email"): True, ("cards", "phone"): False}
    assert all(c.how == "web" and c.evidence == row.id for c in Consent.objects.all())
    assert browser().post(url, {**wanted, "do": "save"}).status_code == 200
    assert Consent.objects.count() == 2, "the same again changes nothing"
    sqlite_bank.later(timedelta(seconds=1))
    browser().post(url, {**wanted, "do": "none"})
    after = browser().get(url).content.decode()
    assert " checked" not in after


def test_what_is_no_form_is_no_fault_of_ours(book: Workspace) -> None:
    row = delivery()
    links, odd = links_for(row.id), "multipart/form-data"
    for content in (b"garbage", b"&".join(b"a%d=1" % n for n in range(3000))):
        kind = odd if content == b"garbage" else "application/x-www-form-urlencoded"
        answer = browser().post(path(links.preferences), content, content_type=kind)
        assert answer.status_code == 400
        answer = browser().post(path(links.unsubscribe), content, content_type=kind)
        assert answer.status_code == 200, "it was meant to unsubscribe"
    row.refresh_from_db()
    assert row.unsubscribed_at is not None


def test_a_message_in_our_own_mailbox_brings_no_consent(sqlite_bank: Bank) -> None:
    """Its reader holds the links of people who have never seen them."""
    row = delivery(provider_id="mailbox:dlv")
    url = path(links_for(row.id).preferences)
    browser().post(url, {"deposits:email": "on"})
    assert not Consent.objects.filter(person="p1", given=True).exists()
    row.delete()
    row = delivery(provider_id="250")
    browser().post(path(links_for(row.id).preferences), {"deposits:email": "on"})
    assert Consent.objects.filter(person="p1", given=True).exists()


def test_a_message_that_the_mailbox_has_just_taken_brings_no_consent_either(
    sqlite_bank: Bank,
) -> None:
    """The mailbox shows it before the delivery says where it went."""
    row = delivery(state="attempting", finished_at=None)
    kept(row)
    browser().post(path(links_for(row.id).preferences), {"deposits:email": "on"})
    assert not Consent.objects.filter(person="p1", given=True).exists()


def kept(row: Delivery) -> None:
    MailboxItem.objects.create(
        delivery=row.id, person=row.person, channel=row.channel, recipient="x", content=b"x"
    )


@pytest.mark.parametrize("told", ["by_the_delivery", "by_the_mailbox", "sent"])
def test_nobody_subscribes_through_a_message_in_our_own_mailbox(
    sqlite_bank: Bank, client_of: Callable[..., ApiClient], told: str
) -> None:
    """Its reader is staff: the person's pushes would come to the reader's browser."""
    api = client_of("administrator")
    api.post("senders", {"slug": "push", "name": "通知", "provider": "webpush",
                         "config": {"contact": "a@b.test"}})  # fmt: skip
    Sender.objects.update(live=True)
    row = delivery(provider_id="mailbox:dlv" if told == "by_the_delivery" else "")
    if told == "by_the_mailbox":
        kept(row)
    page = browser().get(path(links_for(row.id).preferences)).content
    answer = browser().post(f"/m/s/{token_of('s', row.id)}", b"{}", content_type="application/json")
    if told == "sent":
        assert b"/m/s/" in page
        assert answer.status_code == 422, "what was given is no subscription, and was looked at"
    else:
        assert b"/m/s/" not in page
        assert answer.status_code == 404
        assert b"This link does not work" in answer.content


def test_all_links_at_once_are_a_machines_clicks(book: Workspace) -> None:
    row = delivery()
    links = links_for(row.id)
    clock = VirtualClock(NOW)
    with clock_set_to(clock):
        browser().get(path(links.click("https://bank.test/a")))
        row.refresh_from_db()
        assert row.clicked_at == NOW
        clock.advance(timedelta(seconds=1))
        browser().get(path(links.click("https://bank.test/b")))
        row.refresh_from_db()
        assert row.clicked_at is None
        assert set(Response.objects.values_list("machine", flat=True)) == {True}
        clock.advance(timedelta(hours=1))
        browser().get(path(links.click("https://bank.test/b")))
    row.refresh_from_db()
    assert row.clicked_at == clock()


def test_a_link_called_a_thousand_times_is_kept_fifty_times(book: Workspace) -> None:
    row = delivery()
    url = path(links_for(row.id).open())
    client = browser()
    for _ in range(60):
        assert client.get(url).status_code == 200
    assert Response.objects.count() == 50


def test_pages_of_strangers_have_no_way_in(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    """Other methods, and a session's cookie makes no difference."""
    row = delivery()
    links = links_for(row.id)
    for url in (links.open(), links.click("https://bank.test/"), links.unsubscribe):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            answer = browser().generic(method, path(url))
            assert answer.status_code in (403, 405), (url, method)
    signed_in = client_of("administrator").http
    assert signed_in.get(path(links.unsubscribe)).status_code == 200
    assert not Response.objects.exists()
