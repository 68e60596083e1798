"""The gate over HTTP: may we, and what stands in the way of one customer."""

from __future__ import annotations

from typing import Annotated

from ninja import Query, Status

from enishi.book import audit
from enishi.book.clock import now
from enishi.book.http import Request, Router
from enishi.book.opening import look_at
from enishi.book.workspace import current_workspace
from enishi.gate import (
    api_approvals,
    api_calendar,
    api_consents,
    api_imports,
    api_policies,
    service,
)
from enishi.gate.asking import in_scope
from enishi.gate.models import Restriction
from enishi.gate.restrictions import decision_out, restriction_rows
from enishi.gate.schemas import (
    ChannelOut,
    ChannelsOut,
    DecisionOut,
    DoNotContactIn,
    GateQuestion,
    HoldIn,
    RefusalIn,
    ReleaseIn,
    RestrictionOut,
    RestrictionsOut,
)
from enishi.gate.types import Channel
from enishi.gate.visibility import require_visible
from enishi.kernel.text import Text

router = Router(tags=["gate"])


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [
        router, api_consents.router, api_approvals.router, api_policies.router,
        api_calendar.router, api_imports.router,
    ]  # fmt: skip


@router.get("/customers/{person}/gate", permission="gate.read", response=ChannelsOut)
def channels(
    request: Request,
    person: str,
    purpose: Annotated[str, Query(min_length=1, max_length=64)],
    product: Annotated[str | None, Query(max_length=64)] = None,
) -> ChannelsOut:
    """May this customer be contacted now, on each channel? Part of looking at her."""
    require_visible(request.actor, person, in_scope)
    asked = [(channel.value, purpose, product) for channel in Channel]
    answers = service.decide_grid(person, asked, at=now(), actor=request.actor)
    look_at(request.actor, person, "gate")
    return ChannelsOut(
        items=[
            ChannelOut(channel=channel.value, decision=decision_out(one, request.locale))
            for channel, one in zip(Channel, answers, strict=True)
        ]
    )


@router.post("/customers/{person}/gate", permission="gate.read", response=DecisionOut)
def ask(request: Request, person: str, body: GateQuestion) -> DecisionOut:
    """May this customer be contacted now?"""
    require_visible(request.actor, person, in_scope)
    decision = service.decide(
        person, body.channel, body.purpose, body.product, at=now(), actor=request.actor
    )
    audit.record(
        request.actor, "gate.ask", "person", person, {"answer": str(decision.answer)}, [person]
    )
    return decision_out(decision, request.locale)


@router.get("/customers/{person}/restrictions", permission="gate.read", response=RestrictionsOut)
def restrictions(request: Request, person: str) -> RestrictionsOut:
    """Everything that stops or has stopped contact with this customer, newest first."""
    require_visible(request.actor, person, in_scope)
    rows = service.restrictions_of(person)
    look_at(request.actor, person, "restrictions")
    items = restriction_rows(rows, request.actor, request.locale)
    return RestrictionsOut(items=items, total=len(rows))


@router.post(
    "/customers/{person}/refusals", permission="gate.restrict", response={201: RestrictionOut}
)
def refuse(request: Request, person: str, body: RefusalIn) -> Status[RestrictionOut]:
    """Record that the customer refuses a product, or every contact."""
    require_visible(request.actor, person, in_scope)
    label = None
    if body.product_label_ja and body.product_label_en:
        label = Text(body.product_label_ja, body.product_label_en)
    row = service.refuse(
        person, product=body.product, product_label=label, channel=body.channel,
        until=service.aware(body.until, current_workspace().zone), reason=body.reason,
        at=now(), actor=request.actor,
    )  # fmt: skip
    return Status(201, _out(row, request))


@router.post(
    "/customers/{person}/holds", permission="gate.restrict", response={201: RestrictionOut}
)
def hold(request: Request, person: str, body: HoldIn) -> Status[RestrictionOut]:
    """Put a hold on the customer: 苦情, 相続, 逝去, 成年後見, 反社."""
    require_visible(request.actor, person, in_scope)
    row = service.hold(
        person, body.kind, until=service.aware(body.until, current_workspace().zone),
        reason=body.note, at=now(), actor=request.actor,
    )  # fmt: skip
    return Status(201, _out(row, request))


@router.post(
    "/customers/{person}/do-not-contact", permission="gate.restrict", response={201: RestrictionOut}
)
def do_not_contact(request: Request, person: str, body: DoNotContactIn) -> Status[RestrictionOut]:
    """Record that the customer is not to be contacted, on one channel or at all."""
    require_visible(request.actor, person, in_scope)
    row = service.do_not_contact(
        person, channel=body.channel,
        until=service.aware(body.until, current_workspace().zone), reason=body.reason,
        at=now(), actor=request.actor,
    )  # fmt: skip
    return Status(201, _out(row, request))


@router.delete("/restrictions/{restriction_id}", permission="gate.release", response=RestrictionOut)
def release(request: Request, restriction_id: str, body: ReleaseIn) -> RestrictionOut:
    """End a restriction, with the reason. It is kept and marked released."""
    found = service.restriction(restriction_id)
    require_visible(request.actor, found.person, in_scope)
    row = service.release(restriction_id, body.reason, at=now(), actor=request.actor)
    return _out(row, request)


def _out(row: Restriction, request: Request) -> RestrictionOut:
    return restriction_rows([row], request.actor, request.locale)[0]
