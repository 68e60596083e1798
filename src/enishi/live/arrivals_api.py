"""What is coming in, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Query

from enishi.book.http import Request, Router
from enishi.book.opening import watch
from enishi.book.workspace import current_workspace
from enishi.gate.asking import catalog
from enishi.live.arrival_rows import rows
from enishi.live.arrivals import glance
from enishi.live.arrivals_schemas import ArrivalsOut, StreamStandingOut
from enishi.sources.event_sources import event_sources
from enishi.sources.stream.parse import IMPORTED
from enishi.warehouse.process import warehouse

router = Router(tags=["events"])


@router.get("/events/arrivals", permission="events.read", response=ArrivalsOut)
def arrivals(
    request: Request,
    after: Annotated[str, Query(max_length=1000)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> dict[str, Any]:
    """What has come in since `after`, masked; the first look is recorded."""
    request.passive = bool(after)  # a page left open does not prolong the session
    found = glance(current_workspace().events, after, limit)
    names = {source.id: source.name for source in event_sources()}
    names |= {one: one.removeprefix(IMPORTED) for one in found.counts if one.startswith(IMPORTED)}
    watch(request.actor, "events.watch", "events", "", anew=not after)
    shown = rows(found.arrivals, names, catalog(), request.actor)
    return {
        "items": shown[::-1],
        "after": found.after,
        "skipped": found.skipped,
        "counts": [
            {"source": {"id": one, "name": names.get(one, one)}, "count": count}
            for one, count in found.counts.items()
        ],
        "backlog": found.backlog,
        "hidden": request.actor.scope is not None,
    }


@router.get("/events/standing", permission="events.read", response=StreamStandingOut)
def standing(request: Request) -> dict[str, Any]:
    """How many events could not be read, and how many are nobody's yet."""
    request.passive = True  # asked by the page itself
    found: dict[str, Any] = warehouse().stream_standing()
    return found
