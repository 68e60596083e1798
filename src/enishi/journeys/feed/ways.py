"""The join from persons along a relation path, each row as it stands now."""

from __future__ import annotations

from collections.abc import Sequence

from enishi.catalog.types import BaseStep, Dataset, RuleJson
from enishi.journeys.feed.told import Feed
from enishi.rules import compile_rows
from enishi.warehouse.spelling import SQL


def joined(feed: Feed, person: Dataset, steps: Sequence[BaseStep]) -> tuple[SQL, list[SQL]]:
    """What stands behind FROM, and the tests that keep present versions, and of them those that the
    path's own narrowings mean. The persons are `t0`, the rows that step n leads to `tn`."""
    spell = feed.engine.spelling
    joins: SQL = f"{spell.data(person.name)} t0"
    tests = ["t0._to IS NULL"] if person.versioned else []
    for nth, step in enumerate(steps, 1):
        on = " AND ".join(
            f"t{nth - 1}.{spell.name(ours)} = t{nth}.{spell.name(theirs)}"
            for ours, theirs in step.columns
        )
        joins += f" JOIN {spell.data(step.target)} t{nth} ON {on}"
        target = feed.catalog.datasets[step.target]
        if target.versioned:
            tests.append(f"t{nth}._to IS NULL")
        if step.wheres:
            tests.append(among(feed, target, f"t{nth}", {"all": list(step.wheres)}))
    return joins, tests


def among(feed: Feed, dataset: Dataset, alias: str, rule: RuleJson) -> SQL:
    """A test of the rows of a dataset: whether a rule over them is true now."""
    spell = feed.engine.spelling
    rows = compile_rows(
        rule, feed.catalog, dataset.name, feed.now, feed.engine.dialect, schemas=feed.engine.schemas
    )
    key = ", ".join(f"{alias}.{spell.name(name)}" for name in dataset.key)
    return f"({key}) IN (SELECT {', '.join(map(spell.name, dataset.key))} FROM ({rows}) k)"
