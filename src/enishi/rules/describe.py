"""A rule or value as one sentence that says the same, in Japanese or English."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from enishi.catalog.types import Catalog, FieldType
from enishi.kernel.text import Locale
from enishi.rules.describe_en import English
from enishi.rules.describe_ja import COUNTED, Japanese
from enishi.rules.describe_labels import Labels
from enishi.rules.describe_steps import StepWords
from enishi.rules.tree import (
    All,
    AnyOf,
    AtLeast,
    Computed,
    FieldOperand,
    FieldValue,
    FromTo,
    LastWindow,
    Literal,
    MeasureKind,
    Membership,
    NextWindow,
    Node,
    Not,
    Now,
    Op,
    Operand,
    Path,
    RowsValue,
    Sample,
    Sequence,
    SubjectOperand,
    Test,
    Today,
    User,
    Value,
    Window,
)
from enishi.rules.windows import instant_of
from enishi.rules.write import flat

Voice = Japanese | English


def describe_tree(tree: Node | Value, catalog: Catalog, locale: Locale) -> str:
    """The sentence of a rule, or the phrase of a value."""
    teller = _teller(_Same(catalog), locale)
    if isinstance(tree, (FieldValue, RowsValue)):
        return teller.value(tree)
    return teller.rule(flat(tree))


class _Same:
    """A catalog as a cache key: by identity, since its mappings do not hash."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __hash__(self) -> int:
        return id(self.catalog)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.catalog is self.catalog


@lru_cache(maxsize=8)
def _teller(same: _Same, locale: Locale) -> Teller:
    return Teller(same.catalog, locale)


