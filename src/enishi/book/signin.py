"""Signing in and out, passwords and sessions of one's own. Every outcome is an audit row."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest

from enishi.book import audit, mail, throttle, tickets, totp
from enishi.book.access import Actor, actor_of
from enishi.book.accounts import check_password
from enishi.book.clock import now
from enishi.book.models import Session, User
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import EnishiError, Invalid
from enishi.kernel.text import Text

_STRANGER = Actor("anonymous", "none")


class NotAccepted(EnishiError):
    status = 401
    code = "not_accepted"


def client_ip(request: HttpRequest) -> str:
    """The address of the browser; believes X-Forwarded-For only as far as our own proxies go."""
    direct = str(request.META.get("REMOTE_ADDR") or "")
    proxies = current_workspace().security.proxies
    if not proxies:
        return direct
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    return hops[-proxies] if len(hops) >= proxies and hops[-proxies] else direct


def sign_in(request: HttpRequest, email: str, password: str, code: str | None) -> User:
    """Sign a browser in under a fresh session key.

    Raises NotAccepted, the same for an unknown account, a wrong password and a deactivated user;
    NotAccepted `code_required` or `code_wrong` for the second factor; TooMany.
    """
    email = email.strip().lower()
    address = client_ip(request)
    pair = f"{email} {address}"
    throttle.take(throttle.SIGN_IN_ADDRESS, address)
    throttle.take(throttle.SIGN_IN_ACCOUNT, email)
    throttle.take(throttle.SIGN_IN_PAIR, pair)
    found = authenticate(request, username=email, password=password)
    if not isinstance(found, User):
        _failed(email, "password")
        raise NotAccepted(
            Text(
                "メールアドレスかパスワードが違います。",
                "The e-mail address or the password is wrong.",
            ),
            Text(
                "もう一度入力するか、パスワードを再設定してください。",
                "Type them again, or set a new password.",
            ),
        )
    if totp.enabled(found):
        _second_factor(found, code)
    throttle.give_back(throttle.SIGN_IN_PAIR, pair)
    throttle.give_back(throttle.SIGN_IN_ACCOUNT, email)
    # A whole branch signs in from one address in the morning; only failures fill its measure.
    throttle.forgive(throttle.SIGN_IN_ADDRESS, address)
    with work("sign_in"):
        login(request, found)
        request.session.save()
        _name_session(request, address)
        audit.record(actor_of(found), "sign_in", "user", found.id)
    return found


def _second_factor(user: User, code: str | None) -> None:
    if not code:
        raise NotAccepted(
            Text("確認コードが必要です。", "A code is needed as well."),
            Text(
                "認証アプリに表示されている6桁の数字を入力してください。",
                "Type the six digits that your authenticator app shows.",
            ),
            code="code_required",
        )
    if not totp.accepts(user, code):
        _failed(user.email, "code")
        raise wrong_code()


def wrong_code() -> NotAccepted:
    """The refusal of a second-factor code."""
    return NotAccepted(
        Text("確認コードが違います。", "That code is wrong."),
        Text(
            "次に表示される数字で、もう一度お試しください。端末の時計も確かめてください。",
            "Try the next code that appears, and check the clock of your device.",
        ),
        code="code_wrong",
    )


def _failed(email: str, reason: str) -> None:
    user = User.objects.filter(email=email).first()
    with work("sign_in.failed"):
        known = user.id if user else audit.digest(email)
        audit.record(_STRANGER, "sign_in.failed", "user", known, {"reason": reason})


def _name_session(request: HttpRequest, address: str) -> None:
    """Note where a session was opened, for the list from which its owner may end it."""
    row: Session | None = getattr(request.session, "row", None)
    if row is not None:
        agent = request.headers.get("User-Agent", "")[:200]
        Session.objects.filter(id=row.id).update(ip=address[:45], agent=agent)


def sign_out(request: HttpRequest, actor: Actor) -> None:
    """End the session of this browser."""
    with work("sign_out"):
        audit.record(actor, "sign_out", "user", actor.user_id)
        logout(request)


def forgot(request: HttpRequest, email: str) -> None:
    """Send a link for a new password, if there is such a user; tells nobody whether there is."""
    email = email.strip().lower()
    throttle.take(throttle.FORGOT_ADDRESS, client_ip(request))
    throttle.take(throttle.FORGOT_ACCOUNT, email)
    user = User.objects.filter(email=email, is_active=True, joined_at__isnull=False).first()
    with work("password.forgot"):
        known = user.id if user else audit.digest(email)
        audit.record(_STRANGER, "password.forgot", "user", known)
        url = tickets.issue(user, "reset") if user else ""
    if user:
        mail.send(
            user.email,
            Text("パスワードの再設定", "Set a new password"),
            Text(
                f"次のページで新しいパスワードを設定してください。1時間有効です。\n\n{url}\n\n"
                "心当たりがない場合は、このメールを破棄してください。パスワードは変わりません。\n",
                f"Set a new password on this page within an hour:\n\n{url}\n\n"
                "If you did not ask for this, ignore this mail; your password stays as it is.\n",
            ),
            "en" if user.locale == "en" else "ja",
        )


def reset(request: HttpRequest, token: str, password: str) -> None:
    """Set a new password by a link; every session of the user ends."""
    throttle.take(throttle.TICKET_ADDRESS, client_ip(request))
    with work("password.reset"):
        user = tickets.redeem(token, "reset")
        _set_password(user, password)
        Session.objects.filter(user=user).delete()
        audit.record(actor_of(user), "password.reset", "user", user.id)


def accept_invitation(request: HttpRequest, token: str, name: str, password: str) -> User:
    """Join: set one's name and password by the link of an invitation, and be signed in."""
    throttle.take(throttle.TICKET_ADDRESS, client_ip(request))
    with work("user.join"):
        user = tickets.redeem(token, "invitation")
        user.name = name.strip() or user.name
        user.joined_at = now()
        _set_password(user, password)
        audit.record(actor_of(user), "user.join", "user", user.id)
    return user


