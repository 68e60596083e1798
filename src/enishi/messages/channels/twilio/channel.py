"""Text messages by Twilio: one request a message, to its 2010-04-01 API."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import msgspec

from enishi.book.outbound import Answer
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.messages.channels.http import BUSY, HttpConnection, Post, busy, guarded
from enishi.messages.channels.port import Account, Later, Outcome, Outgoing, Refused, Sent, Unknown
from enishi.messages.public.links import token_of

API = "https://api.twilio.com/2010-04-01"
LONGEST = 1600
"""Twilio takes no longer text, in characters."""

_REFUSALS: Mapping[int, Refused] = {
    21211: Refused("address_bad", stops_address=True),
    21214: Refused("address_bad", stops_address=True),
    21217: Refused("address_bad", stops_address=True),
    21265: Refused("address_bad", stops_address=True),
    21408: Refused("region"),
    21610: Refused("unsubscribed"),
    21612: Refused("region"),
    21614: Refused("not_mobile", stops_address=True),
    21617: Refused("too_large"),
    30450: Refused("region"),
}


@dataclass(frozen=True, slots=True)
class TwilioChannel:
    """An account with Twilio. It takes the same message twice: nothing tells it of our key."""

    account: Account
    post: Post = field(default_factory=lambda: guarded(()))

    name = "twilio"
    channel = "sms"
    dedupes = False

    @property
    def workers(self) -> int:
        return int(self.account.config.get("connections", 4))

    def prepare(self, outgoing: Outgoing) -> bytes:
        """The form. Its status calls come back to our webhook, with a token of the delivery."""
        text = outgoing.rendered.text
        if not text.strip() or len(text) > LONGEST:
            raise Invalid(
                Text("SMSの本文がないか、長すぎます。", "The text is empty or too long."),
                Text("1,600文字までにしてください。", "Keep it within 1,600 characters."),
                code="too_large" if text.strip() else "content_refused",
            )
        sender = str(self.account.config.get("sender", ""))
        form = {"To": outgoing.address, "Body": text}
        form["MessagingServiceSid" if sender.startswith("MG") else "From"] = sender
        if outgoing.delivery:
            form["StatusCallback"] = callback(self.account.slug, outgoing.delivery)
        return urlencode(form).encode()

    def open(self) -> HttpConnection:
        return HttpConnection(self._send)

    def wait_for(self, address: str) -> float:  # noqa: ARG002  the channels' common shape
        return 0.0

    def _send(self, prepared: bytes, outgoing: Outgoing) -> Outcome:  # noqa: ARG002  as above
        sid = str(self.account.config["account_sid"])
        told = f"{sid}:{self.account.secrets.get('auth_token', '')}".encode()
        answer = self.post(
            f"{API}/Accounts/{sid}/Messages.json",
            prepared,
            {
                "Authorization": f"Basic {base64.b64encode(told).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
        )
        return _read(answer)


def callback(slug: str, delivery: str) -> str:
    """Where Twilio tells of a delivery."""
    return f"{current_workspace().url}/m/hooks/twilio/{slug}?d={token_of('h', delivery)}"


def _read(answer: Answer) -> Outcome:
    if answer.status in BUSY:
        return busy(answer)
    if answer.status in (401, 403):
        return Later("credentials", 300.0, whole_channel=True)
    if answer.status >= 500:
        return Unknown("no_answer")
    try:
        told: dict[str, Any] = msgspec.json.decode(answer.body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return Unknown("no_answer") if answer.status < 300 else Refused("refused")
    if 200 <= answer.status < 300:
        price = told.get("price") if told.get("price_unit") == "JPY" else None
        cost = abs(Decimal(str(price))) if price else None
        return Sent(str(told.get("sid", ""))[:200], cost)
    return _REFUSALS.get(int(told.get("code") or 0), Refused("refused"))
