"""Lists over HTTP: made, watched, refreshed, shared, closed. Work and tracking stand beside."""

from __future__ import annotations

from typing import Literal

from django.http import HttpResponse
from ninja import Status

from enishi.book.http import Limit, Offset, Request, Router
from enishi.lists import (
    customers_api,
    definitions_api,
    making,
    service,
    tracking_api,
    work_api,
    workers_api,
)
from enishi.lists.access import access_to, lists_for
from enishi.lists.listing import build_out, changes, list_detail, list_rows, share_rows
from enishi.lists.models import Build
from enishi.lists.schemas import (
    BuildOut,
    ChangesOut,
    IdempotencyKey,
    ListDetail,
    ListIn,
    ListPatch,
    ListsOut,
    PreviewIn,
    PreviewOut,
    ShareIn,
    ShareOut,
)
from enishi.lists.visible import get_list

router = Router(tags=["lists"])


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [
        definitions_api.router, router, work_api.router, workers_api.router, tracking_api.router,
        customers_api.router,
    ]  # fmt: skip


@router.get("/lists", permission="lists.read", response=ListsOut)
def all_lists(
    request: Request,
    state: Literal["building", "open", "closed", "failed"] | None = None,
    mine: bool = False,
    offset: Offset = 0,
    limit: Limit = 50,
) -> ListsOut:
    """The lists the reader may open, newest first. `mine`: those the reader has made."""
    rows = lists_for(request.actor).select_related("definition")
    if state:
        rows = rows.filter(state=state)
    if mine:
        rows = rows.filter(created_by=request.actor.user_id)
    page = list(rows.order_by("-created_at", "-id")[offset : offset + limit])
    return ListsOut(items=list_rows(page, request.actor, request.locale), total=rows.count())


@router.post("/lists", permission="lists.write", response={201: ListDetail, 200: ListDetail})
def create(
    request: Request,
    body: ListIn,
    idempotency_key: IdempotencyKey = None,
) -> Status[ListDetail]:
    """A new list; its first build is queued. 200 when this key had made it before."""
    key = body.idempotency_key or idempotency_key
    found, new = making.create(body, key, request.actor)
    return Status(201 if new else 200, list_detail(found.id, request.actor, request.locale))


@router.post("/lists/preview", permission="lists.write", response=PreviewOut)
def preview(request: Request, body: PreviewIn) -> PreviewOut:
    """How the list would be: count, sample, who is blocked or on another list already."""
    return making.preview(body, request.actor, request.locale)


@router.get("/lists/{list_id}", permission="lists.read", response=ListDetail)
def one(request: Request, list_id: str) -> ListDetail:
    """One list with its columns, codes, shares and progress."""
    return list_detail(list_id, request.actor, request.locale)


@router.patch("/lists/{list_id}", permission="lists.write", response=ListDetail)
def change(request: Request, list_id: str, body: ListPatch) -> ListDetail:
    """Rename the list or move its due date."""
    service.change(list_id, request.actor, name=body.name, due=body.due, clear_due=body.clear_due)
    return list_detail(list_id, request.actor, request.locale)


@router.post(
    "/lists/{list_id}/refresh", permission="lists.write", response={202: BuildOut, 200: BuildOut}
)
def refresh(request: Request, list_id: str, response: HttpResponse) -> Status[BuildOut]:
    """Refresh the list. 202: a new build; 200: one is running already, `message` says whose."""
    build, new = service.refresh(list_id, request.actor)
    told = build_out(build, request.locale)
    if not new:
        told.message = service.running_sentence(build, request.actor)[request.locale]
    response["Location"] = f"/api/lists/{list_id}/builds/{build.id}"
    return Status(202 if new else 200, told)


@router.get("/lists/{list_id}/builds", permission="lists.read", response=list[BuildOut])
def builds(request: Request, list_id: str) -> list[BuildOut]:
    """The last twenty builds of the list, newest first."""
    access_to(get_list(list_id), request.actor)
    rows = Build.objects.filter(list_id=list_id).order_by("-number")[:20]
    return [build_out(row, request.locale) for row in rows]


@router.get("/lists/{list_id}/builds/{build_id}", permission="lists.read", response=BuildOut)
def build(request: Request, list_id: str, build_id: str) -> BuildOut:
    """How far a build is and what it found."""
    access_to(get_list(list_id), request.actor)
    return build_out(service.get_build(list_id, build_id), request.locale)


@router.post(
    "/lists/{list_id}/builds/{build_id}/cancel", permission="lists.write", response=BuildOut
)
def cancel(request: Request, list_id: str, build_id: str) -> BuildOut:
    """Stop a build that is not published yet; the list stays as it was."""
    return build_out(service.cancel_build(list_id, build_id, request.actor), request.locale)


@router.get("/lists/{list_id}/changes", permission="lists.read", response=ChangesOut)
def list_changes(
    request: Request,
    list_id: str,
    build: str | None = None,
    kind: Literal["added", "left", "changed"] | None = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> ChangesOut:
    """What a refresh changed; without `build` the newest published one."""
    found = get_list(list_id)
    access_to(found, request.actor)
    if build is not None:
        wanted = service.get_build(list_id, build)
    else:
        newest = Build.objects.filter(list_id=list_id, number=found.published or 0).first()
        if newest is None:
            return ChangesOut(items=[], total=0)
        wanted = newest
    items, total = changes(found, wanted, kind, offset, limit, request.actor, request.locale)
    return ChangesOut(items=items, total=total)


@router.post("/lists/{list_id}/close", permission="lists.write", response=ListDetail)
def close(request: Request, list_id: str) -> ListDetail:
    """Close the list: shares and assignments end with it."""
    service.close(list_id, request.actor)
    return list_detail(list_id, request.actor, request.locale)


@router.post("/lists/{list_id}/shares", permission="lists.assign", response={201: ShareOut})
def share(request: Request, list_id: str, body: ShareIn) -> Status[ShareOut]:
    """Share the list with a user, to look at or to claim from."""
    made = service.share(list_id, body.user, body.level, request.actor)
    rows = {row.id: row for row in share_rows(get_list(list_id))}
    return Status(201, rows[made.id])


@router.delete(
    "/lists/{list_id}/shares/{share_id}", permission="lists.assign", response={204: None}
)
def unshare(request: Request, list_id: str, share_id: str) -> Status[None]:
    """End a share at once."""
    service.end_share(list_id, share_id, request.actor)
    return Status(204, None)
