"""Writes the steps of a build to the book, a chunk a unit. Rows go in by `executemany`: a member
through the ORM costs three times as much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from enishi.book.jsontext import dumps, loads
from enishi.lists.merge import Step
from enishi.lists.models import ActionableList, Build, ListChange, Member
from enishi.lists.types import ChangeKind

_INSERT = """
    INSERT INTO lists_member (
        list_id, person, key, display, search, "values", reasons, digest, branch, score, priority,
        present, joined_at, status, meaning, assignee, next_build, next_present, next_priority,
        next_score, next_branch, next_data, priority_by_hand, attempts, stage, last_outcome,
        next_step, lease_by, lease_decision
    ) VALUES (
        %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
        %s, 0, 0, '', '', '', ''
    )"""
_CHANGE = """
    UPDATE lists_member SET next_build = %s, next_present = %s, next_priority = %s,
        next_score = %s, next_branch = %s, next_data = %s
    WHERE id = %s"""
_LEAVE = """
    UPDATE lists_member SET next_build = %s, next_present = %s, next_priority = priority,
        next_score = score, next_branch = branch, next_data = NULL
    WHERE id = %s"""
_FOLD = """
    UPDATE lists_member SET "values" = %s, reasons = %s, key = %s, display = %s, search = %s,
        digest = %s, present = %s, joined_at = %s, left_at = %s, score = %s, branch = %s,
        priority = CASE WHEN priority_by_hand THEN priority ELSE %s END,
        next_build = NULL, next_present = NULL, next_priority = NULL, next_score = NULL,
        next_branch = NULL, next_data = NULL
    WHERE id = %s"""


def insert(
    rows: Iterable[dict[str, Any]],
    found: ActionableList,
    build: Build,
    status: str,
    at: datetime,
) -> None:
    """Insert new members from rows of the spool.

    While the list is unpublished they stand in their places at once, since nobody sees them; else
    they wait in `next_*`, absent until the build is published.
    """
    first = found.published is None
    joined = connection.ops.adapt_datetimefield_value(at) if first else None
    number = None if first else build.number
    records = [
        (
            found.id, row["person"], row["key"], row["display"], row["search"], row["values"],
            row["reasons"], row["digest"], row["branch"], row["score"], row["priority"],
            int(first), joined, status, "open", row["assignee"],
            number, None if first else 1, None if first else row["priority"],
            None if first else row["score"], None if first else row["branch"],
            None if first else pending(row), False,
        )
        for row in rows
    ]  # fmt: skip
    if records:
        _many(_INSERT, records)


def pending(row: dict[str, Any]) -> str:
    """What of a spool row waits in `next_data`, as JSON text."""
    key, display = dumps(row["key"]), dumps(row["display"])
    search, digest = dumps(row["search"]), dumps(row["digest"])
    return (
        f'{{"values":{row["values"]},"reasons":{row["reasons"]},"key":{key},"display":{display},'
        f'"search":{search},"digest":{digest},"score":{dumps(row["score"])},'
        f'"priority":{row["priority"]},"branch":{dumps(row["branch"])}}}'
    )


def let_wait(chunk: Sequence[Step], build: Build) -> None:
    """Write the new state of members on the list into `next_*`; leavers only turn absent."""
    changed, left = [], []
    for step in chunk:
        if step.member is None:
            continue
        if step.row is None:
            left.append((build.number, 0, step.member[0]))
        else:
            row = step.row
            changed.append(
                (build.number, 1, row["priority"], row["score"], row["branch"], pending(row),
                 step.member[0])
            )  # fmt: skip
    if changed:
        _many(_CHANGE, changed)
    if left:
        _many(_LEAVE, left)


def note_changes(chunk: Sequence[Step], found: ActionableList, build: Build) -> None:
    """Keep what changed about whom: added, left, and the columns that differ."""
    people = [step.person for step in chunk]
    standing = {
        row["person"]: row
        for start in range(0, len(people), 500)
        for row in Member.objects.filter(
            list_id=found.id, person__in=people[start : start + 500]
        ).values("id", "person", "values", "display", "priority", "score")
    }
    changes = []
    for step in chunk:
        old = standing[step.person]
        fields: list[str] = []
        before: dict[str, object] = {}
        after: dict[str, object] = {}
        if step.kind is ChangeKind.CHANGED and step.row is not None:
            fields, before, after = differences(old, step.row)
        changes.append(
            ListChange(build_id=build.id, member_id=old["id"], kind=str(step.kind),
                       fields=fields, before=before, after=after)
        )  # fmt: skip
    ListChange.objects.bulk_create(changes)


def differences(
    old: Mapping[str, Any], row: dict[str, Any]
) -> tuple[list[str], dict[str, object], dict[str, object]]:
    """Names of the columns that differ, with the values before and after.

    Beside the columns: `display`, `priority` and `score`.
    """
    new = loads(row["values"])
    was = dict(old["values"])
    for name in ("display", "priority", "score"):
        was[f"_{name}"], new[f"_{name}"] = old[name], row[name]
    fields = [name for name in new if was.get(name) != new[name]]
    return fields, {n: was.get(n) for n in fields}, {n: new[n] for n in fields}


def fold(rows: Sequence[Member], at: datetime) -> None:
    """Move what waits in `next_*` into its place. A priority set by hand stays."""
    for member in rows:
        data = member.next_data
        if data is not None:
            member.values, member.reasons = data["values"], data["reasons"]
            member.key, member.display = data["key"], data["display"]
            member.search, member.digest = data["search"], data["digest"]
        present = bool(member.next_present)
        if present and not member.present:
            member.joined_at, member.left_at = member.joined_at or at, None
        elif member.present and not present:
            member.left_at = at
        member.present = int(present)
        member.score = float(member.next_score or 0)
        member.branch = member.next_branch or ""
        if not member.priority_by_hand and member.next_priority is not None:
            member.priority = member.next_priority
    adapt = connection.ops.adapt_datetimefield_value
    _many(
        _FOLD,
        [
            (
                dumps(m.values), dumps(m.reasons), m.key, m.display, m.search, m.digest, m.present,
                adapt(m.joined_at) if m.joined_at else None,
                adapt(m.left_at) if m.left_at else None,
                m.score, m.branch, m.priority, m.id,
            )
            for m in rows
        ],
    )  # fmt: skip


def _many(sql: str, records: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, records)
