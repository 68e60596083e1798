"""One subject, plain Python: the definition of what a rule means, and why it is true or false.

Written to be read beside the language's contract, not to be fast. Each step returns what it found
together with the next instant at which that can change by itself.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from enishi.kernel.ids import bucket
from enishi.rules.changes import earliest, together
from enishi.rules.compare import holds
from enishi.rules.explanation import Evidence, Explanation, NodeExplanation
from enishi.rules.facts import Facts, Row, exists
from enishi.rules.measures import computed, evidence_of, measure, shown
from enishi.rules.membership import standing
from enishi.rules.moment import Moment
from enishi.rules.rowset import Found, Place, RowFinder
from enishi.rules.sequence import SequenceFinder
from enishi.rules.tree import (
    All,
    AnyOf,
    AtLeast,
    Computed,
    FieldOperand,
    FieldValue,
    Leaf,
    Literal,
    Membership,
    Node,
    Not,
    Now,
    Op,
    Operand,
    Sample,
    Sequence,
    SubjectOperand,
    Test,
    Today,
    Value,
)
from enishi.rules.types import CheckedRule, CheckedValue
from enishi.rules.windows import as_date, point


def evaluate(rule: CheckedRule, facts: Facts, subject_row: Row, as_of: datetime) -> Explanation:
    """Whether a rule is true of one subject at `as_of` (aware), and why.

    `facts` holds the rows that `needed(rule)` names, every version of versioned ones, and of a
    versioned subject its versions too. `subject_row` is any version of the subject.
    """
    evaluator = Evaluator(facts, Moment(facts.catalog, as_of))
    row, until = evaluator.subject(rule.subject, subject_row)
    if row is None:
        return Explanation(False, False, as_of, until, None, facts.catalog)
    place = Place(rule.subject, row, None)
    node = evaluator.whole(rule, place)
    changes = earliest((until, node.valid_until))
    return Explanation(node.truth, True, as_of, changes, node, facts.catalog)


def decide(
    rule: CheckedRule, facts: Facts, subject_row: Row, moment: Moment
) -> tuple[bool, datetime | None]:
    """What `evaluate` finds without its reasons: the truth, and until when it holds.

    With a horizon the second is None, or beyond it, when the answer holds up to the horizon; parts
    that cannot matter before it are not looked at.
    """
    evaluator = Evaluator(facts, moment, telling=False)
    row, until = evaluator.subject(rule.subject, subject_row)
    if row is None:
        return False, until
    found = evaluator.rule(rule.tree, Place(rule.subject, row, None), "")
    return found.truth, earliest((until, found.valid_until))


def value_of(value: CheckedValue, facts: Facts, subject_row: Row, as_of: datetime) -> object:
    """A value of one subject at `as_of`: what `compile_view` selects; None when unset.

    None too for a subject that does not exist then, or whose consent the value needs and lacks.
    """
    evaluator = Evaluator(facts, Moment(facts.catalog, as_of))
    row, _ = evaluator.subject(value.subject, subject_row)
    if row is None:
        return None
    place = Place(value.subject, row, None)
    if value.consent is not None and not evaluator.rule(value.consent, place, "$").truth:
        return None
    return shown(value.tree, evaluator.value(value.tree, place).value)


class _Value(NamedTuple):
    """A value, the next instant at which it can change, and the rows behind it."""

    value: object
    until: datetime | None
    evidence: Evidence | None = None


class Evaluator:
    """Evaluates at one instant over one set of facts; `telling`: the reasons too."""

    def __init__(self, facts: Facts, moment: Moment, *, telling: bool = True) -> None:
        self.facts = facts
        self.catalog = facts.catalog
        self.moment, self.at = moment, moment.at
        self.telling = telling
        self.rows = RowFinder(facts, moment, self._truth)
        self.sequences = SequenceFinder(self.rows)

    def subject(self, dataset: str, row: Row) -> tuple[Row | None, datetime | None]:
        """The subject's row at the instant (None: there is none), and when that can change."""
        described = self.catalog.datasets[dataset]
        versions = self.facts.versions(described, row) if described.versioned else (row,)
        changes = []
        there = None
        for version in versions:
            found, until = exists(self.catalog, described, version, self.at)
            changes.append(until)
            if found:
                there = version
        return there, earliest(changes)

    # ── rules ────────────────────────────────────────────────────────────────────────────────────

    def whole(self, rule: CheckedRule, place: Place) -> NodeExplanation:
        """A rule with the consent its purpose adds: paths stay those of the rule as written."""
        if rule.consent is None or rule.tree != All((rule.asked, rule.consent)):
            return self.rule(rule.tree, place, "$")
        asked = self.rule(rule.asked, place, "$")
        return self._group(rule.tree, (asked, self.rule(rule.consent, place, "consent")), "$")

    def rule(self, node: Node, place: Place, path: str) -> NodeExplanation:
        """A rule at a place, explained."""
        if isinstance(node, Test):
            return self._test(node, place, path)
        if isinstance(node, Leaf):
            return self._of_subject(node, place, path)
        if isinstance(node, Not):
            inner = self.rule(node.rule, place, f"{path}.not")
            return NodeExplanation(
                path, node, not inner.truth, inner.valid_until, children=(inner,)
            )
        if not self.telling and isinstance(node, (All, AnyOf)):
            return self._enough(node, place)
        name = "all" if isinstance(node, All) else "any" if isinstance(node, AnyOf) else "of"
        children = tuple(
            self.rule(rule, place, f"{path}.{name}[{i}]") for i, rule in enumerate(node.rules)
        )
        return self._group(node, children, path)

    def _enough(self, node: All | AnyOf, place: Place) -> NodeExplanation:
        """A group without its reasons: one part that stays in its way says enough."""
        wanted = isinstance(node, All)
        parts: list[tuple[bool, datetime | None]] = []
        for rule in node.rules:
            truth, until = self._truth(rule, place)
            if truth is not wanted and self.moment.beyond(until):
                return NodeExplanation("", node, not wanted, None)
            parts.append((truth, until))
        truth = all(t is wanted for t, _ in parts) is wanted
        return NodeExplanation("", node, truth, together(parts, wanted))

    def _group(
        self, node: All | AnyOf | AtLeast, children: tuple[NodeExplanation, ...], path: str
    ) -> NodeExplanation:
        parts = [(child.truth, child.valid_until) for child in children]
        if isinstance(node, All):
            truth, until = all(t for t, _ in parts), together(parts, True)
        elif isinstance(node, AnyOf):
            # Some part is true unless all are false.
            truth, until = any(t for t, _ in parts), together(parts, False)
        else:
            truth = sum(t for t, _ in parts) >= node.count
            until = earliest(u for _, u in parts)
        return NodeExplanation(path, node, truth, until, children=children)

    def _truth(self, node: Node, place: Place) -> tuple[bool, datetime | None]:
        found = self.rule(node, place, "")
        return found.truth, found.valid_until

    def _of_subject(
        self, node: Sequence | Membership | Sample, place: Place, path: str
    ) -> NodeExplanation:
        """A rule about the subject itself."""
        if isinstance(node, Sequence):
            matched = self.sequences.find(node, place)
            evidence = evidence_of(matched.members, self.moment.zone) if self.telling else None
            return NodeExplanation(
                path, node, matched.truth, matched.until, matched.steps, evidence=evidence
            )
        if isinstance(node, Membership):
            stands = standing(node, self.facts, place.row, self.moment)
            return NodeExplanation(path, node, stands.truth, stands.until, stands.stays)
        found = bucket(node.salt, str(place.row["_id"]))
        return NodeExplanation(path, node, found < node.percent * 100, None, found)

    # ── tests ────────────────────────────────────────────────────────────────────────────────────

    def _test(self, test: Test, place: Place, path: str) -> NodeExplanation:
        found = self.value(test.value, place)
        operands = [self._operand(operand, place) for operand in test.operands]
        values = tuple(operand.value for operand in operands)
        truth = holds(test, found.value, values, self.at, self.catalog)
        changes = [found.until, *(operand.until for operand in operands)]
        changes.append(self._slides(test, found.value))
        return NodeExplanation(
            path, test, truth, earliest(changes), found.value, values, found.evidence
        )

    def _slides(self, test: Test, value: object) -> datetime | None:
        """When a window or a relative date can pass the value found."""
        if not isinstance(value, date):
            return None
        if test.window is not None:
            if test.op is Op.ANNIVERSARY_DURING:
                born = as_date(value, self.moment.zone)
                return self.moment.anniversary_change(test.window, born)
            return self.moment.window_change(test.window, value)
        return earliest(
            self.moment.point_change(operand, value)
            for operand in test.operands
            if isinstance(operand, (Today, Now))
        )

    def _operand(self, operand: Operand, place: Place) -> Found:
        if isinstance(operand, FieldOperand):
            return self.rows.read(place, operand.path)
        if isinstance(operand, SubjectOperand):
            return self.rows.read(place.subject, operand.path)
        if isinstance(operand, Computed):
            found = self.value(operand.value, place)
            return Found(computed(operand, found.value), found.until)
        if isinstance(operand, (Literal, Today, Now)):
            return Found(point(operand, self.at, self.moment.zone), None)
        raise ValueError(f"the user's {operand.name} has not been bound")

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def value(self, value: Value, place: Place) -> _Value:
        """A value at a place."""
        if isinstance(value, FieldValue):
            return _Value(*self.rows.read(place, value.path))
        members, until = self.rows.members(place, value)
        changes, read = [until], list[object]()
        for member in members:
            if member.branch.path is not None:
                found = self.rows.read(member.place, member.branch.path)
                read.append(found.value)
                changes.append(found.until)
        zone = self.moment.zone
        measured = measure(value, members, read, zone)
        evidence = evidence_of(members, zone) if self.telling else None
        return _Value(measured, earliest(changes), evidence)
