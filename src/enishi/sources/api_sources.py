"""Event sources over HTTP: who may send events, and with which key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from ninja import Field, Schema, Status

from enishi.book.http import Request, Router
from enishi.book.workspace import current_workspace
from enishi.sources import event_sources
from enishi.sources.event_sources import MadeKey
from enishi.sources.models import EventSource

router = Router(tags=["events"])
_Origins = list[str]


class EventSourceOut(Schema):
    id: str
    name: str
    kind: Literal["web", "server", "app"]
    key: str | None = Field(None, description="The write key where it is public; none for a server")
    hint: str = Field(description="The last four characters of the key")
    origins: list[str]
    enabled: bool
    created_at: datetime
    created_by: str
    old_key_until: datetime | None = Field(None, description="Until when the key before goes on")


class EventSourcesOut(Schema):
    items: list[EventSourceOut]
    url: str = Field(description="Where events are sent to")


class EventSourceKeyOut(Schema):
    source: EventSourceOut
    key: str = Field(description="The write key; a server's is shown only now")


class EventSourceIn(Schema):
    name: str = Field(max_length=200)
    kind: Literal["web", "server", "app"]
    origins: _Origins = Field(default_factory=list, max_length=50)


class EventSourcePatch(Schema):
    name: str | None = Field(None, max_length=200)
    enabled: bool | None = None
    origins: _Origins | None = Field(None, max_length=50)


class RotateIn(Schema):
    keep_old_hours: int = Field(0, ge=0, le=90 * 24)


@router.get("/events/sources", permission="events.read", response=EventSourcesOut)
def sources(request: Request) -> EventSourcesOut:
    """The event sources, by name."""
    found = [_out(source) for source in event_sources.event_sources()]
    return EventSourcesOut(items=found, url=current_workspace().events_url)


@router.post("/events/sources", permission="events.write", response={201: EventSourceKeyOut})
def create(request: Request, body: EventSourceIn) -> Status[EventSourceKeyOut]:
    """A new event source and its write key."""
    made = event_sources.create(request.actor, body.name, body.kind, body.origins)
    return Status(201, _with_key(made))


@router.patch("/events/sources/{source_id}", permission="events.write", response=EventSourceOut)
def change(request: Request, source_id: str, body: EventSourcePatch) -> EventSourceOut:
    """Rename, disable or enable, or limit the pages that may send."""
    return _out(
        event_sources.change(
            request.actor,
            source_id,
            name=body.name,
            enabled=body.enabled,
            origins=body.origins,
        )
    )


@router.post(
    "/events/sources/{source_id}/rotate", permission="events.write", response=EventSourceKeyOut
)
def rotate(request: Request, source_id: str, body: RotateIn) -> EventSourceKeyOut:
    """A new key; the present one goes on for as long as asked."""
    keep = timedelta(hours=body.keep_old_hours)
    return _with_key(event_sources.rotate(request.actor, source_id, keep))


def _with_key(made: MadeKey) -> EventSourceKeyOut:
    return EventSourceKeyOut(source=_out(made.source), key=made.key)


def _out(source: EventSource) -> EventSourceOut:
    return EventSourceOut(
        id=source.id,
        name=source.name,
        kind=next(kind for kind in event_sources.KINDS if kind == source.kind),
        key=source.key or None,
        hint=source.hint,
        origins=source.origins,
        enabled=source.disabled_at is None,
        created_at=source.created_at,
        created_by=source.created_by,
        old_key_until=source.old_until,
    )
