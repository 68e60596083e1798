"""People inside journeys over HTTP: counts, who stands where, and each one's story."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from enishi.book.http import Limit, Offset, Request, Router
from enishi.journeys import service
from enishi.journeys.drawing import definitions
from enishi.journeys.entries import entering
from enishi.journeys.inside import people
from enishi.journeys.inside import view as live_view
from enishi.journeys.inside.schemas import (
    EndName,
    EntriesIn,
    EntriesOut,
    LiveOut,
    RemoveIn,
    StoryOut,
    WalksOut,
    WalkStateName,
)

router = Router(tags=["journeys"])
Days = Annotated[int, Query(ge=1, le=366, description="How many local days, today included")]


@router.get("/journeys/{slug}/live", permission="journeys.read", response=LiveOut)
def live(request: Request, slug: str, number: int | None = None, days: Days = 30) -> LiveOut:
    """Counts on nodes and edges of a version (the live one), with the bottleneck."""
    return live_view.live(
        definitions.get_journey(slug), number, days, request.actor, request.locale
    )


@router.get("/journeys/{slug}/people", permission="journeys.read", response=WalksOut)
def walks(
    request: Request,
    slug: str,
    number: int | None = None,
    step: str | None = None,
    state: WalkStateName | None = None,
    end: EndName | None = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> WalksOut:
    """Who stands at a step, or is in a state, longest there first. Recorded as a look at each."""
    wanted = people.Wanted(number, step, state, end)
    return people.walks(
        definitions.get_journey(slug), wanted, offset, limit, request.actor, request.locale
    )


@router.get(
    "/journeys/{slug}/enrollments/{enrollment}", permission="journeys.read", response=StoryOut
)
def story(request: Request, slug: str, enrollment: int) -> StoryOut:
    """The story of one walk: every decision in a sentence. Recorded as a look at the person."""
    return people.story(slug, enrollment, request.actor, request.locale)


@router.post(
    "/journeys/{slug}/enrollments/{enrollment}/remove",
    permission="journeys.run",
    response=StoryOut,
)
def remove(request: Request, slug: str, enrollment: int, body: RemoveIn) -> StoryOut:
    """Take one person out; what is queued for her from this walk is withdrawn."""
    people.story(slug, enrollment, request.actor, request.locale)  # refuses whom one may not see
    service.remove(slug, enrollment, body.reason, request.actor)
    return people.story(slug, enrollment, request.actor, request.locale)


@router.post("/journeys/{slug}/entries", permission="journeys.run", response=EntriesOut)
def enter(request: Request, slug: str, body: EntriesIn) -> EntriesOut:
    """Bring people into a live journey that has an entry by the API."""
    return entering.enter(slug, body.entries, request.actor, request.locale)


@router.get("/customers/{person}/journeys", permission="journeys.read", response=WalksOut)
def of_customer(request: Request, person: str) -> WalksOut:
    """Every walk of one customer, those under way first."""
    return people.of_customer(person, request.actor, request.locale)
