"""Typing sequences: their steps, the time between them, and the field they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from enishi.catalog.types import FieldType
from enishi.kernel.text import Text
from enishi.rules.check_operands import span_of
from enishi.rules.check_paths import Paths, Scope
from enishi.rules.check_values import Source, Values
from enishi.rules.faults import Faults, Refused, short
from enishi.rules.read import MAX_STEPS
from enishi.rules.tree import Branch, Path, Sequence, SequenceStep, Span

SEQUENCE_KEYS = {"sequence", "during", "same"}
_DAYS = {"mo": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class _Draft:
    """A step before the field of `same` is known."""

    names: tuple[str, ...]
    sources: list[Source]
    inner: Scope
    within: Span | None
    absent: bool
    where: object | None
    path: str

    @property
    def datasets(self) -> tuple[str, ...]:
        return tuple(source.dataset for source in self.sources)


class Sequences:
    """Reads sequences on the subjects of one checker. `count` counts a step as a part of the rule,
    and refuses it when there are too many."""

    def __init__(
        self, paths: Paths, values: Values, faults: Faults, count: Callable[[str], None]
    ) -> None:
        self._count = count
        self.paths = paths
        self.values = values
        self.faults = faults

    def sequence(self, json: Mapping[str, object], scope: Scope, where: str) -> Sequence:
        """A typed sequence. Raises `Refused` after noting every fault of its steps."""
        self.values.operands.only(json, SEQUENCE_KEYS, where)
        drafts = self._drafts(json["sequence"], scope, f"{where}.sequence")
        every = tuple(dict.fromkeys(name for draft in drafts for name in draft.datasets))
        for name in every:
            self.values.time_of(name, "sequence", f"{where}.sequence")
        during = None
        if "during" in json:
            matched = tuple(n for draft in drafts if not draft.absent for n in draft.datasets)
            around = Scope(matched, matched[0], True, True, scope.subject)
            during = self.values.during(json["during"], around, f"{where}.during")
        shared: Mapping[str, Path] = {}
        if "same" in json:
            shared = self.paths.shared(
                json["same"], [draft.datasets for draft in drafts], f"{where}.same"
            )
        steps = tuple(self._step(draft, shared) for draft in drafts)
        same = str(json["same"]) if "same" in json else None
        return Sequence(scope.here, steps, during, same)

    def _drafts(self, json: object, scope: Scope, where: str) -> list[_Draft]:
        if not isinstance(json, (list, tuple)) or not json:
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("順に起きるイベントのリストが必要です。",
                     "A list of the steps, one after another, is needed here."),
                Text('例: [{"event": "a"}, {"event": "b", "within": "7d"}]',
                     'For example [{"event": "a"}, {"event": "b", "within": "7d"}].'),
            )  # fmt: skip
        if len(json) > MAX_STEPS:
            raise self.faults.too_many(where, MAX_STEPS)
        drafts, refused = list[_Draft](), None
        for index, step in enumerate(json):
            self._count(f"{where}[{index}]")
            try:
                drafts.append(self._draft(step, scope, f"{where}[{index}]", first=index == 0))
            except Refused as found:
                refused = found
        if refused is not None:
            raise refused
        return drafts

    def _draft(self, json: object, scope: Scope, where: str, *, first: bool) -> _Draft:
        if not isinstance(json, Mapping) or ("event" in json) is ("no_event" in json):
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("順序の各段には event か no_event のどちらか一方が必要です。",
                     "A step is either an `event` or a `no_event`."),
                Text('例: {"event": "login"}', 'For example {"event": "login"}.'),
            )  # fmt: skip
        shape = "event" if "event" in json else "no_event"
        self.values.operands.only(json, {shape, "where", "within"}, where)
        absent = shape == "no_event"
        if first:
            self._refuse_on_first(json, absent, where)
        if absent and "within" not in json:
            raise self.faults.refuse(
                "within_missing", where,
                Text("no_event には期間(within)が必要です。",
                     "A `no_event` needs the time in which nothing happens: `within`."),
                Text('例: "within": "14d"', 'For example "within": "14d".'),
            )  # fmt: skip
        within = self._within(json["within"], f"{where}.within") if "within" in json else None
        names, sources, inner = self.values.events(json[shape], scope, f"{where}.{shape}")
        return _Draft(names, sources, inner, within, absent, json.get("where"), where)

    def _refuse_on_first(self, json: Mapping[str, object], absent: bool, where: str) -> None:
        if absent:
            raise self.faults.refuse(
                "first_is_absent", f"{where}.no_event",
                Text("順序は起きたイベントから始めてください。",
                     "A sequence starts with an event that happened."),
                Text('「まったくない」は {"not": {"event": …}} と書きます。',
                     'To say that there is none at all write {"not": {"event": …}}.'),
            )  # fmt: skip
        if "within" in json:
            raise self.faults.refuse(
                "within_on_first", f"{where}.within",
                Text("最初の段に within は使えません。前の段がありません。",
                     "The first step has no step before it, so it takes no `within`."),
                Text("期間は sequence の during に書いてください。",
                     "Limit the whole sequence by its `during`."),
            )  # fmt: skip

    def _within(self, json: object, where: str) -> Span:
        """Elapsed time between two steps: minutes, hours, days of 24 hours, weeks."""
        span = span_of(json)
        if span is None or span.amount <= 0 or str(json).startswith("+"):
            raise self.faults.refuse(
                "bad_duration", where,
                Text(f"{short(json)} は長さとして読めません。", f"{short(json)} is no duration."),
                Text("数と単位(m h d w)で書いてください。例: \"14d\"",
                     'Write a number and a unit (m h d w), for example "14d".'),
            )  # fmt: skip
        if span.unit in _DAYS:
            days = f"{span.amount * _DAYS[span.unit]}d"
            raise self.faults.refuse(
                "within_by_calendar", where,
                Text("within は経過時間なので、月(mo)や年(y)は使えません。",
                     "`within` is elapsed time, so months and years cannot be used."),
                Text(f"日数で書いてください。例: \"{days}\"", f'Write days, for example "{days}".'),
            )  # fmt: skip
        return span

    def _step(self, draft: _Draft, shared: Mapping[str, Path]) -> SequenceStep:
        self._warn_hours(draft)
        branches = []
        for source in draft.sources:
            rule = None
            if draft.where is not None:
                rule = self.values.where(draft.where, draft.inner, source, f"{draft.path}.where")
            time = self.paths.catalog.datasets[source.dataset].time
            branches.append(
                Branch(
                    source.dataset, source.steps, source.names, source.name_field, rule,
                    shared.get(source.dataset), None if time is None else time.field,
                    source.nothing,
                )
            )  # fmt: skip
        return SequenceStep(draft.names, tuple(branches), draft.within, draft.absent)

    def _warn_hours(self, draft: _Draft) -> None:
        if draft.within is None or not draft.within.exact:
            return
        datasets = [self.paths.catalog.datasets[name] for name in draft.datasets]
        dated = [d for d in datasets if d.time is not None and d.fields[d.time.field].type is _DATE]
        if dated:
            label = dated[0].label
            self.faults.warn(
                "hours_on_a_date", f"{draft.path}.within",
                Text(f"「{label.ja}」には日付しかないため、時間や分は0時からの経過時間になります。",
                     f"{dated[0].name} has dates only: hours and minutes count from midnight."),
                Text("d か w で書いてください。", "Use the units d or w."),
            )  # fmt: skip


_DATE = FieldType.DATE
