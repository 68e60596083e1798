"""Signing in, and everything about one's own account."""

from __future__ import annotations

from datetime import datetime

from django.middleware.csrf import get_token
from ninja import Field, Schema

from enishi.book import accounts, signin, totp
from enishi.book.clock import now
from enishi.book.http import PUBLIC, SIGNED_IN, Request, Router, signed_out
from enishi.book.models import User
from enishi.book.roles import permissions_of
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Text

router = Router(tags=["account"])


class Done(Schema):
    ok: bool = True


class Me(Schema):
    id: str
    name: str
    name_kana: str
    email: str
    role: str
    attributes: dict[str, object]
    locale: str
    permissions: list[str]
    totp: bool


class WorkspaceOut(Schema):
    name: str
    timezone: str
    today: str  # the local date, ISO
    now: datetime


class SessionOut(Schema):
    user: Me
    workspace: WorkspaceOut
    csrf: str


class SignIn(Schema):
    email: str = Field(max_length=254)
    password: str = Field(max_length=200)
    code: str | None = Field(None, max_length=20)


class Forgot(Schema):
    email: str = Field(max_length=254)


class Reset(Schema):
    token: str = Field(max_length=200)
    password: str = Field(max_length=200)


class Accept(Schema):
    token: str = Field(max_length=200)
    name: str = Field(max_length=100)
    password: str = Field(max_length=200)


class PasswordChange(Schema):
    old_password: str = Field(max_length=200)
    new_password: str = Field(max_length=200)


class OpenSession(Schema):
    id: str
    current: bool
    ip: str
    agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class OpenSessions(Schema):
    items: list[OpenSession]


class TotpBeginning(Schema):
    secret: str
    otpauth_url: str
    qr_svg: str


class Code(Schema):
    code: str = Field(max_length=20)


class Proof(Schema):
    password: str = Field(max_length=200)


class RecoveryCodes(Schema):
    recovery_codes: list[str]


class MeChange(Schema):
    name: str | None = Field(None, min_length=1, max_length=100)
    locale: str | None = Field(None, pattern="^(ja|en)$")


def me(user: User) -> dict[str, object]:
    """A user as they see themselves."""
    return {
        "id": user.id,
        "name": user.name,
        "name_kana": user.name_kana,
        "email": user.email,
        "role": user.role,
        "attributes": user.attributes,
        "locale": user.locale,
        "permissions": permissions_of(user.role),
        "totp": totp.enabled(user),
    }


@router.get("/session", permission=PUBLIC, response=SessionOut)
def session(request: Request) -> dict[str, object]:
    """Who is signed in, where, and the CSRF token to send back with every change; 401 if nobody."""
    token = get_token(request)  # sets the cookie for those about to sign in too
    if not request.user.is_authenticated:
        refusal = signed_out()
        refusal.detail = {"csrf": token, "workspace": {"name": current_workspace().name}}
        raise refusal
    workspace = current_workspace()
    local = now().astimezone(workspace.zone)
    return {
        "user": me(request.user),
        "workspace": {
            "name": workspace.name,
            "timezone": workspace.timezone,
            "today": local.date().isoformat(),
            "now": local,
        },
        "csrf": token,
    }


@router.post("/auth/sign-in", permission=PUBLIC, response=Done)
def sign_in(request: Request, body: SignIn) -> Done:
    """Sign in with e-mail address and password, and a code where the second factor is on."""
    signin.sign_in(request, body.email, body.password, body.code)
    return Done()


@router.post("/auth/sign-out", permission=SIGNED_IN, response=Done)
def sign_out(request: Request) -> Done:
    """End this session."""
    signin.sign_out(request, request.actor)
    return Done()


@router.post("/auth/password/forgot", permission=PUBLIC, response={202: Done})
def forgot(request: Request, body: Forgot) -> Done:
    """Ask for a link to set a new password. The answer is the same whoever asks."""
    signin.forgot(request, body.email)
    return Done()


@router.post("/auth/password/reset", permission=PUBLIC, response=Done)
def reset(request: Request, body: Reset) -> Done:
    """Set a new password by the link of a mail."""
    signin.reset(request, body.token, body.password)
    return Done()


@router.post("/auth/password/change", permission=SIGNED_IN, response=Done)
def change_password(request: Request, body: PasswordChange) -> Done:
    """Change one's own password; the other sessions end."""
    signin.change_password(request, request.user, body.old_password, body.new_password)
    return Done()


@router.post("/auth/invitation/accept", permission=PUBLIC, response=Done)
def accept(request: Request, body: Accept) -> Done:
    """Join by the link of an invitation; signing in comes next."""
    signin.accept_invitation(request, body.token, body.name, body.password)
    return Done()


@router.get("/auth/sessions", permission=SIGNED_IN, response=OpenSessions)
def sessions(request: Request) -> dict[str, object]:
    """One's own open sessions."""
    return {"items": signin.sessions_of(request, request.user)}


@router.delete("/auth/sessions/{session_id}", permission=SIGNED_IN, response=Done)
def end_session(request: Request, session_id: str) -> Done:
    """End one of one's own sessions, wherever it is open."""
    if not signin.end_session(request.actor, session_id):
        raise NotFound(
            Text("そのセッションはもうありません。", "That session has ended already."),
            Text("一覧を読み込み直してください。", "Reload the list."),
        )
    return Done()


@router.post("/auth/totp/begin", permission=SIGNED_IN, response=TotpBeginning)
def totp_begin(request: Request) -> totp.Beginning:
    """Begin to set up the second factor: a secret for the authenticator app."""
    return totp.begin(request, request.user)


@router.post("/auth/totp/confirm", permission=SIGNED_IN, response=RecoveryCodes)
def totp_confirm(request: Request, body: Code) -> dict[str, object]:
    """Turn the second factor on with a first code; answers the recovery codes, shown only now."""
    codes = totp.confirm(request, request.actor, request.user, body.code)
    if codes is None:
        refusal = signin.wrong_code()
        refusal.status = 422
        raise refusal
    return {"recovery_codes": codes}


@router.post("/auth/totp/remove", permission=SIGNED_IN, response=Done)
def totp_off(request: Request, body: Proof) -> Done:
    """Turn the second factor off; asks for the password."""
    signin.prove(request.user, body.password)
    totp.turn_off(request.actor, request.user)
    return Done()


@router.patch("/me", permission=SIGNED_IN, response=Me)
def change_me(request: Request, body: MeChange) -> dict[str, object]:
    """Change one's own name or language."""
    user = request.user
    with work("me.change"):
        if body.locale is not None and body.locale != user.locale:
            user.locale = body.locale
            user.save(update_fields=["locale"])
        if body.name is not None:
            change = accounts.UserChange(name=body.name)
            user = accounts.change_user(request.actor, user.id, change)
    return me(user)


def routers() -> list[Router]:
    """Every router of this package."""
    from enishi.book import api_audit, api_users

    return [router, api_users.router, api_audit.router]
