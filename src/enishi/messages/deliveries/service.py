"""Deliveries as those who cause them see them: asked for, taken back, paused, and told when done.

Everything here belongs into the unit of work of whoever asks: a delivery exists if and only if the
walk, or the send, that wants it has committed. `sending` is what tries them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from enishi.book import bulk, jsontext
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.messages.models import Delivery, DeliveryHold, delivery_ids
from enishi.messages.types import DeliveryState


@dataclass(frozen=True, slots=True)
class Wanted:
    """A delivery that is asked for. `key` names it for ever (`walk_key`, `send_key`).

    `given` are values that came with it (an event's properties). `address`, a keyed digest, and
    `held` are the sends' own; so is a delivery that is finished from the first, with its `reason`.
    """

    key: str
    person: str
    channel: str
    purpose: str
    template_version: str
    due_at: datetime
    product: str = ""
    sender: str = ""
    send: str = ""
    journey: str = ""
    journey_version: int = 0
    enrollment: int | None = None
    step: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    address: str = ""
    held: bool = False
    state: str = DeliveryState.QUEUED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """A delivery that has just come to its end. `enrollment` none: it is no journey's.

    One that was unknown and is sent again finishes again.
    """

    delivery: str
    key: str
    person: str
    journey: str
    enrollment: int | None
    step: str
    visit: int
    state: str  # sent | failed | suppressed | unknown
    reason: str
    at: datetime


HOLDS_LOCK = 7_243_551_001
"""PostgreSQL: who pauses holds it alone, who marks deliveries as attempted shares it."""

ALL = "all"
"""The kind of a hold on everything (`hold_all`)."""

Told = Callable[[list[Finished]], None]
Lock = Callable[[Sequence[int]], None]
_tell: list[Told] = []
_lock: list[Lock] = []


def walk_key(enrollment: int, step: str, visit: int) -> str:
    """The key of the delivery that a visit of a step causes."""
    return f"walk:{enrollment}:{step}:{visit}"


def send_key(send: str, person: str) -> str:
    """The key of a send's delivery to a person."""
    return f"send:{send}:{person}"


def visit_of(key: str) -> int:
    """The visit in a key of `walk_key`; 0 in any other."""
    return int(key.rsplit(":", 1)[1]) if key.startswith("walk:") else 0


_COLUMNS = {
    "id": "text", "key": "text", "person": "text", "channel": "text", "purpose": "text",
    "product": "text", "template_version": "text", "sender": "text", "send": "text",
    "journey": "text", "journey_version": "int", "enrollment": "bigint", "step": "text",
    "given": "jsonb", "priority": "int", "address": "text", "state": "text", "reason": "text",
    "reasons": "jsonb", "decision": "text", "held": "bool", "created_at": "timestamptz",
    "due_at": "timestamptz", "worker": "text", "attempts": "int", "finished_at": "timestamptz",
    "provider_id": "text",
}  # fmt: skip


def enqueue(wanted: Iterable[Wanted]) -> int:
    """Write deliveries in the caller's unit; returns how many are new. A key known before is left
    as it is."""
    instant, given = now(), list(wanted)
    return bulk.insert(
        "messages_delivery",
        _COLUMNS,
        (
            (
                new, one.key, one.person, one.channel, one.purpose, one.product,
                one.template_version, one.sender, one.send, one.journey, one.journey_version,
                one.enrollment, one.step, jsontext.dumps(one.given), one.priority, one.address,
                str(one.state), one.reason, "[]", "", one.held, instant,
                one.due_at if one.state == DeliveryState.QUEUED else None, "", 0,
                None if one.state == DeliveryState.QUEUED else instant, "",
            )
            for new, one in zip(delivery_ids(len(given)), given, strict=True)
        ),
        conflict="ON CONFLICT (key) DO NOTHING",
    )  # fmt: skip


def withdraw(keys: Sequence[str], code: str, *, at: datetime) -> int:
    """Suppress, in the caller's unit, those of these deliveries that are still queued.

    What is being attempted or finished stays; an attempt that does not succeed is not repeated
    (`claiming.withdrawn`). `provide_finished` is not told: who withdraws knows. Returns how many
    were withdrawn.
    """
    if not keys:
        return 0
    # First these: one that is queued again meanwhile is found among the queued.
    Delivery.objects.filter(key__in=keys, state=DeliveryState.ATTEMPTING).update(
        due_at=None, reason=code
    )
    return Delivery.objects.filter(key__in=keys, state=DeliveryState.QUEUED).update(
        state=DeliveryState.SUPPRESSED, reason=code, finished_at=at, due_at=None
    )


def on_their_way(keys: Sequence[str]) -> set[str]:
    """Those of these deliveries that are queued or being attempted."""
    going = (DeliveryState.QUEUED, DeliveryState.ATTEMPTING)
    told = Delivery.objects.filter(key__in=keys, state__in=going)
    return set(told.values_list("key", flat=True))


@dataclass(frozen=True, slots=True)
class PutOff:
    """A queued delivery that was not sent when it was first due: until when, and by what (a code
    of the gate, of the channel's answer)."""

    until: datetime
    reason: str


def put_off(keys: Sequence[str], at: datetime) -> dict[str, PutOff]:
    """Those of these deliveries that are queued for later, with the reason."""
    if not keys:
        return {}
    rows = Delivery.objects.filter(key__in=keys, state=DeliveryState.QUEUED, due_at__gt=at).exclude(
        reason=""
    )
    return {row.key: PutOff(row.due_at, row.reason) for row in rows if row.due_at is not None}


def hold(*, send: str = "", journey: str = "") -> None:
    """Pause all deliveries of a send or a journey (its id), queued ones and those still to come.

    From the commit of the caller's unit on none is attempted.
    """
    kind, ref = _held(send, journey)
    with work("messages.hold"):
        if on_postgresql():  # SQLite lets nobody else write meanwhile
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HOLDS_LOCK])
        DeliveryHold.objects.update_or_create(
            kind=kind, ref=ref, defaults={"ending": False}, create_defaults={"at": now()}
        )


