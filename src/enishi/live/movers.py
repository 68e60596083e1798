"""What in a rule moves with time: every bound that can pass a value, and where the values lie.

An answer changes by itself only when a bound passes a value: a window's end an event, a relative
date a field, a birthday today. `movers_of` names them all, once for a rule; `sweeps` finds the
subjects whose values they pass between two instants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from enishi.catalog.types import BaseStep, Catalog, Dataset, FieldType, TimeKind
from enishi.rules.tree import (
    TIMES,
    Branch,
    CalendarWindow,
    Computed,
    FieldOperand,
    FieldValue,
    FromTo,
    LastWindow,
    Membership,
    NextWindow,
    Node,
    Not,
    Now,
    Op,
    Operand,
    Part,
    Path,
    Sample,
    Sequence,
    Span,
    Step,
    SubjectOperand,
    Test,
    Today,
    Value,
)
from enishi.rules.types import CheckedRule
from enishi.rules.walk import base_way

Way: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Appears:
    """A row begins or ceases to exist at the instant in the column."""


@dataclass(frozen=True, slots=True)
class Birthday:
    """An age grows on the day in the column, or its anniversary comes and goes by a window."""

    window: LastWindow | NextWindow | FromTo | CalendarWindow | None = None


@dataclass(frozen=True, slots=True)
class Elapsed:
    """A fixed time after the instant in the column has passed."""

    span: Span


Moves: TypeAlias = (
    Appears | Birthday | Elapsed | Today | Now | LastWindow | NextWindow | FromTo | CalendarWindow
)


@dataclass(frozen=True, slots=True)
class Mover:
    """What moves past one column of the rows at the end of a way from the subject.

    `on_dates`: the values are compared as local dates. `names`: of the rows' events only these
    matter (folded; None: any). `table`: the column is of the stays in a set instead: "memberships"
    or "list_members", of the set `slug`.
    """

    way: tuple[BaseStep, ...]
    column: str
    moves: Moves
    on_dates: bool = False
    names: frozenset[str] | None = None
    name_field: str | None = None
    table: str = ""
    slug: str = ""

    @property
    def by_day(self) -> bool:
        """Whether it moves at local midnights alone."""
        return self.on_dates or isinstance(self.moves, (Birthday, CalendarWindow, Today))


def movers_of(rule: CheckedRule, catalog: Catalog) -> tuple[Mover, ...]:
    """Everything that moves in a rule, its consent included."""
    finder = _Finder(catalog)
    subject = catalog.datasets[rule.subject]
    found = [*finder.existence(subject, ()), *finder.rule(rule.tree, (), ())]
    return tuple(dict.fromkeys(found))


class _Finder:
    """Walks a tree. `start` is the way to the rows that a rule or value is asked of; `subject` the
    way to what `{"subject"}` names there."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def existence(
        self, dataset: Dataset, way: Way, branch: Branch | None = None
    ) -> Iterator[Mover]:
        """When the rows at the end of a way come into being, and versions follow one another."""
        if dataset.time is not None and dataset.time.kind is TimeKind.OCCURRED:
            yield _at(way, dataset.time.field, Appears(), branch=branch)
        if dataset.versioned:
            yield _at(way, "_from", Appears())
            yield _at(way, "_to", Appears())

    # ── rules ────────────────────────────────────────────────────────────────────────────────────

    def rule(self, node: Node, start: Way, subject: Way) -> Iterator[Mover]:
        if isinstance(node, Test):
            yield from self._test(node, start, subject)
        elif isinstance(node, Sequence):
            yield from self._sequence(node, start)
        elif isinstance(node, Membership):
            yield from _membership(node)
        elif isinstance(node, Not):
            yield from self.rule(node.rule, start, subject)
        elif not isinstance(node, Sample):
            for rule in node.rules:
                yield from self.rule(rule, start, subject)

    def _test(self, test: Test, start: Way, subject: Way) -> Iterator[Mover]:
        yield from self._value(test.value, start, subject)
        for operand in test.operands:
            yield from self._operand(operand, start, subject)
        if test.value.type not in TIMES:
            return
        on_dates = test.value.type is FieldType.DATE
        for way, column, branch in _origins(test.value, start):
            if test.op is Op.ANNIVERSARY_DURING:
                yield _at(way, column, Birthday(test.window), True, branch)
            elif test.window is not None:
                yield _at(way, column, test.window, on_dates, branch)
            for operand in test.operands:
                if isinstance(operand, (Today, Now)):
                    dates = on_dates or isinstance(operand, Today)
                    yield _at(way, column, operand, dates, branch)

    def _operand(self, operand: Operand, start: Way, subject: Way) -> Iterator[Mover]:
        if isinstance(operand, FieldOperand):
            yield from self._path(operand.path, start)
        elif isinstance(operand, SubjectOperand):
            yield from self._path(operand.path, subject)
        elif isinstance(operand, Computed):
            yield from self._value(operand.value, start, subject)

    def _sequence(self, sequence: Sequence, start: Way) -> Iterator[Mover]:
        before: tuple[Branch, ...] = ()
        for step in sequence.steps:
            for branch in _some(step.branches):
                window = None if step.absent else sequence.during
                yield from self._branch(branch, start, start, window)
            if not step.absent:
                before = step.branches
                continue
            assert step.within is not None
            for branch in _some(before):
                if branch.time is not None:
                    yield _at(
                        (*start, *branch.steps), branch.time, Elapsed(step.within), branch=branch
                    )

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def _value(self, value: Value, start: Way, subject: Way) -> Iterator[Mover]:
        if isinstance(value, FieldValue):
            yield from self._path(value.path, start)
            return
        for branch in _some(value.branches):
            yield from self._branch(branch, start, subject, value.during)

    def _branch(self, branch: Branch, start: Way, subject: Way, window: object) -> Iterator[Mover]:
        yield from self._steps(branch.steps, start, branch)
        here = (*start, *branch.steps)
        if branch.where is not None:
            yield from self.rule(branch.where, here, subject)
        if branch.path is not None:
            yield from self._path(branch.path, here)
        if window is not None and branch.time is not None:
            assert isinstance(window, (LastWindow, NextWindow, FromTo, CalendarWindow))
            time = self.catalog.datasets[branch.dataset].fields[branch.time]
            yield _at(here, branch.time, window, time.type is FieldType.DATE, branch)

    def _path(self, path: Path, start: Way) -> Iterator[Mover]:
        if path.missing or path.constant is not None:
            return
        yield from self._steps(path.steps, start)
        if path.part is Part.AGE:
            yield _at((*start, *path.steps), path.field, Birthday(), True)

    def _steps(self, steps: Way, start: Way, branch: Branch | None = None) -> Iterator[Mover]:
        for index, step in enumerate(steps, 1):
            here = (*start, *steps[:index])
            last = branch if index == len(steps) else None
            yield from self.existence(self.catalog.datasets[step.target], here, last)
            for rule in step.where:
                yield from self.rule(rule, here, here)


