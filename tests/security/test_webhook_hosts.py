"""What a template of the channel webhook sends goes to hosts that an administrator has named, and
hands nobody the addresses by which a person's consents change, unless that was chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from book_fixtures import ApiClient
from channel_world import account, message
from enishi.book.models import AuditRow
from enishi.book.outbound import Answer
from enishi.book.workspace import Workspace
from enishi.messages.channels.port import Outcome, Refused, Sent
from enishi.messages.channels.webhook.channel import WebhookChannel
from enishi.messages.wording.bodies import BODY
from enishi.messages.wording.readying import of_body
from enishi.messages.wording.rendered import Untracked
from enishi.messages.wording.sampling import sample
from lists_world import START, Bank

SECRET = {"signing_secret": "whsec_eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"}


def handed(hosts: str, url: str) -> tuple[Outcome, list[str]]:
    """How it ends, and where anything went."""
    went: list[str] = []

    def post(to: str, body: bytes, headers: dict[str, str]) -> Answer:
        went.append(to)
        return Answer(200, None, b"")

    config = {"hosts": hosts} if hosts else {}
    way = WebhookChannel(account("webhook", "webhook", config, SECRET), post)
    out = message("webhook", "", url=url, payload={"a": 1})
    return way.open().send(way.prepare(out), out), went


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("", "https://crm.test/in"),
        ("crm.test", "https://evil.test/in"),
        ("crm.test", "https://crm.test.evil.test/in"),
        ("crm.test", "https://sub.crm.test/in"),
        ("crm.test", "https://crm.test@evil.test/in"),
        ("crm.test", "https://evil.test/crm.test"),
        ("crm.test", "https://[::1"),
        ("crm.test", "https:///in"),
    ],
)
def test_nothing_leaves_for_a_host_that_is_not_named(hosts: str, url: str) -> None:
    assert handed(hosts, url) == (Refused("host_not_named"), [])


@pytest.mark.parametrize("url", ["https://crm.test/in", "https://CRM.test:8443/in"])
def test_what_is_named_is_sent(url: str) -> None:
    assert handed("a.test, crm.test", url) == (Sent(), [url])


def test_an_administrator_names_hosts_and_that_is_on_record(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    api = client_of("administrator")
    made = api.post("senders", {"slug": "hook", "name": "H", "provider": "webhook", "config": {}})
    assert made.status_code == 201, made.content
    early = api.post("senders/hook/live", {"live": True})
    assert (early.status_code, early.json()["code"]) == (409, "sender_incomplete")
    wrong = api.patch("senders/hook", {"config": {"hosts": "crm.test, http://x/"}})
    assert wrong.status_code == 422
    done = api.patch("senders/hook", {"config": {"hosts": "CRM.test 満期.jp、crm.test"}})
    assert done.json()["config"]["hosts"] == "crm.test, xn--vpv27n.jp"
    row = AuditRow.objects.filter(action="sender.change").latest("seq")
    assert row.detail["hosts"] == ["crm.test", "xn--vpv27n.jp"]
    assert api.post("senders/hook/live", {"live": True}).status_code == 200
    marketer = client_of("marketer").patch("senders/hook", {"config": {"hosts": "evil.test"}})
    assert marketer.status_code == 403


def hook(json: str, **more: Any) -> Any:
    return BODY.validate_python(
        {"kind": "webhook", "url": "https://crm.test/in", "json": json, **more}
    )


def test_links_of_the_person_are_handed_over_only_where_that_is_chosen(sqlite_bank: Bank) -> None:
    from enishi.messages.wording import law

    json = '{"p": "{{ preferences_url }}", "u": "{{ unsubscribe_url }}"}'
    links = Untracked()
    for chosen in (False, True):
        body = hook(json, person_links=chosen)
        made = of_body(body, purpose="service")
        payload = made.render(sample(made, START.date()), links).payload
        assert payload == (
            {"p": links.preferences, "u": links.unsubscribe} if chosen else {"p": "", "u": ""}
        )
        found = {one.code: one.level for one in law.examine(body, "service").checks}
        assert found["webhook_links"] == ("warn" if chosen else "refuse")
        assert found["webhook_not_named"] == "warn"
