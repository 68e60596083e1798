"""What many segments read of the touched people, copied aside once: each then asks a small table.

A slice holds, of one dataset, the columns that the rules name and the rows that lead from the
touched subjects along the rules' join paths; of an event dataset that is asked about by windows
alone, only the time that all of them together span. An event dataset of 50 million rows is then
read once instead of once for each segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from enishi.catalog.types import BaseStep, Catalog, Dataset, DatasetKind, FieldType
from enishi.rules import needed
from enishi.rules.tree import Branch, Computed, RowsValue, Test, Value, Window
from enishi.rules.tree import Sequence as EventSequence
from enishi.rules.types import CheckedRule
from enishi.rules.walk import leaves_of, ways_of_rule
from enishi.rules.windows import instant_bounds
from enishi.warehouse.spelling import SQL, Spelling

Way = tuple[BaseStep, ...]


@dataclass
class _Part:
    """What is read of one dataset."""

    dataset: Dataset
    columns: set[str] = field(default_factory=set)
    arrivals: set[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=set)
    """(source, column pairs) by which its rows are reached; "" from the touched ids themselves."""


def plan(
    rules: Sequence[CheckedRule], catalog: Catalog, at: datetime, spell: Spelling, touched: SQL
) -> dict[str, SQL] | None:
    """By dataset the SELECT of its slice, in an order in which each may read those before it.

    A SELECT names the slices it reads as `{dataset}` in braces, to be filled in. `touched` is the
    relation of touched ids. None where the paths run in a circle: such rules read whole tables.
    """
    parts: dict[str, _Part] = {}
    for rule in rules:
        _gather(parts, rule, catalog)
    bounds = _bounds(rules, catalog, at)
    found: dict[str, SQL] = {}
    waiting = dict(parts)
    while waiting:
        ready = [
            name for name, part in waiting.items()
            if all(source == "" or source in found for source, _ in part.arrivals)
        ]  # fmt: skip
        if not ready:
            return None
        for name in ready:
            found[name] = _select(waiting.pop(name), spell, touched, bounds.get(name))
    return found


def _gather(parts: dict[str, _Part], rule: CheckedRule, catalog: Catalog) -> None:
    def part(name: str) -> _Part:
        if name not in parts:
            parts[name] = _Part(catalog.datasets[name], _bookkeeping(catalog.datasets[name]))
        return parts[name]

    part(rule.subject).arrivals.add(("", ()))
    for way in needed(rule):
        last = way[-1]
        part(last.target).arrivals.add((last.source, last.columns))
        for step in way:
            part(step.source).columns |= {ours for ours, _ in step.columns}
            part(step.target).columns |= {theirs for _, theirs in step.columns}
    for dataset, name in rule.fields:
        part(dataset).columns.add(name)


def _bookkeeping(dataset: Dataset) -> set[str]:
    """The columns that tell which rows exist and in what order, whatever the rule names."""
    found = set(dataset.key)
    if dataset.time is not None:
        found.add(dataset.time.field)
    if dataset.event is not None and dataset.event.name_field is not None:
        found.add(dataset.event.name_field)
    return found


def _select(part: _Part, spell: Spelling, touched: SQL, since: datetime | None) -> SQL:
    dataset = part.dataset
    names = sorted(part.columns)
    names += [
        f"{name}__f" for name in names
        if dataset.fields[name].type in (FieldType.STRING, FieldType.STRINGS)
    ]  # fmt: skip
    names += ["_id"] if dataset.subject is not None else []
    names += ["_from", "_to"] if dataset.versioned else []
    tests = []
    for source, pairs in sorted(part.arrivals):
        if source == "":
            tests.append(f"_id IN (SELECT _id FROM {touched})")
            continue
        theirs = ", ".join(spell.name(b) for _, b in pairs)
        ours = ", ".join(spell.name(a) for a, _ in pairs)
        key = theirs if len(pairs) == 1 else f"({theirs})"
        tests.append(f"{key} IN (SELECT {ours} FROM {{{source}}})")
    where = " OR ".join(tests)
    if since is not None and dataset.time is not None:
        where = f"({where}) AND {spell.name(dataset.time.field)} >= {spell.instant(since)}"
    listed = ", ".join(spell.name(name) for name in names)
    return f"SELECT {listed} FROM {spell.data(dataset.name)} WHERE {where}"


# ── which time is asked about ────────────────────────────────────────────────────────────────────


def _bounds(rules: Iterable[CheckedRule], catalog: Catalog, at: datetime) -> dict[str, datetime]:
    """By event dataset the first instant that any rule asks about; left out where one asks about
    all of its time, or comes to its rows on the way to others."""
    first: dict[str, datetime | None] = {}
    for rule in rules:
        for name, since in _asked_since(rule, catalog, at):
            if name not in first:
                first[name] = since
            else:
                known = first[name]
                first[name] = None if since is None or known is None else min(since, known)
    return {name: since for name, since in first.items() if since is not None}


def _asked_since(
    rule: CheckedRule, catalog: Catalog, at: datetime
) -> Iterator[tuple[str, datetime | None]]:
    for asked in asked_of(rule, catalog):
        yield asked.dataset, _since(catalog.datasets[asked.dataset], asked.window, catalog, at)


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows of a dataset that a rule reads: those of a window (None: of all time), and events of
    some names only (folded; None: of any)."""

    dataset: str
    window: Window | None = None
    names: frozenset[str] | None = None


def asked_of(rule: CheckedRule, catalog: Catalog) -> Iterator[Asked]:
    """All the rows that a rule reads beside the subject, dataset by dataset."""
    asked: dict[Way, int] = {}
    for branch, window in _branches(rule):
        dataset = catalog.datasets[branch.dataset]
        yield Asked(dataset.name, window, branch.names)
        if branch.where is not None:
            for inner in ways_of_rule(branch.where, branch.steps):
                yield Asked(inner[-1].target)
        for step in branch.steps[:-1]:
            yield Asked(step.target)
        if branch.path is not None:
            for step in branch.path.steps:
                yield Asked(step.target)
        asked[tuple(BaseStep(s.source, s.target, s.columns, s.many) for s in branch.steps)] = 1
    for way in needed(rule):
        if way not in asked:
            yield Asked(way[-1].target)


def _since(
    dataset: Dataset, window: Window | None, catalog: Catalog, at: datetime
) -> datetime | None:
    on_instants = (
        dataset.kind is DatasetKind.EVENT
        and dataset.time is not None
        and dataset.fields[dataset.time.field].type is FieldType.TIMESTAMP
    )
    if window is None or not on_instants:
        return None
    return instant_bounds(window, at, catalog).start


def _branches(rule: CheckedRule) -> Iterator[tuple[Branch, Window | None]]:
    """The branches that stand at the top of a rule, each with the window it is asked in."""
    for leaf in leaves_of(rule.tree):
        if isinstance(leaf, Test):
            yield from _of_value(leaf.value)
            for operand in leaf.operands:
                if isinstance(operand, Computed):
                    yield from _of_value(operand.value)
        elif isinstance(leaf, EventSequence):
            # What must not happen is looked for beyond the window too.
            whole = any(step.absent for step in leaf.steps)
            for step in leaf.steps:
                for branch in step.branches:
                    if not branch.nothing:
                        yield branch, None if whole else leaf.during


def _of_value(value: Value) -> Iterator[tuple[Branch, Window | None]]:
    if isinstance(value, RowsValue):
        for branch in value.branches:
            if not branch.nothing:
                yield branch, value.during
