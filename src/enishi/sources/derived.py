"""Derived fields as SQL over a row whose loaded fields are typed (see `catalog.derive`)."""

from __future__ import annotations

from dataclasses import dataclass

from enishi.catalog.derive import derivations
from enishi.catalog.types import Dataset
from enishi.warehouse.duckdb_engine import SQL


@dataclass(frozen=True, slots=True)
class DerivedColumn:
    """A derived field: its value, and when it fails (None: it cannot)."""

    name: str
    value: SQL
    failed: SQL | None


def derived_columns(dataset: Dataset) -> list[DerivedColumn]:
    """The derived fields of a dataset, in the catalog's order."""
    return [
        DerivedColumn(name, found.value_sql, found.fault_sql)
        for name, found in derivations(dataset).items()
    ]
