"""The narrowing of a relation (`where`) as SQL over rows that are already there.

Most relations are narrowed by plain tests of the rows they lead to, and those are printed here, so
that one person's page reads one person's rows. Anything richer `rules` compiles, over the dataset.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from enishi.catalog.types import Catalog, Dataset, FieldType
from enishi.kernel.text import fold
from enishi.rules import compile_rows
from enishi.warehouse.engine import Engine
from enishi.warehouse.spelling import SQL, Spelling
from enishi.warehouse.tables import shadow


def narrowed(
    engine: Engine, rule: object, dataset: Dataset, alias: str, catalog: Catalog, at: datetime
) -> SQL:
    """SQL for a narrowing rule over the rows `alias` of `dataset`, as of `at`."""
    spelling = engine.spelling
    plain = _plainly(spelling, rule, dataset, alias)
    if plain is not None:
        return plain
    keys = [f"{alias}.{spelling.name(name)}" for name in dataset.key]
    rows = compile_rows(
        rule, catalog, dataset.name, at, dialect=engine.dialect, schemas=engine.schemas
    )
    return spelling.one_of(keys, rows)


def _plainly(spelling: Spelling, rule: object, dataset: Dataset, alias: str) -> SQL | None:
    """The rule where it is made of plain tests alone."""
    if not isinstance(rule, Mapping):
        return None
    for word, between in (("all", " AND "), ("any", " OR ")):
        if word in rule:
            inner = rule[word]
            parts = [_plainly(spelling, one, dataset, alias) for one in inner]
            known = [part for part in parts if part is not None]
            return f"({between.join(known)})" if known and len(known) == len(parts) else None
    if "not" in rule:
        negated = _plainly(spelling, rule["not"], dataset, alias)
        return None if negated is None else f"NOT ({negated})"
    return _test(spelling, rule, dataset, alias)


def _test(
    spelling: Spelling, rule: Mapping[str, object], dataset: Dataset, alias: str
) -> SQL | None:
    field = dataset.fields.get(str(rule.get("field")))
    op = rule.get("op")
    if field is None or set(rule) - {"field", "op", "value"}:
        return None
    column = f"{alias}.{spelling.name(field.name)}"
    if op in ("is_set", "is_not_set"):
        return f"{column} IS {'NOT ' if op == 'is_set' else ''}NULL"
    if op in ("is_true", "is_false"):
        return f"coalesce({column}, {'false' if op == 'is_true' else 'true'}) = {op == 'is_true'}"
    values = rule.get("value")
    wanted = list(values) if isinstance(values, list | tuple) else [values]
    if op not in ("eq", "ne", "in", "not_in") or not all(_plain(value) for value in wanted):
        return None
    if field.type is FieldType.STRING and field.name not in dataset.key:
        column = f"{alias}.{spelling.name(shadow(field))}"
        wanted = [fold(str(value)) for value in wanted]
    listed = ", ".join(_printed(spelling, value) for value in wanted)
    among = f"coalesce({column} IN ({listed}), false)"
    return f"NOT {among}" if op in ("ne", "not_in") else among


def _plain(value: object) -> bool:
    return isinstance(value, str | int | bool | Decimal)


def _printed(spelling: Spelling, value: object) -> SQL:
    return spelling.text(value) if isinstance(value, str) else str(value).lower()
