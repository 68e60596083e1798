"""The built-in mailbox: what was sent while the sender is not live, kept to be looked at.

The newest `MOST` are kept. Who reads it sees the persons of the own row scope, and of their data
what the role may see: a message whose template reads a field that the role sees masked is shown as
it comes out of the masked value (`mailbox.masked`), and values that stand in it all the same (they
came with the delivery, or in an address) are masked where they stand.
"""

from __future__ import annotations

import email
import email.policy
import html as html_text
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from enishi.book import audit
from enishi.book.access import SYSTEM, Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.catalog.types import Field, FieldType
from enishi.gate import asking
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text
from enishi.messages.addresses import normalise
from enishi.messages.channels.port import Outgoing
from enishi.messages.mailbox.masked import STARS, Remade, is_trial, remade
from enishi.messages.models import MailboxItem
from enishi.messages.recipients import address_fields
from enishi.warehouse.masking import hidden, mask

MOST = 20_000
"""How many messages are kept; the oldest go."""

_PRUNE_EVERY = 500  # messages
_SHORTEST = 2  # characters of a value that is masked where it stands
_HEADERS = (
    "From", "To", "Subject", "Date", "Reply-To", "Message-ID", "List-Unsubscribe",
    "List-Unsubscribe-Post", "DKIM-Signature",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A message ready to be shown. `payload` is what is no mail, as it would have been handed over.

    `size` in bytes.
    """

    row: MailboxItem
    recipient: str
    subject: str
    headers: Sequence[tuple[str, str]]
    html: str
    text: str
    payload: Any
    size: int


def keep(channel: str, prepared: bytes, outgoing: Outgoing) -> None:
    """Keep one message; the same delivery again is kept once."""
    subject = outgoing.rendered.subject or outgoing.rendered.text
    with work("mailbox.keep"):
        row, made = MailboxItem.objects.get_or_create(
            delivery=outgoing.delivery,
            defaults={
                "person": outgoing.person, "channel": channel, "content": prepared,
                "recipient": _recipient(channel, outgoing), "at": now(),
                "subject": " ".join(subject.split())[:400],
            },
        )  # fmt: skip
        if made and row.id % _PRUNE_EVERY == 0:
            MailboxItem.objects.filter(id__lte=row.id - MOST).delete()


def _recipient(channel: str, outgoing: Outgoing) -> str:
    if channel == "push":
        return "push"  # a subscription is a key, and no name to go by
    return (outgoing.address or outgoing.rendered.url)[:400]


def listed(
    actor: Actor, *, channel: str = "", person: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[MailboxItem], int]:
    """One page of the mailbox, newest first, of the persons in the actor's scope; and how many."""
    rows = MailboxItem.objects.order_by("-at", "-id").defer("content")
    if channel:
        rows = rows.filter(channel=channel)
    if person:
        rows = rows.filter(person=person)
    if actor.scope is None:
        return list(rows[offset : offset + limit]), rows.count()
    seen = asking.in_scope(rows.values_list("person", flat=True).distinct(), actor)
    ids = [one for one, whose in rows.values_list("id", "person") if whose in seen]
    found = {row.id: row for row in rows.filter(id__in=ids[offset : offset + limit])}
    return [found[one] for one in ids[offset : offset + limit]], len(ids)


def counts(actor: Actor) -> dict[str, int]:
    """How many there are of each channel, of the persons in the actor's scope."""
    rows = MailboxItem.objects.all()
    if actor.scope is None:
        return dict(rows.values_list("channel").annotate(n=Count("id")).values_list("channel", "n"))
    seen = asking.in_scope(rows.values_list("person", flat=True).distinct(), actor)
    return dict(Counter(c for c, whose in rows.values_list("channel", "person") if whose in seen))


def opened(item_id: int, actor: Actor) -> Opened:
    """One message, masked as the role asks; the look is audited. Raises NotFound."""
    row = MailboxItem.objects.filter(id=item_id).first()
    if row is None or not _seen(row.person, actor):
        raise NotFound(
            Text("このメッセージはありません。", "There is no such message."),
            Text("一覧から選んでください。", "Choose one from the list."),
            code="mailbox_item_not_found",
        )
    subjects = [row.person] if row.person else []
    audit.record(
        actor, "mailbox.read", "mailbox", str(row.id), {"delivery": row.delivery}, subjects
    )
    veil = veils([row.person], actor).get(row.person, {})
    content, instead = bytes(row.content), remade([row], actor).get(row.id)
    if row.channel == "email":
        return _mail(row, content, veil, instead, actor)
    payload = veiled_json(json.loads(content) if instead is None else instead.payload, veil)
    recipient, subject = heading(row, veil, instead, actor)
    return Opened(
        row, recipient, subject, (), "",
        str(payload.get("text", "")) if isinstance(payload, dict) else "", payload, len(content),
    )  # fmt: skip


def _seen(person: str, actor: Actor) -> bool:
    return actor.scope is None or person in asking.in_scope([person], actor)


def heading(
    row: MailboxItem, veil: Mapping[str, str], instead: Remade | None, actor: Actor
) -> tuple[str, str]:
    """Recipient and subject as they are shown."""
    subject = veiled(row.subject if instead is None else instead.subject, veil)
    if row.channel == "webhook":
        return veiled(row.recipient if instead is None else instead.url, veil), subject
    return _to(row, actor), subject


def _to(row: MailboxItem, actor: Actor) -> str:
    """The recipient's address, masked as its field in the catalog is: the address that it went to,
    whatever the person's is now."""
    masked = [field for field in address_fields(row.channel) if hidden(field, actor.pii)]
    if not row.person or is_trial(row) or actor.pii == "high":
        return row.recipient
    if row.channel in ("email", "sms"):
        return mask(row.recipient, masked[0]) or STARS if masked else row.recipient
    return row.recipient if row.channel in ("push", "person") else STARS


def _mail(
    row: MailboxItem,
    content: bytes,
    veil: Mapping[str, str],
    instead: Remade | None,
    actor: Actor,
) -> Opened:
    message = email.message_from_bytes(content, policy=email.policy.default)
    bodies = [message.get_body((kind,)) for kind in ("html", "plain")]
    html, text = (str(body.get_content()) if body is not None else "" for body in bodies)
    headers = {name: str(message[name]) for name in _HEADERS if message[name]}
    if instead is not None:
        html, text = instead.html, instead.text
        headers |= {name: STARS for name in instead.hidden if name in headers}
        headers["Subject"] = instead.subject
    recipient, subject = heading(row, veil, instead, actor)
    if "To" in headers and recipient != row.recipient:
        headers["To"] = recipient
    return Opened(
        row, recipient, subject, [(name, veiled(said, veil)) for name, said in headers.items()],
        veiled_html(html, veil), veiled(text, veil), None, len(content),
    )  # fmt: skip


# ── masking ──────────────────────────────────────────────────────────────────────────────────────


def veils(persons: Sequence[str], actor: Actor) -> dict[str, dict[str, str]]:
    """Of each person, what stands in the fields this role sees masked → what is shown instead."""
    known = asking.catalog()
    dataset = known.subject_dataset("person")
    wanted = [one for one in dict.fromkeys(persons) if one]
    if dataset is None or not wanted:
        return {}
    hiding = {
        name: field
        for name, field in dataset.fields.items()
        if field.type is FieldType.STRING and hidden(field, actor.pii)
    }
    found: dict[str, dict[str, str]] = {}
    for purpose, names in _by_purpose(hiding).items():
        rule = {"version": 1, "subject": dataset.name, "purpose": purpose, "rule": {"all": []}}
        table = asking.warehouse().view(
            dataset.name, rule, {name: {"field": name} for name in names}, actor=SYSTEM, ids=wanted
        )
        for line in table.to_pylist():
            veil = found.setdefault(str(line["_id"]), {})
            for name in names:
                value = line.get(name)
                shown = mask(value, hiding[name])
                if isinstance(value, str) and len(value) >= _SHORTEST and shown is not None:
                    for spelled in _spellings(value):
                        veil.setdefault(spelled, shown)
    return found


def _spellings(value: str) -> list[str]:
    """A value as it stands in messages: a name with whatever space, an address as it is written
    to."""
    plain = value.replace("\u3000", " ")
    addresses = [normalise(channel, value) for channel in ("email", "sms")]
    found = [value, value.casefold(), plain, plain.replace(" ", ""), *filter(None, addresses)]
    return list(dict.fromkeys(found))


def _by_purpose(fields: Mapping[str, Field]) -> dict[str | None, list[str]]:
    """Fields under a purpose that they may be asked for: here they are asked to be hidden."""
    found: dict[str | None, list[str]] = {}
    for name, field in fields.items():
        allowed = field.purposes
        found.setdefault(min(allowed) if allowed else None, []).append(name)
    return found


def veiled(text: str, veil: Mapping[str, str]) -> str:
    """A text with every such value replaced, longer ones first."""
    for value in sorted(veil, key=len, reverse=True):
        text = text.replace(value, veil[value])
    return text


def veiled_html(text: str, veil: Mapping[str, str]) -> str:
    """The same where the values stand escaped."""
    escaped = {html_text.escape(value): html_text.escape(veil[value]) for value in veil}
    return veiled(text, {**veil, **escaped})


def veiled_json(value: Any, veil: Mapping[str, str]) -> Any:
    """The same in every text of a JSON value."""
    if isinstance(value, str):
        return veiled(value, veil)
    if isinstance(value, list):
        return [veiled_json(one, veil) for one in value]
    if isinstance(value, dict):
        return {name: veiled_json(one, veil) for name, one in value.items()}
    return value
