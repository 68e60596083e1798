"""What surrounds every request: its id, an access line, security headers, the error shape."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from enishi.book.sessions import touch
from enishi.kernel.ids import new_id
from enishi.web import errors

Handler: TypeAlias = Callable[[HttpRequest], HttpResponseBase]

_access = logging.getLogger("enishi.access")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")

# Styles may be inline, as the component library writes its theme into a style element; scripts not.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)


class RequestIdMiddleware:
    """Gives each request an id, answers it in `X-Request-ID`, and writes one access line.

    The line holds method, the address's pattern, status, time and the user's opaque id: no query,
    no network address, no number of a customer, nothing that names a person.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.perf_counter()
        marked: Any = request
        marked.id = new_id("req")
        response = self.handler(request)
        response["X-Request-ID"] = marked.id
        took = (time.perf_counter() - begun) * 1000
        user = getattr(getattr(request, "actor", None), "user_id", "-")
        if request.path.startswith("/api"):
            _access.info(
                "%s %s %s %.1fms user=%s request=%s",
                request.method, _pattern(request), response.status_code,
                took, user, marked.id,
            )  # fmt: skip
        return response


def _pattern(request: HttpRequest) -> str:
    """The address with names in place of its values: /api/customers/{person_id}."""
    match = request.resolver_match
    if match is None or not match.route.startswith("api/"):
        return "/api/*"  # no address of ours, so its parts may be anything
    return "/" + _PARAMETER.sub(r"{\1}", match.route)


class HostMiddleware:
    """Refuses a strange host name, and NUL in an address, before anything is made of them."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            return errors.answer(request, errors.strange_host())
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return errors.answer(request, errors.unstorable())
        return self.handler(request)


class HeadersMiddleware:
    """Adds the security headers; API answers are never cached.

    A page that is stricter, or that others must be able to load (the picture in a mail), has set
    the first four itself.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.handler(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response["X-Content-Type-Options"] = "nosniff"
        response.setdefault("X-Frame-Options", "DENY")
        response.setdefault("Referrer-Policy", "same-origin")
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        if settings.SESSION_COOKIE_SECURE:
            response["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.path.startswith("/api"):
            response["Cache-Control"] = "no-store"
        return response


class ErrorShapeMiddleware:
    """Turns what Django itself refuses below `/api` into the error shape; hides inner errors."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.handler(request)
        plain = not response.get("Content-Type", "").startswith("application/json")
        if request.path.startswith("/api") and plain and response.status_code >= 400:
            if response.status_code == 405:
                refused = errors.answer(request, errors.wrong_method())
                refused["Allow"] = response.get("Allow", "")
                return refused
            if response.status_code >= 500:
                return errors.answer(request, errors.unexpected())
            return errors.answer(request, errors.refused(response.status_code))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase:
        errors.log_unexpected(request, error)
        return errors.answer(request, errors.unexpected())


class SessionTouchMiddleware:
    """Prolongs the session of a signed-in user who does something; a page that looks for news by
    itself (`passive`) does not."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.handler(request)
        if getattr(request, "actor", None) is not None and not getattr(request, "passive", False):
            touch(request)
        return response
