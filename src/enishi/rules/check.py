"""From JSON to a typed tree: every name, type and shape is checked against the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.kernel.text import Text
from enishi.rules.check_operands import TYPE_NAMES, Operands
from enishi.rules.check_paths import Paths, Scope
from enishi.rules.check_sense import refuse_float_equality, refuse_senseless
from enishi.rules.check_sequences import Sequences
from enishi.rules.check_sets import NamedSets
from enishi.rules.check_values import VALUE_KEYS, Values
from enishi.rules.faults import Faults, Refused, did_you_mean
from enishi.rules.read import MAX_DEPTH, MAX_ITEMS, MAX_RULES, refuse_unusable
from enishi.rules.tree import (
    WITH_LIST,
    WITH_WINDOW,
    WITHOUT_OPERAND,
    All,
    AnyOf,
    AtLeast,
    Literal,
    MeasureKind,
    Node,
    Not,
    Op,
    Operand,
    RowsValue,
    Test,
    Value,
)
from enishi.rules.types import KnownEvents

_ANY = (Op.IS_SET, Op.IS_NOT_SET)
_EQUAL = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN)
_ORDER = (Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN)
_TIME = (*_ANY, *_EQUAL, *_ORDER, Op.DURING, Op.NOT_DURING, Op.ANNIVERSARY_DURING)
OPS: Mapping[FieldType, tuple[Op, ...]] = {
    FieldType.INTEGER: (*_EQUAL, *_ORDER, *_ANY),
    FieldType.DECIMAL: (*_EQUAL, *_ORDER, *_ANY),
    FieldType.FLOAT: (*_EQUAL, *_ORDER, *_ANY),
    FieldType.DATE: _TIME,
    FieldType.TIMESTAMP: _TIME,
    FieldType.STRING: (
        *_EQUAL, Op.CONTAINS, Op.NOT_CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.MATCHES, *_ANY
    ),
    FieldType.BOOLEAN: (Op.IS_TRUE, Op.IS_FALSE, *_EQUAL, *_ANY),
    FieldType.STRINGS: (
        Op.HAS, Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE, Op.IS_EMPTY, Op.IS_NOT_EMPTY, *_ANY
    ),
}  # fmt: skip
"""The operators of each type, in the order a builder offers them."""

GROUPS = ("all", "any", "at_least", "not")
SUBJECT_ONLY = {
    "sequence": Text("順序(sequence)", "a sequence"),
    "segment": Text("セグメント(segment)", "a segment"),
    "list": Text("リスト(list)", "a list"),
    "sample": Text("抽出(sample)", "a sample"),
}
"""The rules that are about the subject itself, so that they cannot stand inside `where`."""
_SHAPES = (*GROUPS, *VALUE_KEYS, *SUBJECT_ONLY)


class Typed(NamedTuple):
    """A checked rule or value and what it leans on.

    `segments`, `lists`: by slug the JSON path where each is first named.
    """

    tree: Node | Value
    fields: frozenset[tuple[str, str]]
    datasets: frozenset[str]
    segments: Mapping[str, str]
    lists: Mapping[str, str]


class Checker:
    """Checks one rule or value. Faults gather in `faults`; nothing is raised until the end."""

    def __init__(
        self,
        catalog: Catalog,
        subject: Dataset,
        *,
        user_fields: frozenset[str] | None = None,
        known_events: KnownEvents | None = None,
        saving: str | None = None,
    ) -> None:
        self.catalog = catalog
        self.faults = Faults()
        self.paths = Paths(catalog, self.faults, self._narrowing)
        self.values = Values(self.paths, self.faults, known_events, self.rule)
        self.operands = Operands(self.paths, self.faults, user_fields, self.values.value)
        self.values.operands = self.operands
        self.sequences = Sequences(self.paths, self.values, self.faults, self._another)
        self.sets = NamedSets(catalog, self.operands, self.faults, saving)
        self.top = Scope((subject.name,), subject.name, False, False, subject.name)
        self.paths.datasets.add(subject.name)
        self._narrowed: list[str] = []
        self._depth = 0
        self._count = 0

    def check_rule(self, json: object, where: str = "$") -> Typed:
        refuse_unusable(json, self.faults, where)
        if self.faults.faults:
            return self._typed(_NOTHING)
        return self._typed(self.rule(json, self.top, where))

    def check_value(self, json: object, where: str = "$") -> Typed:
        refuse_unusable(json, self.faults, where)
        if self.faults.faults:
            return self._typed(_NOTHING)
        try:
            return self._typed(self.values.value(json, self.top, where))
        except Refused:
            return self._typed(_NOTHING)

    def _typed(self, tree: Node | Value) -> Typed:
        return Typed(
            tree, frozenset(self.paths.fields), frozenset(self.paths.datasets),
            self.sets.segments, self.sets.lists,
        )  # fmt: skip

    def _narrowing(self, json: object, dataset: str, name: str) -> Node:
        """The rule by which the catalog narrows a relation, on the rows arrived at."""
        if name in self._narrowed:
            raise self.faults.refuse(
                "cycle", f"relation {name}",
                Text(f"関連「{name}」の絞り込みが自分自身に戻ります。",
                     f"The narrowing of the relation {name} comes back to itself."),
                Text("カタログの where を直してください。", "Mend its `where` in the catalog."),
            )  # fmt: skip
        self._narrowed.append(name)
        try:
            scope = Scope((dataset,), dataset, False, True, dataset)
            return self.rule(json, scope, f"relation {name}")
        finally:
            self._narrowed.pop()

    # ── rules ────────────────────────────────────────────────────────────────────────────────────

    def rule(self, json: object, scope: Scope, where: str) -> Node:
        """A typed rule; a faulty part becomes an empty `any`, so that the rest is checked too."""
        self._depth += 1
        try:
            self._another(where)
            if self._depth > MAX_DEPTH:
                raise self.faults.too_deep(where, MAX_DEPTH)
            return self._rule(json, scope, where)
        except Refused:
            return _NOTHING
        finally:
            self._depth -= 1

    def _another(self, where: str) -> None:
        """Count one more part of the rule."""
        self._count += 1
        if self._count > MAX_RULES:
            raise self.faults.too_many(where, MAX_RULES)

    def _rule(self, json: object, scope: Scope, where: str) -> Node:
        if not isinstance(json, Mapping):
            raise self._no_rule(where)
        group = next((name for name in GROUPS if name in json), None)
        if group is None:
            about = next((name for name in SUBJECT_ONLY if name in json), None)
            if about is not None:
                return self._about_subject(about, json, scope, where)
            return self._test(json, scope, where)
        self.operands.only(json, {group, "of"} if group == "at_least" else {group}, where)
        if group == "not":
            return Not(self.rule(json["not"], scope, f"{where}.not"))
        if group == "at_least":
            return self._at_least(json, scope, where)
        rules = self._rules(json[group], scope, f"{where}.{group}")
        return All(rules) if group == "all" else AnyOf(rules)

    def _about_subject(
        self, name: str, json: Mapping[str, object], scope: Scope, where: str
    ) -> Node:
        if scope.inside:
            label = SUBJECT_ONLY[name]
            raise self.faults.refuse(
                f"{name}_inside_where", f"{where}.{name}",
                Text(f"「where」の中で{label.ja}は使えません。",
                     f"{label.en.capitalize()} cannot stand inside `where`."),
                Text("外側で all と組み合わせてください。",
                     "Combine the two outside with `all`."),
            )  # fmt: skip
        if name == "sequence":
            return self.sequences.sequence(json, scope, where)
        if name == "segment":
            return self.sets.segment(json, scope, where)
        return (
            self.sets.list_(json, scope, where) if name == "list" else self.sets.sample(json, where)
        )

    def _at_least(self, json: Mapping[str, object], scope: Scope, where: str) -> Node:
        count = json["at_least"]
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise self.faults.refuse(
                "wrong_type", f"{where}.at_least",
                Text("「at_least」には0以上の整数が必要です。",
                     "`at_least` takes a whole number, 0 or more."),
                Text('例: {"at_least": 2, "of": […]}', 'For example {"at_least": 2, "of": […]}.'),
            )  # fmt: skip
        rules = self._rules(json.get("of"), scope, f"{where}.of")
        if count > len(rules):
            self.faults.warn(
                "never_true", f"{where}.at_least",
                Text(f"{len(rules)}個の条件のうち{count}個を満たすことはありません。",
                     f"{count} of {len(rules)} rules can never be true."),
                Text("数を小さくしてください。", "Lower the number."),
            )  # fmt: skip
        return AtLeast(count, rules)

    def _rules(self, json: object, scope: Scope, where: str) -> tuple[Node, ...]:
        if not isinstance(json, (list, tuple)):
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("条件のリストが必要です。", "A list of rules is needed here."),
                Text("[ ] で囲んでください。", "Put them in [ ]."),
            )  # fmt: skip
        return tuple(self.rule(item, scope, f"{where}[{i}]") for i, item in enumerate(json))

    def _no_rule(self, where: str) -> Refused:
        return self.faults.refuse(
            "wrong_shape", where,
            Text("条件の書き方が正しくありません。", "This is no rule."),
            Text(f"{'、'.join(_SHAPES)} のいずれかで書いてください。",
                 f"Write one of {', '.join(f'`{shape}`' for shape in _SHAPES)}."),
        )  # fmt: skip

    # ── tests ────────────────────────────────────────────────────────────────────────────────────

    def _test(self, json: Mapping[str, object], scope: Scope, where: str) -> Node:
        shape = next((name for name in VALUE_KEYS if name in json), None)
        if shape is None:
            if json:
                name = str(next(iter(json)))
                known = dict.fromkeys(_SHAPES, ())
                raise self.faults.refuse(
                    "unknown_shape", where,
                    Text(f"「{name}」で始まる条件はありません。", f"There is no rule `{name}`."),
                    did_you_mean(name, known, Text("", "")),
                )  # fmt: skip
            raise self._no_rule(where)
        self.operands.only(json, VALUE_KEYS[shape] | {"op", "value", "exact"}, where)
        value = self.values.shaped(shape, json, scope, where)
        if "op" not in json:
            return self._bare(value, json, where)
        op = self._op(json["op"], value, where)
        test = self._operands(json, value, op, scope, where)
        refuse_float_equality(self.faults, test, where)
        return test

    def _bare(self, value: Value, json: Mapping[str, object], where: str) -> Node:
        if (
            isinstance(value, RowsValue)
            and value.measure is MeasureKind.COUNT
            and "value" not in json
            and "exact" not in json
        ):
            return Test(value, Op.GE, (Literal(1, FieldType.INTEGER),))
        ops = OPS[value.type]
        raise self.faults.refuse(
            "op_missing", where,
            Text("比べ方(op)がありません。", "The operator `op` is missing."),
            Text(f"{'、'.join(ops)} のいずれかを書いてください。",
                 f"Write one of {', '.join(ops)}."),
        )  # fmt: skip

    def _op(self, json: object, value: Value, where: str) -> Op:
        ops = OPS[value.type]
        if isinstance(json, str) and json in ops:
            return Op(json)
        name = TYPE_NAMES[value.type]
        known = [op.value for op in Op]
        if json in known:
            message = Text(
                f"「{json}」は{name.ja}には使えません。", f"`{json}` does not work on {name.en}."
            )
            remedy = Text(
                f"{'、'.join(ops)} のいずれかにしてください。", f"Use one of {', '.join(ops)}."
            )
        else:
            message = Text(
                f"「{json}」という比べ方はありません。", f"There is no operator `{json}`."
            )
            remedy = did_you_mean(str(json), {op.value: () for op in ops}, Text("", ""))
        raise self.faults.refuse("unknown_op", f"{where}.op", message, remedy)

    def _operands(
        self, json: Mapping[str, object], value: Value, op: Op, scope: Scope, where: str
    ) -> Test:
        exact = self._exact(json, value, where)
        at = f"{where}.value"
        if op in WITHOUT_OPERAND:
            if "value" in json:
                raise self.faults.refuse(
                    "unknown_key", at,
                    Text(f"「{op}」に値は要りません。", f"`{op}` takes no value."),
                    Text("「value」を外してください。", "Leave `value` out."),
                )  # fmt: skip
            return Test(value, op)
        if "value" not in json:
            raise self.faults.refuse(
                "value_missing", where,
                Text("比べる値(value)がありません。", "The operand `value` is missing."),
                Text("「value」を書いてください。", "Write a `value`."),
            )  # fmt: skip
        operand = json["value"]
        if op in WITH_WINDOW:
            whole_days = op is Op.ANNIVERSARY_DURING
            type_ = FieldType.DATE if whole_days else value.type
            return Test(value, op, window=self.operands.window(operand, type_, at))
        if op in WITH_LIST:
            operands = self._list(operand, value.type, op, scope, at)
        else:
            operands = (self.operands.scalar(operand, _item(value.type), scope, at),)
        for made in operands:
            refuse_senseless(self.faults, made, value, op, at)
        return Test(value, op, operands, exact=exact)

    def _list(
        self, json: object, type_: FieldType, op: Op, scope: Scope, where: str
    ) -> tuple[Operand, ...]:
        if isinstance(json, Mapping) and "user" in json and op is not Op.BETWEEN:
            return (self.operands.scalar(json, _item(type_), scope, where),)
        if not isinstance(json, (list, tuple)):
            raise self.faults.refuse(
                "wrong_shape", where,
                Text(f"「{op}」には値のリストが必要です。", f"`{op}` takes a list of values."),
                Text("[ ] で囲んでください。", "Put them in [ ]."),
            )  # fmt: skip
        if len(json) > MAX_ITEMS:
            raise self.faults.too_many(where, MAX_ITEMS)
        if op is Op.BETWEEN and len(json) != 2:
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("「between」には下限と上限の2つが必要です。",
                     "`between` takes two values, the lower and the upper."),
                Text("例: [10, 20]", "For example [10, 20]."),
            )  # fmt: skip
        return tuple(
            self.operands.scalar(item, _item(type_), scope, f"{where}[{i}]")
            for i, item in enumerate(json)
        )

    def _exact(self, json: Mapping[str, object], value: Value, where: str) -> bool:
        if "exact" not in json:
            return False
        exact = json["exact"]
        if not isinstance(exact, bool) or _item(value.type) is not FieldType.STRING:
            raise self.faults.refuse(
                "wrong_type", f"{where}.exact",
                Text("「exact」は文字列の項目で true か false にします。",
                     "`exact` is true or false, on texts only."),
                Text("「exact」を外してください。", "Leave `exact` out."),
            )  # fmt: skip
        return exact


def _item(type_: FieldType) -> FieldType:
    """What an operand of a value of this type is: of a list of texts, one text."""
    return FieldType.STRING if type_ is FieldType.STRINGS else type_


_NOTHING: Node = AnyOf(())
