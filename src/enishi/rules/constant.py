"""Rules that need no data: true or false for everybody by their shape alone."""

from __future__ import annotations

from enishi.rules.tree import All, AnyOf, AtLeast, Leaf, Node, Not


def settled(node: Node) -> bool | None:
    """The truth of a rule that is the same for everybody by its shape; None when data decides."""
    if isinstance(node, Leaf):
        return None
    if isinstance(node, Not):
        inner = settled(node.rule)
        return None if inner is None else not inner
    known = [settled(rule) for rule in node.rules]
    if isinstance(node, All):
        return False if False in known else None if None in known else True
    if isinstance(node, AnyOf):
        return True if True in known else None if None in known else False
    assert isinstance(node, AtLeast)
    if known.count(True) >= node.count:
        return True
    return False if len(known) - known.count(False) < node.count else None


def always_true(node: Node) -> bool:
    """Whether a rule selects everybody by being empty."""
    return settled(node) is True
