"""Tracking and exports over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import FileResponse
from ninja import Query

from enishi.book import audit
from enishi.book.downloads import sent
from enishi.book.http import Limit, Offset, Request, Router
from enishi.lists.access import access_to, members_for
from enishi.lists.board import column_rows, member_rows
from enishi.lists.export import export
from enishi.lists.schemas import StageName
from enishi.lists.tracking import behind, track
from enishi.lists.visible import get_list, members
from enishi.lists.work import BOARD_ORDER
from enishi.lists.work_schemas import ExportIn, MembersOut, TrackingOut

router = Router(tags=["tracking"])
By = Literal["assignee", "branch", "day"]


@router.get("/lists/{list_id}/tracking", permission="lists.read", response=TrackingOut)
def tracking(request: Request, list_id: str, by: By = "assignee") -> TrackingOut:
    """Members → attempted → reached → positive → won, by assignee, branch or day."""
    return track(list_id, by, request.actor, request.locale)


@router.get("/lists/{list_id}/tracking/members", permission="lists.read", response=MembersOut)
def people(
    request: Request,
    list_id: str,
    stage: StageName = "members",
    by: By | None = None,
    key: Annotated[str | None, Query(max_length=200)] = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> MembersOut:
    """The people behind one number of the tracking table."""
    found = get_list(list_id)
    access = access_to(found, request.actor)
    mine = members_for(members(found), access, request.actor)
    rows = behind(mine, found, stage, by, key)
    page = list(rows.order_by(*BOARD_ORDER)[offset : offset + limit])
    items = member_rows(found, page, access, request.actor, request.locale)
    seen = [item.person_id for item in items if item.person_id]
    if seen:
        audit.record(request.actor, "list.view", "list", list_id, {"stage": stage}, seen)
    columns = column_rows(found, request.actor, request.locale)
    return MembersOut(columns=columns, items=items, total=rows.count())


@router.post("/lists/{list_id}/export", permission="lists.export")
def download(request: Request, list_id: str, body: ExportIn) -> FileResponse:
    """The list as a file. Headers tell `X-Enishi-Rows`, `X-Enishi-Left-Out` (out of the reader's
    scope) and `X-Enishi-Replaced` (characters CP932 does not have)."""
    return sent(export(list_id, body, request.actor, request.locale))
