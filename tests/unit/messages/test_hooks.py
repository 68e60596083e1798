"""Calls of providers: signed or refused; what they tell becomes responses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from book_fixtures import ApiClient
from enishi.book import webhook_signing
from enishi.book.access import OPERATOR
from enishi.book.clock import clock_set_to
from enishi.book.workspace import Workspace
from enishi.kernel.clock import VirtualClock
from enishi.messages.addresses import digest
from enishi.messages.channels.smtp.inbound import read_mail
from enishi.messages.models import AddressStop, ChannelAddress, Delivery, Response
from enishi.messages.public.links import token_of
from enishi.messages.senders import service as senders

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
USER = "U" + "0123456789abcdef" * 2
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


def delivery(channel: str, **more: Any) -> Delivery:
    told: dict[str, Any] = {
        "key": f"send:s:{channel}:{more.get('person', 'p1')}", "person": "p1", "channel": channel,
        "purpose": "deposits", "template_version": "tpv_1", "state": "sent",
        "finished_at": NOW - timedelta(hours=1), **more,
    }  # fmt: skip
    return Delivery.objects.create(**told)


def sender(provider: str, config: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    senders.create("main", "既定", provider, config, secrets, OPERATOR)


def call(path: str, body: bytes | str, kind: str = "application/json", **headers: str) -> int:
    http = Client(enforce_csrf_checks=True, raise_request_exception=False, SERVER_NAME="localhost")
    with clock_set_to(VirtualClock(NOW)):
        answer = http.generic("POST", f"/m/hooks/{path}", body, kind, headers=headers)
    return answer.status_code


def kinds() -> list[tuple[str, bool]]:
    return [(row.kind, row.machine) for row in Response.objects.order_by("kind", "id")]


# ── a mail service ───────────────────────────────────────────────────────────────────────────────


def basic(secret: str) -> str:
    return "Basic " + base64.b64encode(f"enishi:{secret}".encode()).decode()


def test_a_mail_service_tells_by_our_id_or_its_own(book: Workspace) -> None:
    config = {"esp": "postmark", "from_address": "a@bank.test", "from_name": "日の出銀行"}
    sender("anymail", config, {"api_key": "k", "hook_secret": "geheim"})
    ours, theirs = delivery("email", address="d1"), delivery("email", person="p2", provider_id="m2")
    bounce = {
        "RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "ID": 42, "MessageID": "m1",
        "Email": "a@b.test", "BouncedAt": "2026-11-20T00:30:00Z",
        "Metadata": {"enishi_delivery": ours.id},
    }  # fmt: skip
    opened = {
        "RecordType": "Open", "MessageID": "m2", "ReceivedAt": "2026-11-20T00:40:00Z",
        "UserAgent": "Mozilla/5.0", "Recipient": "c@d.test", "FirstOpen": True,
    }  # fmt: skip
    strange = {**opened, "MessageID": "m9"}
    for event in (bounce, bounce, opened, strange):
        told = json.dumps(event)
        assert call("anymail/main", told, authorization=basic("geheim")) == 200
    assert kinds() == [("bounced", False), ("opened", True)]
    assert AddressStop.objects.get().address == "d1"
    theirs.refresh_from_db()
    assert theirs.machine_opened_at == datetime(2026, 11, 20, 0, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "authorization", ["", "Basic", "Basic !", basic("falsch"), basic(""), "Bearer geheim"]
)
def test_a_mail_service_without_its_password_is_refused(
    book: Workspace, authorization: str
) -> None:
    config = {"esp": "postmark", "from_address": "a@bank.test", "from_name": "日の出銀行"}
    sender("anymail", config, {"api_key": "k", "hook_secret": "geheim"})
    assert call("anymail/main", "{}", authorization=authorization) == 403
    senders.change("main", OPERATOR, secrets={"hook_secret": ""})
    assert call("anymail/main", "{}", authorization=basic("")) == 403, "without one, nobody gets in"


# ── Twilio ───────────────────────────────────────────────────────────────────────────────────────


def twilio(path: str, form: Mapping[str, str], token: str = "geheim") -> int:
    from urllib.parse import urlencode

    url = f"http://localhost:8000/m/hooks/{path}"
    told = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    mark = base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode()
    return call(
        path, urlencode(form), "application/x-www-form-urlencoded", **{"x-twilio-signature": mark}
    )


def test_twilio_tells_of_states_and_answers(book: Workspace) -> None:
    sender("twilio", {"account_sid": "AC1", "sender": "+815000000000"}, {"auth_token": "geheim"})
    number = "+819000000001"
    row = delivery("sms", address=digest("sms", number))
    path = f"twilio/main?d={token_of('h', row.id)}"
    assert twilio(path, {"MessageStatus": "delivered", "To": number}) == 200
    assert twilio(path, {"MessageStatus": "delivered"}, token="falsch") == 403
    assert twilio(f"twilio/main?d={token_of('u', row.id)}", {"MessageStatus": "failed"}) == 200
    assert twilio("twilio/main", {"From": number, "Body": "わかりました"}) == 200
    assert twilio("twilio/main", {"From": "+819000000009", "Body": "?"}) == 200
    assert kinds() == [("delivered", False), ("replied", False)]
    dead = delivery("sms", person="p2", address="d2")
    twilio(f"twilio/main?d={token_of('h', dead.id)}",
           {"MessageStatus": "undelivered", "ErrorCode": "30005"})  # fmt: skip
    assert AddressStop.objects.get().address == "d2"


# ── LINE ─────────────────────────────────────────────────────────────────────────────────────────


def line(events: Any, secret: str = "geheim") -> int:
    body = json.dumps({"destination": "x", "events": events}).encode()
    mark = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return call("line/main", body, **{"x-line-signature": mark})


def test_line_tells_of_blocks_and_answers(book: Workspace) -> None:
    sender("line", {}, {"access_token": "t", "channel_secret": "geheim"})
    ChannelAddress.objects.create(
        person="p1", channel="line", address=USER, digest=digest("line", USER), since=NOW
    )
    row = delivery("line", address=digest("line", USER))
    source = {"type": "user", "userId": USER}
    stamp = int(NOW.timestamp() * 1000)
    event = {"type": "message", "source": source, "timestamp": stamp, "message": {"text": "はい"}}
    assert line([event, {"type": "message", "source": {}}, {"type": "beacon"}]) == 200
    assert [r.delivery for r in Response.objects.all()] == [row.id]
    assert "はい" not in str(Response.objects.get().detail), "what people write is not kept"
    assert line([{"type": "unfollow", "source": source}], secret="falsch") == 403
    assert ChannelAddress.objects.get().ended_at is None
    assert line([{"type": "unfollow", "source": source}]) == 200
    assert ChannelAddress.objects.get().ended_because == "blocked"
    assert line([{"type": "follow", "source": source}]) == 200
    assert ChannelAddress.objects.get().ended_at is None
    for events in (None, 5, [5], [{"source": 5}], [{"type": "message", "source": {"userId": 5}}]):
        assert line(events) in (200, 400)


# ── raw mail ─────────────────────────────────────────────────────────────────────────────────────

DSN = """\
From: MAILER-DAEMON@mx.test
To: bounce@bank.test
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I am sorry.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; hanako@mail.test
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--B
Content-Type: text/rfc822-headers

