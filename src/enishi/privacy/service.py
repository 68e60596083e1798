"""Requests of persons about their data: received, checked, answered, each with its due date."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, QuerySet

from enishi.book import audit
from enishi.book.access import SYSTEM, Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import Workspace, current_workspace
from enishi.gate import consents
from enishi.gate import service as gate
from enishi.gate.asking import in_scope
from enishi.gate.in_force import as_calendar, calendar_body
from enishi.gate.visibility import require_visible, visible
from enishi.kernel.business_days import BusinessCalendar
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.privacy.models import Erasure, PrivacyRequest, RequestStep
from enishi.privacy.types import (
    OPEN_STATES,
    UNFINISHED,
    IdentityCheck,
    RequestKind,
    RequestState,
    Via,
)
from enishi.warehouse.engine import engine_url
from enishi.warehouse.process import warehouse

DUE_DAYS = 14
"""Business days within which a request is answered, counted from the day after its receipt."""

_OLDEST = timedelta(days=366)
_HOW: dict[Via, consents.How] = {
    Via.BRANCH: "branch", Via.PHONE: "phone", Via.POST: "form", Via.WEB: "web", Via.EMAIL: "email",
}  # fmt: skip


def calendar() -> BusinessCalendar:
    """The business calendar due dates are counted by: the one that contacts obey."""
    return as_calendar(calendar_body())


def today() -> date:
    """The day it is in the workspace's zone."""
    return now().astimezone(current_workspace().zone).date()


def due_of(received_on: date) -> date:
    """The last day to answer a request received on a day."""
    return calendar().add_business_days(received_on, DUE_DAYS)


def receive(
    kind: RequestKind, person: str, via: Via, received_on: date, wording: str, actor: Actor
) -> PrivacyRequest:
    """Record a request. A stop-use request stops every contact but the transactional at once, and
    withdraws consent to every purpose.

    Raises NotFound for a person the actor may not see, Invalid `received_on` for a day to come or
    over a year ago.
    """
    require_visible(actor, person, in_scope)
    if not today() - _OLDEST <= received_on <= today():
        raise Invalid(
            Text("受付日が正しくありません。", "The day of receipt cannot be right."),
            Text("過去1年以内の日付を入力してください。", "Give a day of the last twelve months."),
            code="received_on",
        )
    found = warehouse().person(person, actor=SYSTEM)
    with work("privacy.receive"):
        made = PrivacyRequest.objects.create(
            kind=kind, person=found["id"], subject=found["dataset"], key=found["key"][:200],
            display=str(found["display"] or "")[:400], received_on=received_on,
            due=due_of(received_on), via=via, wording=wording, created_by=actor.user_id,
        )  # fmt: skip
        _note(made, "received", actor, private={"wording": wording})
        if kind is RequestKind.STOP_USE:
            _stop(made, actor)
    return made


def _stop(made: PrivacyRequest, actor: Actor) -> None:
    # Whose words a reason holds cannot be known in both languages: the sentence says enough.
    stop = gate.do_not_contact(made.person, at=now(), actor=actor)
    said = consents.record(
        made.person, given=False, how=_HOW[Via(made.via)], wording="", evidence=made.id,
        said_at=now(), at=now(), actor=actor,
    )  # fmt: skip
    made.restriction, made.consent = stop.id, said.id
    made.save(update_fields=["restriction", "consent"])


def confirm(request_id: str, method: IdentityCheck, note: str, actor: Actor) -> PrivacyRequest:
    """Note that the identity of who asks was checked, and how."""
    with work("privacy.confirm"):
        found = _open_request(request_id, actor, RequestState.RECEIVED)
        found.state, found.check_method, found.check_note = RequestState.CONFIRMED, method, note
        _save(found, "state", "check_method", "check_note")
        _note(found, "confirmed", actor, {"method": str(method)}, {"note": note})
    return found


def answer(request_id: str, text: str, actor: Actor) -> PrivacyRequest:
    """Close a request as answered. An erasure is answered by erasing, not by hand."""
    with work("privacy.answer"):
        found = _open_request(request_id, actor, RequestState.CONFIRMED)
        if found.kind == RequestKind.ERASURE:
            raise Conflict(
                Text("消去の請求は、消去が終わると回答済みになります。",
                     "A request for erasure is answered by erasing."),
                Text("「消去する」を実行してください。", "Begin the erasure."),
                code="erase_first",
            )  # fmt: skip
        _end(found, RequestState.ANSWERED, text, actor)
    return found


def refuse(request_id: str, reason: str, actor: Actor) -> PrivacyRequest:
    """Close a request as refused; the reason is what the person is told. A stop is taken back."""
    with work("privacy.refuse"):
        found = _open_request(request_id, actor, RequestState.RECEIVED, RequestState.CONFIRMED)
        _end(found, RequestState.REFUSED, reason, actor)
        _unstop(found, actor)
    return found


def withdraw(request_id: str, note: str, actor: Actor) -> PrivacyRequest:
    """Close a request because who asked no longer wants it. A stop is taken back."""
    with work("privacy.withdraw"):
        found = _open_request(request_id, actor, RequestState.RECEIVED, RequestState.CONFIRMED)
        _end(found, RequestState.WITHDRAWN, note, actor)
        _unstop(found, actor)
    return found


