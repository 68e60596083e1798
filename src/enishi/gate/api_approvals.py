"""Approvals over HTTP: asked for in work mode, answered by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from ninja import Status

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.http import Limit, Offset, Page, Request, Router, page
from enishi.book.opening import look_at
from enishi.book.workspace import current_workspace
from enishi.gate import approvals, service
from enishi.gate.asking import in_scope, persons_named
from enishi.gate.consent_schemas import ApprovalAskIn, ApprovalOut, ApproveIn, DenyIn
from enishi.gate.models import Approval
from enishi.gate.people import holder, names_of, ref
from enishi.gate.purposes import purposes
from enishi.gate.restrictions import written
from enishi.gate.visibility import require_visible, visible
from enishi.kernel.text import Text

router = Router(tags=["gate"])

_LATEST = 500
_WHY_NOT = {
    "own": Text("自分の依頼は承認できません。", "Nobody approves a request of their own."),
    "role": Text("管理者だけが承認できます。", "Only an administrator may approve this."),
}


@router.get("/approvals", permission="gate.approve", response=Page[ApprovalOut])
def requests(
    request: Request,
    state: Literal["waiting", "decided"] = "waiting",
    offset: Offset = 0,
    limit: Limit = 50,
) -> dict[str, object]:
    """Requests about customers one may see: those that wait, the oldest first, or the latest ones
    that were answered."""
    rows = Approval.objects.filter(state="waiting").order_by("asked_at", "id")
    if state == "decided":
        rows = Approval.objects.exclude(state="waiting").order_by("-decided_at", "-id")
    latest = list(rows[:_LATEST])
    seen = visible(request.actor, {row.person for row in latest}, in_scope)
    mine = [row for row in latest if row.person in seen]
    shown = mine[offset : offset + limit]
    people = {row.person for row in shown}
    if people:
        audit.record(request.actor, "approval.view", "approval", state, {}, sorted(people))
    return page(_out(shown, request), len(mine))


@router.get("/customers/{person}/approvals", permission="gate.read", response=Page[ApprovalOut])
def requests_of(request: Request, person: str) -> dict[str, object]:
    """Every request about one customer, the newest first."""
    require_visible(request.actor, person, in_scope)
    rows = approvals.requests_of(person)
    look_at(request.actor, person, "approvals")
    return page(_out(rows, request), len(rows))


@router.post("/approvals", permission="lists.work", response={201: ApprovalOut})
def ask(request: Request, body: ApprovalAskIn) -> Status[ApprovalOut]:
    """Ask for the approval that the gate wants for a contact of one's own."""
    require_visible(request.actor, body.person_id, in_scope)
    row = approvals.ask(
        body.person_id, body.channel, body.purpose or None, body.product, note=body.note,
        at=now(), actor=request.actor, list_id=body.list_id, member_id=body.member_id,
    )  # fmt: skip
    return Status(201, _out([row], request)[0])


@router.post("/approvals/{approval_id}/approve", permission="gate.approve", response=ApprovalOut)
def approve(request: Request, approval_id: str, body: ApproveIn) -> ApprovalOut:
    """Let the contact be made, for the reasons that were named, until the end."""
    _require_seen(request.actor, approval_id)
    until = service.aware(body.valid_until, current_workspace().zone)
    row = approvals.approve(
        approval_id, answer=body.answer, valid_until=until, at=now(), actor=request.actor
    )
    return _out([row], request)[0]


@router.post("/approvals/{approval_id}/deny", permission="gate.approve", response=ApprovalOut)
def deny(request: Request, approval_id: str, body: DenyIn) -> ApprovalOut:
    """Decline the contact, and say why."""
    _require_seen(request.actor, approval_id)
    row = approvals.deny(approval_id, answer=body.answer, at=now(), actor=request.actor)
    return _out([row], request)[0]


@router.post("/approvals/{approval_id}/withdraw", permission="lists.work", response=ApprovalOut)
def withdraw(request: Request, approval_id: str) -> ApprovalOut:
    """Take one's own request back."""
    _require_seen(request.actor, approval_id)
    row = approvals.withdraw(approval_id, at=now(), actor=request.actor)
    return _out([row], request)[0]


def _require_seen(actor: Actor, approval_id: str) -> None:
    require_visible(actor, approvals.get_approval(approval_id).person, in_scope)


def _out(rows: Sequence[Approval], request: Request) -> list[ApprovalOut]:
    """The caller has made sure that the persons are visible."""
    actor, locale = request.actor, request.locale
    people = tuple(dict.fromkeys(row.person for row in rows))
    shown = persons_named(people, replace(actor, opened=people))
    users = names_of([u for row in rows for u in (row.asked_by, row.for_user, row.decided_by)])
    named = purposes()
    return [
        ApprovalOut.model_validate(
            {
                "id": row.id, "person_id": row.person,
                "display": shown.get(row.person, row.person), "channel": row.channel,
                "purpose": row.purpose,
                "purpose_label": named.get(row.purpose, Text(row.purpose, row.purpose))[locale],
                "product": row.product,
                "reasons": [{"code": r["code"], "sentence": r[locale]} for r in row.reasons],
                "note": written(row.note, row.asked_by, actor), "state": row.state,
                "list_id": row.list_id or None, "member_id": row.member_id or None,
                "asked_by": holder(row.asked_by, users), "for_user": holder(row.for_user, users),
                "asked_at": row.asked_at, "decided_by": ref(row.decided_by, users),
                "decided_at": row.decided_at,
                "answer": written(row.answer, row.decided_by, actor),
                "valid_until": row.valid_until, "mine": row.asked_by == actor.user_id,
                "may_decide": row.state == "waiting" and approvals.may_decide(row, actor),
                "why_not": _why_not(row, actor)[locale],
            }
        )
        for row in rows
    ]  # fmt: skip


def _why_not(row: Approval, actor: Actor) -> Text:
    if row.state != "waiting" or approvals.may_decide(row, actor):
        return Text("", "")
    own = actor.user_id in (row.asked_by, row.for_user)
    return _WHY_NOT["own" if own else "role"]
