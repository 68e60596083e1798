"""Which rows of the warehouse are one person's: what an erasure removes and an export tells.

Her rows are, to the end of what the catalog's relations lead to:

- the person's own, in all their versions;
- rows that point to a row of hers (her deposits; the payments of her account), unless they point to
  another person too: those are shared, stay, and lose what points to her (they go where their key
  does, which cannot be emptied);
- rows that lie on a way from her to rows of theirs (the account between a holder and its payments)
  where no row of anybody else leads there as well.

A row of another subject is never hers; where it points to her (whom she introduced), that is
emptied. What no relation leads to is not known to be hers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from enishi.catalog.types import BaseStep, Catalog, Dataset, Relation
from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.spelling import SQL, literal, quoted
from enishi.warehouse.tables import shadow, shadow_type, table_of


@dataclass
class Hers:
    """Her rows: `rows` counts them by dataset. They stand in temporary tables of one writer."""

    catalog: Catalog
    person: Dataset
    rows: dict[str, int] = field(default_factory=dict)

    def select(self, dataset: str, columns: SQL = "d.*") -> SQL:
        """A SELECT over her rows `d` of a dataset."""
        return (
            f"SELECT {columns} FROM {table_of(dataset)} d"
            f" WHERE d.rowid IN (SELECT rid FROM {_kept(dataset)})"
        )


def find_hers(writer: Writer, catalog: Catalog, person: Dataset, ids: Sequence[str]) -> Hers:
    """Find the rows of the persons with these Enishi ids."""
    found = Hers(catalog, person)
    named = ", ".join(map(literal, ids)) or "NULL"
    links = _links(catalog, person)
    _keep(writer, found, person, f"SELECT d.rowid FROM {table_of(person.name)} d"
          f" WHERE d._id IN ({named})")  # fmt: skip
    waiting = [person.name]
    while waiting:
        here = waiting.pop()
        for relation in pointing_to(catalog, here):
            source = catalog.datasets[relation.source]
            if source.subject is None and _keep(writer, found, source, _children(found, relation)):
                waiting.append(source.name)
        waiting += [
            step.target
            for step in links
            if step.source == here
            and _keep(writer, found, catalog.datasets[step.target], _between(step))
        ]
    return found


def erase(writer: Writer, found: Hers) -> dict[str, int]:
    """Delete her rows and empty what points to her; rows deleted or emptied, by dataset."""
    counts: dict[str, int] = {}
    for relation in pointing_to(found.catalog, found.person.name):
        emptied = _empty(writer, found, relation)
        if emptied:
            counts[relation.source] = counts.get(relation.source, 0) + emptied
    for dataset in list(found.rows):
        gone = writer.execute(
            f"DELETE FROM {table_of(dataset)} d WHERE d.rowid IN (SELECT rid FROM {_kept(dataset)})"
        )
        counts[dataset] = counts.get(dataset, 0) + gone
    return counts


def forget(writer: Writer, found: Hers) -> None:
    """Drop the temporary tables."""
    for dataset in found.rows:
        writer.execute(f"DROP TABLE IF EXISTS {_kept(dataset)}")


def pointing_to(catalog: Catalog, dataset: str) -> Iterator[Relation]:
    """The base relations by which one row of any dataset points to a row of this one."""
    for own in catalog.relations.values():
        for relation in own.values():
            if relation.columns and not relation.many and relation.target == dataset:
                yield relation


def found_by(catalog: Catalog, dataset: Dataset) -> list[tuple[str, ...]]:
    """The sets of columns by which rows of a dataset are pointed to, its key first; none for rows
    that nothing points to and that are no subjects."""
    ways = {tuple(there for _, there in r.columns) for r in pointing_to(catalog, dataset.name)}
    if not ways and dataset.subject is None:
        return []
    key = tuple(dataset.key)
    return [key, *sorted(ways - {key})]


def keyed(catalog: Catalog, relation: Relation) -> bool:
    """Whether a row's key says whom it points to, so that this cannot be emptied."""
    key = catalog.datasets[relation.source].key
    return any(own in key for own, _ in relation.columns)


def shared_with(catalog: Catalog, relation: Relation) -> list[Relation]:
    """Further relations of the rows that point to a person by `relation`, to persons too; none
    where a row goes whoever else it points to."""
    if keyed(catalog, relation):
        return []
    return [
        other
        for other in pointing_to(catalog, relation.target)
        if other.source == relation.source and other.name != relation.name
    ]


