"""The row scope of who asks, as a rule that every question is conjoined with. Fails closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from enishi.book.access import Actor
from enishi.catalog.types import Catalog
from enishi.kernel.errors import EnishiError, Forbidden, Invalid
from enishi.kernel.text import Text
from enishi.rules import bind_user, both, check_rule
from enishi.rules.types import CheckedRule, KnownEvents

EVERYBODY: Mapping[str, object] = {"all": []}


def scoped(rule: CheckedRule, actor: Actor, catalog: Catalog) -> CheckedRule:
    """The rule within the actor's scope.

    Raises Forbidden `scope_denies` when the scope cannot be bound or does not speak of these
    subjects: what cannot be limited is not shown.
    """
    scope = scope_rule(actor, catalog, rule.subject)
    return rule if scope is None else both(rule, scope)


def scope_rule(actor: Actor, catalog: Catalog, subject: str) -> CheckedRule | None:
    """The actor's scope over a subject dataset; None: every row. Raises like `scoped`."""
    if actor.scope is None:
        return None
    try:
        checked = check_rule(
            actor.scope, catalog, subject=subject, user_fields=_users_named(actor.scope)
        )
        return bind_user(checked, actor.attributes)
    except (Invalid, EnishiError) as error:
        raise Forbidden(
            Text(
                "あなたの閲覧範囲を確定できないため、表示できません。",
                "Your row scope cannot be determined, so nothing is shown.",
            ),
            Text(
                "管理者に、役割の範囲とあなたの属性（支店など）の設定を依頼してください。",
                "Ask an administrator to check your role's scope and your attributes.",
            ),
            code="scope_denies",
            detail={"reason": error.code},
        ) from error


def everybody(catalog: Catalog, subject: str | None) -> CheckedRule:
    """The rule that is true for all."""
    return check_rule(EVERYBODY, catalog, subject=subject)


def own_rule(
    json: object,
    actor: Actor,
    catalog: Catalog,
    *,
    subject: str | None = None,
    known_events: KnownEvents | None = None,
) -> CheckedRule:
    """A rule as its author asks it, `{"user"}` bound from the author's attributes.

    Where the actor has no attributes `{"user"}` is refused by the check.
    """
    names = frozenset(actor.attributes) or None
    checked = check_rule(
        json, catalog, subject=subject, user_fields=names, known_events=known_events
    )
    return bind_user(checked, actor.attributes) if names else checked


def _users_named(rule: object) -> frozenset[str]:
    """Every NAME of a `{"user": NAME}` in a rule, so that a missing one fails when it is bound."""
    if isinstance(rule, Mapping):
        if set(rule) == {"user"} and isinstance(rule["user"], str):
            return frozenset({rule["user"]})
        return frozenset().union(*(_users_named(item) for item in rule.values()))
    if isinstance(rule, list | tuple):
        return frozenset().union(*(_users_named(item) for item in rule))
    return frozenset()


def known_today(rule: CheckedRule, as_of: datetime, now: datetime) -> list[str]:
    """The `current` datasets an answer about the past leans on, which are as known today."""
    return sorted(rule.uses_current) if as_of < now else []
