"""Gives every subject its opaque Enishi id, and leads from source keys to ids and back.

An id is the initial of the subject's kind and 24 hex digits of a keyed hash over (kind, dataset,
key). It tells nothing to who lacks the workspace's secret, and a warehouse rebuilt from its files
comes to the same ids. `enishi.identity_links` records which source key leads to which id, so that
later merging and undoing re-point links and touch no business row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from enishi.catalog.types import Catalog, Dataset
from enishi.warehouse.duckdb_engine import Writer
from enishi.warehouse.engine import Engine
from enishi.warehouse.spelling import SQL, literal, quoted
from enishi.warehouse.tables import table_of

SEPARATOR = "\x1f"  # between the parts of a key; occurs in no text a person writes
_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Link:
    """A source key and the subject it leads to."""

    kind: str
    dataset: str
    source_key: str
    enishi_id: str


def source_key(parts: Sequence[object]) -> str:
    """The key of a source row as one text; its parts as the warehouse stores them."""
    return SEPARATOR.join(str(part) for part in parts)


def enishi_id(secret: bytes, dataset: Dataset, key: str) -> str:
    """The id of the subject that `key` (see `source_key`) names in `dataset`."""
    assert dataset.subject is not None
    digest = hashlib.sha256(f"{_prefix(secret, dataset)}{key}".encode()).hexdigest()
    return dataset.subject[0] + digest[:_DIGITS]


def enishi_id_sql(secret: bytes, dataset: Dataset, alias: str) -> SQL:
    """The same for every row of `alias` at once."""
    assert dataset.subject is not None
    return (
        f"{literal(dataset.subject[0])} || left(sha256({literal(_prefix(secret, dataset))}"
        f" || {source_key_sql(dataset, alias)}), {_DIGITS})"
    )


def source_key_sql(dataset: Dataset, alias: str) -> SQL:
    """SQL for `source_key` of a row."""
    parts = [f"CAST({alias}.{quoted(name)} AS VARCHAR)" for name in dataset.key]
    return parts[0] if len(parts) == 1 else f"concat_ws(chr({ord(SEPARATOR)}), {', '.join(parts)})"


def link_new(writer: Writer, dataset: Dataset, load_id: str, at: datetime) -> int:
    """Record the links of the subjects that a load has brought for the first time.

    Inside the load's transaction, after its rows are in. `at` is naive UTC. Returns the new links.
    """
    if dataset.subject is None:
        return 0
    kind, name = literal(dataset.subject), literal(dataset.name)
    known = f"SELECT enishi_id FROM enishi.identity_links WHERE kind = {kind} AND dataset = {name}"
    first = not writer.one(f"{known} LIMIT 1")
    only_new = "" if first else f" ANTI JOIN ({known}) l ON l.enishi_id = t._id"
    # A load opens one version a key, so the rows of one load are distinct already.
    return writer.execute(
        "INSERT INTO enishi.identity_links"
        f" SELECT {kind}, {name}, {source_key_sql(dataset, 't')}, t._id, ?::TIMESTAMP"
        f" FROM {table_of(dataset.name)} t{only_new} WHERE t._load = ?",
        [at, load_id],
    )


def link_staged(
    writer: Writer, dataset: Dataset, stage: SQL, made: Mapping[str, SQL], at: datetime
) -> int:
    """The same where the dataset's rows are in another engine: of the rows about to come in.

    `made["_id"]` gives the id of a staged row `s`; the stage holds one row a key.
    """
    if dataset.subject is None:
        return 0
    kind, name = literal(dataset.subject), literal(dataset.name)
    known = f"SELECT enishi_id FROM enishi.identity_links WHERE kind = {kind} AND dataset = {name}"
    return writer.execute(
        f"INSERT INTO enishi.identity_links SELECT {kind}, {name}, n.key, n.id, ?::TIMESTAMP FROM"
        f" (SELECT {source_key_sql(dataset, 's')} AS key, {made['_id']} AS id FROM {stage} s) n"
        f" ANTI JOIN ({known}) l ON l.enishi_id = n.id",
        [at],
    )


def resolve(engine: Engine, catalog: Catalog, subject: str, reference: str) -> Link | None:
    """The subject that an Enishi id or a source key names; None when nobody bears it.

    A key of several parts is written with `SEPARATOR` or with a slash between them.
    """
    dataset = catalog.subject_dataset(subject)
    if dataset is None:
        return None
    key = reference if len(dataset.key) == 1 else reference.replace("/", SEPARATOR)
    with engine.books.read() as question:
        found = question.rows(
            "SELECT kind, dataset, source_key, enishi_id FROM enishi.identity_links"
            " WHERE kind = ? AND dataset = ? AND (enishi_id = ? OR source_key = ?)"
            " ORDER BY enishi_id = ? DESC LIMIT 1",
            [dataset.subject, dataset.name, reference, key, reference],
        )
    return Link(*found[0]) if found else None


def links_of(engine: Engine, subject_id: str) -> list[Link]:
    """Every source key that leads to this subject."""
    with engine.books.read() as question:
        rows = question.rows(
            "SELECT kind, dataset, source_key, enishi_id FROM enishi.identity_links"
            " WHERE enishi_id = ? ORDER BY dataset, source_key",
            [subject_id],
        )
    return [Link(*row) for row in rows]


def _prefix(secret: bytes, dataset: Dataset) -> str:
    return f"{secret.decode()}:{dataset.subject}:{dataset.name}:"
