"""Random rules and values that are well typed for a catalog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal

from hypothesis import strategies as st
from rules_paths import (
    EVENT_PATHS,
    Paths,
    comparable,
    datasets_of,
    dated,
    moment,
    paths_of,
    widest,
    without_relations,
)
from rules_worlds import NAMES, TEXTS, Scene

from enishi.catalog.types import Dataset, FieldType
from enishi.rules.tree import NUMBERS, TIMES, WEEKDAYS
from enishi.rules.windows import CALENDAR_NAMES

T = FieldType
Json = dict[str, object]

ABOUT = ("sequence", "sequence", "sequence", "segment", "list", "sample")
"""The rules that are about the subject itself, as often as they are drawn."""


class Rules:
    """Draws rules of one scene."""

    def __init__(self, draw: st.DrawFn, scene: Scene, about: Sequence[str] = ABOUT) -> None:
        self.draw = draw
        self.about = about
        self.scene = scene
        self.catalog = scene.catalog
        self.person = scene.catalog.datasets["person"]

    def one(self, options: object) -> object:
        return self.draw(st.sampled_from(list(options)))  # type: ignore[call-overload]

    def chance(self, of: int) -> bool:
        return self.draw(st.integers(1, of)) == 1

    # ── rules ────────────────────────────────────────────────────────────────────────────────────

    def rule(
        self, dataset: Dataset, depth: int, *, inside: bool, paths: Paths | None = None
    ) -> Json:
        shape = self.one(["test"] * 5 + ["all", "any", "not", "at_least"]) if depth else "test"
        if shape == "test" and not inside and self.about and self.chance(2):
            return self.of_subject(str(self.one(self.about)), depth)
        if shape == "test":
            return self.test(dataset, depth, inside=inside, paths=paths)
        if shape == "not":
            return {"not": self.rule(dataset, depth - 1, inside=inside, paths=paths)}
        rules = [
            self.rule(dataset, depth - 1, inside=inside, paths=paths)
            for _ in range(self.draw(st.integers(0, 3)))
        ]
        if shape == "at_least":
            return {"at_least": self.draw(st.integers(0, 3)), "of": rules}
        return {str(shape): rules}

    def test(
        self, dataset: Dataset, depth: int, *, inside: bool, paths: Paths | None = None
    ) -> Json:
        value, type_, weekday, kind = self.value(dataset, depth, inside=inside, paths=paths)
        if kind == "count" and self.chance(3):
            return value
        paths = paths or paths_of(self.catalog, dataset)
        floating = type_ is T.FLOAT and kind is not None
        op = str(self.one(self._ops(type_, floating)))
        return (
            value
            | {"op": op}
            | self._operand(op, type_, weekday, dataset, depth, inside, paths, floating)
        )

    def _ops(self, type_: FieldType, floating: bool) -> list[str]:
        equal = [] if floating else ["eq", "ne", "in", "not_in"]
        found = ["is_set", "is_not_set"]
        if type_ in NUMBERS:
            return [*found, *equal, "lt", "le", "gt", "ge", "between"]
        if type_ in TIMES:
            more = ["during", "during", "not_during", "anniversary_during"]
            return [*found, *equal, "lt", "le", "gt", "ge", "between", *more]
        if type_ is T.STRING:
            more = ["contains", "not_contains", "starts_with", "ends_with", "matches"]
            return [*found, *equal, *more]
        if type_ is T.BOOLEAN:
            return [*found, "eq", "ne", "in", "is_true", "is_false"]
        return [*found, "has", "has_any", "has_all", "has_none", "is_empty", "is_not_empty"]

    def _operand(
        self, op: str, type_: FieldType, weekday: bool, dataset: Dataset, depth: int,
        inside: bool, paths: Paths, floating: bool,
    ) -> Json:  # fmt: skip
        if op in ("is_set", "is_not_set", "is_true", "is_false", "is_empty", "is_not_empty"):
            return {}
        if op in ("during", "not_during", "anniversary_during"):
            days = type_ is T.DATE or op == "anniversary_during"
            return {"value": self.window(days=days)}
        item = T.STRING if type_ is T.STRINGS else type_
        exact = {"exact": True} if item is T.STRING and self.chance(4) else {}
        if op == "matches":
            return {
                "value": self.one(["a.c", "(?i)ABC", "^東", "京都$", "[[:alpha:]]+", "\\d", ""])
            } | exact
        equality = op in ("eq", "ne", "in", "not_in")

        def scalar() -> object:
            return self.scalar(
                item, weekday and equality, dataset, depth, inside, paths, equality or floating
            )

        if op == "between":
            return {"value": [scalar(), scalar()]}
        if op in ("in", "not_in", "has_any", "has_all", "has_none"):
            return {"value": [scalar() for _ in range(self.draw(st.integers(0, 3)))]} | exact
        return {"value": scalar()} | exact

    def scalar(
        self, type_: FieldType, weekday: bool, dataset: Dataset, depth: int, inside: bool,
        paths: Paths, no_floats: bool,
    ) -> object:  # fmt: skip
        """An operand: mostly a literal, else a field, a relative date or a computed value."""
        shape = self.one(["literal"] * 5 + ["field", "subject", "moving", "moving", "of"])
        if shape == "moving" and type_ in TIMES:
            unit = self.one(["d", "w", "mo", "y"])
            span = f"{self.one([-30, -2, -1, 0, 1, 2])}{unit}"
            return (
                {"today": span}
                if self.chance(2)
                else {"now": self.one([span, "-1h", "+90m", "0h"])}
            )
        if shape in ("field", "subject"):
            options = paths if shape == "field" else paths_of(self.catalog, self.person)
            fitting = [p for p, t, w in options if comparable(type_, t) and not w]
            if fitting:
                return {str(shape): self.one(fitting)}
        if shape == "of" and depth:
            value, found, _, _ = self.value(dataset, 0, inside=inside, paths=paths)
            if comparable(type_, found) and not (no_floats and found is T.FLOAT):
                more: Json = {}
                if found in NUMBERS and self.chance(2):
                    more["times"] = self.one([0, 2, Decimal("0.7"), Decimal("-1.25")])
                if found in NUMBERS and self.chance(3):
                    more["plus"] = self.one([1, Decimal("0.5"), -100])
                return {"of": value} | more
        return self.literal(type_, weekday)

    def literal(self, type_: FieldType, weekday: bool = False) -> object:
        if weekday:
            return self.one([*WEEKDAYS, "Mon"])
        if type_ is T.STRING:
            return self.one([*[t for t in TEXTS if t is not None], "b", "c", *NAMES])
        if type_ is T.BOOLEAN:
            return self.one([True, False])
        if type_ is T.DATE or (type_ is T.TIMESTAMP and self.chance(3)):
            return self.one(self.scene.dates).isoformat()  # type: ignore[attr-defined]
        if type_ is T.TIMESTAMP:
            instant = self.one(self.scene.instants)
            return instant.astimezone(UTC).isoformat()  # type: ignore[attr-defined]
        return self.one(
            [0, 1, 2, -1, 3, 100, Decimal("0.5"), Decimal("0.125"), Decimal("2.50"), 10**40,
             Decimal("-0.0001"), Decimal("333333333333.3333333333")]
        )  # fmt: skip

    # ── windows ──────────────────────────────────────────────────────────────────────────────────

    def window(self, *, days: bool) -> Json:
        units = ["d", "w", "mo", "y"] + ([] if days else ["h", "m"])
        shape = self.one(["last", "last", "next", "calendar", "from"])
        if shape in ("last", "next"):
            return {str(shape): f"{self.one([1, 2, 30])}{self.one(units)}"}
        if shape == "calendar":
            return {"calendar": self.one(CALENDAR_NAMES)}
        edges = [("from", self.edge()), ("to", self.edge())]
        kept = edges if self.chance(2) else [self.one(edges)]
        return dict(kept)  # type: ignore[arg-type]

    def edge(self) -> object:
        shape = self.one(["date", "instant", "today", "now"])
        if shape == "date":
            return self.one(self.scene.dates).isoformat()  # type: ignore[attr-defined]
        if shape == "instant":
            return self.one(self.scene.instants).isoformat()  # type: ignore[attr-defined]
        span = f"{self.one([-2, -1, 0, 1])}{self.one(['d', 'w', 'mo', 'y'])}"
        return {str(shape): span}

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def value(
        self, dataset: Dataset, depth: int, *, inside: bool, paths: Paths | None = None
    ) -> tuple[Json, FieldType, bool, str | None]:
        """JSON, type, whether it is a weekday, and the measure (None: a field)."""
        shapes = ["field", "field"]
        if self._ways(dataset):
            shapes += ["related", "related"]
        if not inside:
            shapes += ["event", "event"]
        shape = self.one(shapes)
        if shape == "field":
            written, type_, weekday = self.one(paths or paths_of(self.catalog, dataset))  # type: ignore[misc]  # `one` gives an item
            return {"field": written}, type_, weekday, None
        if shape == "related":
            return self._related(dataset, depth)
        return self._event(depth)

    def _ways(self, dataset: Dataset) -> list[tuple[str, str]]:
        """To-many relation paths of a dataset, one or two hops, with where they lead."""
        found = []
        for relation in self.catalog.relations.get(dataset.name, {}).values():
            if relation.many:
                found.append((relation.name, relation.target))
            found += [
                (f"{relation.name}.{further.name}", further.target)
                for further in self.catalog.relations.get(relation.target, {}).values()
                if relation.many or further.many
            ]
        return found

    def _related(self, dataset: Dataset, depth: int) -> tuple[Json, FieldType, bool, str | None]:
        written, name = self.one(self._ways(dataset))  # type: ignore[misc]  # `one` gives an item
        target = self.catalog.datasets[name]
        json: Json = {"related": written}
        paths = paths_of(self.catalog, target, 1)
        timed = target.time is not None
        if timed and self.chance(2):
            assert target.time is not None
            type_ = target.fields[target.time.field].type
            json["during"] = self.window(days=type_ is T.DATE)
        if depth and self.chance(2):
            json["where"] = self.rule(target, depth - 1, inside=True)
        return self._measured(json, paths, timed)

    def _event(self, depth: int) -> tuple[Json, FieldType, bool, str | None]:
        names, reached = self._named()
        json: Json = {"event": names}
        if self.chance(2):
            json["during"] = self.window(days=dated(reached))
        paths = self._event_paths(reached)
        if depth and self.chance(2):
            json["where"] = self._event_where(reached, paths, depth)
        return self._measured(json, paths, True)

    def _named(self) -> tuple[object, list[Dataset]]:
        """Event names, and the datasets that can hold them."""
        names = self.one(["trans", "click", "*", ["click", "購入"], ["trans", "view"], "TRANS"])
        return names, [self.catalog.datasets[kind] for kind in datasets_of(names)]

    def _event_where(self, reached: list[Dataset], paths: Paths, depth: int) -> Json:
        first = reached[0] if len(reached) == 1 else without_relations(reached[0])
        return self.rule(first, depth - 1, inside=True, paths=paths)

    def _event_paths(self, reached: list[Dataset]) -> Paths:
        paths = [*EVENT_PATHS, ("ts", moment(reached), False)]
        shared = {"amount": widest([d.fields["amount"].type for d in reached])}
        paths += [(name, type_, False) for name, type_ in shared.items()]
        for dataset in reached:
            own = {"trans": "kind", "web": "page"}[dataset.name]
            paths.append((own, T.STRING, False))
        if len(reached) == 1:
            paths += [
                p for p in paths_of(self.catalog, reached[0], 1) if p[0] not in ("ts", "event")
            ]
        elif self.chance(2):
            paths.append(("tags", T.STRINGS, False))
        return paths

    # ── the subject itself ───────────────────────────────────────────────────────────────────────

    def of_subject(self, shape: str, depth: int) -> Json:
        """A sequence, a membership or a sample."""
        if shape == "sequence":
            return self._sequence(depth)
        if shape == "segment":
            json: Json = {"segment": self.one(self.catalog.sets.segments())}
            if self.chance(2):
                json[str(self.one(["entered", "left"]))] = self.window(days=False)
            return json
        if shape == "list":
            slug = str(self.one(self.catalog.sets.lists()))
            json = {"list": slug}
            if self.chance(2):
                known = sorted(self.catalog.sets.lists()[slug].statuses)
                json["status"] = self.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
            return json
        percent = self.one([0, 10, 50, Decimal("33.33"), Decimal("0.01"), Decimal("12.345"), 100])
        return {"sample": {"percent": percent, "salt": self.one(["spring", "it's", "塩", "a:b"])}}

    def _sequence(self, depth: int) -> Json:
        steps: list[Json] = []
        reached: list[Dataset] = []
        matched: list[Dataset] = []
        for index in range(self.draw(st.integers(1, 4))):
            absent = index > 0 and self.chance(3)
            names, here = self._named()
            step: Json = {"no_event" if absent else "event": names}
            if depth and self.chance(4):
                step["where"] = self._event_where(here, self._event_paths(here), depth)
            if absent or (index and self.chance(2)):
                step["within"] = (
                    f"{self.one([1, 2, 24, 30, 90])}{self.one(['m', 'h', 'd', 'd', 'w'])}"
                )
            steps.append(step)
            reached += [d for d in here if d not in reached]
            matched += [] if absent else here
        json: Json = {"sequence": steps}
        if self.chance(3):
            json["during"] = self.window(days=dated(matched))
        if self.chance(3):
            json["same"] = self.one(self._shareable(reached))
        return json

    def _shareable(self, reached: list[Dataset]) -> list[str]:
        """Paths of one type in all the datasets of a sequence."""
        found = ["event", "ts.date", "ts.year"]
        if len({d.fields["amount"].type for d in reached}) == 1:
            found.append("amount")
        if len(reached) == 1:
            own = {"trans": ["aid", "kind", "account.kind", "account.branch.region"],
                   "web": ["pid", "page", "name", "page", "person.name"]}  # fmt: skip
            found += own[reached[0].name]
        return found

    def _measured(
        self, json: Json, paths: Paths, timed: bool
    ) -> tuple[Json, FieldType, bool, str | None]:
        kinds = ["count", "count", "sum", "avg", "min", "max", "distinct"]
        kind = str(self.one(kinds + (["first", "last"] if timed else [])))
        wanted = {"sum": NUMBERS, "avg": NUMBERS, "min": NUMBERS | TIMES, "max": NUMBERS | TIMES}
        fitting = [
            p for p in paths
            if p[1] in wanted.get(kind,
             frozenset(T)) and (kind != "distinct" or p[1] is not T.STRINGS)
        ]  # fmt: skip
        if kind == "count" or not fitting:
            return json, T.INTEGER, False, "count"
        written, type_, weekday = self.one(fitting)  # type: ignore[misc]  # `one` gives an item
        json["measure"] = {kind: written}
        if kind == "distinct":
            return json, T.INTEGER, False, kind
        if kind == "avg" and type_ is not T.FLOAT:
            type_ = T.DECIMAL
        return json, type_, weekday and kind in ("first", "last"), kind


@st.composite
def rules(draw: st.DrawFn, scene: Scene, depth: int = 3, about: Sequence[str] = ABOUT) -> Json:
    """A rule over persons. `about`: which rules about the subject itself it may hold."""
    maker = Rules(draw, scene, about)
    return maker.rule(maker.person, depth, inside=False)


@st.composite
def values(draw: st.DrawFn, scene: Scene) -> Json:
    """A value over persons."""
    maker = Rules(draw, scene)
    return maker.value(maker.person, 2, inside=False)[0]
