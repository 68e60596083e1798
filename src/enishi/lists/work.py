"""Working a list: claims with a lease, engagements with all their consequences, undo.

A lease keeps two people off one member. It ends by release, by logging, or by itself when no sign
of life has come for the definition's `lease_minutes`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.gate import service as gate
from enishi.gate.people import names_of
from enishi.gate.slots import extend, release_held, take
from enishi.kernel.errors import Conflict, Forbidden, NotFound
from enishi.kernel.text import Text
from enishi.lists.access import Access, access_to, members_for
from enishi.lists.body import DefinitionBody
from enishi.lists.definitions import body_of
from enishi.lists.models import ActionableList, Member
from enishi.lists.service import require_not_closed
from enishi.lists.types import LIVE, Meaning
from enishi.lists.visible import get_list, members, standing

BOARD_ORDER = ("-v_priority", "-v_score", "id")
LOOK_AT, PAGE = 200, 20
"""How many members of a turn the gate is asked about, and how many at once."""


def open_list(list_id: str, actor: Actor) -> tuple[ActionableList, Access]:
    """The list, if the actor may work it; raises NotFound, Forbidden or Conflict."""
    found = get_list(list_id)
    access = access_to(found, actor)
    require_not_closed(found)
    if not access.work:
        raise Forbidden(
            Text("このリストでは閲覧だけができます。", "You may only look at this list."),
            Text("対応するには、作成者に共有を依頼してください。", "Ask its maker to share it."),
            code="may_not_work",
        )
    return found, access


def free(rows: QuerySet[Any], actor: Actor, at: datetime) -> QuerySet[Any]:
    """Members nobody else holds a live lease on."""
    return rows.filter(
        Q(lease_by="") | Q(lease_by=actor.user_id) | Q(lease_until__lte=at)
        | Q(lease_until__isnull=True)
    )  # fmt: skip


def lock_member(found: ActionableList, access: Access, member_id: int, actor: Actor) -> Member:
    """One member, locked for this unit; NotFound when the actor may not see it."""
    rows = standing(members_for(members(found), access, actor))
    if not rows.filter(id=member_id).exists():
        raise no_such_member()
    return Member.objects.select_for_update().get(id=member_id)


def no_such_member() -> NotFound:
    return NotFound(
        Text("このメンバーは見つかりません。", "There is no such member."),
        Text("リストを開き直してください。", "Open the list again."),
        code="member_not_found",
    )


def require_free(member: Member, actor: Actor, at: datetime) -> None:
    """Raise Conflict while somebody else holds a live lease."""
    if member.lease_by in ("", actor.user_id):
        return
    if member.lease_until is None or member.lease_until <= at:
        return
    name = names_of([member.lease_by]).get(member.lease_by, member.lease_by)
    raise Conflict(
        Text(f"{name}さんが対応中です。", f"{name} is working on this member."),
        Text("次の人に進んでください。", "Go on to the next one."),
        code="being_worked",
        detail={"by": member.lease_by, "until": member.lease_until.astimezone(UTC).isoformat()},
    )


def claim(list_id: str, member_id: int, actor: Actor) -> Member:
    """Take a lease on one member; raises Conflict while somebody else has one.

    The gate is asked, and its answer kept: a contact begun under it may be logged. A blocked
    member can be claimed too, to read why, or because the customer called.
    """
    found, access = open_list(list_id, actor)
    with work("member.claim"):
        member = lock_member(found, access, member_id, actor)
        require_free(member, actor, now())
        return _lease(found, body_of(found.definition), member, actor)


def claim_next(list_id: str, actor: Actor) -> Member | None:
    """Lease the next member to contact: own follow-ups due, own open members, then the pool.

    Passes over members who have left, are blocked at the gate, or held by others. Whatever else
    the actor holds on this list is given back.
    """
    found, access = open_list(list_id, actor)
    body = body_of(found.definition)
    instant = now()
    stopped = gate.stopped_test(
        body.kinds[0].channel, body.purpose, body.product, at=instant, for_user=actor.user_id
    )
    with work("member.claim_next"):
        held = list(
            Member.objects.filter(
                list_id=found.id, lease_by=actor.user_id, lease_until__gt=instant
            ).values_list("id", flat=True)
        )
        rows = free(members(found), actor, instant).exclude(id__in=held)
        rows = rows.exclude(stopped)
        mine = rows.filter(assignee=actor.user_id)
        turns = [
            mine.filter(next_at__lte=instant, meaning__in=LIVE).order_by("next_at", "id"),
            mine.filter(meaning=Meaning.OPEN, v_present=True).order_by(*BOARD_ORDER),
        ]
        if access.pool:
            turns.append(
                rows.filter(assignee="", meaning=Meaning.OPEN, v_present=True).order_by(
                    *BOARD_ORDER
                )
            )
        for turn in turns:
            picked = _pick(turn, body, actor, instant)
            if picked is not None:
                if held:
                    Member.objects.filter(id__in=held).update(lease_by="", lease_until=None)
                    for given_back in held:
                        release_held(held_slot(given_back))
                return _lease(found, body, picked, actor)
    return None


def _pick(turn: QuerySet[Any], body: DefinitionBody, actor: Actor, at: datetime) -> Member | None:
    """The first member of a turn whom the gate lets contact now, locked.

    Whom something lasting stops is not in the turn; quiet hours and caps are asked about here, for
    so many that a night, when nobody may be called, is found out soon.
    """
    for start in range(0, LOOK_AT, PAGE):
        rows = list(turn[start : start + PAGE])
        decisions = gate.decide_many(
            [row.person for row in rows], body.kinds[0].channel, body.purpose, body.product,
            at=at, actor=actor,
        )  # fmt: skip
        for row in rows:
            if decisions[row.person].allowed:
                locked = Member.objects.select_for_update(skip_locked=True).filter(id=row.id)
                member: Member | None = free(locked, actor, at).first()
                if member is not None:
                    return member
        if len(rows) < PAGE:
            break
    return None


def held_slot(member_id: int) -> str:
    """What the gate calls the contact that a lease on a member prepares."""
    return f"member:{member_id}"


def _lease(found: ActionableList, body: DefinitionBody, member: Member, actor: Actor) -> Member:
    """Write the lease. The gate is asked, and while it allows, a slot of its caps is held."""
    instant = now()
    until = instant + timedelta(minutes=body.lease_minutes)
    decision, decided = take(
        member.person, body.kinds[0].channel, body.purpose, body.product, at=instant,
        actor=actor, source=held_slot(member.id), held_until=until,
    )  # fmt: skip
    member.lease_by = actor.user_id
    member.lease_until = until
    member.lease_decision = decided
    Member.objects.filter(id=member.id).update(
        lease_by=member.lease_by, lease_until=member.lease_until, lease_decision=decided
    )
    detail = {"member": member.id, "answer": str(decision.answer), "decision": decided}
    audit.record(actor, "member.claim", "list", found.id, detail, [member.person])
    return member


def heartbeat(list_id: str, member_id: int, actor: Actor) -> Member:
    """Extend the own lease; raises Conflict when it has run out and somebody else has taken it."""
    found, access = open_list(list_id, actor)
    instant = now()
    until = instant + timedelta(minutes=body_of(found.definition).lease_minutes)
    with work("member.heartbeat"):
        member = lock_member(found, access, member_id, actor)
        require_free(member, actor, instant)
        if member.lease_by != actor.user_id:
            raise Conflict(
                Text("確保の期限が切れています。", "Your claim has run out."),
                Text("もう一度確保してください。", "Claim the member again."),
                code="lease_over",
            )
        member.lease_until = until
        Member.objects.filter(id=member.id).update(lease_until=until)
        extend(held_slot(member.id), until)
    return member


def release(list_id: str, member_id: int, actor: Actor) -> Member:
    """Give a lease back; managers of the list may end somebody else's."""
    found, access = open_list(list_id, actor)
    with work("member.release"):
        member = lock_member(found, access, member_id, actor)
        if not access.manage:
            require_free(member, actor, now())
        if member.lease_by:
            member.lease_by, member.lease_until, member.lease_decision = "", None, ""
            Member.objects.filter(id=member.id).update(
                lease_by="", lease_until=None, lease_decision=""
            )
            release_held(held_slot(member.id))
            audit.record(
                actor, "member.release", "list", found.id, {"member": member.id}, [member.person]
            )
    return member
