"""Tells the log of events what has become of messages, so that rules, live segments, journeys and
the timeline see it: `email_sent`, `email_opened`, `line_failed`…

    delivery or response ──▶ a record in the shard `messages` of the log ──drain──▶ activity
                        └──▶ marked as told

The mark follows the record, so a crash between the two tells it twice: by its message id (the
delivery's key and its end, or the response's id) the drain knows it, and once is what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db.models import F, Q

from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.unit import crash_point, work
from enishi.book.workspace import Workspace, current_workspace
from enishi.gate import asking
from enishi.messages.machines import SETTLES
from enishi.messages.models import Delivery, Response, TemplateVersion
from enishi.messages.types import ResponseKind, event_name
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.waking import ring

SHARD = "messages"
SOURCE = "messages"
"""What the events' rows name as where they come from."""
AT_ONCE = 1000
"""So many are told at a time."""

_TOGETHER = 100  # events in one record of the log
_encode = msgspec.json.Encoder().encode
_UNTOLD = Q(state__in=["sent", "failed", "unknown"]) & ~Q(told=F("state"))


@dataclass(slots=True)
class _Log:
    """The shard, held open from one run to the next: each opening begins a new segment."""

    root: Path | None = None
    shard: Shard | None = None
    templates: dict[str, tuple[str, int]] = field(default_factory=dict)

    def of(self, workspace: Workspace) -> Shard:
        if self.shard is None or self.root != workspace.root:
            self.close()
            self.shard, self.root = Shard(workspace.events / SHARD), workspace.root
            self.templates = {}
        return self.shard

    def close(self) -> None:
        if self.shard is not None:
            self.shard.close()
        self.shard = self.root = None


_log = _Log()


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """Tell some ends of deliveries and some responses; whether there may be more."""
    told = _tell_ends() + _tell_responses()
    if _log.shard is not None:
        _log.shard.roll_if_asked()
    return told > 0


def close() -> None:
    """Let go of the shard."""
    _log.close()


def _tell_ends() -> int:
    rows = list(Delivery.objects.filter(_UNTOLD).order_by("finished_at")[:AT_ONCE])
    if not rows:
        return 0
    _append((row.person, _end(row)) for row in rows)
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
    _append(
        (row.person, _response(row, known[row.delivery])) for row in rows if row.delivery in known
    )
    crash_point("messages.responses_told")
    with work("messages.responses_told"):
        for some in _chunks([row.id for row in rows]):
            Response.objects.filter(id__in=some).update(told=True)
    return len(rows)


def _append(found: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Write events into the log, each for the person it is about; who has no number there (erased,
    or gone from the sources) has none of them."""
    told = list(found)
    users = _users({person for person, _ in told})
    events = [
        {**event, "type": "track", "userId": users[person]}
        for person, event in told
        if person in users
    ]
    if not events:
        return
    workspace = current_workspace()
    at = int(datetime.now(UTC).timestamp() * 1_000_000)
    head = Head(SOURCE, "batch")
    _log.of(workspace).append(
        [
            encode(at, head, _encode({"batch": events[start : start + _TOGETHER]}))
            for start in range(0, len(events), _TOGETHER)
        ]
    )
    ring(workspace.events)


def _users(persons: set[str]) -> dict[str, str]:
    """What events call these persons, asked all at once; nothing where there is no stream."""
    stream = asking.catalog().stream
    wanted = sorted(person for person in persons if person)
    if stream is None or not wanted:
        return {}
    table = asking.warehouse().view(
        stream.person, None, {"user": {"field": stream.user}}, actor=SYSTEM, ids=wanted
    )
    pairs = zip(table.column("_id").to_pylist(), table.column("user").to_pylist(), strict=True)
    return {str(person): str(user) for person, user in pairs if user is not None}


def _end(row: Delivery) -> dict[str, Any]:
    more = {"reason": row.reason} if row.reason else {}
    return {
        "messageId": f"{row.key}:{row.state}",
        "event": event_name(row.channel, row.state),
        "timestamp": _time(row.finished_at or now()),
        "properties": {**_about(row), **more},
    }


def _response(row: Response, delivery: Delivery) -> dict[str, Any]:
    told = row.detail if isinstance(row.detail, dict) else {}
    more = {name: told[name] for name in ("url", "code", "permanent") if name in told}
    return {
        "messageId": row.id,
        "event": event_name(delivery.channel, row.kind),
        "timestamp": _time(row.at),
        "properties": {**_about(delivery), **more, "machine": row.machine},
    }


def _about(row: Delivery) -> Mapping[str, Any]:
    """Which message it was: what rules and journeys ask an event for."""
    slug, number = _template(row.template_version)
    told = {
        "delivery": row.id, "template": slug, "version": number, "purpose": row.purpose,
        "send": row.send, "journey": row.journey, "step": row.step,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _template(version: str) -> tuple[str, int]:
    found = _log.templates.get(version)
    if found is None:
        row = TemplateVersion.objects.filter(id=version).select_related("template").first()
        found = (row.template.slug, row.number) if row is not None else ("", 0)
        _log.templates[version] = found
    return found


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), 500):
        yield list(ids[start : start + 500])
