"""Deliveries as the sending lane takes them: found by index, marked and finished in few statements.

A queue is what is queued for one channel and sender. Its rows are read along an index in the order
(priority, due time), a bounded window at a time, so that a million queued cost no more than a
hundred. On PostgreSQL several processes share a book: each leases its window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from enishi.book import bulk, jsontext
from enishi.gate.book_rows import rows, told
from enishi.messages.deliveries.service import ALL, HOLDS_LOCK, Finished, on_postgresql, visit_of
from enishi.messages.models import Delivery
from enishi.messages.types import DeliveryState

Queue = tuple[str, str]
"""Channel and sender; the sender empty: the channel's main one."""

LEASE = timedelta(seconds=60)
"""How long a process that has not been heard of keeps what it was attempting."""

WINDOW_LEASE = timedelta(seconds=30)
_WAITING = "state = 'queued' AND NOT held"  # as the index has it, literally
TABLE = "messages_delivery"


@dataclass(frozen=True, slots=True)
class Claim:
    """One queued delivery as the lane needs it."""

    id: str
    key: str
    person: str
    channel: str
    purpose: str
    product: str
    template_version: str
    sender: str
    send: str
    journey: str
    enrollment: int | None
    step: str
    priority: int
    address: str
    attempts: int
    decision: str
    given: Mapping[str, Any] = field(repr=False)

    @property
    def source(self) -> str:
        """What its contact's slot is known by."""
        return f"delivery:{self.id}"

    def finished(self, state: str, reason: str, at: datetime) -> Finished:
        return Finished(
            self.id, self.key, self.person, self.journey, self.enrollment, self.step,
            visit_of(self.key), state, reason, at,
        )  # fmt: skip


CLAIM = (
    "id, key, person, channel, purpose, product, template_version, sender, send, journey,"
    " enrollment, step, priority, address, attempts, decision, given"
)


def claim_of(row: Sequence[Any]) -> Claim:
    return Claim(*(*row[:-1], told(row[-1])))


# ── found ────────────────────────────────────────────────────────────────────────────────────────


def groups() -> list[Queue]:
    """The queues that hold anything, a look at the index for each."""
    found: list[Queue] = []
    after: Queue = ("", "")
    while True:
        row = rows(
            f"SELECT channel, sender FROM {TABLE} WHERE {_WAITING}"
            " AND (channel, sender) > (%s, %s) ORDER BY channel, sender LIMIT 1",
            [after[0], after[1]],
        ) if found else rows(
            f"SELECT channel, sender FROM {TABLE} WHERE {_WAITING}"
            " ORDER BY channel, sender LIMIT 1"
        )  # fmt: skip
        if not row:
            return found
        after = (row[0][0], row[0][1])
        found.append(after)


def priorities(queue: Queue) -> list[int]:
    """The priorities in a queue, the highest first."""
    found: list[int] = []
    below = ""
    parameters: list[object] = [*queue]
    while True:
        row = rows(
            f"SELECT priority FROM {TABLE} WHERE channel = %s AND sender = %s AND {_WAITING}"
            f"{below} ORDER BY priority DESC LIMIT 1",
            parameters,
        )
        if not row:
            return found
        found.append(int(row[0][0]))
        below, parameters = " AND priority < %s", [*queue, found[-1]]


def window(queue: Queue, *, at: datetime, known: set[str], most: int) -> list[Claim]:
    """Up to `most` deliveries that are due, in order, without those `known` already."""
    found: list[Claim] = []
    for priority in priorities(queue):
        if len(found) >= most:
            break
        wanted = [*queue, priority, at]
        where = f"channel = %s AND sender = %s AND priority = %s AND due_at <= %s AND {_WAITING}"
        if on_postgresql():
            found += _leased(where, wanted, at, most - len(found))
        else:
            read = rows(
                f"SELECT id FROM {TABLE} WHERE {where} ORDER BY due_at LIMIT %s",
                [*wanted, most - len(found) + len(known)],
            )
            new = [row[0] for row in read if row[0] not in known][: most - len(found)]
            found += of_ids(new)
    return found


