"""Typing what a test compares with: literals, relative dates, other fields, computed values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from zoneinfo import ZoneInfo

from enishi.catalog.types import FieldType
from enishi.kernel.text import Text
from enishi.rules.check_paths import Paths, Scope
from enishi.rules.faults import Faults, did_you_mean, short
from enishi.rules.tree import (
    NUMBERS,
    TIMES,
    CalendarWindow,
    Computed,
    FieldOperand,
    FromTo,
    LastWindow,
    Literal,
    NextWindow,
    Now,
    Operand,
    Span,
    SubjectOperand,
    Today,
    User,
    Value,
    Window,
)
from enishi.rules.windows import CALENDAR_NAMES, instant_of

_SPAN = re.compile(r"([+-]?)(\d{1,6})(mo|[mhdwy])\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DIGITS = 60
"""How many a number may have before or after its point: more than any column holds."""

TYPE_NAMES: Mapping[FieldType, Text] = {
    FieldType.STRING: Text("文字列", "text"),
    FieldType.INTEGER: Text("整数", "a whole number"),
    FieldType.DECIMAL: Text("小数", "a decimal number"),
    FieldType.FLOAT: Text("数値", "a number"),
    FieldType.BOOLEAN: Text("真偽(true / false)", "true or false"),
    FieldType.DATE: Text("日付", "a date"),
    FieldType.TIMESTAMP: Text("日時", "a date and time"),
    FieldType.STRINGS: Text("文字列のリスト", "a list of texts"),
}
OPERAND_SHAPES = ("field", "subject", "today", "now", "user", "of")


def span_of(text: object) -> Span | None:
    """The span written as `30d`, `-2h`, `+1mo`; None when it is not one."""
    if not isinstance(text, str) or (match := _SPAN.match(text)) is None:
        return None
    sign, digits, unit = match.groups()
    return Span(int(digits) * (-1 if sign == "-" else 1), unit)


def exact_number(value: object) -> Decimal | None:
    """A JSON number as a decimal, exactly as written; None when it is no number or has more than
    sixty digits before or after its point."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = Decimal(repr(value)) if isfinite(value) else None
    if not isinstance(value, (int, Decimal)):
        return None
    number = Decimal(value)
    if not number:
        return Decimal(0)
    exponent = number.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -_DIGITS and number.adjusted() < _DIGITS
    return number if fits else None


_MOST = {"times": 10**9, "plus": 10**18}
_PLACES = 9
"""Beyond these a product could be more than an engine's widest number holds: the question would end
in an error for one person's value and not for another's, also for those beyond a row scope."""


def _soberly(number: Decimal, most: int) -> bool:
    exponent = number.normalize().as_tuple().exponent
    return abs(number) <= most and isinstance(exponent, int) and exponent >= -_PLACES


def comparable(left: FieldType, right: FieldType) -> bool:
    if left in NUMBERS:
        return right in NUMBERS
    return right in TIMES if left in TIMES else left is right


