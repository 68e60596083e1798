"""Typing values: fields, and measures over related rows or events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.kernel.text import Text, fold
from enishi.rules.check_operands import TYPE_NAMES, Operands
from enishi.rules.check_paths import Paths, Scope
from enishi.rules.faults import Faults, Refused, did_you_mean
from enishi.rules.tree import (
    NUMBERS,
    TIMES,
    Branch,
    FieldValue,
    MeasureKind,
    Node,
    Path,
    RowsValue,
    Step,
    Value,
    Window,
)
from enishi.rules.types import KnownEvents

VALUE_KEYS = {
    "field": {"field"},
    "related": {"related", "where", "during", "measure"},
    "event": {"event", "where", "during", "measure"},
}
AVG_PLACES = 4
"""An average shows this many places more than what it averages."""


@dataclass(frozen=True, slots=True)
class Source:
    """One dataset of a related or event value before its `where` is typed."""

    dataset: str
    steps: tuple[Step, ...]
    names: frozenset[str] | None = None
    name_field: str | None = None
    nothing: bool = False


class Values:
    """Reads values. `rule_of` types a nested rule (for `where`)."""

    def __init__(
        self,
        paths: Paths,
        faults: Faults,
        known_events: KnownEvents | None,
        rule_of: Callable[[object, Scope, str], Node],
    ) -> None:
        self.paths = paths
        self.faults = faults
        self.known_events = known_events
        self._rule_of = rule_of
        self.operands: Operands

    @property
    def catalog(self) -> Catalog:
        return self.paths.catalog

    def value(self, json: object, scope: Scope, where: str) -> Value:
        """A typed value from its JSON shape."""
        if not isinstance(json, Mapping):
            raise self._no_value(where)
        shape = next((name for name in VALUE_KEYS if name in json), None)
        if shape is None:
            raise self._no_value(where)
        self.operands.only(json, VALUE_KEYS[shape], where)
        return self.shaped(shape, json, scope, where)

    def shaped(self, shape: str, json: Mapping[str, object], scope: Scope, where: str) -> Value:
        """The value in a JSON object that may hold further keys (`op`, `value`)."""
        if shape == "field":
            return FieldValue(self.paths.resolve(json["field"], scope, f"{where}.field"))
        if shape == "related":
            return self._related(json, scope, where)
        if scope.inside:
            raise self.faults.refuse(
                "event_inside_where", f"{where}.event",
                Text("「where」の中で「event」は使えません。",
                     "`event` cannot stand inside `where`."),
                Text("関連(related)を使うか、外側で all と組み合わせてください。",
                     "Use a relation, or combine the two outside with `all`."),
            )  # fmt: skip
        return self._event(json, scope, where)

    # ── related and event ────────────────────────────────────────────────────────────────────────

    def _related(self, json: Mapping[str, object], scope: Scope, where: str) -> Value:
        target, ways = self.paths.to_many(json["related"], scope, f"{where}.related")
        inner = Scope((target,), target, False, True, scope.subject)
        steps = ways.get(scope.here)
        source = Source(target, steps or (), nothing=steps is None)
        written = str(json["related"])
        return self._rows(json, [source], inner, scope.here, where, relation=written)

    def _event(self, json: Mapping[str, object], scope: Scope, where: str) -> Value:
        names, sources, inner = self.events(json["event"], scope, f"{where}.event")
        return self._rows(json, sources, inner, scope.here, where, events=names)

    def events(
        self, json: object, scope: Scope, where: str
    ) -> tuple[tuple[str, ...], list[Source], Scope]:
        """The event names wanted (none: any), where their rows are, and the scope inside."""
        names = self._names(json, where)
        subject = self.catalog.datasets[scope.subject]
        kind = subject.subject or ""
        every = self.catalog.event_sources(kind, None)
        if not every:
            raise self.faults.refuse(
                "no_events", where,
                Text(f"「{subject.label.ja}」のイベントはカタログにありません。",
                     f"The catalog names no events of {subject.name}."),
                Text("イベントのデータセットに event.of を書いてください。",
                     "Give an event dataset its `event.of`."),
            )  # fmt: skip
        wanted = None if names is None else frozenset(fold(name) for name in names)
        sources = [
            found
            for dataset in every
            if (found := self._source(dataset, kind, scope.subject, wanted)) is not None
        ]
        if names is not None:
            self._warn_unknown(names, every, where)
        if not sources:
            sources = [
                Source(d.name, self.paths.events_of(scope.subject, d.event.of[kind]), nothing=True)
                for d in every
                if d.event is not None
            ]
        datasets = tuple(source.dataset for source in sources)
        return names or (), sources, Scope(datasets, datasets[0], True, True, scope.subject)

    def _source(
        self, dataset: Dataset, kind: str, subject: str, wanted: frozenset[str] | None
    ) -> Source | None:
        event = dataset.event
        assert event is not None
        if wanted is not None and event.name is not None and fold(event.name) not in wanted:
            return None
        if event.names is not None and (wanted is None or wanted.isdisjoint(event.names)):
            return None  # her crossings are named, or not meant: they are nothing she does
        if wanted is None and dataset.name in self.catalog.changed.values():
            return None  # nor is it when a field about her changes
        steps = self.paths.events_of(subject, event.of[kind])
        if event.name is not None or wanted is None:
            return Source(dataset.name, steps)
        if event.name_field is not None:
            self.paths.fields.add((dataset.name, event.name_field))
        return Source(dataset.name, steps, wanted, event.name_field)

    def _names(self, json: object, where: str) -> tuple[str, ...] | None:
        """The event names wanted, sorted and each once; None for `*`."""
        if json == "*":
            return None
        names = json if isinstance(json, (list, tuple)) else [json]
        if not names or not all(isinstance(name, str) and name for name in names):
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("イベントの名前、そのリスト、または「*」が必要です。",
                     "The name of an event, a list of names, or `*` is needed here."),
                Text('例: "purchase"', 'For example "purchase".'),
            )  # fmt: skip
        if "*" in names:
            return None
        return tuple(sorted(set(names)))

    def _warn_unknown(self, names: tuple[str, ...], every: list[Dataset], where: str) -> None:
        """Warn of names that no dataset has as its own and no row has had so far."""
        known = {d.event.name for d in every if d.event is not None and d.event.name is not None}
        own = {fold(name) for name in known}
        left = [name for name in names if fold(name) not in own]
        if left and any(d.event is not None and d.event.name_field is not None for d in every):
            told = None if self.known_events is None else self.known_events()
            if told is None:
                return
            known |= told
        seen = {fold(name) for name in known}
        for name in left:
            if fold(name) not in seen:
                self.faults.warn(
                    "event_never_seen", where,
                    Text(f"イベント「{name}」はまだ1件もありません。",
                         f"The event `{name}` has never been seen."),
                    did_you_mean(name, dict.fromkeys(sorted(known), ()),
                                 Text("名前を確認してください。", "Check the name.")),
                )  # fmt: skip

    def _rows(
        self,
        json: Mapping[str, object],
        sources: list[Source],
        inner: Scope,
        start: str,
        where: str,
        *,
        relation: str | None = None,
        events: tuple[str, ...] | None = None,
    ) -> RowsValue:
        kind, written = self._measure(json.get("measure", "count"), f"{where}.measure")
        during = None
        if "during" in json:
            during = self.during(json["during"], inner, f"{where}.during")
        if kind in (MeasureKind.FIRST, MeasureKind.LAST):
            for name in inner.datasets:
                self.time_of(name, kind.value, f"{where}.measure")
        branches = []
        for source in sources:
            scope = replace(inner, here=source.dataset)
            rule = None
            if "where" in json:
                rule = self.where(json["where"], inner, source, f"{where}.where")
            path = None
            if written is not None:
                path = self.paths.resolve(written, scope, f"{where}.measure.{kind.value}")
                self._measurable(kind, path, f"{where}.measure.{kind.value}")
            time = self.catalog.datasets[source.dataset].time
            branches.append(
                Branch(
                    source.dataset, source.steps, source.names, source.name_field, rule, path,
                    None if time is None else time.field, source.nothing,
                )
            )  # fmt: skip
        measured = branches[0].path
        type_, scale = _measured_type(kind, measured)
        return RowsValue(
            start, relation, events, tuple(branches), during, kind, measured, type_, scale
        )

    def where(self, json: object, inner: Scope, source: Source, where: str) -> Node:
        """The typed `where` of a value or a step, on the rows of one source."""
        return self._rule_of(json, replace(inner, here=source.dataset), where)

    def during(self, json: object, inner: Scope, where: str) -> Window:
        """A window on the times of all the datasets of a scope; each must have one."""
        types = {self.time_of(name, "during", where) for name in inner.datasets}
        return self.operands.window(
            json, FieldType.DATE if FieldType.DATE in types else FieldType.TIMESTAMP, where
        )

    def time_of(self, name: str, what: str, where: str) -> FieldType:
        """The type of a dataset's time, which is thereby used; refused when it has none."""
        dataset = self.catalog.datasets[name]
        if dataset.time is None:
            raise self.faults.refuse(
                "no_time", where,
                Text(f"「{dataset.label.ja}」には時刻の項目がないので「{what}」は使えません。",
                     f"The dataset {name} has no time, so `{what}` cannot be used."),
                Text("カタログのデータセットに time を書くか、日付の項目で絞り込んでください。",
                     "Give the dataset a `time`, or test a date field in `where`."),
            )  # fmt: skip
        self.paths.fields.add((name, dataset.time.field))
        return dataset.fields[dataset.time.field].type

    # ── measures ─────────────────────────────────────────────────────────────────────────────────

    def _measure(self, json: object, where: str) -> tuple[MeasureKind, str | None]:
        kinds = {kind.value: () for kind in MeasureKind}
        name: object = json if isinstance(json, str) else str(json)
        if isinstance(json, Mapping) and len(json) == 1:
            name = next(iter(json))
        if name == "count" and json == "count":
            return MeasureKind.COUNT, None
        if not isinstance(json, Mapping) or name not in kinds or name == "count":
            raise self.faults.refuse(
                "unknown_measure", where,
                Text("集計の書き方が正しくありません。", "This is no measure."),
                did_you_mean(str(name), kinds, Text("", "")) if name not in kinds
                else Text('"count"、または {"sum": "項目"} の形で書いてください。',
                          'Write "count", or {"sum": "a field"}.'),
            )  # fmt: skip
        written = json[str(name)]
        if not isinstance(written, str):
            raise self.faults.refuse(
                "wrong_shape", f"{where}.{name}",
                Text("集計する項目の名前が必要です。", "The field to measure is needed here."),
                Text('例: {"sum": "amount"}', 'For example {"sum": "amount"}.'),
            )  # fmt: skip
        return MeasureKind(str(name)), written

    def _measurable(self, kind: MeasureKind, path: Path, where: str) -> None:
        if kind in (MeasureKind.SUM, MeasureKind.AVG):
            allowed, need = path.type in NUMBERS, Text("数値", "a number")
        elif kind in (MeasureKind.MIN, MeasureKind.MAX):
            allowed = path.type in NUMBERS | TIMES
            need = Text("数値か日付・日時", "a number, a date or a time")
        elif kind is MeasureKind.DISTINCT:
            allowed, need = path.type is not FieldType.STRINGS, Text("1つの値", "a single value")
        else:
            return
        if not allowed:
            have = TYPE_NAMES[path.type]
            self.faults.add(
                "wrong_type", where,
                Text(f"「{kind.value}」には{need.ja}の項目が必要ですが、{have.ja}です。",
                     f"`{kind.value}` takes {need.en}, but this is {have.en}."),
                Text("別の項目か別の集計を選んでください。",
                     "Choose another field or another measure."),
            )  # fmt: skip
            raise Refused("wrong_type")

    def _no_value(self, where: str) -> Refused:
        return self.faults.refuse(
            "wrong_shape", where,
            Text("値の書き方が正しくありません。", "This is no value."),
            Text("field、related、event のいずれかで書いてください。",
                 "Write one of `field`, `related`, `event`."),
        )  # fmt: skip


def _measured_type(kind: MeasureKind, path: Path | None) -> tuple[FieldType, int]:
    """Type and scale of a measure's value."""
    if path is None or kind in (MeasureKind.COUNT, MeasureKind.DISTINCT):
        return FieldType.INTEGER, 0
    if kind is MeasureKind.AVG and path.type is not FieldType.FLOAT:
        return FieldType.DECIMAL, path.scale + AVG_PLACES
    return path.type, path.scale
