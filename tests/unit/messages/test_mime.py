"""Mails as bytes: what no field may do, and what old mail programs can show."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.kernel.errors import Invalid
from enishi.messages.channels.dkim import relaxed_body
from enishi.messages.channels.mime import Letter, build, spelled
from enishi.messages.wording.japanese_mail import fit_2022

LETTER = Letter(
    from_name="日の出銀行", from_address="info@bank.test", to_name="日の出 花子 様",
    to_address="hanako@mail.test", subject="満期のご案内", html="<p>本文</p>", text="本文",
    message_id="dlv_01k9zz0000abcdefghjk@bank.test", at=datetime(2026, 11, 20, 1, tzinfo=UTC),
    reply_to="reply@bank.test", unsubscribe="https://bank.test/m/u/a.b",
)  # fmt: skip
NAMES = [
    "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-Unsubscribe",
    "List-Unsubscribe-Post", "Auto-Submitted", "MIME-Version", "Content-Type",
]  # fmt: skip


def parsed(letter: Letter) -> Any:
    return email.message_from_bytes(build(letter).as_bytes(), policy=email.policy.default)


def test_headers_and_parts_are_what_was_given() -> None:
    found = parsed(LETTER)
    assert found.keys() == NAMES
    assert found["Subject"] == "満期のご案内"
    assert found["Date"].datetime == LETTER.at
    assert found["Message-ID"] == "<dlv_01k9zz0000abcdefghjk@bank.test>"
    assert found.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    only = parsed(replace(LETTER, html=""))
    assert only.get_content_type() == "text/plain"
    assert only.get_content() == "本文"


HOSTILE = [
    "a\r\nBcc: evil@evil.test", "a\nBcc: evil@evil.test", "a\rBcc: evil@evil.test",
    "a\r\n\r\n<html>", "a\x00b", "a\x0bb", "a\u2028Bcc: x", "a\x85Bcc: x", "\r\n", "a\x1b$B",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
@pytest.mark.parametrize(
    "field",
    ["from_name", "from_address", "to_name", "to_address", "subject", "message_id", "reply_to",
     "unsubscribe", "header", "header_name"],
)  # fmt: skip
def test_no_field_brings_a_header_of_its_own(field: str, hostile: str) -> None:
    if field == "header":
        letter = replace(LETTER, more={"X-Campaign": hostile})
    elif field == "header_name":
        letter = replace(LETTER, more={hostile: "x"})
    else:
        letter = replace(LETTER, **{field: hostile})
    with pytest.raises(Invalid) as refused:
        build(letter)
    assert refused.value.code in ("header_bad", "address_bad")


@pytest.mark.parametrize("name", ["From", "bcc", "DKIM-Signature", "List-Unsubscribe", "X Y", ""])
def test_headers_of_ours_cannot_be_overruled(name: str) -> None:
    with pytest.raises(Invalid):
        build(replace(LETTER, more={name: "x"}))


@pytest.mark.parametrize(
    "address",
    ["a@b@c.test", "a b@c.test", "a,b@c.test", "<a@c.test>", "a@c.test>", "a@c.test, x@y.test",
     '"a"b"@c.test', '"a\\"@c.test', "@c.test", "a@", "a", "", "a@c test", "a@-c.test", "a@c..;",
     "a@[127.0.0.1]", "a:b@c.test", "a@" + "x" * 300 + ".test", '"a\r\nRCPT TO:<x@y>"@c.test'],
    ids=ascii,
)  # fmt: skip
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        spelled(address)
    assert refused.value.code == "address_bad"


def test_addresses_that_look_strange_and_are_good() -> None:
    assert spelled('"a@b, <c>; d"@c.test') == b'"a@b, <c>; d"@c.test'
    assert spelled('"a\\"b\\\\"@c.test') == b'"a\\"b\\\\"@c.test'
    assert spelled("花子@例え.test") == "花子@xn--r8jz45g.test".encode()
    assert spelled("a+b=c/d'e@c.test") == b"a+b=c/d'e@c.test"
    assert spelled("a..b@docomo.test") == b"a..b@docomo.test", "old mobile addresses have these"


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp"])
@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=120),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60),
    st.text(max_size=300),
)
def test_any_text_is_one_header_and_one_body(
    charset: str, subject: str, name: str, text: str
) -> None:
    text = text.encode("utf-8", "ignore").decode()
    mail = build(
        replace(LETTER, subject=subject, to_name=name, text=text, html=f"<p>{text}</p>",
                charset=charset)
    )  # fmt: skip
    content = mail.as_bytes()
    assert not mail.relaxed or relaxed_body(mail.body) == mail.body
    assert content.split(b"\r\n\r\n")[0].isascii()
    head = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert [line.partition(b":")[0].decode() for line in head if line[:1] not in b" \t"] == NAMES
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    found: Any = email.message_from_bytes(content, policy=email.policy.default)
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    if charset == "utf-8":
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        assert found.get_body(("plain",)).get_content().replace("\r\n", "\n") == lines


def test_what_iso_2022_jp_lacks_is_replaced_and_told() -> None:
    found = fit_2022("①②㈱髙﨑𠮷ｶﾞｷﾞ～－é😀①")
    assert found.text == "(1)(2)(株)高崎吉ガギ〜−e〓(1)"
    assert dict(found.replaced) == {
        "①": "(1)", "②": "(2)", "㈱": "(株)", "髙": "高", "﨑": "崎", "𠮷": "吉", "ｶﾞ": "ガ",
        "ｷﾞ": "ギ", "～": "〜", "－": "−", "é": "e", "😀": "〓",
    }  # fmt: skip
    assert fit_2022("満期のご案内 123") == fit_2022("満期のご案内 123")
    assert not fit_2022("満期のご案内 123").replaced


def test_iso_2022_jp_arrives_as_such() -> None:
    letter = replace(LETTER, subject="①満期の" * 12, text="髙橋様\n" * 3, charset="iso-2022-jp")
    mail = build(letter)
    assert b"=?iso-2022-jp?B?" in mail.as_bytes()
    found: Any = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert found["Subject"] == "(1)満期の" * 12
    plain = found.get_body(("plain",))
    assert plain.get_content_charset() == "iso-2022-jp"
    assert plain["Content-Transfer-Encoding"] == "7bit"
    assert plain.get_content().replace("\r\n", "\n") == "高橋様\n" * 3
    long = build(replace(letter, text="満" * 2000))
    assert max(map(len, long.as_bytes().split(b"\r\n"))) <= 998
