"""A SELECT under construction, and the instant and engine that a statement is written for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from enishi.catalog.types import Catalog, Dataset, DatasetKind, FieldType, TimeKind
from enishi.rules.dialects.base import Dialect, Schemas
from enishi.rules.dialects.text import (
    TRUE,
    Expr,
    both,
    compare,
    either,
    is_unset,
    negate,
)
from enishi.rules.windows import TICK, DateBounds, InstantBounds, local_date


@dataclass(slots=True)
class Names:
    """Aliases, each given once."""

    used: int = 0

    def new(self, stem: str) -> str:
        self.used += 1
        return f"{stem}{self.used}"


@dataclass(slots=True)
class Select:
    """FROM, joins and conditions; what is selected is said last. Sources carry their alias."""

    source: str
    dialect: Dialect
    joins: list[tuple[str, str, Expr]] = field(default_factory=list)
    conditions: list[Expr] = field(default_factory=list)

    def join(self, kind: str, source: str, on: Expr) -> None:
        """`kind`: "LEFT JOIN", "INNER JOIN"…"""
        self.joins.append((kind, source, on))

    def where(self, condition: Expr) -> None:
        if condition != TRUE:
            self.conditions.append(condition)

    def build(
        self,
        columns: Mapping[str, Expr],
        *,
        every: str | None = None,
        distinct: bool = False,
        group: Sequence[Expr] = (),
        having: Expr | None = None,
    ) -> str:
        """The statement. `columns` by the name each gets; `every`: all columns of that alias."""
        said = [] if every is None else [f"{every}.*"]
        said += [f"{e.sql} AS {self.dialect.identifier(n)}" for n, e in columns.items()]
        parts = [f"SELECT {'DISTINCT ' if distinct else ''}{', '.join(said)} FROM {self.source}"]
        parts += [f"{kind} {source} ON {on.sql}" for kind, source, on in self.joins]
        if self.conditions:
            parts.append(f"WHERE {both(self.conditions).sql}")
        if group:
            parts.append(f"GROUP BY {', '.join(g.sql for g in group)}")
        if having is not None and having != TRUE:
            parts.append(f"HAVING {having.sql}")
        return " ".join(parts)


def numbered(stem: str, expressions: Sequence[Expr]) -> dict[str, Expr]:
    """Columns called `<stem>0`, `<stem>1`…"""
    return {f"{stem}{i}": e for i, e in enumerate(expressions)}


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant a statement is about, with its local date, and the engine it is written for."""

    at: datetime
    catalog: Catalog
    dialect: Dialect
    schemas: Schemas

    @property
    def today(self) -> date:
        return local_date(self.at, self.catalog.zone)

    def table(self, dataset: str, alias: str) -> str:
        return self.dialect.table(self.schemas.data, dataset, alias)

    def column(self, alias: str, name: str) -> Expr:
        return self.dialect.column(alias, name)

    def select(self, dataset: str, alias: str, *, timed: bool = False) -> Select:
        """The rows of a dataset that exist at the instant."""
        found = Select(self.table(dataset, alias), self.dialect)
        found.where(self.exists(self.catalog.datasets[dataset], alias, timed=timed))
        return found

    def over(self, query: str, alias: str) -> Select:
        """A SELECT from another."""
        return Select(f"({query}) AS {alias}", self.dialect)

    def exists(self, dataset: Dataset, alias: str, *, timed: bool = False) -> Expr:
        """The rows of a dataset that exist at the instant.

        `timed`: a condition on its time stands beside this one and already keeps the future out.
        """
        found: list[Expr] = []
        if dataset.kind is DatasetKind.VERSIONED:
            found.append(self.valid(self.column(alias, "_from"), self.column(alias, "_to")))
        if dataset.time is not None and dataset.time.kind is TimeKind.OCCURRED and not timed:
            named = dataset.fields[dataset.time.field]
            time = self.column(alias, named.name)
            if named.type is FieldType.DATE:
                past = compare("<=", time, self.dialect.day(self.today))
            else:
                past = compare("<=", time, self.dialect.instant(self.at))
            found.append(past if named.required else either([is_unset(time), past]))
        return both(found)

    def valid(self, start: Expr, end: Expr) -> Expr:
        """`start <= at < end`, an unset end being none."""
        at = self.dialect.instant(self.at)
        return both([compare("<=", start, at), either([is_unset(end), compare(">", end, at)])])

    def within(self, expression: Expr, bounds: DateBounds | InstantBounds) -> Expr:
        """`start <= expression < end`."""
        literal: Callable[[Any], Expr] = self.dialect.instant
        if isinstance(bounds, DateBounds):
            literal = self.dialect.day
        found: list[Expr] = []
        if bounds.start is not None:
            found.append(compare(">=", expression, literal(bounds.start)))
        if bounds.end is not None:
            found.append(compare("<", expression, literal(bounds.end)))
        return both(found)

    def past(
        self, dataset: Dataset, bounds: DateBounds | InstantBounds
    ) -> DateBounds | InstantBounds:
        """Bounds on a dataset's time that also keep out what has not occurred yet."""
        if dataset.time is None or dataset.time.kind is not TimeKind.OCCURRED:
            return bounds
        if isinstance(bounds, DateBounds):
            limit = date.fromordinal(self.today.toordinal() + 1)
            return DateBounds(bounds.start, limit if bounds.end is None else min(bounds.end, limit))
        last = self.at + TICK
        return InstantBounds(bounds.start, last if bounds.end is None else min(bounds.end, last))

    # ── joins that only keep or drop ─────────────────────────────────────────────────────────────

    def keep(
        self, select: Select, query: str, alias: str, same: Sequence[Expr], order: Expr, near: Expr
    ) -> bool:
        """Keep the rows that some row of `query` precedes. True: rows may now come several times.

        `order` says that it comes before, `near` that it comes late enough: of those before, the
        latest decides.
        """
        kind, source = self.dialect.semi_join, f"({query}) AS {alias}"
        if self.dialect.nearest_joins:
            select.join("ASOF JOIN", source, both([*same, order]))
            select.where(near)
            return False
        select.join(kind or "INNER JOIN", source, both([*same, order, near]))
        return kind is None

    def drop(
        self, select: Select, query: str, alias: str, same: Sequence[Expr], order: Expr, near: Expr
    ) -> None:
        """Drop the rows that some row of `query` follows. Its column `_t` is never NULL."""
        kind, source = self.dialect.anti_join, f"({query}) AS {alias}"
        if self.dialect.nearest_joins:
            select.join("ASOF LEFT JOIN", source, both([*same, order]))
            select.where(negate(near))
            return
        select.join(kind or "LEFT JOIN", source, both([*same, order, near]))
        if kind is None:
            select.where(is_unset(self.column(alias, "_t")))
