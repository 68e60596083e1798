"""What is wrong with a rule, each fault at the condition that caused it.

A purpose, a mask and a row scope speak of the whole rule; a person who builds one wants to know
which of its conditions to change. So what is refused as a whole is asked again part by part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from enishi.book.access import Actor
from enishi.catalog.types import Catalog
from enishi.kernel.errors import EnishiError, Fault, Forbidden, Invalid
from enishi.rules import check_rule
from enishi.warehouse.parts import leaves
from enishi.warehouse.unseen import refuse_unseen

_OF_THE_WHOLE = frozenset({"purpose_forbids"})
MOST_PLACED = 300
"""Conditions asked one by one; a rule of more than that has its faults at its top."""


def faults_in(
    rule: Mapping[str, object],
    catalog: Catalog,
    actor: Actor,
    *,
    subject: str | None = None,
    purpose: str | None = None,
    user_fields: frozenset[str] | None = None,
    audience: bool = False,
) -> list[Fault]:
    """Every fault that keeps `rule` (bare or in its envelope) from being asked; empty: none."""
    try:
        checked = check_rule(
            rule,
            catalog,
            subject=subject,
            purpose=purpose,
            user_fields=user_fields,
            audience=audience,
        )
        refuse_unseen(checked, actor, catalog)
        return []
    except (Invalid, Forbidden) as error:
        whole = _faults(error)
    top, prefix = rule, "$"
    if "rule" in rule:
        top, prefix = rule["rule"], "$.rule"  # type: ignore[assignment]  # any JSON
        subject = subject or _text(rule.get("subject"))
        purpose = purpose or _text(rule.get("purpose"))
    wanted = {fault.code for fault in whole if _is_of_the_whole(fault)}
    if not wanted:
        return whole
    placed = list(_placed(top, prefix, catalog, actor, subject, purpose, user_fields, wanted))
    found = {fault.code for fault in placed}
    return [fault for fault in whole if fault.code not in found] + placed


def _placed(
    top: object,
    prefix: str,
    catalog: Catalog,
    actor: Actor,
    subject: str | None,
    purpose: str | None,
    user_fields: frozenset[str] | None,
    wanted: set[str],
) -> Iterator[Fault]:
    conditions = list(leaves(top, prefix))
    if len(conditions) > MOST_PLACED:
        return
    for part in conditions:
        try:
            checked = check_rule(
                part.rule, catalog, subject=subject, purpose=purpose, user_fields=user_fields
            )
            refuse_unseen(checked, actor, catalog)
        except (Invalid, Forbidden) as error:
            for fault in _faults(error):
                if fault.code in wanted:
                    yield replace(fault, path=part.path)


def _faults(error: EnishiError) -> list[Fault]:
    return list(error.faults) or [Fault(error.code, "$", error.message, error.remedy)]


def _is_of_the_whole(fault: Fault) -> bool:
    return fault.code in _OF_THE_WHOLE or fault.path == "$"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
