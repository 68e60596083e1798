"""Logging an engagement: the contact, the member, the gate and the audit change in one unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.utils.dateparse import parse_datetime

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.jsontext import digest
from enishi.book.unit import crash_point, work
from enishi.book.workspace import current_workspace
from enishi.gate import service as gate
from enishi.gate.slots import give_back, take
from enishi.gate.types import Answer, Decision, HoldKind
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.lists.body import DefinitionBody, Kind, Outcome
from enishi.lists.definitions import body_of
from enishi.lists.making import key_reused
from enishi.lists.models import ActionableList, Assignment, Engagement, Member
from enishi.lists.service import unknown_code
from enishi.lists.telling import note_status, tell_worked
from enishi.lists.types import STAGE_OF, Meaning
from enishi.lists.work import held_slot, lock_member, open_list, require_free
from enishi.lists.work_schemas import EngagementIn

UNDO = timedelta(seconds=10)
_RESTORED = (
    "status", "meaning", "assignee", "attempts", "stage", "last_contact_at", "last_outcome",
    "next_step", "next_at", "lease_by", "lease_until", "lease_decision",
)  # fmt: skip
_INSTANTS = ("last_contact_at", "next_at", "lease_until")


@dataclass(frozen=True, slots=True)
class Logged:
    engagement: Engagement
    member: Member
    replayed: bool


class _StoppedError(Exception):
    """The gate does not allow the contact: what its unit has written goes, its answer does not."""

    def __init__(self, decision: Decision, made: Engagement, body: DefinitionBody) -> None:
        super().__init__(str(decision.answer))
        self.decision, self.made, self.body = decision, made, body

    def keep(self, actor: Actor) -> None:
        """Store the answer, in a unit of its own."""
        made, body = self.made, self.body
        with work("engagement.stopped"):
            gate.store(
                self.decision, made.person, made.channel, body.purpose, body.product, at=made.at,
                actor=actor, source=slot_of(made),
            )  # fmt: skip


def log(list_id: str, member_id: int, asked: EngagementIn, key: str | None, actor: Actor) -> Logged:
    """Log one contact, with everything it causes, in one unit.

    The gate is asked now. An outbound contact it does not allow is refused (Conflict `blocked`),
    unless it began under a lease taken while the gate allowed that channel. What the customer
    began is always logged. The same key again answers with the first engagement.
    """
    told = digest([list_id, member_id, asked.model_dump(mode="json", exclude={"idempotency_key"})])
    if key is not None and (same := _earlier(key, told, actor)) is not None:
        return same
    found, access = open_list(list_id, actor)
    body = body_of(found.definition)
    kind, outcome = _words(asked, body)
    next_at = gate.aware(asked.next_at, current_workspace().zone)
    instant = now()
    if next_at is not None and next_at <= instant:
        raise Invalid(
            Text("次回の日時が過去になっています。", "The next contact lies in the past."),
            Text("これからの日時を指定してください。", "Give a time that is still to come."),
            code="next_at_past",
        )
    try:
        with work("engagement.log"):
            member = lock_member(found, access, member_id, actor)
            if key is not None and (same := _earlier(key, told, actor)) is not None:
                # A double submit: the first came while this one waited for the member. What it
                # caused (a refusal blocks) must not be held against its own repetition.
                return same
            require_free(member, actor, instant)
            made = Engagement(
                list_id=found.id, member_id=member.id, person=member.person, kind=kind.code,
                channel=kind.channel, direction=asked.direction, outcome=outcome.code,
                outcome_kind=outcome.kind, stage=int(STAGE_OF[outcome.kind]), note=asked.note,
                next_step=asked.next_step or "", next_at=next_at,
                refused_product=asked.refused_product, by=actor.user_id,
                at=instant, idempotency_key=key, request_digest=told, before=_snapshot(member),
            )  # fmt: skip
            made.decision_id = _permitted(body, member, made, actor)
            made.restriction_id = _restrict(made, outcome, body, found, actor)
            made.save(force_insert=True)
            crash_point("lists.engagement")
            _move(member, made, outcome, body, actor)
            detail = {"member": member.id, "engagement": made.id, "kind": kind.code,
                      "outcome": outcome.code, "restriction": made.restriction_id}  # fmt: skip
            audit.record(actor, "engagement.log", "list", found.id, detail, [member.person])
    except _StoppedError as stopped:
        stopped.keep(actor)
        raise blocked(stopped.decision) from None
    except IntegrityError:
        # A double submit: both passed the look above, one came first.
        if key is not None and (same := _earlier(key, told, actor)) is not None:
            return same
        raise
    return Logged(made, member, replayed=False)


def _earlier(key: str, told: str, actor: Actor) -> Logged | None:
    found = (
        Engagement.objects.select_related("member")
        .filter(by=actor.user_id, idempotency_key=key)
        .first()
    )
    if found is None:
        return None
    if found.request_digest != told:
        raise key_reused()
    return Logged(found, found.member, replayed=True)


def _words(asked: EngagementIn, body: DefinitionBody) -> tuple[Kind, Outcome]:
    kind, outcome = body.kind(asked.kind), body.outcome(asked.outcome)
    if kind is None:
        raise unknown_code("kind", asked.kind, [k.code for k in body.kinds])
    if outcome is None:
        raise unknown_code("outcome", asked.outcome, [o.code for o in body.outcomes])
    return kind, outcome


def _permitted(body: DefinitionBody, member: Member, made: Engagement, actor: Actor) -> str:
    """Ask the gate, keep its answer and let the contact count; returns the decision's id, raises
    _StoppedError. What the customer began counts against no cap."""
    inbound = made.direction == "inbound"
    begun = (
        member.lease_by == actor.user_id
        and member.lease_until is not None
        and member.lease_until > made.at
        and gate.was_allowed(member.lease_decision, made.channel)
    )

    def permit(decision: Decision) -> bool:
        approver = decision.answer is Answer.NEEDS_APPROVAL and actor.may("gate.approve")
        return begun or (approver and not decision.another)

    decision, decided = take(
        member.person, made.channel, body.purpose, body.product, at=made.at, actor=actor,
        source=slot_of(made), holding=held_slot(member.id), permit=permit, counts=not inbound,
    )  # fmt: skip
    if not (decision.allowed or inbound or permit(decision)):
        raise _StoppedError(decision, made, body)
    return decided


def slot_of(made: Engagement) -> str:
    """What the gate calls the contact that an engagement is."""
    return f"engagement:{made.id}"


def blocked(decision: Decision) -> Conflict:
    """A contact that the gate does not allow, with all its reasons."""
    ja, en = gate.words(decision, "ja"), gate.words(decision, "en")
    return Conflict(
        Text(f"連絡できません。{ja}", f"This contact is blocked. {en}"),
        Text(
            "お客さまからの連絡であれば「着信」として記録してください。",
            "If the customer contacted you, log it as inbound.",
        ),
        code="blocked",
        detail={
            "answer": str(decision.answer),
            "reasons": [
                {"code": r.code, "ja": r.sentence.ja, "en": r.sentence.en} for r in decision.reasons
            ],
        },
    )


def _restrict(
    made: Engagement, outcome: Outcome, body: DefinitionBody, found: ActionableList, actor: Actor
) -> str:
    """The refusal or hold that the outcome causes; returns its id, empty when there is none."""
    blocks = outcome.blocking
    if blocks == "nothing":
        return ""
    source: dict[str, Any] = {
        "reason": made.note, "via": made.channel, "engagement_id": made.id, "list_id": found.id,
        "at": made.at, "actor": actor,
    }  # fmt: skip
    if blocks in {str(kind) for kind in HoldKind}:
        return gate.hold(made.person, blocks, **source).id
    product = made.refused_product
    if product is None and blocks == "product":
        product = body.product or body.purpose
    label = None
    if product is not None and product == body.product and body.product_label is not None:
        label = Text(body.product_label.ja, body.product_label.en)
    return gate.refuse(made.person, product=product, product_label=label, **source).id


def _snapshot(member: Member) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name in _RESTORED
        for value in [getattr(member, name)]
    }


def _move(
    member: Member, made: Engagement, outcome: Outcome, body: DefinitionBody, actor: Actor
) -> None:
    """The member after the engagement: status, stage, follow-up, owner, lease."""
    status = body.status(outcome.status) if outcome.status is not None else None
    if status is None and member.meaning == Meaning.OPEN:
        status = body.first_status("working")
    if status is not None:
        member.status, member.meaning = status.code, status.meaning
        note_status([member], made.at)
    if not member.assignee:
        Assignment.objects.create(
            member=member, from_user="", to_user=actor.user_id, how="claimed",
            by=actor.user_id, at=made.at,
        )  # fmt: skip
        member.assignee = actor.user_id
    member.attempts += 1
    member.stage = max(member.stage, made.stage)
    member.last_contact_at, member.last_outcome = made.at, outcome.code
    member.next_step, member.next_at = made.next_step, made.next_at
    member.lease_by, member.lease_until, member.lease_decision = "", None, ""
    member.save(update_fields=list(_RESTORED))
    tell_worked([member], made.at, by=actor.user_id, outcome=outcome.code)


def undo(engagement_id: str, actor: Actor) -> Logged:
    """Take an engagement back within ten seconds: member, refusal and hold are as before.

    Only who logged it may, and only while nothing else has been logged on the member. The row is
    kept, marked undone.
    """
    with work("engagement.undo"):
        made = (
            Engagement.objects.select_for_update()
            .filter(id=engagement_id, by=actor.user_id)
            .first()
        )
        if made is None:
            raise NotFound(
                Text("この記録は見つかりません。", "There is no such engagement of yours."),
                Text("画面を更新してください。", "Reload the page."),
                code="engagement_not_found",
            )
        instant = now()
        later = Engagement.objects.filter(
            member_id=made.member_id, undone_at__isnull=True, at__gte=made.at
        ).exclude(id=made.id)
        if made.undone_at is not None or instant - made.at > UNDO or later.exists():
            raise Conflict(
                Text("この記録はもう取り消せません。", "This can no longer be undone."),
                Text("訂正する内容を新しく記録してください。", "Log a correction instead."),
                code="undo_over",
            )
        member = Member.objects.select_for_update().get(id=made.member_id)
        for name in _RESTORED:
            value = made.before[name]
            if name in _INSTANTS and value is not None:
                value = parse_datetime(str(value))
            setattr(member, name, value)
        member.save(update_fields=list(_RESTORED))
        note_status([member], instant)
        tell_worked([member], instant, by=actor.user_id)
        gate.withdraw(made.id, at=instant, actor=actor)
        give_back(slot_of(made), at=instant)
        made.undone_at = instant
        made.save(update_fields=["undone_at"])
        detail = {"member": member.id, "engagement": made.id}
        audit.record(actor, "engagement.undo", "list", made.list_id, detail, [made.person])
    return Logged(made, member, replayed=False)
