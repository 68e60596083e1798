"""Rows as the text that PostgreSQL reads: arrays of an `unnest`, lines of a COPY.

Put together column by column, each distinct value once: the states and steps of thousands of rows
are a handful. Adapting every value by itself took longer than what the server did with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

_FORMS: dict[str, Callable[[Any], str] | None] = {
    "text": None, "jsonb": None, "int": str, "bigint": str, "numeric": str,
    "bool": lambda value: "t" if value else "f",
    "timestamptz": datetime.isoformat, "date": date.isoformat,
}  # fmt: skip
_PLAIN = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


def arrays(kinds: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Rows whose columns are of these types as one array literal for each column.

    Instants are aware, JSON is text; None is NULL.
    """
    return [
        "{" + ",".join(_texts(kind, column, _in_quotes, "NULL")) + "}"
        for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)
    ]


def lines(kinds: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The same rows as the lines of a COPY in its text format."""
    columns = [
        _texts(kind, column, _escaped, "\\N")
        for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)
    ]
    return "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n"


def _texts(
    kind: str, values: Sequence[Any], escape: Callable[[str], str], null: str
) -> Sequence[str]:
    form = _FORMS[kind]
    known: dict[Any, str] = {None: null}
    for value in set(values):
        if value is not None:
            known[value] = escape(value) if form is None else form(value)
    return [known[value] for value in values]


def _in_quotes(value: str) -> str:
    return '"' + value.translate(_QUOTED) + '"'


def _escaped(value: str) -> str:
    return value.translate(_PLAIN)
