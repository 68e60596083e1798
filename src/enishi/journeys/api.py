"""Journeys over HTTP: drawn, checked, submitted, put live, paused and closed."""

from __future__ import annotations

from ninja import Status

from enishi.book.http import Limit, Offset, Page, Request, Router, page
from enishi.journeys import api_flows, service
from enishi.journeys.drawing import definitions, naming, showing
from enishi.journeys.drawing.differing import diff as differing
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.known import known
from enishi.journeys.drawing.schemas import (
    CheckedJourney,
    ChoicesOut,
    GoLiveIn,
    JourneyCheckIn,
    JourneyDetail,
    JourneyDiff,
    JourneyDraftIn,
    JourneyIn,
    JourneyNoteIn,
    JourneyPatch,
    JourneyRow,
    JourneyStateName,
    JourneyVersionOut,
    JourneyWording,
    MappingIn,
    MappingPreview,
    ReasonIn,
)
from enishi.journeys.dry import api as api_try
from enishi.journeys.inside import api as api_live
from enishi.journeys.proof import api as api_proof
from enishi.journeys.walking import mapping

router = Router(tags=["journeys"])


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [api_flows.router, router, api_live.router, api_try.router, api_proof.router]


@router.get("/journeys", permission="journeys.read", response=Page[JourneyRow])
def journeys(
    request: Request,
    q: str = "",
    state: JourneyStateName | None = None,
    archived: bool = False,
    offset: Offset = 0,
    limit: Limit = 50,
) -> dict[str, object]:
    """Journeys by name, those that run first."""
    rows, total = definitions.find(q, state, archived, offset, limit)
    return page(showing.journey_rows(rows, request.actor, request.locale), total)


@router.post("/journeys", permission="journeys.write", response={201: JourneyDetail})
def create(request: Request, body: JourneyIn) -> Status[JourneyDetail]:
    """A new journey, empty or made from a flow, as a draft."""
    made = definitions.create(
        body.name, request.actor, slug=body.slug, flow=body.flow, purpose=body.purpose,
        locale=request.locale,
    )  # fmt: skip
    return Status(201, showing.detail(made, request.actor, request.locale))


@router.get("/journeys/choices", permission="journeys.read", response=ChoicesOut)
def choices(request: Request) -> ChoicesOut:
    """What steps, entries and rules of this workspace can name."""
    return naming.choices(request.actor, request.locale)


@router.post("/journeys/check", permission="journeys.write", response=CheckedJourney)
def check(request: Request, body: JourneyCheckIn) -> CheckedJourney:
    """A wording as it stands, saved or not: its faults, its cards, its steps in words."""
    draft = read_draft(body.body)
    return showing.checked(draft, known(), request.locale, author=request.actor)


@router.get("/journeys/{slug}", permission="journeys.read", response=JourneyDetail)
def journey(request: Request, slug: str) -> JourneyDetail:
    """One journey with the wording to read or go on writing, and every version."""
    return _detail(slug, request)


@router.patch("/journeys/{slug}", permission="journeys.write", response=JourneyDetail)
def change(request: Request, slug: str, body: JourneyPatch) -> JourneyDetail:
    """Rename, hand over, or give another priority."""
    definitions.change(
        slug, request.actor, name=body.name, priority=body.priority, owner=body.owner
    )
    return _detail(slug, request)


@router.put("/journeys/{slug}/draft", permission="journeys.write", response=JourneyWording)
def save_draft(request: Request, slug: str, body: JourneyDraftIn) -> JourneyWording:
    """Write the draft, a new version unless one is being written. Never refused for what is
    missing in it: that comes back as faults."""
    saved = definitions.save_draft(slug, body.body, request.actor, note=body.note, seen=body.seen)
    return showing.wording(saved, known(), request.locale)


@router.delete("/journeys/{slug}/draft", permission="journeys.write", response={204: None})
def discard(request: Request, slug: str) -> Status[None]:
    """Throw the version in work away. A journey that was never live goes with it."""
    definitions.discard(slug, request.actor)
    return Status(204, None)


@router.post("/journeys/{slug}/submit", permission="journeys.write", response=JourneyDetail)
def submit(request: Request, slug: str, body: JourneyNoteIn) -> JourneyDetail:
    """Ask for approval; refused with faults while something keeps it from going live."""
    definitions.submit(slug, request.actor, note=body.note)
    return _detail(slug, request)


