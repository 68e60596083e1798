"""One suite for every channel: what is handed over, and what each kind of answer means."""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils.module_loading import import_string

import provider_world as world
from channel_world import account, mail, message
from enishi.book.workspace import Workspace, use_workspace
from enishi.kernel.errors import Invalid
from enishi.messages.channels.anymail.channel import AnymailChannel, AnymailConnection, _message
from enishi.messages.channels.anymail.providers import ESPS
from enishi.messages.channels.line.channel import LineChannel
from enishi.messages.channels.mailbox import MailboxChannel
from enishi.messages.channels.person.channel import PersonChannel
from enishi.messages.channels.port import (
    Account,
    Channel,
    Connection,
    Later,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    Unknown,
)
from enishi.messages.channels.registry import PROVIDERS, channel_for, provider
from enishi.messages.channels.smtp.channel import SmtpChannel
from enishi.messages.channels.smtp.talk import Times
from enishi.messages.channels.twilio.channel import TwilioChannel
from enishi.messages.channels.webhook.channel import WebhookChannel
from enishi.messages.channels.webpush import vapid
from enishi.messages.channels.webpush.channel import WebPushChannel
from enishi.messages.channels.webpush.subscription import read_subscription
from enishi.messages.channels.words import OUTCOMES, outcome_words
from enishi.messages.models import MailboxItem
from smtp_world import mail_server

NAMES = ("smtp", "anymail", "twilio", "line", "webpush", "webhook", "mailbox")
"""Every channel that hands something over; `person` has a test of its own."""


@dataclass
class Rig:
    """A channel, a message it takes, and the service behind it, whose mood can be set."""

    channel: Channel
    outgoing: Outgoing
    taken: Callable[[], int]
    open: Callable[[], Connection]
    busy: Callable[[], None] | None
    refuse: Callable[[], None] | None
    silent: Callable[[], None] | None
    away: Callable[[], None] | None
    faults: Callable[[], list[str]] = list


def _http(provider: world.Provider, channel: Channel, outgoing: Outgoing, refusal: int) -> Rig:
    def mood(value: Any) -> Callable[[], None]:
        return lambda: setattr(provider, "mood", value)

    def away() -> None:
        provider.port = 1  # nobody listens there

    return Rig(
        channel, outgoing, lambda: len(provider.taken), channel.open, mood(429), mood(refusal),
        mood("silent"), away, lambda: provider.faults,
    )  # fmt: skip


def _rig(name: str, stack: ExitStack, folder: Path) -> Rig:
    if name == "smtp":
        return _smtp(stack, folder)
    if name == "anymail":
        return _anymail(stack)
    if name == "twilio":
        service = stack.enter_context(world.running(world.twilio))
        config = {"account_sid": world.TWILIO_SID, "sender": "+815000000000"}
        told = account("twilio", "sms", config, {"auth_token": "twilio-token"})
        out = message("sms", "+819000000001", text="満期のご案内です。")
        return _http(service, TwilioChannel(told, service.post), out, 400)
    if name == "line":
        service = stack.enter_context(world.running(world.line))
        told = account("line", "line", {}, {"access_token": "line-token"})
        payload = {"messages": [{"type": "text", "text": "満期のご案内です。"}]}
        out = message("line", world.LINE_USER, payload=payload)
        return _http(service, LineChannel(told, service.post), out, 400)
    if name == "webpush":
        browser = world.Browser()
        service = stack.enter_context(world.running(world.web_push(browser)))
        told = account("webpush", "push", {"contact": "a@b.test"}, {"vapid_key": vapid.new_key()})
        payload = {"title": "満期のご案内", "body": "本文", "url": "https://bank.test/"}
        out = message("push", browser.subscription("https://push.test/x"), payload=payload)
        return _http(service, WebPushChannel(told, service.post), out, 410)
    if name == "webhook":
        service = stack.enter_context(world.running(world.webhook))
        told = account(
            "webhook", "webhook", {"hosts": "crm.test"}, {"signing_secret": world.WEBHOOK_SECRET}
        )
        out = message("webhook", "", url="https://crm.test/in", payload={"a": "満期", "n": 1})
        return _http(service, WebhookChannel(told, service.post), out, 400)
    real = LineChannel(account("line", "line", {}, {}, live=False))
    out = message("line", "U1", payload={"messages": [{"type": "text", "text": "x"}]})
    box = MailboxChannel(real)
    return Rig(box, out, MailboxItem.objects.count, box.open, None, None, None, None)


