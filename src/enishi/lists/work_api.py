"""Working lists over HTTP: the board, claims, engagements, bulk changes, today."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query, Status

from enishi.book.http import Limit, Offset, Request, Router
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text
from enishi.lists import engaging, service, work
from enishi.lists.access import access_to
from enishi.lists.board import Wanted, member_rows, narrowed, page
from enishi.lists.contacts import engagement_rows
from enishi.lists.detail import member_detail
from enishi.lists.models import Engagement, Member
from enishi.lists.schemas import IdempotencyKey, MeaningName
from enishi.lists.today import today
from enishi.lists.types import PriorityName
from enishi.lists.visible import get_list, members
from enishi.lists.work_schemas import (
    BulkIn,
    BulkOut,
    ClaimOut,
    EngagementDone,
    EngagementIn,
    MemberDetail,
    MemberOut,
    MembersOut,
    TodayOut,
)

router = Router(tags=["work"])
Text80 = Annotated[str | None, Query(max_length=80)]


@router.get("/lists/{list_id}/members", permission="lists.read", response=MembersOut)
def board(
    request: Request,
    list_id: str,
    status: Text80 = None,
    meaning: MeaningName | None = None,
    assignee: Text80 = None,
    priority: PriorityName | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    presence: Literal["in", "left", "all"] = "in",
    sort: Annotated[str, Query(max_length=80)] = "priority",
    offset: Offset = 0,
    limit: Limit = 50,
) -> MembersOut:
    """A page of the board. `assignee`: a user's id, `me` or `none`. `sort`: `priority`, `next_at`,
    `name`, `status`, `assignee`, `last_contact` or `value.<column>`, turned round by a `-`."""
    wanted = Wanted(status, meaning, assignee, priority, q, presence, sort)
    found = page(list_id, wanted, offset, limit, request.actor, request.locale)
    return MembersOut(columns=found.columns, items=found.items, total=found.total)


@router.get("/lists/{list_id}/members/{member_id}", permission="lists.read", response=MemberDetail)
def member(request: Request, list_id: str, member_id: int) -> MemberDetail:
    """One member in full: values, why, gate, other lists, contacts, what to say."""
    return member_detail(list_id, member_id, request.actor, request.locale)


@router.post("/lists/{list_id}/members/bulk", permission="lists.assign", response=BulkOut)
def bulk(request: Request, list_id: str, body: BulkIn) -> BulkOut:
    """Assign many members, or set their status or priority."""
    found, rows = service.members_of(list_id, request.actor)
    if body.ids is not None:
        chosen = rows.filter(id__in=body.ids)
    elif body.filter is not None:
        wanted = Wanted(**body.filter.model_dump())
        chosen = narrowed(rows, wanted, found, request.actor)
    else:
        raise _nobody_chosen()
    assignees = None
    if body.action == "assign":
        assignees = body.assignees or ([body.assignee] if body.assignee else [])
    elif getattr(body, body.action) is None:
        raise _no_target(body.action)
    changed, skipped = service.bulk(
        found,
        chosen.order_by(*work.BOARD_ORDER),
        request.actor,
        assignees=assignees,
        status=body.status if body.action == "status" else None,
        priority=body.priority if body.action == "priority" else None,
    )
    told = Text(f"{changed}人を変更しました", f"{changed} members changed")
    if skipped:
        told = Text(
            f"{told.ja}。対応中の{skipped}人はそのままです",
            f"{told.en}; {skipped} being worked on stay as they are",
        )
    return BulkOut(changed=changed, skipped=skipped, sentence=told[request.locale])


def _nobody_chosen() -> Invalid:
    return Invalid(
        Text("対象が選ばれていません。", "Nobody is chosen."),
        Text("ids か filter を指定してください。", "Give ids or a filter."),
        code="nobody_chosen",
    )


def _no_target(action: str) -> Invalid:
    return Invalid(
        Text("変更後の値がありません。", "There is no value to change to."),
        Text(f"{action} を指定してください。", f"Give {action}."),
        code="no_target",
    )


@router.post("/lists/{list_id}/claim-next", permission="lists.work", response=ClaimOut)
def claim_next(request: Request, list_id: str) -> ClaimOut:
    """Lease the next member to contact."""
    picked = work.claim_next(list_id, request.actor)
    if picked is None:
        told = Text("いま対応する人はいません。", "There is nobody left to contact now.")
        return ClaimOut(member=None, sentence=told[request.locale])
    return ClaimOut(member=_member_out(list_id, picked.id, request))


@router.post(
    "/lists/{list_id}/members/{member_id}/claim", permission="lists.work", response=ClaimOut
)
def claim(request: Request, list_id: str, member_id: int) -> ClaimOut:
    """Lease this member; 409 `being_worked` while somebody else has it."""
    work.claim(list_id, member_id, request.actor)
    return ClaimOut(member=_member_out(list_id, member_id, request))


@router.post(
    "/lists/{list_id}/members/{member_id}/heartbeat", permission="lists.work", response=ClaimOut
)
def heartbeat(request: Request, list_id: str, member_id: int) -> ClaimOut:
    """Extend the own lease: call it while the member is open."""
    work.heartbeat(list_id, member_id, request.actor)
    return ClaimOut(member=_member_out(list_id, member_id, request))


@router.post(
    "/lists/{list_id}/members/{member_id}/release", permission="lists.work", response=ClaimOut
)
def release(request: Request, list_id: str, member_id: int) -> ClaimOut:
    """Give the lease back."""
    work.release(list_id, member_id, request.actor)
    return ClaimOut(member=_member_out(list_id, member_id, request))


@router.post(
    "/lists/{list_id}/members/{member_id}/engagements",
    permission="lists.work",
    response={201: EngagementDone, 200: EngagementDone},
)
def log(
    request: Request,
    list_id: str,
    member_id: int,
    body: EngagementIn,
    idempotency_key: IdempotencyKey = None,
) -> Status[EngagementDone]:
    """Log a contact and all it causes. 200 when this key had logged it before; 409 `blocked` when
    the gate does not allow it."""
    key = body.idempotency_key or idempotency_key
    logged = engaging.log(list_id, member_id, body, key, request.actor)
    return Status(200 if logged.replayed else 201, _done(logged, request))


@router.post("/engagements/{engagement_id}/undo", permission="lists.work", response=EngagementDone)
def undo(request: Request, engagement_id: str) -> EngagementDone:
    """Take an engagement back within ten seconds."""
    return _done(engaging.undo(engagement_id, request.actor), request)


@router.get("/today", permission="lists.read", response=TodayOut)
def my_day(request: Request) -> TodayOut:
    """Whom to contact today and why; for managers also what is at risk."""
    return today(request.actor, request.locale)


def _member_out(list_id: str, member_id: int, request: Request) -> MemberOut:
    """One member after an action; still told when the action has taken it from the actor's view."""
    found = get_list(list_id)
    access = access_to(found, request.actor)
    row = members(found).get(id=member_id)
    return member_rows(found, [row], access, request.actor, request.locale)[0]


def _done(logged: engaging.Logged, request: Request) -> EngagementDone:
    made = Engagement.objects.select_related("list__definition").get(id=logged.engagement.id)
    member: Member = logged.member
    return EngagementDone(
        engagement=engagement_rows([made], request.actor, request.locale)[0],
        member=_member_out(made.list_id, member.id, request),
        replayed=logged.replayed,
    )
