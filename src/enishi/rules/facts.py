"""The rows one evaluation can see, and which of them exist at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeAlias

from enishi.catalog.types import Catalog, Dataset, TimeKind
from enishi.rules.changes import earliest
from enishi.rules.windows import local_date, midnight

Row: TypeAlias = Mapping[str, object]
"""A row by field name, plus `_id`, `_from`, `_to`; unset is None (or absent, or "")."""


class Facts:
    """Rows by dataset: of versioned datasets every version. Never changed after it is made."""

    def __init__(self, catalog: Catalog, rows: Mapping[str, Sequence[Row]]) -> None:
        self.catalog = catalog
        self.rows = rows
        self._index: dict[tuple[str, tuple[str, ...]], dict[tuple[object, ...], list[Row]]] = {}

    def matching(
        self, dataset: str, columns: tuple[str, ...], values: tuple[object, ...]
    ) -> Sequence[Row]:
        """The rows whose columns equal these values as stored; unset equals nothing."""
        if any(value is None for value in values):
            return ()
        where = (dataset, columns)
        if where not in self._index:
            index: dict[tuple[object, ...], list[Row]] = {}
            for row in self.rows.get(dataset, ()):
                found = tuple(stored(row, column) for column in columns)
                if None not in found:
                    index.setdefault(found, []).append(row)
            self._index[where] = index
        return self._index[where].get(values, ())

    def versions(self, dataset: Dataset, row: Row) -> Sequence[Row]:
        """Every version of a row, itself included."""
        found = self.matching(dataset.name, dataset.key, key_of(dataset, row))
        return found or (row,)


def stored(row: Row, name: str) -> object:
    """The value of a field: an empty text is unset, a list is a tuple, times are aware."""
    value = row.get(name)
    if value == "" and isinstance(value, str):
        return None
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def key_of(dataset: Dataset, row: Row) -> tuple[object, ...]:
    return tuple(stored(row, name) for name in dataset.key)


def exists(
    catalog: Catalog, dataset: Dataset, row: Row, at: datetime
) -> tuple[bool, datetime | None]:
    """Whether a row exists at an instant, and the next instant at which that changes."""
    there, changes = True, list[datetime | None]()
    if dataset.versioned:
        start, end = stored(row, "_from"), stored(row, "_to")
        assert isinstance(start, datetime)
        assert end is None or isinstance(end, datetime)
        if at < start:
            there = False
            changes.append(start)
        elif end is not None and at >= end:
            return False, None
        else:
            changes.append(end)
    if dataset.time is not None and dataset.time.kind is TimeKind.OCCURRED:
        time = stored(row, dataset.time.field)
        if isinstance(time, datetime):
            appears: datetime | None = time if time > at else None
        elif isinstance(time, date) and time > local_date(at, catalog.zone):
            appears = midnight(time, catalog.zone)
        else:
            appears = None
        if appears is not None:
            there = False
            changes.append(appears)
    return there, earliest(changes)
