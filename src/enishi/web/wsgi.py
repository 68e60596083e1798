"""The WSGI application that granian runs."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler

from enishi.book.process import begin


def _application() -> WSGIHandler:
    begin("web")
    return WSGIHandler()


application = _application()
