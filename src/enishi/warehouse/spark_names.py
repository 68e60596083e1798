"""Statements as Spark is to read them: tables by their present snapshot, parameters as literals.

A statement speaks of `data`.`customer` and of relations registered beside it. In Spark each
snapshot is a temporary view of its own name, so that a statement, once begun, reads what was there
then whatever is published meanwhile, and two questions may register the same name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from enishi.warehouse.spelling import SQL, SparkSpelling

_TOKENS = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<quoted>`(?:[^`]|``)*`)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<number>\d[\w.]*)"  # 1e5 or 10BD holds no word
    r"|(?P<mark>\?)"
    r"|(?P<dot>\.)"
    r"|(?P<other>\s+|.)",
    re.DOTALL,
)
_SPELLING = SparkSpelling()

Table = tuple[str, str]
"""A table by schema and name."""


def spoken(
    sql: SQL,
    parameters: Sequence[object],
    schemas: Sequence[str],
    view: Callable[[Table], str],
    registered: Mapping[str, str],
) -> SQL:
    """The statement for Spark. `view` names the view of a table of one of the `schemas`;
    `registered` the views of relations by the name the statement knows them by.

    Raises ValueError when there are more or fewer `?` than parameters.
    """
    given = iter(parameters)
    out: list[str] = []
    tokens = list(_tokens(sql))
    i = 0
    while i < len(tokens):
        kind, token = tokens[i]
        name = _name(kind, token)
        begins = i == 0 or tokens[i - 1][0] != "dot"
        follows = _name(*tokens[i + 2]) if i + 2 < len(tokens) else None
        if name in schemas and begins and follows is not None and tokens[i + 1][0] == "dot":
            assert name is not None
            out.append(_SPELLING.name(view((name, follows))))
            i += 3
            continue
        if name is not None and begins and name in registered:
            out.append(_SPELLING.name(registered[name]))
        elif kind == "mark":
            try:
                out.append(printed(next(given)))
            except StopIteration:
                raise ValueError("a statement has more placeholders than parameters") from None
        else:
            out.append(token)
        i += 1
    if next(given, given) is not given:
        raise ValueError("a statement has more parameters than placeholders")
    return "".join(out)


def _tokens(sql: SQL) -> Iterator[tuple[str, str]]:
    for found in _TOKENS.finditer(sql):
        assert found.lastgroup is not None
        yield found.lastgroup, found[0]


def _name(kind: str, token: str) -> str | None:
    if kind == "word":
        return token
    return token[1:-1].replace("``", "`") if kind == "quoted" else None


def printed(value: object) -> SQL:
    """A parameter as a literal of Spark. Times are naive, in UTC. Raises TypeError."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _SPELLING.text(value)
    if isinstance(value, Decimal):
        return f"{value:f}BD"
    if isinstance(value, float):
        return f"CAST({_SPELLING.text(repr(value))} AS DOUBLE)"
    if isinstance(value, datetime):
        return _SPELLING.instant(value)
    if isinstance(value, date):
        return _SPELLING.day(value)
    raise TypeError(f"{type(value).__name__} is no parameter of a statement")
