"""Segments over HTTP: made, worded anew, refreshed, looked into, put away."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import FileResponse, HttpResponse
from ninja import Query, Status

from enishi.book.downloads import sent
from enishi.book.http import Limit, Offset, Request, Router
from enishi.segments import asking, service
from enishi.segments.detail import (
    look_up,
    refresh_row,
    refresh_rows,
    segment_detail,
    segment_rows,
    version_rows,
)
from enishi.segments.export import export
from enishi.segments.schemas import (
    CompositionIn,
    CompositionOut,
    DifferenceRows,
    KindName,
    OverlapIn,
    OverlapOut,
    RefreshIn,
    RefreshRow,
    SegmentDetail,
    SegmentExportIn,
    SegmentIn,
    SegmentMemberDetail,
    SegmentMembersOut,
    SegmentMemberState,
    SegmentPatch,
    SegmentsOut,
    SegmentStateName,
    TrendOut,
    UseOut,
    VersionCompareOut,
    VersionIn,
    VersionOut,
)
from enishi.segments.uses import uses_of

router = Router(tags=["segments"])
Days = Annotated[int, Query(ge=1, le=730, description="How many days, today included")]


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [router]


@router.get("/segments", permission="segments.read", response=SegmentsOut)
def segments(
    request: Request,
    q: str = "",
    kind: KindName | None = None,
    purpose: str | None = None,
    owner: str | None = None,
    state: SegmentStateName | None = None,
    days: Annotated[int, Query(ge=0, le=90, description="Of how many days to tell sizes")] = 0,
    offset: Offset = 0,
    limit: Limit = 50,
) -> SegmentsOut:
    """Segments by name, each with its size and state; archived ones with `state=archived`."""
    shown = look_up(request.actor, request.locale)
    return segment_rows(
        shown, q=q, kind=kind, purpose=purpose, owner=owner, state=state, days=days,
        offset=offset, limit=limit,
    )  # fmt: skip


@router.post("/segments", permission="segments.write", response={201: SegmentDetail})
def create(request: Request, body: SegmentIn) -> Status[SegmentDetail]:
    """A new segment; its first refresh is queued."""
    made = service.create(body, request.actor)
    return Status(201, segment_detail(made.slug, request.actor, request.locale))


@router.post("/segments/overlap", permission="segments.read", response=OverlapOut)
def overlap(request: Request, body: OverlapIn) -> dict[str, Any]:
    """How segments overlap: sizes, pairs, and how many are in exactly which of them."""
    return asking.overlap(body.slugs, request.actor, request.locale)


@router.get("/segments/{slug}", permission="segments.read", response=SegmentDetail)
def one(request: Request, slug: str) -> SegmentDetail:
    """One segment: its rule in words, its size, how fresh it is and what it is made from."""
    return segment_detail(slug, request.actor, request.locale)


@router.patch("/segments/{slug}", permission="segments.write", response=SegmentDetail)
def change(request: Request, slug: str, body: SegmentPatch) -> SegmentDetail:
    """Rename, describe, hand over, or refresh more or less often."""
    service.change(slug, body, request.actor)
    return segment_detail(slug, request.actor, request.locale)


@router.get("/segments/{slug}/versions", permission="segments.read", response=list[VersionOut])
def versions(request: Request, slug: str) -> list[VersionOut]:
    """Every wording, newest first."""
    return version_rows(slug, request.actor, request.locale)


@router.post("/segments/{slug}/versions", permission="segments.write", response=SegmentDetail)
def add_version(request: Request, slug: str, body: VersionIn) -> SegmentDetail:
    """Word it anew; the wording is in use at once and a full refresh is queued."""
    service.add_version(slug, body, request.actor)
    return segment_detail(slug, request.actor, request.locale)


@router.get("/segments/{slug}/compare", permission="segments.read", response=VersionCompareOut)
def compare(request: Request, slug: str, a: int, b: int) -> VersionCompareOut:
    """Two wordings side by side: their conditions, and how many people each selects now."""
    return asking.compare(slug, a, b, request.actor, request.locale)


@router.post(
    "/segments/{slug}/refresh",
    permission="segments.write",
    response={202: RefreshRow, 200: RefreshRow},
)
def refresh(
    request: Request, slug: str, body: RefreshIn, response: HttpResponse
) -> Status[RefreshRow]:
    """Refresh it. 202: a refresh waits; 200: one was waiting already."""
    made, new = service.refresh(slug, body.mode, request.actor)
    response["Location"] = f"/api/segments/{slug}/refreshes"
    shown = look_up(request.actor, request.locale)
    return Status(202 if new else 200, refresh_row(made, shown))


@router.post("/segments/{slug}/refresh/cancel", permission="segments.write", response=SegmentDetail)
def cancel(request: Request, slug: str) -> SegmentDetail:
    """Stop what waits or runs; the members stay as they are."""
    service.cancel(slug, request.actor)
    return segment_detail(slug, request.actor, request.locale)


@router.get("/segments/{slug}/refreshes", permission="segments.read", response=list[RefreshRow])
def refreshes(request: Request, slug: str, limit: Limit = 50) -> list[RefreshRow]:
    """The last refreshes, newest first."""
    return refresh_rows(slug, request.actor, request.locale, limit)


@router.get("/segments/{slug}/trend", permission="segments.read", response=TrendOut)
def trend(request: Request, slug: str, days: Days = 90) -> dict[str, Any]:
    """Its size at the end of each day, and who came and went on it."""
    return asking.trend(slug, days, request.actor)


@router.get("/segments/{slug}/members", permission="segments.read", response=SegmentMembersOut)
def members(
    request: Request,
    slug: str,
    state: SegmentMemberState = "in",
    q: Annotated[str, Query(max_length=100)] = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Who is in, or has left; who came or went last first. Showing them is recorded."""
    return asking.members(
        slug, request.actor, left=state == "left", q=q, offset=offset, limit=limit
    )