@router.post("/journeys/{slug}/return", permission="journeys.approve", response=JourneyDetail)
def return_(request: Request, slug: str, body: ReasonIn) -> JourneyDetail:
    """Give a submitted version back to be worked on, with the reason."""
    definitions.return_(slug, body.reason, request.actor)
    return _detail(slug, request)


@router.post(
    "/journeys/{slug}/go-live/preview", permission="journeys.approve", response=MappingPreview
)
def preview(request: Request, slug: str, body: MappingIn) -> MappingPreview:
    """How many of those inside older versions would go where."""
    return mapping.preview(definitions.get_journey(slug), body, request.locale)


@router.post("/journeys/{slug}/go-live", permission="journeys.approve", response=JourneyDetail)
def go_live(request: Request, slug: str, body: GoLiveIn) -> JourneyDetail:
    """Approve the submitted version and put it live. Refused to whoever worked on it
    (`own_work`), and with faults while something keeps it from going live."""
    found = definitions.get_journey(slug)
    definitions.go_live(
        found.slug, body.number, request.actor, seen=body.seen, moving=mapping.moving(found, body)
    )  # fmt: skip
    return _detail(slug, request)


@router.post("/journeys/{slug}/pause", permission="journeys.run", response=JourneyDetail)
def pause(request: Request, slug: str) -> JourneyDetail:
    """Stop everybody where they are, those inside waits too; queued messages stand still."""
    service.pause(slug, request.actor)
    return _detail(slug, request)


@router.post("/journeys/{slug}/resume", permission="journeys.run", response=JourneyDetail)
def resume(request: Request, slug: str) -> JourneyDetail:
    """Go on after a pause, or let people in again after a close."""
    service.resume(slug, request.actor)
    return _detail(slug, request)


@router.post("/journeys/{slug}/close", permission="journeys.run", response=JourneyDetail)
def close(request: Request, slug: str) -> JourneyDetail:
    """Let nobody in any more; those inside finish."""
    service.close(slug, request.actor)
    return _detail(slug, request)


@router.post("/journeys/{slug}/end", permission="journeys.run", response=JourneyDetail)
def end(request: Request, slug: str, body: ReasonIn) -> JourneyDetail:
    """End the journey for everybody inside, at once."""
    service.end(slug, body.reason, request.actor)
    return _detail(slug, request)


@router.post("/journeys/{slug}/archive", permission="journeys.write", response=JourneyDetail)
def archive(request: Request, slug: str) -> JourneyDetail:
    """Put a journey away that is a draft or has ended."""
    service.archive(slug, request.actor)
    return _detail(slug, request)


@router.post("/journeys/{slug}/restore", permission="journeys.write", response=JourneyDetail)
def restore(request: Request, slug: str) -> JourneyDetail:
    """Bring an archived journey back."""
    service.restore(slug, request.actor)
    return _detail(slug, request)


@router.get(
    "/journeys/{slug}/versions", permission="journeys.read", response=list[JourneyVersionOut]
)
def versions(request: Request, slug: str) -> list[JourneyVersionOut]:
    """Every version, newest first."""
    return showing.version_rows(definitions.get_journey(slug), request.actor)


@router.get(
    "/journeys/{slug}/versions/{number}", permission="journeys.read", response=JourneyWording
)
def version(request: Request, slug: str, number: int) -> JourneyWording:
    """One version, with its faults as of now."""
    found = definitions.get_version(definitions.get_journey(slug), number)
    return showing.wording(found, known(), request.locale)


@router.get("/journeys/{slug}/diff", permission="journeys.read", response=JourneyDiff)
def diff(request: Request, slug: str, a: int, b: int) -> JourneyDiff:
    """What version `b` says otherwise than version `a`."""
    found = definitions.get_journey(slug)
    old, new = definitions.get_version(found, a), definitions.get_version(found, b)
    return differing(old.body, new.body, (a, b), known(), request.locale)


def _detail(slug: str, request: Request) -> JourneyDetail:
    return showing.detail(definitions.get_journey(slug), request.actor, request.locale)
