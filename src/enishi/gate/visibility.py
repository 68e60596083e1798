"""Whether a user may see a person at all: by row scope, or by a grant that another domain knows.

An assignment or a share in `lists` opens persons to a user; the gate stands above lists, so lists
registers its test here when Django starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from enishi.book.access import Actor
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text

Grant = Callable[[Actor, Iterable[str]], set[str]]
"""Which of these persons are granted to the actor."""

InScope = Callable[[Iterable[str], Actor], set[str]]
"""Which of these persons lie in the actor's row scope; asked of the warehouse."""

_grants: list[Grant] = []


def register_grant(grant: Grant) -> None:
    """Add a way by which persons are opened to users beyond their row scope."""
    if grant not in _grants:
        _grants.append(grant)


def visible(actor: Actor, persons: Iterable[str], in_scope: InScope) -> set[str]:
    """Those of `persons` that the actor may see, by grant or by scope."""
    asked = set(persons)
    found: set[str] = set()
    for grant in _grants:
        found |= grant(actor, asked - found)
    rest = asked - found
    return found | (in_scope(rest, actor) if rest else set())


def opened_to(actor: Actor, person: str) -> Actor:
    """The actor, with the person opened if a grant shows her; the scope decides all else."""
    if any(grant(actor, [person]) for grant in _grants):
        return replace(actor, opened=(person,))
    return actor


def require_visible(actor: Actor, person: str, in_scope: InScope) -> None:
    """Raise NotFound for a person the actor may not see, as for one who does not exist."""
    if not visible(actor, [person], in_scope):
        raise no_such_person()


def no_such_person() -> NotFound:
    return NotFound(
        Text("この顧客は見つかりません。", "There is no such customer."),
        Text(
            "番号を確かめるか、担当の範囲を管理者に確認してください。",
            "Check the id, or ask an administrator about your scope.",
        ),
        code="person_not_found",
    )
