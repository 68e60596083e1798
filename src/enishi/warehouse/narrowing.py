"""The narrowing of a relation (`where`) as SQL over rows that are already there.

Relations are narrowed by plain tests of the rows they lead to, and those are printed here, for one
person's page. Anything richer is the business of `rules`; a page then shows no rows of that
relation rather than too many.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from enishi.catalog.types import Dataset, FieldType
from enishi.kernel.text import fold
from enishi.warehouse.duckdb_engine import SQL, literal, quoted
from enishi.warehouse.tables import shadow

NOTHING: SQL = "false"


def narrowed(rule: object, dataset: Dataset, alias: str) -> SQL:
    """SQL for a narrowing rule over the rows `alias` of `dataset`."""
    if not isinstance(rule, Mapping):
        return NOTHING
    if "all" in rule:
        return _joined(rule["all"], " AND ", dataset, alias)
    if "any" in rule:
        return _joined(rule["any"], " OR ", dataset, alias)
    if "not" in rule:
        inner = narrowed(rule["not"], dataset, alias)
        return NOTHING if inner == NOTHING else f"NOT ({inner})"
    return _test(rule, dataset, alias)


def _joined(rules: object, word: str, dataset: Dataset, alias: str) -> SQL:
    if not isinstance(rules, list | tuple):
        return NOTHING
    parts = [narrowed(rule, dataset, alias) for rule in rules]
    return f"({word.join(parts)})" if parts else ("true" if word == " AND " else NOTHING)


def _test(rule: Mapping[str, object], dataset: Dataset, alias: str) -> SQL:
    field = dataset.fields.get(str(rule.get("field")))
    op = rule.get("op")
    if field is None or set(rule) - {"field", "op", "value"}:
        return NOTHING
    column = f"{alias}.{quoted(field.name)}"
    if op in ("is_set", "is_not_set"):
        return f"{column} IS {'NOT ' if op == 'is_set' else ''}NULL"
    if op in ("is_true", "is_false"):
        return f"coalesce({column}, {'false' if op == 'is_true' else 'true'}) = {op == 'is_true'}"
    values = rule.get("value")
    wanted = list(values) if isinstance(values, list | tuple) else [values]
    if op not in ("eq", "ne", "in", "not_in") or not all(_plain(value) for value in wanted):
        return NOTHING
    if field.type is FieldType.STRING and field.name not in dataset.key:
        column = f"{alias}.{quoted(shadow(field))}"
        wanted = [fold(str(value)) for value in wanted]
    among = f"coalesce({column} IN ({', '.join(_printed(value) for value in wanted)}), false)"
    return f"NOT {among}" if op in ("ne", "not_in") else among


def _plain(value: object) -> bool:
    return isinstance(value, str | int | bool | Decimal)


def _printed(value: object) -> SQL:
    return literal(value) if isinstance(value, str) else str(value).lower()