@router.get(
    "/segments/{slug}/members/{person}", permission="segments.read", response=SegmentMemberDetail
)
def member(request: Request, slug: str, person: str) -> dict[str, Any]:
    """When a person was in; `rule` is for asking why with POST /rules/why."""
    return asking.member(slug, person, request.actor)


@router.post("/segments/{slug}/composition", permission="segments.read", response=CompositionOut)
def composition(request: Request, slug: str, body: CompositionIn) -> dict[str, Any]:
    """How a value is spread over the members; it has to serve the segment's purpose."""
    return asking.composition(slug, body.value, body.bins, request.actor, request.locale)


@router.get("/segments/{slug}/uses", permission="segments.read", response=list[UseOut])
def uses(request: Request, slug: str) -> list[UseOut]:
    """What names it: segments, definitions, lists, row scopes."""
    service.get_segment(slug)
    return [UseOut(kind=use.kind, id=use.id, name=use.name) for use in uses_of(slug)]


@router.get("/segments/{slug}/differences", permission="segments.read", response=DifferenceRows)
def differences(
    request: Request, slug: str, refresh: str | None = None, offset: Offset = 0, limit: Limit = 50
) -> dict[str, Any]:
    """Whom a full refresh (by default the last) found different from what was stored."""
    return asking.differences(slug, refresh, request.actor, offset=offset, limit=limit)


@router.post("/segments/{slug}/export", permission="segments.export")
def download(request: Request, slug: str, body: SegmentExportIn) -> FileResponse:
    """The members as a file. Headers tell `X-Enishi-Rows`, `X-Enishi-Left-Out` (out of the reader's
    scope) and `X-Enishi-Replaced` (characters CP932 does not have)."""
    return sent(export(slug, body, request.actor, request.locale))


@router.post("/segments/{slug}/archive", permission="segments.write", response=SegmentDetail)
def archive(request: Request, slug: str) -> SegmentDetail:
    """Put it away; its history stays. Refused while something uses it."""
    service.archive(slug, request.actor)
    return segment_detail(slug, request.actor, request.locale)


@router.post("/segments/{slug}/restore", permission="segments.write", response=SegmentDetail)
def restore(request: Request, slug: str) -> SegmentDetail:
    """Take it back into use; it is refreshed whole."""
    service.restore(slug, request.actor)
    return segment_detail(slug, request.actor, request.locale)
