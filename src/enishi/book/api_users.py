"""Users, invitations and roles, for administrators."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from enishi.book import accounts, scopes, totp
from enishi.book.http import Limit, Offset, Page, Request, Router, page
from enishi.book.models import User
from enishi.book.roles import RoleView, permissions_of
from enishi.kernel.text import Locale

router = Router(tags=["users"])

RoleName = Literal["administrator", "manager", "representative", "marketer", "analyst", "auditor"]


class UserOut(Schema):
    id: str
    email: str
    name: str
    name_kana: str
    role: str
    attributes: dict[str, object]
    is_active: bool
    state: Literal["active", "invited", "expired", "inactive"]
    created_at: datetime
    joined_at: datetime | None
    last_sign_in_at: datetime | None
    totp: bool  # whether they sign in with a second factor


class Invite(Schema):
    email: str = Field(max_length=254)
    name: str = Field("", max_length=100)
    role: RoleName
    attributes: dict[str, object] = Field(default_factory=dict)


class Invited(Schema):
    user: UserOut
    invitation_url: str


class UserPatch(Schema):
    name: str | None = Field(None, max_length=100)
    name_kana: str | None = Field(None, max_length=100)
    role: RoleName | None = None
    attributes: dict[str, object] | None = None
    is_active: bool | None = None


class Link(Schema):
    url: str


class RoleOut(Schema):
    name: str
    label: str
    scope: dict[str, object] | None
    pii: Literal["none", "low", "high"]
    permissions: list[str]
    users: int


class RolesOut(Schema):
    items: list[RoleOut]
    attribute_names: list[str]


class RolePatch(Schema):
    scope: dict[str, object] | None = None
    pii: Literal["none", "low", "high"] | None = None


def user_out(user: User, second_factors: Collection[str] | None = None) -> dict[str, object]:
    """A user as an administrator sees them; `second_factors` holds the ids known to have one."""
    on = totp.enabled(user) if second_factors is None else user.id in second_factors
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "name_kana": user.name_kana,
        "role": user.role,
        "attributes": user.attributes,
        "is_active": user.is_active,
        "state": accounts.state_of(user),
        "created_at": user.created_at,
        "joined_at": user.joined_at,
        "last_sign_in_at": user.last_login,
        "totp": on,
    }


@router.get("/users", permission="users.read", response=Page[UserOut])
def users(
    request: Request, q: str = "", role: str = "", offset: Offset = 0, limit: Limit = 100
) -> dict[str, object]:
    """Users, by e-mail address; `q` searches name and address."""
    found = accounts.search(q, role)
    shown = list(found[offset : offset + limit])
    second_factors = totp.users_with_it(shown)
    return page([user_out(user, second_factors) for user in shown], found.count())


@router.post("/users/invite", permission="users.write", response={201: Invited})
def invite(request: Request, body: Invite) -> dict[str, object]:
    """Make a user and the link by which they join. The link is shown only now."""
    user, url = accounts.invite(
        request.actor,
        email=body.email,
        name=body.name,
        role=body.role,
        attributes=body.attributes,
    )
    return {"user": user_out(user), "invitation_url": url}


@router.post("/users/{user_id}/invite", permission="users.write", response=Invited)
def invite_again(request: Request, user_id: str) -> dict[str, object]:
    """A new link for somebody who has not joined yet; the earlier one stops working."""
    user = accounts.find_user(user_id)
    return {
        "user": user_out(user),
        "invitation_url": accounts.invite_again(request.actor, user),
    }


@router.post("/users/{user_id}/reset", permission="users.write", response=Link)
def reset_link(request: Request, user_id: str) -> dict[str, object]:
    """A link by which a user sets a new password, to hand over in person."""
    return {"url": accounts.reset_link(request.actor, accounts.find_user(user_id))}


@router.post("/users/{user_id}/totp/reset", permission="users.write", response=UserOut)
def reset_totp(request: Request, user_id: str) -> dict[str, object]:
    """Remove the second factor of somebody who has lost phone and codes; their sessions end."""
    user = accounts.find_user(user_id)
    totp.reset(request.actor, user)
    return user_out(user)


@router.patch("/users/{user_id}", permission="users.write", response=UserOut)
def change(request: Request, user_id: str, body: UserPatch) -> dict[str, object]:
    """Change a user's name, role, attributes, or whether they may sign in."""
    given = accounts.UserChange(**body.dict(exclude_unset=True))
    return user_out(accounts.change_user(request.actor, user_id, given))


@router.get("/roles", permission="users.read", response=RolesOut)
def roles(request: Request) -> dict[str, object]:
    """The roles: what each may do, its row scope, its PII level."""
    return {
        "items": [_role_out(role, request.locale) for role in scopes.roles()],
        "attribute_names": sorted(scopes.attribute_names()),
    }


@router.patch("/roles/{name}", permission="users.write", response=RoleOut)
def change_role(request: Request, name: str, body: RolePatch) -> dict[str, object]:
    """Set a role's row scope (a rule, or null for every row) or its PII level."""
    before = scopes.role(name)
    given = body.dict(exclude_unset=True)
    after = scopes.set_role(
        request.actor, name, given.get("scope", before.scope), given.get("pii") or before.pii
    )
    return _role_out(after, request.locale)


def _role_out(role: RoleView, locale: Locale) -> dict[str, object]:
    return {
        "name": role.name,
        "label": role.label[locale],
        "scope": role.scope,
        "pii": role.pii,
        "permissions": permissions_of(role.name),
        "users": User.objects.filter(role=role.name, is_active=True).count(),
    }
