"""Draft the foreign keys: columns whose values and names speak of another table's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from enishi.catalog.infer import DraftField, DraftTable, is_id_name, singular
from enishi.catalog.types import FieldType
from enishi.catalog.words import JAPANESE, parts_of, terms_of, words

ID_ENDS = ("id", "no", "num", "number", "code", "cd", "key")
PERSON_WORDS = words("""
    customer client person people member user patient subscriber guest student policyholder cust
    consumer shopper passenger borrower donor
""")


@dataclass
class DraftRelation:
    """A foreign key of the draft. `share`: of the child's values, how many the parent has."""

    child: DraftTable
    fields: tuple[str, ...]
    parent: DraftTable
    name: str = ""
    inverse: str = ""
    share: float = 1.0
    certain: bool = True


@dataclass
class DraftLinks:
    """The tables, linked."""

    tables: list[DraftTable]
    relations: list[DraftRelation] = field(default_factory=list)


def rows_per_value(table: DraftTable, name: str) -> float:
    """How many rows there are, on average, for each value of a field."""
    guess = table.fields[name].guess
    return guess.filled / guess.distinct if guess.distinct else 0.0


def foreign_keys(tables: Sequence[DraftTable]) -> list[DraftRelation]:
    """For every column the table it most likely points to, if any."""
    keys = {
        parent.name: {v for v in parent.values(parent.key[0]) if v is not None}
        for parent in tables
        if len(parent.key) == 1 and parent.fields[parent.key[0]].column is not None
    }
    found: list[DraftRelation] = []
    for child in tables:
        for column in child.fields.values():
            if column.column is None or column.typed not in (FieldType.STRING, FieldType.INTEGER):
                continue
            best = _best_parent(child, column, tables, keys)
            if best is not None:
                found.append(best)
    return _no_mutual(found)


def _best_parent(
    child: DraftTable,
    column: DraftField,
    tables: Sequence[DraftTable],
    keys: dict[str, set[str]],
) -> DraftRelation | None:
    values = {v for v in child.values(column.name) if v is not None}
    best: tuple[float, DraftRelation] | None = None
    for parent in tables:
        known = keys.get(parent.name)
        if not known or not values:
            continue
        key = parent.fields[parent.key[0]]
        if parent is child and column.name == key.name:
            continue
        if column.typed is not key.typed:
            continue
        own_key = child.key == (column.name,)
        likeness = _likeness(column.name, parent, key.name)
        share = len(values & known) / len(values)
        if not _accept(likeness, share, column, values, parent, own_key=own_key):
            continue
        relation = DraftRelation(
            child, (column.name,), parent, share=share, certain=likeness >= 2 and share > 0.98
        )
        score = likeness + share
        if best is None or score > best[0]:
            best = (score, relation)
    return None if best is None else best[1]


def _accept(
    likeness: int,
    share: float,
    column: DraftField,
    values: set[str],
    parent: DraftTable,
    *,
    own_key: bool,
) -> bool:
    if not parent.sample.complete:
        return likeness >= 2 and share > 0.1
    if own_key:
        return likeness >= 4 and share > 0.9
    if likeness >= 2:
        return share >= 0.5
    if likeness == 1:
        return share >= 0.95
    telling = column.typed is FieldType.STRING and min(map(len, values)) >= 4
    return share == 1 and is_id_name(column.name) and telling and len(values) >= 10


def _likeness(column: str, parent: DraftTable, key: str) -> int:
    """How much a column's name speaks of a table's key, 0 to 4."""
    parts, key_parts = parts_of(column), parts_of(key)
    own = [singular(part) for part in parts_of(parent.name)]
    stem = [singular(p) for p in parts if p not in ID_ENDS] or [
        singular(p[:-2]) for p in parts if p.endswith("id") and len(p) > 3
    ]
    named = bool(stem) and (stem == own or (len(own) == 1 and _abbreviates(stem, own[0])))
    has_end = parts[-1:] and (parts[-1] in ID_ENDS or parts[-1].endswith("id"))
    if named and has_end:
        return 4
    if has_end and set(stem) & PERSON_WORDS and set(own) & PERSON_WORDS:
        return 3  # a user_id may well be a customer's
    generic = all(part in ID_ENDS for part in key_parts)
    if parts == key_parts and not generic:
        return 3
    if not column.isascii():
        return _japanese_likeness(column, parent, key)
    if not generic and len(parts) > len(key_parts) and parts[-len(key_parts) :] == key_parts:
        return 2
    if stem and has_end and own and stem[-1] == own[-1]:
        return 2
    if own and parts[:1] == ("parent",) and len(parts) <= 2:
        return 1
    return 1 if named else 0


def _abbreviates(stem: list[str], name: str) -> bool:
    return (
        len(stem) == 1
        and len(stem[0]) >= 3
        and (name.startswith(stem[0]) or (stem[0].startswith(name) and len(name) >= 3))
    )


def _japanese_likeness(column: str, parent: DraftTable, key: str) -> int:
    if column == key:
        return 3
    base = column
    for end in ("番号", "コード", "ID", "id", "ＩＤ", "No"):
        base = base.removesuffix(end)
    own = parent.name.removesuffix("マスタ").removesuffix("マスター").removesuffix("一覧")
    if base and base == own:
        return 4
    if column.endswith(key) or (own and column.startswith(own)):
        return 2
    terms = terms_of(base) or ()
    english = " ".join(JAPANESE.get(term, term) for term in terms)
    return 2 if english and english in {singular(p) for p in parts_of(parent.name)} else 0


def _no_mutual(found: list[DraftRelation]) -> list[DraftRelation]:
    """Two tables that share a key point at each other: keep the way to the larger one."""
    kept: list[DraftRelation] = []
    for relation in found:
        twin = next(
            (
                r
                for r in found
                if r.child is relation.parent
                and r.parent is relation.child
                and r.fields == relation.child.key
                and relation.fields == r.parent.key
            ),
            None,
        )
        if twin is None or twin is relation:
            kept.append(relation)
            continue
        mine, other = relation.parent.rows, twin.parent.rows
        if mine > other or (mine == other and found.index(relation) < found.index(twin)):
            kept.append(relation)
    return kept