def _links(catalog: Catalog, person: Dataset) -> list[BaseStep]:
    """The to-one steps with a to-many step behind them, on the catalog's ways from the person."""
    assert person.subject is not None
    paths = [
        dataset.event.of[person.subject]
        for dataset in catalog.datasets.values()
        if dataset.event is not None and person.subject in dataset.event.of
    ]
    own = catalog.relations.get(person.name, {})
    paths += [name for name, relation in own.items() if relation.via]
    ways = [catalog.expand(person.name, path) or () for path in paths]
    found: dict[tuple[object, ...], BaseStep] = {}
    for steps in ways:
        for step, behind in pairwise(steps):
            held = catalog.datasets[step.target].subject is None and step.source != person.name
            if held and not step.many and behind.many:
                found.setdefault((step.source, step.target, step.columns), step)
    return list(found.values())


def _kept(dataset: str) -> SQL:
    return f"temp.{quoted(f'_hers_{dataset}')}"


def _keep(writer: Writer, found: Hers, dataset: Dataset, rows: SQL) -> bool:
    """Add rows (their ids) to hers; whether any were new."""
    if dataset.name not in found.rows:
        writer.execute(
            f"CREATE OR REPLACE TEMP TABLE {quoted(f'_hers_{dataset.name}')} (rid BIGINT)"
        )
        found.rows[dataset.name] = 0
    kept = _kept(dataset.name)
    new = writer.execute(
        f"INSERT INTO {kept} SELECT * FROM ({rows}) n(rid)"
        f" WHERE n.rid NOT IN (SELECT rid FROM {kept})"
    )
    found.rows[dataset.name] += new
    return new > 0


def _points(relation: Relation, alias: str) -> SQL:
    """Whether the row `alias` points to a row of hers by `relation`."""
    on = " AND ".join(
        f"{alias}.{quoted(own)} = t.{quoted(there)}" for own, there in relation.columns
    )
    return (
        f"EXISTS (SELECT 1 FROM {table_of(relation.target)} t WHERE {on}"
        f" AND t.rowid IN (SELECT rid FROM {_kept(relation.target)}))"
    )


def _children(found: Hers, relation: Relation) -> SQL:
    """Rows that point to rows of hers, without those that point to another person as well."""
    sql = f"SELECT d.rowid FROM {table_of(relation.source)} d WHERE {_points(relation, 'd')}"
    if relation.target == found.person.name:
        for other in shared_with(found.catalog, relation):
            sql += f" AND (({_unset(other, 'd')}) OR {_points(other, 'd')})"
    return sql


def _unset(relation: Relation, alias: str) -> SQL:
    return " OR ".join(f"{alias}.{quoted(own)} IS NULL" for own, _ in relation.columns)


def _between(step: BaseStep) -> SQL:
    """Rows that rows of hers lead to by a to-one step, and no row of anybody else does."""
    on = " AND ".join(f"s.{quoted(own)} = d.{quoted(there)}" for own, there in step.columns)
    source, kept = table_of(step.source), _kept(step.source)
    return (
        f"SELECT d.rowid FROM {table_of(step.target)} d WHERE EXISTS (SELECT 1 FROM {source} s"
        f" WHERE {on} AND s.rowid IN (SELECT rid FROM {kept})) AND NOT EXISTS (SELECT 1 FROM"
        f" {source} s WHERE {on} AND s.rowid NOT IN (SELECT rid FROM {kept}))"
    )


def _empty(writer: Writer, found: Hers, relation: Relation) -> int:
    """Empty what points to her in rows that are not hers; columns of a key cannot be."""
    dataset = found.catalog.datasets[relation.source]
    names = [own for own, _ in relation.columns if own not in dataset.key]
    if not names:
        return 0
    sets = [f"{quoted(name)} = NULL" for name in names]
    sets += [
        f"{quoted(shadow(dataset.fields[name]))} = NULL"
        for name in names
        if shadow_type(dataset.fields[name]) is not None
    ]
    rest = ""
    if dataset.name in found.rows:
        rest = f" AND d.rowid NOT IN (SELECT rid FROM {_kept(dataset.name)})"
    return writer.execute(
        f"UPDATE {table_of(dataset.name)} d SET {', '.join(sets)}"
        f" WHERE {_points(relation, 'd')}{rest}"
    )


def counted(rows: Mapping[str, int]) -> int:
    """All rows of all datasets together."""
    return sum(rows.values())
