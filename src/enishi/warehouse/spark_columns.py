"""The types of columns between the catalog, Arrow and Spark."""

from __future__ import annotations

import re

import pyarrow as pa

from enishi.catalog.types import Dataset
from enishi.warehouse.spark_snapshots import Columns
from enishi.warehouse.spelling import SQL, SparkSpelling
from enishi.warehouse.tables import columns

_FROM_DUCKDB = {
    "VARCHAR": "STRING",
    "VARCHAR[]": "ARRAY<STRING>",
    "TIMESTAMP": "TIMESTAMP_NTZ",
}
_TO_ARROW = {
    "STRING": pa.string(),
    "BIGINT": pa.int64(),
    "INT": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP_NTZ": pa.timestamp("us"),
    "ARRAY<STRING>": pa.list_(pa.string()),
}
_FROM_ARROW = {type_: name for name, type_ in _TO_ARROW.items()}
_DECIMAL = re.compile(r"DECIMAL\((\d+), ?(\d+)\)")
_SPELLING = SparkSpelling()


def dataset_columns(dataset: Dataset) -> Columns:
    """The columns of a dataset's table."""
    return tuple((name, _FROM_DUCKDB.get(type_, type_)) for name, type_ in columns(dataset).items())


def arrow_schema(found: Columns) -> pa.Schema:
    """The same in Arrow."""
    return pa.schema([(name, _arrow(type_)) for name, type_ in found])


def _arrow(type_: SQL) -> pa.DataType:
    decimal = _DECIMAL.fullmatch(type_)
    if decimal is not None:
        return pa.decimal128(int(decimal[1]), int(decimal[2]))
    return _TO_ARROW[type_]


def readable(table: pa.Table) -> pa.Table:
    """An Arrow table in the types that Spark and Parquet share."""
    fields = [pa.field(field.name, _shared(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _shared(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return _shared(type_.value_type)
    if pa.types.is_large_string(type_) or pa.types.is_null(type_):
        return pa.string()
    if pa.types.is_timestamp(type_):
        return pa.timestamp("us")
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(pa.string())
    return type_


def spark_columns(schema: pa.Schema) -> Columns:
    """The columns of a `readable` table. Raises KeyError for a type Enishi does not use."""
    return tuple((field.name, _spark(field.type)) for field in schema)


def _spark(type_: pa.DataType) -> SQL:
    if pa.types.is_decimal(type_):
        return f"DECIMAL({type_.precision},{type_.scale})"
    return _FROM_ARROW[type_]


def declared(found: Columns) -> SQL:
    """The columns as Spark's DDL of a schema."""
    return ", ".join(f"{_SPELLING.name(name)} {type_}" for name, type_ in found)
