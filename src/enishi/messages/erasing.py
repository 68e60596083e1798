"""What erasing a person has to know of messages; her rows go by themselves (see `book.about`)."""

from __future__ import annotations

from django.db.models import Q

from enishi.book.clock import now
from enishi.book.unit import work
from enishi.messages.models import Delivery, Send
from enishi.messages.types import DeliveryState, SendState

ERASED = "person.unknown"
"""The reason of what is withdrawn; the row itself goes soon after."""


def let_go(person: str) -> bool:
    """Withdraw what is queued for a person, also what has been made ready for her; whether nothing
    about her is in anybody's hands any more.

    A worker that is handing a message over would keep it in the mailbox after her rows are gone,
    and a send that is being written down holds the ids of its people aside.
    """
    with work("messages.let_go"):
        Delivery.objects.filter(person=person, state=DeliveryState.QUEUED).update(
            state=DeliveryState.SUPPRESSED, reason=ERASED, finished_at=now(), due_at=None
        )
    attempted = Delivery.objects.filter(person=person, state=DeliveryState.ATTEMPTING)
    return not attempted.exists() and not Send.objects.filter(being_written()).exists()


def being_written() -> Q:
    """Sends whose people are being written down now."""
    begun = Q(progress__written=False, state__in=(SendState.PREPARING, SendState.CANCELLED))
    return begun & Q(due_at__lte=now())