class Operands:
    """Reads operands and windows. `value_of` types a nested value (for `{"of": …}`)."""

    def __init__(
        self,
        paths: Paths,
        faults: Faults,
        user_fields: frozenset[str] | None,
        value_of: Callable[[object, Scope, str], Value],
    ) -> None:
        self.paths = paths
        self.faults = faults
        self.user_fields = user_fields
        self._value_of = value_of

    @property
    def zone(self) -> ZoneInfo:
        return self.paths.catalog.zone

    # ── one operand ──────────────────────────────────────────────────────────────────────────────

    def scalar(self, json: object, type_: FieldType, scope: Scope, where: str) -> Operand:
        """An operand to compare with one value of `type_`."""
        if not isinstance(json, Mapping):
            return self.literal(json, type_, where)
        shape = next((name for name in OPERAND_SHAPES if name in json), None)
        if shape is None:
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("比べる相手の書き方が正しくありません。", "This is no operand."),
                Text(f"値そのもの、または {'、'.join(OPERAND_SHAPES)} のいずれかで書いてください。",
                     f"Write a literal, or one of {', '.join(OPERAND_SHAPES)}."),
            )  # fmt: skip
        allowed = {shape, "times", "plus"} if shape == "of" else {shape}
        self.only(json, allowed, where)
        made = self._shaped(shape, json, type_, scope, where)
        found = operand_type(made)
        if not comparable(type_, found):
            raise self._wrong_type(type_, found, where)
        return made

    def _shaped(
        self, shape: str, json: Mapping[str, object], type_: FieldType, scope: Scope, where: str
    ) -> Operand:
        inner = f"{where}.{shape}"
        if shape == "field":
            return FieldOperand(self.paths.resolve(json["field"], scope, inner))
        if shape == "subject":
            outer = Scope((scope.subject,), scope.subject, False, False, scope.subject)
            return SubjectOperand(self.paths.resolve(json["subject"], outer, inner))
        if shape == "user":
            return self._user(json["user"], type_, inner)
        if shape == "of":
            return self._computed(json, scope, where)
        return self._relative(shape, json[shape], inner)

    def _relative(self, shape: str, text: object, where: str) -> Today | Now:
        span = span_of(text)
        if span is None:
            raise self._bad_span(text, where, '"-30d"')
        if shape == "now":
            return Now(span if span.amount else Span(0, "h"))
        if span.exact:
            raise self.faults.refuse(
                "hours_on_a_date", where,
                Text("日付に時間(h)や分(m)は使えません。",
                     "A date cannot step by hours or minutes."),
                Text('{"now": …} を使うか、d w mo y で書いてください。',
                     'Use {"now": …}, or the units d w mo y.'),
            )  # fmt: skip
        return Today(span if span.amount else Span(0, "d"))

    def _user(self, name: object, type_: FieldType, where: str) -> User:
        if self.user_fields is None:
            raise self.faults.refuse(
                "user_not_here", where,
                Text("{\"user\"} は役割の参照範囲とリストの絞り込みでだけ使えます。",
                     '{"user"} may stand only in row scopes of roles and in list filters.'),
                Text("値そのものを書いてください。", "Write the value itself."),
            )  # fmt: skip
        if not isinstance(name, str) or name not in self.user_fields:
            raise self.faults.refuse(
                "unknown_user_field", where,
                Text(f"利用者に属性「{name}」はありません。", f"Users have no attribute `{name}`."),
                did_you_mean(str(name), dict.fromkeys(sorted(self.user_fields), ()),
                             Text("利用者の属性を設定してください。",
                                  "Give users that attribute.")),
            )  # fmt: skip
        return User(name, type_)

    def _computed(self, json: Mapping[str, object], scope: Scope, where: str) -> Computed:
        value = self._value_of(json["of"], scope, f"{where}.of")
        numbers: list[Decimal | None] = []
        for name in ("times", "plus"):
            number = exact_number(json[name]) if name in json else None
            if name in json and number is None:
                raise self.faults.refuse(
                    "wrong_type", f"{where}.{name}",
                    Text(f"「{name}」には数値が必要です。", f"`{name}` takes a number."),
                    Text("例: 0.7", "For example 0.7."),
                )  # fmt: skip
            if number is not None and value.type not in NUMBERS:
                raise self.faults.refuse(
                    "wrong_type", f"{where}.{name}",
                    Text(f"「{name}」は数値にだけ使えます。", f"`{name}` works on numbers only."),
                    Text(f"「{name}」を外してください。", f"Leave `{name}` out."),
                )  # fmt: skip
            if number is not None and not _soberly(number, _MOST[name]):
                raise self.faults.refuse(
                    "out_of_range", f"{where}.{name}",
                    Text(f"「{name}」の数値が大きすぎるか、細かすぎます。",
                         f"`{name}` is too large or has too many decimal places."),
                    Text(f"{_MOST[name]:,}以下で、小数点以下{_PLACES}桁以内にしてください。",
                         f"Stay within {_MOST[name]:,} and {_PLACES} decimal places."),
                )  # fmt: skip
            numbers.append(number)
        return Computed(value, numbers[0], numbers[1])

    # ── literals ─────────────────────────────────────────────────────────────────────────────────

    def literal(self, json: object, type_: FieldType, where: str) -> Literal:
        """A literal for values of `type_`: dates and times written as ISO text."""
        if json == "" and isinstance(json, str):
            self.faults.warn(
                "empty_text", where,
                Text("空の文字列は未設定と同じなので、何とも一致しません。",
                     "The empty text is unset, so nothing compares with it."),
                Text("is_not_set を使ってください。", "Use is_not_set."),
            )  # fmt: skip
            return Literal(None, type_)
        if type_ in NUMBERS:
            number = exact_number(json)
            if number is not None:
                whole = number == number.to_integral_value()
                return Literal(int(number) if whole else plain(number), type_)
        elif type_ is FieldType.BOOLEAN and isinstance(json, bool):
            return Literal(json, type_)
        elif type_ in (FieldType.STRING, FieldType.STRINGS) and isinstance(json, str):
            return Literal(json, FieldType.STRING)
        elif type_ in TIMES and isinstance(json, str):
            moment = self.moment(json)
            if moment is not None:
                return moment
        if json is None:
            raise self.faults.refuse(
                "null_operand", where,
                Text("null とは比べられません。", "Nothing can be compared with null."),
                Text("未設定かどうかは is_set / is_not_set で調べてください。",
                     "Ask is_set or is_not_set."),
            )  # fmt: skip
        name = TYPE_NAMES[type_]
        raise self.faults.refuse(
            "wrong_type", where,
            Text(f"{name.ja}が必要ですが、{short(json)} が書かれています。",
                 f"This takes {name.en}, not {short(json)}."),
            Text("例: 2026-04-01" if type_ in TIMES else "項目の型に合わせてください。",
                 "For example 2026-04-01." if type_ in TIMES else "Match the type of the field."),
        )  # fmt: skip

    def moment(self, text: str) -> Literal | None:
        """A date (`2026-04-01`) or an instant (ISO; without an offset in the workspace's zone)."""
        try:
            if _DATE.match(text):
                return Literal(date.fromisoformat(text), FieldType.DATE)
            if len(text) < 16 or text[4:5] != "-":
                return None
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        try:
            aware = instant_of(found, self.zone) if found.tzinfo is None else found.astimezone(UTC)
        except OverflowError:
            return None
        return Literal(aware, FieldType.TIMESTAMP)

    # ── windows ──────────────────────────────────────────────────────────────────────────────────

    def window(self, json: object, type_: FieldType, where: str) -> Window:
        """A window on values of `type_` (DATE or TIMESTAMP)."""
        if not isinstance(json, Mapping):
            raise self._no_window(where)
        if "last" in json or "next" in json:
            shape = "last" if "last" in json else "next"
            self.only(json, {shape}, where)
            span = span_of(json[shape])
            if span is None or span.amount <= 0 or str(json[shape]).startswith("+"):
                raise self._bad_span(json[shape], f"{where}.{shape}", '"30d"')
            if span.exact and type_ is FieldType.DATE:
                raise self.faults.refuse(
                    "hours_on_a_date", f"{where}.{shape}",
                    Text("日付に時間(h)や分(m)の期間は使えません。",
                         "A window of hours or minutes cannot be used on dates."),
                    Text("d w mo y で書いてください。", "Use the units d w mo y."),
                )  # fmt: skip
            return LastWindow(span) if shape == "last" else NextWindow(span)
        if "calendar" in json:
            self.only(json, {"calendar"}, where)
            name = json["calendar"]
            if not isinstance(name, str) or name not in CALENDAR_NAMES:
                raise self.faults.refuse(
                    "unknown_calendar_name", f"{where}.calendar",
                    Text(f"「{name}」という期間はありません。", f"There is no period `{name}`."),
                    did_you_mean(str(name), dict.fromkeys(CALENDAR_NAMES, ()),
                                 Text("", "")),
                )  # fmt: skip
            return CalendarWindow(name)
        if "from" not in json and "to" not in json:
            raise self._no_window(where)
        self.only(json, {"from", "to"}, where)
        edges = [
            self._edge(json[name], f"{where}.{name}") if name in json else None
            for name in ("from", "to")
        ]
        return FromTo(edges[0], edges[1])

    def _edge(self, json: object, where: str) -> Literal | Today | Now:
        if isinstance(json, Mapping):
            for shape in ("today", "now"):
                if shape in json:
                    self.only(json, {shape}, where)
                    return self._relative(shape, json[shape], f"{where}.{shape}")
            raise self._no_window(where)
        found = self.moment(json) if isinstance(json, str) else None
        if found is None:
            raise self.faults.refuse(
                "wrong_type", where,
                Text(f"日付か日時が必要ですが、{short(json)} が書かれています。",
                     f"This takes a date or a time, not {short(json)}."),
                Text('例: 2026-04-01、{"today": "-30d"}',
                     'For example 2026-04-01 or {"today": "-30d"}.'),
            )  # fmt: skip
        return found

    # ── faults ───────────────────────────────────────────────────────────────────────────────────

    def only(self, json: Mapping[str, object], allowed: set[str], where: str) -> None:
        """Refuse keys that this shape does not have."""
        for name in json:
            if name not in allowed:
                raise self.faults.refuse(
                    "unknown_key", f"{where}.{name}",
                    Text(f"ここに「{name}」は書けません。", f"`{name}` cannot stand here."),
                    did_you_mean(str(name), dict.fromkeys(sorted(allowed - set(json)), ()),
                                 Text(f"「{name}」を外してください。", f"Leave `{name}` out.")),
                )  # fmt: skip

    def _no_window(self, where: str) -> Exception:
        return self.faults.refuse(
            "wrong_shape", where,
            Text("期間の書き方が正しくありません。", "This is no window."),
            Text('{"last": "30d"}、{"next": "7d"}、{"from": …, "to": …}、'
                 '{"calendar": "this_month"} のいずれかで書いてください。',
                 'Write {"last": "30d"}, {"next": "7d"}, {"from": …, "to": …} or '
                 '{"calendar": "this_month"}.'),
        )  # fmt: skip

    def _bad_span(self, text: object, where: str, example: str) -> Exception:
        return self.faults.refuse(
            "bad_duration", where,
            Text(f"{short(text)} は長さとして読めません。", f"{short(text)} is no duration."),
            Text(f"数と単位(m h d w mo y)で書いてください。例: {example}",
                 f"Write a number and a unit (m h d w mo y), for example {example}."),
        )  # fmt: skip

    def _wrong_type(self, wanted: FieldType, found: FieldType, where: str) -> Exception:
        need, have = TYPE_NAMES[wanted], TYPE_NAMES[found]
        return self.faults.refuse(
            "wrong_type", where,
            Text(f"{need.ja}と{have.ja}は比べられません。",
                 f"{need.en.capitalize()} cannot be compared with {have.en}."),
            Text("同じ型の項目を選んでください。", "Choose a field of the same type."),
        )  # fmt: skip


def operand_type(operand: Operand) -> FieldType:
    """The type an operand yields."""
    if isinstance(operand, (Literal, User)):
        return operand.type
    if isinstance(operand, Today):
        return FieldType.DATE
    if isinstance(operand, Now):
        return FieldType.TIMESTAMP
    if isinstance(operand, Computed):
        return operand.value.type
    return operand.path.type


def plain(number: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent, so that equal numbers are written equal."""
    text = format(number, "f")
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
