"""Brings a staged batch into a dataset by its key, as the dataset's kind keeps history.

    event      rows whose key is new are appended. A row that comes again with other content is a
               conflict, since what happened is not edited; only what was unset may be filled in
               (a field the catalog has gained, say).
    current    new keys are added, changed rows replaced.
    versioned  new keys open a version at `valid_from`; a changed row closes its open version
               there and opens the next. Untouched rows are not touched.

Rows absent from the batch stay, unless `removes` says that the batch is the whole truth: then
`current` rows go and open versions close. Loading the same batch twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from enishi.catalog.types import Dataset, DatasetKind
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.warehouse.engine import Applied, Place
from enishi.warehouse.spelling import SQL, literal, quoted
from enishi.warehouse.tables import columns, table_of

if TYPE_CHECKING:
    from enishi.warehouse.duckdb_engine import Writer

SORTED_FROM = 100_000
"""A batch of so many events or more is laid down in order (see `_order`)."""


def conflicts(writer: Writer, dataset: Dataset, stage: SQL) -> list[Place]:
    """(`_file`, `_line`) of staged event rows that contradict the row there with their key."""
    if dataset.kind is not DatasetKind.EVENT:
        return []
    said_otherwise = " OR ".join(
        f"(t.{quoted(name)} IS NOT NULL AND s.{quoted(name)} IS DISTINCT FROM t.{quoted(name)})"
        for name in dataset.fields
        if name not in dataset.key
    )
    return writer.rows(
        f"SELECT s._file, s._line FROM {stage} s JOIN {table_of(dataset.name)} t"
        f" ON {_same_key(dataset)} WHERE {said_otherwise or 'false'}"
    )


def superseded(
    writer: Writer, dataset: Dataset, stage: SQL, loads: Sequence[str] | None
) -> list[Place]:
    """(`_file`, `_line`) of staged rows whose key is there: now, from one of `loads`, or at all."""
    source, only = table_of(dataset.name), ""
    if loads is not None:
        source = present(dataset)
        only = f" AND t._load IN ({', '.join(map(literal, loads)) or 'NULL'})"
    return writer.rows(
        f"SELECT s._file, s._line FROM {stage} s"
        f" WHERE EXISTS (SELECT 1 FROM {source} t WHERE {_same_key(dataset)}{only})"
    )


def apply(
    writer: Writer,
    dataset: Dataset,
    stage: SQL,
    *,
    load_id: str,
    valid_from: datetime,
    made: Mapping[str, SQL],
    removes: bool = False,
    together: Sequence[str] = (),
) -> Applied:
    """Bring `stage` into the dataset's table, inside the caller's transaction.

    `stage` holds one row a key, with the fields of the dataset and no conflicts; `made` gives the
    other columns, as SQL over a row `s` of it. `valid_from` is naive UTC. `together` are the
    columns that lead to the subject. Raises Conflict `load_out_of_order` when a versioned dataset
    already knows a later state.
    """
    staged = int(writer.one(f"SELECT count(*) FROM {stage}"))
    order = _order(dataset, together) if staged >= SORTED_FROM else ""
    given = dict(made) | {"_load": literal(load_id)}
    if dataset.versioned:
        given |= {"_from": f"TIMESTAMP {literal(str(valid_from))}", "_to": "NULL"}
    empty = not writer.one(f"SELECT 1 FROM {table_of(dataset.name)} LIMIT 1")
    if empty:
        added = _insert(writer, dataset, f"{stage} s{order}", given)
        return Applied(added, 0, 0, 0)
    if dataset.versioned:
        latest = writer.one(f"SELECT max(_from) FROM {table_of(dataset.name)}")
        refuse_older(dataset, latest, valid_from)
    writer.execute(
        f"CREATE OR REPLACE TEMP TABLE _changed AS SELECT s.* FROM {stage} s"
        f" JOIN {present(dataset)} t ON {_same_key(dataset)} WHERE {_other_content(dataset)}"
    )
    changed = int(writer.one("SELECT count(*) FROM _changed"))
    writer.execute(f"CREATE OR REPLACE TEMP TABLE _added AS SELECT s.* FROM {_new(dataset, stage)}")
    whole = removes and dataset.kind is not DatasetKind.EVENT
    removed = _remove(writer, dataset, stage, valid_from) if whole else 0
    if changed:
        _close(writer, dataset, "_changed s", valid_from)
        _insert(writer, dataset, "_changed s", given)
    added = _insert(writer, dataset, f"_added s{order}", given)
    writer.execute("DROP TABLE _changed")
    writer.execute("DROP TABLE _added")
    return Applied(added, changed, staged - added - changed, removed)


def _order(dataset: Dataset, together: Sequence[str]) -> SQL:
    """The order in which many events are laid down: by month, name, subject and time.

    Questions name events and a window, or one subject: either then reads a part of the file. Sorted
    so, 50M events answered "A then B within 7 days" over two years in a third of the time, one
    timeline in three quarters, and a million rows took 0.4 s longer to come in.
    """
    if dataset.kind is not DatasetKind.EVENT or dataset.time is None:
        return ""
    time = f"s.{quoted(dataset.time.field)}"
    named = dataset.event.name_field if dataset.event is not None else None
    columns = [f"s.{quoted(name)}" for name in ([named] if named else []) + list(together)]
    return " ORDER BY " + ", ".join([f"date_trunc('month', {time})", *columns, time])


def _same_key(dataset: Dataset) -> SQL:
    return " AND ".join(f"s.{quoted(name)} = t.{quoted(name)}" for name in dataset.key)


def _other_content(dataset: Dataset) -> SQL:
    tests = [
        f"s.{quoted(name)} IS DISTINCT FROM t.{quoted(name)}"
        for name in dataset.fields
        if name not in dataset.key
    ]
    return "(" + (" OR ".join(tests) or "false") + ")"


def present(dataset: Dataset) -> SQL:
    """SQL of the rows that hold now."""
    table = table_of(dataset.name)
    return f"(SELECT * FROM {table} WHERE _to IS NULL)" if dataset.versioned else table


def _new(dataset: Dataset, stage: SQL) -> SQL:
    return f"{stage} s ANTI JOIN {present(dataset)} t ON {_same_key(dataset)}"


def _insert(writer: Writer, dataset: Dataset, rows: SQL, given: Mapping[str, SQL]) -> int:
    names = list(columns(dataset))
    values = [given.get(name, f"s.{quoted(name)}") for name in names]
    return writer.execute(
        f"INSERT INTO {table_of(dataset.name)} ({', '.join(map(quoted, names))})"
        f" SELECT {', '.join(values)} FROM {rows}"
    )


def _close(writer: Writer, dataset: Dataset, rows: SQL, valid_from: datetime) -> int:
    """End what the table says of these keys: close the version, or drop a row without history.

    A version opened at this very instant has never held and is replaced.
    """
    table = table_of(dataset.name)
    among = f"EXISTS (SELECT 1 FROM {rows} WHERE {_same_key(dataset)})"
    if not dataset.versioned:
        return writer.execute(f"DELETE FROM {table} t WHERE {among}")
    at = f"TIMESTAMP {literal(str(valid_from))}"
    dropped = writer.execute(
        f"DELETE FROM {table} t WHERE t._to IS NULL AND t._from = {at} AND {among}"
    )
    return dropped + writer.execute(
        f"UPDATE {table} AS t SET _to = {at} WHERE t._to IS NULL AND {among}"
    )


def _remove(writer: Writer, dataset: Dataset, stage: SQL, valid_from: datetime) -> int:
    writer.execute(
        "CREATE OR REPLACE TEMP TABLE _gone AS SELECT "
        + ", ".join(f"t.{quoted(name)}" for name in dataset.key)
        + f" FROM {present(dataset)} t ANTI JOIN {stage} s ON {_same_key(dataset)}"
    )
    removed = _close(writer, dataset, "_gone s", valid_from)
    writer.execute("DROP TABLE _gone")
    return removed


def refuse_older(dataset: Dataset, latest: datetime | None, valid_from: datetime) -> None:
    """Raise Conflict `load_out_of_order` when a version opened after `valid_from` is there."""
    if latest is not None and latest > valid_from:
        raise Conflict(
            Text(
                f"データセット {dataset.name} には {latest}（UTC）時点の状態が読み込み済みです。"
                "それより前の状態は後から読み込めません。",
                f"Dataset {dataset.name} already holds the state of {latest} UTC;"
                " an earlier one cannot be loaded after it.",
            ),
            Text(
                f"古い順に読み込むか、`enishi load {dataset.name} --rebuild` でやり直します。",
                f"Load the oldest first, or start anew: `enishi load {dataset.name} --rebuild`.",
            ),
            code="load_out_of_order",
        )
