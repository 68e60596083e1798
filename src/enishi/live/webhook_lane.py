"""The loop of webhooks: takes in crossings, sends deliveries, tries again, gives up.

Each active webhook is worked on in slices by one thread at a time, so that a slow receiver holds up
nobody else; a lease keeps other processes off it.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db import connections
from django.db.models import Q

from enishi.book import audit
from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.faults import kind_and_place
from enishi.book.jsontext import dumps
from enishi.book.outbound import Answer, Undeliverable, post
from enishi.book.unit import crash_point, work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import EnishiError
from enishi.kernel.ids import new_id
from enishi.live import webhook_signing
from enishi.live.following import Follow, Told, newest, since
from enishi.live.models import Delivery, Webhook
from enishi.live.webhook_types import (
    BACKOFF,
    KEPT,
    LONGEST_WAIT,
    PING,
    REFUSALS,
    STOPPED_AFTER,
    TRY_AGAIN,
    DeliveryState,
    WebhookState,
)
from enishi.live.webhooks import prune

TIMEOUT = 10.0
"""Seconds that one try may take."""
LEASE = timedelta(seconds=60)
SLICE_SECONDS = 5.0
TAKE = 200
"""How many crossings are taken in at a time."""
WAITING = 1000
"""No more are taken in while so many wait: the rest stays in the warehouse."""

_THREADS = 4
_PRUNE_EVERY = 3600.0
_worker = f"{os.getpid()}-{new_id('wrk')}"
_log = logging.getLogger("enishi.live")

Send: TypeAlias = Callable[[str, bytes, dict[str, str]], Answer]


@dataclass(slots=True)
class _Pool:
    """The slices under way, by webhook."""

    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(_THREADS, thread_name_prefix="webhooks")
    )
    running: dict[str, Future[bool]] = field(default_factory=dict)
    pruned: float = 0.0


_pool = _Pool()


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """Start a slice for every webhook that may have something to send; whether any is at work."""
    if time.monotonic() - _pool.pruned > _PRUNE_EVERY:
        _pool.pruned = time.monotonic()
        prune(now() - KEPT)
    for name in [name for name, future in _pool.running.items() if future.done()]:
        _pool.running.pop(name).result()
    for webhook_id in _with_work():
        if webhook_id not in _pool.running:
            _pool.running[webhook_id] = _pool.threads.submit(_in_thread, webhook_id)
    if not _pool.running:
        return False
    wait(_pool.running.values(), timeout=0.2, return_when=FIRST_COMPLETED)
    return True


def _with_work() -> list[str]:
    """The active webhooks with something due, or with crossings they have not seen."""
    active = list(
        Webhook.objects.filter(state=WebhookState.ACTIVE, deleted_at__isnull=True).filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now()) | Q(worker=_worker)
        )
    )
    if not active:
        return []
    # Of each webhook the first that waits decides: the others come after it.
    first: dict[str, datetime] = {}
    waiting = Delivery.objects.filter(webhook__in=active, state=DeliveryState.WAITING)
    for webhook_id, due in waiting.order_by("number").values_list("webhook_id", "due_at"):
        first.setdefault(webhook_id, due)
    head = newest()
    return [
        one.id
        for one in active
        if (first[one.id] <= now() if one.id in first else one.cursor is None or one.cursor < head)
    ]


def _in_thread(webhook_id: str) -> bool:
    try:
        return work_on(webhook_id)
    except Exception as error:
        _log.error("webhook %s: %s", webhook_id, kind_and_place(error))
        return False
    finally:
        connections.close_all()


def work_on(webhook_id: str, *, send: Send | None = None, follow: Follow = since) -> bool:
    """One slice of one webhook: take in what has crossed, send what is due. Whether it did
    anything. `send` and `follow` are how requests go out and where crossings come from."""
    webhook = _lease(webhook_id)
    if webhook is None:
        return False
    try:
        taken = _take_in(webhook, follow)
        return _send(webhook, send or _post) or taken
    finally:
        with work("webhook.release"):
            Webhook.objects.filter(id=webhook_id, worker=_worker).update(lease_until=None)


def _lease(webhook_id: str) -> Webhook | None:
    with work("webhook.lease"):
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now()) | Q(worker=_worker)
        found = (
            Webhook.objects.select_for_update(skip_locked=True)
            .filter(free, id=webhook_id, state=WebhookState.ACTIVE, deleted_at__isnull=True)
            .first()
        )
        if found is not None:
            found.worker, found.lease_until = _worker, now() + LEASE
            found.save(update_fields=["worker", "lease_until"])
    return found


# ── taking in ────────────────────────────────────────────────────────────────────────────────────


def _take_in(webhook: Webhook, follow: Follow) -> bool:
    """Make deliveries of the crossings after the cursor; rows and cursor commit together."""
    if webhook.cursor is None:
        with work("webhook.begin"):
            Webhook.objects.filter(id=webhook.id).update(cursor=newest())
        return False
    waiting = Delivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
    if waiting.count() >= WAITING:
        return False
    found = follow(webhook.cursor, TAKE)
    if not found:
        return False
    wanted = [one for one in found if _wants(webhook, one)]
    rows = [
        Delivery(
            webhook=webhook, event=one.event, crossing=one.id, segment=one.segment,
            person=one.person, cause=one.cause, at=one.at, due_at=now(), created_at=now(),
        )
        for one in wanted
    ]  # fmt: skip
    with work("webhook.take_in"):
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        Webhook.objects.filter(id=webhook.id).update(cursor=found[-1].id)
        if wanted:
            audit.record(
                SYSTEM, "webhook.tell", "webhook", webhook.id, {"crossings": len(wanted)},
                [one.person for one in wanted],
            )  # fmt: skip
    crash_point("webhooks.taken_in")
    return True


def _wants(webhook: Webhook, one: Told) -> bool:
    return one.segment in webhook.segments and one.event in webhook.events


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


def _send(webhook: Webhook, send: Send) -> bool:
    """Send what is due, in order, until something fails or the slice is over."""
    until = time.monotonic() + SLICE_SECONDS
    done = False
    while time.monotonic() < until:
        row = (
            Delivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
            .order_by("number")
            .first()
        )
        if row is None or row.due_at > now():
            break
        going_on = _try(webhook, row, send)
        done = True
        if not going_on:
            break
    return done


def body_of(row: Delivery) -> bytes:
    """What is sent: codes and opaque ids, nothing that names anybody."""
    data: dict[str, Any] = {}
    if row.event != PING:
        data = {
            "segment": row.segment,
            "person": row.person,
            "crossing": row.crossing,
            "cause": row.cause,
        }
    told = {"type": row.event, "timestamp": row.at.isoformat(), "data": data}
    return dumps(told).encode()


def _post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    return post(url, body, headers, allow=current_workspace().webhooks_allow, timeout=TIMEOUT)


def _try(webhook: Webhook, row: Delivery, send: Send) -> bool:
    """One try; whether the next delivery may follow at once."""
    body = body_of(row)
    signed = webhook_signing.headers(
        webhook.id, webhook.secret_number, webhook.secret_at, row.id, now(), body
    )
    begun = time.perf_counter()
    status, error, after = None, "", None
    try:
        answer = send(webhook.url, body, signed)
        status, after = answer.status, answer.retry_after
    except Undeliverable as reason:
        error = reason.code
    except EnishiError:
        error = "url_refused"
    row.status, row.error = status, error
    row.attempts += 1
    row.ms = round((time.perf_counter() - begun) * 1000)
    crash_point("webhooks.sent")
    if status is not None and 200 <= status < 300:
        _delivered(webhook, row)
        return True
    return _failed(webhook, row, after)


_TRIED = ("attempts", "status", "error", "ms", "state", "due_at", "ended_at")


def _delivered(webhook: Webhook, row: Delivery) -> None:
    row.state, row.ended_at = DeliveryState.DELIVERED, now()
    webhook.failing_since, webhook.delivered_at = None, now()
    with work("webhook.delivered"):
        row.save(update_fields=_TRIED)
        Webhook.objects.filter(id=webhook.id).update(
            failing_since=None, delivered_at=now(), lease_until=now() + LEASE
        )


def _failed(webhook: Webhook, row: Delivery, after: int | None) -> bool:
    """Put the next try off, or give up; whether the next delivery may follow."""
    refused = row.status is not None and 400 <= row.status < 500 and row.status not in TRY_AGAIN
    refused = refused or row.error == "refused_address"
    most = REFUSALS if refused else len(BACKOFF) + 1
    stopped = _stop_reason(webhook, row)
    if row.attempts >= most and not stopped:
        row.state, row.ended_at = DeliveryState.DEAD, now()
    else:
        pause = BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
        if after is not None:
            pause = min(max(pause, timedelta(seconds=after)), LONGEST_WAIT)
        row.due_at = now() + pause
    webhook.failing_since = webhook.failing_since or now()
    with work("webhook.failed"):
        row.save(update_fields=_TRIED)
        mine = Webhook.objects.filter(id=webhook.id)
        mine.update(failing_since=webhook.failing_since, lease_until=now() + LEASE)
        if stopped:
            mine.filter(state=WebhookState.ACTIVE).update(
                state=WebhookState.STOPPED, stopped_for=stopped
            )
            audit.record(SYSTEM, "webhook.stop", "webhook", webhook.id, {"reason": stopped})
    return row.state == DeliveryState.DEAD and not stopped


def _stop_reason(webhook: Webhook, row: Delivery) -> str:
    """Why the whole webhook is to stop after this failure; empty when it goes on."""
    if row.status == 410:
        return "gone"
    if row.error == "url_refused":
        return "url_refused"
    since_ = webhook.failing_since
    return "failing" if since_ is not None and now() - since_ > STOPPED_AFTER else ""
