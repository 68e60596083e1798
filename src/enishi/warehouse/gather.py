"""The facts of one subject: the rows that a rule's `evaluate` needs, fetched by its join paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from enishi.catalog.sets import LIST_ROWS, SEGMENT_ROWS
from enishi.catalog.types import BaseStep, Catalog, Dataset, FieldType
from enishi.warehouse.engine import Question
from enishi.warehouse.spelling import SQL, Spelling

Row = dict[str, Any]


def subject_versions(
    question: Question, spelling: Spelling, dataset: Dataset, subject_id: str
) -> list[Row]:
    """Every row, of any time, that is this subject."""
    columns = _columns(spelling, dataset, "t")
    sql = f"SELECT {columns} FROM {spelling.data(dataset.name)} t WHERE t._id = ?"
    return aware(question.records(sql, [subject_id]))


def rows_of(
    question: Question,
    spelling: Spelling,
    catalog: Catalog,
    dataset: Dataset,
    subject_id: str,
    paths: Iterable[Sequence[BaseStep]],
) -> Mapping[str, list[Row]]:
    """The rows, of any time, at the end of each path from the subject, by dataset, each once.

    Narrowings along the paths are not applied: `evaluate` does that, with its own meaning.
    """
    found: dict[str, dict[tuple[object, ...], Row]] = {}
    own = subject_versions(question, spelling, dataset, subject_id)
    _add(found, dataset, own)
    for path in paths:
        target = catalog.datasets[path[-1].target]
        rows = question.records(_chain(spelling, dataset, target, path), [subject_id])
        _add(found, target, aware(rows))
    return {name: list(rows.values()) for name, rows in found.items()}


def set_rows(
    question: Question,
    spelling: Spelling,
    subject_id: str,
    segments: Iterable[str],
    lists: Iterable[str],
) -> Mapping[str, list[Row]]:
    """The subject's stays, of any time, in the segments and lists that a rule names."""
    found: dict[str, list[Row]] = {}
    for name, table, column, times, slugs in (
        (SEGMENT_ROWS, "memberships", "segment", ("entered_at", "left_at"), segments),
        (LIST_ROWS, "list_members", "list", ("status", "means", "_from", "_to"), lists),
    ):
        listed = ", ".join(spelling.text(slug) for slug in sorted(slugs))
        if not listed:
            continue
        part = spelling.name(column)
        told = ", ".join(("_id", *times))
        found[name] = aware(
            question.records(
                f"SELECT {part} AS {spelling.name('set')}, {told} FROM {spelling.book(table)}"
                f" WHERE _id = ? AND {part} IN ({listed})",
                [subject_id],
            )
        )
    return found


def valid_at(dataset: Dataset, rows: Sequence[Row], as_of: datetime) -> Row | None:
    """The version of a row that holds at `as_of`; None when there was none then."""
    if not dataset.versioned:
        return rows[0] if rows else None
    for row in rows:
        if row["_from"] <= as_of and (row["_to"] is None or as_of < row["_to"]):
            return row
    return None


def aware(rows: list[Row]) -> list[Row]:
    """Times as rules read them: aware, in UTC (the warehouse keeps them naive, in UTC)."""
    return [
        {
            name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _add(
    found: dict[str, dict[tuple[object, ...], Row]], dataset: Dataset, rows: list[Row]
) -> None:
    of_dataset = found.setdefault(dataset.name, {})
    for row in rows:
        of_dataset[(*(row[name] for name in dataset.key), row.get("_from"))] = row


def _columns(spelling: Spelling, dataset: Dataset, alias: str) -> SQL:
    names = list(dataset.fields)
    names += ["_id"] if dataset.subject is not None else []
    names += ["_from", "_to"] if dataset.versioned else []
    if spelling.companion:
        lists = [f for f in dataset.fields.values() if f.type is FieldType.STRINGS]
        names += [f"{field.name}{spelling.companion}" for field in lists]
    return ", ".join(f"{alias}.{spelling.name(name)} AS {spelling.name(name)}" for name in names)


def _chain(spelling: Spelling, dataset: Dataset, target: Dataset, path: Sequence[BaseStep]) -> SQL:
    """Rows of `target` reached along `path`, innermost first, each step within the next.

    Of a versioned row every version is fetched, also one that led elsewhere then: `.since` asks
    how long the present value has held.
    """
    inner = f"SELECT * FROM {spelling.data(dataset.name)} WHERE _id = ?"
    for step in path:
        reached = spelling.reached(inner, step.columns, "b")
        inner = f"SELECT b.* FROM {spelling.data(step.target)} b WHERE {reached}"
    if target.versioned:
        reached = spelling.reached(inner, [(name, name) for name in target.key], "v")
        inner = f"SELECT v.* FROM {spelling.data(target.name)} v WHERE {reached}"
    return f"SELECT {_columns(spelling, target, 'z')} FROM ({inner}) z"