def erase(request_id: str, key: str, actor: Actor) -> Erasure:
    """Queue the erasure a confirmed request asks for. `key` repeats the person's number.

    Raises Invalid `key_differs` when it is another's: nobody is erased by a slip.
    """
    with work("privacy.erase"):
        found = _open_request(request_id, actor, RequestState.CONFIRMED)
        if found.kind != RequestKind.ERASURE:
            raise Conflict(
                Text("この請求は消去の請求ではありません。", "This request asks for no erasure."),
                Text("消去の請求を登録してください。", "Record a request for erasure."),
                code="not_an_erasure",
            )
        require_duckdb(current_workspace())
        if key.strip() != found.key:
            raise Invalid(
                Text("番号が一致しません。", "The number is not this person's."),
                Text("この請求の顧客番号を入力してください。",
                     "Type the customer number of this request."),
                code="key_differs",
            )  # fmt: skip
        made = Erasure.objects.create(
            person=found.person, request=found.id, by=actor.user_id, not_before=now()
        )
        found.state = RequestState.ERASING
        _save(found, "state")
        _note(found, "erasing", actor, {"erasure": made.id})
    return made


def require_duckdb(workspace: Workspace) -> None:
    """Raise Conflict `erasure_engine` where the warehouse's rows are in another engine."""
    if engine_url(workspace).scheme != "duckdb":
        raise Conflict(
            Text(
                "この倉庫のエンジンでは消去を実行できません。",
                "On this engine of the warehouse nobody can be erased.",
            ),
            Text(
                "エンジン側で行を削除するか、DuckDB の倉庫に移してください(docs/privacy.md)。",
                "Delete the rows in the engine itself, or move to DuckDB (docs/privacy.md).",
            ),
            code="erasure_engine",
        )


def again(erasure_id: str, actor: Actor) -> Erasure:
    """Let an erasure that failed or waits be tried at once."""
    with work("privacy.again"):
        found = Erasure.objects.filter(id=erasure_id, state__in=UNFINISHED).first()
        if found is None:
            raise NotFound(
                Text("この消去は見つからないか、終わっています。",
                     "There is no such erasure, or it has ended."),
                Text("画面を更新してください。", "Reload the page."),
            )  # fmt: skip
        Erasure.objects.filter(id=found.id).update(not_before=now())
        audit.record(actor, "privacy.again", "erasure", found.id, {}, [found.person])
    return found


def find(request_id: str, actor: Actor = SYSTEM) -> PrivacyRequest:
    """One request; raises NotFound, also for one about a person the actor may not see."""
    found = PrivacyRequest.objects.filter(id=request_id).first()
    if found is None or not visible(actor, [found.person], in_scope):
        raise NotFound(
            Text("この請求は見つかりません。", "There is no such request."),
            Text("画面を更新してください。", "Reload the page."),
            code="request_not_found",
        )
    return found


def open_to(actor: Actor) -> QuerySet[PrivacyRequest]:
    """Requests about persons the actor may see."""
    found = PrivacyRequest.objects.all()
    if actor.scope is None:
        return found
    persons = set(found.values_list("person", flat=True).distinct())
    return found.filter(person__in=visible(actor, persons, in_scope))


def listed(
    kind: str, state: str, among: QuerySet[PrivacyRequest] | None = None
) -> QuerySet[PrivacyRequest]:
    """Requests of a kind (or all) that are `open`, `closed` or `late`: the next due first."""
    everything = PrivacyRequest.objects.all() if among is None else among
    found = everything.filter(Q(kind=kind) if kind else Q())
    if state == "closed":
        return found.exclude(state__in=OPEN_STATES).order_by("-ended_on", "-id")
    if state in ("open", "late"):
        found = found.filter(state__in=OPEN_STATES)
    if state == "late":
        found = found.filter(due__lt=today())
    return found.order_by("due", "id") if state else found.order_by("-received_on", "-id")


def close_erased(found: PrivacyRequest, counts: dict[str, int]) -> None:
    """Answer the request whose erasure has ended. Nothing in it names the person any more."""
    found.state, found.ended_on = RequestState.ANSWERED, today()
    _save(found, "state", "ended_on")
    _note(found, "answered", SYSTEM, {"rows": sum(counts.values())})


def forget_words(person: str) -> int:
    """Empty what names a person, or is in people's words, in her requests; how many they are."""
    with work("privacy.forget"):
        return PrivacyRequest.objects.filter(person=person).update(
            key="", display="", wording="", check_note="", answer=""
        )


def _open_request(request_id: str, actor: Actor, *states: RequestState) -> PrivacyRequest:
    """A request in one of these states, locked; raises NotFound, Conflict `request_moved_on`."""
    find(request_id, actor)
    found = PrivacyRequest.objects.select_for_update().get(id=request_id)
    if found.state not in states:
        raise Conflict(
            Text("この請求はすでに先へ進んでいます。", "This request has moved on."),
            Text("画面を更新してください。", "Reload the page."),
            code="request_moved_on",
        )
    return found


def _end(found: PrivacyRequest, state: RequestState, text: str, actor: Actor) -> None:
    found.state, found.answer, found.ended_on = state, text, today()
    _save(found, "state", "answer", "ended_on")
    _note(found, str(state), actor, private={"text": text})


def _unstop(found: PrivacyRequest, actor: Actor) -> None:
    row = gate.restriction(found.restriction) if found.restriction else None
    if row is not None and row.released_at is None:
        gate.release(row.id, found.id, at=now(), actor=actor)
    said = consents.get_consent(found.consent) if found.consent else None
    if said is not None and said.voided_at is None:
        consents.void(said.id, found.id, at=now(), actor=actor)


def _save(found: PrivacyRequest, *fields: str) -> None:
    found.changed_at = now()
    found.save(update_fields=[*fields, "changed_at"])


def _note(
    found: PrivacyRequest,
    action: str,
    actor: Actor,
    detail: dict[str, object] | None = None,
    private: dict[str, str] | None = None,
) -> None:
    RequestStep.objects.create(request=found, action=action, by=actor.user_id)
    told = {"kind": found.kind, "due": found.due.isoformat(), **(detail or {})}
    audit.record(
        actor, f"privacy.{action}", "privacy_request", found.id, told, [found.person], private
    )
