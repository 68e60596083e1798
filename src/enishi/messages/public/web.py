"""What recipients' mail programs and browsers ask of us, without a session.

A token that is none gets one constant answer. Who sends many of those is told to wait; a good token
is never refused for the sake of others, as half a bank's customers may come through one proxy.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from enishi.book.clock import now
from enishi.book.http import locale_of
from enishi.book.workspace import current_workspace
from enishi.gate.types import CHANNEL_WORDS
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale, Text
from enishi.messages.models import Delivery, MailboxItem
from enishi.messages.public import pages, preferences, pushing, responses
from enishi.messages.public.hooks import hook
from enishi.messages.public.links import Followed, Kind, read_token, token_of
from enishi.messages.public.machines import is_machine
from enishi.messages.public.tracking import note_click
from enishi.messages.templates.assets_web import image
from enishi.messages.types import ResponseKind

View: TypeAlias = Callable[..., HttpResponse]

_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_STATIC = Path(__file__).parent / "static"
_ONE_CLICK = "one-click"
_MOST_BAD = 60
"""So many bad tokens a minute from one address; then it is told to wait."""
_MOST_BODY = 20_000


class _Strangers:
    """Counts bad tokens by network address, in this process, a minute at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def too_many(self, request: HttpRequest) -> bool:
        """Count one; whether it is one too many."""
        who = str(request.META.get("REMOTE_ADDR", ""))
        with self._lock:
            since, count = self._seen.pop(who, (time.monotonic(), 0))
            if time.monotonic() - since > 60:
                since, count = time.monotonic(), 0
            self._seen[who] = (since, count + 1)
            while len(self._seen) > 10_000:
                self._seen.popitem(last=False)
            return count + 1 > _MOST_BAD

    def forget(self) -> None:
        """Begin anew; for tests."""
        with self._lock:
            self._seen.clear()


strangers = _Strangers()


