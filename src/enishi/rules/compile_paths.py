"""Paths as SQL: to-one joins, parts of dates and times, how long a value has held."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass, field

from enishi.catalog.types import FieldType
from enishi.kernel.text import fold
from enishi.rules.check_paths import NARROW
from enishi.rules.compile_select import Moment, Names, Select, numbered
from enishi.rules.dialects.midnights import odd_midnights
from enishi.rules.dialects.text import (
    Expr,
    add,
    case,
    compare,
    either,
    equal_all,
    equals,
    is_set,
    multiply,
    subtract,
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
        return [self.select.dialect.column(self.alias, name) for name in self.identity]

    def outer(self) -> Frame:
        """The subject's frame; its own when this is it."""
        return self if self.subject is None else self.subject


class PathCompiler:
    """Reads paths off frames. `rule` compiles a narrowing on a frame."""

    def __init__(self, moment: Moment, names: Names, rule: Callable[[Node, Frame], Expr]) -> None:
        self.moment = moment
        self.catalog = moment.catalog
        self.sql = moment.dialect
        self.names = names
        self._rule = rule

    def read(self, frame: Frame, path: Path, *, folded: bool = False, items: bool = False) -> Expr:
        """The SQL of a path; `folded`: of a text, its folded form.

        `items`: of a list only the items matter, not whether it is unset.
        """
        if path.missing:
            return self.sql.unset(path.type, path.scale)
        if path.constant is not None:
            return self.sql.text(fold(path.constant) if folded else path.constant)
        alias = frame.alias
        for step in path.steps:
            alias = self._hop(frame, alias, step)
        if path.part is Part.SINCE:
            return self._since(frame, alias, path)
        if path.part is None:
            name = f"{path.field}__f" if folded and not path.key else path.field
            found = self.sql.column(alias, name)
            if path.stored is FieldType.STRINGS and self.sql.list_companion and not items:
                return self.sql.list_value(found, self.sql.column(alias, f"{path.field}__n"))
            return self._widen(found, path.stored, path)
        found = self.part(path.part, self.sql.column(alias, path.field), path.stored)
        return self._widen(found, NARROW[path.part], path)

    # ── to-one hops ──────────────────────────────────────────────────────────────────────────────

    def _hop(self, frame: Frame, alias: str, step: Step) -> str:
        key = (alias, step)
        if key not in frame.joined:
            target = self.names.new("t")
            ours = [self.sql.column(alias, source) for source, _ in step.columns]
            theirs = [self.sql.column(target, name) for _, name in step.columns]
            frame.select.join("LEFT JOIN", self._one(step, target), equal_all(ours, theirs))
            frame.joined[key] = target
        return frame.joined[key]

    def _one(self, step: Step, alias: str) -> str:
        """The rows a to-one hop may arrive at: those that exist and pass, one a value."""
        dataset = self.catalog.datasets[step.target]
        inner = self.names.new("t")
        select = self.moment.select(step.target, inner)
        self.narrow(select, step, inner)
        arrived = [name for _, name in step.columns]
        if set(dataset.key) <= set(arrived):
            if not select.conditions:
                return self.moment.table(step.target, alias)
            return f"({select.build({}, every=inner)}) AS {alias}"
        by = ", ".join(self.sql.column(inner, name).sql for name in arrived)
        keys = ", ".join(self.sql.column(inner, name).sql for name in dataset.key)
        rank = Expr(f"ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY {keys})")
        first = self.names.new("t")
        ranked = self.moment.over(select.build({"_rank": rank}, every=inner), first)
        ranked.where(equals(self.sql.column(first, "_rank"), Expr("1")))
        return f"({ranked.build({}, every=first)}) AS {alias}"

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
            return self.row(self.moment.select(dataset, fresh), fresh, dataset)

        return Frame(select, alias, dataset, self.catalog.datasets[dataset].key, again)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────

    def local_date(self, expression: Expr, type_: FieldType) -> Expr:
        if type_ is FieldType.DATE:
            return expression
        return self.sql.local_date(expression, self.catalog.timezone)

    def part(self, part: Part, expression: Expr, type_: FieldType) -> Expr:
        """A part of a date, or of an instant in the workspace's zone."""
        if part is Part.HOUR:
            return self.sql.local_hour(expression, self.catalog.timezone)
        found = self.local_date(expression, type_)
        if part is Part.DATE:
            return found
        if part is Part.WEEK:
            return self.sql.iso_week(found)
        if part is Part.WEEKDAY:
            names = [(Expr(str(i + 1)), self.sql.text(name)) for i, name in enumerate(WEEKDAYS)]
            return case(names, of=self.sql.iso_weekday(found))
        if part is Part.AGE:
            return self._age(found)
        return self.sql.part(part.value, found)

    def month_day(self, day: Expr) -> Expr:
        """The month and day as one number: 229 is 29 February."""
        return add(multiply(self.sql.part("month", day), Expr("100")), self.sql.part("day", day))

    def _age(self, born: Expr) -> Expr:
        today = self.moment.today
        limit = today.month * 100 + today.day
        if limit == 228 and not calendar.isleap(today.year):
            limit = 229
        later = compare(">", self.month_day(born), Expr(str(limit)))
        one = case([(later, Expr("1"))], Expr("0"))
        years = subtract(Expr(str(today.year)), self.sql.part("year", born))
        return subtract(years, one)

    def _widen(self, expression: Expr, own: FieldType, path: Path) -> Expr:
        """To the type that several event datasets share."""
        if own is path.type:
            return expression
        if path.type is FieldType.TIMESTAMP:
            return self.midnight(expression)
        if path.type is FieldType.DECIMAL:
            return self.sql.wide(expression, path.scale)
        return self.sql.as_real(expression)

    def midnight(self, day: Expr) -> Expr:
        """The first instant of a local date."""
        zone = self.catalog.timezone
        return self.sql.midnight(day, zone, odd_midnights(zone))

    # ── since ────────────────────────────────────────────────────────────────────────────────────

    def _since(self, frame: Frame, alias: str, path: Path) -> Expr:
        """When the present value began: the start of the last unbroken run of equal versions."""
        key = (alias, path.field)
        if key not in frame.held:
            held = self.names.new("h")
            query = self._runs(path)
            names = self.catalog.datasets[path.leaf].key
            ours = [self.sql.column(alias, name) for name in names]
            theirs = [self.sql.column(held, f"_k{i}") for i in range(len(names))]
            frame.select.join("LEFT JOIN", f"({query}) AS {held}", equal_all(ours, theirs))
            frame.held[key] = held
        since = self.sql.column(frame.held[key], "_since")
        present = self._stored(alias, path)
        there = self.sql.list_is_set if path.stored is FieldType.STRINGS else is_set
        return case([(there(present), since)])

    def _stored(self, alias: str, path: Path) -> Expr:
        found = self.sql.column(alias, path.field)
        if path.stored is FieldType.STRINGS and self.sql.list_companion:
            return self.sql.list_value(found, self.sql.column(alias, f"{path.field}__n"))
        return found

    def _runs(self, path: Path) -> str:
        names = self.catalog.datasets[path.leaf].key
        inner, outer = self.names.new("t"), self.names.new("r")
        keys = [self.sql.column(inner, name) for name in names]
        start, end = self.sql.column(inner, "_from"), self.sql.column(inner, "_to")
        value = self._stored(inner, path)
        changed = either(
            [
                self.sql.differs(self.sql.previous(value, keys, start), value),
                self.sql.differs(self.sql.previous(end, keys, start), start),
            ]
        )
        versions = Select(self.moment.table(path.leaf, inner), self.sql)
        versions.where(compare("<=", start, self.sql.instant(self.moment.at)))
        began = case([(changed, start)])
        runs = self.moment.over(versions.build(numbered("_k", keys) | {"_start": began}), outer)
        outer_keys = [self.sql.column(outer, f"_k{i}") for i in range(len(names))]
        latest = Expr(f"MAX({self.sql.column(outer, '_start').sql})")
        return runs.build(numbered("_k", outer_keys) | {"_since": latest}, group=outer_keys)
