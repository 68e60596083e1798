"""Sends on their way: their people written down, released at their rate, and counted at the end.

Writing down is resumable: every person's delivery has its key, and one that is there already stays
as it is. So after a crash the audience is asked for once more and written from the beginning, in
chunks, and nobody is written twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Q

from enishi.book import audit
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.unit import crash_point, in_chunks, work
from enishi.gate.book_rows import rows
from enishi.kernel.errors import EnishiError, Forbidden, Invalid
from enishi.kernel.ids import bucket
from enishi.messages.deliveries import report
from enishi.messages.deliveries import service as deliveries
from enishi.messages.deliveries.service import Wanted, enqueue, send_key
from enishi.messages.models import Delivery, Send
from enishi.messages.recipients import Recipient, recipients
from enishi.messages.sends import service as sends
from enishi.messages.sends.audience import Audience
from enishi.messages.sends.details import counts, over
from enishi.messages.types import DeliveryState, SendState

SLICE = 5000
"""Persons whose addresses are asked for at once."""

RELEASE_EVERY = timedelta(seconds=1)
COUNT_EVERY = timedelta(seconds=5)
RETRY_AFTER = timedelta(seconds=30)
_log = logging.getLogger("enishi.sending")
_counted: dict[str, datetime] = {}


def step(send: Send) -> bool:
    """One slice of a send's way; whether there may be more at once."""
    if send.state in (SendState.PREPARING, SendState.CANCELLED):
        return _prepare(send)
    if send.state == SendState.PAUSED:
        return _count(send)
    released = _release(send)
    return _count(send) or released


def due() -> list[Send]:
    """The sends that something is to be done for now, the oldest first.

    One that was cancelled while its people were written down is written to its end: each of them
    comes to `cancelled`. One that was paused is counted until nothing of it is in a worker's hands.
    """
    wanted = Q(state=SendState.SENDING) | Q(state=SendState.PREPARING, due_at__lte=now())
    wanted |= Q(state=SendState.CANCELLED, progress__written=False)
    wanted |= Q(state=SendState.PAUSED, progress__settled=False)
    return list(Send.objects.filter(wanted).order_by("due_at", "id"))


# ── written down ─────────────────────────────────────────────────────────────────────────────────


def _prepare(send: Send) -> bool:
    retry = send.progress.get("retry_at")
    if retry is not None and datetime.fromisoformat(retry) > now():
        return False
    try:
        audience = sends.audience_of(send)
        people = audience.ids(audience.intended)
    except (Invalid, Forbidden) as error:  # catalog, segment, template or scope is not what it was
        _log.error("the send %s cannot be prepared: %s", send.id, error.code)
        _cannot(send, {"code": "send_preparing_failed"})
        return False
    except EnishiError as error:  # nothing serves the warehouse just now
        _log.warning("the send %s waits: %s", send.id, error.code)
        _note(send, retry_at=(now() + RETRY_AFTER).isoformat())
        return False
    previewed = int(send.preview.get("people", 0))
    begun = bool(send.progress.get("begun"))
    if not begun and send.state == SendState.CANCELLED:
        return False
    if not begun and sends.drifted(previewed, len(people), audience.body.drift):
        _back_to_draft(send, {"code": "drifted", "previewed": previewed, "found": len(people)})
        return False
    _note(send, begun=True, written=False, total=len(people))
    excluded = set(audience.ids(audience.excluded))
    done = 0
    for start in range(0, len(people), SLICE):
        if not _still(send, SendState.PREPARING, SendState.CANCELLED):
            return False  # paused meanwhile: begun again when it goes on
        slice_ = people[start : start + SLICE]
        reached = recipients(audience.template.channel, slice_)
        wanted = _wanted(send, audience, slice_, excluded, reached)
        in_chunks(wanted, _write, size=500, name="send.prepare")
        done += len(slice_)
        _note(send, prepared=done)
        crash_point("send.slice")
    _begin(send)
    return True


