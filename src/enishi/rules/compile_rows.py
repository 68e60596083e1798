"""The rows behind a related or event value, as one SELECT that can be grouped.

Rows are found from the far end: the first join's own columns stand for the subject (the anchor),
so no statement joins the subjects before it must. A row reached by several paths is made one by
DISTINCT, as early as the joins allow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from enishi.catalog.types import Dataset, FieldType
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_select import (
    Expr,
    Moment,
    Names,
    Select,
    column,
    equal_all,
    is_set,
    table,
    text,
    within,
)
from enishi.rules.tree import Branch, MeasureKind, Node, RowsValue, Step
from enishi.rules.walk import value_looks_back
from enishi.rules.windows import date_bounds, instant_bounds

ORDERED = frozenset({MeasureKind.FIRST, MeasureKind.LAST})
_REPEATS_MATTER = frozenset({MeasureKind.COUNT, MeasureKind.SUM, MeasureKind.AVG})


@dataclass(frozen=True, slots=True)
class Rows:
    """A SELECT of rows: `anchors` name their subject inside it, `outer` the same outside.

    `value` is what is measured (`folded`: its folded text), `order` the columns that `first` and
    `last` go by.
    """

    select: Select
    anchors: tuple[Expr, ...]
    outer: tuple[Expr, ...]
    value: Expr | None = None
    folded: Expr | None = None
    order: tuple[Expr, ...] = ()


@dataclass(slots=True)
class _Way:
    """A branch being walked: where it stands, and the subject's frame when it was joined."""

    select: Select
    alias: str
    dataset: str
    anchors: tuple[Expr, ...]
    subject: Frame | None