def _at(
    way: Way, column: str, moves: Moves, on_dates: bool = False, branch: Branch | None = None
) -> Mover:
    names, field = (None, None) if branch is None else (branch.names, branch.name_field)
    return Mover(base_way(way), column, moves, on_dates, names, field)


def _origins(value: Value, start: Way) -> Iterator[tuple[Way, str, Branch | None]]:
    """The columns that a value of a date or a time is read from; a branch where it is of its own
    rows."""
    if isinstance(value, FieldValue):
        if not value.path.missing and value.path.constant is None:
            yield (*start, *value.path.steps), _column(value.path), None
        return
    for branch in _some(value.branches):
        path = branch.path
        if path is not None and not path.missing and path.constant is None:
            here = (*start, *branch.steps, *path.steps)
            yield here, _column(path), None if path.steps else branch


def _column(path: Path) -> str:
    return "_from" if path.part is Part.SINCE else path.field


def _some(branches: tuple[Branch, ...]) -> Iterator[Branch]:
    return (branch for branch in branches if not branch.nothing)


def _membership(node: Membership) -> Iterator[Mover]:
    table = "memberships" if node.kind == "segment" else "list_members"
    edges = ("entered_at", "left_at") if node.kind == "segment" else ("_from", "_to")
    for edge in edges:
        yield Mover((), edge, Appears(), table=table, slug=node.slug)
    if node.window is not None:
        edge = "entered_at" if node.crossing == "entered" else "left_at"
        yield Mover((), edge, node.window, table=table, slug=node.slug)
