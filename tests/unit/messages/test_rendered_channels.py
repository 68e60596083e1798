"""Each channel's message: what it is made of, and that no value leaves its place."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from enishi.messages.types import MessageChannel
from enishi.messages.wording.formats import Spec
from enishi.messages.wording.rendered import UnrenderableError, Untracked
from enishi.messages.wording.rendering import AT, GIVEN, NAMING, Compiled

FIELDS = {
    "name": Spec({"field": "name"}),
    "balance": Spec({"field": "b"}, "decimal", "money", 2, default=""),
    "matures": Spec({"field": "m"}, "date", default="未定"),
    "rate": Spec({"field": "r"}, "decimal", "rate", 3, default=""),
}
VALUES: dict[str, Any] = {
    "name": "見本", "balance": Decimal("1234567.00"), "matures": date(2026, 12, 31),
    "rate": Decimal("0.250"), NAMING: {"name": "見本 花子"}, GIVEN: {"product": "定期 <1>"},
    AT: date(2026, 11, 20),
}  # fmt: skip
HEADERS = [
    "\r\nBcc: x@example.jp",
    "\nX",
    "\r",
    "a\x00b",
    "a\x0bb",
    "a\x85b",
    "a\u2028b",
    "\x1b[0m",
]


def made(channel: str, parts: dict[str, str], shape: Any = None, **more: Any) -> Compiled:
    return Compiled(
        "tpv_1", "hello", MessageChannel(channel), "deposits", "", parts, shape,
        fields=FIELDS, naming={"name": {"field": "name"}}, unknown="お客さま", **more,
    )  # fmt: skip


MAIL = {
    "subject": "{{ salutation }} {{ balance }}", "html": "<p>{{ name }}</p>", "text": "{{ name }}",
    "sender_name": "{{ name }}銀行", "reply_to": "{{ name }}@example.jp",
}  # fmt: skip


def test_a_mail_carries_values_as_a_letter_writes_them() -> None:
    parts = MAIL | {
        "text": "{{ balance }}、{{ balance | man }}、{{ rate }}、{{ matures }}、{{ today }}、"
        "{{ matures | wareki }}、{{ matures | weekday }}、{{ given.product }}",
        "reply_to": "help@example.jp",
    }
    found = made("email", parts).render(VALUES, Untracked())
    assert found.subject == "見本 花子 様 1,234,567円"
    assert found.text == (
        "1,234,567円、123万円、0.25%、2026年12月31日、2026年11月20日、令和8年12月31日、木、定期 <1>"
    )
    assert (found.sender_name, found.reply_to) == ("見本銀行", "help@example.jp")


def test_english_writes_them_in_english() -> None:
    parts = MAIL | {"subject": "{{ salutation }}: {{ balance }}, {{ matures }}", "reply_to": ""}
    found = made("email", parts, language="en").render(VALUES, Untracked())
    assert found.subject == "見本 花子: ¥1,234,567, 31 December 2026"


def test_what_is_unset_takes_its_default() -> None:
    values = {"name": "x", "matures": "  ", AT: date(2026, 11, 20)}
    found = made("sms", {"text": "{{ salutation }} {{ matures }}[{{ balance }}]"}).render(
        values, Untracked()
    )
    assert found.text == "お客さま 未定[]"


@pytest.mark.parametrize("hostile", HEADERS)
@pytest.mark.parametrize(
    ("channel", "part", "parts"),
    [
        ("email", "subject", MAIL | {"subject": "x{{ name }}"}),
        ("email", "sender_name", MAIL | {"sender_name": "x{{ name }}", "reply_to": ""}),
        ("email", "reply_to", MAIL | {"sender_name": "x", "reply_to": "a{{ name }}@example.jp"}),
        ("push", "title", {"title": "x{{ name }}", "body": "b", "url": ""}),
        ("push", "url", {"title": "x", "body": "b", "url": "https://example.jp/{{ name }}"}),
        ("webhook", "url", {"url": "https://example.jp/{{ name }}/x"}),
        ("person", "title", {"title": "x{{ name }}", "text": "t"}),
    ],
)
def test_no_header_takes_a_control_character(
    channel: str, part: str, parts: dict[str, str], hostile: str
) -> None:
    values = VALUES | {"name": f"a{hostile}b"}
    with pytest.raises(UnrenderableError) as refused:
        made(channel, parts, shape={}).render(values, Untracked())
    assert (refused.value.code, refused.value.where) == ("template_header", part)


def test_names_with_line_breaks_are_addressed_on_one_line() -> None:
    values = VALUES | {NAMING: {"name": "見本\r\nBcc: x@example.jp"}}
    found = made("email", MAIL | {"reply_to": ""}).render(values, Untracked())
    assert "\r" not in found.subject
    assert "\n" not in found.subject


@pytest.mark.parametrize(
    "reply_to",
    ["見本@example.jp", "a@b", "a b@example.jp", "<a@example.jp>", "a@example.jp, b@c.jp"],
)
def test_a_reply_address_is_one_address(reply_to: str) -> None:
    with pytest.raises(UnrenderableError) as refused:
        made("email", MAIL | {"reply_to": reply_to}).render(VALUES, Untracked())
    assert refused.value.code == "template_header"


def test_a_value_never_becomes_structure_of_json() -> None:
    shape = {
        "name": "{{ name }}", "said": "{{ name }} さん", "balance": "{{ balance }}",
        "on": "{{ matures }}", "none": "{{ given.other }}", "list": ["{{ rate }}", 5, True, None],
        "{{ name }}": "a key stays as it is",
    }  # fmt: skip
    hostile = VALUES | {"name": '","admin":true,"x":"\\'}
    parts = {"url": "https://example.jp/hook?n={{ balance | round }}"}
    found = made("webhook", parts, shape).render(hostile, Untracked())
    assert found.payload == {
        "name": '","admin":true,"x":"\\', "said": '","admin":true,"x":"\\ さん', "balance": 1234567,
        "on": "2026-12-31", "none": None, "list": [0.25, 5, True, None],
        "{{ name }}": "a key stays as it is",
    }  # fmt: skip
    assert found.url == "https://example.jp/hook?n=1234567"


def test_line_messages_keep_their_form() -> None:
    shape = {"messages": [
        {"type": "text", "text": " {{ salutation }}\n{{ name }} "},
        {"type": "flex", "altText": "{{ name }}", "contents": {
            "type": "bubble", "body": {"type": "text", "text": "{{ name }}"},
            "action": {"type": "uri", "uri": "{% link %}https://example.jp/{% endlink %}"}}},
    ]}  # fmt: skip
    found = made("line", {}, shape).render(VALUES | {"name": '"}'}, Untracked()).payload
    assert found["messages"][0]["text"] == '見本 花子 様\n"}'
    assert found["messages"][1]["contents"]["body"]["text"] == '"}'
    assert found["messages"][1]["contents"]["action"]["uri"] == "https://example.jp/"


@pytest.mark.parametrize(
    ("channel", "parts", "shape"),
    [
        ("email", MAIL | {"subject": "{{ given.x }}", "reply_to": ""}, None),
        ("sms", {"text": " {{ given.x }} "}, None),
        ("line", {}, {"messages": [{"type": "text", "text": "{{ given.x }}"}]}),
        ("push", {"title": "", "body": "{{ given.x }}", "url": ""}, None),
        ("person", {"title": "{{ given.x }}", "text": "x"}, None),
    ],
)
def test_nothing_is_sent_that_says_nothing(channel: str, parts: Any, shape: Any) -> None:
    with pytest.raises(UnrenderableError) as refused:
        made(channel, parts, shape).render(VALUES, Untracked())
    assert refused.value.code == "template_empty"


def test_a_failure_names_no_value() -> None:
    with pytest.raises(UnrenderableError) as refused:
        made("sms", {"text": "{{ name | divided_by: 0 }}"}).render(
            VALUES | {"name": "秘密"}, Untracked()
        )
    assert "秘密" not in str(refused.value)


def test_what_is_made_ready_travels_to_another_process() -> None:
    one = made("email", MAIL | {"reply_to": ""})
    again = pickle.loads(pickle.dumps(one))
    assert again.render(VALUES, Untracked()) == one.render(VALUES, Untracked())


@pytest.mark.parametrize(
    "value", [float("inf"), float("nan"), Decimal("1E+400"), 10**40, -(10**30)]
)
def test_a_number_that_is_none_prints_nothing(value: Any) -> None:
    found = made("sms", {"text": "[{{ balance }}]"}).render(
        VALUES | {"balance": value}, Untracked()
    )
    assert found.text == "[]"
