"""Event sources over HTTP: who may send events, and with which key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from ninja import Field, Schema, Status

from enishi.book import audit
from enishi.book.http import Request, Router
from enishi.book.workspace import current_workspace
from enishi.sources import event_sources
from enishi.sources.event_sources import MadeKey
from enishi.sources.models import EventSource
from enishi.sources.offline import TROUBLES, Meaning, import_text

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


class ImportIn(Schema):
    content: str = Field(max_length=20_000_000, description="The CSV: a header, then rows")
    source: str = Field("offline", min_length=1, max_length=100, description="What it is called")
    event: str | None = Field(None, max_length=200, description="The event that every row is")
    event_column: str | None = Field(None, description="Or the column that holds the event's name")
    user_column: str = Field(description="The column that says whose the event is")
    time_column: str = Field(description="The column that says when it happened")
    only_look: bool = Field(False, description="Say what it would do, and do nothing")


class ImportFault(Schema):
    line: int
    code: str
    reason: str


class ImportOut(Schema):
    """`written` rows go the way of every event; those that came before are dropped there."""

    rows: int
    written: int
    left_out: int
    faults: list[ImportFault]


@router.post("/events/import", permission="events.write", response=ImportOut)
def import_events(request: Request, body: ImportIn) -> ImportOut:
    """Bring in events that happened offline, as a CSV."""
    workspace = current_workspace()
    meaning = Meaning(
        body.user_column, body.time_column, body.event, body.event_column, body.source
    )
    done = import_text(
        body.content, meaning, workspace.events, workspace.zone, only_look=body.only_look
    )
    if not body.only_look:
        told = {"rows": done.rows, "written": done.written, "left_out": done.left_out}
        audit.record(request.actor, "events.imported", "event_source", "", told)
    return ImportOut(
        rows=done.rows,
        written=done.written,
        left_out=done.left_out,
        faults=[
            ImportFault(line=line, code=code, reason=TROUBLES[code][request.locale])
            for line, code in done.faults
        ],
    )


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
