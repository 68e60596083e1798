"""Tells the log of events what has become of messages, so that rules, live segments, journeys and
the timeline see it: `email_sent`, `email_opened`, `line_failed`…

    delivery or response ──▶ a record in the shard `messages` of the log ──drain──▶ activity
                        └──▶ marked as told

The mark follows the record, so a crash between the two tells it twice: by its message id (the
delivery's key and its end, or the response's id) the drain knows it, and once is what there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, Q

from enishi.book.clock import now
from enishi.book.unit import crash_point, work
from enishi.book.workspace import current_workspace
from enishi.messages.models import Delivery, Response, TemplateVersion
from enishi.messages.public.machines import SETTLES
from enishi.messages.types import ResponseKind, event_name
from enishi.sources.own_events import OwnEvent, Teller
from enishi.warehouse import process

SHARD = "messages"
"""The shard, and what the events' rows name as where they come from."""
AT_ONCE = 1000
"""So many are told at a time."""

_UNTOLD = Q(state__in=["sent", "failed", "unknown"]) & ~Q(told=F("state"))


_templates: dict[str, tuple[str, int]] = {}
_teller = Teller(SHARD, _templates.clear)


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """Tell some ends of deliveries and some responses; whether there may be more."""
    _teller.rest()
    return _tell_ends() + _tell_responses() > 0


def _tell_ends() -> int:
    rows = list(Delivery.objects.filter(_UNTOLD).order_by("finished_at")[:AT_ONCE])
    if not rows:
        return 0
    _tell([_end(row) for row in rows])
    crash_point("messages.told")
    by_state: dict[str, list[str]] = {}
    for row in rows:
        by_state.setdefault(row.state, []).append(row.id)
    with work("messages.told"):
        for state, ids in by_state.items():
            for some in _chunks(ids):
                Delivery.objects.filter(id__in=some, state=state).update(told=state)
    return len(rows)


def _tell_responses() -> int:
    waiting = Response.objects.filter(told=False).order_by("at")
    settled = now() - SETTLES  # a click may still turn out to be a machine's
    unsettled = Q(kind=ResponseKind.CLICKED, at__gt=settled)
    rows = list(waiting.exclude(unsettled)[:AT_ONCE])
    if not rows:
        return 0
    known: dict[str, Delivery] = {}
    for some in _chunks(sorted({row.delivery for row in rows})):
        known |= Delivery.objects.in_bulk(some)
    _tell([_response(row, known[row.delivery]) for row in rows if row.delivery in known])
    crash_point("messages.responses_told")
    with work("messages.responses_told"):
        for some in _chunks([row.id for row in rows]):
            Response.objects.filter(id__in=some).update(told=True)
    return len(rows)


def _tell(events: Sequence[OwnEvent]) -> None:
    held = process.warehouse()
    _teller.tell(events, current_workspace(), held.engine, held.catalog, datetime.now(UTC))


def _end(row: Delivery) -> OwnEvent:
    more = {"reason": row.reason} if row.reason else {}
    name, at = event_name(row.channel, row.state), row.finished_at or now()
    return OwnEvent(f"{row.key}:{row.state}", row.person, name, at, {**_about(row), **more})


def _response(row: Response, delivery: Delivery) -> OwnEvent:
    told = row.detail if isinstance(row.detail, dict) else {}
    more = {name: told[name] for name in ("url", "code", "permanent") if name in told}
    name = event_name(delivery.channel, row.kind)
    about = {**_about(delivery), **more, "machine": row.machine}
    return OwnEvent(row.id, row.person, name, row.at, about)


def _about(row: Delivery) -> Mapping[str, Any]:
    """Which message it was: what rules and journeys ask an event for."""
    slug, number = _template(row.template_version)
    told = {
        "delivery": row.id, "template": slug, "version": number, "purpose": row.purpose,
        "send": row.send, "journey": row.journey, "step": row.step,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _template(version: str) -> tuple[str, int]:
    found = _templates.get(version)
    if found is None:
        row = TemplateVersion.objects.filter(id=version).select_related("template").first()
        found = (row.template.slug, row.number) if row is not None else ("", 0)
        _templates[version] = found
    return found


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), 500):
        yield list(ids[start : start + 500])
