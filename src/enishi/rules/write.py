"""From a tree back to canonical JSON: one spelling for what reads the same."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from enishi.rules.tree import (
    WITH_LIST,
    All,
    AnyOf,
    AtLeast,
    CalendarWindow,
    Computed,
    FieldOperand,
    FieldValue,
    FromTo,
    LastWindow,
    Leaf,
    Literal,
    MeasureKind,
    Membership,
    NextWindow,
    Node,
    Not,
    Now,
    Operand,
    Sequence,
    SequenceStep,
    Test,
    Today,
    User,
    Value,
    Window,
)

Json = dict[str, object]


def flat(node: Node) -> Node:
    """The same rule without groups that say nothing: nested alike, or of a single part."""
    if isinstance(node, Leaf):
        return node
    if isinstance(node, Not):
        return Not(flat(node.rule))
    rules = tuple(flat(rule) for rule in node.rules)
    if isinstance(node, AtLeast):
        return AtLeast(node.count, rules)
    kind = type(node)
    parts = tuple(
        part for rule in rules for part in (rule.rules if isinstance(rule, kind) else (rule,))
    )
    return parts[0] if len(parts) == 1 else kind(parts)


def rule_json(node: Node) -> Json:
    """The canonical JSON of a rule."""
    if isinstance(node, All):
        return {"all": [rule_json(rule) for rule in node.rules]}
    if isinstance(node, AnyOf):
        return {"any": [rule_json(rule) for rule in node.rules]}
    if isinstance(node, AtLeast):
        return {"at_least": node.count, "of": [rule_json(rule) for rule in node.rules]}
    if isinstance(node, Not):
        return {"not": rule_json(node.rule)}
    if isinstance(node, Test):
        return _test(node)
    if isinstance(node, Sequence):
        return _sequence(node)
    if isinstance(node, Membership):
        return _membership(node)
    return {"sample": {"percent": plain_number(node.percent), "salt": node.salt}}


def _sequence(sequence: Sequence) -> Json:
    found: Json = {"sequence": [_step(step) for step in sequence.steps]}
    if sequence.during is not None:
        found["during"] = window_json(sequence.during)
    if sequence.same is not None:
        found["same"] = sequence.same
    return found


def _step(step: SequenceStep) -> Json:
    found: Json = {"no_event" if step.absent else "event": events_json(step.events)}
    where = step.branches[0].where
    if where is not None:
        found["where"] = rule_json(flat(where))
    if step.within is not None:
        found["within"] = str(step.within)
    return found


def _membership(membership: Membership) -> Json:
    found: Json = {membership.kind: membership.slug}
    if membership.statuses is not None:
        found["status"] = list(membership.statuses)
    if membership.crossing is not None and membership.window is not None:
        found[membership.crossing] = window_json(membership.window)
    return found


def _test(test: Test) -> Json:
    found = value_json(test.value) | {"op": test.op.value}
    if test.window is not None:
        found["value"] = window_json(test.window)
    elif test.op in WITH_LIST:
        operands = test.operands
        if len(operands) == 1 and isinstance(operands[0], User):
            found["value"] = operand_json(operands[0])
        else:
            found["value"] = [operand_json(operand) for operand in operands]
    elif test.operands:
        found["value"] = operand_json(test.operands[0])
    if test.exact:
        found["exact"] = True
    return found


def value_json(value: Value) -> Json:
    """The canonical JSON of a value."""
    if isinstance(value, FieldValue):
        return {"field": value.path.written}
    if value.relation is not None:
        found: Json = {"related": value.relation}
    else:
        found = {"event": events_json(value.events or ())}
    where = value.branches[0].where
    if where is not None:
        found["where"] = rule_json(flat(where))
    if value.during is not None:
        found["during"] = window_json(value.during)
    if value.measure is not MeasureKind.COUNT:
        assert value.measured is not None
        found["measure"] = {value.measure.value: value.measured.written}
    return found


def events_json(events: tuple[str, ...]) -> object:
    """The canonical JSON of event names; none means any."""
    return list(events) if len(events) > 1 else events[0] if events else "*"


def operand_json(operand: Operand) -> object:
    """The canonical JSON of an operand. Numbers with a point are `Decimal`."""
    if isinstance(operand, Literal):
        return _literal(operand)
    if isinstance(operand, Today):
        return {"today": str(operand.span)}
    if isinstance(operand, Now):
        return {"now": str(operand.span)}
    if isinstance(operand, User):
        return {"user": operand.name}
    if isinstance(operand, Computed):
        found: Json = {"of": value_json(operand.value)}
        for name, number in (("times", operand.times), ("plus", operand.plus)):
            if number is not None:
                found[name] = plain_number(number)
        return found
    name = "field" if isinstance(operand, FieldOperand) else "subject"
    return {name: operand.path.written}


def _literal(literal: Literal) -> object:
    value = literal.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (bool, int, Decimal, float, str)):
        return value
    return value.isoformat()


def plain_number(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number


def window_json(window: Window) -> Json:
    """The canonical JSON of a window."""
    if isinstance(window, LastWindow):
        return {"last": str(window.span)}
    if isinstance(window, NextWindow):
        return {"next": str(window.span)}
    if isinstance(window, CalendarWindow):
        return {"calendar": window.name}
    assert isinstance(window, FromTo)
    edges = (("from", window.start), ("to", window.end))
    return {name: operand_json(edge) for name, edge in edges if edge is not None}
