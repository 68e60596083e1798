"""Derivations as a typed tree: parsed from YAML, every mistake a fault with its path."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from enishi.catalog.types import FieldType

Scalar: TypeAlias = str | int | Decimal | float | bool

MAX_SCALE = 9  # of any intermediate decimal: products of two still fit 38 digits
DIVIDE_SCALE = 6


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a value; `type` None is the unset literal, which fits everywhere."""

    type: FieldType | None
    scale: int = 0

    def __str__(self) -> str:
        return "unset" if self.type is None else str(self.type)


UNSET = Kind(None)
TEXT = Kind(FieldType.STRING)
INTEGER = Kind(FieldType.INTEGER)
FLOAT = Kind(FieldType.FLOAT)
BOOLEAN = Kind(FieldType.BOOLEAN)
DATE = Kind(FieldType.DATE)


def decimal(scale: int) -> Kind:
    return Kind(FieldType.DECIMAL, min(scale, MAX_SCALE))


@dataclass(frozen=True, slots=True)
class Literal:
    kind: Kind
    value: Scalar | None


@dataclass(frozen=True, slots=True)
class Column:
    """A loaded field of the row, or `_line` / `_file`, which every row being loaded has."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied. `options`: format and pivot of parse_date."""

    kind: Kind
    name: str
    args: tuple[Node, ...]
    options: tuple[tuple[str, str | int], ...] = ()

    def option(self, name: str) -> str | int | None:
        return dict(self.options).get(name)


@dataclass(frozen=True, slots=True)
class Lookup:
    """`map`: a table from a text or whole number to a value; `default` when it is not there."""

    kind: Kind
    value: Node
    table: tuple[tuple[str | int, Literal], ...]
    default: Node


Node: TypeAlias = Literal | Column | Call | Lookup

LINE = Column(INTEGER, "_line")
FILE = Column(TEXT, "_file")


@dataclass(frozen=True, slots=True)
class Size:
    """A tree as it is written out: how many nodes, and how deep."""

    nodes: int
    depth: int


_TRIED = 5
"""How often SQL has to name what is tried: as a value, and in asking whether it is one."""


class Sizes:
    """Measures trees that share parts, each part once: a field that is used twice is written out
    twice, and so is what it uses, which may double with every level."""

    def __init__(self) -> None:
        # By identity, since comparing two trees takes as long as writing them out. The node is
        # kept so that no other one takes its identity.
        self._known: dict[int, tuple[Node, Size]] = {}

    def of(self, node: Node) -> Size:
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = (node, self._measured(node))
        return known[1]

    def _measured(self, node: Node) -> Size:
        if isinstance(node, Lookup):  # its table is as long as somebody has written it
            parts = [self.of(node.value), self.of(node.default)]
        elif isinstance(node, Call):
            parts = [self.of(arg) for arg in node.args]
        else:
            parts = []
        nodes = 1 + sum(part.nodes for part in parts)
        if isinstance(node, Call) and node.name == "try":
            nodes *= _TRIED
        return Size(nodes, 1 + max((part.depth for part in parts), default=0))


def columns_of(node: Node) -> frozenset[str]:
    """The loaded columns an expression reads."""
    if isinstance(node, Column):
        return frozenset({node.name})
    if isinstance(node, Call):
        return frozenset().union(*(columns_of(arg) for arg in node.args))
    if isinstance(node, Lookup):
        return columns_of(node.value) | columns_of(node.default)
    return frozenset()
