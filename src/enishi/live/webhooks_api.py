"""Webhooks over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import Count, Q
from ninja import Status

from enishi.book.http import Limit, Offset, Request, Router
from enishi.gate.people import names_of, ref
from enishi.kernel.text import Locale
from enishi.live import webhooks as service
from enishi.live.models import Delivery, Webhook
from enishi.live.webhook_schemas import (
    DeliveriesOut,
    DeliveryOut,
    DeliveryStateName,
    ReplayedOut,
    ReplayIn,
    WebhookIn,
    WebhookOut,
    WebhookPatch,
    WebhookSecretOut,
    WebhooksOut,
)
from enishi.live.webhook_types import DeliveryState, WebhookState
from enishi.live.webhook_words import STOPPED, trouble
from enishi.segments.service import wordings_in_use

router = Router(tags=["webhooks"])
Row: TypeAlias = dict[str, Any]


@router.get("/webhooks", permission="webhooks.read", response=WebhooksOut)
def webhooks(request: Request) -> Row:
    """Every webhook, oldest first."""
    found = list(Webhook.objects.filter(deleted_at__isnull=True).order_by("created_at", "id"))
    return {"items": _rows(found, request.locale), "total": len(found)}


@router.post("/webhooks", permission="webhooks.write", response={201: WebhookSecretOut})
def create(request: Request, body: WebhookIn) -> Status[Row]:
    """Tell an address of entries and exits from now on."""
    made, secret = service.create(body.name, body.url, body.segments, body.events, request.actor)
    return Status(201, {"webhook": _row(made, request.locale), "secret": secret})


@router.get("/webhooks/{webhook_id}", permission="webhooks.read", response=WebhookOut)
def webhook(request: Request, webhook_id: str) -> Row:
    """One webhook."""
    return _row(service.get(webhook_id), request.locale)


@router.patch("/webhooks/{webhook_id}", permission="webhooks.write", response=WebhookOut)
def change(request: Request, webhook_id: str, body: WebhookPatch) -> Row:
    """Change it, pause it, or start it again."""
    state = None if body.state is None else WebhookState(body.state)
    found = service.change(
        webhook_id, request.actor, name=body.name, url=body.url, segments=body.segments,
        events=body.events, state=state,
    )  # fmt: skip
    return _row(found, request.locale)


@router.delete("/webhooks/{webhook_id}", permission="webhooks.write", response={204: None})
def remove(request: Request, webhook_id: str) -> Status[None]:
    """Take it away with what it had still to tell."""
    service.remove(webhook_id, request.actor)
    return Status(204, None)


@router.post(
    "/webhooks/{webhook_id}/secret", permission="webhooks.write", response=WebhookSecretOut
)
def renew(request: Request, webhook_id: str) -> Row:
    """A new secret; the former one signs along for a day."""
    found, secret = service.renew_secret(webhook_id, request.actor)
    return {"webhook": _row(found, request.locale), "secret": secret}


@router.post(
    "/webhooks/{webhook_id}/ping", permission="webhooks.write", response={202: DeliveryOut}
)
def ping(request: Request, webhook_id: str) -> Status[Row]:
    """Queue a delivery that names nobody, to try the address out."""
    return Status(202, _delivery(service.ping(webhook_id, request.actor), {}, request.locale))


@router.get("/webhooks/{webhook_id}/deliveries", permission="webhooks.read", response=DeliveriesOut)
def deliveries(
    request: Request,
    webhook_id: str,
    state: DeliveryStateName | None = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Row:
    """What it was told and is to be told, newest first."""
    found = Delivery.objects.filter(webhook=service.get(webhook_id))
    if state is not None:
        found = found.filter(state=state)
    rows = list(found.order_by("-number")[offset : offset + limit])
    segments = _segments(request.locale)
    items = [_delivery(row, segments, request.locale) for row in rows]
    return {"items": items, "total": found.count()}


@router.post("/webhooks/{webhook_id}/replay", permission="webhooks.write", response=ReplayedOut)
def replay(request: Request, webhook_id: str, body: ReplayIn) -> ReplayedOut:
    """Send dead deliveries again."""
    return ReplayedOut(replayed=service.replay(webhook_id, request.actor, body.ids))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def _segments(locale: Locale) -> dict[str, Row]:
    """Every segment as a webhook's row names it, by slug."""
    return {
        one.slug: {
            "slug": one.slug,
            "name": (one.name_en or one.name) if locale == "en" else one.name,
            "live": one.live,
        }
        for one in (wording.segment for wording in wordings_in_use())
    }


def _named(slug: str, known: Mapping[str, Row]) -> Row:
    return known.get(slug) or {"slug": slug, "name": slug, "live": False}


def _row(webhook: Webhook, locale: Locale) -> Row:
    return _rows([webhook], locale)[0]


def _rows(found: Sequence[Webhook], locale: Locale) -> list[Row]:
    of = Delivery.objects.filter(webhook__in=found).values("webhook")
    counts = {
        row["webhook"]: row
        for row in of.annotate(
            waiting=Count("number", filter=Q(state=DeliveryState.WAITING)),
            dead=Count("number", filter=Q(state=DeliveryState.DEAD)),
            delivered=Count("number", filter=Q(state=DeliveryState.DELIVERED)),
        )
    }
    names = names_of(one.created_by for one in found)
    segments = _segments(locale)
    rows = []
    for one in found:
        head = _head(one)
        told = counts.get(one.id, {"waiting": 0, "dead": 0, "delivered": 0})
        rows.append(
            {
                "id": one.id, "name": one.name, "url": one.url, "events": one.events,
                "segments": [_named(slug, segments) for slug in one.segments],
                "state": one.state, "message": _message(one, head, locale),
                "waiting": told["waiting"], "dead": told["dead"], "delivered": told["delivered"],
                "delivered_at": one.delivered_at, "failing_since": one.failing_since,
                "due_at": _due(one, head), "created_by": ref(one.created_by, names),
                "created_at": one.created_at,
            }
        )  # fmt: skip
    return rows


def _head(webhook: Webhook) -> Delivery | None:
    """The delivery that is first in line."""
    waiting = Delivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
    return waiting.order_by("number").first()


def _due(webhook: Webhook, head: Delivery | None) -> datetime | None:
    return head.due_at if head is not None and webhook.state == WebhookState.ACTIVE else None


def _message(webhook: Webhook, head: Delivery | None, locale: Locale) -> str:
    if webhook.stopped_for:
        return STOPPED[webhook.stopped_for][locale]
    wrong = trouble(head.status, head.error) if head is not None else None
    return "" if wrong is None else wrong[locale]


def _delivery(row: Delivery, segments: Mapping[str, Row], locale: Locale) -> Row:
    wrong = trouble(row.status, row.error)
    return {
        "id": row.id, "event": row.event,
        "segment": _named(row.segment, segments) if row.segment else None,
        "person": row.person or None, "cause": row.cause, "at": row.at, "state": row.state,
        "attempts": row.attempts, "status": row.status,
        "message": "" if wrong is None else wrong[locale], "ms": row.ms,
        "due_at": row.due_at if row.state == DeliveryState.WAITING else None,
        "ended_at": row.ended_at,
    }  # fmt: skip
