"""The roles and what each may do: one table that every endpoint answers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from enishi.kernel.text import Text

Pii: TypeAlias = Literal["none", "low", "high"]
"""The highest PII level a role may see unmasked."""

ROLES: dict[str, Text] = {
    "administrator": Text("管理者", "Administrator"),
    "manager": Text("マネージャー", "Manager"),
    "representative": Text("担当者", "Representative"),
    "marketer": Text("マーケター", "Marketer"),
    "analyst": Text("分析者", "Analyst"),
    "auditor": Text("監査者", "Auditor"),
}

PII_LEVELS: tuple[Pii, ...] = ("none", "low", "high")

DEFAULT_PII: dict[str, Pii] = {
    "administrator": "low",
    "manager": "high",
    "representative": "high",
    "marketer": "none",
    "analyst": "none",
    "auditor": "none",
}


def _roles(*names: str) -> frozenset[str]:
    return frozenset(names)


_ALL = frozenset(ROLES)
_ADMINISTRATOR = _roles("administrator")

PERMISSIONS: dict[str, frozenset[str]] = {
    "data.read": _roles("administrator", "manager", "marketer", "analyst", "auditor"),
    "data.load": _ADMINISTRATOR,
    "catalog.read": _ALL,
    "customers.read": _ALL,
    "customers.note": _roles("administrator", "manager", "representative"),
    "rules.preview": _roles("administrator", "manager", "marketer", "analyst"),
    "segments.read": _roles("administrator", "manager", "marketer", "analyst", "auditor"),
    "segments.write": _roles("administrator", "manager", "marketer", "analyst"),
    "segments.export": _roles("administrator", "manager", "marketer", "analyst"),
    "scores.write": _roles("administrator", "analyst"),
    "definitions.read": _roles("administrator", "manager", "marketer", "analyst", "auditor"),
    "definitions.write": _ADMINISTRATOR,
    "lists.read": _ALL,
    "lists.write": _roles("administrator", "manager"),
    "lists.assign": _roles("administrator", "manager"),
    "lists.work": _roles("manager", "representative"),
    "lists.export": _roles("administrator", "manager", "analyst"),
    "gate.read": _ALL,
    "gate.restrict": _roles("administrator", "manager", "representative"),
    "gate.release": _roles("administrator", "manager"),
    "gate.approve": _roles("administrator", "manager"),
    "gate.consent": _roles("administrator", "manager", "representative"),
    "gate.import": _ADMINISTRATOR,
    "policies.read": _roles("administrator", "manager", "marketer", "analyst", "auditor"),
    "policies.write": _ADMINISTRATOR,
    "messages.read": _roles("administrator", "manager", "marketer", "analyst", "auditor"),
    "messages.write": _roles("administrator", "marketer"),
    "messages.approve": _roles("administrator", "manager", "marketer"),
    "messages.send": _roles("administrator", "manager", "marketer"),
    "mailbox.read": _roles("administrator", "marketer"),
    "channels.read": _roles("administrator", "marketer", "auditor"),
    "channels.write": _ADMINISTRATOR,
    "journeys.read": _ALL,
    "journeys.write": _roles("administrator", "marketer"),
    "journeys.approve": _roles("administrator", "manager", "marketer"),
    "journeys.run": _roles("administrator", "manager", "marketer"),
    "events.read": _roles("administrator", "marketer", "analyst", "auditor"),
    "events.write": _ADMINISTRATOR,
    "webhooks.read": _roles("administrator", "auditor"),
    "webhooks.write": _ADMINISTRATOR,
    "privacy.read": _roles("administrator", "manager", "auditor"),
    "privacy.write": _ADMINISTRATOR,
    "users.read": _roles("administrator", "auditor"),
    "users.write": _ADMINISTRATOR,
    "audit.read": _roles("administrator", "auditor"),
}


def permitted(role: str, permission: str) -> bool:
    """Whether a role holds a permission; raises KeyError for a permission nobody has defined."""
    return role in PERMISSIONS[permission]


def permissions_of(role: str) -> list[str]:
    """The permissions of a role, sorted; none for a role that does not exist."""
    return sorted(name for name, roles in PERMISSIONS.items() if role in roles)


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role as it stands: its label, its row scope (a rule or None) and its PII level."""

    name: str
    label: Text
    scope: dict[str, object] | None
    pii: Pii


def role_view(name: str) -> RoleView:
    """The role as an administrator has set it; KeyError when there is no such role."""
    from enishi.book.models import Role

    label = ROLES[name]
    found = Role.objects.filter(name=name).first()
    if found is None:
        return RoleView(name, label, None, DEFAULT_PII[name])
    # A level nobody knows (a row edited by hand) shows nothing.
    pii: Pii = next((level for level in PII_LEVELS if level == found.pii), "none")
    scope = None if found.scope is None else _decoder.decode(found.scope)
    return RoleView(name, label, scope, pii)


_decoder = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def scope_text(scope: Mapping[str, object] | None) -> str | None:
    """A row scope as it is stored: JSON whose decimals keep their digits."""
    return None if scope is None else _encoder.encode(scope).decode()
