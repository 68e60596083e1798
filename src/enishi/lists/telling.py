"""Telling the warehouse who is on a list, so that rules can ask `{"list": …}`.

A build that is done is told whole; a status changed by hand leaves a row in the unit that changed
it, and goes when the warehouse has it. Either may be told twice after a crash, to no effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

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
from enishi.warehouse.list_members import MOVES, STANDING, tell_moves, tell_standing

_AT_ONCE = 5000


def note_status(members: Iterable[Member], at: datetime) -> None:
    """Remember, in the unit that is open, that these members have the status they have now."""
    StatusChange.objects.bulk_create(
        StatusChange(
            list_id=member.list_id,
            person=member.person,
            status=member.status,
            meaning=member.meaning,
            at=at,
        )
        for member in members
    )


def run_once(context: object = None) -> bool:  # noqa: ARG001  the loops' common shape
    """Tell one build, or what changed by hand; whether there was any."""
    return _tell_build() or _tell_changes()


def _tell_build() -> bool:
    waiting = Build.objects.select_related("list").filter(state=BuildState.DONE, told=False)
    build = waiting.order_by("list_id", "-number").first()
    if build is None:
        return False
    found = build.list
    rows = Member.objects.filter(list_id=found.id, present=1)
    columns: list[list[str]] = [[], [], []]
    for row in rows.values_list("person", "status", "meaning").iterator(chunk_size=10_000):
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    arrays = [pa.array(column, pa.string()) for column in columns]
    standing = pa.table(arrays, schema=STANDING)
    tell_standing(warehouse.warehouse().engine, found.slug, standing, _plain(build.ended_at))
    crash_point("lists.told")
    with work("build.told"):
        earlier = Build.objects.filter(list_id=found.id, number__lte=build.number, told=False)
        earlier.filter(state=BuildState.DONE).update(told=True)
        queue_following({found.slug}, "lists")
    return True


def _tell_changes() -> bool:
    changes = list(StatusChange.objects.order_by("id")[:_AT_ONCE])
    if not changes:
        return False
    slugs = dict(
        ActionableList.objects.filter(id__in={c.list_id for c in changes}).values_list("id", "slug")
    )
    rows: list[dict[str, Any]] = [
        {
            "list": slugs[change.list_id],
            "_id": change.person,
            "status": change.status,
            "means": change.meaning,
            "at": _plain(change.at),
        }
        for change in changes
        if change.list_id in slugs
    ]
    tell_moves(warehouse.warehouse().engine, pa.Table.from_pylist(rows, MOVES))
    crash_point("lists.moved")
    with work("status.told"):
        StatusChange.objects.filter(id__in=[change.id for change in changes]).delete()
        queue_following(frozenset(slugs.values()), "lists")
    return True


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
