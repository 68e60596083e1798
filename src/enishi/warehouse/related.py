"""What belongs to one person: the relation paths of her page, and the rows they lead to."""

from __future__ import annotations

from collections.abc import Sequence

from enishi.catalog.types import Catalog, Dataset, Meaning, Relation
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


def part_of(catalog: Catalog, dataset: Dataset, relations: Sequence[Relation]) -> str | None:
    """What part the rows at the end of relations play on a subject's page.

    branch, owner        one row, pointed at by a field that means a branch or a staff member
    company              one subject of another kind: the employer of a person
    parent, children     one, or many, of the same kind, pointed at by the own rows
    family               many of the same kind, over something shared: a household
    people               many subjects of another kind: the employees of a company
    consents             where the catalog says that consents are recorded
    """
    first, target = relations[0], catalog.datasets[relations[-1].target]
    if len(relations) == 1 and catalog.consents and first.name == catalog.consents.relation:
        return "consents"
    many = any(relation.many for relation in relations)
    if target.subject is not None:
        if target.name != dataset.name:
            return "people" if many else "company"
        if first.columns:
            return "children" if many else "parent"
        return "family" if many else None
    if many or not first.columns:
        return None
    meant = {dataset.fields[column].meaning for column, _ in first.columns}
    return "branch" if Meaning.BRANCH in meant else "owner" if Meaning.STAFF in meant else None


def present(dataset: Dataset) -> SQL:
    """Keeps the versions that hold now."""
    return "_to IS NULL" if dataset.versioned else "true"