def _smtp(stack: ExitStack, folder: Path) -> Rig:
    server, _ = stack.enter_context(mail_server(folder))
    config = {
        "host": "127.0.0.1", "port": server.port, "security": "none",
        "from_address": "info@bank.test", "from_name": "日の出銀行",
    }  # fmt: skip
    way = SmtpChannel(account("smtp", "email", config, {}), Times(2.0, 2.0, 0.3))

    def temper(name: str, value: Any) -> Callable[[], None]:
        return lambda: setattr(server.temper, name, value)

    def away() -> None:
        config["port"] = 1

    return Rig(
        way, mail(unsubscribe="https://bank.test/m/u/a.b"), lambda: len(server.taken), way.open,
        temper("rcpt", "450 4.7.1 Greylisted"), temper("rcpt", "550 5.1.1 No"),
        temper("hold", 3.0), away,
    )  # fmt: skip


def _anymail(stack: ExitStack) -> Rig:
    service = stack.enter_context(world.running(world.postmark))
    config = {"esp": "postmark", "from_address": "info@bank.test", "from_name": "日の出銀行"}
    way = AnymailChannel(account("anymail", "email", config, {"api_key": "postmark-token"}))

    def opened() -> Connection:
        backend = import_string(way.esp.backend)
        url = f"http://127.0.0.1:{service.port}/"
        return AnymailConnection(
            lambda: backend(server_token="postmark-token", api_url=url, timeout=0.4)
        )

    rig = _http(service, way, mail(unsubscribe="https://bank.test/m/u/a.b"), 422)
    return replace(rig, open=opened)


@pytest.fixture(params=NAMES)
def rig(request: pytest.FixtureRequest, book: Workspace, tmp_path: Path) -> Iterator[Rig]:
    with ExitStack() as stack:
        yield _rig(request.param, stack, tmp_path)


def handed(rig: Rig, outgoing: Outgoing | None = None) -> Outcome:
    sent = outgoing or rig.outgoing
    connection = rig.open()
    try:
        return connection.send(rig.channel.prepare(sent), sent)
    finally:
        connection.close()


def test_what_is_sent_arrives_as_the_service_wants_it(rig: Rig) -> None:
    outcome = handed(rig)
    assert rig.faults() == []
    assert isinstance(outcome, Sent), outcome
    assert rig.taken() == 1
    connection = rig.open()
    for _ in range(2):  # the same key again, over one connection
        assert isinstance(connection.send(rig.channel.prepare(rig.outgoing), rig.outgoing), Sent)
    connection.close()
    connection.close()
    assert rig.taken() == (1 if rig.channel.dedupes else 3)


def test_a_service_that_is_busy_is_asked_later(rig: Rig) -> None:
    if rig.busy is None:
        assert rig.channel.name == "mailbox", "the mailbox is never busy"
        return
    rig.busy()
    outcome = handed(rig)
    assert isinstance(outcome, Later), outcome
    assert outcome.after > 0
    assert rig.taken() == 0


def test_a_refusal_is_for_good(rig: Rig) -> None:
    if rig.refuse is None:
        assert rig.channel.name == "mailbox", "the mailbox takes everything"
        return
    rig.refuse()
    outcome = handed(rig)
    assert isinstance(outcome, Refused), outcome
    assert outcome.code in OUTCOMES
    assert rig.taken() == 0


def test_no_answer_leaves_it_unknown_and_the_next_goes(rig: Rig) -> None:
    if rig.silent is None:
        assert rig.channel.name == "mailbox", "the mailbox is on this machine"
        return
    rig.silent()
    outcome = handed(rig)
    assert isinstance(outcome, Unknown), outcome
    assert outcome_words(outcome).ja


def test_nobody_there_is_no_unknown(rig: Rig) -> None:
    if rig.away is None:
        assert rig.channel.name == "mailbox", "the mailbox is always there"
        return
    rig.away()
    outcome = handed(rig)
    assert isinstance(outcome, Later), outcome
    assert rig.taken() == 0


