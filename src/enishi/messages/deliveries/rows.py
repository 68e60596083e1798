"""Deliveries as they are shown: only of persons in the reader's row scope, names masked."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.opening import look_at
from enishi.gate.asking import persons_named
from enishi.kernel.errors import Invalid, NotFound
from enishi.kernel.text import Locale, Text
from enishi.messages.deliveries.schemas import (
    DeliveryDetail,
    DeliveryPage,
    DeliveryReason,
    DeliveryResponse,
    DeliveryRow,
    DeliverySendOut,
    DeliveryTemplateOut,
)
from enishi.messages.deliveries.why import policies_named, reasons_out, words_of
from enishi.messages.mailbox.masked import detail_shown
from enishi.messages.models import Delivery, Response, Send, TemplateVersion
from enishi.messages.sending import unknowns
from enishi.messages.types import DeliveryState

_AT_ONCE = 500
_MOST_READ = 20_000
"""So many rows are read for one page at most: a reader with a narrow scope asks on for more."""

_INSTANTS = (
    "created_at", "due_at", "attempted_at", "finished_at", "delivered_at", "opened_at",
    "machine_opened_at", "clicked_at", "bounced_at", "complained_at", "replied_at",
    "unsubscribed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries; what is empty does not narrow."""

    states: Sequence[str] = ()
    channel: str = ""
    person: str = ""
    send: str = ""  # id
    journey: str = ""
    step: str = ""
    template_version: str = ""
    reason: str = ""

    def rows(self) -> QuerySet[Delivery]:
        found = Delivery.objects.all()
        for name in ("channel", "person", "send", "journey", "step", "template_version", "reason"):
            if value := getattr(self, name):
                found = found.filter(**{name: value})
        return found.filter(state__in=self.states) if self.states else found


def page(
    wanted: Wanted, actor: Actor, locale: Locale, *, after: str | None, limit: int
) -> DeliveryPage:
    """A page of deliveries, the newest first. Raises Invalid `page_unknown`."""
    shown: list[DeliveryRow] = []
    read, last = 0, after
    names: dict[str, str] = {}
    while len(shown) < limit and read < _MOST_READ:
        batch = list(_after(wanted.rows(), last)[:_AT_ONCE])
        if not batch:
            return DeliveryPage(items=shown, next=None)
        names = persons_named(list({row.person for row in batch}), actor)
        dressed = _Words(batch, locale)
        for row in batch:
            read, last = read + 1, _place(row)
            if row.person in names:
                shown.append(DeliveryRow(**dressed.of(row, names[row.person])))
                if len(shown) == limit:
                    break
    return DeliveryPage(items=shown, next=last)


def every(wanted: Wanted, actor: Actor, locale: Locale) -> Iterator[tuple[DeliveryRow | None, str]]:
    """All of them a batch at a time; None for one beyond the reader's scope, with the person."""
    last: str | None = None
    while batch := list(_after(wanted.rows(), last)[:_AT_ONCE]):
        last = _place(batch[-1])
        names = persons_named(list({row.person for row in batch}), actor)
        dressed = _Words(batch, locale)
        for row in batch:
            name = names.get(row.person)
            shown = None if name is None else DeliveryRow(**dressed.of(row, name))
            yield shown, row.person


def one(delivery_id: str, actor: Actor, locale: Locale) -> DeliveryDetail:
    """One delivery with what came back of it; audited as a look at the person."""
    row = visible(delivery_id, actor)
    look_at(actor, row.person, "delivery")
    name = persons_named([row.person], actor)[row.person]
    dressed = _Words([row], locale)
    responses = Response.objects.filter(delivery=row.id).order_by("at", "id")
    return DeliveryDetail(
        **dressed.of(row, name),
        key=row.key, product=row.product, sender=row.sender, priority=row.priority,
        attempts=row.attempts, cost=row.cost,
        reasons=reasons_out(row.reasons, dressed.policies, locale),
        responses=[
            DeliveryResponse(
                kind=r.kind, at=r.at, machine=r.machine,
                detail=detail_shown(r.detail, row.template_version, actor),
            )
            for r in responses
        ],
        unknown=unknowns.answer_for(row.purpose) if row.state == DeliveryState.UNKNOWN else None,
    )  # fmt: skip


def visible(delivery_id: str, actor: Actor) -> Delivery:
    """A delivery of a person whom the actor may see; raises NotFound for any other."""
    row = Delivery.objects.filter(id=delivery_id).first()
    if row is None or row.person not in persons_named([row.person], actor):
        raise NotFound(
            Text("この配信は見つかりません。", "There is no such delivery."),
            Text("一覧から選んでください。", "Choose one from the overview."),
            code="delivery_not_found",
        )
    return row


def tell_looked(actor: Actor, send: Send, page: DeliveryPage) -> None:
    """Record whom a page of a send's recipients showed."""
    persons = [row.person for row in page.items]
    audit.record(actor, "send.recipients", "send", send.id, {"rows": len(persons)}, persons)


# ── a place in the order ─────────────────────────────────────────────────────────────────────────


def _after(rows: QuerySet[Delivery], after: str | None) -> QuerySet[Delivery]:
    ordered = rows.order_by("-created_at", "-id")
    if not after:
        return ordered
    try:
        told, id_ = base64.urlsafe_b64decode(after.encode()).decode().split("|")
        at = datetime.fromisoformat(told)
    except ValueError:
        raise Invalid(
            Text("このページは開けません。", "There is no such page."),
            Text("一覧の初めから開いてください。", "Begin with the first page."),
            code="page_unknown",
        ) from None
    return ordered.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=id_))


def _place(row: Delivery) -> str:
    told = f"{row.created_at.isoformat()}|{row.id}"
    return base64.urlsafe_b64encode(told.encode()).decode()


class _Words:
    """The names of what some rows refer to, read at once."""

    def __init__(self, rows: Sequence[Delivery], locale: Locale) -> None:
        self.locale = locale
        versions = TemplateVersion.objects.filter(id__in={r.template_version for r in rows})
        self.templates = {
            id_: DeliveryTemplateOut(version=id_, slug=slug, name=name, number=number)
            for id_, slug, name, number in versions.values_list(
                "id", "template__slug", "template__name", "number"
            )
        }
        sends = Send.objects.filter(id__in={r.send for r in rows if r.send})
        self.sends = {s.id: DeliverySendOut(slug=s.slug, name=s.name) for s in sends}
        self.policies = policies_named(reason for row in rows for reason in row.reasons)

    def of(self, row: Delivery, name: str) -> dict[str, Any]:
        return {
            "id": row.id, "person": row.person, "person_name": name, "channel": row.channel,
            "purpose": row.purpose, "template": self.templates.get(row.template_version),
            "send": self.sends.get(row.send), "journey": row.journey, "step": row.step,
            "state": row.state, "held": row.held, "reason": self._reason(row),
            **{instant: getattr(row, instant) for instant in _INSTANTS},
        }  # fmt: skip

    def _reason(self, row: Delivery) -> DeliveryReason | None:
        if not row.reason:
            return None
        said: list[dict[str, str]] = row.reasons
        first = next((r for r in said if r.get("code") == row.reason), {})
        policy = first.get("policy", "")
        return DeliveryReason(
            code=row.reason, sentence=words_of(row.reason, self.policies, policy)[self.locale],
            restriction=first.get("restriction", ""), policy=policy,
        )  # fmt: skip
