"""Walking a tree: what a rule needs of the rows, and whether it looks back at the outer subject."""

from __future__ import annotations

from collections.abc import Iterator

from enishi.catalog.types import BaseStep
from enishi.rules.tree import (
    Branch,
    Computed,
    FieldOperand,
    FieldValue,
    Leaf,
    Node,
    Not,
    Operand,
    Path,
    RowsValue,
    Sequence,
    Step,
    SubjectOperand,
    Test,
    Value,
)


def leaves_of(node: Node) -> Iterator[Leaf]:
    """Every node of a rule that is no group, those inside `where` left out."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, Not):
        yield from leaves_of(node.rule)
    else:
        for rule in node.rules:
            yield from leaves_of(rule)


def tests_of(node: Node) -> Iterator[Test]:
    """Every test of a rule, those inside `where` left out."""
    return (leaf for leaf in leaves_of(node) if isinstance(leaf, Test))


def sequences_of(node: Node) -> Iterator[Sequence]:
    """Every sequence of a rule."""
    return (leaf for leaf in leaves_of(node) if isinstance(leaf, Sequence))


def looks_back(node: Node | None) -> bool:
    """Whether a `where` names the outer subject."""
    return node is not None and any(
        value_looks_back(test.value) or any(_operand_looks_back(o) for o in test.operands)
        for test in tests_of(node)
    )


def value_looks_back(value: Value) -> bool:
    return isinstance(value, RowsValue) and any(looks_back(b.where) for b in value.branches)


def _operand_looks_back(operand: Operand) -> bool:
    if isinstance(operand, Computed):
        return value_looks_back(operand.value)
    return isinstance(operand, SubjectOperand)


# ── which rows `evaluate` touches ────────────────────────────────────────────────────────────────

Way = tuple[Step, ...]


def ways_of_rule(node: Node, start: Way = (), subject: Way = ()) -> Iterator[Way]:
    """Every way (joins from the subject) whose rows a rule at the end of `start` reads."""
    for test in tests_of(node):
        yield from ways_of_value(test.value, start)
        for operand in test.operands:
            if isinstance(operand, FieldOperand):
                yield from _path_ways(operand.path, start)
            elif isinstance(operand, SubjectOperand):
                yield from _path_ways(operand.path, subject)
            elif isinstance(operand, Computed):
                yield from ways_of_value(operand.value, start)
    for sequence in sequences_of(node):
        for step in sequence.steps:
            for branch in step.branches:
                yield from _branch_ways(branch, start)


def ways_of_value(value: Value, start: Way = ()) -> Iterator[Way]:
    """Every way whose rows a value at the end of `start` reads."""
    if isinstance(value, FieldValue):
        yield from _path_ways(value.path, start)
        return
    for branch in value.branches:
        yield from _branch_ways(branch, start)


def _branch_ways(branch: Branch, start: Way) -> Iterator[Way]:
    if branch.nothing:
        return
    yield from _step_ways(branch.steps, start)
    here = start + branch.steps
    if branch.where is not None:
        yield from ways_of_rule(branch.where, here)
    if branch.path is not None:
        yield from _path_ways(branch.path, here)


def _path_ways(path: Path, start: Way) -> Iterator[Way]:
    if not path.missing:
        yield from _step_ways(path.steps, start)


def _step_ways(steps: Way, start: Way) -> Iterator[Way]:
    for index, step in enumerate(steps):
        here = start + steps[: index + 1]
        yield here
        for rule in step.where:
            yield from ways_of_rule(rule, here, here)


def base_way(way: Way) -> tuple[BaseStep, ...]:
    """A way as catalog joins, without the narrowings: all rows that may matter."""
    return tuple(BaseStep(s.source, s.target, s.columns, s.many) for s in way)