def _leased(where: str, wanted: list[Any], at: datetime, most: int) -> list[Claim]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET lease_until = %s WHERE id IN (SELECT id FROM {TABLE}"
            f" WHERE {where} AND (lease_until IS NULL OR lease_until < %s)"
            f" ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING {CLAIM}, due_at",
            [at + WINDOW_LEASE, *wanted, at, most],
        )
        found = cursor.fetchall()
    found.sort(key=lambda row: row[-1])
    return [claim_of(row[:-1]) for row in found]


def of_ids(ids: Sequence[str]) -> list[Claim]:
    """These deliveries in this order, those that are still there."""
    found: dict[str, Claim] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        marks = ", ".join(["%s"] * len(some))
        for row in rows(f"SELECT {CLAIM} FROM {TABLE} WHERE id IN ({marks})", some):
            found[row[0]] = claim_of(row)
    return [found[id_] for id_ in ids if id_ in found]


def still_queued(ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Of these those that may be attempted, with (send, journey, address); locked until the unit
    that is open commits, so that a withdrawal comes either before it or too late."""
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    lock = " FOR UPDATE" if on_postgresql() else ""
    found = rows(
        f"SELECT id, send, journey, address FROM {TABLE} WHERE id IN ({marks}) AND {_WAITING}"
        f"{lock}",
        ids,
    )
    return {row[0]: (row[1], row[2], row[3]) for row in found}


# ── marked and finished ──────────────────────────────────────────────────────────────────────────

_TEXT, _TIME = "text", "timestamptz"
_ID = ("id", _TEXT)


def mark_attempting(
    claimed: Sequence[tuple[str, str, str, int]], worker: str, *, at: datetime
) -> None:
    """(id, decision, address, attempts): handed over from the commit of this unit on."""
    bulk.update(
        TABLE,
        _ID,
        {"decision": _TEXT, "address": _TEXT, "state": _TEXT, "worker": _TEXT,
         "attempted_at": _TIME, "lease_until": _TIME, "attempts": "int"},
        [
            (id_, decision, address, str(DeliveryState.ATTEMPTING), worker, at, at + LEASE, tries)
            for id_, decision, address, tries in claimed
        ],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Off:
    """A delivery that is tried again at `due`; `attempts` have been made of it by then."""

    claim: Claim
    due: datetime
    reason: str
    attempts: int
    decision: str = ""
    unsure: bool = False  # it may have gone out already


def attempted(ids: Sequence[str]) -> set[str]:
    """Of these those that are still attempted, by whomever; locked like `still_queued`."""
    if not ids:
        return set()
    marks = ", ".join(["%s"] * len(ids))
    lock = " ORDER BY id FOR UPDATE" if on_postgresql() else ""
    found = rows(
        f"SELECT id FROM {TABLE} WHERE id IN ({marks}) AND state = 'attempting'{lock}", ids
    )
    return {row[0] for row in found}


def withdrawn(ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Of these those that were withdrawn while they were attempted: why, and the digest of the
    address; locked like `still_queued`."""
    if not ids:
        return {}
    marks = ", ".join(["%s"] * len(ids))
    lock = " FOR UPDATE" if on_postgresql() else ""
    return {
        row[0]: (row[1], row[2])
        for row in rows(
            f"SELECT id, reason, address FROM {TABLE} WHERE id IN ({marks})"
            f" AND state = 'attempting' AND due_at IS NULL{lock}",
            ids,
        )
    }


def _printable(said: str, most: int) -> str:
    """What a provider said, without what no book takes (NUL, half of a pair) and no page shows."""
    if not said.isprintable():
        said = "".join(filter(str.isprintable, said))
    return said[:most]


def put_off(items: Sequence[Off]) -> None:
    """Queue them for later, whatever they are now."""
    bulk.update(
        TABLE,
        _ID,
        {"due_at": _TIME, "reason": _TEXT, "decision": _TEXT, "state": _TEXT, "worker": _TEXT,
         "lease_until": _TIME, "attempts": "int"},
        [
            (
                off.claim.id, off.due, _printable(off.reason, 80), off.decision,
                str(DeliveryState.QUEUED), "", None, off.attempts,
            )
            for off in items
        ],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class End:
    """How one delivery came to its end."""

    claim: Claim
    state: DeliveryState
    reason: str = ""
    reasons: Sequence[Mapping[str, str]] = ()
    decision: str = ""
    provider_id: str = ""
    cost: object = None
    address: str = ""


def finish(ends: Sequence[End], *, at: datetime) -> list[Finished]:
    """Write how deliveries ended; returns them as those who caused them are told."""
    reasons = [_printable(end.reason, 80) for end in ends]
    bulk.update(
        TABLE,
        _ID,
        {"state": _TEXT, "reason": _TEXT, "reasons": "jsonb", "decision": _TEXT,
         "provider_id": _TEXT, "cost": "numeric", "address": _TEXT, "finished_at": _TIME,
         "due_at": _TIME, "worker": _TEXT, "lease_until": _TIME},
        [
            (
                end.claim.id, str(end.state), reason, jsontext.dumps(_told_of(end)),
                end.decision or end.claim.decision, _printable(end.provider_id, 200),
                None if end.cost is None else str(end.cost), end.address, at, None, "", None,
            )
            for end, reason in zip(ends, reasons, strict=True)
        ],
    )  # fmt: skip
    return [
        end.claim.finished(end.state, reason, at) for end, reason in zip(ends, reasons, strict=True)
    ]


def _told_of(end: End) -> list[dict[str, str]]:
    return [
        {name: _printable(said, 200) for name, said in reason.items()} for reason in end.reasons
    ]


def pauses_in_force() -> set[tuple[str, str]]:
    """(kind, id) of the sends and journeys that are paused."""
    found = rows("SELECT kind, ref FROM messages_deliveryhold WHERE NOT ending")
    return {(row[0], row[1]) for row in found}


def all_held() -> bool:
    """Whether nothing may be attempted at all (`deliveries.hold_all`)."""
    return bool(rows("SELECT 1 FROM messages_deliveryhold WHERE kind = %s LIMIT 1", [ALL]))


def stopped_addresses(digests: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], str]:
    """Of digests by channel those that are not to be used, as (channel, digest), and why."""
    found: dict[tuple[str, str], str] = {}
    for channel, wanted in digests.items():
        known = sorted(set(wanted) - {""})
        if known:
            marks = ", ".join(["%s"] * len(known))
            for address, code in rows(
                "SELECT address, code FROM messages_addressstop WHERE channel = %s"
                f" AND released_at IS NULL AND address IN ({marks})",
                [channel, *known],
            ):
                found[(channel, address)] = code
    return found


def mark_held(ids: Sequence[str]) -> int:
    """Set aside what is paused, so that nobody reads it again before the pause ends."""
    if not ids:
        return 0
    rows_ = Delivery.objects.filter(id__in=ids, state=DeliveryState.QUEUED)
    return rows_.update(held=True, lease_until=None)


def hold_off() -> None:
    """In a unit that is about to mark deliveries: no pause begins before it has committed.

    Whoever pauses waits for the units that are open, and those that begin after see the pause.
    """
    if on_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [HOLDS_LOCK])


def mine(ids: Sequence[str], worker: str) -> set[str]:
    """Of these those that this worker is still attempting, or that were given up in its name."""
    if not ids:
        return set()
    marks = ", ".join(["%s"] * len(ids))
    found = rows(
        f"SELECT id FROM {TABLE} WHERE id IN ({marks}) AND state = 'attempting' AND worker = %s",
        [*ids, worker],
    )
    return {row[0] for row in found}


def attempted_by_others(queue: Queue, worker: str) -> int:
    """How many of a queue other processes are attempting now."""
    if not on_postgresql():
        return 0
    row = rows(
        f"SELECT count(*) FROM {TABLE} WHERE state = 'attempting' AND worker <> %s"
        " AND channel = %s AND sender = %s",
        [worker, *queue],
    )
    return int(row[0][0])