def _wanted(
    send: Send,
    audience: Audience,
    persons: Sequence[str],
    excluded: set[str],
    reached: dict[str, Recipient],
) -> Iterable[Wanted]:
    template, body, instant = audience.template, audience.body, now()
    holdout = body.holdout
    for person in persons:
        recipient = reached.get(person)
        reason = ""
        if person in excluded:
            reason = "excluded"
        elif holdout is not None and bucket(holdout.salt or send.slug, person) < round(
            holdout.percent * 100
        ):
            reason = "holdout"
        elif recipient is None:
            reason = "address.missing"
        yield Wanted(
            send_key(send.id, person), person, template.channel, template.purpose,
            send.template_version, instant, product=template.product, sender=body.sender,
            send=send.id, priority=body.priority, held=body.per_hour is not None and not reason,
            address="" if reason or recipient is None else recipient.digest,
            state=DeliveryState.SUPPRESSED if reason else DeliveryState.QUEUED, reason=reason,
        )  # fmt: skip


def _write(chunk: list[Wanted]) -> None:
    """One chunk in the unit that is open; of one address the first person gets it, and of a send
    that has been cancelled nobody."""
    row = Send.objects.select_for_update().get(id=chunk[0].send)
    chunk = _without_written(chunk)
    if row.state == SendState.CANCELLED:
        enqueue([one if one.reason else _cancelled(one) for one in chunk])
        return
    wanted = [one.address for one in chunk if one.address]
    taken: set[str] = set()
    if wanted:
        send = chunk[0].send
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ", ".join(["%s"] * len(some))
            taken |= {
                row[0]
                for row in rows(
                    "SELECT address FROM messages_delivery WHERE send = %s AND send <> ''"
                    f" AND address <> '' AND state <> 'suppressed' AND address IN ({marks})",
                    [send, *some],
                )
            }
    written: list[Wanted] = []
    for one in chunk:
        if one.address and one.address in taken:
            written.append(_second(one))
        else:
            taken.add(one.address)
            written.append(one)
    enqueue(written)


def _without_written(chunk: Sequence[Wanted]) -> list[Wanted]:
    """Those that no run before this one has written."""
    known: set[str] = set()
    keys = [one.key for one in chunk]
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        known |= set(Delivery.objects.filter(key__in=some).values_list("key", flat=True))
    return [one for one in chunk if one.key not in known]


def _second(one: Wanted) -> Wanted:
    """Somebody whose address another person of the send has; she stands in if that one is stopped
    by the gate."""
    return replace(one, state=DeliveryState.SUPPRESSED, reason="same_address")


def _cancelled(one: Wanted) -> Wanted:
    return replace(one, state=DeliveryState.SUPPRESSED, reason="cancelled", address="", held=False)


def _begin(send: Send) -> None:
    """Everybody is written down."""
    _note(send, written=True)
    with work("send.begin"):
        waiting = Send.objects.filter(id=send.id, state=SendState.PREPARING)
        if waiting.update(state=SendState.SENDING):
            audit.record(SYSTEM, "send.begin", "send", send.id, {})
            return
    if _still(send, SendState.CANCELLED):
        numbers = report.of_send(send.id)
        with work("send.cancelled"):
            Send.objects.filter(id=send.id).update(
                counts=counts(numbers).model_dump(), finished_at=now()
            )


def _cannot(send: Send, told: dict[str, object]) -> None:
    """It cannot be written down as things are. Who was written already may have got it: then it is
    paused, so that it can go on where it stopped, or be cancelled; else it is a draft again."""
    if send.state == SendState.CANCELLED:
        _note(send, written=True)  # the rest was never anybody's
    elif not send.progress.get("begun"):
        _back_to_draft(send, told)
    else:
        with work("send.stopped"):
            row = Send.objects.select_for_update().get(id=send.id)
            if row.state == SendState.PREPARING:
                row.state, row.paused_from = SendState.PAUSED, SendState.PREPARING
                row.progress = {**row.progress, "not_begun": told, "settled": False}
                row.save(update_fields=["state", "paused_from", "progress"])
                deliveries.hold(send=send.id)
                audit.record(SYSTEM, "send.stopped", "send", send.id, told)


