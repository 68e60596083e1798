"""How much waits on each channel: counted to a bound, so that a million queued cost no more."""

from __future__ import annotations

from datetime import datetime

from enishi.book.clock import now
from enishi.gate.book_rows import instant, rows
from enishi.messages.deliveries.schemas import SendingQueue, SendingQueues
from enishi.messages.models import Delivery
from enishi.messages.sending.claiming import Queue, groups, priorities
from enishi.messages.types import DeliveryState, MessageChannel

MOST = 10_000


def queues() -> SendingQueues:
    """The queues that hold anything."""
    at = now()
    attempting = list(
        Delivery.objects.filter(state=DeliveryState.ATTEMPTING).values_list("channel", "sender")
    )
    held = _held()
    found = []
    for queue in sorted({*groups(), *attempting, *held}):
        dues = _dues(queue)
        due = sum(one <= at for one in dues)
        found.append(
            SendingQueue(
                channel=MessageChannel(queue[0]).value, sender=queue[1], due=due,
                later=len(dues) - due, attempting=attempting.count(queue),
                held=held.get(queue, 0), oldest_due_at=min(dues, default=None),
            )
        )  # fmt: skip
    unknown = Delivery.objects.filter(state=DeliveryState.UNKNOWN).exclude(reason="unknown.left")
    return SendingQueues(items=found, unknown=unknown.count())


def _dues(queue: Queue) -> list[datetime]:
    """When the first of a queue are due, each priority's along the index."""
    found: list[datetime] = []
    for priority in priorities(queue):
        found += [
            instant(row[0])
            for row in rows(
                "SELECT due_at FROM messages_delivery WHERE channel = %s AND sender = %s AND"
                " priority = %s AND state = 'queued' AND NOT held AND due_at IS NOT NULL"
                " ORDER BY due_at LIMIT %s",
                [*queue, priority, MOST - len(found)],
            )
        ]
    return found


def _held() -> dict[Queue, int]:
    """How many wait because of a pause or a rate."""
    counted: dict[Queue, int] = {}
    for channel, sender in rows(
        "SELECT channel, sender FROM messages_delivery WHERE state = 'queued' AND held LIMIT %s",
        [MOST],
    ):
        counted[(channel, sender)] = counted.get((channel, sender), 0) + 1
    return counted
