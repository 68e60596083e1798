"""Whose the rows of an event dataset are: `event.of`, checked and keyed by kinds of subjects."""

from __future__ import annotations

from dataclasses import replace

from enishi.catalog.faults import Faults, remedy_for
from enishi.catalog.types import Catalog, Dataset, EventNaming
from enishi.kernel.text import Text


def check_events(catalog: Catalog, faults: Faults) -> dict[str, Dataset]:
    """The datasets, with `event.of` keyed by subject kinds, each path resolved to its dataset."""
    found = dict(catalog.datasets)
    for dataset in catalog.datasets.values():
        if dataset.event is None:
            continue
        of: dict[str, str] = {}
        for kind, way in dataset.event.of.items():
            path = f"datasets.{dataset.name}.event.of.{kind}"
            subject = catalog.subject_dataset(kind)
            if subject is None or subject.subject is None:
                kinds = [s.subject for s in catalog.subjects() if s.subject]
                faults.add(
                    "unknown_subject",
                    path,
                    Text(
                        f"「{kind}」という対象はありません。",
                        f"There is no subject called `{kind}`.",
                    ),
                    remedy_for(kind, kinds),
                )
                continue
            if _leads(catalog, subject, way, dataset, path, faults):
                of[subject.subject] = way
        event = EventNaming(of, dataset.event.name, dataset.event.name_field)
        found[dataset.name] = replace(dataset, event=event)
    return found


def _leads(
    catalog: Catalog, subject: Dataset, way: str, dataset: Dataset, path: str, faults: Faults
) -> bool:
    here = subject.name
    for name in way.split("."):
        relation = catalog.relation(here, name)
        if relation is None:
            faults.add(
                "unknown_relation",
                path,
                Text(
                    f"「{here}」に「{name}」という関連はありません。",
                    f"`{here}` has no relation `{name}`.",
                ),
                remedy_for(name, catalog.relations.get(here, {})),
            )
            return False
        here = relation.target
    if here != dataset.name:
        faults.add(
            "leads_elsewhere",
            path,
            Text(
                f"「{way}」は「{here}」に着きます。「{dataset.name}」に着く経路を書いてください。",
                f"`{way}` leads to `{here}`, not to `{dataset.name}`.",
            ),
            Text(
                f"「{subject.name}」から「{dataset.name}」までの関連をつないでください。",
                f"Chain the relations from `{subject.name}` to `{dataset.name}`.",
            ),
        )
        return False
    return True
