"""Resolving the paths of a rule: fields, hops, parts, relations, and the narrowings they carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from enishi.catalog.types import Catalog, Dataset, FieldType, Meaning, Relation
from enishi.kernel.text import Text
from enishi.rules.faults import Faults, Refused, did_you_mean
from enishi.rules.tree import NUMBERS, TIMES, Node, Part, Path, Step

NARROW = {
    Part.YEAR: FieldType.INTEGER,
    Part.MONTH: FieldType.INTEGER,
    Part.DAY: FieldType.INTEGER,
    Part.WEEK: FieldType.INTEGER,
    Part.HOUR: FieldType.INTEGER,
    Part.AGE: FieldType.INTEGER,
    Part.WEEKDAY: FieldType.STRING,
    Part.DATE: FieldType.DATE,
    Part.SINCE: FieldType.TIMESTAMP,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the paths of a rule start.

    `datasets` are all the datasets a path may start in (several for events), `here` the one the
    tree is being built for; `event`: the rows are events, so `ts` and `event` are theirs.
    `inside`: within a `where`; `subject`: the dataset of the outer subject.
    """

    datasets: tuple[str, ...]
    here: str
    event: bool
    inside: bool
    subject: str


class Paths:
    """Resolves names against one catalog, noting faults and the fields that were used."""

    def __init__(
        self,
        catalog: Catalog,
        faults: Faults,
        narrow: Callable[[object, str, str], Node],
    ) -> None:
        self.catalog = catalog
        self.faults = faults
        self.fields: set[tuple[str, str]] = set()
        self.datasets: set[str] = set()
        self._narrow = narrow
        self._steps: dict[tuple[str, str], tuple[Step, ...]] = {}

    # ── paths to a value ─────────────────────────────────────────────────────────────────────────

    def resolve(self, written: object, scope: Scope, where: str) -> Path:
        """The path for `scope.here`, of one type over all the scope's datasets."""
        if not isinstance(written, str) or not written:
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("項目の名前(文字列)が必要です。", "A path, written as text, is needed here."),
                Text("例: 「prefecture」「account.branch.region」",
                     "For example `prefecture` or `account.branch.region`."),
            )  # fmt: skip
        found = {name: self._in(written, name, scope.event) for name in scope.datasets}
        good = {name: path for name, path in found.items() if isinstance(path, Path)}
        if not good:
            problem = found[scope.datasets[0]]
            assert isinstance(problem, tuple)
            raise self.faults.refuse(problem[0], where, problem[1], problem[2])
        type_, scale = self._common(list(good.values()), written, where)
        for path in good.values():
            self._use(path)
        own = good.get(scope.here)
        if own is None:
            own = replace(next(iter(good.values())), missing=True, steps=(), constant=None)
        key = any(path.key for path in good.values())
        return replace(own, type=type_, scale=scale, key=key)

    def shared(
        self, written: object, steps: Sequence[tuple[str, ...]], where: str
    ) -> dict[str, Path]:
        """One path in each of the event datasets of several steps, of one type in all of them.

        Some dataset of every step must have it; it is unset where a dataset has not.
        """
        if not isinstance(written, str) or not written:
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("共通にする項目の名前が必要です。", "The field to share is needed here."),
                Text("例: 「order_id」", "For example `order_id`."),
            )  # fmt: skip
        found = {name: self._in(written, name, True) for names in steps for name in names}
        good = {name: path for name, path in found.items() if isinstance(path, Path)}
        for names in steps:
            problem = found[names[0]]
            if not isinstance(problem, Path) and not good.keys() & set(names):
                raise self.faults.refuse(problem[0], where, problem[1], problem[2])
        if len({path.type for path in good.values()}) > 1:
            raise self._types_differ(list(good.values()), written, where)
        if next(iter(good.values())).type is FieldType.STRINGS:
            raise self.faults.refuse(
                "wrong_type", where,
                Text("共通にする項目には1つの値が必要ですが、文字列のリストです。",
                     "The field to share holds a list of texts, not a single value."),
                Text("別の項目を選んでください。", "Choose another field."),
            )  # fmt: skip
        key, scale = any(p.key for p in good.values()), max(p.scale for p in good.values())
        for path in good.values():
            self._use(path)
        lacking = replace(next(iter(good.values())), missing=True, steps=(), constant=None)
        return {name: replace(good.get(name, lacking), key=key, scale=scale) for name in found}

    def _use(self, path: Path) -> None:
        for step in path.steps:
            self.datasets.add(step.target)
        if not path.constant:
            self.fields.add((path.leaf, path.field))

    def _common(self, paths: list[Path], written: str, where: str) -> tuple[FieldType, int]:
        types = {path.type for path in paths}
        scale = max(path.scale for path in paths)
        if len(types) == 1:
            return types.pop(), scale
        if types <= NUMBERS:
            return (FieldType.FLOAT if FieldType.FLOAT in types else FieldType.DECIMAL), scale
        if types <= TIMES:
            return FieldType.TIMESTAMP, scale
        raise self._types_differ(paths, written, where)

    def _types_differ(self, paths: list[Path], written: str, where: str) -> Refused:
        names = "、".join(sorted(path.dataset for path in paths))
        return self.faults.refuse(
            "types_differ", where,
            Text(f"「{written}」の型がイベントによって異なります({names})。",
                 f"`{written}` has different types in the datasets of these events ({names})."),
            Text("イベントを1種類に絞ってください。", "Name events of one dataset only."),
        )  # fmt: skip

    def _in(self, written: str, start: str, event: bool) -> Path | tuple[str, Text, Text]:
        """The path from one dataset, or (code, message, remedy)."""
        names = written.split(".")
        here, steps, followed = self.catalog.datasets[start], tuple[Step, ...](), list[str]()
        for index, name in enumerate(names):
            rest = names[index + 1 :]
            if index == 0 and name in ("ts", "event"):
                special = self._of_event(written, here, name, rest, event)
                if special is not None:
                    return special
            field = here.fields.get(name)
            if field is not None:
                return self._leaf(
                    Path(
                        written, start, tuple(followed), steps, here.name, name, None,
                        field.type, field.type, field.scale,
                        key=self._is_key(here, name), meaning=field.meaning,
                    ),
                    rest, here,
                )  # fmt: skip
            relation = self.catalog.relation(here.name, name)
            if relation is None:
                return self._unknown(name, here)
            if relation.many:
                return (
                    "to_many_path",
                    Text(f"「{name}」は複数の行につながる関連なので、項目の途中では使えません。",
                         f"`{name}` leads to many rows, so it cannot stand in a path."),
                    Text(f'{{"related": "{name}", …}} を使ってください。',
                         f'Use {{"related": "{name}", …}} instead.'),
                )  # fmt: skip
            if not rest:
                return (
                    "not_a_field",
                    Text(f"「{name}」は関連で、項目ではありません。",
                         f"`{name}` is a relation, not a field."),
                    Text(f"「{name}.項目名」のように項目まで書いてください。",
                         f"Go on to a field: `{name}.…`."),
                )  # fmt: skip
            steps += self.steps(relation)
            followed.append(name)
            here = self.catalog.datasets[relation.target]
        raise AssertionError("a path ends at a field")

    def _of_event(
        self, written: str, dataset: Dataset, name: str, rest: list[str], event: bool
    ) -> Path | tuple[str, Text, Text] | None:
        """`ts` and `event`: of events always, of other rows of event datasets unless a field is."""
        if dataset.event is None or (not event and name in dataset.fields):
            return None
        if name == "ts":
            assert dataset.time is not None
            field = dataset.fields[dataset.time.field]
        elif dataset.event.name_field is not None:
            field = dataset.fields[dataset.event.name_field]
        else:
            named = Path(
                written, dataset.name, (), (), dataset.name, "event", None,
                FieldType.STRING, FieldType.STRING, constant=dataset.event.name,
            )  # fmt: skip
            return self._leaf(named, rest, dataset)
        path = Path(
            written, dataset.name, (), (), dataset.name, field.name, None,
            field.type, field.type, field.scale, meaning=field.meaning,
        )  # fmt: skip
        return self._leaf(path, rest, dataset)

    def _leaf(self, path: Path, rest: list[str], dataset: Dataset) -> Path | tuple[str, Text, Text]:
        if not rest:
            return path
        name = rest[0]
        parts = list(_parts_of(path.type, dataset))
        if len(rest) > 1 or name not in parts:
            shown = ".".join(rest)
            return (
                "unknown_part",
                Text(f"「{path.field}」の後に「.{shown}」は付けられません。",
                     f"`.{shown}` cannot follow `{path.field}`."),
                did_you_mean(shown, {part.value: () for part in parts},
                             Text("項目名で終わらせてください。", "End the path at the field.")),
            )  # fmt: skip
        part = Part(name)
        return replace(
            path, part=part, type=NARROW[part], scale=0, key=False,
            meaning=Meaning.CATEGORY if part is Part.WEEKDAY else None,
        )  # fmt: skip

    def _unknown(self, name: str, dataset: Dataset) -> tuple[str, Text, Text]:
        known: dict[str, tuple[str, ...]] = {
            field.name: (field.label.ja, field.label.en, *field.aliases)
            for field in dataset.fields.values()
        }
        for relation in self.catalog.relations.get(dataset.name, {}).values():
            if not relation.many:
                known[relation.name] = (relation.label.ja, relation.label.en)
        return (
            "unknown_field",
            Text(f"「{dataset.label.ja}」に項目「{name}」はありません。",
                 f"The dataset {dataset.name} has no field `{name}`."),
            did_you_mean(name, known, Text("カタログを確認してください。", "See the catalog.")),
        )  # fmt: skip

    def _is_key(self, dataset: Dataset, field: str) -> bool:
        """Own keys and foreign keys: they compare as stored."""
        return field in dataset.key or any(
            field == source
            for relation in self.catalog.relations.get(dataset.name, {}).values()
            for source, _ in relation.columns
        )

    # ── relations ────────────────────────────────────────────────────────────────────────────────

    def to_many(
        self, written: object, scope: Scope, where: str
    ) -> tuple[str, dict[str, tuple[Step, ...]]]:
        """Where a relation path leads, and its joins from each dataset of the scope that has it."""
        if not isinstance(written, str) or not written:
            raise self.faults.refuse(
                "wrong_shape", where,
                Text("関連の名前(文字列)が必要です。", "The name of a relation is needed here."),
                Text("例: 「accounts」「accounts.transactions」",
                     "For example `accounts` or `accounts.transactions`."),
            )  # fmt: skip
        ways = {name: self._way(written, name) for name in scope.datasets}
        found = {name: way for name, way in ways.items() if way is not None}
        if not found:
            raise self._no_relation(written, scope.datasets[0], where)
        targets = {target for target, _ in found.values()}
        if len(targets) > 1:
            raise self.faults.refuse(
                "types_differ", where,
                Text(f"関連「{written}」の先がイベントによって異なります。",
                     f"`{written}` leads to different datasets from these events."),
                Text("イベントを1種類に絞ってください。", "Name events of one dataset only."),
            )  # fmt: skip
        for _, steps in found.values():
            self.datasets.update(step.target for step in steps)
        return targets.pop(), {name: steps for name, (_, steps) in found.items()}

    def events_of(self, dataset: str, path: str) -> tuple[Step, ...]:
        """The joins from a subject's dataset to its events, as the catalog names them."""
        way = self._way(path, dataset)
        assert way is not None, f"the catalog names {path} on {dataset}, which does not exist"
        self.datasets.update(step.target for step in way[1])
        return way[1]

    def _way(self, written: str, start: str) -> tuple[str, tuple[Step, ...]] | None:
        """Target and joins of a relation path that is to-many somewhere; None when it is not."""
        here, steps, many = start, tuple[Step, ...](), False
        for name in written.split("."):
            relation = self.catalog.relation(here, name)
            if relation is None:
                return None
            steps += self.steps(relation)
            many = many or relation.many
            here = relation.target
        return (here, steps) if many else None

    def steps(self, relation: Relation) -> tuple[Step, ...]:
        """The joins of one relation, its narrowings checked and typed."""
        key = (relation.source, relation.name)
        if key not in self._steps:
            expanded = self.catalog.expand(relation.source, relation.name)
            assert expanded is not None
            self._steps[key] = tuple(
                Step(
                    base.source, base.target, base.columns, base.many,
                    tuple(
                        self._narrow(rule, base.target, f"{relation.source}.{relation.name}")
                        for rule in base.wheres
                    ),
                )
                for base in expanded
            )  # fmt: skip
        return self._steps[key]

    def _no_relation(self, written: str, start: str, where: str) -> Refused:
        here = start
        for name in written.split("."):
            relation = self.catalog.relation(here, name)
            if relation is None:
                known = {
                    r.name: (r.label.ja, r.label.en)
                    for r in self.catalog.relations.get(here, {}).values()
                }
                label = self.catalog.datasets[here].label.ja
                return self.faults.refuse(
                    "unknown_relation", where,
                    Text(f"「{label}」に関連「{name}」はありません。",
                         f"The dataset {here} has no relation `{name}`."),
                    did_you_mean(name, known, Text("カタログに関連を加えてください。",
                                                   "Add the relation to the catalog.")),
                )  # fmt: skip
            here = relation.target
        return self.faults.refuse(
            "to_one_relation", where,
            Text(f"「{written}」は1行にしかつながりません。",
                 f"`{written}` leads to one row only."),
            Text(f'{{"field": "{written}.項目名"}} と書いてください。',
                 f'Write {{"field": "{written}.…"}} instead.'),
        )  # fmt: skip


def _parts_of(type_: FieldType, dataset: Dataset) -> Iterator[Part]:
    if type_ in TIMES:
        yield from (Part.YEAR, Part.MONTH, Part.DAY, Part.WEEK, Part.WEEKDAY, Part.DATE, Part.AGE)
        if type_ is FieldType.TIMESTAMP:
            yield Part.HOUR
    if dataset.versioned:
        yield Part.SINCE
