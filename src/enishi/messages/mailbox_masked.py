"""Messages of the mailbox for readers to whom fields are masked: made anew from what they may see.

What a template made of a value (a date as it is written, a name spelt backwards, a sentence that
stands only for some) cannot be found in the message again. So whoever sees a field masked that the
template reads gets the message as it comes out of the masked value, as in a preview.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from enishi.book.access import Actor
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import EnishiError
from enishi.messages.links import links_for
from enishi.messages.models import Delivery, MailboxItem
from enishi.messages.rendering import AT, GIVEN, Compiled, compiled
from enishi.messages.sandbox import has_liquid
from enishi.messages.types import MessageChannel
from enishi.messages.values import Answered, ask, bounded

STARS = "＊＊＊"
_HEADERS = (("From", "sender_name"), ("Reply-To", "reply_to"))


@dataclass(frozen=True, slots=True)
class Remade:
    """What is shown in place of a message. `hidden`: headers that its values may have shaped."""

    subject: str = STARS
    html: str = ""
    text: str = STARS
    payload: object = None
    url: str = STARS
    hidden: frozenset[str] = frozenset({"From", "Reply-To"})


def remade(rows: Sequence[MailboxItem], actor: Actor) -> dict[int, Remade]:
    """By the id of its row what the actor sees instead of a message; none where nothing that the
    template reads is masked. One that cannot be made any more shows nothing.

    Rows without a delivery (trials) were made of no person's values and are not among them.
    """
    if actor.pii == "high":
        return {}
    known = Delivery.objects.in_bulk([row.delivery for row in rows])
    versions: dict[str, list[MailboxItem]] = defaultdict(list)
    for row in rows:
        if row.delivery in known:
            versions[known[row.delivery].template_version].append(row)
    found: dict[int, Remade] = {}
    for version, some in versions.items():
        try:
            made = compiled(version)
            answered = ask([row.person for row in some], made, some[0].at, actor)
        except EnishiError:
            found |= {row.id: Remade() for row in some}
            continue
        if not answered.whole:
            found |= {row.id: _one(row, known[row.delivery], made, answered) for row in some}
    return found


def _one(row: MailboxItem, delivery: Delivery, made: Compiled, answered: Answered) -> Remade:
    values = answered.rows.get(row.person)
    if values is None:
        return Remade()
    day = row.at.astimezone(current_workspace().zone).date()
    told = {**values, AT: day, GIVEN: bounded(delivery.given)}
    try:
        rendered = made.render(told, links_for(delivery.id))
    except Exception:  # whatever masked values do to a template: what cannot be made is not shown
        return Remade()
    payload: object = rendered.payload
    if made.channel == MessageChannel.WEBHOOK:
        payload = {"url": rendered.url, "json": rendered.payload}
    elif made.channel == MessageChannel.PERSON:
        payload = {"title": rendered.subject, "text": rendered.text}
    elif made.channel == MessageChannel.SMS:
        payload = {"text": rendered.text}
    subject = " ".join((rendered.subject or rendered.text).split())[:400]
    hidden = frozenset(name for name, part in _HEADERS if has_liquid(made.parts.get(part, "")))
    return Remade(subject, rendered.html, rendered.text, payload, rendered.url[:400], hidden)
