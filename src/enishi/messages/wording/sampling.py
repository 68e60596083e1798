"""Values for looking at a template without a person: plausible, and as empty as can be."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from enishi.messages.wording.formats import Spec
from enishi.messages.wording.rendering import AT, GIVEN, NAMING, Compiled

_PERSON = {"ja": ("日の出 花子", "日の出", "花子"), "en": ("Hanako Hinode", "Hinode", "Hanako")}
_FIRM = {"ja": ("株式会社見本商事", "営業部"), "en": ("Sample Trading Co., Ltd.", "Sales")}


def sample(compiled: Compiled, today: date, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """Each field with a value of its type, and a name to address."""
    whole, family, first = _PERSON[compiled.language]
    firm, office = _FIRM[compiled.language]
    naming = {"name": whole, "family": family, "given": first, "company": firm,
              "department": office}  # fmt: skip
    return {
        **{name: _value(name, spec, today) for name, spec in compiled.fields.items()},
        NAMING: {part: naming[part] for part in compiled.naming},
        GIVEN: given or {},
        AT: today,
    }


def bare(compiled: Compiled, today: date) -> dict[str, Any]:
    """The least that anybody can have: what can be unset is, nobody has a name, nothing came."""
    return {
        **{
            name: None if spec.may_be_unset else _value(name, spec, today)
            for name, spec in compiled.fields.items()
        },
        NAMING: {},
        GIVEN: {},
        AT: today,
    }


def _value(name: str, spec: Spec, today: date) -> object:
    if spec.type == "boolean":
        return True
    if spec.type in ("integer", "decimal", "float"):
        number = {"money": "1234567", "rate": "0.25"}.get(spec.meaning, "12")
        return int(number) if spec.type == "integer" and number.isdigit() else Decimal(number)
    if spec.type == "date":
        return today + timedelta(days=30)
    if spec.type == "timestamp":
        return datetime.combine(today, time(10, 30))
    if spec.type == "strings":
        return [f"{name} 1", f"{name} 2"]
    return f"〈{name}〉"
