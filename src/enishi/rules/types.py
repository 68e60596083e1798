"""What a check gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from enishi.catalog.types import FieldType, Meaning
from enishi.kernel.errors import Fault
from enishi.rules.tree import FieldValue, Node, Value
from enishi.rules.write import flat, rule_json, value_json

KnownEvents: TypeAlias = Callable[[], frozenset[str] | None]
"""Tells the names of events seen so far in data; None where they cannot be told."""


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule that fits the catalog. `subject` is the name of its subject dataset.

    `tree` includes the consent test when `consent_added`; `asked` is the rule as it was written.
    `fields` are the (dataset, field) pairs it reads, `datasets` all it touches, `uses_current`
    those of kind `current`: seen from a past instant, the answer is "as known today" for them.
    `segments` and `lists` are the slugs that it names itself; what lies behind them is theirs.
    """

    subject: str
    tree: Node
    asked: Node
    purpose: str | None
    fields: frozenset[tuple[str, str]]
    datasets: frozenset[str]
    uses_current: frozenset[str]
    warnings: tuple[Fault, ...] = ()
    consent: Node | None = None
    segments: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    @property
    def consent_added(self) -> bool:
        return self.consent is not None

    @property
    def json(self) -> dict[str, object]:
        """The canonical JSON of the rule as asked, without the consent that its purpose adds."""
        return rule_json(flat(self.asked))


@dataclass(frozen=True, slots=True)
class CheckedValue:
    """A value that fits the catalog. With `consent` it is shown only where that rule is true."""

    subject: str
    tree: Value
    purpose: str | None
    fields: frozenset[tuple[str, str]]
    datasets: frozenset[str]
    uses_current: frozenset[str]
    warnings: tuple[Fault, ...] = ()
    consent: Node | None = None

    @property
    def consent_added(self) -> bool:
        return self.consent is not None

    @property
    def json(self) -> dict[str, object]:
        return value_json(self.tree)

    @property
    def type(self) -> FieldType:
        return self.tree.type

    @property
    def scale(self) -> int:
        """Decimal places of a DECIMAL value."""
        return self.tree.path.scale if isinstance(self.tree, FieldValue) else self.tree.scale

    @property
    def meaning(self) -> Meaning | None:
        """The meaning of what is read; of a count none."""
        if isinstance(self.tree, FieldValue):
            return self.tree.path.meaning
        measured = self.tree.measured
        return None if measured is None or self.tree.type is not measured.type else measured.meaning
