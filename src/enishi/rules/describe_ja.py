"""The Japanese words of rules."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

from enishi.catalog.types import FieldType
from enishi.rules.describe_steps import StepWords
from enishi.rules.tree import TIMES, MeasureKind, Op, Part, Span

_BARE = re.compile(r"[一-鿿々ァ-ヺー]+\Z")
_UNITS = {"m": "分", "h": "時間", "d": "日", "w": "週", "mo": "か月", "y": "年"}
_PARTS = {
    Part.YEAR: "年",
    Part.MONTH: "月",
    Part.DAY: "日",
    Part.WEEK: "週番号",
    Part.WEEKDAY: "曜日",
    Part.HOUR: "時",
    Part.DATE: "日付",
    Part.AGE: "年齢",
    Part.SINCE: "現在の値になった時",
}
_MEASURES = {
    MeasureKind.SUM: "合計",
    MeasureKind.AVG: "平均",
    MeasureKind.MIN: "最小",
    MeasureKind.MAX: "最大",
    MeasureKind.DISTINCT: "種類数",
}
_ORDER = {
    Op.LT: "{}未満",
    Op.LE: "{}以下",
    Op.GT: "{}より大きい",
    Op.GE: "{}以上",
    Op.EQ: "{}と等しい",
    Op.NE: "{}と等しくない",
}
COUNTED = _ORDER | {Op.EQ: "ちょうど{}", Op.NE: "{}ではない", Op.GT: "{}より多い"}
"""How a count is compared with a number."""
_ORDER_TIMES = {
    Op.LT: "{}より前",
    Op.LE: "{}以前",
    Op.GT: "{}より後",
    Op.GE: "{}以後",
    Op.EQ: "{}と同じ",
    Op.NE: "{}と同じではない",
}
_TEXT = {
    Op.EQ: "が{}",
    Op.NE: "が{}ではない",
    Op.CONTAINS: "に{}を含む",
    Op.NOT_CONTAINS: "に{}を含まない",
    Op.STARTS_WITH: "が{}で始まる",
    Op.ENDS_WITH: "が{}で終わる",
    Op.MATCHES: "が正規表現{}に合う",
    Op.HAS: "に{}がある",
}
_ALONE = {
    Op.IS_SET: "が設定されている",
    Op.IS_NOT_SET: "が設定されていない",
    Op.IS_TRUE: "がはい",
    Op.IS_FALSE: "がいいえ",
    Op.IS_EMPTY: "が空",
    Op.IS_NOT_EMPTY: "が空ではない",
}
_LISTS = {
    Op.HAS_ANY: "に{}のいずれかがある",
    Op.HAS_ALL: "に{}のすべてがある",
    Op.HAS_NONE: "に{}のいずれもない",
}


class Japanese:
    both = "、かつ "
    either = "、または "
    everybody = "すべての対象"
    nobody = "該当なし"
    any_step = {False: "イベント", True: "イベント"}
    calendar = {
        "today": "今日", "yesterday": "昨日", "tomorrow": "明日",
        "this_week": "今週", "last_week": "先週", "next_week": "来週",
        "this_month": "今月", "last_month": "先月", "next_month": "来月",
        "this_quarter": "今四半期", "last_quarter": "前四半期", "next_quarter": "次の四半期",
        "this_year": "今年", "last_year": "昨年", "next_year": "来年",
        "this_fiscal_quarter": "今の会計四半期", "last_fiscal_quarter": "前の会計四半期",
        "this_fiscal_year": "今年度", "last_fiscal_year": "前年度",
    }  # fmt: skip

    def bracket(self, said: str) -> str:
        return f"（{said}）"

    def negated(self, said: str) -> str:
        return f"（{said}）に当てはまらない"

    def at_least(self, count: int, said: list[str]) -> str:
        return f"次の{len(said)}個のうち{count}個以上（{'；'.join(said)}）"

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def relation(self, words: list[str]) -> str:
        return "の".join(words)

    def events(self, names: list[tuple[str, str]]) -> str:
        if not names:
            return "すべてのイベント"
        return "・".join(quoted(word) + mark for word, mark in names)

    def where(self, noun: str, said: str) -> str:
        return f"{noun}（{said}）"

    def some(self, noun: str, during: str | None) -> str:
        return f"{_when(during)}{noun}がある"

    def none(self, noun: str, during: str | None) -> str:
        return f"{_when(during)}{noun}がない"

    def count_test(
        self, op: Op, noun: str, during: str | None, operand: str, *, events: bool
    ) -> str:
        """`直近30日間に「購入」が3回以上`"""
        number = f"{operand}{'回' if events else '件'}"
        return f"{_when(during)}{noun}が{COUNTED[op].format(number)}"

    def rows(
        self, noun: str, during: str | None, kind: MeasureKind, measured: str | None, events: bool
    ) -> str:
        """A measure as a noun: `直近30日間の「購入」の金額の合計`."""
        of = f"{during}の{noun}" if during else noun
        if kind is MeasureKind.COUNT:
            return f"{of}の{'回数' if events else '件数'}"
        if kind in (MeasureKind.FIRST, MeasureKind.LAST):
            end = "最初" if kind is MeasureKind.FIRST else "最後"
            return (
                f"{during}の{end}の{noun}の{measured}" if during else f"{end}の{noun}の{measured}"
            )
        return f"{of}の{measured}の{_MEASURES[kind]}"

    def path(self, words: list[str], part: Part | None) -> str:
        said = "の".join(words)
        return said if part is None else f"{said}の{_PARTS[part]}"

    # ── tests ────────────────────────────────────────────────────────────────────────────────────

    def test(self, op: Op, type_: FieldType, value: str, operands: list[str]) -> str:
        if op in _ALONE:
            return value + _ALONE[op]
        if op is Op.BETWEEN:
            low, high = operands
            words = ("以後", "以前") if type_ in TIMES else ("以上", "以下")
            return f"{value}が{low}{words[0]}{high}{words[1]}"
        if op in (Op.IN, Op.NOT_IN):
            end = "" if op is Op.IN else "のいずれでもない"
            if len(operands) < 2:
                return f"{value}が次のいずれか（{''.join(operands)}）{end}"
            return f"{value}が{'または'.join(operands)}{end}"
        if op in _LISTS:
            return value + _LISTS[op].format(f"（{'・'.join(operands)}）")
        if op in (Op.EQ, Op.NE) and type_ not in (FieldType.STRING, FieldType.STRINGS):
            patterns = _ORDER_TIMES if type_ in TIMES else _ORDER
            return f"{value}が{patterns[op].format(operands[0])}"
        if op in _TEXT:
            return value + _TEXT[op].format(operands[0])
        patterns = _ORDER_TIMES if type_ in TIMES else _ORDER
        return f"{value}が{patterns[op].format(operands[0])}"

    def window_test(self, op: Op, value: str, window: str) -> str:
        if op is Op.ANNIVERSARY_DURING:
            return f"{value}と同じ月日が後の年の{window}に来る"
        return f"{value}が{window}に入{'る' if op is Op.DURING else 'らない'}"

    def exactly(self, said: str) -> str:
        return f"{said}（表記どおり）"

    # ── the subject itself ───────────────────────────────────────────────────────────────────────

    def in_segment(self, word: tuple[str, str], *, inside: bool) -> str:
        return f"セグメント{_named(word)}に入ってい{'る' if inside else 'ない'}"

    def crossing(self, word: tuple[str, str], crossing: str, window: str, *, inside: bool) -> str:
        """`セグメント「X」に直近30日間に入った`"""
        verb = {
            ("entered", True): "入った", ("entered", False): "入ったことがない",
            ("left", True): "外れた", ("left", False): "外れたことがない",
        }[crossing, inside]  # fmt: skip
        particle = "に" if crossing == "entered" else "から"
        return f"セグメント{_named(word)}{particle}{window}に{verb}"

    def on_list(
        self, word: tuple[str, str], statuses: list[tuple[str, str]], *, inside: bool
    ) -> str:
        end = "る" if inside else "ない"
        if not statuses:
            return f"リスト{_named(word)}に未完了で載ってい{end}"
        states = "または".join(map(_named, statuses))
        return f"リスト{_named(word)}に{states}の状態で載ってい{end}"

    def sequence(self, steps: list[StepWords], during: str | None, same: str | None) -> str:
        """`「A」のあと14日以内に「B」がなく、その「A」のあとに「C」がある（直近6か月間）`"""
        said = [steps[0].noun]
        if len(steps) == 1:
            said.append("だけの順序がある")
        for before, step in pairwise(steps):
            follows = _follows(before, step, first=before is steps[0])
            ending = step is steps[-1]
            there = (
                ("がない" if ending else "がなく")
                if step.absent
                else ("がある" if ending else "があり")
            )
            said.append(f"{follows}{step.noun}{there}")
        about = [*([during] if during else []), *([f"{same}が同じ"] if same else [])]
        return "".join(said) + (f"（{'、'.join(about)}）" if about else "")

    def sample(self, percent: str, salt: str, *, inside: bool) -> str:
        return f"{quoted(salt)}で抽出した{percent}％に入{'る' if inside else 'らない'}"

    # ── operands ─────────────────────────────────────────────────────────────────────────────────

    def text(self, value: str) -> str:
        """A text as it is when it cannot be mistaken for anything else, else in 「」."""
        return value if _BARE.match(value) else quoted(value)

    def boolean(self, value: bool) -> str:
        return "はい" if value else "いいえ"

    def date(self, value: date) -> str:
        return f"{value.year}年{value.month}月{value.day}日"

    def today(self, span: Span) -> str:
        return "今日" if span.amount == 0 else f"{_ago(span)}の日"

    def now(self, span: Span) -> str:
        return "現在" if span.amount == 0 else f"{_ago(span)}の時点"

    def user(self, name: str) -> str:
        return f"利用者の属性{quoted(name)}"

    def field_operand(self, path: str) -> str:
        return f"『{path}』の値"

    def subject_operand(self, path: str) -> str:
        return f"対象者の『{path}』の値"

    def computed(self, value: str, times: str | None, plus: str | None) -> str:
        said = f"『{value}』"
        if times is not None:
            said += f"の{times}倍"
        return said if plus is None else f"{said}に{plus}を加えた値"

    # ── windows ──────────────────────────────────────────────────────────────────────────────────

    def last(self, span: Span) -> str:
        return f"直近{_length(span)}"

    def next(self, span: Span) -> str:
        return f"今後{_length(span)}"

    def from_to(self, start: str | None, end: str | None) -> str:
        if start is None:
            return f"{end}より前の期間"
        return f"{start}以後の期間" if end is None else f"{start}以後{end}より前の期間"


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("「", "\\「").replace("」", "\\」")
    return f"「{escaped}」"


def _named(word: tuple[str, str]) -> str:
    return quoted(word[0]) + word[1]


def _follows(before: StepWords, step: StepWords, *, first: bool) -> str:
    """How a step is joined to what was said: by name where the step said last did not happen."""
    time = ""
    if step.within is not None:
        unit = "週間" if step.within.unit == "w" else _UNITS[step.within.unit]
        time = f"{step.within.amount:,}{unit}以内"
    if first:
        return f"のあと{time}に"
    if before.absent:
        return f"、その{step.last}のあと{time}に"
    return f"、そのあと{time}に"


def _when(during: str | None) -> str:
    return f"{during}に" if during else ""


def _length(span: Span) -> str:
    unit = _UNITS[span.unit]
    return f"{span.amount:,}{unit}{'' if span.unit == 'h' else '間'}"


def _ago(span: Span) -> str:
    return f"{abs(span.amount):,}{_UNITS[span.unit]}{'前' if span.amount < 0 else '後'}"
