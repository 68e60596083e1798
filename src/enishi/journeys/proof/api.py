"""Proofs over HTTP: what a journey or a send brought about, and the people behind each number."""

from __future__ import annotations

from typing import Annotated

from ninja import Query, Status

from enishi.book.http import Limit, Offset, Request, Router
from enishi.gate.people import names_of
from enishi.journeys.drawing import definitions
from enishi.journeys.proof.people import Wanted, people
from enishi.journeys.proof.points import About
from enishi.journeys.proof.schemas import (
    ProofGroup,
    ProofOut,
    ProofPeople,
    ProofSettingsIn,
    ProofSettingsOut,
    ProofWhat,
)
from enishi.journeys.proof.settings import Settings, choose, forget, purpose_of, settings
from enishi.journeys.proof.showing import proof
from enishi.messages.sends import service as sends

router = Router(tags=["journeys"])

StepName = Annotated[str, Query(max_length=40)]
Reason = Annotated[str, Query(max_length=80)]
Place = Annotated[int, Query(ge=0, le=9)]


def _journey(slug: str) -> About:
    return About("journey", definitions.get_journey(slug).id)


def _send(slug: str) -> About:
    return About("send", sends.get_send(slug).id)


@router.get("/journeys/{slug}/proof", permission="journeys.read", response=ProofOut)
def journey_proof(request: Request, slug: str, fresh: bool = False) -> ProofOut:
    """What the journey brought about, within the reader's row scope; `fresh`: counted anew."""
    return proof(_journey(slug), request.actor, request.locale, fresh=fresh)


@router.get("/journeys/{slug}/proof/people", permission="journeys.read", response=ProofPeople)
def journey_people(
    request: Request,
    slug: str,
    what: ProofWhat | None = None,
    step: StepName = "",
    reason: Reason = "",
    group: ProofGroup | None = None,
    conversion: Place = 0,
    offset: Offset = 0,
    limit: Limit = 50,
) -> ProofPeople:
    """The people behind one number: of `what` at a step, or whom a success followed in a `group`.
    Recorded as a look at each."""
    wanted = Wanted(what or "intended", step, reason, group or "", conversion)
    return people(_journey(slug), wanted, offset, limit, request.actor, request.locale)


@router.get(
    "/journeys/{slug}/proof/settings", permission="journeys.read", response=ProofSettingsOut
)
def journey_settings(request: Request, slug: str) -> ProofSettingsOut:
    """What counts as success and what a contact costs."""
    about = _journey(slug)
    return _told(about, settings(about))


@router.put(
    "/journeys/{slug}/proof/settings", permission="journeys.write", response=ProofSettingsOut
)
def choose_journey(request: Request, slug: str, body: ProofSettingsIn) -> ProofSettingsOut:
    """Choose them anew, for the whole past too. No version is changed by it."""
    about = _journey(slug)
    return _told(about, choose(about, body.conversions, body.cost, request.actor))


@router.delete("/journeys/{slug}/proof/settings", permission="journeys.write", response={204: None})
def follow_journey(request: Request, slug: str) -> Status[None]:
    """Let what the journey's version says hold again."""
    forget(_journey(slug), request.actor)
    return Status(204, None)


@router.get("/sends/{slug}/proof", permission="messages.read", response=ProofOut)
def send_proof(request: Request, slug: str, fresh: bool = False) -> ProofOut:
    """What a send brought about, within the reader's row scope."""
    return proof(_send(slug), request.actor, request.locale, fresh=fresh)


@router.get("/sends/{slug}/proof/people", permission="messages.read", response=ProofPeople)
def send_people(
    request: Request,
    slug: str,
    what: ProofWhat | None = None,
    reason: Reason = "",
    group: ProofGroup | None = None,
    conversion: Place = 0,
    offset: Offset = 0,
    limit: Limit = 50,
) -> ProofPeople:
    """The people behind one number of a send. Recorded as a look at each."""
    wanted = Wanted(what or "intended", "", reason, group or "", conversion)
    return people(_send(slug), wanted, offset, limit, request.actor, request.locale)


@router.get("/sends/{slug}/proof/settings", permission="messages.read", response=ProofSettingsOut)
def send_settings(request: Request, slug: str) -> ProofSettingsOut:
    """What counts as success of a send and what a contact costs; nothing until it is chosen."""
    about = _send(slug)
    return _told(about, settings(about))


@router.put("/sends/{slug}/proof/settings", permission="messages.write", response=ProofSettingsOut)
def choose_send(request: Request, slug: str, body: ProofSettingsIn) -> ProofSettingsOut:
    """Choose them anew, also when the send is over."""
    about = _send(slug)
    return _told(about, choose(about, body.conversions, body.cost, request.actor))


def _told(about: About, found: Settings) -> ProofSettingsOut:
    names = names_of([found.changed_by])
    return ProofSettingsOut(
        own=found.own, conversions=list(found.conversions), cost=dict(found.cost),
        wording=list(found.wording), purpose=purpose_of(about),
        changed_by=names.get(found.changed_by, ""), changed_at=found.changed_at,
    )  # fmt: skip
