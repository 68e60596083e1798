"""Checks a definition and a manager's wishes against the catalog and the rule language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from enishi.book.jsontext import dumps
from enishi.catalog.types import Catalog, FieldType
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.lists.body import DefinitionBody, Json
from enishi.rules import CheckedRule, CheckedValue, check_rule, check_value

_RESERVED = re.compile(r"^x_score_\d+_$|^_")
_NOT_LEFT_SIDE = ("op", "value", "exact")
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT)


@dataclass(frozen=True, slots=True)
class CheckedBody:
    """A definition that holds good in this catalog."""

    body: DefinitionBody
    rule: CheckedRule
    columns: Mapping[str, CheckedValue]


def check_body(body: DefinitionBody, catalog: Catalog) -> CheckedBody:
    """Check the rule, every column and every filter for the purpose; raises Invalid with faults."""
    faults: list[Fault] = []
    if catalog.subject_dataset(body.subject) is None:
        faults.append(_no_subject(body.subject, catalog))
        raise refused(faults)
    rule: CheckedRule | None = None
    try:
        rule = check_rule(
            body.rule, catalog, subject=body.subject, purpose=_named(body, catalog), audience=True
        )
    except Invalid as error:
        faults += moved(error, "rule")
    columns: dict[str, CheckedValue] = {}
    for position, column in enumerate(body.columns):
        if _RESERVED.match(column.name):
            faults.append(_reserved(position, column.name))
        try:
            columns[column.name] = check_value(
                column.value, catalog, subject=body.subject, purpose=_named(body, catalog)
            )
        except Invalid as error:
            faults += moved(error, f"columns[{position}].value")
    for position, offered in enumerate(body.filters):
        try:
            check_value(offered.value, catalog, subject=body.subject, purpose=_named(body, catalog))
        except Invalid as error:
            faults += moved(error, f"filters[{position}].value")
    if body.purpose is not None and not known_purpose(body.purpose, catalog):
        faults.append(_no_purpose(body.purpose, catalog))
    if faults or rule is None:
        raise refused(faults)
    return CheckedBody(body, rule, columns)


def known_purpose(purpose: str, catalog: Catalog) -> bool:
    return purpose in catalog.purposes or purpose in ("service", "transactional")


def _named(body: DefinitionBody, catalog: Catalog) -> str | None:
    """The purpose for the rules' own check; None when the catalog does not know it."""
    return body.purpose if body.purpose in catalog.purposes else None


def purpose_for_rules(purpose: str | None, catalog: Catalog) -> str | None:
    """The purpose for the rule language: only those that the catalog names restrict fields."""
    return purpose if purpose in catalog.purposes else None


def moved(error: Invalid, under: str) -> list[Fault]:
    """The faults of a part, with their paths below the place of that part."""
    faults = error.faults or (Fault(error.code, "$", error.message, error.remedy),)
    return [replace(fault, path=f"$.{under}{fault.path.removeprefix('$')}") for fault in faults]


def refused(faults: Iterable[Fault]) -> Invalid:
    """All faults as one refusal; the sentence is that of the first."""
    found = tuple(faults)
    first = found[0]
    return Invalid(
        Text(f"{first.path}: {first.message.ja}", f"{first.path}: {first.message.en}"),
        first.remedy,
        code="definition_invalid",
        faults=found,
    )


def check_offered(rule: object, body: DefinitionBody) -> None:
    """Raise Invalid when a manager's condition uses a value the definition does not offer."""
    if not body.filters:
        return
    offered = [f.value for f in body.filters]
    faults = [
        Fault(
            "not_offered",
            path,
            Text("この項目での絞り込みは許可されていません。", "This value is not offered here."),
            Text(
                "選べるもの: " + "、".join(f.label.ja for f in body.filters),
                "Choose one of: " + ", ".join(f.label.en for f in body.filters),
            ),
        )
        for path, test in _tests(rule, "$")
        if not any(_offers(value, test) for value in offered)
    ]
    if faults:
        raise refused(faults)


def _tests(rule: object, path: str) -> Iterable[tuple[str, Json]]:
    """Every test of a bare rule with its path; what has another shape is left to the rule check."""
    if not isinstance(rule, dict):
        return
    for word in ("all", "any", "of"):
        inner = rule.get(word)
        if isinstance(inner, list):
            for position, part in enumerate(inner):
                yield from _tests(part, f"{path}.{word}[{position}]")
            return
    if "not" in rule:
        yield from _tests(rule["not"], f"{path}.not")
    elif rule:
        yield path, rule


def _offers(offered: Json, test: Json) -> bool:
    left = {name: part for name, part in test.items() if name not in _NOT_LEFT_SIDE}
    if dumps(_sorted(left)) == dumps(_sorted(offered)):
        return True
    source = "related" if "related" in offered else "event"
    if set(offered) != {source} or source not in left:
        return False
    return bool(left[source] == offered[source])


def _sorted(value: Json) -> Json:
    return {name: value[name] for name in sorted(value)}


def _no_subject(subject: str, catalog: Catalog) -> Fault:
    names = ", ".join(sorted({str(d.subject) for d in catalog.subjects()}))
    return Fault(
        "unknown_subject",
        "$.subject",
        Text(f"「{subject}」という対象はありません。", f"There is no subject {subject!r}."),
        Text(f"選べるもの: {names}", f"Choose one of: {names}"),
    )


def _no_purpose(purpose: str, catalog: Catalog) -> Fault:
    names = ", ".join([*sorted(catalog.purposes), "service", "transactional"])
    return Fault(
        "unknown_purpose",
        "$.purpose",
        Text(f"「{purpose}」という利用目的はありません。", f"There is no purpose {purpose!r}."),
        Text(f"選べるもの: {names}", f"Choose one of: {names}"),
    )


def _reserved(position: int, name: str) -> Fault:
    return Fault(
        "reserved_name",
        f"$.columns[{position}].name",
        Text(f"列名「{name}」は使えません。", f"A column may not be called {name!r}."),
        Text("別の名前を付けてください。", "Give it another name."),
    )
