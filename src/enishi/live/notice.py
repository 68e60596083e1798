"""The 外部送信 notice of a web event source: what is sent, to whom, what for, and how to say no.

Japanese law (電気通信事業法 27条の12) has a site tell its visitors what a program on its pages
makes their browsers send. What the snippet sends is known here (`notice_items`); who receives it
and what for is the organisation's to say. The notice comes as a page's part, ready to be published.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from enishi.book import audit
from enishi.book.access import Actor, require
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Locale, Text
from enishi.live.models import Notice
from enishi.live.notice_items import ITEMS
from enishi.sources.event_sources import get_event_source

_PURPOSE = Text(
    "サイトの利用状況を把握し、ご案内とサービスを改善するため",
    "To understand how the site is used, and to improve our offers and services",
)
_HEADINGS = {
    "title": Text("外部送信について", "Information sent from your browser"),
    "lead": Text(
        "このサイトでは、次のとおり、お使いのブラウザーから情報を送信しています。",
        "This site makes your browser send information as follows.",
    ),
    "what": Text("送信される情報", "What is sent"),
    "more": Text(
        "このほか、通信に伴い IP アドレスとブラウザーの種類が送信先に伝わります。保存はしません。",
        "Besides, your IP address and the kind of your browser reach the recipient with any "
        "request. They are not stored.",
    ),
    "who": Text("送信先", "Recipient"),
    "why": Text("利用目的", "Purpose"),
    "no": Text("送信を止めるには", "How to stop it"),
    "stop": Text(
        "ブラウザーで「トラッキング拒否(Do Not Track)」または Global Privacy Control を"
        "有効にすると、何も送信されません。",
        "Switch on Do Not Track or Global Privacy Control in your browser, and nothing is sent.",
    ),
    "contact": Text("お問い合わせ", "Contact"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it stands. `html` is for publishing, in each language."""

    recipient: Text
    purpose: Text
    contact: str
    html: Text


def notice(source_id: str) -> Told:
    """The notice of a source; what nobody has written yet has a default. Raises NotFound."""
    _web(source_id)
    found = Notice.objects.filter(source=source_id).first() or Notice(source=source_id)
    name = current_workspace().name
    recipient = Text(found.recipient_ja or name, found.recipient_en or found.recipient_ja or name)
    purpose = Text(
        found.purpose_ja or _PURPOSE.ja, found.purpose_en or found.purpose_ja or _PURPOSE.en
    )
    html = Text(
        _html("ja", recipient, purpose, found.contact),
        _html("en", recipient, purpose, found.contact),
    )
    return Told(recipient, purpose, found.contact, html)


def write_notice(
    source_id: str, recipient: Text, purpose: Text, contact: str, actor: Actor
) -> Told:
    """Say who receives what the source sends, and what for; what is empty gets its default."""
    require(actor, "events.write")
    _web(source_id)
    values = {
        "recipient_ja": recipient.ja.strip(), "recipient_en": recipient.en.strip(),
        "purpose_ja": purpose.ja.strip(), "purpose_en": purpose.en.strip(),
        "contact": contact.strip(), "changed_by": actor.user_id, "changed_at": now(),
    }  # fmt: skip
    with work("notice.write"):
        Notice.objects.update_or_create(source=source_id, defaults=values)
        audit.record(actor, "events.notice", "event_source", source_id)
    return notice(source_id)


def _web(source_id: str) -> None:
    if get_event_source(source_id).kind != "web":
        raise Conflict(
            Text(
                "この送信元はブラウザーから送信しません。",
                "This source does not send from browsers.",
            ),
            Text("Webサイトの送信元を選んでください。", "Choose a source of the kind web."),
            code="source_not_web",
        )


def _html(locale: Locale, recipient: Text, purpose: Text, contact: str) -> str:
    def heading(name: str) -> str:
        return f"<h3>{escape(_HEADINGS[name][locale])}</h3>"

    def paragraph(text: str) -> str:
        return f"<p>{escape(text)}</p>"

    items = "\n".join(
        f"<dt>{escape(item.label[locale])}</dt><dd>{escape(item.detail[locale])}</dd>"
        for item in ITEMS
    )
    parts = [
        f'<section lang="{locale}">',
        f"<h2>{escape(_HEADINGS['title'][locale])}</h2>",
        paragraph(_HEADINGS["lead"][locale]),
        heading("what"), f"<dl>\n{items}\n</dl>", paragraph(_HEADINGS["more"][locale]),
        heading("who"), paragraph(recipient[locale]),
        heading("why"), paragraph(purpose[locale]),
        heading("no"), paragraph(_HEADINGS["stop"][locale]),
    ]  # fmt: skip
    if contact:
        parts += [heading("contact"), paragraph(contact)]
    return "\n".join([*parts, "</section>"])
