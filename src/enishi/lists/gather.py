"""The first half of a build: ask the warehouse who belongs on the list, and spool the answer.

The spool is an Arrow file below the workspace, one row a person, ordered by Enishi id. It is
written aside and renamed, so a file that exists is whole; a build that was killed goes on from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.contrib.auth import get_user_model
from pydantic import TypeAdapter

from enishi.book.access import Actor
from enishi.book.jsontext import digest, dumps
from enishi.book.workspace import current_workspace
from enishi.gate.asking import warehouse
from enishi.kernel.text import fold
from enishi.lists.definitions import body_of
from enishi.lists.models import ActionableList, Build, Member
from enishi.lists.schemas import AssignmentIn, FixedPriority, PriorityIn, ScorePriority
from enishi.lists.scoring import alias, fixed_level, score, thresholds
from enishi.lists.types import Priority

BATCH = 2000
_PRIORITY: TypeAdapter[PriorityIn] = TypeAdapter(PriorityIn)
_ASSIGNMENT: TypeAdapter[AssignmentIn] = TypeAdapter(AssignmentIn)
_SCHEMA = pa.schema(
    [
        ("person", pa.string()), ("key", pa.string()), ("display", pa.string()),
        ("search", pa.string()), ("values", pa.string()), ("reasons", pa.string()),
        ("digest", pa.string()), ("branch", pa.string()), ("score", pa.float64()),
        ("priority", pa.int16()), ("assignee", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gathered:
    """How many people the build found, and the thresholds their scores were cut at."""

    found: int
    thresholds: dict[str, float] | None


def priority_of(found: ActionableList) -> FixedPriority | ScorePriority:
    """How the list ranks; the PII levels and units kept beside it are left out."""
    kept = {k: v for k, v in found.priority.items() if k not in ("pii", "units")}
    return _PRIORITY.validate_python(kept)


def assignment_of(found: ActionableList) -> Any:
    return _ASSIGNMENT.validate_python(found.assignment)


def build_actor(found: ActionableList) -> Actor:
    """Who asks for a list: its maker's scope as bound then; PII whole, masked for each reader."""
    return Actor(
        user_id=found.created_by,
        role=found.role,
        scope=found.scope,
        attributes=dict(found.attributes),
        pii="high",
        stored=True,
    )


def spool_path(build_id: str) -> Path:
    return current_workspace().var / "builds" / f"{build_id}.arrow"


def drop_spool(build_id: str) -> None:
    with suppress(FileNotFoundError):
        spool_path(build_id).unlink()


def gather(found: ActionableList, build: Build) -> Gathered:
    """Ask for everybody with columns and score values, rank, keep the top N, and spool by id."""
    priority = priority_of(found)
    table = warehouse().who(
        found.rule, actor=build_actor(found), as_of=build.as_of, columns=_asked(found, priority)
    )
    scores, reasons = _scores(table, priority)
    cut = None
    if isinstance(priority, ScorePriority):
        points = thresholds(priority, scores, found.thresholds)
        cut = {"high_from": points.high_from, "medium_from": points.medium_from}
    ids = table.column("_id").to_pylist()
    ranked = sorted(range(len(ids)), key=lambda i: (-scores[i], ids[i]))
    if found.top_n is not None:
        ranked = ranked[: found.top_n]
    _spool(spool_path(build.id), _dressed(found, table, ranked, scores, reasons))
    return Gathered(len(ranked), cut)


def gather_some(
    found: ActionableList, rule: Mapping[str, Any], persons: Sequence[str]
) -> list[dict[str, object]]:
    """Those of some people of whom a rule holds, in the list's row scope, as rows of a spool.

    They are ranked as the list is, by the thresholds it has; the top N cuts nobody off.
    """
    priority = priority_of(found)
    table = warehouse().who(
        rule, actor=build_actor(found), columns=_asked(found, priority), ids=list(persons)
    )
    scores, reasons = _scores(table, priority)
    ids = table.column("_id").to_pylist()
    ranked = sorted(range(len(ids)), key=lambda i: (-scores[i], ids[i]))
    return [row for batch in _dressed(found, table, ranked, scores, reasons) for row in batch]


def _asked(found: ActionableList, priority: FixedPriority | ScorePriority) -> dict[str, Any]:
    """The values that are asked of each person: the columns and the parts of the score."""
    asked: dict[str, Any] = {c.name: c.value for c in body_of(found.definition).columns}
    if isinstance(priority, ScorePriority):
        asked |= {alias(position): part.value for position, part in enumerate(priority.parts)}
    return asked


def _dressed(
    found: ActionableList,
    table: pa.Table,
    ranked: list[int],
    scores: list[float],
    reasons: list[str],
) -> Iterator[list[dict[str, object]]]:
    """The rows of a spool for the ranked rows of an answer, by id, a batch at a time."""
    body, priority = body_of(found.definition), priority_of(found)
    if isinstance(priority, ScorePriority):
        points = thresholds(priority, scores, found.thresholds)
        levels = [int(points.priority(value)) for value in scores]
    else:
        levels = [int(fixed_level(priority))] * table.num_rows
    ids = table.column("_id").to_pylist()
    assignees = _assign(found, ranked, ids, _owners(table, body, found))
    branch = body.column_of_role("branch")
    return _rows(
        table, sorted(ranked, key=ids.__getitem__), [c.name for c in body.columns],
        branch.name if branch else None, scores, levels, reasons, assignees,
    )  # fmt: skip


