"""Trying a journey before it is live: dry runs over real history, test walks with time travel."""

from __future__ import annotations

from ninja import Status

from enishi.book.http import Request, Router
from enishi.journeys.dry_schemas import (
    JourneyDryRunIn,
    JourneyDryRunOut,
    JourneyDryRunsOut,
    WalkTestIn,
    WalkTestOut,
)
from enishi.kernel.errors import Unavailable
from enishi.kernel.text import Text

router = Router(tags=["journeys"])


def soon() -> Unavailable:
    return Unavailable(
        Text("まだ使えません。", "This is not ready yet."),
        Text("しばらくお待ちください。", "Please wait."),
    )


@router.get("/journeys/{slug}/dry-runs", permission="journeys.run", response=JourneyDryRunsOut)
def dry_runs(request: Request, slug: str) -> JourneyDryRunsOut:
    """The dry runs of a journey that one may see, newest first, without their results."""
    raise soon()


@router.post(
    "/journeys/{slug}/dry-runs", permission="journeys.run", response={202: JourneyDryRunOut}
)
def start(request: Request, slug: str, body: JourneyDryRunIn) -> Status[JourneyDryRunOut]:
    """Play a version over the last days of real history. It runs in the work process, over the
    customers whom the asker may see; nothing is sent."""
    raise soon()


@router.get(
    "/journeys/{slug}/dry-runs/{run_id}", permission="journeys.run", response=JourneyDryRunOut
)
def dry_run(request: Request, slug: str, run_id: str) -> JourneyDryRunOut:
    """One dry run: how far it is, or what came of it."""
    raise soon()


@router.post(
    "/journeys/{slug}/dry-runs/{run_id}/cancel",
    permission="journeys.run",
    response=JourneyDryRunOut,
)
def cancel(request: Request, slug: str, run_id: str) -> JourneyDryRunOut:
    """Stop a dry run that waits or runs."""
    raise soon()


@router.post("/journeys/{slug}/test-walk", permission="journeys.run", response=WalkTestOut)
def test_walk(request: Request, slug: str, body: WalkTestIn) -> WalkTestOut:
    """Walk one person through, step by step, with time travel. Nothing is stored or sent."""
    raise soon()
