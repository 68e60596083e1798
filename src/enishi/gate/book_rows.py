"""The gate's reads in SQL: a decision is asked for at every contact and may take two milliseconds,
of which the query builder alone would take more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


def rows(sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """The rows of a SELECT; instants among the parameters are aware."""
    book = connections[DEFAULT_DB_ALIAS]  # looked up once: each look at a proxy costs
    adapt = book.ops.adapt_datetimefield_value
    given: list[Any] = [
        adapt(value) if isinstance(value, datetime) else value for value in parameters
    ]
    if book.vendor == "sqlite":
        return _by_sqlite(book, sql, given)
    with book.cursor() as cursor:
        cursor.execute(sql, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _by_sqlite(book: Any, sql: str, given: list[Any]) -> list[tuple[Any, ...]]:
    """Straight from the driver: Django's cursor would cost more than a small query."""
    book.ensure_connection()
    with book.wrap_database_errors:
        found: list[tuple[Any, ...]] = book.connection.execute(_sqlite(sql), given).fetchall()
    return found


@lru_cache(maxsize=500)
def _sqlite(sql: str) -> str:
    return sql.replace("%s", "?").replace("%%", "%")


def marks(values: Sequence[object]) -> str:
    """A placeholder for each value."""
    return ", ".join(["%s"] * len(values))


def instant(value: Any) -> datetime:
    """A stored instant, which SQLite keeps as text in UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    found: datetime = value
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def maybe_instant(value: Any) -> datetime | None:
    return None if value is None else instant(value)


def maybe_day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def told(value: Any) -> Any:
    """A stored JSON value."""
    return json.loads(value) if isinstance(value, str | bytes) else value
