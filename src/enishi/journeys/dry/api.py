"""Trying a journey before it is live: dry runs over real history, test walks with time travel."""

from __future__ import annotations

from ninja import Status

from enishi.book.http import Request, Router
from enishi.journeys.dry import jobs as dry_jobs
from enishi.journeys.dry import one_person
from enishi.journeys.dry import showing as dry_showing
from enishi.journeys.dry.schemas import (
    JourneyDryRunIn,
    JourneyDryRunOut,
    JourneyDryRunsOut,
    WalkTestIn,
    WalkTestOut,
)

router = Router(tags=["journeys"])


@router.get("/journeys/{slug}/dry-runs", permission="journeys.run", response=JourneyDryRunsOut)
def dry_runs(request: Request, slug: str) -> JourneyDryRunsOut:
    """The dry runs of a journey that one may see, newest first, without their results."""
    rows = dry_jobs.runs_of(slug, request.actor)
    items = [dry_showing.run_out(row, request.locale) for row in rows]
    return JourneyDryRunsOut(items=items, total=len(items))


@router.post(
    "/journeys/{slug}/dry-runs", permission="journeys.run", response={202: JourneyDryRunOut}
)
def start(request: Request, slug: str, body: JourneyDryRunIn) -> Status[JourneyDryRunOut]:
    """Play a version over the last days of real history. It runs in the work process, over the
    customers whom the asker may see; nothing is sent."""
    made = dry_jobs.start(slug, body.days, body.number, request.actor)
    return Status(202, dry_showing.run_out(made, request.locale))


@router.get(
    "/journeys/{slug}/dry-runs/{run_id}", permission="journeys.run", response=JourneyDryRunOut
)
def dry_run(request: Request, slug: str, run_id: str) -> JourneyDryRunOut:
    """One dry run: how far it is, or what came of it."""
    found = dry_jobs.get_run(slug, run_id, request.actor)
    return dry_showing.run_with_result(found, request.actor, request.locale)


@router.post(
    "/journeys/{slug}/dry-runs/{run_id}/cancel",
    permission="journeys.run",
    response=JourneyDryRunOut,
)
def cancel(request: Request, slug: str, run_id: str) -> JourneyDryRunOut:
    """Stop a dry run that waits or runs."""
    found = dry_jobs.cancel(slug, run_id, request.actor)
    return dry_showing.run_out(found, request.locale)


@router.post("/journeys/{slug}/test-walk", permission="journeys.run", response=WalkTestOut)
def walk(request: Request, slug: str, body: WalkTestIn) -> WalkTestOut:
    """Walk one person through, step by step, with time travel. Nothing is stored or sent."""
    return one_person.walk(slug, body, request.actor, request.locale)