def test_preparing_needs_nothing_but_the_account_and_the_message(rig: Rig) -> None:
    """Another process can do it: both go through pickle, and the result is bytes."""
    outgoing = pickle.loads(pickle.dumps(rig.outgoing))
    assert outgoing == rig.outgoing
    assert isinstance(rig.channel.prepare(outgoing), bytes)
    assert rig.channel.workers >= 1
    assert rig.channel.wait_for(outgoing.address) == 0


def test_nothing_secret_or_personal_is_in_a_repr(rig: Rig) -> None:
    told = repr(rig.outgoing) + repr(getattr(rig.channel, "account", "")) + repr(rig.channel)
    for word in (
        "token",
        "PRIVATE",
        "whsec_",
        "花子",
        "hanako",
        "満期",
        "+8190",
        "U0123",
        "p256dh",
    ):
        assert word not in told, word


def test_every_provider_keeps_to_the_port(book: Workspace) -> None:
    for name, channel in PROVIDERS.items():
        kind = provider(name)
        assert (kind.name, kind.channel) == (name, channel)
        config = {one.name: one.default for one in kind.settings if one.default is not None}
        config |= {"esp": "postmark", "from_address": "a@b.test"}
        dead = account(name, channel, config, {}, live=False)
        assert isinstance(channel_for(dead), MailboxChannel), "nothing leaves by accident"
        made = channel_for(replace(dead, live=True))
        assert (made.name, made.channel) == (name, channel)
        assert isinstance(pickle.loads(pickle.dumps(dead)), Account)
        for one in kind.settings:
            assert one.label.ja
            assert one.label.en


def test_a_person_gets_a_task_and_no_machine_sends_it() -> None:
    way = PersonChannel(account("person", "person", {}, {}))
    out = message("person", "", subject="電話", text="満期のご案内")
    assert json.loads(way.prepare(out)) == {"title": "電話", "text": "満期のご案内"}
    assert way.open().send(b"", out) == Refused("no_task")


@pytest.mark.parametrize("esp", sorted(ESPS))
def test_every_provider_of_anymail_takes_our_settings(esp: str) -> None:
    """Its back end is made, and builds its request; its webhook's reader is made."""
    kind = ESPS[esp]
    config = {
        "esp": esp, "from_address": "info@bank.test", "from_name": "日の出銀行",
        "domain": "bank.test", "server": "api.bank.test",
    }  # fmt: skip
    secrets = {"api_key": "k", "api_secret": "s", "hook_secret": _hook_secret(esp)}
    way = AnymailChannel(account("anymail", "email", config, secrets))
    out = mail(unsubscribe="https://bank.test/m/u/a.b")
    backend = way.open()._make()
    payload = backend.build_message_payload(_message(json.loads(way.prepare(out))), {})
    told = f"{payload.__dict__}{payload.serialize_data() if hasattr(payload, 'data') else ''}"
    assert "List-Unsubscribe-Post" in told
    assert (out.delivery in told) == kind.metadata
    if kind.tracking:
        known = {**config, **secrets}
        keys = {name: known[ours] for name, ours in kind.signed.items()}
        import_string(kind.tracking)(**(keys or {"webhook_secret": "enishi:x"}))


