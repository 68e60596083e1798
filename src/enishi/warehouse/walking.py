"""From one subject's row along relations, each stretch asked once, with keys written out.

A page asks a dozen things of one person. Nested in each other they would each look for her row
again and join; walked, every question names the keys it wants, which an engine answers from the few
blocks that hold them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from enishi.catalog.types import BaseStep, Catalog, Dataset
from enishi.warehouse.engine import Engine, Question
from enishi.warehouse.narrowing import narrowed
from enishi.warehouse.related import present
from enishi.warehouse.spelling import SQL, Spelling

MOST_KEYS = 1000
"""Beyond so many keys the rest of a way is left to the engine, as a join."""

Keys = list[tuple[object, ...]]


class Walk:
    """The rows that relation paths lead to from one subject, as of now.

    `row` is the subject's row that holds now; None when there is none: then nothing is reached.
    """

    def __init__(
        self,
        question: Question,
        engine: Engine,
        catalog: Catalog,
        dataset: Dataset,
        row: Mapping[str, Any] | None,
        now: datetime,
    ) -> None:
        self._question, self._engine, self._catalog = question, engine, catalog
        self._dataset, self._row, self._now = dataset, row, now
        self._known: dict[tuple[object, ...], Keys] = {}

    def source(self, path: str) -> SQL | None:
        """A SELECT of the rows at the end of a dotted path, each once, narrowed as the relations
        say; None when the path is unknown."""
        steps = self._catalog.expand(self._dataset.name, path)
        if steps is None:
            return None
        for done in range(len(steps) - 1, -1, -1):
            keys = self._keys(steps[:done], [column for column, _ in steps[done].columns])
            if keys is not None:
                return self._from(keys, steps[done:])
        raise AssertionError("the subject's own keys are always known")

    def _keys(self, steps: Sequence[BaseStep], columns: Sequence[str]) -> Keys | None:
        """The distinct values of some columns at the end of a way; None when they are many."""
        if not steps:
            own = tuple((self._row or {}).get(column) for column in columns)
            return [] if self._row is None or None in own else [own]
        asked = (*[(s.target, s.columns, repr(s.wheres)) for s in steps], tuple(columns))
        if asked in self._known:
            return self._known[asked]
        before = self._keys(steps[:-1], [column for column, _ in steps[-1].columns])
        if before is None:
            return None
        spelling = self._engine.spelling
        names = ", ".join(f"t.{spelling.name(column)}" for column in columns)
        found = self._question.rows(
            f"SELECT DISTINCT {names} FROM ({self._from(before, steps[-1:])}) t"
            f" LIMIT {MOST_KEYS + 1}"
        )
        keys = [row for row in found if None not in row]
        if len(keys) > MOST_KEYS:
            return None
        self._known[asked] = keys
        return keys

    def _from(self, keys: Keys, steps: Sequence[BaseStep]) -> SQL:
        """The rows at the end of `steps`, the first of which starts from known keys."""
        spelling = self._engine.spelling
        inner = ""
        for number, step in enumerate(steps):
            target = self._catalog.datasets[step.target]
            only = "".join(
                f" AND {narrowed(self._engine, where, target, 'b', self._catalog, self._now)}"
                for where in step.wheres
            )
            reached = (
                among(spelling, [f"b.{spelling.name(there)}" for _, there in step.columns], keys)
                if number == 0
                else spelling.reached(inner, step.columns, "b")
            )
            inner = (
                f"SELECT b.* FROM {spelling.data(step.target)} b"
                f" WHERE {reached} AND {present(target)}{only}"
            )
        return inner


def among(spelling: Spelling, columns: Sequence[SQL], keys: Keys) -> SQL:
    """Whether some columns together are one of these keys."""
    if not keys:
        return "false"
    if len(columns) == 1:
        listed = ", ".join(printed(spelling, key[0]) for key in keys)
        return f"{columns[0]} IN ({listed})"
    tests = (
        " AND ".join(f"{c} = {printed(spelling, v)}" for c, v in zip(columns, key, strict=True))
        for key in keys
    )
    return "(" + " OR ".join(f"({test})" for test in tests) + ")"


def printed(spelling: Spelling, value: object) -> SQL:
    """A stored value as SQL of the engine."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return spelling.instant(value)
    if isinstance(value, date):
        return spelling.day(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    return spelling.text(str(value))
