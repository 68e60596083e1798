"""What the drain hands to who listens to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

from enishi.catalog.types import Catalog
from enishi.identity.service import enishi_id, source_key
from enishi.warehouse.duckdb_engine import Workbench


class Subject(NamedTuple):
    """Somebody whom a batch has news of: her Enishi id, the names of her events, their rows.

    A row is the fields of `activity` by name. The id is that of her key; whether such a person has
    been loaded is not asked.
    """

    id: str
    events: frozenset[str]
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Drained:
    """What one batch has brought. `at` is aware, UTC; `rows` are the rows of `activity` appended,
    those of people who have only now been known among them."""

    at: datetime
    rows: pa.Table
    catalog: Catalog
    secret: bytes

    @cached_property
    def subjects(self) -> list[Subject]:
        """The people of the batch, each once."""
        stream = self.catalog.stream
        assert stream is not None
        person = self.catalog.datasets[stream.person]
        fields = list(self.catalog.datasets[stream.activity].fields)
        found: dict[object, list[dict[str, Any]]] = {}
        for row in self.rows.select(fields).to_pylist():
            found.setdefault(row["person"], []).append(row)
        return [
            Subject(
                enishi_id(self.secret, person, source_key([key])),
                frozenset(row["event"] for row in rows),
                rows,
            )
            for key, rows in found.items()
        ]


OnBatch: TypeAlias = Callable[[Workbench, Drained], None]
"""Called inside the transaction of a batch, after its rows are in."""
