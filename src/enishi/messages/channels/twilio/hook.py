"""What Twilio calls back with: the state of a message, and what people answer."""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.http import HttpRequest

from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.messages.addresses import digest, normalise
from enishi.messages.channels.port import Account
from enishi.messages.models import Delivery
from enishi.messages.public.hooks import Unsigned
from enishi.messages.public.links import read_token
from enishi.messages.public.responses import Came
from enishi.messages.types import DeliveryState, ResponseKind

_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "停止", "配信停止"})
_LASTING = frozenset({"30003", "30004", "30005", "30006"})
"""Codes that say of the number itself: unreachable, blocked, unknown, a landline."""


def read(request: HttpRequest, account: Account) -> list[Came]:
    """What the call tells. Raises Unsigned."""
    if not _signed(request, account.secrets.get("auth_token", "")):
        raise Unsigned
    state = request.POST.get("MessageStatus") or request.POST.get("SmsStatus") or ""
    token = read_token("h", request.GET.get("d", ""))
    if token is not None:
        return _state(token.delivery, state, request.POST.get("ErrorCode") or "")
    if request.POST.get("From") and "Body" in request.POST:
        return _answered(request.POST["From"], request.POST["Body"])
    return []


def _state(delivery: str, state: str, code: str) -> list[Came]:
    if state == "delivered":
        return [Came(delivery, ResponseKind.DELIVERED, now())]
    if state in ("undelivered", "failed"):
        permanent = code in _LASTING
        detail = {"code": code if code.isdigit() else "failed", "permanent": permanent}
        return [Came(delivery, ResponseKind.BOUNCED, now(), detail=detail)]
    return []


def _answered(sender: str, body: str) -> list[Came]:
    """A reply to the newest message that went to this number."""
    number = normalise("sms", sender)
    if number is None:
        return []
    sent = Delivery.objects.filter(
        channel="sms", address=digest("sms", number), state=DeliveryState.SENT
    )
    newest = sent.order_by("-finished_at").first()
    if newest is None:
        return []
    stop = body.strip().upper() in _STOP
    kind = ResponseKind.UNSUBSCRIBED if stop else ResponseKind.REPLIED
    return [Came(newest.id, kind, now(), detail={"how": "reply"} if stop else {})]


def _signed(request: HttpRequest, token: str) -> bool:
    """HMAC-SHA1 over the address called and every field of the form, by name."""
    url = current_workspace().url + request.get_full_path()
    told = url + "".join(
        f"{name}{value}" for name in sorted(request.POST) for value in request.POST.getlist(name)
    )
    expected = base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest())
    given = (request.headers.get("X-Twilio-Signature") or "").encode("utf-8", "replace")
    return bool(token) and hmac.compare_digest(expected, given)
