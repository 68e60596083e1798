"""Deliveries over HTTP: looked at one by one, the queues, and what nobody knows the end of."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from enishi.book import audit
from enishi.book.http import Limit, Request, Router
from enishi.messages.deliveries import rows as delivery_rows
from enishi.messages.deliveries.rows import Wanted
from enishi.messages.deliveries.schemas import (
    ChannelName,
    DeliveryDetail,
    DeliveryPage,
    SendAgainIn,
    SendingHeld,
    SendingQueues,
    SendingReleaseIn,
    StateName,
    UnknownsPolicy,
    UnknownsPolicyIn,
)
from enishi.messages.sending import restored, unknowns
from enishi.messages.sending.queues import queues
from enishi.messages.sending.unknowns import UnknownsBody

router = Router(tags=["deliveries"])
Ref = Annotated[str, Query(max_length=40)]


@router.get("/deliveries", permission="messages.read", response=DeliveryPage)
def deliveries(
    request: Request,
    state: Annotated[list[StateName] | None, Query(max_length=6)] = None,
    channel: ChannelName | None = None,
    person: Ref = "",
    journey: Ref = "",
    step: Ref = "",
    template_version: Ref = "",
    reason: Annotated[str, Query(max_length=80)] = "",
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """Deliveries of journeys and sends, the newest first, within the reader's row scope."""
    wanted = Wanted(
        states=state or (), channel=channel or "", person=person, journey=journey,
        step=step, template_version=template_version, reason=reason,
    )  # fmt: skip
    page = delivery_rows.page(wanted, request.actor, request.locale, after=after, limit=limit)
    persons = [row.person for row in page.items]
    audit.record(
        request.actor, "delivery.list", "delivery", "", {"rows": len(persons)}, persons
    )  # fmt: skip
    return page


@router.get("/deliveries/{delivery_id}", permission="messages.read", response=DeliveryDetail)
def one(request: Request, delivery_id: str) -> DeliveryDetail:
    """One delivery, why it came so and what came back. Part of looking at the customer."""
    return delivery_rows.one(delivery_id, request.actor, request.locale)


@router.post(
    "/deliveries/{delivery_id}/again", permission="messages.send", response=DeliveryDetail
)  # fmt: skip
def again(request: Request, delivery_id: str, body: SendAgainIn) -> DeliveryDetail:
    """Send one again whose end nobody knows, where the policy lets somebody decide so."""
    row = delivery_rows.visible(delivery_id, request.actor)
    unknowns.send_again(row, body.note, request.actor)
    return delivery_rows.one(delivery_id, request.actor, request.locale)


@router.post(
    "/deliveries/{delivery_id}/leave", permission="messages.send", response=DeliveryDetail
)  # fmt: skip
def leave(request: Request, delivery_id: str, body: SendAgainIn) -> DeliveryDetail:
    """Note that one whose end nobody knows has been looked at, and stays as it is."""
    row = delivery_rows.visible(delivery_id, request.actor)
    unknowns.leave(row, body.note, request.actor)
    return delivery_rows.one(delivery_id, request.actor, request.locale)


@router.get("/sending/queues", permission="messages.read", response=SendingQueues)
def all_queues(request: Request) -> SendingQueues:
    """What waits on each channel. Counts, no persons."""
    return queues()


@router.get("/sending/held", permission="messages.read", response=SendingHeld)
def held(request: Request) -> SendingHeld:
    """Whether a restore holds all sending."""
    return _held()


@router.post("/sending/release", permission="channels.write", response=SendingHeld)
def release(request: Request, body: SendingReleaseIn) -> SendingHeld:
    """Let a restored workspace send again, with what waits or without it."""
    restored.release(body.what, request.actor)
    return _held()


def _held() -> SendingHeld:
    found = restored.standing()
    if found is None:
        return SendingHeld(held=False)
    return SendingHeld(
        held=True, made_at=found.made_at, at=found.at, waiting=found.waiting,
        dropping=found.dropping,
    )  # fmt: skip


@router.get("/sending/unknowns", permission="messages.read", response=UnknownsPolicy)
def unknowns_policy(request: Request) -> UnknownsPolicy:
    """What is done with deliveries whose end nobody knows."""
    return UnknownsPolicy(**unknowns.policy().model_dump())


@router.put("/sending/unknowns", permission="channels.write", response=UnknownsPolicy)
def set_unknowns_policy(request: Request, body: UnknownsPolicyIn) -> UnknownsPolicy:
    """Say what is done with them."""
    done = unknowns.set_policy(UnknownsBody(**body.model_dump()), request.actor)
    return UnknownsPolicy(**done.model_dump())
