"""One message for one address in a send, whoever else has that address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from enishi.gate.book_rows import rows
from enishi.messages.models import Delivery
from enishi.messages.sending.claiming import TABLE
from enishi.messages.types import DeliveryState


def taken_addresses(wanted: Sequence[tuple[str, str, str]]) -> set[str]:
    """Of (id, send, address) the ids whose address another delivery of the send has."""
    found: set[str] = set()
    by_send: dict[str, dict[str, str]] = {}
    for id_, send, address in wanted:
        others = by_send.setdefault(send, {})
        if address in others:
            found.add(id_)
        others.setdefault(address, id_)
    for send, ids in by_send.items():
        marks = ", ".join(["%s"] * len(ids))
        for address, holder in rows(
            f"SELECT address, id FROM {TABLE} WHERE send = %s AND send <> '' AND address <> ''"
            f" AND state <> 'suppressed' AND address IN ({marks})",
            [send, *ids],
        ):
            if ids[address] != holder:
                found.add(ids[address])
    return found


def stand_in(suppressed: Sequence[tuple[str, str]], *, at: datetime) -> int:
    """(send, address) whose delivery was suppressed: the next one of that address is queued again,
    so that one person's refusal does not cost another her message. Returns how many."""
    ids: list[str] = []
    for send, address in suppressed:
        if not send or not address:
            continue
        row = rows(
            f"SELECT id FROM {TABLE} WHERE reason = 'same_address' AND send = %s AND address = %s"
            " AND state = 'suppressed' ORDER BY id LIMIT 1",
            [send, address],
        )
        ids += [one[0] for one in row]
    if not ids:
        return 0
    return Delivery.objects.filter(id__in=ids, state=DeliveryState.SUPPRESSED).update(
        state=DeliveryState.QUEUED, reason="", finished_at=None, due_at=at
    )
