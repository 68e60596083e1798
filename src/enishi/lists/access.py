"""Who may open a list, and which of its members.

    maker, administrator          everything; read, manage (rows outside their scope masked)
    auditor, analyst              read everything (rows outside their scope masked)
    share `view`                  read everything
    share `work`                  own members and the unassigned pool
    assignee                      own members

A share or an assignment grants exactly those persons in that list, and ends with the list. A maker
whose row scope is no longer the one the list was built under cannot open it by having made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from enishi.book.access import Actor
from enishi.book.jsontext import digest
from enishi.gate.asking import catalog, in_scope
from enishi.kernel.errors import EnishiError, Forbidden
from enishi.kernel.text import Text
from enishi.lists.models import ActionableList, Member, Share
from enishi.lists.types import ListState
from enishi.lists.visible import no_such_list
from enishi.warehouse.scope import scope_rule

_AT_ONCE = 500
_READERS = ("administrator", "auditor", "analyst")


@dataclass(frozen=True, slots=True)
class Access:
    """What one user may do on one list.

    `scoped`: rows have to be checked against the user's row scope, since no grant covers them.
    """

    manage: bool = False
    work: bool = False
    everybody: bool = False  # all members; else only the user's own
    pool: bool = False  # and the unassigned ones
    scoped: bool = False


def access_to(found: ActionableList, actor: Actor) -> Access:
    """What the actor may do on the list; raises NotFound when nothing, Forbidden on a new scope."""
    share = Share.objects.filter(
        list_id=found.id, user=actor.user_id, ended_at__isnull=True
    ).first()
    open_ = found.state != ListState.CLOSED
    may_work = actor.may("lists.work") and open_
    if actor.role in _READERS and actor.may("lists.read"):
        manage = actor.may("lists.write")
        return Access(manage, may_work, everybody=True, pool=True, scoped=actor.scope is not None)
    granted_ = Access()
    if share is not None and open_:
        granted_ = Access(
            work=may_work and share.level == "work", everybody=share.level == "view", pool=True
        )
    mine = Member.objects.filter(
        list_id=found.id, present__in=(0, 1), assignee=actor.user_id, joined_at__isnull=False
    )
    if open_ and granted_.work < may_work and mine.exists():
        granted_ = replace(granted_, work=may_work)
    if found.created_by == actor.user_id:
        if same_scope(found, actor):
            return Access(
                actor.may("lists.write"), may_work, everybody=True, pool=True,
                scoped=actor.scope is not None,
            )  # fmt: skip
        if granted_ == Access():
            raise _other_scope()
    if granted_ == Access():
        raise no_such_list()
    return granted_


def same_scope(found: ActionableList, actor: Actor) -> bool:
    """Whether the actor's row scope, bound today, is the one the list was built under."""
    if actor.scope is None:
        return True
    try:
        return digest(bound_scope(actor, _subject(found))) == digest(found.scope)
    except EnishiError:
        return False  # a scope that cannot be bound shows nothing


def bound_scope(actor: Actor, subject: str) -> Mapping[str, Any] | None:
    """The actor's row scope over a subject, with the user's attributes put in; None: every row.

    Raises Forbidden `scope_denies` when an attribute is missing.
    """
    checked = scope_rule(actor, catalog(), subject)
    return None if checked is None else dict(checked.json)


def _subject(found: ActionableList) -> str:
    return str(found.definition.body.get("subject", "person"))


def members_for(rows: QuerySet[Any], access: Access, actor: Actor) -> QuerySet[Any]:
    """Narrow members to those the actor may see."""
    if access.everybody:
        return rows
    mine = Q(assignee=actor.user_id)
    return rows.filter(mine | Q(assignee="") if access.pool else mine)


def lists_for(actor: Actor) -> QuerySet[ActionableList]:
    """The lists that appear in the actor's overview."""
    rows = ActionableList.objects.all()
    if actor.role in _READERS:
        return rows
    shared = Share.objects.filter(list=OuterRef("pk"), user=actor.user_id, ended_at__isnull=True)
    assigned = Member.objects.filter(
        list=OuterRef("pk"), present__in=(0, 1), assignee=actor.user_id, joined_at__isnull=False
    )
    return rows.filter(
        Q(created_by=actor.user_id)
        | (~Q(state=ListState.CLOSED) & (Exists(shared) | Exists(assigned)))
    )


def granted(actor: Actor, persons: Iterable[str]) -> set[str]:
    """Which of these persons an open assignment or share opens to the actor."""
    wanted = list(persons)
    views = Share.objects.filter(user=actor.user_id, ended_at__isnull=True)
    in_view = views.filter(level="view").values("list")
    in_pool = views.filter(level="work").values("list")
    found: set[str] = set()
    for start in range(0, len(wanted), _AT_ONCE):
        rows = (
            Member.objects.filter(person__in=wanted[start : start + _AT_ONCE], list__state="open")
            .filter(joined_at__isnull=False)
            .filter(
                Q(assignee=actor.user_id)
                | Q(list__in=in_view)
                | (Q(list__in=in_pool) & Q(assignee=""))
            )
        )
        found.update(rows.values_list("person", flat=True))
    return found


def outside_scope(persons: Iterable[str], access: Access, actor: Actor) -> set[str]:
    """Those of a page's persons whom the actor may no longer see."""
    if not access.scoped:
        return set()
    asked = set(persons)
    return asked - in_scope(asked, actor)


def require_manage(access: Access) -> None:
    """Raise Forbidden unless the list is the actor's to manage."""
    if not access.manage:
        raise Forbidden(
            Text(
                "このリストを管理できるのは作成者と管理者だけです。",
                "Only its maker and administrators manage this list.",
            ),
            Text("作成者に依頼してください。", "Ask who made it."),
            code="not_your_list",
        )


def _other_scope() -> Forbidden:
    return Forbidden(
        Text(
            "このリストは、いまの担当範囲と異なる範囲で作成されています。",
            "This list was built under another scope than yours is now.",
        ),
        Text(
            "新しい担当範囲でリストを作り直すか、管理者に共有を依頼してください。",
            "Make the list again under your scope, or ask an administrator to share it.",
        ),
        code="scope_changed",
    )
