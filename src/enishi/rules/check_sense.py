"""What types alone do not catch: patterns that do not compile, days that do not exist, sums of
floating-point numbers compared for equality."""

from __future__ import annotations

from enishi.catalog.types import FieldType
from enishi.kernel.text import Text
from enishi.rules.faults import Faults, did_you_mean
from enishi.rules.patterns import pattern_problem
from enishi.rules.tree import (
    WEEKDAYS,
    FieldValue,
    Literal,
    MeasureKind,
    Op,
    Operand,
    Part,
    RowsValue,
    Test,
    User,
    Value,
)

_SUMS = frozenset({MeasureKind.SUM, MeasureKind.AVG, MeasureKind.MIN, MeasureKind.MAX,
                   MeasureKind.FIRST, MeasureKind.LAST})  # fmt: skip


def refuse_senseless(faults: Faults, operand: Operand, value: Value, op: Op, where: str) -> None:
    """What types alone do not catch: patterns that do not compile, days that do not exist."""
    if op is Op.MATCHES:
        if not isinstance(operand, Literal) or not isinstance(operand.value, str):
            if isinstance(operand, (Literal, User)):
                return
            raise faults.refuse(
                "wrong_type", where,
                Text("「matches」には正規表現をそのまま書きます。",
                     "`matches` takes a pattern, written out."),
                Text("比べる項目があるなら contains などを使ってください。",
                     "To compare with a field use `contains` or the like."),
            )  # fmt: skip
        problem = pattern_problem(operand.value)
        if problem is not None:
            raise faults.refuse(
                "bad_pattern", where,
                Text(f"正規表現として読めません: {problem}", f"This is no pattern: {problem}"),
                Text("RE2 の書き方に直してください。", "Write it in RE2 syntax."),
            )  # fmt: skip
    if (
        isinstance(value, FieldValue)
        and value.path.part is Part.WEEKDAY
        and isinstance(operand, Literal)
        and operand.value is not None
        and op in (Op.EQ, Op.NE, Op.IN, Op.NOT_IN)
        and str(operand.value).casefold() not in WEEKDAYS
    ):
        raise faults.refuse(
            "unknown_weekday", where,
            Text(f"「{operand.value}」という曜日はありません。",
                 f"There is no weekday `{operand.value}`."),
            did_you_mean(str(operand.value), dict.fromkeys(WEEKDAYS, ()), Text("", "")),
        )  # fmt: skip


def refuse_float_equality(faults: Faults, test: Test, where: str) -> None:
    """Refuse to ask whether sums and the like of floating-point numbers are equal."""
    if test.op not in (Op.EQ, Op.NE, Op.IN, Op.NOT_IN):
        return
    values = [test.value, *(o.value for o in test.operands if hasattr(o, "value"))]
    if any(
        isinstance(v, RowsValue) and v.type is FieldType.FLOAT and v.measure in _SUMS
        for v in values
    ):
        raise faults.refuse(
            "float_equality", f"{where}.op",
            Text("浮動小数の集計が等しいかどうかは定まりません。",
                 "Whether floating-point aggregates are equal is not decided."),
            Text("between などの範囲で書くか、項目を decimal 型にしてください。",
                 "Use a range such as `between`, or make the field a decimal."),
        )  # fmt: skip
