"""Who asks: the actor that every question, list and audit row is answered for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from enishi.book.roles import Pii, permitted, role_view
from enishi.catalog.types import RuleJson
from enishi.kernel.errors import Forbidden, NotFound
from enishi.kernel.text import Text

if TYPE_CHECKING:
    from enishi.book.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone with a role.

    `scope` is the role's row scope, a rule that may speak of `{"user": NAME}`; None is every row.
    It is bound from `attributes` where the question is answered: a name that is missing there
    denies everything. `pii` is the highest level of personal data shown unmasked. `opened` are
    persons that an assignment or a share shows beyond the scope, for the question in hand.
    `stored`: the rule in hand is a stored definition's, whose author saw every row; it may lead to
    persons beyond the scope, which a rule of the actor's own may not.
    """

    user_id: str
    role: str
    scope: RuleJson | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    pii: Pii = "none"
    opened: Sequence[str] = ()
    stored: bool = False

    def may(self, permission: str) -> bool:
        return permitted(self.role, permission)


OPERATOR = Actor("operator", "administrator", pii="high")
"""Who holds the workspace's files: the command line on the same machine. Sees every row."""

SYSTEM = Actor("system", "administrator", pii="high")
"""Enishi itself: refreshes and loops. Never answers a person's request."""


def actor_of(user: User) -> Actor:
    """The actor a signed-in user is; raises Forbidden for a role that does not exist."""
    try:
        role = role_view(user.role)
    except KeyError:
        raise _forbidden("") from None
    return Actor(
        user_id=user.id,
        role=role.name,
        scope=role.scope,
        attributes=dict(user.attributes),
        pii=role.pii,
    )


def actor_named(email: str) -> Actor:
    """The actor of the active user with this e-mail address; raises NotFound `user_unknown`."""
    from enishi.book.models import User

    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise NotFound(
            Text(f"利用者 {email} はいません。", f"There is no active user {email}."),
            Text("`enishi user list` で確かめてください。", "See `enishi user list`."),
            code="user_unknown",
        )
    return actor_of(user)


def require(actor: Actor, permission: str) -> None:
    """Raise Forbidden unless the actor's role holds the permission."""
    if not actor.may(permission):
        raise _forbidden(permission)


def _forbidden(permission: str) -> Forbidden:
    return Forbidden(
        Text("この操作をする権限がありません。", "Your role may not do this."),
        Text(
            "必要であれば、管理者に役割の変更を依頼してください。",
            "If you need it, ask an administrator to change your role.",
        ),
        detail={"permission": permission} if permission else {},
    )
