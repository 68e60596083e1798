"""Flows over HTTP: whole ones to begin with, and as parts of a journey that is being drawn."""

from __future__ import annotations

from enishi.book.http import Request, Router
from enishi.journeys.drawing import definitions, inserting, showing
from enishi.journeys.drawing.known import known
from enishi.journeys.drawing.schemas import FlowInsertIn, FlowOut, JourneyWording
from enishi.journeys.flows import flows as all_flows
from enishi.journeys.flows import get_flow

router = Router(tags=["journeys"])


@router.get("/journeys/flows", permission="journeys.read", response=list[FlowOut])
def flows(request: Request) -> list[FlowOut]:
    """The flows to start from, each with its planning sheet and what is left to choose."""
    told = known()
    return [showing.flow_out(flow, told, request.locale) for flow in all_flows()]


@router.post("/journeys/{slug}/draft/flow", permission="journeys.write", response=JourneyWording)
def insert(request: Request, slug: str, body: FlowInsertIn) -> JourneyWording:
    """Set the steps of a flow into the draft, between a step and what follows it. Its entries,
    exits, goal and sheet are left out; what is left to choose comes back as faults."""
    shown = definitions.shown(definitions.get_journey(slug))
    part = get_flow(body.flow).body(request.locale)
    whole = inserting.inserted(shown.body, part, body.after, body.way)
    saved = definitions.save_draft(
        slug, whole, request.actor, note=shown.note if shown.state == "draft" else "",
        seen=body.seen or shown.changed_at,
    )  # fmt: skip
    return showing.wording(saved, known(), request.locale)
