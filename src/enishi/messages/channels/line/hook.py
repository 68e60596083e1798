"""What LINE calls back with: who follows, who blocks, who answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.http import HttpRequest

from enishi.book.clock import now
from enishi.book.unit import work
from enishi.messages.addresses import digest
from enishi.messages.channels.port import Account
from enishi.messages.models import ChannelAddress, Delivery
from enishi.messages.public.hooks import Unsigned
from enishi.messages.public.responses import Came
from enishi.messages.senders.checks import end_address
from enishi.messages.types import DeliveryState, ResponseKind

_MOST = 100


def read(request: HttpRequest, account: Account) -> list[Came]:
    """What the call tells of deliveries; who blocks us or follows again is noted here. Raises
    Unsigned."""
    if not _signed(request, account.secrets.get("channel_secret", "")):
        raise Unsigned
    told: dict[str, Any] = msgspec.json.decode(request.body, type=dict[str, Any])
    found: list[Came] = []
    for event in told.get("events", [])[:_MOST]:
        user = (event.get("source") or {}).get("userId")
        if isinstance(user, str) and user:
            found += _event(event, user)
    return found


def _event(event: dict[str, Any], user: str) -> list[Came]:
    kind = event.get("type")
    if kind == "unfollow":
        end_address("line", user, "blocked")
    elif kind == "follow":
        _follows_again(user)
    elif kind in ("message", "postback"):
        return _replied(user, event)
    return []


def _follows_again(user: str) -> None:
    """A friend whom we know, back after a block."""
    with work("line.follow"):
        ChannelAddress.objects.filter(
            channel="line", digest=digest("line", user), ended_because="blocked"
        ).update(ended_at=None, ended_because="", since=now())


def _replied(user: str, event: dict[str, Any]) -> list[Came]:
    sent = Delivery.objects.filter(
        channel="line", address=digest("line", user), state=DeliveryState.SENT
    )
    newest = sent.order_by("-finished_at").first()
    if newest is None:
        return []
    stamp = event.get("timestamp")
    at = datetime.fromtimestamp(stamp / 1000, UTC) if isinstance(stamp, int) else now()
    return [Came(newest.id, ResponseKind.REPLIED, min(at, now()))]


def _signed(request: HttpRequest, secret: str) -> bool:
    expected = base64.b64encode(hmac.new(secret.encode(), request.body, hashlib.sha256).digest())
    given = (request.headers.get("X-Line-Signature") or "").encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(expected, given)
