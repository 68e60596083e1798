"""Members put on a list beside its builds, because somebody else asks for them: a journey's task.

Who is put there has to be one whom the definition's rule allows, in the row scope of the list's
maker; the maker's own filter is not asked. Such a member stays whatever a refresh finds, until
whoever asked takes her off again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json import loads
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor
from enishi.kernel.errors import EnishiError
from enishi.lists.dataset import envelope
from enishi.lists.definitions import body_of
from enishi.lists.gather import gather_some
from enishi.lists.models import ActionableList, Build, Member
from enishi.lists.telling import JOINED, LEFT, note_status
from enishi.lists.types import LIVE, UNFINISHED, ListState, Meaning


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody is to be put on a list. `key` says who asks, at most 160 characters."""

    key: str
    person: str


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of it: the member, or why there is none: `no_list`, `list_closed`,
    `list_failed`, `list_unreadable`, `not_allowed` (by the definition's rule or the row scope)."""

    member: int | None = None
    refused: str = ""


@dataclass(frozen=True)
class Ready:
    """What the warehouse says of those who were asked for, to be placed."""

    list_id: str
    asked: Sequence[Asked]
    rows: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: str = ""


def gather(slug: str, asked: Sequence[Asked]) -> Ready | None:
    """Ask the warehouse about the people; None while the list has not been built once."""
    found = ActionableList.objects.select_related("definition").filter(slug=slug).first()
    if found is None:
        return Ready("", asked, refused="no_list")
    if found.state == ListState.CLOSED:
        return Ready(found.id, asked, refused="list_closed")
    if found.published is None:
        failed = found.state == ListState.FAILED
        return Ready(found.id, asked, refused="list_failed") if failed else None
    body = body_of(found.definition)
    rule = envelope(body.rule, body.subject, body.purpose)
    try:
        rows = gather_some(found, rule, sorted({one.person for one in asked}))
    except EnishiError:  # its definition no longer fits the catalog
        return Ready(found.id, asked, refused="list_unreadable")
    return Ready(found.id, asked, {str(row["person"]): row for row in rows})


def place(ready: Ready, *, actor: Actor, at: datetime) -> dict[str, Placed] | None:
    """Put them on the list, in the unit that is open; by key what became of each. None while a
    build is under way: try again after it. Who is on it already is that member, and one whose work
    had ended is open again."""
    if ready.refused:
        return {one.key: Placed(refused=ready.refused) for one in ready.asked}
    found = ActionableList.objects.select_for_update().get(id=ready.list_id)
    if found.folding or Build.objects.filter(list_id=found.id, state__in=UNFINISHED).exists():
        return None
    if found.state == ListState.CLOSED:
        return {one.key: Placed(refused="list_closed") for one in ready.asked}
    persons = sorted({one.person for one in ready.asked if one.person in ready.rows})
    there = {
        member.person: member
        for member in Member.objects.select_for_update().filter(
            list_id=found.id, person__in=persons
        )
    }
    status = body_of(found.definition).first_status("open")
    assert status is not None  # every definition has one
    made, opened = [], []
    answer: dict[str, Placed] = {}
    for one in ready.asked:
        row = ready.rows.get(one.person)
        if row is None:
            answer[one.key] = Placed(refused="not_allowed")
            continue
        member = there.get(one.person)
        if member is None:
            member = there[one.person] = _member(found, row, status.code, one.key, at)
            made.append(member)
        elif not member.present or member.meaning not in LIVE:
            _reopen(member, status.code, one.key, at)
            opened.append(member)
        elif not member.kept_for:
            member.kept_for = one.key
            opened.append(member)
    _write(made, opened, at)
    answer |= {
        one.key: Placed(there[one.person].id) for one in ready.asked if one.key not in answer
    }
    on = [one for one in ready.asked if answer[one.key].member is not None]
    if on:
        detail = {"members": len(on), "for": [one.key for one in on][:50]}
        audit.record(actor, "list.place", "list", found.id, detail, [one.person for one in on])
    return answer


def _member(
    found: ActionableList, row: Mapping[str, Any], status: str, key: str, at: datetime
) -> Member:
    return Member(
        list_id=found.id, person=row["person"], key=row["key"], display=row["display"],
        search=row["search"], values=loads(row["values"]), reasons=loads(row["reasons"]),
        digest=row["digest"], branch=row["branch"], score=row["score"], priority=row["priority"],
        present=1, joined_at=at, status=status, meaning=Meaning.OPEN, assignee=row["assignee"],
        kept_for=key,
    )  # fmt: skip


def _reopen(member: Member, status: str, key: str, at: datetime) -> None:
    member.present, member.left_at = 1, None
    member.joined_at = member.joined_at or at
    member.status, member.meaning, member.kept_for = status, Meaning.OPEN, key


def _write(made: list[Member], opened: list[Member], at: datetime) -> None:
    Member.objects.bulk_create(made)
    Member.objects.bulk_update(
        opened, ["present", "left_at", "joined_at", "status", "meaning", "kept_for"], batch_size=100
    )
    note_status(made, at, JOINED)
    note_status(opened, at, JOINED)
    note_status(opened, at)


def take_off(members: Sequence[tuple[int, str]], *, actor: Actor, at: datetime) -> int:
    """Take members off again whom `place` has put there, by (member, key), in the unit that is
    open; returns how many. Whom somebody has begun to work stays, as any member."""
    keys = dict(members)
    rows = list(
        Member.objects.select_for_update().filter(id__in=keys, kept_for__in=set(keys.values()))
    )
    mine = [row for row in rows if row.kept_for == keys[row.id]]
    gone = [row for row in mine if not _begun(row, at)]
    for row in mine:
        row.kept_for = ""
    for row in gone:
        row.present, row.left_at = 0, at
    Member.objects.bulk_update(mine, ["kept_for", "present", "left_at"], batch_size=100)
    note_status(gone, at, LEFT)
    for list_id in sorted({row.list_id for row in gone}):
        off = [row for row in gone if row.list_id == list_id]
        detail = {"members": len(off)}
        audit.record(actor, "list.take_off", "list", list_id, detail, [row.person for row in off])
    return len(gone)


def _begun(member: Member, at: datetime) -> bool:
    leased = member.lease_until is not None and member.lease_until > at
    return leased or member.attempts > 0 or member.meaning != Meaning.OPEN


def closed_among(slugs: Iterable[str]) -> set[str]:
    """Those of some lists on which nothing can be worked any more: closed, or gone."""
    wanted = set(slugs)
    rows = ActionableList.objects.filter(slug__in=wanted).exclude(state=ListState.CLOSED)
    return wanted - set(rows.values_list("slug", flat=True))
