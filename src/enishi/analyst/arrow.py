"""Frames of any library to Arrow and back. pandas and polars are imported only where asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyarrow as pa

from enishi.kernel.errors import Invalid, Unavailable
from enishi.kernel.text import Text

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Frame: TypeAlias = Any
"""A pandas or polars DataFrame, an Arrow table, anything that speaks Arrow's C stream, or a
mapping of column names to values."""
Library: TypeAlias = Literal["arrow", "pandas", "polars"]


def to_arrow(frame: Frame) -> pa.Table:
    """A frame as an Arrow table; a pandas index is left out. Raises Invalid `not_a_frame`."""
    try:
        if library_of(frame) == "pandas":
            return pa.Table.from_pandas(frame, preserve_index=False)
        if hasattr(frame, "collect"):  # a lazy polars frame
            frame = frame.collect()
        if isinstance(frame, pa.Table):
            return frame
        if isinstance(frame, Mapping):
            return pa.table(dict(frame))
        if hasattr(frame, "__arrow_c_stream__"):
            return pa.table(frame)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise Invalid(
            Text(f"データフレームを読み取れません: {error}", f"The frame cannot be read: {error}"),
            Text(
                "一つの列には一つの型の値だけを入れてください。",
                "Let every column hold values of one type.",
            ),
            code="not_a_frame",
        ) from error
    raise Invalid(
        Text(
            f"{type(frame).__name__} はデータフレームではありません。",
            f"{type(frame).__name__} is no data frame.",
        ),
        Text(
            "pandas、polars、Arrow のいずれかで渡してください。",
            "Pass a frame of pandas, polars or Arrow.",
        ),
        code="not_a_frame",
    )


def library_of(frame: Frame) -> Library:
    """Whose frame this is; "arrow" for everything else."""
    root = type(frame).__module__.partition(".")[0]
    return root if root in ("pandas", "polars") else "arrow"  # type: ignore[return-value]  # one of both


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """With Arrow's types, so that whole numbers, decimals and dates stay what they are."""
    pandas = _imported("pandas")
    found: pd.DataFrame = table.to_pandas(types_mapper=pandas.ArrowDtype)
    return found


def to_polars(table: pa.Table) -> pl.DataFrame:
    polars = _imported("polars")
    found: pl.DataFrame = polars.from_arrow(table)
    return found


def like(table: pa.Table, library: Library) -> Any:
    """The table as a frame of a library."""
    if library == "pandas":
        return to_pandas(table)
    return to_polars(table) if library == "polars" else table


def column_like(values: pa.Array, frame: Frame) -> Any:
    """A column that stands beside the rows of `frame`, of the same library."""
    library = library_of(frame)
    if library == "pandas":
        pandas = _imported("pandas")
        return pandas.Series(values.to_numpy(zero_copy_only=False), index=frame.index)
    if library == "polars":
        return _imported("polars").Series(values.to_pylist())
    return values


def _imported(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise Unavailable(
            Text(f"{name} がインストールされていません。", f"{name} is not installed."),
            Text(
                "pip install 'enishi[analyst]' を実行してください。",
                "Run: pip install 'enishi[analyst]'",
            ),
            code="library_missing",
        ) from error
