"""Sequences as SQL: step after step the events that some way of matching reaches.

Whether an event can stand at a step depends on the step before alone: on whether some event that
can stand there came before it in time. So each step is one join that keeps the reachable rows, and
however many ways lead to them they come once. Of a step after which no time limit follows only the
first time of each subject matters.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from datetime import datetime

from enishi.catalog.types import FieldType
from enishi.rules.compile_paths import Frame, PathCompiler
from enishi.rules.compile_rows import Rows, RowsCompiler
from enishi.rules.compile_select import Moment, Names, numbered
from enishi.rules.dialects.text import FALSE, TRUE, Expr, call, compare, equals, in_query, is_set
from enishi.rules.tree import Branch, MeasureKind, RowsValue, Sequence, SequenceStep
from enishi.rules.windows import FIRST_INSTANT, elapsed


class SequenceCompiler:
    """Compiles a sequence on a frame of subjects.

    Queries of rows have the columns `_a…` (their subject), `_t` (their instant) and, where a field
    is shared, `_g` (its value).
    """

    def __init__(
        self, moment: Moment, names: Names, paths: PathCompiler, rows: RowsCompiler
    ) -> None:
        self.moment = moment
        self.sql = moment.dialect
        self.names = names
        self.paths = paths
        self.rows = rows

    def sequence(self, node: Sequence, frame: Frame) -> Expr:
        """Whether the events of the subject followed one another so."""
        values = [_value(node, step) for step in node.steps]
        if any(not s.absent and not _live(s) for s in node.steps):
            return FALSE
        joined = self.rows.must_join(values)
        outer: tuple[Expr, ...] = ()
        reached = ""
        for index, (step, value) in enumerate(zip(node.steps, values, strict=True)):
            columns = [*(f"_a{i}" for i in range(len(outer))), *(["_g"] if node.same else [])]
            if step.absent:
                limit = self._passed(step)
                if limit is None:
                    return FALSE
                absent = self._events(frame, step, value, joined)[0] if _live(step) else None
                reached = self._undisturbed(step, reached, absent, limit, columns)
                continue
            here, outer = self._events(frame, step, value, joined)
            reached = self._onward(node.steps, index, reached, here, columns) if index else here
        alias = self.names.new("q")
        anchors = {f"_a{i}": self.sql.column(alias, f"_a{i}") for i in range(len(outer))}
        group = list(anchors.values()) if self.sql.groups_sets else ()
        return in_query(outer, self.moment.over(reached, alias).build(anchors, group=group))

    # ── the events of one step ───────────────────────────────────────────────────────────────────

    def _events(
        self, frame: Frame, step: SequenceStep, value: RowsValue, joined: bool
    ) -> tuple[str, tuple[Expr, ...]]:
        """The events a step may match, and the columns that name their subject outside."""
        texts = value.measured is not None and value.measured.type is FieldType.STRING
        rows = self.rows.rows(frame, value, folded=texts, joined=joined)
        shared = rows.folded if texts else rows.value
        columns = numbered("_a", rows.anchors) | {"_t": self._instant(step, rows)}
        if shared is not None:
            columns["_g"] = shared
            rows.select.where(is_set(shared))
        return rows.select.build(columns), rows.outer

    def _instant(self, step: SequenceStep, rows: Rows) -> Expr:
        """The time of a row as an instant; a date is its local midnight."""
        datasets = [self.moment.catalog.datasets[b.dataset] for b in _live(step)]
        types = {d.fields[d.time.field].type for d in datasets if d.time is not None}
        time = rows.order[0]
        return self.sql.never_null(self.paths.midnight(time) if types == {FieldType.DATE} else time)

    # ── from step to step ────────────────────────────────────────────────────────────────────────

    def _onward(
        self,
        steps: Many[SequenceStep],
        index: int,
        before: str,
        here: str,
        columns: Many[str],
    ) -> str:
        """The events of a step that come after a reached one, in time."""
        within = steps[index].within
        if within is None:
            before = self._first(before, columns)
        old, new = self.names.new("q"), self.names.new("q")
        earlier, later = self.sql.column(old, "_t"), self.sql.column(new, "_t")
        near = TRUE
        if within is not None:
            near = compare(">=", earlier, self.sql.earlier(later, elapsed(within)))
        select = self.moment.over(here, new)
        same, order = self._same(old, new, columns), compare("<", earlier, later)
        repeats = self.moment.keep(select, before, old, same, order, near)
        return select.build(self._columns(new, columns), distinct=repeats)

    def _undisturbed(
        self,
        step: SequenceStep,
        before: str,
        absent: str | None,
        limit: datetime,
        columns: Many[str],
    ) -> str:
        """The reached events after which none of these came within the time, which has passed."""
        old, new = self.names.new("q"), self.names.new("q")
        earlier, later = self.sql.column(old, "_t"), self.sql.column(new, "_t")
        select = self.moment.over(before, old)
        select.where(compare("<=", earlier, self.sql.instant(limit)))
        if absent is not None:
            assert step.within is not None
            same, order = self._same(old, new, columns), compare("<", earlier, later)
            near = compare(">=", earlier, self.sql.earlier(later, elapsed(step.within)))
            self.moment.drop(select, absent, new, same, order, near)
        return select.build(self._columns(old, columns))

    def _passed(self, step: SequenceStep) -> datetime | None:
        """The latest event after which the time of a step has passed; None: there is none."""
        assert step.within is not None
        length = elapsed(step.within)
        at = self.moment.at
        return None if at - FIRST_INSTANT < length else at - length

    def _first(self, query: str, columns: Many[str]) -> str:
        """The first of the reached events of each subject."""
        alias = self.names.new("q")
        kept = self._columns(alias, columns)
        group = [kept[name] for name in columns]
        kept["_t"] = call("MIN", kept["_t"])
        return self.moment.over(query, alias).build(kept, group=group)

    def _same(self, old: str, new: str, columns: Many[str]) -> list[Expr]:
        return [equals(self.sql.column(old, n), self.sql.column(new, n)) for n in columns]

    def _columns(self, alias: str, columns: Many[str]) -> dict[str, Expr]:
        return {name: self.sql.column(alias, name) for name in (*columns, "_t")}


def _live(step: SequenceStep) -> list[Branch]:
    return [branch for branch in step.branches if not branch.nothing]


def _value(node: Sequence, step: SequenceStep) -> RowsValue:
    """The events of a step as a value: the last of them, since that reads time and field."""
    measured = next((b.path for b in step.branches if b.path is not None), None)
    return RowsValue(
        node.dataset, None, step.events, step.branches, None if step.absent else node.during,
        MeasureKind.LAST, measured, FieldType.TIMESTAMP,
    )  # fmt: skip
