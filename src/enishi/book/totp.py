"""The second factor: allauth's TOTP and recovery codes, their secrets encrypted in the book."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from cryptography.fernet import Fernet
from django.http import HttpRequest

from enishi.book import audit, throttle
from enishi.book.access import Actor
from enishi.book.models import Session, User
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Conflict, Forbidden
from enishi.kernel.text import Text

_PENDING = "totp_pending"


def _cipher() -> Fernet:
    key = hashlib.sha256(b"totp:" + current_workspace().secret()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth carries no types
    """Encrypts what allauth stores with the workspace's secret."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return f"Enishi {current_workspace().name}"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an authenticator app needs: the secret, as a URL and as a picture of it (SVG)."""

    secret: str
    otpauth_url: str
    qr_svg: str


def enabled(user: User) -> bool:
    """Whether the user signs in with a second factor."""
    found: bool = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return found


def users_with_it(users: Iterable[User]) -> set[str]:
    """The ids of those among `users` who sign in with a second factor."""
    found = Authenticator.objects.filter(user__in=list(users), type=Authenticator.Type.TOTP)
    return set(found.values_list("user_id", flat=True))


def accepts(user: User, code: str) -> bool:
    """Whether a code of the app, or an unused recovery code, is right; each opens once."""
    code = "".join(code.split())
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if found is None:
        return False
    adapter = get_adapter()
    if validate_totp_code(adapter.decrypt(found.data["secret"]), code):
        try:
            # allauth sees through dashes and the like; so does what remembers the codes used
            throttle.take(throttle.CODE, f"{user.id} {re.sub(r'[^0-9]', '', code)}")
        except throttle.TooMany:
            return False
        return True
    recovery = Authenticator.objects.filter(
        user=user, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    if recovery is None:
        return False
    with work("totp.recovery"):
        right: bool = RecoveryCodes(recovery).validate_code(code)
    return right


def _refuse_second(user: User) -> None:
    if enabled(user):
        raise Conflict(
            Text("2段階認証はすでに有効です。", "The second factor is on already."),
            Text(
                "別の端末に移すときは、いったん無効にしてから設定してください。",
                "To move it to another device, turn it off first.",
            ),
            code="totp_on",
        )


def begin(request: HttpRequest, user: User) -> Beginning:
    """A new secret, kept in the session until `confirm` proves that the app has it.

    Raises Conflict `totp_on` while a second factor is on: removing it asks for the password.
    """
    _refuse_second(user)
    secret: str = generate_totp_secret()
    request.session[_PENDING] = get_adapter().encrypt(secret)
    url: str = get_adapter().build_totp_url(user, secret)
    return Beginning(secret, url, get_adapter().build_totp_svg(url))


def confirm(request: HttpRequest, actor: Actor, user: User, code: str) -> list[str] | None:
    """Turn the second factor on; answers the recovery codes, or None when the code is wrong.

    Raises Conflict `totp_on` while one is on.
    """
    _refuse_second(user)
    pending = request.session.get(_PENDING)
    throttle.take(throttle.PASSWORD, user.id)
    code = "".join(code.split())
    if not pending or not validate_totp_code(get_adapter().decrypt(pending), code):
        return None
    throttle.give_back(throttle.PASSWORD, user.id)
    with work("totp.on"):
        Authenticator.objects.filter(user=user).delete()
        TOTP.activate(user, get_adapter().decrypt(pending))
        codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
        del request.session[_PENDING]
        audit.record(actor, "totp.on", "user", user.id)
    return codes


def turn_off(actor: Actor, user: User) -> None:
    """Remove one's own second factor and recovery codes. The caller has asked for the password."""
    _remove(actor, user, "totp.off")


def reset(actor: Actor, user: User) -> None:
    """Remove somebody's second factor, who has lost phone and codes; their sessions end.

    Raises Conflict `totp_not_on` when there is none, Forbidden `totp_own` for oneself: removing
    one's own asks for the password.
    """
    if actor.user_id == user.id:
        raise Forbidden(
            Text(
                "自分の2段階認証はリセットできません。",
                "You cannot reset your own second factor.",
            ),
            Text(
                "アカウントの画面で、パスワードを入力して無効にしてください。",
                "Turn it off on your account's page, with your password.",
            ),
            code="totp_own",
        )
    with work("totp.reset"):
        if not _remove(actor, user, "totp.reset"):
            raise Conflict(
                Text(
                    "この利用者は2段階認証を使っていません。",
                    "This user has no second factor.",
                ),
                Text(
                    "サインインできないときは、パスワードの再設定を案内してください。",
                    "If they cannot sign in, send a password reset instead.",
                ),
                code="totp_not_on",
            )
        Session.objects.filter(user=user).delete()


def _remove(actor: Actor, user: User, action: str) -> bool:
    with work(action):
        removed, _ = Authenticator.objects.filter(user=user).delete()
        if removed:
            audit.record(actor, action, "user", user.id)
    return bool(removed)
