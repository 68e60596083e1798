"""The names of users, for sentences and rows."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model

from enishi.gate.schemas import PersonRef


def names_of(users: Iterable[str]) -> dict[str, str]:
    """User id → name (the e-mail address's first part while no name is set), in one query."""
    wanted = {user for user in users if user}
    if not wanted:
        return {}
    found = get_user_model().objects.filter(pk__in=wanted)
    return {str(row[0]): str(row[1] or str(row[2]).partition("@")[0])
            for row in found.values_list("pk", "name", "email")}  # fmt: skip


def holder(user: str, names: dict[str, str]) -> PersonRef:
    """A user who is surely there. An unknown id is shown as it is."""
    return PersonRef(id=user, name=names.get(user, user))


def ref(user: str, names: dict[str, str]) -> PersonRef | None:
    """A user as others see one; None when there is none. An unknown id is shown as it is."""
    return holder(user, names) if user else None
