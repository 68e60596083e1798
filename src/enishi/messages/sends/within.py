"""Within whose row scope a send stays: that of who dispatched it, as it was then.

It is kept with the send and is part of every question for its people, whoever goes on with it; a
send of somebody who sees everybody has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from enishi.book import jsontext
from enishi.book.access import SYSTEM, Actor
from enishi.book.roles import ROLES, scope_text
from enishi.gate.people import names_of
from enishi.kernel.errors import Forbidden
from enishi.kernel.text import Text
from enishi.messages.models import Send

Kept = Mapping[str, Any]
"""`user`, `role`, `scope` (a rule as JSON text), `attributes`: those of the user that it names.
Empty: everybody."""

EVERYBODY: Kept = {}


def scope_of(actor: Actor) -> dict[str, Any]:
    """What is kept of a send that this actor previews or dispatches."""
    if actor.scope is None:
        return {}
    named = _named(actor.scope)
    return {
        "user": actor.user_id, "role": actor.role, "scope": scope_text(actor.scope),
        "attributes": {n: v for n, v in sorted(actor.attributes.items()) if n in named},
    }  # fmt: skip


def scope_kept(send: Send) -> Kept:
    """What was kept when it was dispatched."""
    found = send.preview.get("within", EVERYBODY)
    return found if isinstance(found, Mapping) else EVERYBODY


def asking(kept: Kept) -> Actor:
    """Who asks for a send's people: Enishi itself, held to the scope. The send's rule is a stored
    one: its author was asked about what it leads to."""
    if not kept:
        return SYSTEM
    return replace(
        SYSTEM, role=str(kept["role"]), scope=jsontext.loads(str(kept["scope"])),
        attributes=dict(kept["attributes"]), stored=True,
    )  # fmt: skip


def digest(kept: Kept) -> str:
    """The same for the same people, whoever asks; empty for everybody."""
    if not kept:
        return ""
    return jsontext.digest({"scope": kept["scope"], "attributes": kept["attributes"]})


def words(kept: Kept) -> Text:
    """To whom it stays confined; empty for everybody."""
    if not kept:
        return Text("", "")
    user = str(kept["user"])
    name, role = names_of([user]).get(user, user), ROLES[str(kept["role"])]
    return Text(
        f"{name}さん（{role.ja}）の担当範囲のお客さまだけに送ります。",
        f"Only to customers in the row scope of {name} ({role.en}).",
    )


def reaches(send: Send, actor: Actor) -> bool:
    """Whether the actor may stop the send and let it go on: somebody with a row scope, one that
    stays within the same."""
    return actor.scope is None or digest(scope_kept(send)) == digest(scope_of(actor))


def require_reach(send: Send, actor: Actor) -> None:
    """Raise Forbidden `beyond_scope` for a send to people beyond the actor's row scope."""
    if not reaches(send, actor):
        raise Forbidden(
            Text(
                "あなたの担当範囲の外の人にも届く一斉配信です。",
                "This send reaches people beyond your row scope.",
            ),
            Text(
                "送った人か、すべてのお客さまを担当する人に依頼してください。",
                "Ask whoever sent it, or somebody whose role sees every customer.",
            ),
            code="beyond_scope",
        )


def _named(rule: object) -> set[str]:
    """The attributes of a user that a rule speaks of."""
    if isinstance(rule, Mapping):
        if set(rule) == {"user"} and isinstance(rule["user"], str):
            return {rule["user"]}
        return set().union(*(_named(part) for part in rule.values()))
    if isinstance(rule, list | tuple):
        return set().union(*(_named(part) for part in rule))
    return set()