class Teller:
    """Walks a tree; the voice of the language has the words."""

    def __init__(self, catalog: Catalog, locale: Locale) -> None:
        self.labels = Labels(catalog, locale)
        self.voice: Voice = Japanese() if locale == "ja" else English()
        self.zone: ZoneInfo = catalog.zone

    # ── rules ────────────────────────────────────────────────────────────────────────────────────

    def rule(self, node: Node) -> str:
        if isinstance(node, Test):
            return self.test(node)
        if isinstance(node, Not):
            return self._not(node.rule)
        if isinstance(node, Membership):
            return self._membership(node, inside=True)
        if isinstance(node, Sequence):
            return self._sequence(node)
        if isinstance(node, Sample):
            return self.voice.sample(plain(node.percent), node.salt, inside=True)
        if isinstance(node, AtLeast):
            return self.voice.at_least(node.count, [self.rule(rule) for rule in node.rules])
        if not node.rules:
            return self.voice.everybody if isinstance(node, All) else self.voice.nobody
        parts = [self._inside(rule) for rule in node.rules]
        return (self.voice.both if isinstance(node, All) else self.voice.either).join(parts)

    def _inside(self, node: Node) -> str:
        """A part of an `and` or `or`, in brackets where it is one itself."""
        said = self.rule(node)
        several = isinstance(node, (All, AnyOf)) and len(node.rules) > 1
        return self.voice.bracket(said) if several else said

    def _not(self, node: Node) -> str:
        if isinstance(node, Test) and _asks_any(node):
            assert isinstance(node.value, RowsValue)
            return self.voice.none(self._noun(node.value), self._during(node.value))
        if isinstance(node, Membership):
            return self._membership(node, inside=False)
        if isinstance(node, Sample):
            return self.voice.sample(plain(node.percent), node.salt, inside=False)
        return self.voice.negated(self.rule(node))

    def _membership(self, node: Membership, *, inside: bool) -> str:
        voice = self.voice
        if node.kind == "list":
            statuses = [self.labels.status(node.slug, name) for name in node.statuses or ()]
            return voice.on_list(self.labels.list(node.slug), statuses, inside=inside)
        word = self.labels.segment(node.slug)
        if node.crossing is None or node.window is None:
            return voice.in_segment(word, inside=inside)
        window = self.window(node.window)
        return voice.crossing(word, node.crossing, window, inside=inside)

    def _sequence(self, node: Sequence) -> str:
        voice = self.voice
        told = []
        last = ""
        for step in node.steps:
            names = [self.labels.event(name) for name in step.events]
            noun = voice.events(names) if names else voice.any_step[step.absent]
            where = step.branches[0].where
            said = noun if where is None else voice.where(noun, self.rule(flat(where)))
            told.append(StepWords(said, step.within, step.absent, last))
            last = last if step.absent else noun
        during = None if node.during is None else self.window(node.during)
        same = node.steps[0].branches[0].path
        return voice.sequence(told, during, None if same is None else self.path(same))

    # ── tests ────────────────────────────────────────────────────────────────────────────────────

    def test(self, test: Test) -> str:
        value = test.value
        if isinstance(value, RowsValue) and _asks_any(test):
            return self.voice.some(self._noun(value), self._during(value))
        said = self.value(value)
        if test.window is not None:
            return self.voice.window_test(test.op, said, self.window(test.window))
        operands = [self._operand_beside(value, o) for o in test.operands]
        kind = value.type
        if isinstance(self.voice, Japanese) and _counts_plainly(test):
            assert isinstance(value, RowsValue)
            noun, during, events = self._noun(value), self._during(value), value.relation is None
            return self.voice.count_test(test.op, noun, during, operands[0], events=events)
        sentence = self.voice.test(test.op, kind, said, operands)
        return self.voice.exactly(sentence) if test.exact else sentence

    def _operand_beside(self, value: Value, operand: Operand) -> str:
        """An operand; a consent's purpose goes by its label."""
        purpose = operand.value if isinstance(operand, Literal) else None
        if not isinstance(purpose, str) or not self.labels.is_purpose(value):
            return self.operand(operand)
        word, mark = self.labels.purpose(purpose)
        return self.voice.text(word) + mark

    def operand(self, operand: Operand) -> str:
        voice = self.voice
        if isinstance(operand, Literal):
            return self.literal(operand)
        if isinstance(operand, Today):
            return voice.today(operand.span)
        if isinstance(operand, Now):
            return voice.now(operand.span)
        if isinstance(operand, User):
            return voice.user(operand.name)
        if isinstance(operand, FieldOperand):
            return voice.field_operand(self.path(operand.path))
        if isinstance(operand, SubjectOperand):
            return voice.subject_operand(self.path(operand.path))
        assert isinstance(operand, Computed)
        times = None if operand.times is None else plain(operand.times)
        plus = None if operand.plus is None else plain(operand.plus)
        return voice.computed(self.value(operand.value), times, plus)

    def literal(self, literal: Literal) -> str:
        value = literal.value
        if value is None:
            return self.voice.text("")
        if isinstance(value, bool):
            return self.voice.boolean(value)
        if isinstance(value, str):
            return self.voice.text(value)
        if isinstance(value, datetime):
            return self._instant(value)
        if isinstance(value, date):
            return self.voice.date(value)
        return plain(Decimal(value))

    def _instant(self, value: datetime) -> str:
        local = value.astimezone(self.zone)
        said = self.voice.date(local.date()) + " " + local.strftime("%H:%M")
        if local.second or local.microsecond:
            said += local.strftime(":%S")
        if local.microsecond:
            said += f".{local.microsecond:06d}"
        if instant_of(local.replace(tzinfo=None, fold=0), self.zone) != value:
            said += local.strftime(" %z")  # the second of a doubled hour
        return said

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def value(self, value: Value) -> str:
        if isinstance(value, FieldValue):
            return self.path(value.path)
        measured = None if value.measured is None else self.path(value.measured)
        events = value.relation is None
        return self.voice.rows(
            self._noun(value), self._during(value), value.measure, measured, events
        )

    def path(self, path: Path) -> str:
        return self.voice.path(self.labels.path(path), path.part)

    def _noun(self, value: RowsValue) -> str:
        """The rows a value ranges over, with their condition."""
        if value.relation is not None:
            noun = self.voice.relation(self.labels.relation(value.dataset, value.relation))
        else:
            noun = self.voice.events([self.labels.event(name) for name in value.events or ()])
        where = value.branches[0].where
        if where is None:
            return noun
        return self.voice.where(noun, self.rule(flat(where)))

    def _during(self, value: RowsValue) -> str | None:
        return None if value.during is None else self.window(value.during)

    def window(self, window: Window) -> str:
        voice = self.voice
        if isinstance(window, LastWindow):
            return voice.last(window.span)
        if isinstance(window, NextWindow):
            return voice.next(window.span)
        if isinstance(window, FromTo):
            start = None if window.start is None else self.operand(window.start)
            end = None if window.end is None else self.operand(window.end)
            return voice.from_to(start, end)
        return voice.calendar[window.name]


def _asks_any(test: Test) -> bool:
    """A bare count: at least one."""
    return (
        isinstance(test.value, RowsValue)
        and test.value.measure is MeasureKind.COUNT
        and test.op is Op.GE
        and test.operands == (Literal(1, FieldType.INTEGER),)
    )


def _counts_plainly(test: Test) -> bool:
    """A count compared with one number."""
    return (
        isinstance(test.value, RowsValue)
        and test.value.measure is MeasureKind.COUNT
        and test.op in COUNTED
        and isinstance(test.operands[0], Literal)
    )


def plain(number: Decimal) -> str:
    """A number with its thousands apart."""
    return format(number, ",f")
