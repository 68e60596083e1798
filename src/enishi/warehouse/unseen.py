"""Refuses to ask about what the actor may not see: counting would tell what is hidden.

Who may not read a phone number could otherwise find it digit by digit with `starts_with`. What a
mask shows anyway may be tested: whether a field is set, the year of a date, an age, how many rows
there are. Nor may a scoped actor's rule lead over a to-many relation to other persons or companies,
or on from them: a colleague of my customer may be no customer of mine.

The check is of rules as their author writes them. The role's row scope, the narrowing of a relation
and a consent are the workspace's own and exempt from masking; so is a stored definition, which
`lists` asks on behalf of its maker (`Actor.stored`, the PII level raised), after checking what the
maker has added.
"""

from __future__ import annotations

from collections.abc import Iterator

from enishi.book.access import Actor
from enishi.catalog.types import Catalog, Dataset, Field
from enishi.kernel.errors import Forbidden
from enishi.kernel.text import Text
from enishi.rules import needed
from enishi.rules.tree import (
    Branch,
    Computed,
    FieldOperand,
    FieldValue,
    Node,
    Op,
    Path,
    RowsValue,
    SubjectOperand,
    Value,
)
from enishi.rules.types import CheckedRule, CheckedValue
from enishi.rules.walk import sequences_of, tests_of
from enishi.warehouse.masking import TELLS_LITTLE, TELLS_NOTHING, hidden

_SEEN_ANYWAY = frozenset({Op.IS_SET, Op.IS_NOT_SET})
Tested = tuple[str, str]  # dataset, field


def refuse_unseen(
    asked: CheckedRule | CheckedValue, actor: Actor, catalog: Catalog, *, decides: bool = False
) -> None:
    """Raise Forbidden `masked_field` when a rule tests a field that the actor sees masked.

    Raises Forbidden `beyond_scope` when it leads a scoped actor to other persons. Of a value only
    its narrowings are tests: what it shows is masked where it is shown. A value that `decides` who
    is chosen, by its order or by grouping, is a test as well: whoever is first by it has the most.
    """
    if actor.scope is not None and not actor.stored:
        _refuse_beyond(asked, catalog)
    if isinstance(asked, CheckedRule):
        tested = _of_rule(asked.asked)
    else:
        tested = _of_value(asked.tree) if decides else _narrowings(asked.tree)
    for dataset, name in tested:
        found = catalog.datasets[dataset]
        field = found.fields.get(name)
        if field is not None and hidden(field, actor.pii):
            raise _masked(found, field)


def _refuse_beyond(asked: CheckedRule | CheckedValue, catalog: Catalog) -> None:
    for way in needed(asked):
        reached = [catalog.datasets[step.target] for step in way]
        others = next((found for found in reached if found.subject is not None), None)
        if others is not None and any(step.many for step in way):
            raise _beyond(others)


def _of_rule(node: Node) -> Iterator[Tested]:
    for test in tests_of(node):
        if test.op in _SEEN_ANYWAY and isinstance(test.value, FieldValue):
            continue
        yield from _of_value(test.value)
        for operand in test.operands:
            if isinstance(operand, FieldOperand | SubjectOperand):
                yield from _of_path(operand.path)
            elif isinstance(operand, Computed):
                yield from _of_value(operand.value)
    for sequence in sequences_of(node):
        for step in sequence.steps:
            for branch in step.branches:
                yield from _of_branch(branch, timed=sequence.during is not None)
                if branch.path is not None:
                    yield from _of_path(branch.path)


def _of_value(value: Value) -> Iterator[Tested]:
    if isinstance(value, FieldValue):
        yield from _of_path(value.path)
        return
    yield from _of_rows(value)
    if value.measure not in TELLS_NOTHING:
        for branch in value.branches:
            if branch.path is not None:
                yield from _of_path(branch.path)


def _narrowings(value: Value) -> Iterator[Tested]:
    if isinstance(value, RowsValue):
        yield from _of_rows(value)


def _of_rows(value: RowsValue) -> Iterator[Tested]:
    """The fields by which a value chooses its rows."""
    for branch in value.branches:
        yield from _of_branch(branch, timed=value.during is not None)


def _of_branch(branch: Branch, *, timed: bool) -> Iterator[Tested]:
    if branch.where is not None:
        yield from _of_rule(branch.where)
    if timed and branch.time is not None:
        yield branch.dataset, branch.time


def _of_path(path: Path) -> Iterator[Tested]:
    if not path.missing and path.constant is None and path.part not in TELLS_LITTLE:
        yield path.leaf, path.field


def _beyond(dataset: Dataset) -> Forbidden:
    return Forbidden(
        Text(
            f"この条件や列は、担当範囲の外の「{dataset.label.ja}」にも及ぶため使えません。",
            f"This leads to rows of “{dataset.label.en}” beyond your row scope, so it cannot be"
            " used.",
        ),
        Text(
            "ご本人に属する項目を使うか、管理者にリスト定義を依頼してください。",
            "Use what belongs to the customers themselves, or ask an administrator for a list"
            " definition.",
        ),
        code="beyond_scope",
        detail={"dataset": dataset.name},
    )


def _masked(dataset: Dataset, field: Field) -> Forbidden:
    return Forbidden(
        Text(
            f"「{dataset.label.ja}」の「{field.label.ja}」は、あなたの役割では伏せられているため、"
            "条件に使えません。",
            f"“{field.label.en}” of “{dataset.label.en}” is masked for your role, so it cannot be"
            " tested.",
        ),
        Text(
            "別の項目を使うか、個人情報を閲覧できる人に依頼してください。"
            "設定の有無や年齢は条件にできます。",
            "Use another field, or ask somebody who may see it. Whether it is set, and an age or a"
            " year, may be tested.",
        ),
        code="masked_field",
        detail={"dataset": dataset.name, "field": field.name},
    )
