"""The engines a rule can be printed for.

DuckDB, ClickHouse and Spark are run by the tests. Trino, Snowflake and BigQuery are generated, not
run: their text is compared with snapshots and read by a parser, no server has seen it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from enishi.rules.dialects.base import Dialect, Schemas

RUN = ("duckdb", "clickhouse", "spark")
"""Dialects whose statements the tests run."""

GENERATED = ("trino", "snowflake", "bigquery")
"""Dialects whose statements are generated, not run."""

_CLASSES = {
    "duckdb": "DuckDB",
    "clickhouse": "ClickHouse",
    "spark": "Spark",
    "trino": "Trino",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
}


@cache
def dialect_named(name: str) -> Dialect:
    """The dialect of an engine. Raises `ValueError` for an unknown name."""
    if name not in _CLASSES:
        raise ValueError(f"no engine is called {name}; there are {', '.join(_CLASSES)}")
    module = import_module(f"enishi.rules.dialects.{name}")
    found = getattr(module, _CLASSES[name])()
    assert isinstance(found, Dialect)
    return found


__all__ = ["GENERATED", "RUN", "Dialect", "Schemas", "dialect_named"]
