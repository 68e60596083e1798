"""What every endpoint stands on: its permission, its actor, its language, its error shape.

A domain's `api.py` makes one `Router()` and names a permission on each route:

    router = Router(tags=["lists"])

    @router.get("/lists", permission="lists.read", response=ListsOut)
    def lists(request: Request, offset: Offset = 0, limit: Limit = 50) -> ...

The permission, and for unsafe methods the CSRF token, is checked before any input is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar

import ninja
from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Schema
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from enishi.book.access import Actor, actor_of, require
from enishi.book.roles import PERMISSIONS
from enishi.kernel.errors import EnishiError, Forbidden
from enishi.kernel.text import Locale, Text

if TYPE_CHECKING:
    from enishi.book.models import User

PUBLIC: Final = "public"
"""Open to everybody: how one signs in. Requests from pages of other origins are refused."""

SIGNED_IN: Final = "signed_in"
"""Open to every active user, whatever the role: their own account."""

Item = TypeVar("Item")
View = TypeVar("View", bound=Callable[..., Any])
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="How many items to pass over")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many items to answer at most")]


class Page(Schema, Generic[Item]):
    """One page of a longer list, `total` counting all of it."""

    items: list[Item]
    total: int


class Request(HttpRequest):
    """A request that has been let in. Only for annotations: the fields are set by `Permission`."""

    user: User  # nobody anonymous gets past a permission
    actor: Actor
    locale: Locale
    passive: bool  # set by what a page asks by itself: it does not prolong the session


class SignedOutError(EnishiError):
    status = 401
    code = "signed_out"


class Permission(APIKeyCookie):
    """Lets a request in, or raises: 401 signed out, 403 not permitted or without CSRF token."""

    def __init__(self, name: str) -> None:
        if name not in (PUBLIC, SIGNED_IN) and name not in PERMISSIONS:
            raise ValueError(f"No permission is called {name!r}; add it to book.roles.PERMISSIONS.")
        self.name = name
        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__()

    def __call__(self, request: HttpRequest) -> bool:
        let_in: Any = request
        let_in.locale = locale_of(request)
        if self.name == PUBLIC:
            _refuse_strange_page(request)
            return True
        if not request.user.is_authenticated:
            raise signed_out()
        if check_csrf(request) is not None:
            raise _no_token()
        let_in.actor = actor_of(let_in.user)
        if self.name != SIGNED_IN:
            require(let_in.actor, self.name)
        return True

    def authenticate(self, request: HttpRequest, key: str | None) -> None:
        """Not used: `__call__` decides. Required by the base class, which documents the cookie."""
        raise NotImplementedError


def signed_out() -> SignedOutError:
    """The refusal of who is not signed in, or no longer."""
    return SignedOutError(
        Text("サインインしていません。", "You are not signed in."),
        Text(
            "もう一度サインインしてください。入力中の内容はそのまま残ります。",
            "Please sign in again. What you have typed is kept.",
        ),
    )


def _refuse_strange_page(request: HttpRequest) -> None:
    """Refuse a change asked for by a page of another origin.

    Who is signed out has no session to abuse and may have no token yet; a browser still tells
    whose page sends the request.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.get_host()}"
    if (site is not None and site not in ("same-origin", "none")) or origin not in (None, own):
        raise _no_token()


def _no_token() -> Forbidden:
    return Forbidden(
        Text("この送信元からの操作は受け付けられません。", "This request carries no valid token."),
        Text(
            "ページを再読み込みして、もう一度お試しください。",
            "Reload the page and try again.",
        ),
        code="csrf",
    )


_LANGUAGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([0-9.]+))?\s*")


def locale_of(request: HttpRequest) -> Locale:
    """The language to answer in: the first of ja and en in Accept-Language, else the user's."""
    best: tuple[float, Locale] | None = None
    for part in request.headers.get("Accept-Language", "").split(",")[:20]:
        found = _LANGUAGE.fullmatch(part)
        if found is None or found[1].lower() not in ("ja", "en"):
            continue
        try:
            weight = float(found[2] or "1")
        except ValueError:
            continue
        if best is None or weight > best[0]:
            best = (weight, "ja" if found[1].lower() == "ja" else "en")
    if best is not None:
        return best[1]
    return "en" if getattr(request.user, "locale", "ja") == "en" else "ja"


class Router(ninja.Router):
    """A router whose every route names its permission."""

    def add_api_operation(
        self, path: str, methods: list[str], view_func: Callable[..., Any], **options: Any
    ) -> None:
        """Called by each of `get`, `post`…; refuses a route that named no permission."""
        auth = options.get("auth")
        if not isinstance(auth, Permission):
            raise TypeError(f"{methods[0]} {path} names no permission=.")
        super().add_api_operation(path, methods, view_func, **options)

    def get(  # type: ignore[override]  # permission is required on purpose
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[View], View]:
        return super().get(path, auth=Permission(permission), **options)

    def post(  # type: ignore[override]  # as above
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[View], View]:
        return super().post(path, auth=Permission(permission), **options)

    def put(  # type: ignore[override]  # as above
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[View], View]:
        return super().put(path, auth=Permission(permission), **options)

    def patch(  # type: ignore[override]  # as above
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[View], View]:
        return super().patch(path, auth=Permission(permission), **options)

    def delete(  # type: ignore[override]  # as above
        self, path: str, *, permission: str, **options: Any
    ) -> Callable[[View], View]:
        return super().delete(path, auth=Permission(permission), **options)


def page(items: Sequence[Any], total: int) -> dict[str, object]:
    """The shape of `Page`."""
    return {"items": list(items), "total": total}
