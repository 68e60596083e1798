"""The paths that random rules may write, and what the types of several datasets have in common."""

from __future__ import annotations

from enishi.catalog.types import Catalog, Dataset, DatasetKind, FieldType
from enishi.rules.tree import NUMBERS, TIMES

T = FieldType
Paths = list[tuple[str, FieldType, bool]]
"""Written path, its type, whether it is a weekday."""

_PARTS = {"year": T.INTEGER, "month": T.INTEGER, "day": T.INTEGER, "week": T.INTEGER,
          "weekday": T.STRING, "date": T.DATE, "age": T.INTEGER}  # fmt: skip


def paths_of(catalog: Catalog, dataset: Dataset, depth: int = 2, prefix: str = "") -> Paths:
    """Every path from a dataset, over to-one relations up to a depth."""
    found: Paths = []
    for field in dataset.fields.values():
        here = f"{prefix}{field.name}"
        found.append((here, field.type, False))
        if field.type in TIMES:
            found += [(f"{here}.{part}", t, part == "weekday") for part, t in _PARTS.items()]
            if field.type is T.TIMESTAMP:
                found.append((f"{here}.hour", T.INTEGER, False))
        if dataset.kind is DatasetKind.VERSIONED:
            found.append((f"{here}.since", T.TIMESTAMP, False))
    if depth:
        for relation in catalog.relations.get(dataset.name, {}).values():
            if not relation.many:
                target = catalog.datasets[relation.target]
                found += paths_of(catalog, target, depth - 1, f"{prefix}{relation.name}.")
    return found


EVENT_PATHS: Paths = [
    ("event", T.STRING, False), ("ts.date", T.DATE, False), ("ts.weekday", T.STRING, True),
    ("ts.year", T.INTEGER, False),
]  # fmt: skip


def dated(datasets: list[Dataset]) -> bool:
    return any(d.time is not None and d.fields[d.time.field].type is T.DATE for d in datasets)


def datasets_of(names: object) -> list[str]:
    """The event datasets that can hold these names, in the catalog's order."""
    if names == "*" or (isinstance(names, list) and "trans" in names):
        return ["trans", "web"]
    if isinstance(names, str) and names.lower() == "trans":
        return ["trans", "web"]
    return ["web"]


def widest(types: list[FieldType]) -> FieldType:
    if len(set(types)) == 1:
        return types[0]
    return T.FLOAT if T.FLOAT in types else T.DECIMAL


def moment(datasets: list[Dataset]) -> FieldType:
    types = {d.fields[d.time.field].type for d in datasets if d.time is not None}
    return types.pop() if len(types) == 1 else T.TIMESTAMP


def without_relations(dataset: Dataset) -> Dataset:
    """A dataset as a rule over several sees it: only their shared paths."""
    return Dataset("nowhere", dataset.label, dataset.kind, dataset.key, {})


def comparable(left: FieldType, right: FieldType) -> bool:
    if left in NUMBERS:
        return right in NUMBERS
    return right in TIMES if left in TIMES else left is right
