"""Entries and exits over HTTP: the last ones, and those that come, as they come."""

from __future__ import annotations

import re
from typing import Annotated, Any

from django.http import StreamingHttpResponse
from ninja import Query

from enishi.book import audit
from enishi.book.http import Request, Router
from enishi.book.opening import watch
from enishi.live.crossing_schemas import CrossingsOut
from enishi.live.crossing_stream import Stream
from enishi.segments.service import get_segment
from enishi.warehouse.process import warehouse

router = Router(tags=["live"])

_ID = re.compile(r"[0-9]{1,20}")
Slug = Annotated[str | None, Query(max_length=64, description="A segment; none: every one")]


@router.get("/live/crossings", permission="segments.read", response=CrossingsOut)
def crossings(
    request: Request, segment: Slug = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """Who came and went last. Whom the answer names is recorded."""
    rows = warehouse().crossings(
        actor=request.actor, segments=_slugs(segment), newest=True, named=True, limit=limit
    )
    if rows:
        people = sorted({row["id"] for row in rows})
        audit.record(request.actor, "crossing.view", "segment", segment or "", subjects=people)
    return {"items": rows}


@router.get(
    "/live/crossings/stream",
    permission="segments.read",
    response=None,
    openapi_extra={
        "responses": {
            200: {
                "description": "Server-Sent Events: `crossing`, with the crossing's id as its id",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        }
    },
)
def crossing_stream(
    request: Request, segment: Slug = None, after: Annotated[str, Query(max_length=20)] = ""
) -> StreamingHttpResponse:
    """Who comes and goes, as it happens: opaque ids alone. A stream ends after a minute; a browser
    comes back by itself and misses nothing."""
    request.passive = True  # a page left open does not prolong the session
    told = request.headers.get("Last-Event-ID", after)
    last = told if _ID.fullmatch(told) else ""
    wanted = _slugs(segment)
    # A browser that comes back each minute is no new reader.
    watch(request.actor, "crossing.follow", "segment", segment or "", anew=not last)
    begun = Stream(request.actor, wanted, last)
    response = StreamingHttpResponse(begun, content_type="text/event-stream; charset=utf-8")
    response["X-Accel-Buffering"] = "no"
    return response


def _slugs(segment: str | None) -> list[str] | None:
    return None if segment is None else [get_segment(segment).slug]
