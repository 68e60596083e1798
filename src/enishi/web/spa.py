"""Serves the built interface: hashed files for ever, the page itself always fresh."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from enishi.book.http import locale_of
from enishi.web import errors

STATIC = Path(__file__).parent / "static"
_YEAR = "public, max-age=31536000, immutable"


@require_safe
def interface(request: HttpRequest) -> HttpResponseBase:
    """The page of the interface, whatever its own route: it routes in the browser."""
    page = STATIC / "index.html"
    if not page.is_file():
        return HttpResponse(_not_built(request), status=503)
    response = HttpResponse(page.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def static_file(_: HttpRequest, name: str, folder: str) -> HttpResponseBase:
    """A file of the build. Those in `assets` carry a hash in their name and never change."""
    root = (STATIC / folder).resolve()
    wanted = (root / name).resolve()
    if not wanted.is_relative_to(root) or not wanted.is_file():
        return HttpResponse(status=404)
    kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
    response = FileResponse(wanted.open("rb"), content_type=kind)
    response["Cache-Control"] = _YEAR if folder else "public, max-age=3600"
    return response


def api_not_found(request: HttpRequest, *_: object, **__: object) -> HttpResponseBase:
    """Whatever lies below /api and is no endpoint."""
    return errors.answer(request, errors.missing())


@require_safe
def health(_: HttpRequest) -> HttpResponseBase:
    """Says that this process answers; asks nothing of the database."""
    return JsonResponse({"ok": True})


def _not_built(request: HttpRequest) -> str:
    if locale_of(request) == "ja":
        title, text = "画面がまだ作られていません", "次の命令で作ってから、再読み込みしてください。"
    else:
        title, text = "The interface is not built yet", "Build it with this command and reload."
    return (
        f"<!doctype html><meta charset=utf-8><title>Enishi</title><h1>{title}</h1>"
        f"<p>{text}</p><pre>python hatch_build.py</pre>"
    )
