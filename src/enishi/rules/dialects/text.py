"""SQL as text that knows how tightly it binds, so that parentheses stand only where they must.

Statements are written once, here and in `compile*`, for every engine; what engines say differently
is asked of a `Dialect`. Text and not a tree of a SQL library: a rule of ten conditions is printed
in a millisecond or two, and nothing is rewritten between what is written here and what runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

ATOM, PRODUCT, TOTAL, COMPARED, NEGATED, BOTH, EITHER = 7, 6, 5, 4, 3, 2, 1
"""How tightly an expression binds: the higher the tighter."""


@dataclass(frozen=True, slots=True)
class Expr:
    """SQL text. `level`: how tightly it binds. `firm`: as a condition it is never NULL."""

    sql: str
    level: int = ATOM
    firm: bool = False

    def at(self, level: int) -> str:
        """The text where something that binds at `level` stands around it."""
        return self.sql if self.level >= level else f"({self.sql})"


TRUE = Expr("TRUE", firm=True)
FALSE = Expr("FALSE", firm=True)
NULL = Expr("NULL")


# ── expressions ──────────────────────────────────────────────────────────────────────────────────


def call(name: str, *arguments: Expr | str) -> Expr:
    return Expr(f"{name}({', '.join(a if isinstance(a, str) else a.sql for a in arguments)})")


def cast(expression: Expr, type_: str) -> Expr:
    return Expr(f"CAST({expression.sql} AS {type_})")


def add(left: Expr, right: Expr) -> Expr:
    return Expr(f"{left.at(TOTAL)} + {right.at(PRODUCT)}", TOTAL)


def subtract(left: Expr, right: Expr) -> Expr:
    return Expr(f"{left.at(TOTAL)} - {right.at(PRODUCT)}", TOTAL)


def multiply(left: Expr, right: Expr) -> Expr:
    return Expr(f"{left.at(PRODUCT)} * {right.at(ATOM)}", PRODUCT)


def divide(left: Expr, right: Expr) -> Expr:
    return Expr(f"{left.at(PRODUCT)} / {right.at(ATOM)}", PRODUCT)


def coalesce(expression: Expr, other: Expr) -> Expr:
    return call("COALESCE", expression, other)


def case(
    pairs: Sequence[tuple[Expr, Expr]], default: Expr | None = None, of: Expr | None = None
) -> Expr:
    """`CASE [of] WHEN … THEN … [ELSE default] END`."""
    said = ["CASE" if of is None else f"CASE {of.sql}"]
    said += [f"WHEN {when.sql} THEN {then.sql}" for when, then in pairs]
    if default is not None:
        said.append(f"ELSE {default.sql}")
    return Expr(" ".join([*said, "END"]))


# ── conditions ───────────────────────────────────────────────────────────────────────────────────


def compare(operator: str, left: Expr, right: Expr) -> Expr:
    """One of `= < <= > >=`."""
    return Expr(f"{left.at(TOTAL)} {operator} {right.at(TOTAL)}", COMPARED)


def equals(left: Expr, right: Expr) -> Expr:
    return compare("=", left, right)


def is_set(expression: Expr) -> Expr:
    return Expr(f"{expression.at(TOTAL)} IS NOT NULL", COMPARED, firm=True)


def is_unset(expression: Expr) -> Expr:
    return Expr(f"{expression.at(TOTAL)} IS NULL", COMPARED, firm=True)


def in_list(expression: Expr, items: Sequence[Expr]) -> Expr:
    """Among literals; of one it is equality, which engines prune better."""
    if len(items) == 1:
        return equals(expression, items[0])
    return Expr(f"{expression.at(TOTAL)} IN ({', '.join(i.sql for i in items)})", COMPARED)


def in_query(columns: Sequence[Expr], query: str) -> Expr:
    """Whether these columns are among the rows of a query."""
    this = columns[0].at(TOTAL)
    if len(columns) > 1:
        this = f"({', '.join(c.sql for c in columns)})"
    return Expr(f"{this} IN ({query})", COMPARED)


def both(conditions: Iterable[Expr]) -> Expr:
    return _joined("AND", BOTH, TRUE, FALSE, conditions)


def either(conditions: Iterable[Expr]) -> Expr:
    return _joined("OR", EITHER, FALSE, TRUE, conditions)


def _joined(word: str, level: int, empty: Expr, ending: Expr, conditions: Iterable[Expr]) -> Expr:
    kept = [c for c in conditions if c != empty]
    if ending in kept:
        return ending
    if len(kept) < 2:
        return kept[0] if kept else empty
    firm_ = all(c.firm for c in kept)
    return Expr(f" {word} ".join(c.at(level) for c in kept), level, firm_)


def negate(condition: Expr) -> Expr:
    """The complement: unknown counts as false."""
    if condition in (TRUE, FALSE):
        return FALSE if condition == TRUE else TRUE
    return Expr(f"NOT {firm(condition).at(ATOM)}", NEGATED, firm=True)


def firm(condition: Expr) -> Expr:
    """A condition that is never NULL."""
    if condition.firm:
        return condition
    return replace(coalesce(condition, FALSE), firm=True)


def equal_all(left: Sequence[Expr], right: Sequence[Expr]) -> Expr:
    return both(equals(a, b) for a, b in zip(left, right, strict=True))
