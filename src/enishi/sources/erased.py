"""Rows of people who were erased, when a file brings them again: dropped and counted.

They become no dead letters, which would keep them. A row is theirs when its key, or what a relation
finds it by, bears a tombstone; when it points to such a row; and when it points to no other person.
A row that is somebody else's too loses only what points to the erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from enishi.catalog.types import Catalog, Dataset, FieldType, Relation
from enishi.identity.service import SEPARATOR
from enishi.sources.reread import Rereader
from enishi.sources.stream.tombstones import Erased, erased_hash_sql, row_kind
from enishi.sources.types import DeadLetter, FileRead
from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.hers import found_by, keyed
from enishi.warehouse.spelling import SQL, quoted

_THERE = "SELECT hash FROM enishi.tombstones"


def drop_erased(
    writer: Writer, stage: SQL, dataset: Dataset, catalog: Catalog, secret: bytes
) -> int:
    """Take the rows of the erased off a stage; returns how many they were."""
    if not writer.one(f"{_THERE} LIMIT 1"):
        return 0
    tests = [_erased(secret, dataset.name, way, way) for way in found_by(catalog, dataset)]
    gone = writer.execute(f"DELETE FROM {stage} s WHERE {' OR '.join(tests)}") if tests else 0
    people, others = _pointing(catalog, dataset)
    if dataset.subject is None:
        tests = [_points(secret, relation) for relation in others]
        tests += _alone(catalog, secret, people)
        if tests:
            gone += writer.execute(f"DELETE FROM {stage} s WHERE {' OR '.join(tests)}")
    for relation in (*people, *(others if dataset.subject is not None else ())):
        names = [own for own, _ in relation.columns if own not in dataset.key]
        if names:
            sets = ", ".join(f"{quoted(name)} = NULL" for name in names)
            writer.execute(f"UPDATE {stage} s SET {sets} WHERE {_points(secret, relation)}")
    return gone


def without_erased(
    letters: Sequence[DeadLetter],
    files: Sequence[FileRead],
    dataset: Dataset,
    catalog: Catalog,
    secret: bytes,
    writer: Writer,
) -> list[DeadLetter]:
    """The dead letters that are nobody's whom we have erased; their rows are read once more."""
    erased = Erased(secret)
    erased.refresh(writer)
    if not letters or not len(erased):
        return list(letters)
    rereaders = {file.path: Rereader(file, dataset) for file in files}
    kinds = values_by_kind(catalog, dataset)
    kept = []
    for letter in letters:
        rereader = rereaders.get(letter.file)
        cells = rereader.cells(letter.raw) if rereader is not None else None
        if cells is None or not any(
            value is not None and erased.knows(kind, value)
            for kind, names in kinds
            for value in [_joined(cells, names)]
        ):
            kept.append(letter)
    return kept


def erased_lines(
    writer: Writer, rows: SQL, dataset: Dataset, catalog: Catalog, secret: bytes, there: set[str]
) -> tuple[list[int], list[tuple[int, str]]]:
    """Which lines of a file are theirs, and which cells of others' rows point to them.

    `rows` is a relation of texts by field with `_line`; `there` are the fields it has.
    """
    texts = {
        name: _text(dataset.fields[name].type, name) for name in dataset.fields if name in there
    }
    named = ", ".join(f"{text} AS {quoted(name)}" for name, text in texts.items())
    source = f"(SELECT s._line, {named} FROM {rows} s)" if named else rows
    own = [
        _erased(secret, dataset.name, way, way)
        for way in found_by(catalog, dataset)
        if there.issuperset(way)
    ]
    people, others = (
        [r for r in found if there.issuperset(own for own, _ in r.columns)]
        for found in _pointing(catalog, dataset)
    )
    cells = [*people]
    if dataset.subject is None:
        own += [_points(secret, relation) for relation in others]
        own += _alone(catalog, secret, people)
    else:
        cells += others
    gone = {
        int(row[0])
        for row in (
            writer.rows(f"SELECT s._line FROM {source} s WHERE {' OR '.join(own)}") if own else ()
        )
    }
    emptied = [
        (int(row[0]), name)
        for relation in cells
        for row in writer.rows(f"SELECT s._line FROM {source} s WHERE {_points(secret, relation)}")
        for name, _ in relation.columns
        if int(row[0]) not in gone and name not in dataset.key
    ]
    return sorted(gone), emptied


def values_by_kind(catalog: Catalog, dataset: Dataset) -> list[tuple[str, tuple[str, ...]]]:
    """The kinds of tombstones a dataset's rows are held against, and the columns that bear them."""
    found = [(row_kind(dataset.name, way), way) for way in found_by(catalog, dataset)]
    people, others = _pointing(catalog, dataset)
    for relation in (*people, *others):
        there = tuple(there for _, there in relation.columns)
        own = tuple(own for own, _ in relation.columns)
        found.append((row_kind(relation.target, there), own))
    return found


def _pointing(catalog: Catalog, dataset: Dataset) -> tuple[list[Relation], list[Relation]]:
    """The relations by which a row points to one other: to subjects, and to anything else."""
    people: list[Relation] = []
    others: list[Relation] = []
    for relation in catalog.relations.get(dataset.name, {}).values():
        if relation.columns and not relation.many:
            is_subject = catalog.datasets[relation.target].subject is not None
            (people if is_subject else others).append(relation)
    return people, others


def _alone(catalog: Catalog, secret: bytes, people: Sequence[Relation]) -> list[SQL]:
    """Whether a row goes: it points to one of the erased by its key, or to no other of her kind."""
    tests = [_points(secret, relation) for relation in people if keyed(catalog, relation)]
    for kind in dict.fromkeys(relation.target for relation in people):
        among = [relation for relation in people if relation.target == kind]
        all_ = " AND ".join(f"({_points(secret, r)} OR {_unset(r)})" for r in among)
        some = " OR ".join(_points(secret, relation) for relation in among)
        tests.append(f"(({all_}) AND ({some}))")
    return tests


def _text(kind: FieldType, name: str) -> SQL:
    """A cell of a file as the warehouse would spell it."""
    told = f"nullif(trim(s.{quoted(name)}), '')"
    if kind is FieldType.INTEGER:
        return f"coalesce(CAST(TRY_CAST({told} AS BIGINT) AS VARCHAR), {told})"
    return told


def _points(secret: bytes, relation: Relation) -> SQL:
    there = [there for _, there in relation.columns]
    return _erased(secret, relation.target, there, [own for own, _ in relation.columns])


def _erased(secret: bytes, dataset: str, there: Sequence[str], own: Sequence[str]) -> SQL:
    parts = [f"CAST(s.{quoted(name)} AS VARCHAR)" for name in own]
    value = parts[0] if len(parts) == 1 else f" || chr({ord(SEPARATOR)}) || ".join(parts)
    told = erased_hash_sql(secret, row_kind(dataset, there), value)
    return f"coalesce({told} IN ({_THERE}), false)"


def _unset(relation: Relation) -> SQL:
    return " OR ".join(f"s.{quoted(own)} IS NULL" for own, _ in relation.columns)


def _joined(cells: Mapping[str, str | None], names: Sequence[str]) -> str | None:
    parts = [cells.get(name) for name in names]
    told = [part.strip() for part in parts if part is not None]
    return SEPARATOR.join(told) if len(told) == len(names) else None
