"""Paths as SQL: to-one joins, parts of dates and times, how long a value has held."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from enishi.catalog.types import FieldType
from enishi.kernel.text import fold
from enishi.rules.check_paths import NARROW
from enishi.rules.compile_select import (
    Expr,
    Moment,
    Names,
    Select,
    column,
    equal_all,
    instant,
    is_set,
    number,
    table,
    text,
    unset,
    wide,
)
from enishi.rules.tree import WEEKDAYS, Node, Part, Path, Step, Value


@dataclass(slots=True)
class Frame:
    """The rows a rule is tested on: an alias inside a SELECT.

    `identity` are columns that tell the rows apart. `subject` is the frame of the outer subject.
    `again` builds the way from the outer subject to these rows in a SELECT of its own.
    """

    select: Select
    alias: str
    dataset: str
    identity: tuple[str, ...]
    again: Callable[[], Frame]
    subject: Frame | None = None
    joined: dict[tuple[str, Step], str] = field(default_factory=dict)
    measured: dict[tuple[Value, bool], object] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)

    def columns(self) -> list[Expr]:
        return [column(self.alias, name) for name in self.identity]

    def outer(self) -> Frame:
        """The subject's frame; its own when this is it."""
        return self if self.subject is None else self.subject


class PathCompiler:
    """Reads paths off frames. `rule` compiles a narrowing on a frame."""

    def __init__(self, moment: Moment, names: Names, rule: Callable[[Node, Frame], Expr]) -> None:
        self.moment = moment
        self.catalog = moment.catalog
        self.names = names
        self._rule = rule

    def read(self, frame: Frame, path: Path, *, folded: bool = False) -> Expr:
        """The SQL of a path; `folded`: of a text, its folded form."""
        if path.missing:
            return unset(path.type, path.scale)
        if path.constant is not None:
            return text(fold(path.constant) if folded else path.constant)
        alias = frame.alias
        for step in path.steps:
            alias = self._hop(frame, alias, step)
        if path.part is Part.SINCE:
            return self._since(frame, alias, path)
        if path.part is None:
            name = f"{path.field}__f" if folded and not path.key else path.field
            return self._widen(column(alias, name), path.stored, path)
        found = self.part(path.part, column(alias, path.field), path.stored)
        return self._widen(found, NARROW[path.part], path)

    # ── to-one hops ──────────────────────────────────────────────────────────────────────────────

    def _hop(self, frame: Frame, alias: str, step: Step) -> str:
        key = (alias, step)
        if key not in frame.joined:
            target = self.names.new("t")
            ours = [column(alias, source) for source, _ in step.columns]
            theirs = [column(target, name) for _, name in step.columns]
            frame.select.join("left", self._one(step, target), equal_all(ours, theirs))
            frame.joined[key] = target
        return frame.joined[key]

    def _one(self, step: Step, alias: str) -> Expr:
        """The rows a to-one hop may arrive at: those that exist and pass, one a value."""
        dataset = self.catalog.datasets[step.target]
        inner = self.names.new("t")
        select = Select(table(step.target, inner))
        select.where(self.moment.exists(dataset, inner))
        self.narrow(select, step, inner)
        arrived = [name for _, name in step.columns]
        if set(dataset.key) <= set(arrived):
            if not select.conditions:
                return table(step.target, alias)
            query = select.build([exp.Column(this=exp.Star(), table=exp.to_identifier(inner))])
            return exp.alias_(query.subquery(copy=False), alias, table=True)
        rank = exp.Window(
            this=exp.RowNumber(),
            partition_by=[column(inner, name) for name in arrived],
            order=exp.Order(
                expressions=[exp.Ordered(this=column(inner, name)) for name in dataset.key]
            ),
        )
        ranked = select.build(
            [
                exp.Column(this=exp.Star(), table=exp.to_identifier(inner)),
                exp.alias_(rank, "_rank", quoted=True),
            ]
        )
        first = self.names.new("t")
        query = exp.select("*").from_(ranked.subquery(first, copy=False))
        query = query.where(exp.EQ(this=column(first, "_rank"), expression=number(1)))
        return exp.alias_(query.subquery(copy=False), alias, table=True)

    def narrow(self, select: Select, step: Step, alias: str) -> None:
        """Add the narrowings of a step to the SELECT that holds `alias`."""
        if not step.where:
            return
        frame = self.row(select, alias, step.target)
        for rule in step.where:
            select.where(self._rule(rule, frame))

    def row(self, select: Select, alias: str, dataset: str) -> Frame:
        """A frame on rows that look back at nothing."""

        def again() -> Frame:
            fresh = self.names.new("t")
            inner = Select(table(dataset, fresh))
            inner.where(self.moment.exists(self.catalog.datasets[dataset], fresh))
            return self.row(inner, fresh, dataset)

        return Frame(select, alias, dataset, self.catalog.datasets[dataset].key, again)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def local(self, expression: Expr) -> Expr:
        """The local date and time of an instant."""
        return self._zone_change(expression, "UTC", self.catalog.timezone)

    def local_date(self, expression: Expr, type_: FieldType) -> Expr:
        if type_ is FieldType.DATE:
            return expression
        return exp.cast(self.local(expression), "date")

    def part(self, part: Part, expression: Expr, type_: FieldType) -> Expr:
        """A part of a date, or of an instant in the workspace's zone."""
        if part is Part.HOUR:
            return self._extract("hour", self.local(expression))
        found = self.local_date(expression, type_)
        if part is Part.DATE:
            return found
        if part is Part.WEEK:
            return exp.WeekOfYear(this=found)
        if part is Part.WEEKDAY:
            return exp.Case(
                this=exp.DayOfWeekIso(this=found),
                ifs=[exp.If(this=number(i + 1), true=text(d)) for i, d in enumerate(WEEKDAYS)],
            )
        if part is Part.AGE:
            return self._age(found)
        return self._extract(part.value, found)

    def month_day(self, expression: Expr) -> Expr:
        """The month and day as one number: 229 is 29 February."""
        month = exp.Mul(this=self._extract("month", expression), expression=number(100))
        return exp.Add(this=month, expression=self._extract("day", expression.copy()))

    def _age(self, born: Expr) -> Expr:
        today = self.moment.today
        limit = today.month * 100 + today.day
        if limit == 228 and not calendar.isleap(today.year):
            limit = 229
        later = exp.GT(this=self.month_day(born), expression=number(limit))
        one = exp.Case(ifs=[exp.If(this=later, true=number(1))], default=number(0))
        years = exp.Sub(this=number(today.year), expression=self._extract("year", born.copy()))
        return exp.Sub(this=years, expression=one)

    def _extract(self, what: str, expression: Expr) -> Expr:
        return exp.Extract(this=exp.var(what), expression=expression)

    def _widen(self, expression: Expr, own: FieldType, path: Path) -> Expr:
        """To the type that several event datasets share."""
        if own is path.type:
            return expression
        if path.type is FieldType.TIMESTAMP:
            return self.midnight(expression)
        if path.type is FieldType.DECIMAL:
            return wide(expression, path.scale)
        return exp.cast(expression, "double")

    def midnight(self, expression: Expr) -> Expr:
        """The instant of a date's local midnight."""
        return self._zone_change(exp.cast(expression, "timestamp"), self.catalog.timezone, "UTC")

    def _zone_change(self, expression: Expr, source: str, target: str) -> Expr:
        return exp.ConvertTimezone(
            source_tz=text(source), target_tz=text(target), timestamp=expression
        )

    # ── since ────────────────────────────────────────────────────────────────────────────────────

    def _since(self, frame: Frame, alias: str, path: Path) -> Expr:
        """When the present value began: the start of the last unbroken run of equal versions."""
        key = (alias, path.field)
        if key not in frame.held:
            held = self.names.new("h")
            query = self._runs(path.leaf, path.field)
            names = self.catalog.datasets[path.leaf].key
            on = equal_all([column(alias, n) for n in names], [column(held, n) for n in names])
            frame.select.join("left", query.subquery(held, copy=False), on)
            frame.held[key] = held
        since = column(frame.held[key], "_since")
        return exp.Case(ifs=[exp.If(this=is_set(column(alias, path.field)), true=since)])

    def _runs(self, dataset: str, name: str) -> Expr:
        names = self.catalog.datasets[dataset].key
        inner, outer = self.names.new("t"), self.names.new("r")

        def before(what: str) -> Expr:
            return exp.Window(
                this=exp.Lag(this=column(inner, what)),
                partition_by=[column(inner, k) for k in names],
                order=exp.Order(expressions=[exp.Ordered(this=column(inner, "_from"))]),
            )

        changed = exp.or_(
            exp.NullSafeNEQ(this=before(name), expression=column(inner, name)),
            exp.NullSafeNEQ(this=before("_to"), expression=column(inner, "_from")),
        )
        versions = Select(table(dataset, inner))
        versions.where(exp.LTE(this=column(inner, "_from"), expression=instant(self.moment.at)))
        start = exp.Case(ifs=[exp.If(this=changed, true=column(inner, "_from"))])
        keys = [column(inner, k) for k in names]
        runs = versions.build([*keys, exp.alias_(start, "_start", quoted=True)])
        latest = exp.alias_(exp.Max(this=column(outer, "_start")), "_since", quoted=True)
        outer_keys = [column(outer, k) for k in names]
        query = exp.select(*outer_keys, latest).from_(runs.subquery(outer, copy=False))
        return query.group_by(*(k.copy() for k in outer_keys))
