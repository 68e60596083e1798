"""What can be asked of lists as a whole: refresh, cancel, rename, close, share, bulk changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import in_chunks, work
from enishi.gate.people import names_of
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.text import Text
from enishi.lists.access import access_to, members_for, require_manage
from enishi.lists.definitions import body_of
from enishi.lists.making import check_workers, refuse_past_due
from enishi.lists.models import ActionableList, Assignment, Build, Member, Share
from enishi.lists.telling import note_status, tell_worked
from enishi.lists.types import PRIORITY_OF, UNFINISHED, BuildState, ListState
from enishi.lists.visible import get_list, members, standing


def refresh(list_id: str, actor: Actor) -> tuple[Build, bool]:
    """Ask for a refresh; returns the build and whether it is a new one.

    Two who ask at once get one build: the second is told whose it is. Raises Conflict on a closed
    list.
    """
    require_manage(access_to(get_list(list_id), actor))
    with work("list.refresh"):
        found = ActionableList.objects.select_for_update().get(id=list_id)
        require_not_closed(found)
        running = Build.objects.filter(list_id=list_id, state__in=UNFINISHED).first()
        if running is not None:
            return running, False
        number = found.builds + 1
        ActionableList.objects.filter(id=list_id).update(
            builds=number,
            state=ListState.BUILDING if found.published is None else found.state,
        )
        build = Build.objects.create(
            list=found, number=number, requested_by=actor.user_id, requested_at=now()
        )
        audit.record(actor, "list.refresh", "list", list_id, {"build": build.id})
    return build, True


def running_sentence(build: Build, actor: Actor) -> Text:
    """Whose refresh is running already."""
    if build.requested_by == actor.user_id:
        return Text("すでに更新しています。", "Your refresh is running already.")
    name = names_of([build.requested_by]).get(build.requested_by, build.requested_by)
    return Text(f"{name}さんがいま更新しています。", f"{name} is refreshing this list.")


def get_build(list_id: str, build_id: str) -> Build:
    found = Build.objects.filter(list_id=list_id, id=build_id).first()
    if found is None:
        raise NotFound(
            Text("この更新は見つかりません。", "There is no such build."),
            Text("リストを開き直してください。", "Open the list again."),
            code="build_not_found",
        )
    return found


def cancel_build(list_id: str, build_id: str, actor: Actor) -> Build:
    """Stop a build that is not published yet; the list stays as it was."""
    require_manage(access_to(get_list(list_id), actor))
    with work("build.cancel"):
        stopped = Build.objects.filter(
            list_id=list_id,
            id=build_id,
            state__in=(BuildState.QUEUED, BuildState.GATHERING, BuildState.WRITING),
        ).update(state=BuildState.CANCELLED, ended_at=now())
        if not stopped:
            get_build(list_id, build_id)
            raise Conflict(
                Text("この更新はもう止められません。", "This build can no longer be stopped."),
                Text("リストを開き直してください。", "Open the list again."),
                code="build_over",
            )
        ActionableList.objects.filter(id=list_id, published__isnull=True).update(
            state=ListState.FAILED
        )
        audit.record(actor, "list.cancel_build", "list", list_id, {"build": build_id})
    return get_build(list_id, build_id)


def require_not_closed(found: ActionableList) -> None:
    if found.state == ListState.CLOSED:
        raise Conflict(
            Text("このリストは終了しています。", "This list is closed."),
            Text("新しいリストを作ってください。", "Make a new list."),
            code="list_closed",
        )


def change(
    list_id: str, actor: Actor, *, name: str | None, due: date | None, clear_due: bool
) -> ActionableList:
    """Rename a list or move its due date.

    Raises Invalid `due_past` for a new date in the past; a date that has passed meanwhile may stay.
    """
    require_manage(access_to(get_list(list_id), actor))
    with work("list.change"):
        found = ActionableList.objects.select_for_update().get(id=list_id)
        require_not_closed(found)
        if not clear_due and due != found.due:
            refuse_past_due(due)
        found.name = name if name is not None else found.name
        found.due = None if clear_due else due if due is not None else found.due
        found.save(update_fields=["name", "due"])
        detail = {"due": found.due.isoformat() if found.due else ""}
        audit.record(actor, "list.change", "list", list_id, detail)
    return get_list(list_id)


def close(list_id: str, actor: Actor) -> ActionableList:
    """Close a list: shares and assignments end with it, nothing on it can be logged any more."""
    require_manage(access_to(get_list(list_id), actor))
    with work("list.close"):
        found = ActionableList.objects.select_for_update().get(id=list_id)
        require_not_closed(found)
        instant = now()
        ActionableList.objects.filter(id=list_id).update(state=ListState.CLOSED, closed_at=instant)
        Share.objects.filter(list_id=list_id, ended_at__isnull=True).update(ended_at=instant)
        Build.objects.filter(
            list_id=list_id,
            state__in=(BuildState.QUEUED, BuildState.GATHERING, BuildState.WRITING),
        ).update(state=BuildState.CANCELLED, ended_at=instant)
        audit.record(actor, "list.close", "list", list_id)
    return get_list(list_id)


def share(list_id: str, user: str, level: str, actor: Actor) -> Share:
    """Share a list with a user; sharing again changes the level."""
    require_manage(access_to(get_list(list_id), actor))
    if level == "work":
        check_workers([user])
    elif not get_user_model().objects.filter(pk=user, is_active=True).exists():
        raise Invalid(
            Text("この利用者は見つかりません。", "There is no such user."),
            Text("一覧から選んでください。", "Choose one from the overview."),
            code="user_not_found",
        )
    with work("list.share"):
        found = ActionableList.objects.select_for_update().get(id=list_id)
        require_not_closed(found)
        made, _ = Share.objects.update_or_create(
            list_id=list_id,
            user=user,
            ended_at__isnull=True,
            defaults={"level": level, "by": actor.user_id, "at": now()},
        )
        audit.record(actor, "list.share", "list", list_id, {"user": user, "level": level})
    return made


def end_share(list_id: str, share_id: str, actor: Actor) -> None:
    """End a share; what it opened is closed at once."""
    require_manage(access_to(get_list(list_id), actor))
    with work("list.unshare"):
        ended = Share.objects.filter(id=share_id, list_id=list_id, ended_at__isnull=True).update(
            ended_at=now()
        )
        if not ended:
            raise NotFound(
                Text("この共有は見つかりません。", "There is no such share."),
                Text("画面を更新してください。", "Reload the page."),
                code="share_not_found",
            )
        audit.record(actor, "list.unshare", "list", list_id, {"share": share_id})


def bulk(
    found: ActionableList,
    chosen: QuerySet[Any],
    actor: Actor,
    *,
    assignees: list[str] | None = None,
    status: str | None = None,
    priority: str | None = None,
) -> tuple[int, int]:
    """Assign, set the status or the priority of many members, in short units.

    `assignees` deals them out in turn ([] frees them). Members somebody else is working on right
    now are left alone. Returns (changed, skipped).
    """
    access = access_to(found, actor)
    require_manage(access)
    require_not_closed(found)
    check_workers(assignees or [])
    ids = list(members_for(chosen, access, actor).values_list("id", flat=True))
    body = body_of(found.definition)
    changed = 0
    turn = 0

    def some(chunk: list[int]) -> None:
        nonlocal changed, turn
        instant = now()
        busy = Q(lease_until__gt=instant) & ~Q(lease_by__in=("", actor.user_id))
        rows = list(Member.objects.select_for_update().filter(id__in=chunk).exclude(busy))
        rows.sort(key=lambda row: chunk.index(row.id))
        for row in rows:
            if assignees is not None:
                to = assignees[turn % len(assignees)] if assignees else ""
                turn += 1
                if to != row.assignee:
                    Assignment.objects.create(
                        member=row, from_user=row.assignee, to_user=to, how="by_hand",
                        by=actor.user_id, at=instant,
                    )  # fmt: skip
                row.assignee = to
            if status is not None:
                wanted = body.status(status)
                if wanted is None:
                    raise unknown_code("status", status, [s.code for s in body.statuses])
                row.status, row.meaning = wanted.code, wanted.meaning
            if priority is not None:
                row.priority, row.priority_by_hand = int(PRIORITY_OF[priority]), True
        Member.objects.bulk_update(
            rows, ["assignee", "status", "meaning", "priority", "priority_by_hand"], batch_size=100
        )
        if status is not None:
            note_status(rows, instant)
            tell_worked(rows, instant, by=actor.user_id)
        changed += len(rows)
        detail: dict[str, object] = {
            "members": len(rows), "status": status or "", "priority": priority or "",
            "assignees": assignees if assignees is not None else "",
        }  # fmt: skip
        audit.record(actor, "list.bulk", "list", found.id, detail, [row.person for row in rows])

    in_chunks(ids, some, size=200, name="list.bulk")
    return changed, len(ids) - changed


def unknown_code(what: str, code: str, known: list[str]) -> Invalid:
    """A status, kind or outcome that the definition does not have."""
    choices = ", ".join(known)
    return Invalid(
        Text(f"「{code}」はこのリストにありません。", f"This list has no {what} {code!r}."),
        Text(f"選べるもの: {choices}", f"Choose one of: {choices}"),
        code=f"unknown_{what}",
    )


def members_of(list_id: str, actor: Actor) -> tuple[ActionableList, QuerySet[Any]]:
    """A list and those of its members the actor may see."""
    found = get_list(list_id)
    access = access_to(found, actor)
    return found, standing(members_for(members(found), access, actor))
