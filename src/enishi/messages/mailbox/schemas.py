"""What the endpoints of the mailbox write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from enishi.messages.senders.schemas import ChannelName


class MailboxFrom(Schema):
    """What caused it: a send, or a step of a journey; both empty for a trial."""

    delivery: str
    template_version: str
    send: str
    journey: str
    step: str


class MailboxRow(Schema):
    """One message. `display`: the person, as the reader may see her; empty for a trial."""

    id: int
    at: datetime
    channel: ChannelName
    person: str
    display: str
    recipient: str
    subject: str
    origin: MailboxFrom


class MailboxOut(Schema):
    """`counts`: how many there are on each channel, whatever the filter."""

    items: list[MailboxRow]
    total: int
    counts: dict[ChannelName, int]


class MailboxHeader(Schema):
    name: str
    value: str


class MailboxItemOut(MailboxRow):
    """`has_html`: `GET /mailbox/{id}/html` shows it, in a sandbox of its own. `payload` is what is
    no mail, as it would have been handed over: LINE's messages, a push, a webhook's JSON."""

    headers: list[MailboxHeader]
    has_html: bool
    text: str
    payload: Any
    size: int
