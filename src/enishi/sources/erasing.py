"""Takes one person out of the warehouse: her rows, her stays, her dead letters, her tombstones set.

Everything happens in one transaction, under the same lock as loads and the drain; done again it
finds nothing more. What has been deleted can still be read in the file until it is written anew
(`DuckDBEngine.write_anew`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from enishi.catalog.types import Catalog
from enishi.identity.service import SEPARATOR
from enishi.kernel.errors import EnishiError
from enishi.sources.erased import values_by_kind
from enishi.sources.eventlog.rewrite import Identifiers
from enishi.sources.reread import Rereader
from enishi.sources.stream.tombstones import Erased, put
from enishi.sources.types import FileRead
from enishi.sources.whom import Whom, find_whom
from enishi.warehouse.duckdb_engine import Workbench, Writer
from enishi.warehouse.engine import Engine
from enishi.warehouse.hers import erase, find_hers, forget
from enishi.warehouse.spelling import quoted

_OF_PERSONS = ("_id", "enishi_id")
"""The columns of the books that hold an Enishi id."""

_STREAM = "stream:"
_forgetting: list[Callable[[str], None]] = []
_decode_identifiers = msgspec.json.Decoder(Identifiers).decode


def provide_forget(forget_her: Callable[[str], None] | None) -> None:
    """Let this be told of everybody (by Enishi id) whose rows have gone; None: nothing any more."""
    _forgetting[:] = [] if forget_her is None else [forget_her]


def bury(engine: Engine, catalog: Catalog, secret: bytes, person: str, at: datetime) -> Whom:
    """Set a person's tombstones: from now on nothing of hers comes in. Returns whom they hide."""
    with engine.books.workbench() as bench, bench.transaction():
        whom = find_whom(bench, catalog, secret, person)
        put(bench, whom.hashes, at)
    return whom


def find(engine: Engine, catalog: Catalog, secret: bytes, person: str) -> Whom:
    """By what a person is known now."""
    with engine.books.workbench() as bench:
        return find_whom(bench, catalog, secret, person)


def set_tombstones(engine: Engine, hashes: Iterable[str], at: datetime) -> None:
    """Set tombstones that are known from elsewhere."""
    with engine.books.write() as writer:
        put(writer, hashes, at)


def erase_from_warehouse(
    engine: Engine, catalog: Catalog, secret: bytes, person: str
) -> dict[str, int]:
    """Delete everything of a person; rows gone by dataset, or by table of the books.

    Who keeps people in memory is told (see `provide_forget`).
    """
    with engine.books.workbench() as bench, bench.transaction():
        whom = find_whom(bench, catalog, secret, person)
        counts: dict[str, int] = {}
        for name in sorted(set(_datasets_of(bench, person))):
            if name in catalog.datasets:
                hers = find_hers(bench, catalog, catalog.datasets[name], [person])
                for dataset, gone in erase(bench, hers).items():
                    counts[dataset] = counts.get(dataset, 0) + gone
                forget(bench, hers)
        counts["dead_letters"] = _dead_letters(bench, catalog, secret, whom)
        counts["unclaimed"] = _stream(bench, whom)
        for table, column in _books(bench):
            counts[table] = counts.get(table, 0) + bench.execute(
                f"DELETE FROM enishi.{quoted(table)} WHERE {quoted(column)} = ?", [person]
            )
    for forget_her in _forgetting:
        forget_her(person)
    return {name: gone for name, gone in counts.items() if gone}


def _datasets_of(bench: Workbench, person: str) -> list[str]:
    rows = bench.rows("SELECT dataset FROM enishi.identity_links WHERE enishi_id = ?", [person])
    return [row[0] for row in rows]


def _books(bench: Workbench) -> list[tuple[str, str]]:
    """The tables of the books with rows about persons, whoever keeps them."""
    return bench.rows(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'enishi'"
        " AND column_name IN (?, ?) ORDER BY ALL",
        list(_OF_PERSONS),
    )


def _stream(bench: Workbench, whom: Whom) -> int:
    """Events that wait for somebody to be named, and the devices that were hers."""
    sent = [*whom.users, *whom.devices]
    gone = bench.execute(f"DELETE FROM enishi.stream_unclaimed WHERE id IN ({_marks(sent)})", sent)
    keys = list(whom.keys)
    bench.execute(
        f"DELETE FROM enishi.stream_aliases WHERE person IN ({_marks(keys)})"
        f" OR anonymous_id IN ({_marks(list(whom.devices))})",
        [*keys, *whom.devices],
    )
    return gone


def _dead_letters(bench: Workbench, catalog: Catalog, secret: bytes, whom: Whom) -> int:
    """Dead letters that are hers, by their cells, their event's identifiers, or a text of hers."""
    erased = Erased(secret)
    erased.refresh(bench)
    rereaders: dict[tuple[str, str], Rereader | None] = {}
    gone = []
    for row, load, dataset, file, raw in bench.rows(
        "SELECT rowid, load_id, dataset, file, raw FROM enishi.dead_letters WHERE raw IS NOT NULL"
    ):
        if any(text in raw for text in whom.texts):
            gone.append(row)
        elif file.startswith(_STREAM):
            if _event_of(raw, whom, erased):
                gone.append(row)
        elif dataset in catalog.datasets:
            if (load, file) not in rereaders:
                rereaders[load, file] = _rereader(bench, catalog, load, dataset, file)
            rereader = rereaders[load, file]
            cells = rereader.cells(raw) if rereader is not None else None
            if cells is not None and any(
                erased.knows(kind, SEPARATOR.join(str(cells[name]).strip() for name in names))
                for kind, names in values_by_kind(catalog, catalog.datasets[dataset])
                if all(cells.get(name) is not None for name in names)
            ):
                gone.append(row)
    for start in range(0, len(gone), 500):
        some = gone[start : start + 500]
        bench.execute(f"DELETE FROM enishi.dead_letters WHERE rowid IN ({_marks(some)})", some)
    return len(gone)


def _event_of(raw: str, whom: Whom, erased: Erased) -> bool:
    try:
        told = _decode_identifiers(raw.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        return False
    return whom.sent(told) or erased.is_erased(told.user, told.anonymous)


def _rereader(
    bench: Writer, catalog: Catalog, load: str, dataset: str, file: str
) -> Rereader | None:
    """What reads the rows of a file of a load again; None when it can no longer be known."""
    told: Any = bench.one("SELECT files FROM enishi.loads WHERE id = ?", [load])
    for one in json.loads(told) if told else ():
        if one["path"] == file:
            given: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in one.items()}
            read = FileRead(**given)
            try:
                return Rereader(read, catalog.datasets[dataset])
            except EnishiError:  # the catalog no longer fits the file
                return None
    return None


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values) or "NULL"
