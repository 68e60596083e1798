"""Users as an administrator keeps them: made, invited, changed; always with an audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils.translation import override

from enishi.book import audit, tickets
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.models import Session, User
from enishi.book.roles import ROLES
from enishi.book.unit import work
from enishi.kernel.errors import Conflict, Fault, Invalid, NotFound
from enishi.kernel.text import Text

MOST_ATTRIBUTES = 20
State: TypeAlias = Literal["active", "invited", "expired", "inactive"]


def find_user(user_id: str) -> User:
    """The user of an id or an e-mail address; raises NotFound."""
    found = (
        User.objects.filter(id=user_id).first()
        or User.objects.filter(email=user_id.strip().lower()).first()
    )
    if found is None:
        raise NotFound(
            Text("利用者が見つかりません。", "There is no such user."),
            Text("利用者の一覧から選び直してください。", "Choose one from the list of users."),
        )
    return found


def search(text: str = "", role: str = "") -> QuerySet[User]:
    """Users whose name, kana or address holds `text`, of one role if given, by address."""
    found = User.objects.order_by("email")
    if role:
        found = found.filter(role=role)
    if text.strip():
        wanted = text.strip()
        found = found.filter(
            Q(email__icontains=wanted) | Q(name__icontains=wanted) | Q(name_kana__icontains=wanted)
        )
    return found


def state_of(user: User) -> State:
    """`invited` while an invitation is open, `expired` once it has run out."""
    if not user.is_active:
        return "inactive"
    if user.joined_at is not None:
        return "active"
    return "invited" if tickets.open_for(user, "invitation") else "expired"


def create_user(
    actor: Actor,
    *,
    email: str,
    role: str,
    name: str = "",
    name_kana: str = "",
    attributes: Mapping[str, object] | None = None,
    password: str | None = None,
    locale: str = "ja",
) -> User:
    """Make a user; without a password, one who cannot sign in before accepting an invitation.

    Raises Invalid with faults at `$.email`, `$.role`, `$.attributes`, `$.password`, or Conflict
    `email_taken`.
    """
    user = User(
        email=_email(email),
        role=_role(role),
        name=name.strip(),
        name_kana=name_kana.strip(),
        attributes=_attributes(attributes or {}),
        locale=locale,
    )
    if password is None:
        user.set_unusable_password()
    else:
        check_password(password, user)
        user.set_password(password)
        user.joined_at = now()
    try:
        with work("user.create"):
            user.save(force_insert=True)
            audit.record(actor, "user.create", "user", user.id, {"role": role})
    except IntegrityError:
        raise _taken() from None
    return user


def invite(
    actor: Actor, *, email: str, name: str, role: str, attributes: Mapping[str, object]
) -> tuple[User, str]:
    """Make a user and the link by which they set a name and a password."""
    with work("user.invite"):
        user = create_user(actor, email=email, role=role, name=name, attributes=attributes)
        return user, invite_again(actor, user)


def invite_again(actor: Actor, user: User) -> str:
    """A new invitation for somebody who has not joined yet; earlier links stop working."""
    if user.joined_at is not None:
        raise Conflict(
            Text("この利用者はすでに参加しています。", "This user has already joined."),
            Text("パスワードの再設定を案内してください。", "Send a password reset instead."),
            code="already_joined",
        )
    with work("user.invite"):
        url = tickets.issue(user, "invitation")
        audit.record(actor, "user.invite", "user", user.id, {"role": user.role})
    return url


def reset_link(actor: Actor, user: User) -> str:
    """A link by which an existing user sets a new password, made on their behalf."""
    with work("user.reset_link"):
        url = tickets.issue(user, "reset")
        audit.record(actor, "user.reset_link", "user", user.id)
    return url


@dataclass(frozen=True, slots=True)
class UserChange:
    """What to change about a user; None leaves it as it is."""

    name: str | None = None
    name_kana: str | None = None
    role: str | None = None
    attributes: Mapping[str, object] | None = None
    is_active: bool | None = None


def change_user(actor: Actor, user_id: str, change: UserChange) -> User:
    """Change a user. A changed role, attribute or deactivation ends the user's sessions.

    Raises Conflict `last_administrator` when nobody would be left to administer.
    """
    with work("user.change"):
        user = find_user(user_id)
        before = (user.role, user.attributes, user.is_active)
        changed = []
        if change.name is not None and change.name.strip() != user.name:
            user.name = change.name.strip()
            changed.append("name")
        if change.name_kana is not None and change.name_kana.strip() != user.name_kana:
            user.name_kana = change.name_kana.strip()
            changed.append("name_kana")
        if change.role is not None and change.role != user.role:
            user.role = _role(change.role)
            changed.append("role")
        if change.attributes is not None and dict(change.attributes) != user.attributes:
            user.attributes = _attributes(change.attributes)
            changed.append("attributes")
        if change.is_active is not None and change.is_active != user.is_active:
            user.is_active = change.is_active
            changed.append("is_active")
        if not changed:
            return user
        user.save(update_fields=changed)
        if before[0] == "administrator":
            _keep_an_administrator()
        if before != (user.role, user.attributes, user.is_active):
            Session.objects.filter(user=user).delete()
        audit.record(
            actor, "user.change", "user", user.id,
            {"changed": changed, "role": user.role, "active": user.is_active},
        )  # fmt: skip
    return user


def _keep_an_administrator() -> None:
    administrators = User.objects.select_for_update().filter(role="administrator", is_active=True)
    if not any(user.joined_at for user in administrators):
        raise Conflict(
            Text(
                "管理者が一人もいなくなるため、変更できません。",
                "This would leave nobody to administer.",
            ),
            Text(
                "先に、ほかの利用者を管理者にしてください。",
                "Make somebody else an administrator first.",
            ),
            code="last_administrator",
        )


def check_password(password: str, user: User) -> None:
    """Raise Invalid, with a fault at `$.password` for each rule the password breaks."""
    try:
        validate_password(password, user)
    except ValidationError:
        faults = []
        for validator in get_password_validators(_validators()):
            try:
                validator.validate(password, user)
            except ValidationError as broken:
                with override("ja"):
                    ja = " ".join(str(message) for message in broken.messages)
                with override("en"):
                    en = " ".join(str(message) for message in broken.messages)
                faults.append(Fault("password", "$.password", Text(ja, en), _PASSWORD_REMEDY))
        raise Invalid(
            Text("このパスワードは使えません。", "This password cannot be used."),
            _PASSWORD_REMEDY,
            code="password",
            faults=tuple(faults),
        ) from None


_PASSWORD_REMEDY = Text(
    "10文字以上で、推測されにくいものにしてください。いくつかの単語をつなげると覚えやすくなります。",
    "Use at least 10 characters that are hard to guess; several words together are easy to keep.",
)


def _validators() -> Any:
    from django.conf import settings

    return settings.AUTH_PASSWORD_VALIDATORS


def _email(text: str) -> str:
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise _wrong(
            "$.email",
            Text("メールアドレスの形ではありません。", "This is not an e-mail address."),
            Text("例: sato@example.jp", "For example: sato@example.jp"),
        ) from None
    return email


def _role(role: str) -> str:
    if role not in ROLES:
        raise _wrong(
            "$.role",
            Text("その役割はありません。", "There is no such role."),
            Text(f"次から選んでください: {'、'.join(ROLES)}", f"Choose one of: {', '.join(ROLES)}"),
        )
    return role


def _attributes(attributes: Mapping[str, object]) -> dict[str, object]:
    """Attributes feed row scopes: names to texts, numbers, or lists of texts."""
    fits = len(attributes) <= MOST_ATTRIBUTES and all(
        0 < len(name) <= 50 and _is_attribute(value) for name, value in attributes.items()
    )
    if not fits:
        raise _wrong(
            "$.attributes",
            Text(
                "属性は、名前と文字列・数・文字列の並びの組です。",
                "Attributes are names with a text, a number or a list of texts.",
            ),
            Text('例: {"branch": "本店"}', 'For example: {"branch": "本店"}'),
        )
    return dict(attributes)


def _is_attribute(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 200
    if isinstance(value, int):
        return not isinstance(value, bool)
    return (
        isinstance(value, list)
        and len(value) <= 200
        and all(isinstance(item, str) and len(item) <= 200 for item in value)
    )


def _wrong(path: str, message: Text, remedy: Text) -> Invalid:
    return Invalid(message, remedy, faults=(Fault("value", path, message, remedy),))


def _taken() -> Conflict:
    return Conflict(
        Text(
            "このメールアドレスの利用者はすでにいます。",
            "Somebody has this e-mail address already.",
        ),
        Text(
            "一覧から探してください。未参加なら、招待をもう一度送れます。",
            "Look for them in the list; who has not joined yet can be invited again.",
        ),
        code="email_taken",
    )
