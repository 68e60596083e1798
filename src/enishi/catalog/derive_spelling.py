"""How names, values, types and times of derivations are spelt in DuckDB's SQL."""

from __future__ import annotations

from decimal import Decimal

from enishi.catalog.derive_tree import Kind, Literal
from enishi.catalog.formats import BLANKS, PIVOT, compile_format
from enishi.catalog.types import FieldType


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def sql_type(kind: Kind) -> str:
    """The DuckDB type of an intermediate value."""
    names = {
        FieldType.STRING: "VARCHAR",
        FieldType.INTEGER: "BIGINT",
        FieldType.FLOAT: "DOUBLE",
        FieldType.BOOLEAN: "BOOLEAN",
        FieldType.DATE: "DATE",
        FieldType.TIMESTAMP: "TIMESTAMP",
        FieldType.STRINGS: "VARCHAR[]",
    }
    if kind.type is None:
        return "VARCHAR"
    if kind.type is FieldType.DECIMAL:
        return f"DECIMAL({18 + kind.scale}, {kind.scale})"  # the bound of `derive_evaluate`
    return names[kind.type]


def literal(node: Literal) -> str:
    value = node.value
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Decimal):
        return f"CAST('{value:f}' AS {sql_type(node.kind)})"
    if isinstance(value, float):
        return f"CAST('{value!r}' AS DOUBLE)"
    return f"CAST({value} AS BIGINT)"


def trimmed(value: str) -> str:
    return f"trim({value}, {quoted(BLANKS)})"


def digits(value: str, pattern: str) -> str:
    """The plain digits of a written number; the empty text, which no cast reads, when it is none.

    Every piece of SQL names its argument once: nested derivations must not double at each level.
    """
    whole = quoted(f"^(?:{pattern})$")
    found = f"regexp_extract({trimmed(value)}, {whole})"
    return f"ltrim(replace({found}, ',', ''), '+')"


def time_sql(text: str, written: str, pivot: int = PIVOT) -> str:
    """A TIMESTAMP read from trimmed text by a format (not wareki); NULL when it does not fit.

    `formats.read_time` is its meaning. Two-digit years become four before the engine reads them.
    """
    form = compile_format(written)
    if "y" not in form.directives:
        whole = quoted(f"^(?:{form.pattern})$")
        found = f"regexp_extract({text}, {whole})"
        return f"try_strptime({found}, {quoted(form.strptime)})"
    early = "|".join(f"{year:02d}" for year in range(pivot + 1))
    late = "|".join(f"{year:02d}" for year in range(pivot + 1, 100))
    for century, years in (("20", early), ("19", late)):
        if years:
            before, after = form.around("y")
            whole = quoted(f"^({before})({years})({after})$")
            marked = quoted(rf"<\1{century}\2\3")  # the mark: read, and not to be matched again
            text = f"regexp_replace({text}, {whole}, {marked})"
    return f"try_strptime({text}, {quoted('<' + form.strptime.replace('%y', '%Y'))})"
