"""A trial of a sender: one message that goes out for real, to whoever asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.kernel.errors import EnishiError, Invalid
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text
from enishi.messages.addresses import normalise
from enishi.messages.channels.port import Outcome, Outgoing, Refused, Sent
from enishi.messages.channels.registry import channel_for
from enishi.messages.channels.words import outcome_words
from enishi.messages.rendered import Rendered
from enishi.messages.senders import account_of, get
from enishi.messages.types import MessageChannel

_TEXT = Text(
    "Enishi からの送信テストです。このメッセージが届いていれば、設定は正しく動いています。",
    "This is a trial from Enishi. If it has arrived, the sender works.",
)
_SUBJECT = Text("送信テスト", "A trial of the sender")


def send(slug: str, address: str, own: str, actor: Actor, locale: Locale) -> dict[str, Any]:
    """Send it and tell how it ended. Raises Invalid for an address that is none."""
    require(actor, "channels.write")
    sender = get(slug)
    if sender.channel == "email":
        address = own  # a trial cannot be used to write to others
    found = normalise(sender.channel, address) if sender.channel != "webhook" else address
    if not found:
        raise Invalid(
            Text("宛先がありません。", "There is no address to send to."),
            Text("テストの宛先を入力してください。", "Give the address of the trial."),
            code="address_bad",
        )
    audit.record(actor, "sender.test", "sender", sender.id, {"channel": sender.channel})
    name = f"trial:{new_id('trl')}"
    outgoing = Outgoing(
        name, name.partition(":")[2], "", "" if sender.channel == "webhook" else found, "",
        _message(MessageChannel(sender.channel), found, locale), now(),
    )  # fmt: skip
    try:
        channel = channel_for(replace(account_of(sender), live=True))
        prepared = channel.prepare(outgoing)
        connection = channel.open()
        try:
            outcome = connection.send(prepared, outgoing)
        finally:
            connection.close()
    except EnishiError as error:
        return _told(Refused(error.code), error.message[locale])
    return _told(outcome, outcome_words(outcome)[locale])


def _told(outcome: Outcome, words: str) -> dict[str, Any]:
    state = type(outcome).__name__.lower()
    code = outcome.code if not isinstance(outcome, Sent) else "sent"
    return {"ok": isinstance(outcome, Sent), "state": state, "code": code, "message": words}


def _message(channel: MessageChannel, address: str, locale: Locale) -> Rendered:
    text, subject = _TEXT[locale], _SUBJECT[locale]
    payloads: Mapping[str, Any] = {
        "line": {"messages": [{"type": "text", "text": text}]},
        "push": {"title": subject, "body": text, "url": ""},
        "webhook": {"type": "trial", "text": text},
    }
    return Rendered(
        channel, subject=subject, text=text, html=f"<p>{text}</p>" if channel == "email" else "",
        payload=payloads.get(channel), url=address if channel == "webhook" else "",
    )  # fmt: skip
