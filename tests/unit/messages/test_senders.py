"""Senders and the built-in mailbox, over the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from book_fixtures import ApiClient
from channel_world import mail, message
from enishi.book import about
from enishi.book.access import OPERATOR, Actor
from enishi.book.clock import now
from enishi.book.models import AuditRow
from enishi.book.workspace import Workspace
from enishi.kernel.errors import Unavailable
from enishi.messages.channels.mailbox import MailboxChannel
from enishi.messages.channels.registry import channel_for
from enishi.messages.mailbox import kept as mailbox
from enishi.messages.models import (
    ChannelAddress,
    Delivery,
    MailboxItem,
    Sender,
    Template,
    TemplateVersion,
)
from enishi.messages.senders import sealing
from enishi.messages.senders import service as senders
from enishi.messages.senders.checks import keep_address
from enishi.messages.wording.readying import compiled
from enishi.messages.wording.rendering import Untracked
from enishi.messages.wording.values import values_for
from lists_world import Bank

SMTP: dict[str, Any] = {
    "slug": "main-mail", "name": "本店メール", "provider": "smtp",
    "config": {"host": "mx.bank.test", "from_address": "Info@Bank.test", "from_name": "日の出銀行",
               "user": "enishi", "dkim_domain": "bank.test"},
    "secrets": {"password": "himitsu-1"},
}  # fmt: skip


def test_a_sender_is_set_up_and_its_secrets_never_come_out(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    api = client_of("administrator")
    made = api.post("senders", SMTP)
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["secrets"] == ["dkim_key", "password"]
    assert (told["live"], told["main"], told["ready"]) == (False, True, True)
    assert told["config"]["from_address"] == "info@bank.test"
    assert told["config"]["port"] == 587
    assert told["hook"].endswith("/m/hooks/inbound/main-mail")
    dns = api.get("senders/main-mail/dns").json()["items"]
    assert {one["name"]: one["value"][:8] for one in dns} == {
        "bank.test": "v=spf1 a", "enishi._domainkey.bank.test": "v=DKIM1;",
        "_dmarc.bank.test": "v=DMARC1",
    }  # fmt: skip
    changed = api.patch("senders/main-mail", {"secrets": {"password": "himitsu-2"}})
    row = Sender.objects.get()
    opened = senders.opened_secrets(row)
    assert opened["password"] == "himitsu-2"
    assert "PRIVATE KEY" in opened["dkim_key"]
    for place in (
        made.content, changed.content, api.get("senders").content, row.secrets.encode(),
        json.dumps(list(AuditRow.objects.values("detail"))).encode(), repr(row.__dict__).encode(),
    ):  # fmt: skip
        assert b"himitsu" not in place
        assert b"PRIVATE" not in place


def test_sealed_secrets_open_with_this_workspaces_secret_alone(
    book: Workspace, tmp_path: Any
) -> None:
    from book_fixtures import make_workspace
    from enishi.book.workspace import use_workspace

    sealed = sealing.seal("sdr_1", {"password": "x"})
    assert sealing.unseal("sdr_1", sealed) == {"password": "x"}
    with pytest.raises(Unavailable):
        sealing.unseal("sdr_2", sealed)
    use_workspace(make_workspace(tmp_path / "other"))
    with pytest.raises(Unavailable):
        sealing.unseal("sdr_1", sealed)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"host": "mx\r\nX"}, "$.host"),
        ({"host": "-x/y"}, "$.host"),
        ({"port": 0}, "$.port"),
        ({"port": "25"}, "$.port"),
        ({"port": True}, "$.port"),
        ({"security": "ssl"}, "$.security"),
        ({"from_address": "nobody"}, "$.from_address"),
        ({"from_address": "a@b.test\r\nBcc: x@y.z"}, "$.from_address"),
        ({"from_name": "日\n出"}, "$.from_name"),
        ({"from_name": ""}, "$.from_name"),
        ({"dkim_domain": "no domain"}, "$.dkim_domain"),
        ({"dkim_selector": "a.b;c"}, "$.dkim_selector"),
        ({"rates": {"x": 1}}, "$.rates"),
        ({"rates": {"docomo.ne.jp": {"per_second": 0}}}, "$.rates"),
        ({"rates": {"a b": {"per_second": 1}}}, "$.rates"),
        ({"unknown": 1}, "$.unknown"),
    ],
)
def test_what_is_wrong_is_named(
    book: Workspace, client_of: Callable[..., ApiClient], change: dict[str, Any], path: str
) -> None:
    api = client_of("administrator")
    body = {**SMTP, "config": {**SMTP["config"], **change}}
    answer = api.post("senders", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "sender_settings")
    assert [fault["path"] for fault in answer.json()["faults"]] == [path]


def test_going_live_is_deliberate_and_audited(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    api = client_of("administrator")
    api.post("senders", {**SMTP, "slug": "line", "provider": "line", "config": {}, "secrets": {}})
    refused = api.post("senders/line/live", {"live": True})
    assert refused.json()["code"] == "sender_incomplete"
    secrets = {"access_token": "t", "channel_secret": "s"}
    assert api.patch("senders/line", {"secrets": secrets}).json()["ready"]
    assert isinstance(channel_for(senders.account_for("line")), MailboxChannel)
    assert api.post("senders/line/live", {"live": True}).json()["live"]
    assert channel_for(senders.account_for("line")).name == "line"
    emptied = api.patch("senders/line", {"secrets": {"access_token": ""}})
    assert emptied.json()["code"] == "sender_incomplete", "a live one cannot lose what it needs"
    assert AuditRow.objects.filter(action="sender.switch").count() == 1
    assert api.delete("senders/line").status_code == 204
    assert api.get("senders/line").status_code == 404
    assert Sender.objects.get().secrets == ""
    assert senders.account_for("line").stamp == "built-in"


def test_one_main_sender_a_channel_and_names_are_unique(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    api = client_of("administrator")
    api.post("senders", SMTP)
    second = api.post("senders", {**SMTP, "slug": "second"}).json()
    assert not second["main"]
    assert api.post("senders", SMTP).json()["code"] == "sender_exists"
    assert senders.account_for("email").slug == "main-mail"
    api.patch("senders/second", {"main": True})
    assert senders.account_for("email").slug == "second"
    assert [row.slug for row in Sender.objects.filter(main=True)] == ["second"]
    bad = api.post("senders", {**SMTP, "slug": "third", "secrets": {"dkim_key": "none"}})
    assert bad.json()["code"] == "key_unreadable"


def test_every_provider_has_a_form(book: Workspace, client_of: Callable[..., ApiClient]) -> None:
    found = client_of("marketer").get("senders/providers").json()["items"]
    assert {one["name"] for one in found} == {
        "smtp", "anymail", "twilio", "line", "webpush", "webhook", "person",
    }  # fmt: skip
    push = client_of("administrator").post(
        "senders", {"slug": "push", "name": "通知", "provider": "webpush",
                    "config": {"contact": "a@b.test"}},
    ).json()  # fmt: skip
    assert len(push["public_key"]) == 87


def test_a_password_is_not_shown_to_another_server(
    book: Workspace, client_of: Callable[..., ApiClient]
) -> None:
    """Else whoever may set senders up would read it at a server of his own."""
    api = client_of("administrator")
    api.post("senders", SMTP)
    elsewhere = {"config": {**SMTP["config"], "host": "mx.other.test"}}
    refused = api.patch("senders/main-mail", elsewhere)
    assert (refused.status_code, refused.json()["code"]) == (422, "secrets_again")
    assert Sender.objects.get().config["host"] == "mx.bank.test"
    same = {"config": {**SMTP["config"], "port": 2525}}
    assert api.patch("senders/main-mail", same).status_code == 200
    for told in ("himitsu-2", ""):
        changed = api.patch("senders/main-mail", elsewhere | {"secrets": {"password": told}})
        assert changed.status_code == 200, changed.content


def test_a_trial_tells_how_it_ended(book: Workspace, client_of: Callable[..., ApiClient]) -> None:
    api = client_of("administrator")
    api.post("senders", {**SMTP, "config": {**SMTP["config"], "host": "127.0.0.1", "port": 1}})
    told = api.post("senders/main-mail/test", {"address": "somebody@else.test"}).json()
    assert (told["ok"], told["state"], told["code"]) == (False, "later", "connection")
    assert told["message"] == "The server cannot be reached."


# ── the mailbox ──────────────────────────────────────────────────────────────────────────────────


def test_messages_land_in_the_mailbox_and_are_masked(sqlite_bank: Bank) -> None:
    table = sqlite_bank.warehouse.who({"all": []}, actor=sqlite_bank.actor("manager"))
    person = dict(zip(table["key"].to_pylist(), table["_id"].to_pylist(), strict=True))["P001"]
    way = channel_for(senders.account_for("email"))
    connection = way.open()
    one = replace(
        mail(name="顧客 001 様", html="<p>顧客 001 様 090-0000-0001</p><img src='/m/o/x.gif'>",
             text="顧客 001 様 090-0000-0001", subject="顧客 001 様へ"),
        person=person, address="hanako@mail.test",
    )  # fmt: skip
    for _ in range(2):
        connection.send(way.prepare(one), one)
    sms = channel_for(senders.account_for("sms"))
    other = replace(
        message("sms", "+819000000001", text="満期です"), person=person, delivery="dlv_2"
    )
    sms.open().send(sms.prepare(other), other)
    template = Template.objects.create(
        slug="plain", name="x", channel="email", purpose="deposits", owner="u", created_by="u"
    )
    version = TemplateVersion.objects.create(
        template=template, number=1, state="approved", created_by="u",
        body={"kind": "sms", "text": "満期です"},
    )  # fmt: skip
    for delivery in (one.delivery, "dlv_2"):
        Delivery.objects.create(
            id=delivery, key=delivery, person=person, channel="email", purpose="deposits",
            template_version=version.id,
        )  # fmt: skip
    for role, shown in (("manager", None), ("administrator", True), ("marketer", False)):
        api = sqlite_bank.api(role)
        if shown is None:
            assert api.get("mailbox").status_code == 403
            continue
        listed = api.get("mailbox").json()
        assert listed["total"] == 2, "the same delivery is kept once"
        assert listed["counts"] == {"email": 1, "sms": 1}
        assert api.get("mailbox?channel=sms").json()["total"] == 1
        assert api.get(f"mailbox?person={person}").json()["total"] == 2
        item = next(row for row in listed["items"] if row["channel"] == "email")
        found = api.get(f"mailbox/{item['id']}").json()
        page = api.get(f"mailbox/{item['id']}/html")
        told = json.dumps(found, ensure_ascii=False) + page.content.decode() + str(listed)
        assert ("顧客 001" in told) is shown
        assert "090-0000-0001" not in told, "a telephone number is for neither"
        assert "sandbox" in page["Content-Security-Policy"]
        assert "img-src data: http://localhost/m/a/" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert AuditRow.objects.filter(action="mailbox.read").count() == 4
    assert sqlite_bank.api("marketer").get("mailbox/999").status_code == 404


def test_what_a_template_made_of_a_masked_value_is_not_shown(sqlite_bank: Bank) -> None:
    """The name spelt otherwise, or a sentence that stands only for some, would tell it."""
    table = sqlite_bank.warehouse.who({"all": []}, actor=sqlite_bank.actor("manager"))
    person = dict(zip(table["key"].to_pylist(), table["_id"].to_pylist(), strict=True))["P001"]
    template = Template.objects.create(
        slug="prying", name="x", channel="sms", purpose="deposits", owner="u", created_by="u"
    )
    version = TemplateVersion.objects.create(
        template=template, number=1, state="approved", created_by="u",
        body={
            "kind": "sms", "fields": {"n": {"value": {"field": "name"}, "default": ""}},
            "text": "{{ n | replace: '0', 'o' }}{% if n contains '1' %}壱{% endif %}",
        },
    )  # fmt: skip
    made = compiled(version.id)
    values = values_for([person], made, now())[person]
    assert isinstance(values, dict)
    for number in range(2):
        delivery = Delivery.objects.create(
            key=f"walk:{number}", person=person, channel="sms", purpose="deposits",
            template_version=version.id if number else "tpv_gone",
        )  # fmt: skip
        told = replace(
            message("sms", "+819000000001"), person=person, delivery=delivery.id,
            rendered=made.render(values, Untracked()),
        )  # fmt: skip
        way = channel_for(senders.account_for("sms"))
        way.open().send(way.prepare(told), told)
    for role, shown in (("administrator", 1), ("marketer", 0)):
        api = sqlite_bank.api(role)
        listed = api.get("mailbox").json()["items"]
        opened = [api.get(f"mailbox/{row['id']}").json() for row in listed]
        for told in (*listed, *opened):
            told_whole = shown and told["origin"]["template_version"] == version.id
            assert ("oo1" in str(told)) is bool(told_whole)
            assert ("壱" in str(told)) is ("oo1" in str(told))
        assert "＊＊＊" in str(opened)
    entry = AuditRow.objects.filter(action="mailbox.list").latest("seq")
    assert entry.detail == {"rows": 2}


def test_the_mailbox_obeys_the_row_scope(sqlite_bank: Bank) -> None:
    table = sqlite_bank.warehouse.who({"all": []}, actor=sqlite_bank.actor("manager"))
    people = dict(zip(table["key"].to_pylist(), table["_id"].to_pylist(), strict=True))
    for key in ("P001", "P002"):
        MailboxItem.objects.create(
            person=people[key], delivery=f"d-{key}", channel="sms", recipient="", content=b"{}"
        )
    scope = {"field": "branch", "op": "eq", "value": "本店"}
    actor = Actor("u", "marketer", scope=scope)
    rows, total = mailbox.listed(actor)
    assert ([row.person for row in rows], total) == ([people["P002"]], 1)
    assert mailbox.counts(actor) == {"sms": 1}
    hidden = MailboxItem.objects.get(person=people["P001"])
    with pytest.raises(Exception, match="no such message"):
        mailbox.opened(hidden.id, actor)


def test_the_oldest_go(book: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST", 3)
    monkeypatch.setattr(mailbox, "_PRUNE_EVERY", 2)
    for n in range(8):
        out = replace(message("sms", "+819000000001", text=f"{n}"), delivery=f"dlv_{n}")
        mailbox.keep("sms", b"{}", out)
    left = [row.delivery for row in MailboxItem.objects.order_by("id")]
    assert left == ["dlv_5", "dlv_6", "dlv_7"]


def test_what_is_kept_of_a_person_is_told_and_goes(book: Workspace) -> None:
    mailbox.keep("sms", "本文".encode(), replace(message("sms", "+8190"), person="p1"))
    keep_address("p1", "line", "U" + "0" * 32)
    told = dict(about.told("p1"))
    assert told["messages.mailboxitem"]["content"] == "本文"
    assert json.dumps(told)
    about.erase("p1")
    assert not MailboxItem.objects.exists()
    assert not ChannelAddress.objects.exists()


def test_line_ids_are_brought_in(sqlite_bank: Bank) -> None:
    table = sqlite_bank.warehouse.who({"all": []}, actor=sqlite_bank.actor("manager"))
    person = str(table["_id"][0])
    senders.create("line", "LINE", "line", {}, {}, OPERATOR)
    body = {"addresses": [
        {"person": person, "address": "U" + "a" * 32},
        {"person": "p-none", "address": "U" + "b" * 32},
        {"person": person, "address": "nonsense"},
    ]}  # fmt: skip
    told = sqlite_bank.api("administrator").post("senders/line/addresses", body).json()
    assert told == {"kept": 1, "refused": sorted({"p-none", person})}
    assert ChannelAddress.objects.get().person == person
    body = {"addresses": [{"person": "P001", "address": "U" + "c" * 32}]}  # a customer number
    told = sqlite_bank.api("administrator").post("senders/line/addresses", body).json()
    assert told == {"kept": 1, "refused": []}
    kept = set(ChannelAddress.objects.values_list("person", flat=True))
    assert "P001" not in kept
