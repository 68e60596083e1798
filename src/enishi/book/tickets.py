"""Secret links: one use, a short life, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Literal, TypeAlias

from enishi.book.clock import now
from enishi.book.models import Ticket, User
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text

Kind: TypeAlias = Literal["invitation", "reset"]

_LIVES: dict[Kind, timedelta] = {"invitation": timedelta(days=7), "reset": timedelta(hours=1)}
_PAGES: dict[Kind, str] = {"invitation": "invitation", "reset": "reset-password"}


class TicketSpent(EnishiError):
    status = 410
    code = "link_spent"


def issue(user: User, kind: Kind) -> str:
    """A new link for a user; every earlier one of this kind stops working. Needs an open unit."""
    token = secrets.token_urlsafe(32)
    Ticket.objects.filter(user=user, kind=kind).delete()
    Ticket.objects.create(
        kind=kind, user=user, token_hash=_hash(token), expires_at=now() + _LIVES[kind]
    )
    return f"{current_workspace().url}/{_PAGES[kind]}?token={token}"


def redeem(token: str, kind: Kind) -> User:
    """The active user a link belongs to; the link is spent with this unit.

    Raises TicketSpent for a link that is unknown, old, used, or of somebody since deactivated.
    """
    ticket = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(token_hash=_hash(token), kind=kind, used_at=None, expires_at__gt=now())
        .first()
    )
    if ticket is None or not ticket.user.is_active:
        raise TicketSpent(
            Text("このリンクは使えません。", "This link cannot be used."),
            Text(
                "使用済みか期限切れです。新しいリンクを受け取ってください。",
                "It was used or has run out. Ask for a new one.",
            ),
        )
    ticket.used_at = now()
    ticket.save(update_fields=["used_at"])
    return ticket.user


def open_for(user: User, kind: Kind) -> bool:
    """Whether a link of this kind would still work."""
    return Ticket.objects.filter(user=user, kind=kind, used_at=None, expires_at__gt=now()).exists()


def sweep() -> None:
    """Remove links that ended a month ago; until then a user is shown as `expired`."""
    with work("tickets.sweep"):
        Ticket.objects.filter(expires_at__lt=now() - timedelta(days=30)).delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
