"""Derived fields: the typed trees of a dataset, their meaning in Python, their SQL for a load.

A derived field may use loaded fields and other derived fields (those are put in place, so every
tree reads loaded columns alone and the order of evaluation does not matter). A row being loaded
also has `_file` (text) and `_line` (the row's number in its file).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from enishi.catalog.derive_check import Checker, RefusedError
from enishi.catalog.derive_evaluate import DeriveError, evaluate
from enishi.catalog.derive_spelling import sql_type
from enishi.catalog.derive_sql import SQL_FUNCTIONS, fault_sql, value_sql
from enishi.catalog.derive_tree import Call, Column, Kind, Node, Sizes, columns_of
from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.types import Dataset, Field, FieldType
from enishi.kernel.text import Text

__all__ = [
    "SQL_FUNCTIONS",
    "Derivation",
    "DeriveError",
    "check_derivations",
    "derivations",
    "derive",
    "sql_type",
]


MAX_NODES, MAX_WRITTEN_OUT = 50_000, 120
"""The size and the depth of a derived field with all the derived fields it is made of."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A derived field: its tree, and the loaded columns it reads."""

    field: Field
    tree: Node
    columns: frozenset[str]

    @property
    def value_sql(self) -> str:
        """DuckDB expression over the loaded columns: the value, NULL when unset or failed.

        It may call functions of `SQL_FUNCTIONS`; the engine must have them registered.
        """
        return value_sql(self.tree)

    @property
    def fault_sql(self) -> str | None:
        """DuckDB expression, true where the derivation fails; None when it never can."""
        return fault_sql(self.tree)


def derive(derivation: Derivation, row: Mapping[str, object]) -> object:
    """The value for one row (see `derive_evaluate`). Raises DeriveError."""
    found: object = evaluate(derivation.tree, row)
    return found


def derivations(dataset: Dataset) -> dict[str, Derivation]:
    """The derived fields of a checked dataset by name."""
    reader = _Fields(dataset, frozenset(), f"datasets.{dataset.name}", Faults())
    return {
        field.name: reader.derivation(field)
        for field in dataset.fields.values()
        if field.derive is not None
    }


def check_derivations(
    dataset: Dataset, broken: set[tuple[str, str]], at: str, faults: Faults
) -> None:
    """Add the faults of every derived field of a dataset."""
    reader = _Fields(dataset, frozenset(n for d, n in broken if d == dataset.name), at, faults)
    for field in dataset.fields.values():
        if field.derive is None:
            continue
        try:
            reader.derivation(field)
        except RefusedError:
            continue


class _Fields:
    """Trees of a dataset's fields, each read once; circles found."""

    def __init__(self, dataset: Dataset, broken: frozenset[str], at: str, faults: Faults) -> None:
        self._dataset = dataset
        self._broken = broken
        self._at = at
        self._faults = faults
        self._trees: dict[str, Node] = {}
        self._refused: set[str] = set()
        self._sizes = Sizes()
        self._open: list[str] = []

    def derivation(self, field: Field) -> Derivation:
        tree = self._tree(field)
        return Derivation(field, tree, columns_of(tree))

    def _resolve(self, name: str, path: str) -> Node:
        field = self._dataset.fields.get(name)
        if field is None:
            self._faults.add(
                "unknown_field",
                path,
                Text(
                    f"「{self._dataset.name}」に「{name}」という項目はありません。",
                    f"`{self._dataset.name}` has no field `{name}`.",
                ),
                remedy_for(name, self._dataset.fields),
            )
            raise RefusedError
        if name in self._broken:
            raise RefusedError
        if field.derive is None:
            return Column(Kind(field.type, field.scale), name)
        return self._tree(field)

    def _tree(self, field: Field) -> Node:
        if field.name in self._trees:
            return self._trees[field.name]
        path = f"{self._at}.fields.{field.name}.derive"
        if field.name in self._open:
            circle = " → ".join([*self._open[self._open.index(field.name) :], field.name])
            self._faults.add(
                "circular",
                path,
                Text(
                    f"派生項目が循環しています: {circle}",
                    f"Derived fields go in a circle: {circle}.",
                ),
                Text(
                    "どれか1つを元の列から作ってください。", "Make one of them from loaded columns."
                ),
            )
            raise RefusedError
        if field.name in self._refused:
            raise RefusedError
        self._open.append(field.name)
        try:
            checker = Checker(self._faults, self._resolve)
            tree = self._as_field(checker.read(field.derive, path), field, path)
            self._refuse_too_large(tree, path)
        except RefusedError:
            self._refused.add(field.name)
            raise
        finally:
            self._open.pop()
        self._trees[field.name] = tree
        return tree

    def _refuse_too_large(self, tree: Node, path: str) -> None:
        size = self._sizes.of(tree)
        if size.nodes <= MAX_NODES and size.depth <= MAX_WRITTEN_OUT:
            return
        self._faults.add(
            "too_large",
            path,
            Text("派生項目が大きすぎます。", "This derived field is too large."),
            Text(
                "使っている派生項目も含めて数えます。入れ子と、同じ項目を何度も使うところを"
                "減らしてください。",
                "The derived fields it uses count too. Nest less, and use one field less often.",
            ),
        )
        raise RefusedError

    def _as_field(self, tree: Node, field: Field, path: str) -> Node:
        """The tree in the field's own type: decimals rounded, whole numbers widened."""
        kind, given = Kind(field.type, field.scale), tree.kind.type
        if field.name in self._broken:
            return tree
        widening = field.type in (FieldType.DECIMAL, FieldType.FLOAT) and given is FieldType.INTEGER
        if given is not None and given != field.type and not widening:
            self._faults.add(
                "wrong_type",
                path,
                Text(
                    f"「{field.name}」は {field.type} ですが、式は {given} になります。",
                    f"`{field.name}` is {field.type}, but the expression gives {given}.",
                ),
                Text(
                    f"型を {given} にするか、to_integer、to_decimal、to_string、parse_date"
                    " で変えてください。",
                    f"Make its type {given}, or convert with to_integer, to_decimal, to_string or"
                    " parse_date.",
                ),
            )
            raise RefusedError
        if field.type is FieldType.DECIMAL or given != field.type:
            return Call(kind, "as_field", (tree,))
        return tree
