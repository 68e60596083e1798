"""Many rows in one statement, inside a unit that is open: a query builder would take longer.

SQLite runs one prepared statement for each row; PostgreSQL takes the columns as arrays, and rows
that conflict with nothing by COPY (see `literals`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from enishi.book import literals

Columns = Mapping[str, str]
"""Column → its type in PostgreSQL: `text`, `timestamptz`, `jsonb`, `bool`, `int`, `bigint`…"""


def insert(
    table: str, columns: Columns, rows: Iterable[Sequence[object]], *, conflict: str = ""
) -> int:
    """Insert rows given in the order of `columns`; returns how many were inserted.

    `conflict` is what follows the values: `ON CONFLICT (key) DO NOTHING`. Instants are aware, JSON
    is text.
    """
    names = _names(columns)
    if connection.vendor == "postgresql":
        if not conflict:
            return _copy(table, columns, list(rows))
        return postgresql(f"INSERT INTO {table} ({names}) SELECT * FROM {{rows}} {conflict}",
                          columns, rows)  # fmt: skip
    given = _adapted(columns.values(), rows)
    if not given:
        return 0
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}", given)
        return int(cursor.rowcount)


def update(
    table: str,
    key: tuple[str, str],
    columns: Columns,
    rows: Iterable[Sequence[object]],
    *,
    where: str = "",
) -> int:
    """Set `columns` of the rows whose `key` (name, type) is each row's first value.

    The other values follow in the order of `columns`. `where` is a further test of the stored row
    without parameters, its columns written `t.name`. Returns how many rows were changed.
    """
    also = f" AND {where}" if where else ""
    name = _quoted(key[0])
    if connection.vendor == "postgresql":
        sets = ", ".join(f"{_quoted(c)} = v.{_quoted(c)}" for c in columns)
        return postgresql(
            f"UPDATE {table} AS t SET {sets} FROM {{rows}} WHERE t.{name} = v.{name}{also}",
            {key[0]: key[1], **columns},
            rows,
        )
    given = _adapted((key[1], *columns.values()), rows)
    if not given:
        return 0
    sets = ", ".join(f"{_quoted(c)} = %s" for c in columns)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} AS t SET {sets} WHERE t.{name} = %s{also}",
            [(*row[1:], row[0]) for row in given],
        )
        return int(cursor.rowcount)


def postgresql(sql: str, columns: Columns, rows: Iterable[Sequence[object]]) -> int:
    """Run a statement of PostgreSQL over rows: `{rows}` stands for them, as a table `v`.

    Without rows nothing is run. Returns how many rows of the book it concerned.
    """
    given = list(rows)
    if not given:
        return 0
    kinds = list(columns.values())
    table = f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds)}) AS v({_names(columns)})"
    cursor = _server_cursor()
    with connection.wrap_database_errors:
        cursor.execute(sql.replace("{rows}", table), literals.arrays(kinds, given))
    return int(cursor.rowcount)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return f'"{name}"'


def _copy(table: str, columns: Columns, rows: Sequence[Sequence[object]]) -> int:
    if rows:
        sql = f"COPY {table} ({_names(columns)}) FROM STDIN"
        with connection.wrap_database_errors, _server_cursor().copy(sql) as copy:
            copy.write(literals.lines(list(columns.values()), rows))
    return len(rows)


def _server_cursor() -> Any:
    """A cursor of this connection that sends parameters apart from the statement: Django's own
    writes them into it as text."""
    import psycopg  # only where the book is PostgreSQL

    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _adapted(kinds: Iterable[str], rows: Iterable[Sequence[object]]) -> list[Sequence[Any]]:
    """Instants as SQLite takes them; the same one is put into its form once."""
    places = [place for place, kind in enumerate(kinds) if kind == "timestamptz"]
    if not places:
        return list(rows)
    adapt = connection.ops.adapt_datetimefield_value
    known: dict[object, Any] = {None: None}
    found: list[Sequence[Any]] = []
    for row in rows:
        given = list(row)
        for place in places:
            value = given[place]
            if value not in known:
                known[value] = adapt(value) if isinstance(value, datetime) else value
            given[place] = known[value]
        found.append(given)
    return found
