"""Personal data shown only as far as a role may see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from enishi.catalog.types import Catalog, Field, FieldType, Meaning, Pii
from enishi.kernel.errors import Invalid
from enishi.rules import check_value
from enishi.rules.tree import FieldValue, MeasureKind, Part
from enishi.rules.types import CheckedRule, CheckedValue

_RANK = {Pii.NONE: 0, Pii.LOW: 1, Pii.HIGH: 2}
TELLS_LITTLE = frozenset({Part.YEAR, Part.AGE, Part.SINCE})  # what a mask would show anyway
TELLS_NOTHING = frozenset({MeasureKind.COUNT, MeasureKind.DISTINCT})
_STARS = "＊＊＊"


def hidden(field: Field, pii: str) -> bool:
    """Whether a role with this PII level sees the field masked."""
    return _RANK[field.pii] > _RANK[Pii(pii)]


def field_behind(value: CheckedValue, catalog: Catalog) -> Field | None:
    """The field whose content a value shows; None when it shows a count or a harmless part."""
    tree = value.tree
    if isinstance(tree, FieldValue):
        if tree.path.part in TELLS_LITTLE:
            return None
        return catalog.datasets[tree.path.leaf].fields.get(tree.path.field)
    if tree.measure in TELLS_NOTHING:
        return None
    found = [
        field
        for branch in tree.branches
        if branch.path is not None
        and branch.path.part not in TELLS_LITTLE
        and (field := catalog.datasets[branch.path.leaf].fields.get(branch.path.field))
    ]
    return max(found, key=lambda field: _RANK[field.pii], default=None)


def mask(value: object, field: Field) -> str | None:
    """What is left of a value for those who may not see it; unset stays unset."""
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    by_meaning = _BY_MEANING.get(field.meaning) if field.meaning else None
    if by_meaning is not None:
        return by_meaning(text)
    return _year(text) if field.type is FieldType.DATE else _STARS


def mask_column(column: pa.ChunkedArray, field: Field) -> pa.Array:
    """A whole column masked; it becomes text."""
    return pa.array([mask(value, field) for value in column.to_pylist()], pa.string())


def mask_explanation(told: object, rule: CheckedRule, catalog: Catalog, pii: str) -> None:
    """Mask, in the JSON of an explanation, what was found in fields this role sees masked.

    Where it cannot be told which field a node has read, what it found is masked too.
    """
    behind = [catalog.datasets[dataset].fields.get(name) for dataset, name in rule.fields]
    if not any(field is not None and hidden(field, pii) for field in behind):
        return
    for node in _nodes(told):
        if "found" not in node:
            continue
        test = _at(rule.json, str(node.get("path", "")))
        field = _field_tested(test, rule, catalog)
        if field is _UNKNOWN:
            node["found"] = None if node["found"] is None else _STARS
        elif isinstance(field, Field) and hidden(field, pii):
            node["found"] = mask(node["found"], field)
        if not isinstance(test, Mapping) or isinstance(test.get("value"), Mapping):
            node["operands"] = [_STARS for _ in node.get("operands", [])]


_UNKNOWN = object()
_VALUE_PARTS = frozenset({"field", "related", "event", "where", "during", "measure"})


def _nodes(told: object) -> Iterator[dict[str, Any]]:
    if isinstance(told, dict):
        yield told
        for item in told.values():
            yield from _nodes(item)
    elif isinstance(told, list):
        for item in told:
            yield from _nodes(item)


def _at(json: object, path: str) -> object:
    """What stands at a JSON path such as `$.all[0].not`; None when there is nothing."""
    here = json
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        if name:
            here = here.get(name) if isinstance(here, Mapping) else None
        else:
            inside = isinstance(here, list) and int(index) < len(here)
            here = here[int(index)] if inside and isinstance(here, list) else None
    return here


def _field_tested(test: object, rule: CheckedRule, catalog: Catalog) -> object:
    if not isinstance(test, Mapping):
        return _UNKNOWN
    value = {name: part for name, part in test.items() if name in _VALUE_PARTS}
    try:
        return field_behind(check_value(value, catalog, subject=rule.subject), catalog)
    except Invalid:
        return _UNKNOWN


def _name(text: str) -> str:
    return text[:1] + ("***" if text[:1].isascii() else "＊")


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"{digits[:3]}-****-{digits[-4:]}" if len(digits) >= 10 else "****"


def _email(text: str) -> str:
    local, _, domain = text.partition("@")
    return f"{local[:1]}***@{domain}"


def _year(text: str) -> str:
    return f"{text[:4]}-**-**"


def _address(text: str) -> str:
    found = re.match(r"(東京都|北海道|(?:京都|大阪)府|.{2,3}県)", text)
    return (found[0] if found else "") + _STARS


def _postal(text: str) -> str:
    return f"{text[:3]}-****"


_BY_MEANING: Mapping[Meaning, Callable[[str], str]] = {
    Meaning.PERSON_NAME: _name,
    Meaning.PERSON_KANA: _name,
    Meaning.PHONE: _phone,
    Meaning.EMAIL: _email,
    Meaning.BIRTH_DATE: _year,
    Meaning.ADDRESS: _address,
    Meaning.POSTAL_CODE: _postal,
}
