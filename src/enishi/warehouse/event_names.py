"""The names of events seen so far, so that a rule that names another can be warned about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock

from enishi.catalog.types import Catalog
from enishi.warehouse.engine import Engine, Question
from enishi.warehouse.freshness import loaded_at
from enishi.warehouse.masking import hidden

MOST = 10_000
"""A field of more values than this is no list of event names: nothing is said of it."""


class EventNames:
    """Looks names up once for each load of a dataset whose rows name their events."""

    def __init__(
        self, engine: Engine, read: Callable[[], AbstractContextManager[Question]]
    ) -> None:
        self._engine, self._read = engine, read
        self._seen: dict[tuple[str, str], tuple[object, frozenset[str] | None]] = {}
        self._lock = Lock()

    def known(self, catalog: Catalog, pii: str) -> frozenset[str] | None:
        """Every name seen in any dataset; None where that cannot be told to this PII level."""
        named = {
            (dataset.name, dataset.event.name_field)
            for dataset in catalog.datasets.values()
            if dataset.event is not None and dataset.event.name_field is not None
        }
        if any(hidden(catalog.datasets[name].fields[field], pii) for name, field in named):
            return None
        with self._lock:
            with self._engine.books.read() as books:
                loaded = loaded_at(books)
            found = [
                self._noted()
                if is_stream(catalog, name)
                else self._names(name, field, loaded.get(name))
                for name, field in sorted(named)
            ]
        if any(names is None for names in found):
            return None
        return frozenset[str]().union(*(names for names in found if names is not None))

    def _noted(self) -> frozenset[str] | None:
        """The names that the drain has noted as they came: nobody reads all events for them."""
        with self._engine.books.read() as books:
            rows = books.rows(f"SELECT name FROM enishi.stream_names LIMIT {MOST + 1}")
        return None if len(rows) > MOST else frozenset(str(row[0]) for row in rows)

    def _names(self, dataset: str, field: str, loaded: object) -> frozenset[str] | None:
        kept = self._seen.get((dataset, field))
        if kept is None or kept[0] != loaded:
            spell = self._engine.spelling
            with self._read() as question:
                rows = question.rows(
                    f"SELECT DISTINCT {spell.name(field)} FROM {spell.data(dataset)}"
                    f" WHERE {spell.name(field)} IS NOT NULL LIMIT {MOST + 1}"
                )
            names = None if len(rows) > MOST else frozenset(str(row[0]) for row in rows)
            kept = self._seen[dataset, field] = loaded, names
        return kept[1]


def is_stream(catalog: Catalog, dataset: str) -> bool:
    """Whether the dataset is that of the event stream."""
    return catalog.stream is not None and dataset == catalog.stream.activity
