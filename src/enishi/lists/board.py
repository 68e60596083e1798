"""The board: members filtered, sorted, a page at a time, each with gate, lease and other lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.fields.json import KeyTransform

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.gate import service as gate
from enishi.gate.people import holder, names_of, ref
from enishi.gate.restrictions import written
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Locale, Text, fold
from enishi.lists.access import (
    Access,
    access_to,
    members_for,
    outside_scope,
)
from enishi.lists.columns import (
    MASK,
    name_hidden,
    pii_hidden,
    read_columns,
    shown_name,
    shown_values,
)
from enishi.lists.definitions import body_of
from enishi.lists.gather import priority_of
from enishi.lists.making import persons_on_lists
from enishi.lists.models import ActionableList
from enishi.lists.schemas import ColumnOut
from enishi.lists.scoring import reason_sentences
from enishi.lists.types import PRIORITY_NAMES, PRIORITY_OF, Priority
from enishi.lists.visible import among, consistent, members, shown, standing
from enishi.lists.work_schemas import LeaseOut, MemberOut

SORTS = {
    "priority": ("-v_priority", "-v_score"),
    "next_at": ("next_at",),
    "name": ("display",),
    "status": ("status", "-v_priority", "-v_score"),
    "assignee": ("assignee", "-v_priority", "-v_score"),
    "last_contact": ("-last_contact_at",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the board shows. `assignee`: a user's id, `me` or `none`. `presence`: in, left, all."""

    status: str | None = None
    meaning: str | None = None
    assignee: str | None = None
    priority: str | None = None
    q: str | None = None
    presence: str = "in"
    sort: str = "priority"


def narrowed(
    rows: QuerySet[Any], wanted: Wanted, found: ActionableList, actor: Actor
) -> QuerySet[Any]:
    """The members wanted, of those the actor may see."""
    rows = standing(rows) if wanted.presence == "all" else rows
    if wanted.presence == "left":
        rows = rows.filter(v_present=False, joined_at__isnull=False)
    elif wanted.presence == "in":
        rows = rows.filter(v_present=True)
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    if wanted.meaning:
        rows = rows.filter(meaning=wanted.meaning)
    if wanted.assignee:
        user = {"me": actor.user_id, "none": ""}.get(wanted.assignee, wanted.assignee)
        rows = rows.filter(assignee=user)
    if wanted.priority:
        rows = rows.filter(v_priority=int(PRIORITY_OF[wanted.priority]))
    if wanted.q:
        text = fold(wanted.q.strip())
        if name_hidden(body_of(found.definition).subject, actor):
            rows = rows.filter(key=wanted.q.strip())  # a name that is masked cannot be searched
        else:
            rows = rows.filter(search__contains=text)
        # how many are found must not tell of those whose rows are masked
        outside = _outside(rows, found, actor)
        rows = rows.exclude(person__in=among(outside)) if outside else rows
    return rows


def _outside(rows: QuerySet[Any], found: ActionableList, actor: Actor) -> set[str]:
    """Those of the members whose rows the actor gets masked, being out of scope."""
    access = access_to(found, actor)
    if not access.scoped:
        return set()
    return outside_scope(rows.order_by().values_list("person", flat=True), access, actor)


def ordered(rows: QuerySet[Any], sort: str, found: ActionableList, actor: Actor) -> QuerySet[Any]:
    """Sorted by a name of `SORTS` or `value.<column>`; a leading `-` turns it round.

    Unset values come last either way, and with them the rows out of the actor's scope. Names that
    are masked order nothing. Raises Invalid for a column that is unknown or masked.
    """
    name = sort.removeprefix("-")
    down = sort.startswith("-")
    if name.startswith("value."):
        column = name.removeprefix("value.")
        known = {c.name for c in read_columns(found.columns) if not c.hidden_from(actor)}
        if column not in known:
            raise _unknown_sort(name)
        key: Any = KeyTransform(column, "values")
        return _by(key, down, rows, found, actor)
    if name not in SORTS:
        raise _unknown_sort(name)
    if name == "name":
        if name_hidden(body_of(found.definition).subject, actor):
            return rows.order_by("-id" if down else "id")
        return _by(F("display"), down, rows, found, actor)
    order: list[Any] = []
    for part in SORTS[name]:
        reverse = part.startswith("-") != down
        column = part.removeprefix("-")
        if column in ("next_at", "last_contact_at"):
            f = F(column)
            order.append(f.desc(nulls_last=True) if reverse else f.asc(nulls_last=True))
        else:
            order.append(f"-{column}" if reverse else column)
    return rows.order_by(*order, "-id" if down else "id")


def _by(
    key: Any, down: bool, rows: QuerySet[Any], found: ActionableList, actor: Actor
) -> QuerySet[Any]:
    outside = _outside(rows, found, actor)
    if outside:
        key = Case(When(~Q(person__in=among(outside)), then=key))
    return rows.order_by(
        key.desc(nulls_last=True) if down else key.asc(nulls_last=True), "-id" if down else "id"
    )


