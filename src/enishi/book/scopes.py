"""Row scopes: which rows a role sees, a rule that an administrator sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.models import Role, User
from enishi.book.roles import PII_LEVELS, ROLES, RoleView, role_view, scope_text
from enishi.book.sets import SETS
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Fault, Invalid, NotFound
from enishi.kernel.text import Text

USUAL_ATTRIBUTES = frozenset({"id", "branch", "staff_code"})


def roles() -> list[RoleView]:
    """Every role as it stands, in the order of the product."""
    return [role_view(name) for name in ROLES]


def attribute_names() -> frozenset[str]:
    """The names that `{"user": NAME}` may speak of: the usual ones and those that users have."""
    found = set(USUAL_ATTRIBUTES)
    for attributes in User.objects.values_list("attributes", flat=True):
        found.update(attributes)
    return frozenset(found)


def role(name: str) -> RoleView:
    """One role as it stands; raises NotFound."""
    if name not in ROLES:
        raise NotFound(
            Text("その役割はありません。", "There is no such role."),
            Text("役割の一覧から選んでください。", "Choose one from the list of roles."),
        )
    return role_view(name)


def set_role(actor: Actor, name: str, scope: Mapping[str, object] | None, pii: str) -> RoleView:
    """Set a role's row scope and PII level; the scope is checked against the catalog.

    Raises NotFound, or Invalid with the faults of the rule or at `$.pii`.
    """
    before = role(name)
    if pii not in PII_LEVELS:
        raise _wrong_pii()
    if scope is not None:
        # Imported here: the rule compiler is heavy, and only an administrator comes this way.
        from enishi.catalog.load import load_catalog
        from enishi.rules import check_rule

        catalog = replace(load_catalog(current_workspace().root), sets=SETS)
        checked = check_rule(scope, catalog, user_fields=attribute_names())
        scope = dict(checked.json)
    with work("role.change"):
        Role.objects.update_or_create(
            name=name, defaults={"scope": scope_text(scope), "pii": pii, "updated_at": now()}
        )
        audit.record(
            actor, "role.change", "role", name,
            {"pii": pii, "scope": "none" if scope is None else "rule",
             "scope_changed": scope != before.scope},
        )  # fmt: skip
    return role_view(name)


def _wrong_pii() -> Invalid:
    message = Text("個人情報の表示の段階が正しくありません。", "There is no such level.")
    remedy = Text(
        f"次から選んでください: {'、'.join(PII_LEVELS)}", f"Choose one of: {', '.join(PII_LEVELS)}"
    )
    return Invalid(message, remedy, faults=(Fault("value", "$.pii", message, remedy),))
