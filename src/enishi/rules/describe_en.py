"""The English words of rules."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from enishi.catalog.types import FieldType
from enishi.rules.describe_steps import StepWords
from enishi.rules.tree import TIMES, MeasureKind, Op, Part, Span

_UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_PARTS = {
    Part.YEAR: "year",
    Part.MONTH: "month",
    Part.DAY: "day of the month",
    Part.WEEK: "week number",
    Part.WEEKDAY: "weekday",
    Part.HOUR: "hour",
    Part.DATE: "date",
    Part.AGE: "age",
    Part.SINCE: "time of reaching its present value",
}
_MEASURES = {
    MeasureKind.SUM: "the total of",
    MeasureKind.AVG: "the average of",
    MeasureKind.MIN: "the smallest",
    MeasureKind.MAX: "the largest",
    MeasureKind.DISTINCT: "the number of different values of",
}
_ORDER = {
    Op.LT: "is less than {}",
    Op.LE: "is at most {}",
    Op.GT: "is more than {}",
    Op.GE: "is at least {}",
    Op.EQ: "is {}",
    Op.NE: "is not {}",
}
_ORDER_TIMES = {
    Op.LT: "is before {}",
    Op.LE: "is on or before {}",
    Op.GT: "is after {}",
    Op.GE: "is on or after {}",
    Op.EQ: "is {}",
    Op.NE: "is not {}",
}
_TEXT = {
    Op.CONTAINS: "contains {}",
    Op.NOT_CONTAINS: "does not contain {}",
    Op.STARTS_WITH: "starts with {}",
    Op.ENDS_WITH: "ends with {}",
    Op.MATCHES: "matches the pattern {}",
    Op.HAS: "has {}",
}
_ALONE = {
    Op.IS_SET: "is set",
    Op.IS_NOT_SET: "is not set",
    Op.IS_TRUE: "holds",
    Op.IS_FALSE: "does not hold",
    Op.IS_EMPTY: "is empty",
    Op.IS_NOT_EMPTY: "is not empty",
}
_LISTS = {
    Op.HAS_ANY: "has any of ({})",
    Op.HAS_ALL: "has all of ({})",
    Op.HAS_NONE: "has none of ({})",
}


class English:
    both = ", and "
    either = ", or "
    everybody = "everybody"
    nobody = "nobody"
    any_step = {False: "any event", True: "event"}
    calendar = {
        "today": "today", "yesterday": "yesterday", "tomorrow": "tomorrow",
        "this_week": "this week", "last_week": "last week", "next_week": "next week",
        "this_month": "this month", "last_month": "last month", "next_month": "next month",
        "this_quarter": "this quarter", "last_quarter": "last quarter",
        "next_quarter": "next quarter",
        "this_year": "this year", "last_year": "last year", "next_year": "next year",
        "this_fiscal_quarter": "this fiscal quarter", "last_fiscal_quarter": "last fiscal quarter",
        "this_fiscal_year": "this fiscal year", "last_fiscal_year": "last fiscal year",
    }  # fmt: skip

    def bracket(self, said: str) -> str:
        return f"({said})"

    def negated(self, said: str) -> str:
        return f"not ({said})"

    def at_least(self, count: int, said: list[str]) -> str:
        return f"at least {count} of these {len(said)} ({'; '.join(said)})"

    # ── rows ─────────────────────────────────────────────────────────────────────────────────────

    def relation(self, words: list[str]) -> str:
        return _possessive(words)

    def events(self, names: list[tuple[str, str]]) -> str:
        if not names:
            return "any event"
        return " or ".join(quoted(word) + mark for word, mark in names)

    def where(self, noun: str, said: str) -> str:
        return f"{noun} (where {said})"

    def some(self, noun: str, during: str | None) -> str:
        return f"there is {noun}{_when(during)}"

    def none(self, noun: str, during: str | None) -> str:
        return f"there is no {noun}{_when(during)}"

    def rows(
        self, noun: str, during: str | None, kind: MeasureKind, measured: str | None, events: bool
    ) -> str:
        """A measure as a noun: `the total of amount over “purchase” in the last 30 days`."""
        of = f"{noun}{_when(during)}"
        if kind is MeasureKind.COUNT:
            return f"the number of {'events ' if events else ''}{of}"
        if kind in (MeasureKind.FIRST, MeasureKind.LAST):
            return f"{measured} of the {kind.value} {of}"
        return f"{_MEASURES[kind]} {measured} over {of}"

    def path(self, words: list[str], part: Part | None) -> str:
        said = _possessive(words)
        return said if part is None else f"the {_PARTS[part]} of {said}"

    # ── tests ────────────────────────────────────────────────────────────────────────────────────

    def test(self, op: Op, type_: FieldType, value: str, operands: list[str]) -> str:
        if op in _ALONE:
            return f"{value} {_ALONE[op]}"
        if op is Op.BETWEEN:
            return f"{value} is between {operands[0]} and {operands[1]}"
        if op in (Op.IN, Op.NOT_IN):
            verb = "is" if op is Op.IN else "is not"
            if len(operands) < 2:
                return f"{value} {verb} one of ({''.join(operands)})"
            return f"{value} {verb} {' or '.join(operands)}"
        if op in _LISTS:
            return f"{value} {_LISTS[op].format(', '.join(operands))}"
        if op in _TEXT:
            return f"{value} {_TEXT[op].format(operands[0])}"
        patterns = _ORDER_TIMES if type_ in TIMES else _ORDER
        return f"{value} {patterns[op].format(operands[0])}"

    def window_test(self, op: Op, value: str, window: str) -> str:
        if op is Op.ANNIVERSARY_DURING:
            return f"a later anniversary of {value} falls {window_in(window)}"
        return f"{value} {'falls' if op is Op.DURING else 'does not fall'} {window_in(window)}"

    def exactly(self, said: str) -> str:
        return f"{said} (exactly as written)"

    # ── the subject itself ───────────────────────────────────────────────────────────────────────

    def in_segment(self, word: tuple[str, str], *, inside: bool) -> str:
        return f"is {'' if inside else 'not '}in the segment {_named(word)}"

    def crossing(self, word: tuple[str, str], crossing: str, window: str, *, inside: bool) -> str:
        verb = {
            ("entered", True): "entered", ("entered", False): "did not enter",
            ("left", True): "left", ("left", False): "did not leave",
        }[crossing, inside]  # fmt: skip
        return f"{verb} the segment {_named(word)} {window_in(window)}"

    def on_list(
        self, word: tuple[str, str], statuses: list[tuple[str, str]], *, inside: bool
    ) -> str:
        said = f"is {'' if inside else 'not '}on the list {_named(word)}"
        if not statuses:
            return f"{said}, open or being worked on"
        return f"{said} with the status {' or '.join(map(_named, statuses))}"

    def sequence(self, steps: list[StepWords], during: str | None, same: str | None) -> str:
        """`there is “A”, then within 14 days no “B”, then after that “A” “C” (in the last …)`"""
        said = [f"there is {steps[0].noun}"]
        if len(steps) == 1:
            said[0] += " as a sequence of its own"
        for before, step in pairwise(steps):
            after = f" after that {step.last}" if before.absent else ""
            within = "" if step.within is None else f" within {_length(step.within)}"
            said.append(f"then{after}{within}{' no' if step.absent else ''} {step.noun}")
        about = [
            *([window_in(during)] if during else []),
            *([f"sharing {same}"] if same else []),
        ]
        return ", ".join(said) + (f" ({'; '.join(about)})" if about else "")

    def sample(self, percent: str, salt: str, *, inside: bool) -> str:
        return f"is {'' if inside else 'not '}in the {percent}% sample {quoted(salt)}"

    # ── operands ─────────────────────────────────────────────────────────────────────────────────

    def text(self, value: str) -> str:
        return quoted(value)

    def boolean(self, value: bool) -> str:
        return "true" if value else "false"

    def date(self, value: date) -> str:
        return value.isoformat()

    def today(self, span: Span) -> str:
        return "today" if span.amount == 0 else f"the day {_ago(span)}"

    def now(self, span: Span) -> str:
        return "now" if span.amount == 0 else f"the instant {_ago(span)}"

    def user(self, name: str) -> str:
        return f"the user's {quoted(name)}"

    def field_operand(self, path: str) -> str:
        return f"[{path}]"

    def subject_operand(self, path: str) -> str:
        return f"[the subject's {path}]"

    def computed(self, value: str, times: str | None, plus: str | None) -> str:
        said = f"[{value}]"
        if times is not None:
            said += f" times {times}"
        return said if plus is None else f"{said} plus {plus}"

    # ── windows ──────────────────────────────────────────────────────────────────────────────────

    def last(self, span: Span) -> str:
        return f"the last {_length(span)}"

    def next(self, span: Span) -> str:
        return f"the next {_length(span)}"

    def from_to(self, start: str | None, end: str | None) -> str:
        if start is None:
            return f"the time before {end}"
        return f"the time from {start}" + ("" if end is None else f" to before {end}")


def quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("“", "\\“").replace("”", "\\”")
    return f"“{escaped}”"


def _named(word: tuple[str, str]) -> str:
    return quoted(word[0]) + word[1]


def _possessive(words: list[str]) -> str:
    """`account's branch's region`, `owned accounts' loans`."""
    owners = [f"{word}'" if word.endswith("s") else f"{word}'s" for word in words[:-1]]
    return " ".join([*owners, words[-1]])


def window_in(window: str) -> str:
    return f"in {window}" if window.startswith("the ") else window


def _when(during: str | None) -> str:
    return f" {window_in(during)}" if during else ""


def _length(span: Span) -> str:
    return f"{span.amount:,} {_UNITS[span.unit]}{'' if span.amount == 1 else 's'}"


def _ago(span: Span) -> str:
    plural = "" if abs(span.amount) == 1 else "s"
    when = "ago" if span.amount < 0 else "from now"
    return f"{abs(span.amount):,} {_UNITS[span.unit]}{plural} {when}"
