"""Rows of the book that are about one person, whichever package they belong to.

A table says so by a column `person` that holds an Enishi id, or by `about_by`, the way to that of a
row it belongs to and is deleted with (`enrollment__person`). That is all it takes to be told in a
person's export and to be gone with her erasure; a table that must outlive her sets
`outlives_erasure = True` and takes care itself of what names her.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models

from enishi.book.unit import alone, in_chunks

_COLUMN = "person"
_CHUNK = 500
_WRITTEN_ANEW = 1  # SQLite's user_version of a book in which nothing deleted can be read


def tables() -> list[type[models.Model]]:
    """The tables with rows about persons, each before those it points to."""
    found = [
        model
        for model in apps.get_models()
        if hasattr(model, "about_by")
        or any(field.name == _COLUMN and not field.is_relation for field in model._meta.fields)
    ]
    ordered: list[type[models.Model]] = []

    def visit(model: type[models.Model]) -> None:
        if model in ordered:
            return
        for other in found:
            if other is not model and any(f.related_model is model for f in other._meta.fields):
                visit(other)
        ordered.append(model)

    for model in found:
        visit(model)
    return ordered


def _about(model: type[models.Model], person: str) -> models.QuerySet[Any]:
    return model._default_manager.filter(**{getattr(model, "about_by", _COLUMN): person})


def told(person: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row about a person: the table's name (`gate.consent`) and its columns as JSON."""
    for model in tables():
        for row in _about(model, person).order_by("pk").iterator():
            yield (
                model._meta.label_lower,
                {
                    field.attname: _plain(getattr(row, field.attname))
                    for field in model._meta.concrete_fields
                },
            )


def holds(person: str) -> bool:
    """Whether there is any row about a person that an erasure would delete."""
    return any(
        _about(model, person).exists()
        for model in tables()
        if not getattr(model, "outlives_erasure", False)
    )


def erase(person: str) -> dict[str, int]:
    """Delete every row about a person, a short unit at a time; rows gone, by table.

    Looks again until nothing is found: while one table is emptied, a lane may write what follows
    from a row of her in a table that comes later. Repeating it finds nothing more to do.
    """
    gone: Counter[str] = Counter()
    while some := _erase(person):
        gone.update(some)
    return dict(gone)


def _erase(person: str) -> dict[str, int]:
    gone: dict[str, int] = {}
    for model in tables():
        if getattr(model, "outlives_erasure", False):
            continue
        rows = _about(model, person)
        keys = list(rows.values_list("pk", flat=True))

        def drop(chunk: list[Any], model: type[models.Model] = model) -> None:
            rows = model._default_manager.filter(pk__in=chunk)
            # Locked first on PostgreSQL: what a lane writes with a row it has in hand goes with it.
            list(rows.order_by("pk").select_for_update().values_list("pk"))
            rows.delete()

        if keys:
            gone[model._meta.label_lower] = in_chunks(keys, drop, size=_CHUNK, name="about.erase")
    return gone


def scrub() -> bool:
    """Overwrite what deleted rows have left in the book's files; False while somebody reads there.

    SQLite writes zeros over what it deletes (see `database`); its log is emptied here. A book that
    is older than that is written anew, once. On PostgreSQL the tables are vacuumed; what its own
    log and its backups keep is left to their retention.
    """
    if connection.vendor != "sqlite":
        for model in tables():
            with connection.cursor() as cursor:
                cursor.execute(f"VACUUM {connection.ops.quote_name(model._meta.db_table)}")
        return True
    with alone(), connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version")
        if cursor.fetchone()[0] < _WRITTEN_ANEW:
            cursor.execute("VACUUM")
            cursor.execute(f"PRAGMA user_version={_WRITTEN_ANEW}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return bool(cursor.fetchone()[0] == 0)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value
