"""Putting a user's attributes into the places a rule keeps for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from enishi.catalog.types import FieldType
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Text
from enishi.rules.check_operands import exact_number
from enishi.rules.tree import (
    NUMBERS,
    WITH_LIST,
    All,
    AnyOf,
    AtLeast,
    Branch,
    Computed,
    Literal,
    Node,
    Not,
    Op,
    Operand,
    RowsValue,
    Sequence,
    Test,
    User,
    Value,
)


def bind_tree(node: Node, attributes: Mapping[str, object]) -> Node:
    """The rule with every `User` replaced. Raises `EnishiError` (`user_value_missing`)."""
    if isinstance(node, Not):
        return Not(bind_tree(node.rule, attributes))
    if isinstance(node, (All, AnyOf, AtLeast)):
        return replace(node, rules=tuple(bind_tree(rule, attributes) for rule in node.rules))
    if isinstance(node, Sequence):
        steps = tuple(
            replace(step, branches=_bind_branches(step.branches, attributes)) for step in node.steps
        )
        return replace(node, steps=steps)
    if not isinstance(node, Test):
        return node
    operands: list[Operand] = []
    for operand in node.operands:
        if isinstance(operand, User):
            operands.extend(_values(operand, attributes, several=node.op in WITH_LIST - _PAIR))
        elif isinstance(operand, Computed):
            operands.append(replace(operand, value=_bind_value(operand.value, attributes)))
        else:
            operands.append(operand)
    return replace(node, value=_bind_value(node.value, attributes), operands=tuple(operands))


_PAIR = frozenset({Op.BETWEEN})


def _bind_value(value: Value, attributes: Mapping[str, object]) -> Value:
    if not isinstance(value, RowsValue):
        return value
    return replace(value, branches=_bind_branches(value.branches, attributes))


def _bind_branches(
    branches: tuple[Branch, ...], attributes: Mapping[str, object]
) -> tuple[Branch, ...]:
    return tuple(
        replace(
            branch,
            where=None if branch.where is None else bind_tree(branch.where, attributes),
        )
        for branch in branches
    )


def _values(user: User, attributes: Mapping[str, object], *, several: bool) -> list[Operand]:
    found = attributes.get(user.name)
    if several and isinstance(found, (list, tuple)):
        return [_literal(user, item) for item in found]
    return [_literal(user, found)]


def _literal(user: User, value: object) -> Literal:
    typed: str | int | Decimal | bool | date | None = None
    if user.type in NUMBERS:
        typed = _number(value)
    elif user.type is FieldType.BOOLEAN:
        typed = value if isinstance(value, bool) else None
    elif user.type in (FieldType.DATE, FieldType.TIMESTAMP):
        typed = _moment(value)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        typed = str(value) or None
    if typed is None:
        raise EnishiError(
            Text(f"あなたの属性「{user.name}」が設定されていないため、対象を決められません。",
                 f"Your attribute `{user.name}` is not set, so what you may see is not known."),
            Text("管理者に属性の設定を依頼してください。", "Ask an administrator to set it."),
            code="user_value_missing",
            detail={"attribute": user.name},
        )  # fmt: skip
    kind = user.type
    if isinstance(typed, date):
        kind = FieldType.TIMESTAMP if isinstance(typed, datetime) else FieldType.DATE
    return Literal(typed, FieldType.STRING if kind is FieldType.STRINGS else kind)


def _number(value: object) -> Decimal | None:
    """Attributes are typed in by hand, so digits in a text are a number too."""
    if isinstance(value, str):
        try:
            value = Decimal(value.strip())
        except InvalidOperation:
            return None
    return exact_number(value)


def _moment(value: object) -> date | None:
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if isinstance(found, datetime):
        return found if found.tzinfo is not None else None
    return found if isinstance(found, date) else None
