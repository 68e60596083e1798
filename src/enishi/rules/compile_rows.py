"""The rows behind a related or event value, as one SELECT that can be grouped.

Rows are found from the far end: the first join's own columns stand for the subject (the anchor),
so no statement joins the subjects before it must. A row reached by several paths is made one by
DISTINCT, as early as the joins allow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from enishi.catalog.types import Dataset, FieldType
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_select import Moment, Names, Select, numbered
from enishi.rules.dialects.text import TRUE, Expr, equal_all, in_list, in_query, is_set
from enishi.rules.tree import Branch, MeasureKind, Node, RowsValue, Step, Window
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
        self.sql = moment.dialect
        self.names = names
        self.paths = paths
        self._rule = rule
        self._only = only

    def rows(
        self,
        frame: Frame,
        value: RowsValue,
        *,
        folded: bool,
        repeats: bool = True,
        joined: bool | None = None,
    ) -> Rows:
        """The rows of a value seen from a frame.

        `repeats`: whether a row that comes twice would change the answer. `joined`: whether the
        subject must be in the statement, where that is decided for several values together.
        """
        repeats = repeats and value.measure in _REPEATS_MATTER
        live = [branch for branch in value.branches if not branch.nothing]
        if joined is None:
            joined = self.must_join([value])
        found = [self._branch(frame, value, b, joined, folded, repeats) for b in live]
        outer = self._outer(frame, value, live[0], joined)
        if len(found) == 1:
            return replace(found[0], outer=outer)
        return self._union(found, value, live, outer)

    def must_join(self, values: Sequence[RowsValue]) -> bool:
        """Whether the subject itself must be in the statement to anchor the rows."""
        firsts = {
            tuple(ours for ours, _ in branch.steps[0].columns)
            for value in values
            for branch in value.branches
            if not branch.nothing
        }
        return len(firsts) > 1 or any(value_looks_back(value) for value in values)

    def _outer(
        self, frame: Frame, value: RowsValue, branch: Branch, joined: bool
    ) -> tuple[Expr, ...]:
        if not joined:
            return tuple(self.sql.column(frame.alias, ours) for ours, _ in branch.steps[0].columns)
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
        select = self.moment.select(step.target, alias, timed=timed)
        anchors = tuple(self.sql.column(alias, theirs) for _, theirs in step.columns)
        self.paths.narrow(select, step, alias)
        return _Way(select, alias, step.target, anchors, None)

    def _join(self, way: _Way, step: Step, *, timed: bool) -> None:
        alias = self.names.new("t")
        ours = [self.sql.column(way.alias, name) for name, _ in step.columns]
        theirs = [self.sql.column(alias, name) for _, name in step.columns]
        way.select.join("INNER JOIN", self.moment.table(step.target, alias),
                        equal_all(ours, theirs))  # fmt: skip
        way.alias, way.dataset = alias, step.target
        dataset = self.catalog.datasets[step.target]
        way.select.where(self.moment.exists(dataset, alias, timed=timed))
        self.paths.narrow(way.select, step, alias)

    def _restrict(self, frame: Frame, branch: Branch, way: _Way) -> None:
        """Where only some subjects are asked for, gather only their rows."""
        if self._only is None or frame.subject is not None or frame.identity != ("_id",):
            return
        alias = self.names.new("t")
        inner = Select(self.moment.table(frame.dataset, alias), self.sql)
        inner.where(self.among(self.sql.column(alias, "_id"), self._only))
        columns = [self.sql.column(alias, ours) for ours, _ in branch.steps[0].columns]
        way.select.where(in_query(way.anchors, inner.build(numbered("_a", columns))))

    def among(self, column: Expr, only: str) -> Expr:
        """Whether a column is among the ids of a relation."""
        alias = self.names.new("t")
        ids = Select(f"{only} AS {alias}", self.sql)
        return in_query([column], ids.build({"_id": self.sql.column(alias, "_id")}))

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
        columns = numbered("_a", way.anchors)
        columns |= {name: self.sql.column(way.alias, name) for name in kept}
        query = way.select.build(columns, distinct=True)
        alias = self.names.new("u")
        way.select = self.moment.over(query, alias)
        way.alias = alias
        way.anchors = tuple(self.sql.column(alias, f"_a{i}") for i in range(len(way.anchors)))

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
            name = self.sql.column(row.alias, f"{branch.name_field}__f")
            row.select.where(in_list(name, [self.sql.text(n) for n in sorted(branch.names)]))
        if value.during is not None and branch.time is not None:
            self._limit(value.during, branch, branch.time, row)
        if branch.where is not None:
            row.select.where(self._rule(branch.where, row))
        if value.measure in ORDERED and value.during is None:
            assert branch.time is not None
            row.select.where(self._timed_row(branch, branch.time, row))

    def _limit(self, during: Window, branch: Branch, field: str, row: Frame) -> None:
        """Keep the rows whose time lies in a window; a row without a time is in none."""
        dataset = self.catalog.datasets[branch.dataset]
        on_dates = dataset.fields[field].type is FieldType.DATE
        found = (date_bounds if on_dates else instant_bounds)(during, self.moment.at, self.catalog)
        bounds = self.moment.past(dataset, found)
        row.select.where(self.moment.within(self.sql.column(row.alias, field), bounds))
        if bounds.start is None and bounds.end is None:
            row.select.where(self._timed_row(branch, field, row))

    def _timed_row(self, branch: Branch, field: str, row: Frame) -> Expr:
        """Whether a row has a time."""
        required = self.catalog.datasets[branch.dataset].fields[field].required
        return TRUE if required else is_set(self.sql.column(row.alias, field))

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
            order = tuple(self.sql.column(row.alias, name) for name in (branch.time, *key))
        lower = None
        if folded and branch.path is not None:
            lower = self.paths.read(row, branch.path, folded=True)
        return Rows(row.select, way.anchors, (), found, lower, order or ())

    def _distinct(self, rows: Rows, row: Frame) -> Rows:
        """Each row once: one line per anchor and key."""
        keys = [self.sql.column(row.alias, name) for name in row.identity]
        query = rows.select.build(self._named(rows) | numbered("_k", keys), distinct=True)
        return self._from(
            query, len(rows.anchors), rows.value is not None, rows.folded is not None, ()
        )

    def _named(self, rows: Rows) -> dict[str, Expr]:
        found = numbered("_a", rows.anchors)
        if rows.value is not None:
            found["_v"] = rows.value
        if rows.folded is not None:
            found["_f"] = rows.folded
        return found

    def _from(
        self, query: str, anchors: int, value: bool, folded: bool, order: Sequence[str]
    ) -> Rows:
        alias = self.names.new("u")

        def read(name: str) -> Expr:
            return self.sql.column(alias, name)

        return Rows(
            self.moment.over(query, alias),
            tuple(read(f"_a{i}") for i in range(anchors)),
            (),
            read("_v") if value else None,
            read("_f") if folded else None,
            tuple(read(name) for name in order),
        )

    # ── several datasets ─────────────────────────────────────────────────────────────────────────

    def _union(
        self, found: list[Rows], value: RowsValue, live: list[Branch], outer: tuple[Expr, ...]
    ) -> Rows:
        """The rows of several event datasets; equal times are told apart by key, then name."""
        columns = [self._ordering(value, live, i, rows) for i, rows in enumerate(found)]
        selects = [
            rows.select.build(self._named(rows) | more)
            for rows, more in zip(found, columns, strict=True)
        ]
        first = found[0]
        merged = self._from(
            " UNION ALL ".join(selects),
            len(first.anchors),
            first.value is not None,
            first.folded is not None,
            list(columns[0]),
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
        name = self.sql.text(datasets[index].name)
        if len({key_types(d) for d in datasets}) == 1:
            return {"_t": time} | numbered("_k", keys) | {"_d": name}
        found: dict[str, Expr] = {"_t": time, "_d": name}
        for number, dataset in enumerate(datasets):
            for place, key in enumerate(dataset.key):
                mine = number == index
                none = self.sql.unset(dataset.fields[key].type, dataset.fields[key].scale)
                found[f"_k{number}_{place}"] = keys[place] if mine else none
        return found


def key_types(dataset: Dataset) -> tuple[FieldType, ...]:
    return tuple(dataset.fields[name].type for name in dataset.key)


def _time_type(dataset: Dataset) -> FieldType | None:
    return None if dataset.time is None else dataset.fields[dataset.time.field].type
