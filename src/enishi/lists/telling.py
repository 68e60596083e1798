"""Telling the warehouse who is on a list, so that rules can ask `{"list": …}`.

A build that is done is told whole; a status changed by hand leaves a row in the unit that changed
it, and goes when the warehouse has it. Either may be told twice after a crash, to no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

import pyarrow as pa

from enishi.book.sets import SETS
from enishi.book.unit import crash_point, work
from enishi.catalog.sets import ListInfo
from enishi.gate.asking import catalog
from enishi.kernel.text import Text
from enishi.lists.definitions import body_of
from enishi.lists.models import ActionableList, Build, Member, StatusChange
from enishi.lists.types import BuildState, ListState
from enishi.segments.service import queue_following
from enishi.warehouse import process as warehouse
from enishi.warehouse.engine import Engine
from enishi.warehouse.list_members import (
    MOVES,
    STANDING,
    tell_joined,
    tell_left,
    tell_moves,
    tell_standing,
)

STATUS, JOINED, LEFT = "status", "joined", "left"
"""The kinds of a `StatusChange`."""
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Worked:
    """That somebody worked a member: its status now and, of a logged contact, the outcome.

    `list` is the list's slug, `meaning` a `types.Meaning`, `by` a user's id.
    """

    list: str
    member: int
    person: str
    status: str
    meaning: str
    outcome: str
    by: str
    at: datetime


Listener: TypeAlias = Callable[[Sequence[Worked]], None]
_listening: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener` called inside every unit that changes statuses by hand, or logs a contact."""
    if listener not in _listening:
        _listening.append(listener)


def tell_worked(members: Iterable[Member], at: datetime, *, by: str, outcome: str = "") -> None:
    """Tell, in the unit that is open, that these members have been worked."""
    found = list(members)
    if not found or not _listening:
        return
    slugs = _slugs({member.list_id for member in found})
    told = [
        Worked(slugs[m.list_id], m.id, m.person, m.status, m.meaning, outcome, by, at)
        for m in found
    ]
    for listener in _listening:
        listener(told)


def note_status(members: Iterable[Member], at: datetime, kind: str = STATUS) -> None:
    """Remember, in the unit that is open, that these members have the status they have now, or
    that they have joined or left a list with it."""
    StatusChange.objects.bulk_create(
        StatusChange(
            kind=kind,
            list_id=member.list_id,
            person=member.person,
            status=member.status,
            meaning=member.meaning,
            at=at,
        )
        for member in members
    )


def _slugs(lists: Collection[str]) -> dict[str, str]:
    return dict(ActionableList.objects.filter(id__in=lists).values_list("id", "slug"))


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """Tell one build, or what changed by hand; whether there was any."""
    return _tell_build() or _tell_changes()


def _tell_build() -> bool:
    waiting = Build.objects.select_related("list").filter(state=BuildState.DONE, told=False)
    build = waiting.order_by("list_id", "-number").first()
    if build is None:
        return False
    found = build.list
    engine = warehouse.warehouse().engine
    tell_standing(engine, found.slug, _standing(found), _plain(build.ended_at))
    crash_point("lists.told")
    with work("build.told"):
        earlier = Build.objects.filter(list_id=found.id, number__lte=build.number, told=False)
        earlier.filter(state=BuildState.DONE).update(told=True)
        queue_following({found.slug}, "lists")
    return True


def _standing(found: ActionableList) -> pa.Table:
    rows = Member.objects.filter(list_id=found.id, present=1)
    columns: list[list[str]] = [[], [], []]
    for row in rows.values_list("person", "status", "meaning").iterator(chunk_size=10_000):
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=STANDING)


def _tell_changes() -> bool:
    changes = list(StatusChange.objects.order_by("id")[:_AT_ONCE])
    if not changes:
        return False
    slugs = _slugs({c.list_id for c in changes})
    rows: list[dict[str, Any]] = [
        {
            "kind": change.kind,
            "list": slugs[change.list_id],
            "_id": change.person,
            "status": change.status,
            "means": change.meaning,
            "at": _plain(change.at),
        }
        for change in changes
        if change.list_id in slugs
    ]
    engine = warehouse.warehouse().engine
    for kind, group in groupby(rows, key=itemgetter("kind")):
        _tell_kind(engine, kind, list(group))
    crash_point("lists.moved")
    with work("status.told"):
        StatusChange.objects.filter(id__in=[change.id for change in changes]).delete()
        queue_following(frozenset(slugs.values()), "lists")
    return True


def _tell_kind(engine: Engine, kind: str, rows: list[dict[str, Any]]) -> None:
    """Tell changes of one kind, in their order."""
    moves = pa.Table.from_pylist(rows, MOVES)
    if kind == STATUS:
        tell_moves(engine, moves)
    elif engine is engine.books:
        tell_joined(engine, moves) if kind == JOINED else tell_left(engine, moves)
    else:
        for slug in {row["list"] for row in rows}:
            found = ActionableList.objects.get(slug=slug)
            tell_standing(engine, slug, _standing(found), max(row["at"] for row in rows))


def _plain(at: datetime | None) -> datetime:
    assert at is not None
    return at.astimezone(UTC).replace(tzinfo=None)


def known_lists() -> Mapping[str, ListInfo]:
    """Every list that rules may name: those that have been built, closed ones too."""
    known = catalog()
    found = {}
    rows = ActionableList.objects.select_related("definition").filter(published__isnull=False)
    for row in rows.exclude(state=ListState.FAILED):
        body = body_of(row.definition)
        subject = known.subject_dataset(body.subject)
        if subject is None:
            continue
        found[row.slug] = ListInfo(
            row.slug,
            Text(row.name, row.name),
            subject.name,
            {s.code: (Text(s.label.ja, s.label.en), str(s.meaning)) for s in body.statuses},
            frozenset((dataset, name) for dataset, name in row.fields),
        )
    return found


def register() -> None:
    SETS.keep_lists(known_lists)
