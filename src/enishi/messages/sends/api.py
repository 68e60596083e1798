"""Sends over HTTP: written, previewed, dispatched with the preview's token, stopped, reported."""

from __future__ import annotations

from typing import Annotated

from django.http import FileResponse
from ninja import Query, Status

from enishi.book.downloads import sent
from enishi.book.http import Limit, Offset, Request, Router
from enishi.messages.deliveries import rows as delivery_rows
from enishi.messages.deliveries.rows import Wanted
from enishi.messages.deliveries.schemas import DeliveriesExportIn, DeliveryPage, StateName
from enishi.messages.sends import service as sends
from enishi.messages.sends.details import export, send_detail, send_report, send_rows
from enishi.messages.sends.previewing import preview
from enishi.messages.sends.schemas import (
    DispatchIn,
    SendDetail,
    SendIn,
    SendPatch,
    SendPreview,
    SendReport,
    SendsOut,
    SendStateName,
)

router = Router(tags=["sends"])


@router.get("/sends", permission="messages.read", response=SendsOut)
def all_sends(
    request: Request,
    state: SendStateName | None = None,
    archived: bool = False,
    offset: Offset = 0,
    limit: Limit = 50,
) -> SendsOut:
    """Sends, the newest first, counted within the reader's row scope."""
    rows = sends.find(state, archived)
    page = list(rows[offset : offset + limit])
    return SendsOut(items=send_rows(page, request.actor), total=rows.count())


@router.post("/sends", permission="messages.write", response={201: SendDetail})
def create(request: Request, body: SendIn) -> Status[SendDetail]:
    """A new draft."""
    made = sends.create(body, request.actor)
    return Status(201, send_detail(made.slug, request.actor, request.locale))


@router.get("/sends/{slug}", permission="messages.read", response=SendDetail)
def one(request: Request, slug: str) -> SendDetail:
    """One send."""
    return send_detail(slug, request.actor, request.locale)


@router.patch("/sends/{slug}", permission="messages.write", response=SendDetail)
def change(request: Request, slug: str, body: SendPatch) -> SendDetail:
    """Rename it, or word it anew while it is a draft."""
    sends.change(slug, body, request.actor)
    return send_detail(slug, request.actor, request.locale)


@router.post("/sends/{slug}/preview", permission="messages.send", response=SendPreview)
def look(request: Request, slug: str) -> SendPreview:
    """What it would do now, and the token that dispatching asks for."""
    return preview(slug, request.actor, request.locale)


@router.post("/sends/{slug}/dispatch", permission="messages.send", response=SendDetail)
def dispatch(request: Request, slug: str, body: DispatchIn) -> SendDetail:
    """Let it go. Refused when the body, the template or the audience is not what was previewed."""
    sends.dispatch(slug, body.token, request.actor)
    return send_detail(slug, request.actor, request.locale)


@router.post("/sends/{slug}/pause", permission="messages.send", response=SendDetail)
def pause(request: Request, slug: str) -> SendDetail:
    """Stop at once, also what is queued."""
    sends.pause(slug, request.actor)
    return send_detail(slug, request.actor, request.locale)


@router.post("/sends/{slug}/resume", permission="messages.send", response=SendDetail)
def resume(request: Request, slug: str) -> SendDetail:
    """Go on where it was paused."""
    sends.resume(slug, request.actor)
    return send_detail(slug, request.actor, request.locale)


@router.post("/sends/{slug}/cancel", permission="messages.send", response=SendDetail)
def cancel(request: Request, slug: str) -> SendDetail:
    """End it at once: what is queued is never sent."""
    sends.cancel(slug, request.actor)
    return send_detail(slug, request.actor, request.locale)


@router.post("/sends/{slug}/archive", permission="messages.write", response=SendDetail)
def archive(request: Request, slug: str) -> SendDetail:
    """Put it away. Refused while it runs."""
    sends.put_away(slug, request.actor, away=True)
    return send_detail(slug, request.actor, request.locale)


@router.post("/sends/{slug}/restore", permission="messages.write", response=SendDetail)
def restore(request: Request, slug: str) -> SendDetail:
    """Take it back out."""
    sends.put_away(slug, request.actor, away=False)
    return send_detail(slug, request.actor, request.locale)


@router.get("/sends/{slug}/report", permission="messages.read", response=SendReport)
def report(request: Request, slug: str) -> SendReport:
    """What became of it, within the reader's row scope."""
    return send_report(slug, request.actor, request.locale)


@router.get("/sends/{slug}/recipients", permission="messages.read", response=DeliveryPage)
def recipients(
    request: Request,
    slug: str,
    state: Annotated[list[StateName] | None, Query(max_length=6)] = None,
    reason: Annotated[str, Query(max_length=80)] = "",
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """Who got it, and who did not and why: in any of these states, or all."""
    send = sends.get_send(slug)
    wanted = Wanted(states=state or (), send=send.id, reason=reason)
    page = delivery_rows.page(wanted, request.actor, request.locale, after=after, limit=limit)
    delivery_rows.tell_looked(request.actor, send, page)
    return page


@router.post("/sends/{slug}/export", permission="segments.export")
def download(request: Request, slug: str, body: DeliveriesExportIn) -> FileResponse:
    """The same as a file. Headers tell `X-Enishi-Rows`, `X-Enishi-Left-Out` (out of the reader's
    scope) and `X-Enishi-Replaced` (characters CP932 does not have)."""
    return sent(export(slug, body, request.actor, request.locale))
