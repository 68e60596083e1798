"""Approvals: asked for by who wants to make a contact, given or denied by somebody else."""

from __future__ import annotations

from datetime import datetime, timedelta

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.unit import work
from enishi.gate.models import Approval
from enishi.gate.service import decide
from enishi.gate.types import Answer, Decision
from enishi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from enishi.kernel.text import Text

VALID = timedelta(days=14)
"""How long an approval holds when who gives it does not say."""
LONGEST = timedelta(days=92)


def ask(
    person: str,
    channel: str,
    purpose: str | None,
    product: str | None = None,
    *,
    note: str,
    at: datetime,
    actor: Actor,
    list_id: str = "",
    member_id: str = "",
) -> Approval:
    """Ask for the approval that the gate wants now; the request that waits already, if any.

    Raises Conflict `no_approval_needed` when the gate answers anything but `needs_approval`.
    """
    decision = decide(person, channel, purpose, product, at=at, actor=actor)
    if decision.answer is not Answer.NEEDS_APPROVAL:
        raise Conflict(
            Text("この連絡に承認は必要ありません。", "This contact does not wait for an approval."),
            Text("画面を更新して、接触可否を確かめてください。", "Reload the page and look at it."),
            code="no_approval_needed",
            detail={"answer": str(decision.answer)},
        )
    with work("approval.ask"):
        same = Approval.objects.filter(
            person=person, channel=channel, purpose=purpose or "", product=product,
            for_user=actor.user_id, state="waiting",
        ).first()  # fmt: skip
        if same is not None:
            return same
        row = Approval.objects.create(
            person=person, channel=channel, purpose=purpose or "", product=product,
            reasons=_reasons(decision), another=decision.another, role=decision.by or "manager",
            note=note, state="waiting", list_id=list_id, member_id=member_id,
            asked_by=actor.user_id, for_user=actor.user_id, asked_at=at,
        )  # fmt: skip
        audit.record(
            actor, "approval.ask", "approval", row.id,
            {"channel": channel, "codes": [r["code"] for r in row.reasons]}, [person],
        )  # fmt: skip
    return row


def _reasons(decision: Decision) -> list[dict[str, str]]:
    return [
        {"code": r.code, "restriction": r.restriction_id, "policy": r.policy,
         "ja": r.sentence.ja, "en": r.sentence.en}
        for r in decision.reasons
        if r.answer is Answer.NEEDS_APPROVAL
    ]  # fmt: skip


def get_approval(approval_id: str) -> Approval:
    """One request; raises NotFound."""
    found = Approval.objects.filter(id=approval_id).first()
    if found is None:
        raise NotFound(
            Text("この承認依頼は見つかりません。", "There is no such request."),
            Text("画面を更新してください。", "Reload the page."),
            code="approval_not_found",
        )
    return found


def approve(
    approval_id: str,
    *,
    answer: str = "",
    valid_until: datetime | None = None,
    at: datetime,
    actor: Actor,
) -> Approval:
    """Let the contact be made until `valid_until` (14 days unless given, at most 92).

    Raises Forbidden `own_request` for who asked or may not approve, Conflict `approval_over`.
    """
    until = valid_until or at + VALID
    if not at < until <= at + LONGEST:
        raise Invalid(
            Text("期限が正しくありません。", "This end cannot be used."),
            Text(
                f"これから{LONGEST.days}日以内の日時を指定してください。",
                f"Give a time within the next {LONGEST.days} days.",
            ),
            code="until_past",
        )
    return _decide(approval_id, "approved", answer, until, at, actor)


def deny(approval_id: str, *, answer: str, at: datetime, actor: Actor) -> Approval:
    """Do not let the contact be made; raises as `approve`."""
    return _decide(approval_id, "denied", answer, None, at, actor)


def _decide(
    approval_id: str,
    state: str,
    answer: str,
    until: datetime | None,
    at: datetime,
    actor: Actor,
) -> Approval:
    with work("approval.decide"):
        row = get_approval(approval_id)
        if not may_decide(row, actor):
            raise Forbidden(
                Text(
                    "この依頼は別の承認者が判断します。", "Another approver decides this request."
                ),
                Text("承認できる人に依頼してください。", "Ask somebody who may approve it."),
                code="own_request",
            )
        changed = Approval.objects.filter(id=row.id, state="waiting").update(
            state=state, decided_by=actor.user_id, decided_at=at, answer=answer, valid_until=until
        )
        if not changed:
            raise _over()
        audit.record(actor, f"approval.{state}", "approval", row.id, {}, [row.person])
        row.refresh_from_db()
    return row


def withdraw(approval_id: str, *, at: datetime, actor: Actor) -> Approval:
    """Take one's own request back, or end an approval one has been given."""
    with work("approval.withdraw"):
        row = get_approval(approval_id)
        if row.asked_by != actor.user_id:
            raise Forbidden(
                Text("ほかの人の依頼は取り下げられません。", "This is somebody else's request."),
                Text("依頼した人に確認してください。", "Ask who made it."),
                code="not_own_request",
            )
        mine = Approval.objects.filter(id=row.id, state__in=("waiting", "approved"))
        if not mine.update(state="withdrawn", decided_at=at):
            raise _over()
        audit.record(actor, "approval.withdraw", "approval", row.id, {}, [row.person])
        row.refresh_from_db()
    return row


def may_decide(row: Approval, actor: Actor) -> bool:
    """Whether the actor may answer a request: an approver of the role wanted, not the asker."""
    return (
        actor.may("gate.approve")
        and actor.user_id not in (row.asked_by, row.for_user)
        and (row.role != "administrator" or actor.role == "administrator")
    )


def waiting(actor: Actor, *, limit: int = 200) -> list[Approval]:
    """The requests the actor may answer, oldest first. The caller leaves out who is not visible."""
    rows = Approval.objects.filter(state="waiting").order_by("asked_at", "id")
    return [row for row in rows if may_decide(row, actor)][:limit]


def asked_by(actor: Actor, *, limit: int = 200) -> list[Approval]:
    """The actor's own requests, newest first."""
    rows = Approval.objects.filter(asked_by=actor.user_id).order_by("-asked_at", "-id")
    return list(rows[:limit])


def requests_of(person: str, *, limit: int = 100) -> list[Approval]:
    """All requests about a person, newest first."""
    return list(Approval.objects.filter(person=person).order_by("-asked_at", "-id")[:limit])


def _over() -> Conflict:
    return Conflict(
        Text("この依頼はもう判断されています。", "This request has been decided."),
        Text("画面を更新してください。", "Reload the page."),
        code="approval_over",
    )