def _unknown_sort(name: str) -> Invalid:
    choices = ", ".join([*SORTS, "value.<column>"])
    return Invalid(
        Text(f"「{name}」では並べ替えられません。", f"Members cannot be sorted by {name!r}."),
        Text(f"選べるもの: {choices}", f"Choose one of: {choices}"),
        code="unknown_sort",
    )


@dataclass(frozen=True, slots=True)
class BoardPage:
    columns: list[ColumnOut]
    items: list[MemberOut]
    total: int


def page(
    list_id: str, wanted: Wanted, offset: int, limit: int, actor: Actor, locale: Locale
) -> BoardPage:
    """A page of the board. Viewing it is audited with the persons it shows."""

    def read(found: ActionableList) -> BoardPage:
        access = access_to(found, actor)
        rows = narrowed(members_for(members(found), access, actor), wanted, found, actor)
        total = rows.aggregate(n=Count("id"))["n"]
        part = list(ordered(rows, wanted.sort, found, actor)[offset : offset + limit])
        items = member_rows(found, part, access, actor, locale)
        return BoardPage(column_rows(found, actor, locale), items, total)

    answer = consistent(list_id, read)
    seen = [item.person_id for item in answer.items if not item.masked]
    if seen:
        audit.record(actor, "list.view", "list", list_id, {"offset": offset}, seen)
    return answer


def column_rows(found: ActionableList, actor: Actor, locale: Locale) -> list[ColumnOut]:
    return [column.out(locale, actor) for column in read_columns(found.columns)]


def member_rows(
    found: ActionableList,
    rows: Sequence[Any],
    access: Access,
    actor: Actor,
    locale: Locale,
) -> list[MemberOut]:
    """Members as the reader may see them: scope and PII are enforced here, at the last step."""
    persons = [row.person for row in rows]
    outside = outside_scope(persons, access, actor)
    instant = now()
    body = body_of(found.definition)
    decisions = gate.decide_many(
        persons, body.kinds[0].channel, body.purpose, body.product, at=instant, actor=actor
    )
    elsewhere = persons_on_lists(set(persons), but=found.id)
    names = names_of({row.assignee for row in rows} | {row.lease_by for row in rows})
    columns = read_columns(found.columns)
    priority = priority_of(found)
    hidden_parts = frozenset(
        n for n, pii in enumerate(_part_levels(found)) if pii_hidden(pii, actor)
    )
    units = [str(unit) for unit in found.priority.get("units", ())]
    items = []
    for row in rows:
        data = shown(row, found)
        gone = row.person in outside
        leased = bool(row.lease_by) and row.lease_until is not None and row.lease_until > instant
        display = shown_name(data["display"], body.subject, actor)
        by_hand = bool(row.priority_by_hand)
        reasons = reason_sentences(
            priority, data["reasons"], locale,
            by_hand=by_hand, hidden=hidden_parts, units=units,
        )  # fmt: skip
        items.append(
            MemberOut(
                id=row.id,
                list_id=found.id,
                person_id="" if gone else row.person,
                key=MASK if gone else data["key"],
                display=MASK if gone else display,
                masked=gone,
                values={} if gone else shown_values(data["values"], columns, actor),
                priority=PRIORITY_NAMES[Priority(getattr(row, "v_priority", row.priority))],
                score=None if priority.kind == "fixed" else getattr(row, "v_score", row.score),
                reasons=[] if gone else reasons,
                status=row.status,
                meaning=row.meaning,
                assignee=ref(row.assignee, names),
                attempts=row.attempts,
                stage=row.stage,
                last_contact_at=row.last_contact_at,
                last_outcome=row.last_outcome or None,
                next_step=None if gone else written(row.next_step, row.assignee, actor) or None,
                next_at=row.next_at,
                lease=LeaseOut(
                    by=holder(row.lease_by, names), until=row.lease_until,
                    mine=row.lease_by == actor.user_id,
                ) if leased else None,
                present=bool(getattr(row, "v_present", row.present)),
                blocked=None if gone else gate.words(decisions[row.person], locale) or None,
                other_lists=0 if gone else elsewhere.get(row.person, 0),
            )
        )  # fmt: skip
    return items


def _part_levels(found: ActionableList) -> list[str]:
    """The PII level of each score part, as kept with the list's priority."""
    return [str(level) for level in found.priority.get("pii", ())]


def counts(lists: Sequence[ActionableList]) -> dict[str, dict[str, int]]:
    """For each list how many members stand in each meaning, and how many have left with work."""
    found: dict[str, dict[str, int]] = {}
    for one in lists:
        told = {"total": 0, "open": 0, "working": 0, "done": 0, "dropped": 0, "left": 0}
        rows = members(one).filter(v_present=True).values_list("meaning").order_by()
        for meaning, n in rows.annotate(n=Count("id")):
            told[meaning] += n
            told["total"] += n
        told["left"] = members(one).filter(v_present=False, joined_at__isnull=False).count()
        found[one.id] = told
    return found
