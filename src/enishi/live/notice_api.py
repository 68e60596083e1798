"""The 外部送信 notice of an event source, over HTTP."""

from __future__ import annotations

from ninja import Schema
from pydantic import ConfigDict, Field

from enishi.book.http import Request, Router
from enishi.kernel.text import Text
from enishi.live.notice import Told, notice, write_notice
from enishi.live.notice_items import ITEMS

router = Router(tags=["events"])


class NoticeText(Schema):
    ja: str
    en: str


class NoticeItem(Schema):
    label: NoticeText
    detail: NoticeText


class NoticeOut(Schema):
    """`html` is a part of a page, ready to be published on the site, in each language."""

    recipient: NoticeText
    purpose: NoticeText
    contact: str
    items: list[NoticeItem]
    html: NoticeText


class NoticeIn(Schema):
    """What is empty gets its default."""

    model_config = ConfigDict(extra="forbid")

    recipient_ja: str = Field(default="", max_length=200)
    recipient_en: str = Field(default="", max_length=200)
    purpose_ja: str = Field(default="", max_length=2000)
    purpose_en: str = Field(default="", max_length=2000)
    contact: str = Field(default="", max_length=500)


@router.get("/events/sources/{source_id}/notice", permission="events.read", response=NoticeOut)
def read(request: Request, source_id: str) -> NoticeOut:
    """What visitors are to be told of what the snippet sends."""
    return _out(notice(source_id))


@router.put("/events/sources/{source_id}/notice", permission="events.write", response=NoticeOut)
def write(request: Request, source_id: str, body: NoticeIn) -> NoticeOut:
    """Say who receives it, and what for."""
    recipient = Text(body.recipient_ja, body.recipient_en)
    purpose = Text(body.purpose_ja, body.purpose_en)
    return _out(write_notice(source_id, recipient, purpose, body.contact, request.actor))


def _out(told: Told) -> NoticeOut:
    return NoticeOut(
        recipient=_both(told.recipient),
        purpose=_both(told.purpose),
        contact=told.contact,
        items=[NoticeItem(label=_both(one.label), detail=_both(one.detail)) for one in ITEMS],
        html=_both(told.html),
    )


def _both(text: Text) -> NoticeText:
    return NoticeText(ja=text.ja, en=text.en)
