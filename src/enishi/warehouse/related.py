"""What belongs to one person: the relation paths of her page, and the rows they lead to."""

from __future__ import annotations

from datetime import datetime

from enishi.catalog.types import Catalog, Dataset, Relation
from enishi.warehouse.engine import Engine
from enishi.warehouse.narrowing import narrowed
from enishi.warehouse.spelling import SQL


def holdings(catalog: Catalog, dataset: Dataset) -> list[str]:
    """The relation paths a person's page shows: her relations, and behind those that are paths
    themselves (owned accounts) what is held there (their loans), if no relation shows it already.

    Where several paths lead to the same, narrowed ones (the accounts she owns) are preferred.
    Events stand on the timeline instead.
    """
    own = catalog.relations.get(dataset.name, {})
    found = [name for name, r in own.items() if catalog.datasets[r.target].event is None]
    shown = {relation.target for relation in own.values()}
    deeper: dict[str, list[tuple[bool, str]]] = {}
    for name, relation in own.items():
        steps = catalog.expand(dataset.name, name) or ()
        passed = {step.target for step in steps}
        if not relation.via or any(catalog.datasets[one].subject for one in passed):
            continue  # what other persons hold stands on their own pages
        for inner in catalog.relations.get(relation.target, {}).values():
            target = catalog.datasets[inner.target]
            held = inner.many and not inner.via and target.event is None and target.subject is None
            if held and target.name not in shown | passed:
                narrow = any(step.wheres for step in steps)
                deeper.setdefault(target.name, []).append((narrow, f"{name}.{inner.name}"))
    for paths in deeper.values():
        narrowest = any(narrow for narrow, _ in paths)
        found += [path for narrow, path in paths if narrow == narrowest]
    return found


def relations_of(catalog: Catalog, dataset: Dataset, path: str) -> list[Relation]:
    """The relations that a dotted path follows from a dataset."""
    found: list[Relation] = []
    here = dataset.name
    for name in path.split("."):
        found.append(catalog.relations[here][name])
        here = found[-1].target
    return found


def related_sql(
    engine: Engine, catalog: Catalog, dataset: Dataset, path: str, now: datetime
) -> SQL | None:
    """The rows a relation path leads to from the subject `?`, with the relation's narrowings.

    Versions that hold now; each row once. None when the path is unknown.
    """
    steps = catalog.expand(dataset.name, path)
    if steps is None:
        return None
    spelling = engine.spelling
    inner = f"SELECT * FROM {spelling.data(dataset.name)} WHERE _id = ? AND {present(dataset)}"
    for step in steps:
        target = catalog.datasets[step.target]
        only = "".join(
            f" AND {narrowed(engine, where, target, 'b', catalog, now)}" for where in step.wheres
        )
        inner = (
            f"SELECT b.* FROM {spelling.data(step.target)} b"
            f" WHERE {spelling.reached(inner, step.columns, 'b')} AND {present(target)}{only}"
        )
    return inner


def present(dataset: Dataset) -> SQL:
    """Keeps the versions that hold now."""
    return "_to IS NULL" if dataset.versioned else "true"