def _page(content: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(content, content_type="text/html; charset=utf-8", status=status)
    answer["Content-Security-Policy"] = _POLICY
    return _private(answer)


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store, private"
    answer["Referrer-Policy"] = "no-referrer"  # an address with a token tells whose it is
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _locale(request: HttpRequest) -> Locale:
    asked = request.GET.get("lang")
    return ("en" if asked == "en" else "ja") if asked in ("ja", "en") else locale_of(request)


def _nothing(request: HttpRequest) -> HttpResponse:
    if strangers.too_many(request):
        answer = _private(HttpResponse(status=429))
        answer["Retry-After"] = "60"
        return answer
    return _page(pages.nothing_page(_locale(request), current_workspace().name), 404)


def _tokened(kind: Kind) -> Callable[[View], View]:
    """The view gets what a good token says; a bad one never reaches it."""

    def around(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, token: str) -> HttpResponse:
            found = read_token(kind, token)
            return _nothing(request) if found is None else view(request, found)

        return inner

    return around


def _posted(request: HttpRequest) -> QueryDict | None:
    """The form that came; None for what is none."""
    try:
        return request.POST
    except (MultiPartParserError, SuspiciousOperation, BadRequest, UnreadablePostError):
        return None


def _delivery(found: Followed) -> Delivery | None:
    return Delivery.objects.filter(id=found.delivery).first()


def _in_mailbox(delivery: Delivery) -> bool:
    """Whether it lies in our own mailbox: it has reached nobody who could consent or subscribe,
    and its links are in the hands of staff. The mailbox has it before the delivery says so."""
    if delivery.provider_id.startswith("mailbox:"):
        return True
    return MailboxItem.objects.filter(delivery=delivery.id).exists()


# ── opened, clicked ──────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD"])
@_tokened("o")
def opened(request: HttpRequest, found: Followed) -> HttpResponse:
    """The picture of one pixel. That the book is busy is no reason not to answer."""
    if request.method == "GET":
        with suppress(EnishiError, DatabaseError):
            _note_open(request, found)
    answer = _private(HttpResponse(_PIXEL, content_type="image/gif"))
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _note_open(request: HttpRequest, found: Followed) -> None:
    delivery = _delivery(found)
    if delivery is None:
        return
    instant = now()
    machine = is_machine(request.headers, instant, delivery.finished_at or delivery.attempted_at)
    agent = (request.headers.get("User-Agent") or "")[:120]
    responses.record(
        delivery.id, ResponseKind.OPENED, at=instant, machine=machine, detail={"agent": agent}
    )


@require_http_methods(["GET", "HEAD"])
@_tokened("c")
def clicked(request: HttpRequest, found: Followed) -> HttpResponse:
    """Leads on to the address in the token, and nowhere else; at once, whatever the book does."""
    if request.method == "GET":
        with suppress(EnishiError, DatabaseError):
            note_click(found, request.headers, now())
    answer = _private(HttpResponse(status=302))
    answer["Location"] = _ascii(found.url)
    return answer


def _ascii(url: str) -> str:
    """An address as a header can carry it; blanks and line breaks cannot be in a token."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    try:
        host = parts.netloc.encode("idna").decode()
    except UnicodeError:
        host = quote(parts.netloc, safe=":@[]")
    safe = "/:?#[]@!$&'()*+,;=%-._~"
    return urlunsplit(
        (parts.scheme, host, quote(parts.path, safe=safe), quote(parts.query, safe=safe),
         quote(parts.fragment, safe=safe))
    )  # fmt: skip


# ── unsubscribing, preferences ───────────────────────────────────────────────────────────────────


@csrf_exempt  # the token is the secret, and RFC 8058 demands that no cookie be asked for
@require_http_methods(["GET", "HEAD", "POST"])
@_tokened("u")
def unsubscribe(request: HttpRequest, found: Followed) -> HttpResponse:
    """GET shows a page, since scanners follow links; POST does it."""
    delivery = _delivery(found)
    if delivery is None:
        return _nothing(request)
    sender, locale = current_workspace().name, _locale(request)
    channel = CHANNEL_WORDS.get(delivery.channel, Text(delivery.channel, delivery.channel))
    chosen = f"/m/p/{token_of('p', delivery.id)}"
    if request.method != "POST":
        return _page(pages.unsubscribe_page(locale, sender, channel, chosen))
    form = _posted(request) or QueryDict()  # whatever a mail program sends, it wants no more
    one_click = form.get("List-Unsubscribe", "").lower() == _ONE_CLICK
    responses.record(
        delivery.id, ResponseKind.UNSUBSCRIBED, at=now(),
        detail={"how": "one_click" if one_click else "page"},
    )  # fmt: skip
    return _page(pages.unsubscribed_page(locale, sender, channel, chosen))


@csrf_exempt  # as above
@require_http_methods(["GET", "HEAD", "POST"])
@_tokened("p")
def prefer(request: HttpRequest, found: Followed) -> HttpResponse:
    """What somebody wants to get. It shows boxes, and nothing that names anybody."""
    delivery = _delivery(found)
    if delivery is None:
        return _nothing(request)
    locale, saved = _locale(request), request.method == "POST"
    if saved:
        form = _posted(request)
        if form is None:
            return _private(HttpResponse(status=400))
        chosen = set() if form.get("do") == "none" else {n for n in form if len(n) < 120}
        preferences.choose(
            delivery.person, chosen, delivery.id, locale, at=now(),
            giving=not _in_mailbox(delivery),
        )  # fmt: skip
    groups = preferences.groups(delivery.person, locale, at=now())
    push = ""
    if (key := pushing.public_key()) is not None and not _in_mailbox(delivery):
        push = pages.push_part(locale, key, f"/m/s/{token_of('s', delivery.id)}")
    return _page(
        pages.preferences_page(locale, current_workspace().name, groups, saved=saved, push=push)
    )


@csrf_exempt  # as above
@require_http_methods(["POST"])
@_tokened("s")
def subscribe(request: HttpRequest, found: Followed) -> HttpResponse:
    """Keeps a browser's subscription for the person whose page it was on."""
    delivery = _delivery(found)
    if delivery is None or _in_mailbox(delivery):
        return _nothing(request)
    try:
        pushing.subscribe(delivery.person, request.body[:_MOST_BODY])
    except EnishiError as error:
        return _private(HttpResponse(error.code, content_type="text/plain", status=error.status))
    return _private(HttpResponse(status=204))


@require_http_methods(["GET", "HEAD"])
def script(_: HttpRequest, name: str) -> HttpResponse:
    """The worker that shows pushes, and the script of the page that asks for them."""
    content = (_STATIC / f"{name}.js").read_bytes()
    answer = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


def patterns() -> list[URLPattern]:
    """The addresses below `/m/`, for `web.urls`."""
    given = r"(?P<token>[A-Za-z0-9_.-]{1,8000})"
    views: list[tuple[str, Any]] = [
        (rf"^o/{given}\.gif$", opened),
        (rf"^c/{given}$", clicked),
        (rf"^u/{given}$", unsubscribe),
        (rf"^p/{given}$", prefer),
        (rf"^s/{given}$", subscribe),
        (r"^(?P<name>push-page|push-worker)\.js$", script),
        (r"^a/(?P<digest>[0-9a-f]{64})\.(?P<extension>png|jpg|gif)$", image),
    ]
    found = [re_path(pattern, view) for pattern, view in views]
    hooks = path("hooks/<slug:provider>/<slug:sender>", hook)
    return [*found, hooks, re_path(r"^(?!a/).*$", _nowhere)]  # a/: images, see `assets`


@csrf_exempt  # it does nothing
def _nowhere(request: HttpRequest) -> HttpResponse:
    return _nothing(request)
