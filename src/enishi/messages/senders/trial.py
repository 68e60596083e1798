"""Trials: of a sender, one message that goes out for real, to whoever asks for it; and of a
template, as it is written now, to its author by the way that its mails take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.kernel.errors import EnishiError, Invalid
from enishi.kernel.text import Locale, Text
from enishi.messages.addresses import normalise
from enishi.messages.channels.port import Account, Outcome, Outgoing, Refused, Sent
from enishi.messages.channels.registry import channel_for
from enishi.messages.channels.words import outcome_words
from enishi.messages.mailbox.masked import trial_id
from enishi.messages.senders.service import account_for, account_of, get
from enishi.messages.templates import preview, versions
from enishi.messages.templates.finding import get_template
from enishi.messages.types import MessageChannel, VersionState
from enishi.messages.wording.rendered import Rendered

_TEXT = Text(
    "Enishi からの送信テストです。このメッセージが届いていれば、設定は正しく動いています。",
    "This is a trial from Enishi. If it has arrived, the sender works.",
)
_SUBJECT = Text("送信テスト", "A trial of the sender")
_MARK = Text("【試し送り】", "[Trial] ")


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
    outgoing = _outgoing(
        _message(MessageChannel(sender.channel), found, locale),
        "" if sender.channel == "webhook" else found,
        trial_id(actor),
    )
    return _sent(replace(account_of(sender), live=True), outgoing, locale)


def send_template(slug: str, person: str, own: str, actor: Actor, locale: Locale) -> dict[str, Any]:
    """Send a mail as it is written now to its author, filled in for a person as the preview is.

    It goes by the channel's main sender: into the mailbox while that is not live. Its links lead
    nowhere, so that looking at it withdraws nobody's consent. Raises Invalid for what is no mail
    or cannot be drawn, NotFound for a person the actor may not see.
    """
    require(actor, "messages.write")
    template = get_template(slug)
    version = (
        versions.work_version(template)
        or template.versions.filter(state=VersionState.APPROVED).first()
    )
    if template.channel != "email" or version is None:
        raise Invalid(
            Text("試し送りができるのはメールだけです。", "Only e-mails can be tried out."),
            Text("見え方は「この人として見る」で確かめてください。",
                 "Look at the preview as a person instead."),
            code="trial_of_mail_only",
        )  # fmt: skip
    address = normalise("email", own)
    if not address:
        raise Invalid(
            Text("ご自身のメールアドレスがありません。", "You have no mail address of your own."),
            Text("管理者に登録を依頼してください。", "Ask an administrator to enter it."),
            code="address_bad",
        )
    rendered, whose = preview.filled(version, person, actor)
    account = account_for("email")
    audit.record(
        actor, "template.test", "template", template.id,
        {"version": version.number, "live": account.live}, [whose] if whose else [],
    )  # fmt: skip
    rendered = replace(rendered, subject=f"{_MARK[locale]}{rendered.subject}")
    outcome = _sent(account, _outgoing(rendered, address, trial_id(actor), whose), locale)
    return outcome | {"live": account.live, "address": address}


def _outgoing(rendered: Rendered, address: str, id_: str, person: str = "") -> Outgoing:
    return Outgoing(f"trial:{id_}", id_, person, address, "", rendered, now())


def _sent(account: Account, outgoing: Outgoing, locale: Locale) -> dict[str, Any]:
    try:
        channel = channel_for(account)
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
