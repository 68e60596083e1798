"""A SELECT under construction, and the small SQL expressions that every part of it is made of.

Expressions are SQLGlot trees, so that the dialect is chosen when they are printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from sqlglot import exp

from enishi.catalog.types import Catalog, Dataset, DatasetKind, FieldType, TimeKind
from enishi.rules.windows import TICK, DateBounds, InstantBounds, local_date

Expr: TypeAlias = Any
"""A SQLGlot expression (SQLGlot's classes carry no usable types)."""

TRUE: Expr = exp.true()
FALSE: Expr = exp.false()


# ── literals ─────────────────────────────────────────────────────────────────────────────────────


def text(value: str) -> Expr:
    return exp.Literal.string(value)


def number(value: int | Decimal) -> Expr:
    literal = exp.Literal.number(format(abs(Decimal(value)), "f"))
    return exp.Neg(this=literal) if value < 0 else literal


def real(value: int | Decimal | float) -> Expr:
    """A floating-point literal, printed so that it reads back exactly."""
    return exp.cast(text(repr(float(value))), "double")


def day(value: date) -> Expr:
    return exp.cast(text(value.isoformat()), "date")


def instant(value: datetime) -> Expr:
    """An instant as the warehouse keeps it: without a zone, UTC, microseconds."""
    naive = value.astimezone(UTC).replace(tzinfo=None)
    return exp.cast(text(naive.isoformat(sep=" ")), "timestamp")


def wide(expression: Expr, scale: int) -> Expr:
    return exp.cast(expression, exp.DataType.build(f"decimal(38, {scale})"))


_SQL_TYPES = {
    FieldType.STRING: "text",
    FieldType.INTEGER: "bigint",
    FieldType.DECIMAL: "decimal(38, {scale})",
    FieldType.FLOAT: "double",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.TIMESTAMP: "timestamp",
    FieldType.STRINGS: "array<text>",
}


def unset(type_: FieldType, scale: int = 0) -> Expr:
    """NULL of a type, so that no function has to guess it and no union loses decimal places."""
    return exp.cast(exp.null(), exp.DataType.build(_SQL_TYPES[type_].format(scale=scale)))


# ── conditions ───────────────────────────────────────────────────────────────────────────────────


def both(conditions: Iterable[Expr]) -> Expr:
    kept = [c for c in conditions if c is not TRUE]
    if FALSE in kept:
        return FALSE
    return exp.and_(*(c.copy() for c in kept), copy=False) if kept else TRUE


def either(conditions: Iterable[Expr]) -> Expr:
    kept = [c for c in conditions if c is not FALSE]
    if any(c is TRUE for c in kept):
        return TRUE
    return exp.or_(*(c.copy() for c in kept), copy=False) if kept else FALSE


def negate(condition: Expr) -> Expr:
    """The complement: unknown counts as false."""
    if condition is TRUE:
        return FALSE
    return TRUE if condition is FALSE else exp.not_(firm(condition))


def firm(condition: Expr) -> Expr:
    """A condition that is never NULL."""
    if isinstance(condition, (exp.Boolean, exp.Exists)) or _is_null_test(condition):
        return condition
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def _is_null_test(condition: Expr) -> bool:
    if isinstance(condition, exp.Not):
        return isinstance(condition.this, (exp.Is, exp.Coalesce))
    return isinstance(condition, (exp.Is, exp.Coalesce))


def is_set(expression: Expr) -> Expr:
    return exp.not_(exp.Is(this=expression, expression=exp.null()))


def is_unset(expression: Expr) -> Expr:
    return exp.Is(this=expression, expression=exp.null())


def equal_all(left: Sequence[Expr], right: Sequence[Expr]) -> Expr:
    return both(
        exp.EQ(this=a.copy(), expression=b.copy()) for a, b in zip(left, right, strict=True)
    )


def within(expression: Expr, bounds: DateBounds | InstantBounds) -> Expr:
    """`start <= expression < end`."""
    literal: Callable[[Any], Expr] = day if isinstance(bounds, DateBounds) else instant
    found: list[Expr] = []
    if bounds.start is not None:
        found.append(exp.GTE(this=expression.copy(), expression=literal(bounds.start)))
    if bounds.end is not None:
        found.append(exp.LT(this=expression.copy(), expression=literal(bounds.end)))
    return both(found)


# ── one SELECT ───────────────────────────────────────────────────────────────────────────────────


def column(alias: str, name: str) -> Expr:
    return exp.column(exp.to_identifier(name, quoted=True), table=alias)


def table(dataset: str, alias: str) -> Expr:
    named = exp.table_(
        exp.to_identifier(dataset, quoted=True), db=exp.to_identifier("data", quoted=False)
    )
    return exp.alias_(named, alias, table=True)


@dataclass(slots=True)
class Names:
    """Aliases, each given once."""

    used: int = 0

    def new(self, stem: str) -> str:
        self.used += 1
        return f"{stem}{self.used}"


@dataclass(slots=True)
class Select:
    """FROM, joins and conditions; what is selected is said last."""

    source: Expr
    joins: list[tuple[str, Expr, Expr]] = field(default_factory=list)
    conditions: list[Expr] = field(default_factory=list)

    def join(self, kind: str, source: Expr, on: Expr) -> None:
        self.joins.append((kind, source, on))

    def where(self, condition: Expr) -> None:
        if condition is not TRUE:
            self.conditions.append(condition)

    def build(
        self,
        columns: Sequence[Expr],
        *,
        distinct: bool = False,
        group: Sequence[Expr] = (),
        having: Expr | None = None,
    ) -> Expr:
        query = exp.select(*(c.copy() for c in columns), copy=False)
        query = query.from_(self.source.copy(), copy=False)
        for kind, source, on in self.joins:
            query = query.join(source.copy(), on=on.copy(), join_type=kind, copy=False)
        if self.conditions:
            query = query.where(both(self.conditions), copy=False)
        if group:
            query = query.group_by(*(g.copy() for g in group), copy=False)
        if having is not None and having is not TRUE:
            query = query.having(having.copy(), copy=False)
        return query.distinct(copy=False) if distinct else query


# ── which rows exist ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant a statement is about, with its local date."""

    at: datetime
    catalog: Catalog

    @property
    def today(self) -> date:
        return local_date(self.at, self.catalog.zone)

    def exists(self, dataset: Dataset, alias: str, *, timed: bool = False) -> Expr:
        """The rows of a dataset that exist at the instant.

        `timed`: a condition on its time stands beside this one and already keeps the future out.
        """
        found: list[Expr] = []
        if dataset.kind is DatasetKind.VERSIONED:
            start, end = column(alias, "_from"), column(alias, "_to")
            found.append(exp.LTE(this=start, expression=instant(self.at)))
            later = exp.GT(this=end.copy(), expression=instant(self.at))
            found.append(exp.paren(exp.or_(is_unset(end), later), copy=False))
        if dataset.time is not None and dataset.time.kind is TimeKind.OCCURRED and not timed:
            named = dataset.fields[dataset.time.field]
            time = column(alias, named.name)
            if named.type is FieldType.DATE:
                past = exp.LTE(this=time, expression=day(self.today))
            else:
                past = exp.LTE(this=time, expression=instant(self.at))
            found.append(
                past
                if named.required
                else exp.paren(exp.or_(is_unset(time.copy()), past), copy=False)
            )
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