def prove(user: User, password: str) -> None:
    """Ask for the password once more before something that a borrowed screen must not do.

    Raises Invalid `password_wrong`, TooMany.
    """
    throttle.take(throttle.PASSWORD, user.id)
    if not user.check_password(password):
        raise Invalid(
            Text("いまのパスワードが違います。", "Your present password is wrong."),
            Text("もう一度入力してください。", "Type it again."),
            code="password_wrong",
        )
    throttle.give_back(throttle.PASSWORD, user.id)


def change_password(request: HttpRequest, user: User, old: str, new: str) -> None:
    """Change one's own password; the other sessions end, this one goes on under a new key."""
    prove(user, old)
    with work("password.change"):
        _set_password(user, new)
        update_session_auth_hash(request, user)
        request.session.save()
        _name_session(request, client_ip(request))
        row: Session | None = getattr(request.session, "row", None)
        Session.objects.filter(user=user).exclude(id=row.id if row else "").delete()
        audit.record(actor_of(user), "password.change", "user", user.id)


def _set_password(user: User, password: str) -> None:
    check_password(password, user)
    user.set_password(password)
    user.save()


@dataclass(frozen=True, slots=True)
class SessionView:
    """One open session of a user; `current` is the one that asks."""

    id: str
    current: bool
    ip: str
    agent: str
    created_at: object
    last_seen_at: object
    expires_at: object


def sessions_of(request: HttpRequest, user: User) -> list[SessionView]:
    """The user's open sessions, the latest first."""
    row: Session | None = getattr(request.session, "row", None)
    found = Session.objects.filter(user=user, expires_at__gt=now()).order_by("-last_seen_at")
    return [
        SessionView(
            id=one.id,
            current=row is not None and one.id == row.id,
            ip=one.ip,
            agent=one.agent,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            expires_at=one.expires_at,
        )
        for one in found
    ]


def end_session(actor: Actor, session_id: str) -> bool:
    """End one of one's own sessions; False when there is none of this id."""
    with work("session.end"):
        ended, _ = Session.objects.filter(id=session_id, user_id=actor.user_id).delete()
        if ended:
            audit.record(actor, "session.end", "session", session_id)
    return bool(ended)