From: info@bank.test
Message-ID: <{delivery}@bank.test>
Subject: x

--B--
"""
ARF = """\
From: abuse@isp.test
To: bounce@bank.test
Subject: FW: x
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B"

--B
Content-Type: text/plain

An abuse report.
--B
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: ISP/1.0
Version: 1

--B
Content-Type: message/rfc822

From: info@bank.test
Message-ID: <{delivery}@bank.test>
Subject: x

body
--B--
"""
REPLY = """\
From: hanako@mail.test
To: reply@bank.test
Subject: Re: x
In-Reply-To: <{delivery}@bank.test>
{more}

Thank you.
"""


def raw(content: str, secret: str = SECRET, at: datetime = NOW) -> int:
    body = content.replace("\n", "\r\n").encode()
    signed = webhook_signing.sign([webhook_signing.key_of(secret)], "msg_1", at, body, "mta")
    kind = signed.pop("Content-Type")
    return call("inbound/main", body, kind, **{k.lower(): v for k, v in signed.items()})


@pytest.fixture
def mailing(book: Workspace) -> Delivery:
    config = {"host": "mx.test", "from_address": "info@bank.test", "from_name": "日の出銀行"}
    sender("smtp", config, {"inbound_secret": SECRET})
    return delivery("email", address="d1")


def test_bounces_reports_and_replies_come_in(mailing: Delivery) -> None:
    assert raw(DSN.format(action="delayed", status="4.4.1", delivery=mailing.id)) == 200
    assert kinds() == []
    assert raw(REPLY.format(delivery=mailing.id, more="X-Mailer: hand")) == 200
    assert raw(DSN.format(action="failed", status="5.1.1", delivery=mailing.id)) == 200
    assert kinds() == [("bounced", False), ("replied", False)]
    assert AddressStop.objects.get().code == "bounced"
    assert Response.objects.get(kind="bounced").detail == {"code": "5.1.1", "permanent": True}


def test_a_report_of_abuse_is_a_complaint(mailing: Delivery, sqlite_bank: Any) -> None:
    assert raw(ARF.format(delivery=mailing.id)) == 200
    assert kinds() == [("complained", False)]


def test_raw_mail_is_signed_lately_and_by_the_right_key(mailing: Delivery) -> None:
    told = REPLY.format(delivery=mailing.id, more="X: y")
    assert raw(told, secret="whsec_" + base64.b64encode(b"x" * 32).decode()) == 403
    assert raw(told, at=NOW - timedelta(minutes=6)) == 403, "an old call is a replay"
    assert call("inbound/main", told.encode()) == 403
    assert call("inbound/nobody", told.encode()) == 403
    assert call("twilio/main", told.encode()) == 403, "another provider's door"
    assert call("nothing/main", b"") == 403
    senders.change("main", OPERATOR, secrets={"inbound_secret": ""})
    assert raw(told, secret="") == 403, "without a key nobody gets in"
    assert kinds() == []


@pytest.mark.parametrize(
    "more",
    ["Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes", "Return-Path: <>",
     "Auto-Submitted: auto-generated; x=y"],
)  # fmt: skip
def test_what_machines_answer_is_no_reply(more: str) -> None:
    told = REPLY.format(delivery="dlv_01k9zz0000abcdefghjk", more=more)
    assert read_mail(told.encode()) == []
    away = told.replace(more, "X: y").replace("Re: x", "自動返信: 不在です")
    assert read_mail(away.encode()) == []
    assert len(read_mail(told.replace(more, "Auto-Submitted: no").encode())) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00", b"\xff" * 1000, b"Content-Type: multipart/report; report-type=delivery-status\n",
     DSN.format(action="failed", status="x" * 5000, delivery="y").encode(),
     b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 2000,
     b"In-Reply-To: " + b"<" * 50_000, b"Subject: =?utf-8?b?" + b"A" * 5000 + b"?=\n\n"],
    ids=lambda value: value[:12].hex(),
)  # fmt: skip
def test_mail_of_any_shape_is_read_without_harm(content: bytes) -> None:
    assert read_mail(content) == []


def test_calls_that_are_too_large_or_of_another_kind(
    mailing: Delivery, client_of: Callable[..., ApiClient]
) -> None:
    assert call("inbound/main", b"x" * 5_000_001) == 413
    http = client_of("administrator").http
    assert http.get("/m/hooks/inbound/main").status_code == 405
    assert http.head("/m/hooks/inbound/main").status_code == 200
