"""What analysts write, as the rest of Enishi reads it: rules, columns, instants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from enishi.kernel.errors import EnishiError, Invalid, NotFound
from enishi.kernel.text import Locale, Text
from enishi.rules import read_json
from enishi.warehouse.instants import read_instant

Rule: TypeAlias = Mapping[str, Any] | str | Path
"""A rule as a dict, as the text of JSON, or as the path of a file that holds it."""
Columns: TypeAlias = Sequence[str] | Mapping[str, Any]
"""Field paths, or values of the rule language by the name of their column."""
When: TypeAlias = datetime | date | str | None


def read_rule(rule: Rule) -> Any:
    """The rule as JSON values; numbers with a point become exact, dates become text.

    Raises NotFound for a file that is not there, Invalid for what is no JSON.
    """
    if isinstance(rule, str) and rule.lstrip().startswith(("{", "[")):
        return read_json(rule)
    if isinstance(rule, str | Path):
        path = Path(rule)
        if not path.is_file():
            raise NotFound(
                Text(f"条件のファイル {path} がありません。", f"There is no rule file {path}."),
                Text("パスを確かめてください。", "Check the path."),
                code="rule_file_missing",
            )
        return read_json(path.read_text(encoding="utf-8-sig"))
    return _plain(rule)


def read_columns(columns: Columns | None) -> dict[str, Any] | None:
    """Columns by name. Of a path, dots become underscores: `branch.name` → `branch_name`."""
    if columns is None:
        return None
    if isinstance(columns, Mapping):
        return {str(name): _value(value) for name, value in columns.items()}
    if isinstance(columns, str):
        columns = [columns]
    return {path.replace(".", "_"): {"field": path} for path in columns}


def read_when(given: When, zone: ZoneInfo) -> datetime | None:
    """An instant; without an offset it is the workspace's local time, and a date its midnight."""
    if given is None:
        return None
    if isinstance(given, datetime) and given.tzinfo is not None:
        return given.astimezone(UTC)
    return read_instant(given if isinstance(given, str) else given.isoformat(), zone)


def _value(value: Any) -> Any:
    return {"field": value} if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if hasattr(value, "item") and not isinstance(value, str | bytes):  # a number of numpy
        return _plain(value.item())
    if value is None or isinstance(value, str | bool | int | Decimal):
        return value
    raise Invalid(
        Text(
            f"条件に {type(value).__name__} は書けません。",
            f"A rule cannot hold a {type(value).__name__}.",
        ),
        Text(
            "文字、数値、日付、その並びで書いてください。",
            "Write texts, numbers, dates, and lists of them.",
        ),
        code="rule_value",
    )


@contextmanager
def explained(locale: Locale) -> Iterator[None]:
    """Let an error's traceback end with its faults and its remedy, in the reader's language."""
    try:
        yield
    except EnishiError as error:
        if not getattr(error, "__notes__", None):
            error.add_note(error.message[locale])
            for fault in error.faults:
                error.add_note(f"{fault.path}: {fault.message[locale]} {fault.remedy[locale]}")
            error.add_note(error.remedy[locale])
        raise
