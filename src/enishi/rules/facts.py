"""The rows one evaluation can see, and which of them exist at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TypeAlias

from enishi.catalog.types import Catalog, Dataset, TimeKind
from enishi.kernel.text import fold
from enishi.rules.changes import earliest
from enishi.rules.windows import local_date, midnight

Row: TypeAlias = Mapping[str, object]
"""A row by field name, plus `_id`, `_from`, `_to`; unset is None (or absent, or "")."""


_folded = lru_cache(maxsize=10_000)(fold)


class Facts:
    """Rows by dataset: of versioned datasets every version."""

    def __init__(self, catalog: Catalog, rows: Mapping[str, Sequence[Row]]) -> None:
        self.catalog = catalog
        self.rows = rows
        self._index: dict[tuple[str, tuple[str, ...]], dict[tuple[object, ...], list[Row]]] = {}
        self._names: dict[
            tuple[str, tuple[str, ...], str], dict[tuple[object, ...], list[Row]]
        ] = {}

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

    def named(
        self,
        dataset: str,
        columns: tuple[str, ...],
        values: tuple[object, ...],
        field: str,
        names: Iterable[str],
    ) -> Sequence[Row]:
        """Those of `matching` whose text in `field` is one of these names (folded)."""
        if any(value is None for value in values):
            return ()
        where = (dataset, columns, field)
        if where not in self._names:
            index: dict[tuple[object, ...], list[Row]] = {}
            for row in self.rows.get(dataset, ()):
                name = stored(row, field)
                found = tuple(stored(row, column) for column in columns)
                if isinstance(name, str) and None not in found:
                    index.setdefault((*found, _folded(name)), []).append(row)
            self._names[where] = index
        index = self._names[where]
        return [row for name in names for row in index.get((*values, name), ())]

    def forget(self, dataset: str) -> None:
        """For a subclass whose rows of one dataset have changed."""
        for where in [where for where in self._index if where[0] == dataset]:
            del self._index[where]

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
    appears = _appears(catalog, dataset, row, at)
    if not dataset.versioned:
        return appears is None, appears
    start, end = stored(row, "_from"), stored(row, "_to")
    assert isinstance(start, datetime)
    assert end is None or isinstance(end, datetime)
    there, changes = True, list[datetime | None]()
    if at < start:
        there = False
        changes.append(start)
    elif end is not None and at >= end:
        return False, None
    else:
        changes.append(end)
    if appears is not None:
        there = False
        changes.append(appears)
    return there, earliest(changes)


def _appears(catalog: Catalog, dataset: Dataset, row: Row, at: datetime) -> datetime | None:
    """When a row that has not happened yet will have; None for any other."""
    if dataset.time is None or dataset.time.kind is not TimeKind.OCCURRED:
        return None
    time = stored(row, dataset.time.field)
    if isinstance(time, datetime):
        return time if time > at else None
    if isinstance(time, date) and time > local_date(at, catalog.zone):
        return midnight(time, catalog.zone)
    return None
