"""Pauses and cancellations written onto the deliveries they cover, a chunk at a time.

They count without this from their commit on (`sending` looks at every hold in each unit); marking
the rows only keeps what is paused out of the index that queues are read along.
"""

from __future__ import annotations

from django.db.models import QuerySet

from enishi.book.clock import now
from enishi.book.unit import work
from enishi.messages.deliveries import report
from enishi.messages.deliveries.service import ALL
from enishi.messages.models import Delivery, DeliveryHold, Send
from enishi.messages.sends.details import counts
from enishi.messages.types import DeliveryState, SendState

CHUNK = 500


def sweep() -> bool:
    """One chunk for each hold; whether there may be more at once."""
    more = False
    for hold in DeliveryHold.objects.exclude(kind=ALL).order_by("id"):
        send = Send.objects.filter(id=hold.ref).first() if hold.kind == "send" else None
        if send is not None and send.state == SendState.CANCELLED:
            more |= _cancel(hold, send)
        elif hold.ending:
            more |= _free(hold, rated=send is not None and send.body.get("per_hour") is not None)
        else:
            more |= _mark(hold)
    return more


def _queued(hold: DeliveryHold) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(state=DeliveryState.QUEUED)
    return rows.filter(send=hold.ref) if hold.kind == "send" else rows.filter(journey=hold.ref)


def _mark(hold: DeliveryHold) -> bool:
    with work("messages.hold"):
        ids = _some(_queued(hold).filter(held=False))
        if DeliveryHold.objects.filter(id=hold.id, ending=False).exists():
            Delivery.objects.filter(id__in=ids, state=DeliveryState.QUEUED).update(
                held=True, lease_until=None
            )
    return len(ids) == CHUNK


def _free(hold: DeliveryHold, *, rated: bool) -> bool:
    """Take the marks away. A send with a rate keeps them: its rate releases them one by one."""
    with work("messages.unhold"):
        ids = [] if rated else _some(_queued(hold).filter(held=True))
        if DeliveryHold.objects.filter(id=hold.id, ending=True).exists():
            Delivery.objects.filter(id__in=ids, state=DeliveryState.QUEUED).update(
                held=False, lease_until=None
            )
            if len(ids) < CHUNK:
                DeliveryHold.objects.filter(id=hold.id, ending=True).delete()
    return len(ids) == CHUNK


def _cancel(hold: DeliveryHold, send: Send) -> bool:
    with work("send.cancel"):
        ids = _some(_queued(hold))
        Delivery.objects.filter(id__in=ids, state=DeliveryState.QUEUED).update(
            state=DeliveryState.SUPPRESSED, reason="cancelled", finished_at=now(), due_at=None
        )
    if ids:
        return True
    rows = Delivery.objects.filter(send=send.id, state=DeliveryState.ATTEMPTING)
    if not rows.exists():  # what was in a worker's hands has come to its end
        numbers = report.of_send(send.id)
        with work("send.cancelled"):
            Send.objects.filter(id=send.id).update(
                counts=counts(numbers).model_dump(), finished_at=now()
            )
            DeliveryHold.objects.filter(id=hold.id).delete()
    return False


def _some(rows: QuerySet[Delivery]) -> list[str]:
    return list(rows.order_by("id").values_list("id", flat=True)[:CHUNK])
