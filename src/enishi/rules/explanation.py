"""Why a rule is true or false of one subject: node by node, with values and evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from enishi.catalog.types import Catalog
from enishi.kernel.text import Locale, Text
from enishi.rules.describe import describe_tree
from enishi.rules.membership import Stay
from enishi.rules.tree import (
    All,
    AnyOf,
    AtLeast,
    Membership,
    Node,
    Not,
    Sample,
    Sequence,
    Test,
)

SHOWN_ROWS = 20
"""How many rows of evidence are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    dataset: str
    key: tuple[object, ...]
    time: date | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows behind a value: how many there are, and the last few of them."""

    count: int
    rows: tuple[EvidenceRow, ...]


@dataclass(frozen=True, slots=True)
class NodeExplanation:
    """One node: its JSON path, its truth, what was found and compared, and its next change.

    `found`: of a test its value, of a sequence how many of its steps hold, of a membership its
    stays, of a sample the subject's bucket.
    """

    path: str
    node: Node
    truth: bool
    valid_until: datetime | None
    found: object = None
    operands: tuple[object, ...] = ()
    evidence: Evidence | None = None
    children: tuple[NodeExplanation, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for one subject at one instant.

    `exists` False: the subject is not there at that instant, so nothing is true of it. The answer
    stays the same at any instant from `as_of` until before `valid_until` (None: for ever) as long
    as no new data comes.
    """

    truth: bool
    exists: bool
    as_of: datetime
    valid_until: datetime | None
    node: NodeExplanation | None
    catalog: Catalog = field(repr=False)

    def as_json(self, locale: Locale) -> dict[str, object]:
        """The explanation as JSON: times in the workspace's zone, sentences in one language."""
        return {
            "truth": self.truth,
            "exists": self.exists,
            "as_of": self._plain(self.as_of),
            "valid_until": self._plain(self.valid_until),
            "sentence": self._sentence()[locale],
            "node": None if self.node is None else self._node(self.node, locale),
        }

    def _sentence(self) -> Text:
        if not self.exists:
            return Text("この時点には存在しません。", "There is no such subject at this instant.")
        if self.truth:
            return Text("条件に当てはまります。", "The rule is true.")
        return Text("条件に当てはまりません。", "The rule is false.")

    def _node(self, node: NodeExplanation, locale: Locale) -> dict[str, object]:
        found: dict[str, object] = {
            "path": node.path,
            "kind": _kind(node.node),
            "truth": node.truth,
            "sentence": describe_tree(node.node, self.catalog, locale),
            "valid_until": self._plain(node.valid_until),
        }
        if isinstance(node.node, Test):
            found["found"] = self._plain(node.found)
            found["operands"] = [self._plain(operand) for operand in node.operands]
        found |= self._of_subject(node)
        if node.evidence is not None:
            found["evidence"] = {
                "count": node.evidence.count,
                "rows": [
                    {
                        "dataset": row.dataset,
                        "key": [self._plain(part) for part in row.key],
                        "time": self._plain(row.time),
                    }
                    for row in node.evidence.rows
                ],
            }
        if node.children:
            found["children"] = [self._node(child, locale) for child in node.children]
        return found

    def _of_subject(self, node: NodeExplanation) -> dict[str, object]:
        """What was found of a sequence (steps that hold), a set (stays) or a sample (bucket)."""
        if isinstance(node.node, Sequence):
            return {"steps": node.found, "of_steps": len(node.node.steps)}
        if isinstance(node.node, Sample):
            return {"bucket": node.found}
        if not isinstance(node.node, Membership) or not isinstance(node.found, tuple):
            return {}
        stays = []
        for stay in node.found[:SHOWN_ROWS]:
            assert isinstance(stay, Stay)
            told: dict[str, object] = {
                "from": self._plain(stay.start), "to": self._plain(stay.end)
            }  # fmt: skip
            stays.append(told if stay.status is None else told | {"status": stay.status})
        return {"stays": stays}

    def _plain(self, value: object) -> object:
        """A value as JSON has it: exact numbers as text, times with their offset."""
        if isinstance(value, datetime):
            return value.astimezone(self.catalog.zone).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, Fraction):
            return str(value) if value.denominator < 10**6 else str(float(value))
        if isinstance(value, (tuple, list)):
            return [self._plain(item) for item in value]
        return value


def _kind(node: Node) -> str:
    if isinstance(node, All):
        return "all"
    if isinstance(node, AnyOf):
        return "any"
    if isinstance(node, AtLeast):
        return "at_least"
    if isinstance(node, Not):
        return "not"
    if isinstance(node, Membership):
        return node.kind
    if isinstance(node, Sequence):
        return "sequence"
    return "sample" if isinstance(node, Sample) else "test"
