"""The words of live segments: a rule kept live, who crossed, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import ParamSpec, TypeVar

from enishi.catalog.types import BaseStep, Catalog
from enishi.live.movers import Mover, movers_of
from enishi.rules import needed
from enishi.rules.tree import All, AnyOf, AtLeast, FieldValue, Node, Not, Sample, Sequence, Test
from enishi.rules.types import CheckedRule
from enishi.segments.slices import Asked, asked_of

P = ParamSpec("P")
R = TypeVar("R")


class Cause(StrEnum):
    """Why somebody entered or left."""

    EVENT = "event"
    """Something she did, or an event told of her."""
    TIME = "time"
    """A window moved, a birthday came: nothing new happened."""
    REFRESH = "refresh"
    """A load, a new wording or the nightly comparison, decided by a refresh."""


class LiveFault(Exception):
    """Deciding live has failed. Its cause is what was raised; `slug` the segment whose rule it was
    that could not be decided, where that is known."""

    def __init__(self, slug: str | None = None) -> None:
        super().__init__(slug)
        self.slug = slug


def failing(work: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """Run it; whatever it raises is a fault of live deciding."""
    try:
        return work(*given, **named)
    except LiveFault:
        raise
    except Exception as error:
        raise LiveFault from error


@contextmanager
def deciding(slug: str) -> Iterator[None]:
    """What is raised inside is a fault of this segment's rule."""
    try:
        yield
    except LiveFault:
        raise
    except Exception as error:
        raise LiveFault(slug) from error


@dataclass(frozen=True, slots=True)
class Crossing:
    """One entry or exit. `person` is the Enishi id, `key` the person's key as in her dataset."""

    segment: str
    person: str
    key: object
    at: datetime
    entered: bool
    cause: Cause


@dataclass(frozen=True)
class LiveRule:
    """A live segment's rule, and what deciding it takes.

    `rule` asks its cheap parts first. `ways` are the joins whose rows it reads, `asked` which of
    the rows; `movers` is all that time moves in it.
    """

    slug: str
    version: int
    rule: CheckedRule
    ways: tuple[tuple[BaseStep, ...], ...]
    asked: tuple[Asked, ...]
    movers: tuple[Mover, ...]
    catalog: Catalog = field(repr=False, compare=False)

    def __hash__(self) -> int:
        return hash((self.slug, self.version))

    @cached_property
    def heard(self) -> dict[str, frozenset[str] | None]:
        """By dataset the event names it listens to (folded); None: every row."""
        found: dict[str, frozenset[str] | None] = {self.rule.subject: None}
        for one in self.asked:
            known = found.get(one.dataset, frozenset())
            if one.names is None or known is None:
                found[one.dataset] = None
            else:
                found[one.dataset] = known | one.names
        return found

    def hears(self, dataset: str, names: frozenset[str]) -> bool:
        """Whether events of these names (folded) in a dataset may change its answer."""
        if dataset not in self.heard:
            return False
        known = self.heard[dataset]
        return known is None or not known.isdisjoint(names)


def live_rule(slug: str, version: int, rule: CheckedRule, catalog: Catalog) -> LiveRule:
    """A rule made ready to be decided live."""
    return LiveRule(
        slug, version, replace(rule, tree=_cheapest_first(rule.tree)), needed(rule),
        tuple(dict.fromkeys(asked_of(rule, catalog))), movers_of(rule, catalog), catalog,
    )  # fmt: skip


def _cheapest_first(node: Node) -> Node:
    """The same rule, the parts of each group in the order of what they cost to decide."""
    if isinstance(node, Not):
        return Not(_cheapest_first(node.rule))
    if isinstance(node, (All, AnyOf, AtLeast)):
        rules = tuple(sorted(map(_cheapest_first, node.rules), key=_cost))
        return replace(node, rules=rules)
    return node


def _cost(node: Node) -> int:
    if isinstance(node, Test):
        if isinstance(node.value, FieldValue):
            return len(node.value.path.steps)
        return 10 + sum(len(branch.steps) for branch in node.value.branches)
    if isinstance(node, Sequence):
        return 20 * len(node.steps)
    if isinstance(node, Sample):
        return 1
    if isinstance(node, Not):
        return _cost(node.rule)
    if isinstance(node, (All, AnyOf, AtLeast)):
        return sum(map(_cost, node.rules))
    return 5