class RowsCompiler:
    """Builds `Rows`. `rule` compiles a rule on a frame."""

    def __init__(
        self,
        moment: Moment,
        names: Names,
        paths: PathCompiler,
        rule: Callable[[Node, Frame], Expr],
        only: str | None,
    ) -> None:
        self.moment = moment
        self.catalog = moment.catalog
        self.names = names
        self.paths = paths
        self._rule = rule
        self._only = only

    def rows(self, frame: Frame, value: RowsValue, *, folded: bool, repeats: bool = True) -> Rows:
        """The rows of a value seen from a frame.

        `repeats`: whether a row that comes twice would change the answer.
        """
        repeats = repeats and value.measure in _REPEATS_MATTER
        live = [branch for branch in value.branches if not branch.nothing]
        joined = self._must_join(value, live)
        found = [self._branch(frame, value, b, joined, folded, repeats) for b in live]
        outer = self._outer(frame, value, live[0], joined)
        if len(found) == 1:
            return replace(found[0], outer=outer)
        return self._union(found, value, live, outer)

    def _must_join(self, value: RowsValue, live: list[Branch]) -> bool:
        """Whether the subject itself must be in the statement to anchor the rows."""
        firsts = {tuple(ours for ours, _ in b.steps[0].columns) for b in live}
        return len(firsts) > 1 or value_looks_back(value)

    def _outer(
        self, frame: Frame, value: RowsValue, branch: Branch, joined: bool
    ) -> tuple[Expr, ...]:
        if not joined:
            return tuple(column(frame.alias, ours) for ours, _ in branch.steps[0].columns)
        return tuple(self._whole_identity(frame, value))

    def _whole_identity(self, frame: Frame, value: RowsValue) -> list[Expr]:
        found = frame.columns()
        if frame.subject is not None and value_looks_back(value):
            found += frame.subject.columns()
        return found

    # ── one branch ───────────────────────────────────────────────────────────────────────────────

    def _branch(
        self,
        frame: Frame,
        value: RowsValue,
        branch: Branch,
        joined: bool,
        folded: bool,
        repeats: bool,
    ) -> Rows:
        if joined:
            inner = frame.again()
            way = _Way(
                inner.select,
                inner.alias,
                inner.dataset,
                tuple(self._whole_identity(inner, value)),
                inner.outer(),
            )
            rest = branch.steps
        else:
            way = self._arrive(branch.steps[0], timed=self._timed(value, branch, 0))
            self._restrict(frame, branch, way)
            rest = branch.steps[1:]
        unsafe = self._unsafe(frame, rest, way.dataset, joined) if repeats else []
        early = not joined and bool(unsafe) and unsafe[-1] < len(rest) - 1
        first = len(branch.steps) - len(rest)
        for index, step in enumerate(rest):
            self._join(way, step, timed=self._timed(value, branch, index + first))
            if early and index == unsafe[-1]:
                self._collapse(way, rest[index + 1])
        row = self._row_frame(frame, branch, way)
        self._filter(value, branch, row)
        found = self._measured(value, branch, row, way, folded)
        return self._distinct(found, row) if unsafe and not early else found

    def _timed(self, value: RowsValue, branch: Branch, index: int) -> bool:
        """Whether `during` stands on the rows of a step: then the future is out already."""
        return value.during is not None and index == len(branch.steps) - 1

    def _arrive(self, step: Step, *, timed: bool) -> _Way:
        alias = self.names.new("t")
        select = Select(table(step.target, alias))
        anchors = tuple(column(alias, theirs) for _, theirs in step.columns)
        way = _Way(select, alias, step.target, anchors, None)
        self._keep(way, step, timed=timed)
        return way

    def _join(self, way: _Way, step: Step, *, timed: bool) -> None:
        alias = self.names.new("t")
        ours = [column(way.alias, name) for name, _ in step.columns]
        theirs = [column(alias, name) for _, name in step.columns]
        way.select.join("inner", table(step.target, alias), equal_all(ours, theirs))
        way.alias, way.dataset = alias, step.target
        self._keep(way, step, timed=timed)

    def _keep(self, way: _Way, step: Step, *, timed: bool) -> None:
        dataset = self.catalog.datasets[step.target]
        way.select.where(self.moment.exists(dataset, way.alias, timed=timed))
        self.paths.narrow(way.select, step, way.alias)

    def _restrict(self, frame: Frame, branch: Branch, way: _Way) -> None:
        """Where only some subjects are asked for, gather only their rows."""
        if self._only is None or frame.subject is not None or frame.identity != ("_id",):
            return
        alias, ids = self.names.new("t"), self.names.new("t")
        chosen = exp.select("_id").from_(exp.alias_(exp.to_table(self._only), ids, table=True))
        inner = Select(table(frame.dataset, alias))
        inner.where(exp.In(this=column(alias, "_id"), query=chosen.subquery(copy=False)))
        query = inner.build([column(alias, ours) for ours, _ in branch.steps[0].columns])
        way.select.where(is_in(way.anchors, query))

    def _unsafe(self, frame: Frame, rest: Sequence[Step], start: str, joined: bool) -> list[int]:
        """The steps after which a row may stand there twice for one anchor."""
        if not joined:
            return self._many_to_one(rest, start)
        later = [index + 1 for index in self._many_to_one(rest[1:], rest[0].target)]
        # Rows reached again from the subject may already have come by several ways.
        return later or ([0] if frame.subject is not None else [])

    def _many_to_one(self, steps: Sequence[Step], start: str) -> list[int]:
        """Steps that can bring two rows to one: their columns do not name their source."""
        found = []
        here = start
        for index, step in enumerate(steps):
            if not set(self.catalog.datasets[here].key) <= {ours for ours, _ in step.columns}:
                found.append(index)
            here = step.target
        return found

    def _collapse(self, way: _Way, following: Step) -> None:
        """Make the rows reached so far one each, before they fan out."""
        dataset = self.catalog.datasets[way.dataset]
        kept = dict.fromkeys([*dataset.key, *(ours for ours, _ in following.columns)])
        anchors = [
            exp.alias_(anchor.copy(), f"_a{i}", quoted=True) for i, anchor in enumerate(way.anchors)
        ]
        query = way.select.build([*anchors, *(column(way.alias, n) for n in kept)], distinct=True)
        alias = self.names.new("u")
        way.select = Select(exp.alias_(query.subquery(copy=False), alias, table=True))
        way.alias = alias
        way.anchors = tuple(column(alias, f"_a{i}") for i in range(len(anchors)))

    def _row_frame(self, frame: Frame, branch: Branch, way: _Way) -> Frame:
        key = self.catalog.datasets[branch.dataset].key

        def again() -> Frame:
            outer = frame.again()
            fresh = _Way(outer.select, outer.alias, outer.dataset, (), outer.outer())
            for step in branch.steps:
                self._join(fresh, step, timed=False)
            return Frame(
                fresh.select, fresh.alias, branch.dataset, key, again, subject=outer.outer()
            )

        return Frame(way.select, way.alias, branch.dataset, key, again, subject=way.subject)

    def _filter(self, value: RowsValue, branch: Branch, row: Frame) -> None:
        if branch.names is not None:
            name = column(row.alias, f"{branch.name_field}__f")
            wanted = [text(n) for n in sorted(branch.names)]
            row.select.where(exp.In(this=name, expressions=wanted))
        if value.during is not None and branch.time is not None:
            dataset = self.catalog.datasets[branch.dataset]
            on_dates = dataset.fields[branch.time].type is FieldType.DATE
            bounds = (date_bounds if on_dates else instant_bounds)(
                value.during, self.moment.at, self.catalog
            )
            time = column(row.alias, branch.time)
            row.select.where(is_set(time))
            row.select.where(within(time, self.moment.past(dataset, bounds)))
        if branch.where is not None:
            row.select.where(self._rule(branch.where, row))
        if value.measure in ORDERED:
            assert branch.time is not None
            row.select.where(is_set(column(row.alias, branch.time)))

    # ── what is measured ─────────────────────────────────────────────────────────────────────────

    def _measured(
        self, value: RowsValue, branch: Branch, row: Frame, way: _Way, folded: bool
    ) -> Rows:
        found = order = None
        if branch.path is not None:
            found = self.paths.read(row, branch.path)
        if value.measure in ORDERED:
            assert branch.time is not None
            key = self.catalog.datasets[branch.dataset].key
            order = (column(row.alias, branch.time), *(column(row.alias, k) for k in key))
        lower = None
        if folded and branch.path is not None:
            lower = self.paths.read(row, branch.path, folded=True)
        return Rows(row.select, way.anchors, (), found, lower, order or ())

    def _distinct(self, rows: Rows, row: Frame) -> Rows:
        """Each row once: one line per anchor and key."""
        named = self._named(rows, [column(row.alias, name) for name in row.identity])
        query = rows.select.build(list(named.values()), distinct=True)
        return self._from(
            query, len(rows.anchors), rows.value is not None, rows.folded is not None, ()
        )

    def _named(self, rows: Rows, keys: Sequence[Expr]) -> dict[str, Expr]:
        found = {f"_a{i}": a for i, a in enumerate(rows.anchors)}
        found |= {f"_k{i}": k for i, k in enumerate(keys)}
        if rows.value is not None:
            found["_v"] = rows.value
        if rows.folded is not None:
            found["_f"] = rows.folded
        return {name: exp.alias_(e.copy(), name, quoted=True) for name, e in found.items()}

    def _from(
        self, query: Expr, anchors: int, value: bool, folded: bool, order: Sequence[str]
    ) -> Rows:
        alias = self.names.new("u")
        return Rows(
            Select(exp.alias_(query.subquery(copy=False), alias, table=True)),
            tuple(column(alias, f"_a{i}") for i in range(anchors)),
            (),
            column(alias, "_v") if value else None,
            column(alias, "_f") if folded else None,
            tuple(column(alias, name) for name in order),
        )

    # ── several datasets ─────────────────────────────────────────────────────────────────────────

    def _union(
        self, found: list[Rows], value: RowsValue, live: list[Branch], outer: tuple[Expr, ...]
    ) -> Rows:
        """The rows of several event datasets; equal times are told apart by key, then name."""
        order: list[str] = []
        columns = [self._ordering(value, live, i, rows) for i, rows in enumerate(found)]
        if columns[0]:
            order = list(columns[0])
        selects = []
        for rows, more in zip(found, columns, strict=True):
            named = self._named(rows, ())
            named |= {n: exp.alias_(e.copy(), n, quoted=True) for n, e in more.items()}
            selects.append(rows.select.build(list(named.values())))
        query = selects[0]
        for other in selects[1:]:
            query = exp.union(query, other, distinct=False, copy=False)
        first = found[0]
        merged = self._from(
            query, len(first.anchors), first.value is not None, first.folded is not None, order
        )
        return replace(merged, outer=outer)

    def _ordering(
        self, value: RowsValue, live: list[Branch], index: int, rows: Rows
    ) -> dict[str, Expr]:
        """Time, key and dataset of one branch as columns that all branches have."""
        if value.measure not in ORDERED:
            return {}
        datasets = [self.catalog.datasets[branch.dataset] for branch in live]
        time, *keys = rows.order
        if len({_time_type(d) for d in datasets}) > 1 and (
            _time_type(datasets[index]) is FieldType.DATE
        ):
            time = self.paths.midnight(time)
        name = text(datasets[index].name)
        if len({key_types(d) for d in datasets}) == 1:
            own = {f"_k{i}": key for i, key in enumerate(keys)}
            return {"_t": time} | own | {"_d": name}
        found: dict[str, Expr] = {"_t": time, "_d": name}
        for number, dataset in enumerate(datasets):
            for place in range(len(dataset.key)):
                mine = number == index
                found[f"_k{number}_{place}"] = keys[place] if mine else exp.null()
        return found


def key_types(dataset: Dataset) -> tuple[FieldType, ...]:
    return tuple(dataset.fields[name].type for name in dataset.key)


def _time_type(dataset: Dataset) -> FieldType | None:
    return None if dataset.time is None else dataset.fields[dataset.time.field].type


def is_in(columns: Sequence[Expr], query: Expr) -> Expr:
    """Whether these columns are among the rows of a query."""
    this = columns[0].copy()
    if len(columns) > 1:
        this = exp.Tuple(expressions=[c.copy() for c in columns])
    return exp.In(this=this, query=query.subquery(copy=False))
