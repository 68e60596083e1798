"""The built-in mailbox over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from django.http import HttpResponse

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.http import Limit, Offset, Request, Router
from enishi.gate.asking import persons_named
from enishi.messages.mailbox import kept as mailbox
from enishi.messages.mailbox.masked import remade
from enishi.messages.mailbox.schemas import MailboxItemOut, MailboxOut
from enishi.messages.models import Delivery, MailboxItem
from enishi.messages.senders.schemas import ChannelName

router = Router(tags=["mailbox"])
Row: TypeAlias = dict[str, Any]


@router.get("/mailbox", permission="mailbox.read", response=MailboxOut)
def items(
    request: Request,
    channel: ChannelName | None = None,
    person: str = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> Row:
    """What was delivered to the built-in mailbox, newest first."""
    rows, total = mailbox.listed(
        request.actor, channel=channel or "", person=person, offset=offset, limit=limit
    )
    persons = [row.person for row in rows if row.person]
    audit.record(request.actor, "mailbox.list", "mailbox", "", {"rows": len(rows)}, persons)
    return {
        "items": _rows(rows, request.actor),
        "total": total,
        "counts": mailbox.counts(request.actor),
    }


@router.get("/mailbox/{item_id}", permission="mailbox.read", response=MailboxItemOut)
def item(request: Request, item_id: int) -> Row:
    """One message. The look is audited."""
    found = mailbox.opened(item_id, request.actor)
    row = _rows([found.row], request.actor)[0]
    return row | {
        "recipient": found.recipient,
        "subject": found.subject,
        "headers": [{"name": name, "value": value} for name, value in found.headers],
        "has_html": bool(found.html),
        "text": found.text,
        "payload": found.payload,
        "size": found.size,
    }


@router.get("/mailbox/{item_id}/html", permission="mailbox.read")
def page(request: Request, item_id: int) -> HttpResponse:
    """The mail's HTML as a page for a frame with `sandbox`: no script runs, nothing is loaded but
    our own images, and the picture that notes an opening is not among them."""
    found = mailbox.opened(item_id, request.actor)
    answer = HttpResponse(found.html, content_type="text/html; charset=utf-8")
    host = f"{request.scheme}://{request.get_host()}"
    answer["Content-Security-Policy"] = (
        f"default-src 'none'; img-src data: {host}/m/a/; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _rows(rows: Sequence[MailboxItem], actor: Actor) -> list[Row]:
    people = list(dict.fromkeys(row.person for row in rows if row.person))
    names = persons_named(people, actor)
    known = Delivery.objects.in_bulk([row.delivery for row in rows])
    veils, instead = mailbox.veils(people, actor), remade(rows, actor)
    found = []
    for row in rows:
        delivery = known.get(row.delivery)
        veil = veils.get(row.person, {})
        recipient, subject = mailbox.heading(row, veil, instead.get(row.id), actor)
        found.append(
            {
                "id": row.id,
                "at": row.at,
                "channel": row.channel,
                "person": row.person,
                "display": names.get(row.person, ""),
                "recipient": recipient,
                "subject": subject,
                "origin": {
                    "delivery": row.delivery,
                    "template_version": delivery.template_version if delivery else "",
                    "send": delivery.send if delivery else "",
                    "journey": delivery.journey if delivery else "",
                    "step": delivery.step if delivery else "",
                },
            }
        )
    return found
