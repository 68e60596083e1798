"""The shortest way from a subject to another dataset."""

from __future__ import annotations

from collections import deque

from enishi.catalog.types import BaseStep, Catalog, Dataset


def path_from_subject(catalog: Catalog, target: str) -> tuple[Dataset, tuple[BaseStep, ...]] | None:
    """The nearest subject dataset and the joins from it to `target` that go down to-many relations
    only; None where `target` belongs to no subject (a list of branches, of products)."""
    for subject in catalog.subjects():
        queue: deque[tuple[str, tuple[BaseStep, ...]]] = deque([(subject.name, ())])
        seen = {subject.name}
        while queue:
            here, path = queue.popleft()
            if here == target and path:
                return subject, path
            for relation in catalog.relations.get(here, {}).values():
                if not relation.columns or relation.target in seen:
                    continue
                if not relation.many and not _owned(catalog, relation.target, here):
                    continue
                seen.add(relation.target)
                step = BaseStep(here, relation.target, relation.columns, relation.many)
                queue.append((relation.target, (*path, step)))
    return None


def _owned(catalog: Catalog, target: str, here: str) -> bool:
    """Whether a to-one relation leads to something of the subject's own (an account reached
    through a link row), not to reference data that the subject itself points at."""
    return (
        catalog.datasets[here].subject is None
        and any(
            dataset.event is not None or relation.many
            for relation in catalog.relations.get(target, {}).values()
            for dataset in [catalog.datasets[relation.target]]
        )
        and not _reference(catalog, target)
    )


def _reference(catalog: Catalog, name: str) -> bool:
    """Whether some subject points at this dataset directly: a branch, a district."""
    return any(
        relation.target == name and not relation.many and relation.columns
        for subject in catalog.subjects()
        for relation in catalog.relations.get(subject.name, {}).values()
    )