def _scores(
    table: pa.Table, priority: FixedPriority | ScorePriority
) -> tuple[list[float], list[str]]:
    """The score of every row of the table and its reasons as JSON text."""
    if isinstance(priority, FixedPriority):
        return [0.0] * table.num_rows, ["[]"] * table.num_rows
    names = [alias(position) for position in range(len(priority.parts))]
    scores: list[float] = []
    told: list[str] = []
    for batch in table.select(names).to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            value, reasons = score(priority, row)
            scores.append(value)
            told.append(dumps(reasons))
    return scores, told


def _owners(table: pa.Table, body: Any, found: ActionableList) -> list[Any] | None:
    """The staff code of each row's owner, when the list is assigned by owner."""
    assignment = assignment_of(found)
    if assignment.kind != "owner":
        return None
    column = assignment.column
    if column is None:
        owner = body.column_of_role("owner")
        column = owner.name if owner else None
    codes: list[Any] | None = table.column(column).to_pylist() if column else None
    return codes


def _assign(
    found: ActionableList, ranked: list[int], ids: list[str], owners: list[Any] | None
) -> dict[int, str]:
    """Row → user id, for rows that are new to the list: a build never reassigns."""
    assignment = assignment_of(found)
    if assignment.kind == "by_hand":
        return {}
    if assignment.kind == "owner":
        staff = {
            str(attributes.get("staff_code")): str(pk)
            for pk, attributes in get_user_model()
            .objects.filter(is_active=True)
            .values_list("pk", "attributes")
            if isinstance(attributes, Mapping) and attributes.get("staff_code") is not None
        }
        given = {row: staff.get(str(owners[row]), "") for row in ranked} if owners else {}
        rest = [row for row in ranked if not given.get(row)]
        return given | _round(found, rest, ids, assignment.otherwise)
    return _round(found, ranked, ids, assignment.users)


def _round(
    found: ActionableList, rows: list[int], ids: list[str], users: list[str]
) -> dict[int, str]:
    """Deal the rows that are new to the list to the users, the best in turn to each."""
    if not users:
        return {}
    known: set[str] = set()
    turn = 0
    if found.published is not None:
        known = set(Member.objects.filter(list_id=found.id).values_list("person", flat=True))
        turn = len(known)
    given: dict[int, str] = {}
    for row in rows:
        if ids[row] not in known:
            given[row] = users[turn % len(users)]
            turn += 1
    return given


def _rows(
    table: pa.Table,
    order: list[int],
    columns: list[str],
    branch: str | None,
    scores: list[float],
    levels: list[int],
    reasons: list[str],
    assignees: Mapping[int, str],
) -> Iterator[list[dict[str, object]]]:
    """The spool's rows, a batch at a time."""
    wanted = table.select(["_id", "key", "display", *columns]).combine_chunks()
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        batch = []
        for index, found in zip(part, wanted.take(part).to_pylist(), strict=True):
            # PostgreSQL keeps no NUL: one in a single name would fail the whole build.
            row = {name: _without_nul(value) for name, value in found.items()}
            values = {name: row[name] for name in columns}
            key, display = str(row["key"] or ""), str(row["display"] or row["key"] or "")
            level = Priority(levels[index])
            batch.append(
                {
                    "person": row["_id"],
                    "key": key[:200],
                    "display": display[:400],
                    "search": f"{fold(display[:400])} {fold(key[:200])}",
                    "values": dumps(values),
                    "reasons": reasons[index],
                    "digest": digest([values, key, display, scores[index], int(level)]),
                    "branch": str(values[branch] or "")[:200] if branch else "",
                    "score": scores[index],
                    "priority": int(level),
                    "assignee": assignees.get(index, ""),
                }
            )
        yield batch


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\0", "")
    return [_without_nul(one) for one in value] if isinstance(value, list) else value


def _spool(path: Path, batches: Iterator[list[dict[str, object]]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(".part")
    with pa.OSFile(str(aside), "wb") as file, pa.ipc.new_file(file, _SCHEMA) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=_SCHEMA))
    aside.rename(path)


class Spool:
    """Reads a spool from any row on, a batch at a time. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._file = pa.memory_map(str(path))
        self._reader = pa.ipc.open_file(self._file)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def rows(self, start: int) -> Iterator[dict[str, Any]]:
        """The rows from number `start` on; all batches but the last hold `BATCH` rows."""
        for number in range(start // BATCH, self._reader.num_record_batches):
            rows = self._reader.get_batch(number).to_pylist()
            yield from rows[start - number * BATCH :] if number == start // BATCH else rows
