"""The events of a mail service, as django-anymail reads and checks them."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from django.http import HttpRequest
from django.utils.module_loading import import_string

from enishi.book.clock import now
from enishi.messages.channels.anymail.channel import DELIVERY
from enishi.messages.channels.anymail.providers import ESPS, Esp
from enishi.messages.channels.port import Account
from enishi.messages.models import Delivery
from enishi.messages.public.hooks import Unsigned
from enishi.messages.public.machines import is_machine
from enishi.messages.public.responses import Came
from enishi.messages.types import ResponseKind

_KINDS = {
    "delivered": ResponseKind.DELIVERED, "bounced": ResponseKind.BOUNCED,
    "rejected": ResponseKind.BOUNCED, "failed": ResponseKind.BOUNCED,
    "opened": ResponseKind.OPENED, "clicked": ResponseKind.CLICKED,
    "complained": ResponseKind.COMPLAINED, "unsubscribed": ResponseKind.UNSUBSCRIBED,
}  # fmt: skip
_USER = "enishi"
_PASSING = frozenset({"blocked", "timed_out", "other"})
"""Reasons of a bounce that say nothing of the address itself."""


def read(request: HttpRequest, account: Account) -> list[Came]:
    """What the call tells of our deliveries. Raises Unsigned."""
    esp = ESPS[str(account.config["esp"])]
    view = _checked(request, account, esp)
    events = [one for one in view.parse_events(request) if one.event_type in _KINDS]
    known = _deliveries(events, account)
    found = []
    for one in events:
        delivery = known.get(_named(one))
        if delivery is not None:
            found.append(_came(one, delivery))
    return found


def _checked(request: HttpRequest, account: Account, esp: Esp) -> Any:
    known = {**account.config, **account.secrets}
    secret = account.secrets.get("hook_secret", "")
    keys = {name: str(known.get(ours, "")) for name, ours in esp.signed.items()}
    if not esp.tracking or not (all(keys.values()) if keys else secret):
        raise Unsigned
    kind = import_string(esp.tracking)
    try:
        if keys:
            view = kind(**keys)
        else:
            _check_password(request, secret)
            view = kind(webhook_secret=f"{_USER}:{secret}")
        view.run_validators(request)
    except (AnymailWebhookValidationFailure, AnymailConfigurationError):
        raise Unsigned from None
    return view


def _check_password(request: HttpRequest, secret: str) -> None:
    scheme, _, told = (request.headers.get("Authorization") or "").partition(" ")
    try:
        given = base64.b64decode(told, validate=True)
    except (ValueError, binascii.Error):
        raise Unsigned from None
    if scheme.lower() != "basic" or not hmac.compare_digest(given, f"{_USER}:{secret}".encode()):
        raise Unsigned


def _named(event: Any) -> str:
    """How an event names its delivery: by our id, else by the provider's."""
    told = (event.metadata or {}).get(DELIVERY)
    return str(told) if told else f"@{event.message_id}"


def _deliveries(events: list[Any], account: Account) -> dict[str, Delivery]:
    named = {_named(one) for one in events}
    theirs = {one[1:] for one in named if one.startswith("@")} - {"None", ""}
    mail = Delivery.objects.filter(channel=account.channel)
    found = {row.id: row for row in mail.filter(id__in=named)}
    return found | {f"@{row.provider_id}": row for row in mail.filter(provider_id__in=theirs)}


def _came(event: Any, delivery: Delivery) -> Came:
    kind = _KINDS[event.event_type]
    at = event.timestamp or now()
    detail: dict[str, Any] = {}
    machine = False
    if kind in (ResponseKind.OPENED, ResponseKind.CLICKED):
        agent = str(event.user_agent or "")[:120]
        detail = {"agent": agent}
        if kind is ResponseKind.CLICKED:
            detail["url"] = str(event.click_url or "")[:4000]
        sent = delivery.finished_at or delivery.attempted_at
        machine = bool(agent) and is_machine({"User-Agent": agent}, at, sent)
    elif kind is ResponseKind.BOUNCED:
        reason = str(event.reject_reason or "other")
        passing = reason in _PASSING or event.event_type == "failed"
        detail = {"code": reason, "permanent": not passing}
    event_id = f"{delivery.id[4:]}-{event.event_id}" if event.event_id else ""
    return Came(delivery.id, kind, at, machine, detail, event_id[:60] if len(event_id) < 60 else "")
