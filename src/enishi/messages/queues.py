"""How much waits on each channel: counted to a bound, so that a million queued cost no more."""

from __future__ import annotations

from enishi.book.clock import now
from enishi.messages.claiming import groups
from enishi.messages.delivery_schemas import SendingQueue, SendingQueues
from enishi.messages.models import Delivery
from enishi.messages.types import DeliveryState, MessageChannel

MOST = 10_000


def queues() -> SendingQueues:
    """The queues that hold anything."""
    instant = now()
    found = []
    attempting = list(
        Delivery.objects.filter(state=DeliveryState.ATTEMPTING).values_list("channel", "sender")
    )
    for channel, sender in sorted({*groups(), *attempting}):
        rows = Delivery.objects.filter(channel=channel, sender=sender, state=DeliveryState.QUEUED)
        waiting = rows.filter(held=False)
        oldest = waiting.order_by("due_at").values_list("due_at", flat=True)[:MOST]
        dues = list(oldest)
        due = sum(at is not None and at <= instant for at in dues)
        found.append(
            SendingQueue(
                channel=MessageChannel(channel).value, sender=sender, due=due,
                later=len(dues) - due, attempting=attempting.count((channel, sender)),
                held=len(rows.filter(held=True).values_list("id")[:MOST]),
                oldest_due_at=dues[0] if dues else None,
            )
        )  # fmt: skip
    unknown = Delivery.objects.filter(state=DeliveryState.UNKNOWN).exclude(reason="unknown.left")
    return SendingQueues(items=found, unknown=unknown.count())
