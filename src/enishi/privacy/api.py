"""Privacy over HTTP: requests with their due dates, erasures, one person's export, retention."""

from __future__ import annotations

from typing import Any, Literal

from django.http import FileResponse
from ninja import Status

from enishi.book import audit
from enishi.book.downloads import sent
from enishi.book.http import Limit, Offset, Request, Router, page
from enishi.gate.asking import in_scope
from enishi.gate.visibility import require_visible
from enishi.privacy import service, shown
from enishi.privacy.exporting import export_person
from enishi.privacy.retention import retention
from enishi.privacy.schemas import (
    ConfirmIn,
    EraseIn,
    ErasureOut,
    KindName,
    RequestDetail,
    RequestIn,
    RequestsOut,
    RetentionOut,
    TextIn,
)
from enishi.privacy.types import IdentityCheck, RequestKind, Via

router = Router(tags=["privacy"])
SOON_DAYS = 3  # business days


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [router]


@router.get("/privacy/requests", permission="privacy.read", response=RequestsOut)
def requests(
    request: Request,
    kind: KindName | Literal[""] = "",
    state: Literal["", "open", "closed", "late"] = "open",
    offset: Offset = 0,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Requests, the next due first, and how many are open, late, and due soon."""
    mine = service.open_to(request.actor)  # persons beyond one's row scope are left out
    found = service.listed(kind, state, mine)
    rows = list(found[offset : offset + limit])
    audit.record(
        request.actor, "privacy.view", "privacy_request", "list", {"rows": len(rows)},
        [row.person for row in rows],
    )  # fmt: skip
    soon = service.calendar().add_business_days(service.today(), SOON_DAYS)
    open_ = service.listed("", "open", mine)
    return page([shown.row(one, request.actor) for one in rows], found.count()) | {
        "open": open_.count(),
        "late": service.listed("", "late", mine).count(),
        "soon": open_.filter(due__gte=service.today(), due__lte=soon).count(),
        "due_days": service.DUE_DAYS,
    }


@router.post("/privacy/requests", permission="privacy.write", response={201: RequestDetail})
def receive(request: Request, body: RequestIn) -> Status[RequestDetail]:
    """Record what a person asks for. A stop-use request stops contact at once."""
    made = service.receive(
        RequestKind(body.kind), body.person, Via(body.via), body.received_on, body.wording,
        request.actor,
    )  # fmt: skip
    return Status(201, shown.detail(made, request.actor, request.locale))


@router.get("/privacy/requests/{request_id}", permission="privacy.read", response=RequestDetail)
def one_request(request: Request, request_id: str) -> RequestDetail:
    """One request with its history; the view is recorded."""
    found = service.find(request_id, request.actor)
    audit.record(request.actor, "privacy.view", "privacy_request", found.id, {}, [found.person])
    return shown.detail(found, request.actor, request.locale)


@router.post(
    "/privacy/requests/{request_id}/confirm", permission="privacy.write", response=RequestDetail
)
def confirm(request: Request, request_id: str, body: ConfirmIn) -> RequestDetail:
    """Note how the identity of who asks was checked."""
    found = service.confirm(request_id, IdentityCheck(body.method), body.note, request.actor)
    return shown.detail(found, request.actor, request.locale)


@router.post(
    "/privacy/requests/{request_id}/answer", permission="privacy.write", response=RequestDetail
)
def answer(request: Request, request_id: str, body: TextIn) -> RequestDetail:
    """Close a request as answered."""
    return shown.detail(
        service.answer(request_id, body.text, request.actor), request.actor, request.locale
    )


@router.post(
    "/privacy/requests/{request_id}/refuse", permission="privacy.write", response=RequestDetail
)
def refuse(request: Request, request_id: str, body: TextIn) -> RequestDetail:
    """Close a request as refused, with the reason."""
    return shown.detail(
        service.refuse(request_id, body.text, request.actor), request.actor, request.locale
    )


@router.post(
    "/privacy/requests/{request_id}/withdraw", permission="privacy.write", response=RequestDetail
)
def withdraw(request: Request, request_id: str, body: TextIn) -> RequestDetail:
    """Close a request that is no longer wanted."""
    return shown.detail(
        service.withdraw(request_id, body.text, request.actor), request.actor, request.locale
    )


@router.post(
    "/privacy/requests/{request_id}/erase", permission="privacy.write", response=RequestDetail
)
def erase(request: Request, request_id: str, body: EraseIn) -> RequestDetail:
    """Begin the erasure; it cannot be undone."""
    service.erase(request_id, body.key, request.actor)
    return shown.detail(service.find(request_id), request.actor, request.locale)


@router.post(
    "/privacy/erasures/{erasure_id}/again", permission="privacy.write", response=ErasureOut
)
def again(request: Request, erasure_id: str) -> ErasureOut:
    """Try an erasure again that failed, or that waits for files to be mended."""
    return shown.erasure(service.again(erasure_id, request.actor), request.locale)


@router.post("/privacy/people/{person}/export", permission="privacy.write")
def export(request: Request, person: str) -> FileResponse:
    """Everything kept about one person, as a zip of JSON, a workbook and a page to read."""
    require_visible(request.actor, person, in_scope)
    return sent(export_person(person, request.actor, request.locale))


@router.get("/privacy/retention", permission="privacy.read", response=RetentionOut)
def kept(request: Request) -> RetentionOut:
    """How long each dataset and the log of events are kept, and what has gone since."""
    return retention(request.locale)
