"""Clicks: noted with where they went, and marked once it shows that a machine made them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from enishi.book.unit import work
from enishi.messages.models import Delivery, Response
from enishi.messages.public import responses
from enishi.messages.public.links import Followed
from enishi.messages.public.machines import AT_ONCE, is_machine
from enishi.messages.types import ResponseKind


def note_click(found: Followed, headers: Mapping[str, str], at: datetime) -> None:
    """Keep a click. When other links of the same mail were followed at the same moment, all of
    these were a machine's: those noted before are marked too, before they have been told."""
    with work("tracking.click"):
        delivery = Delivery.objects.select_for_update().filter(id=found.delivery).first()
        if delivery is None:
            return
        machine = is_machine(headers, at, delivery.finished_at or delivery.attempted_at)
        machine = _at_once(delivery, found.url, at) or machine
        responses.record(
            delivery.id, ResponseKind.CLICKED, at=at, machine=machine,
            detail={"url": found.url, "agent": (headers.get("User-Agent") or "")[:120]},
        )  # fmt: skip


def _at_once(delivery: Delivery, url: str, at: datetime) -> bool:
    """Whether another link was followed at the same moment; if so, that was a machine as well."""
    clicks = Response.objects.filter(delivery=delivery.id, kind=ResponseKind.CLICKED)
    near = [row for row in clicks.filter(at__gt=at - AT_ONCE) if row.detail.get("url") != url]
    if not near:
        return False
    clicks.filter(id__in=[row.id for row in near], told=False).update(machine=True)
    first = clicks.filter(machine=False).order_by("at").values_list("at", flat=True).first()
    Delivery.objects.filter(id=delivery.id).update(clicked_at=first)
    return True
