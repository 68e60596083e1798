"""Which field a column of a frame becomes, and its values as the warehouse stores them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text, fold

_MOST_PLACES = 9
_UNFIT = re.compile(r"\W")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that rules can use: the table with the names of fields, the catalog's shape of
    each field, and the names of columns left out because no field can hold them."""

    table: pa.Table
    fields: dict[str, dict[str, Any]]
    left_out: tuple[str, ...]


def read_columns(table: pa.Table, timezone: str) -> Columns:
    """Type every column. Texts that are empty become unset; times without an offset are local.

    Raises Invalid `two_names` for columns whose names differ only by what a field's name cannot
    hold, or by case.
    """
    arrays: dict[str, pa.ChunkedArray] = {}
    fields: dict[str, dict[str, Any]] = {}
    left_out = []
    taken: dict[str, str] = {}
    for column in table.column_names:
        typed = _typed(table.column(column), timezone)
        if typed is None:
            left_out.append(str(column))
            continue
        name = field_name(str(column))
        if fold(name) in taken:
            raise _two_names(taken[fold(name)], str(column))
        taken[fold(name)] = str(column)
        arrays[name], fields[name] = typed
    return Columns(pa.table(arrays), fields, tuple(left_out))


def field_name(column: str) -> str:
    """A column's name as a field's: letters, digits and `_`, a letter first."""
    name = _UNFIT.sub("_", column)
    return name if name[:1].isalpha() else f"c_{name}"


def _typed(values: pa.ChunkedArray, timezone: str) -> tuple[pa.ChunkedArray, dict[str, Any]] | None:
    """The values in the type they are stored in, and the field's type; None for other types."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_null(kind):
        return values.cast(pa.string()), {"type": "string"}
    if pa.types.is_boolean(kind):
        return values, {"type": "boolean"}
    if pa.types.is_integer(kind):
        return _cast(values, pa.int64()), {"type": "integer"}
    if pa.types.is_floating(kind):
        numbers = _cast(values, pa.float64())
        nothing = pa.scalar(None, pa.float64())  # what is not a number is unset
        return pc.if_else(pc.is_nan(numbers), nothing, numbers), {"type": "float"}
    if pa.types.is_decimal(kind):
        return _decimal(values)
    if pa.types.is_date(kind):
        return values.cast(pa.date32()), {"type": "date"}
    if pa.types.is_timestamp(kind):
        return _instants(values, timezone), {"type": "timestamp"}
    if _is_text(kind):
        texts = values.cast(pa.string())
        blank = pc.equal(texts, "")
        return pc.if_else(blank, pa.scalar(None, pa.string()), texts), {"type": "string"}
    if (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_text(kind.value_type):
        return values.cast(pa.list_(pa.string())), {"type": "strings"}
    return None


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _decimal(values: pa.ChunkedArray) -> tuple[pa.ChunkedArray, dict[str, Any]] | None:
    scale = values.type.scale
    if not 0 <= scale <= _MOST_PLACES:
        return None
    wide = pa.decimal128(38 if scale > 8 else 18, scale)
    return _cast(values, wide), {"type": "decimal", "scale": scale}


def _instants(values: pa.ChunkedArray, timezone: str) -> pa.ChunkedArray:
    """Naive, in UTC, to the microsecond."""
    micro = pa.timestamp("us", values.type.tz)
    values = pc.cast(values, micro, safe=False)
    if values.type.tz is None:
        values = pc.assume_timezone(values, timezone, ambiguous="earliest", nonexistent="latest")
    return values.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))


def _cast(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return values.cast(kind)
    except pa.ArrowInvalid as error:
        raise Invalid(
            Text(f"数値が大きすぎます: {error}", f"A number is too large: {error}"),
            Text("文字の列に変えて渡してください。", "Pass the column as text."),
            code="number_too_large",
        ) from error


def _two_names(first: str, second: str) -> Invalid:
    return Invalid(
        Text(
            f"列「{first}」と「{second}」は同じ項目名になります。",
            f"The columns {first!r} and {second!r} become the same field.",
        ),
        Text("どちらかの列名を変えてください。", "Rename one of the two."),
        code="two_names",
    )