def _hook_secret(esp: str) -> str:
    """SendGrid and Postal sign with a key pair: the secret is the public one."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    told = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(told).decode() if esp in ("sendgrid", "postal") else "secret"


# ── what is each service's own ───────────────────────────────────────────────────────────────────


def test_line_knows_a_retry_and_its_quota(book: Workspace, tmp_path: Path) -> None:
    with ExitStack() as stack:
        rig = _rig("line", stack, tmp_path)
        service: Any = rig.channel.post.__self__  # type: ignore[attr-defined]  # the fake's method
        service.mood = "silent"
        assert isinstance(handed(rig), Unknown)
        service.release.set()
        service.mood = None
        assert isinstance(handed(rig), Sent), "409 says that it was taken the first time"
        assert rig.taken() == 1
        service.mood, service.said = 429, b'{"message": "You have reached your monthly limit."}'
        other = replace(rig.outgoing, key="walk:2:a:1")
        assert handed(rig, other) == Later("quota", 3600.0, whole_channel=True)
        service.mood = 401
        assert handed(rig, other) == Later("credentials", 300.0, whole_channel=True)
        with pytest.raises(Invalid):
            rig.channel.prepare(message("line", "U1", payload={"messages": []}))


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (21211, Refused("address_bad", stops_address=True)),
        (21610, Refused("unsubscribed")),
        (21614, Refused("not_mobile", stops_address=True)),
        (21408, Refused("region")),
        (99999, Refused("refused")),
    ],
)
def test_twilio_says_why_it_refuses(
    book: Workspace, tmp_path: Path, code: int, outcome: Refused
) -> None:
    with ExitStack() as stack:
        rig = _rig("twilio", stack, tmp_path)
        service: Any = rig.channel.post.__self__  # type: ignore[attr-defined]  # the fake's method
        service.mood, service.said = 400, json.dumps({"code": code, "message": "no"}).encode()
        assert handed(rig) == outcome
        service.mood, service.said = 500, b"<html>"
        assert handed(rig) == Unknown("no_answer")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (410, Refused("gone", stops_address=True)),
        (404, Refused("gone", stops_address=True)),
        (413, Refused("too_large")),
        (503, Later("try_later", 7.0)),
        (401, Later("credentials", 600.0)),
        (502, Unknown("no_answer")),
    ],
)
def test_push_services_say_what_has_become_of_a_browser(
    book: Workspace, tmp_path: Path, status: int, outcome: Outcome
) -> None:
    with ExitStack() as stack:
        rig = _rig("webpush", stack, tmp_path)
        service: Any = rig.channel.post.__self__  # type: ignore[attr-defined]  # the fake's method
        service.mood, service.extra = status, {"Retry-After": "7"}
        assert handed(rig) == outcome


def test_a_push_service_of_ones_own_network_has_to_be_named(
    book: Workspace, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        rig = _rig("webpush", stack, tmp_path)
        told = json.loads(rig.outgoing.address) | {"endpoint": "http://push.inside:8080/x"}
        inside = replace(rig.outgoing, address=json.dumps(told))
        with pytest.raises(Invalid):
            rig.channel.prepare(inside)
        use_workspace(replace(book, webhooks_allow=("push.inside:8080",)))
        try:
            prepared = json.loads(rig.channel.prepare(inside))
        finally:
            use_workspace(book)
        assert prepared["endpoint"] == "http://push.inside:8080/x"


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.test/x", "https://127.0.0.1/x", "https://169.254.169.254/latest", "ftp://x/",
     "https://[::1]/x", "https://a:b@push.test/", "https://push.test/\r\nX: y", "file:///etc/passwd",
     "https://10.0.0.1/x", "https://push.test/#x", ""],
)  # fmt: skip
def test_a_subscription_that_leads_inside_is_none(endpoint: str) -> None:
    """What its name leads to is looked at again whenever something is sent there."""
    with pytest.raises(Invalid):
        read_subscription(world.Browser().subscription(endpoint))


@pytest.mark.parametrize(
    "told",
    [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 5000, b'{"endpoint": 5}',
     b'{"endpoint":"https://p.test/","keys":{"p256dh":"AAAA","auth":"AAAA"}}', b"x" * 5000],
)  # fmt: skip
def test_what_is_no_subscription_is_refused(told: bytes) -> None:
    with pytest.raises(Invalid):
        read_subscription(told)


@pytest.mark.parametrize(
    "url",
    ["http://crm.test/", "https://127.0.0.1/", "https://localhost/", "https://[::ffff:10.0.0.1]/",
     "https://metadata.internal/"],
)  # fmt: skip
def test_a_webhook_never_leads_inside(
    book: Workspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enishi.book import outbound

    monkeypatch.setattr(
        outbound.socket, "getaddrinfo",
        lambda _, port, **__: [(0, 0, 0, "", ("169.254.169.254", port))],
    )  # fmt: skip
    hosts = {"hosts": "crm.test, 127.0.0.1, localhost, ::ffff:10.0.0.1, metadata.internal"}
    way = channel_for(account("webhook", "webhook", hosts, {"signing_secret": "whsec_eA=="}))
    out = message("webhook", "", url=url, payload={})
    assert way.open().send(way.prepare(out), out) == Refused("url_refused")