def unhold(*, send: str = "", journey: str = "") -> None:
    """End a pause: what is due is attempted again, within seconds."""
    kind, ref = _held(send, journey)
    DeliveryHold.objects.filter(kind=kind, ref=ref).update(ending=True)


def hold_all() -> None:
    """Let no delivery be attempted at all, from the commit of the caller's unit on."""
    DeliveryHold.objects.update_or_create(
        kind=ALL, ref="", defaults={"ending": False}, create_defaults={"at": now()}
    )


def release_all() -> None:
    """End what `hold_all` began."""
    DeliveryHold.objects.filter(kind=ALL).delete()


def held(*, send: str = "", journey: str = "") -> bool:
    """Whether the deliveries of a send or a journey are paused."""
    kind, ref = _held(send, journey)
    return DeliveryHold.objects.filter(kind=kind, ref=ref, ending=False).exists()


def _held(send: str, journey: str) -> tuple[str, str]:
    if bool(send) == bool(journey):
        raise ValueError("either a send or a journey")
    return ("send", send) if send else ("journey", journey)


def provide_finished(tell: Told) -> None:
    """Have `tell` called inside every unit in which deliveries finish, with all of them.

    It writes what follows from it; when it raises, nothing of the unit is kept.
    """
    if tell not in _tell:
        _tell.append(tell)


def tell_finished(finished: list[Finished]) -> None:
    """Tell, in the unit that is open, everybody who asked (`provide_finished`)."""
    if finished:
        for tell in _tell:
            tell(finished)


def provide_lock(lock: Lock) -> None:
    """Have `lock` called as the first thing in every unit that is about to touch deliveries of
    these enrollments, and to tell of their end.

    Whoever moves a walk locks it, and then the delivery that it takes back; so must sending, or
    each would wait for the other.
    """
    if lock not in _lock:
        _lock.append(lock)


def lock_walks(enrollments: Iterable[int | None]) -> None:
    """Lock, in the unit that is open, whose deliveries these are, before the deliveries."""
    wanted = sorted({one for one in enrollments if one is not None})
    if wanted:
        for lock in _lock:
            lock(wanted)


def on_postgresql() -> bool:
    """Whether several processes may work on this book."""
    return connection.vendor == "postgresql"
