"""What comes back of a delivery, and what follows from it: both commit in one unit.

    opened, clicked, replied, delivered   noted
    bounced for good                      the address is not used any more
    complained                            nor then; and the consent to that channel is withdrawn
    unsubscribed                          the consent to that channel is withdrawn
    blocked (LINE), gone (push)           a bounce; the address that we kept ends

What a machine did (a mail program that fetches pictures by itself, a scanner that follows every
link) is kept and marked, and sets none of the columns that tell of a human.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from enishi.book.access import SYSTEM
from enishi.book.unit import work
from enishi.gate import consents
from enishi.gate import service as gate
from enishi.gate.bodies import ConsentNeeded
from enishi.gate.in_force import policies_in_force
from enishi.gate.types import Channel, PurposeClass
from enishi.kernel.ids import new_id
from enishi.messages.models import AddressStop, ChannelAddress, Delivery, Response
from enishi.messages.types import ResponseKind

MOST_OF_A_KIND = 50
"""How often one delivery's opens, or clicks, are kept: whoever holds a link can call it often."""

_COLUMNS: Mapping[str, str] = {
    ResponseKind.DELIVERED: "delivered_at",
    ResponseKind.OPENED: "opened_at",
    ResponseKind.CLICKED: "clicked_at",
    ResponseKind.BOUNCED: "bounced_at",
    ResponseKind.COMPLAINED: "complained_at",
    ResponseKind.REPLIED: "replied_at",
    ResponseKind.UNSUBSCRIBED: "unsubscribed_at",
}
_REPEATED = (ResponseKind.OPENED, ResponseKind.CLICKED)
_LASTING = ("blocked", "gone")
_WORDING = {
    ResponseKind.UNSUBSCRIBED: "配信停止 / unsubscribed",
    ResponseKind.COMPLAINED: "迷惑メールとして報告 / reported as spam",
}


@dataclass(frozen=True, slots=True)
class Came:
    """One response as it came in. `id`: how its sender knows it; the same again is nothing new.

    `detail` by kind: clicked {url}; bounced {code, permanent}; opened, clicked {agent}.
    """

    delivery: str
    kind: str  # ResponseKind
    at: datetime
    machine: bool = False
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


def record(
    delivery_id: str,
    kind: str,
    *,
    at: datetime,
    machine: bool = False,
    detail: Mapping[str, Any] | None = None,
    id: str | None = None,
) -> bool:
    """Keep one response and do what follows from it; whether it was new. One unit.

    One of a delivery that does not exist is nothing.
    """
    return record_many([Came(delivery_id, kind, at, machine, detail or {}, id or "")]) == 1


def record_many(came: Sequence[Came]) -> int:
    """The same for a few hundred at most; how many were new. One unit."""
    if not came:
        return 0
    with work("responses.record"):
        rows = {
            row.id: row
            for row in Delivery.objects.filter(id__in={one.delivery for one in came})
            .select_for_update()
            .order_by("id")
        }
        known = set(
            Response.objects.filter(id__in=[one.id for one in came if one.id]).values_list(
                "id", flat=True
            )
        )
        new = 0
        for one in came:
            delivery = rows.get(one.delivery)
            if delivery is None or one.id in known:
                continue
            known |= {one.id} - {""}
            new += _keep(delivery, one)
        return new


def _keep(delivery: Delivery, one: Came) -> bool:
    kind = ResponseKind(one.kind)
    before = Response.objects.filter(delivery=delivery.id, kind=kind)
    if kind in _REPEATED:
        if before.filter(machine=one.machine).count() >= MOST_OF_A_KIND:
            return False
    elif before.exists():
        return False  # each of the others happens once to a delivery
    Response.objects.create(
        id=one.id or new_id("rsp"), delivery=delivery.id, person=delivery.person, kind=kind,
        machine=one.machine, detail=dict(one.detail), at=one.at,
    )  # fmt: skip
    column = _COLUMNS[kind]
    if one.machine:
        column = "machine_opened_at" if kind is ResponseKind.OPENED else ""
    if column:
        Delivery.objects.filter(id=delivery.id).update(**{column: Coalesce(F(column), one.at)})
    _follow(delivery, kind, one)
    return True


def _follow(delivery: Delivery, kind: ResponseKind, one: Came) -> None:
    """The consequences, in the same unit."""
    code = str(one.detail.get("code") or kind)
    if kind is ResponseKind.BOUNCED and one.detail.get("permanent"):
        stop_address(
            delivery.channel, delivery.address, code if code in _LASTING else "bounced",
            person=delivery.person, delivery=delivery.id, at=one.at,
        )  # fmt: skip
    elif kind is ResponseKind.COMPLAINED:
        stop_address(
            delivery.channel, delivery.address, "complained",
            person=delivery.person, delivery=delivery.id, at=one.at,
        )  # fmt: skip
        withdraw(delivery.person, delivery.channel, kind, delivery.id, at=one.at)
    elif kind is ResponseKind.UNSUBSCRIBED:
        withdraw(delivery.person, delivery.channel, kind, delivery.id, at=one.at)


def stop_address(
    channel: str, address: str, code: str, *, person: str, delivery: str = "", at: datetime
) -> None:
    """Use an address (its digest) no more. Belongs into the caller's unit; twice is once.

    `code`: bounced, complained, blocked (by a friend on LINE), gone (a browser's subscription).
    """
    if not address:
        return
    with work("address.stop"):
        if code in _LASTING:
            ChannelAddress.objects.filter(
                channel=channel, digest=address, ended_at__isnull=True
            ).update(ended_at=at, ended_because=code)
            return
        standing = AddressStop.objects.filter(
            channel=channel, address=address, released_at__isnull=True
        )
        if not standing.exists():
            AddressStop.objects.bulk_create(
                [AddressStop(channel=channel, address=address, code=code, person=person,
                             delivery=delivery, at=at)],
                ignore_conflicts=True,  # two answers at the same time
            )  # fmt: skip


def stopped(channel: str, addresses: Iterable[str]) -> dict[str, str]:
    """Of these digests, those that are not to be used, with the code of why."""
    wanted = sorted(set(addresses) - {""})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), 500):
        rows = AddressStop.objects.filter(
            channel=channel, address__in=wanted[start : start + 500], released_at__isnull=True
        )
        found.update(rows.values_list("address", "code"))
    return found


def withdraw(person: str, channel: str, kind: ResponseKind, evidence: str, *, at: datetime) -> None:
    """A person wants no more promotion on a channel. Belongs into the caller's unit.

    The consent is withdrawn for every purpose: what is not promotion does not ask for one. Where no
    policy asks for consent there, a do-not-contact stands in for it.
    """
    if channel not in set(Channel):
        return  # a webhook and a task have no consent of their own
    with work("responses.withdraw"):
        consents.record(
            person, given=False, channel=channel, how=channel if channel in consents.HOW_WORDS
            else "web", wording=_WORDING[kind], evidence=evidence, said_at=at, at=at, actor=SYSTEM,
        )  # fmt: skip
        if not _consent_counts(channel):
            gate.do_not_contact(person, channel=channel, reason=_WORDING[kind], at=at, actor=SYSTEM)


def _consent_counts(channel: str) -> bool:
    """Whether some policy stops all promotion on a channel once consent is withdrawn."""
    return any(
        isinstance(policy.body, ConsentNeeded)
        and policy.body.applies.to(channel, None, PurposeClass.PROMOTION)
        for policy in policies_in_force().others
    )
