"""Browsers that want pushes: with which key they subscribe, and what they give us."""

from __future__ import annotations

from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.messages.channels.webpush.subscription import read_subscription
from enishi.messages.channels.webpush.vapid import public_key as public_key_of
from enishi.messages.models import ChannelAddress, Sender
from enishi.messages.senders import service as senders
from enishi.messages.senders.checks import keep_address

MOST = 20
"""So many browsers one person may have; the oldest gives way."""


def public_key() -> str | None:
    """The key of the main sender of pushes that is live; None: there is none to subscribe to."""
    rows = Sender.objects.filter(provider="webpush", archived_at__isnull=True, live=True)
    found = rows.order_by("-main", "created_at").first()
    key = senders.opened_secrets(found).get("vapid_key") if found is not None else None
    return public_key_of(key) if key else None


def subscribe(person: str, told: bytes) -> None:
    """Keep a browser's subscription. Raises Invalid for what is none, Conflict `push_off`."""
    if public_key() is None:
        raise Conflict(
            Text("通知は使われていません。", "Pushes are not in use."),
            Text("担当部署にお問い合わせください。", "Ask whoever runs this site."),
            code="push_off",
        )
    found = read_subscription(told, current_workspace().webhooks_allow)
    keep_address(person, "push", found.as_address())
    standing = ChannelAddress.objects.filter(person=person, channel="push", ended_at__isnull=True)
    surplus = list(standing.order_by("-since", "-id").values_list("id", flat=True)[MOST:])
    ChannelAddress.objects.filter(id__in=surplus).delete()