def _back_to_draft(send: Send, told: dict[str, object]) -> None:
    with work("send.refused"):
        changed = Send.objects.filter(id=send.id, state=SendState.PREPARING).update(
            state=SendState.DRAFT, due_at=None, template_version="", preview={},
            progress={"not_begun": told},
        )  # fmt: skip
        if changed:
            audit.record(SYSTEM, "send.refused", "send", send.id, told)


def _still(send: Send, *states: SendState) -> bool:
    return Send.objects.filter(id=send.id, state__in=states).exists()


def _note(send: Send, **values: object) -> None:
    """Remember how far a send is."""
    with work("send.note"):
        row = Send.objects.select_for_update().get(id=send.id)
        row.progress = {**row.progress, **values}
        row.save(update_fields=["progress"])
        send.progress = row.progress


# ── released at a rate ───────────────────────────────────────────────────────────────────────────


def _release(send: Send) -> bool:
    """Let as many go as the rate has room for since the last time."""
    rate = sends.body_of(send).per_hour
    if rate is None:
        return False
    instant = now()
    last = send.progress.get("released_at")
    since = instant - datetime.fromisoformat(last) if last else RELEASE_EVERY
    if since < RELEASE_EVERY:
        return False
    carried = float(send.progress.get("released_rest", 0.0))
    # Never more than a minute's worth at once: what was missed while nothing ran is not made up.
    room = min(carried + rate * since.total_seconds() / 3600, max(1.0, rate / 60))
    count = int(room)
    with work("send.release"):
        if not _still(send, SendState.SENDING):
            return False
        ids = [
            row[0]
            for row in rows(
                "SELECT id FROM messages_delivery WHERE send = %s AND send <> '' AND"
                " state = 'queued' AND held ORDER BY id LIMIT %s",
                [send.id, min(count, SLICE)],
            )
        ]
        for start in range(0, len(ids), 500):
            Delivery.objects.filter(id__in=ids[start : start + 500]).update(
                held=False, due_at=instant
            )
        _note(send, released_at=instant.isoformat(), released_rest=room - count)
    return False


# ── counted ──────────────────────────────────────────────────────────────────────────────────────


def _count(send: Send) -> bool:
    """Count how far it is now and then; done when nobody is left."""
    instant = now()
    if send.id in _counted and instant - _counted[send.id] < COUNT_EVERY and _unfinished(send):
        return False
    _counted[send.id] = instant
    finished = not _unfinished(send)
    numbers = report.of_send(send.id)
    with work("send.count"):
        row = Send.objects.select_for_update().get(id=send.id)
        if row.state not in (SendState.SENDING, SendState.CANCELLED, SendState.PAUSED):
            return False
        row.counts = counts(numbers).model_dump()
        if row.state == SendState.PAUSED and not numbers.state(DeliveryState.ATTEMPTING):
            row.progress = {**row.progress, "settled": True}
        if finished and over(numbers) and row.state == SendState.SENDING:
            row.state, row.finished_at = SendState.DONE, instant
            audit.record(SYSTEM, "send.done", "send", row.id, row.counts)
        row.save(update_fields=["counts", "progress", "state", "finished_at"])
    if row.state == SendState.DONE:
        _counted.pop(send.id, None)
    return False


def _unfinished(send: Send) -> bool:
    """Whether anything of it is still to be sent."""
    rows_ = Delivery.objects.filter(
        send=send.id, state__in=[DeliveryState.QUEUED, DeliveryState.ATTEMPTING]
    )
    return rows_.exists()
