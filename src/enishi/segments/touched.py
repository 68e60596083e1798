"""Whom newly loaded rows lead to: the subjects an incremental refresh has to decide again.

The rows of a load carry it in `_load`; from them the rule's join paths are followed backwards to
the subjects. A version closed by a load counts too: its `_to` is the `_from` of what the load
opened. Where a load may have taken rows away without a trace (rows of a dataset without history
removed, or changed in a column that leads to the subject; a dataset loaded anew), nobody can say
whom it touched, and the segment is refreshed whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from enishi.catalog.types import BaseStep, Catalog, Dataset, DatasetKind
from enishi.rules import needed
from enishi.rules.types import CheckedRule, CheckedValue
from enishi.warehouse.engine import Question
from enishi.warehouse.spelling import SQL, Spelling

_DATASET, _SEGMENT, _LIST = "", "segment:", "list:"


@dataclass(frozen=True, slots=True)
class Loads:
    """The loads of a dataset since one was seen, oldest first, and what they did."""

    ids: tuple[str, ...]
    changed: int
    removed: int


@dataclass
class Journal:
    """What has been loaded and which sets have changed, as a cycle finds it when it begins.

    `latest` is, per dataset, the last load; per set its last instant, all as text.
    """

    loads: Mapping[str, Sequence[Mapping[str, object]]]
    latest: dict[str, str] = field(default_factory=dict)

    def since(self, dataset: str, seen: str | None) -> Loads:
        found = [row for row in self.loads.get(dataset, ()) if str(row["id"]) > (seen or "")]
        return Loads(
            tuple(str(row["id"]) for row in found),
            sum(_count(row["changed"]) for row in found),
            sum(_count(row["removed"]) for row in found),
        )


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def journal(books: Question, question: Question, spelling: Spelling) -> Journal:
    """Read what has been loaded, and the last instants of segments and lists.

    `books` asks the books of loads and refreshes, `question` the engine.
    """
    rows = books.records(
        "SELECT id, dataset, changed, removed FROM enishi.loads WHERE state = 'loaded' ORDER BY id"
    )
    loads: dict[str, list[Mapping[str, object]]] = {}
    for row in rows:
        loads.setdefault(str(row["dataset"]), []).append(row)
    found = Journal(loads, {name: str(of[-1]["id"]) for name, of in loads.items()})
    slug, members = spelling.name("list"), spelling.book("list_members")
    for kind, asked, sql in (
        (_SEGMENT, books, "SELECT segment, max(as_of) FROM enishi.refreshes GROUP BY segment"),
        (_LIST, question,
         f"SELECT {slug}, max(greatest(_from, coalesce(_to, _from))) FROM {members} GROUP BY 1"),
    ):  # fmt: skip
        found.latest |= {f"{kind}{name}": _text(at) for name, at in asked.rows(sql)}
    return found


def _text(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="microseconds")


def seen_now(
    journal: Journal, datasets: Iterable[str], segments: Iterable[str], lists: Iterable[str]
) -> dict[str, str]:
    """What a segment that leans on these will have seen once it is refreshed."""
    names = [
        *datasets, *(f"{_SEGMENT}{name}" for name in segments), *(f"{_LIST}{n}" for n in lists)
    ]  # fmt: skip
    return {name: journal.latest[name] for name in names if name in journal.latest}


def touched(
    catalog: Catalog,
    asked: Iterable[CheckedRule | CheckedValue],
    seen: Mapping[str, str],
    journal: Journal,
    spelling: Spelling,
    segments: Iterable[str] = (),
    lists: Iterable[str] = (),
) -> list[SQL] | None:
    """SELECTs of the `_id` of everybody whom news since `seen` lead to; None: it cannot be told.

    `asked` are a segment's rule and the values it ranks by; `segments` and `lists` the sets that
    they name.
    """
    found: dict[SQL, None] = {}
    for one in asked:
        subject = catalog.datasets[one.subject]
        ways: list[tuple[BaseStep, ...]] = [(), *needed(one)]
        for way in ways:
            target = subject if not way else catalog.datasets[way[-1].target]
            if target.name not in journal.latest:
                continue  # never loaded
            loads = journal.since(target.name, seen.get(target.name))
            if not loads.ids:
                continue
            if target.name not in seen or _without_trace(target, loads, way, ways):
                return None
            found[back(way, _rows(target, loads, spelling), spelling)] = None
    for kind, names, table, column, begin, end in (
        (_SEGMENT, segments, "memberships", "segment", "entered_at", "left_at"),
        (_LIST, lists, "list_members", "list", "_from", "_to"),
    ):
        for name in names:
            last = seen.get(f"{kind}{name}")
            if journal.latest.get(f"{kind}{name}") == last:
                continue
            after = ""
            if last is not None:
                instant = spelling.instant(datetime.fromisoformat(last))
                after = f" AND ({begin} > {instant} OR {end} > {instant})"
            of = f"{spelling.name(column)} = {spelling.text(name)}"
            found[f"SELECT _id FROM {spelling.book(table)} WHERE {of}{after}"] = None
    return list(found)


def _without_trace(
    target: Dataset, loads: Loads, way: Sequence[BaseStep], ways: Sequence[Sequence[BaseStep]]
) -> bool:
    """Whether rows went, or changed whom they belong to, and nothing tells whose they were."""
    if target.kind is DatasetKind.EVENT:
        return loads.removed > 0  # it was loaded anew, and what was there before is gone
    if target.kind is DatasetKind.VERSIONED:
        # A load that only closes versions opens none that would tell when it closed them.
        return loads.removed > 0
    if loads.removed:
        return True
    return bool(loads.changed) and not _led_by_key(target, way, ways)


def _led_by_key(
    target: Dataset, way: Sequence[BaseStep], ways: Sequence[Sequence[BaseStep]]
) -> bool:
    """Whether the rows are reached, and left again, by nothing but their key."""
    if target.subject is not None and not way:
        return True
    arrived = {theirs for _, theirs in way[-1].columns}
    onward = {
        ours
        for other in ways
        if len(other) > len(way) and tuple(other[: len(way)]) == tuple(way)
        for ours, _ in other[len(way)].columns
    }
    return arrived | onward <= set(target.key)


def _rows(target: Dataset, loads: Loads, spelling: Spelling) -> SQL:
    """The rows that loads have brought or closed."""
    table = spelling.data(target.name)
    ids = ", ".join(spelling.text(one) for one in loads.ids)
    found = f"SELECT * FROM {table} WHERE _load IN ({ids})"
    if target.versioned:
        found += f" OR _to IN (SELECT DISTINCT _from FROM {table} WHERE _load IN ({ids}))"
    return found


def back(way: Sequence[BaseStep], rows: SQL, spelling: Spelling) -> SQL:
    """Follow a way backwards from rows at its end to the ids of its subjects."""
    for step in reversed(way):
        ours = ", ".join(spelling.name(a) for a, _ in step.columns)
        theirs = ", ".join(spelling.name(b) for _, b in step.columns)
        key = ours if len(step.columns) == 1 else f"({ours})"
        source = spelling.data(step.source)
        rows = f"SELECT * FROM {source} WHERE {key} IN (SELECT {theirs} FROM ({rows}) r)"
    return f"SELECT _id FROM ({rows}) r"
