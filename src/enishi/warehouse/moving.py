"""Moves a warehouse to another engine: rows, sets of subjects, and last the books about them.

Until the books are there the target answers nothing, so a copy that stops half-way is no warehouse;
`replace` begins it anew. The source is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from enishi.catalog.types import Catalog
from enishi.kernel.errors import Conflict, Unavailable
from enishi.kernel.text import Text
from enishi.warehouse.engine import PARTS, Engine
from enishi.warehouse.tables import prepare, remember, stale, stale_fault, together

if TYPE_CHECKING:
    import pyarrow as pa

BOOKS = (
    "loads",
    "dead_letters",
    "identity_links",
    "refreshes",
    "membership_differences",
    "datasets",
)
"""What the books tell of the rows, copied last and at once."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that has been copied, and its rows."""

    table: str
    rows: int


def copy(
    source: Engine,
    target: Engine,
    catalog: Catalog,
    *,
    replace: bool = False,
    progress: Callable[[Copied], None] = lambda _: None,
) -> list[Copied]:
    """Copy everything and compare the counts; returns what was copied, in order.

    Raises Conflict `copy_same` (they are one), `copy_target` (the target holds rows and `replace`
    is not asked for), `reload_needed`; Unavailable `copy_incomplete` when a count differs.
    """
    if source.url == target.url or source.books.path == target.books.path:
        raise _same()
    for dataset in catalog.datasets.values():
        differences = stale(source, dataset)
        if differences:
            raise stale_fault(dataset, differences)
    prepare(target, catalog)
    if not replace and _holds_anything(target):
        raise _not_empty(target)
    _forget(target)
    done = []
    for name, dataset in catalog.datasets.items():
        with target.books.write() as writer:
            target.create(writer, dataset, together(catalog, dataset))
            remember(writer, dataset)
        done.append(_copy(source, target, source.schemas.data, target.schemas.data, name))
        progress(done[-1])
    for name in PARTS:
        done.append(_copy(source, target, source.schemas.book, target.schemas.book, name))
        progress(done[-1])
    _compare(target, done)
    _copy_books(source, target)
    return done


def _copy(source: Engine, target: Engine, here: str, there: str, table: str) -> Copied:
    count = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal count
        for batch in source.batches(here, table):
            count += batch.num_rows
            yield batch

    target.fill(there, table, counted())
    return Copied(table, count)


def _compare(target: Engine, done: list[Copied]) -> None:
    held = {one.table: one.rows for one in target.held()}
    for one in done:
        if held.get(one.table, 0) != one.rows:
            raise Unavailable(
                Text(
                    f"{one.table} のコピーが {one.rows} 行ではなく"
                    f" {held.get(one.table, 0)} 行です。",
                    f"{one.table} has {held.get(one.table, 0)} rows there, not {one.rows}.",
                ),
                Text(
                    "`enishi warehouse copy --replace` でやり直してください。"
                    "元のデータは無事です。",
                    "Begin again with `enishi warehouse copy --replace`. The source is as it was.",
                ),
                code="copy_incomplete",
            )


def _copy_books(source: Engine, target: Engine) -> None:
    with source.books.read() as question, target.books.write() as writer:
        for table in BOOKS:
            writer.execute(f"DELETE FROM enishi.{table}")
            for batch in question.stream(f"SELECT * FROM enishi.{table}"):
                writer.insert(f"enishi.{table}", _table(batch))


def _table(batch: pa.RecordBatch) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches([batch])


def _holds_anything(target: Engine) -> bool:
    with target.books.read() as question:
        loaded = question.one("SELECT count(*) FROM enishi.loads")
    return bool(loaded) or any(one.rows for one in target.held())


def _forget(target: Engine) -> None:
    """Nothing may be asked of the target before it is whole."""
    with target.books.write() as writer:
        for table in BOOKS:
            writer.execute(f"DELETE FROM enishi.{table}")


def _same() -> Conflict:
    return Conflict(
        Text("コピー元とコピー先が同じです。", "That is where the warehouse is already."),
        Text("--to に別の URL を指定してください。", "Name another URL with --to."),
        code="copy_same",
    )


def _not_empty(target: Engine) -> Conflict:
    return Conflict(
        Text(f"{target.url} には既にデータがあります。", f"{target.url} holds data already."),
        Text(
            "消して作り直すときは --replace を付けてください。",
            "Add --replace to have it emptied first.",
        ),
        code="copy_target",
    )
