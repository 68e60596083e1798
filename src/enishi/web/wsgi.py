"""The WSGI application that granian runs."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler

from enishi.book.process import begin
from enishi.book.setup import setup


def _application() -> WSGIHandler:
    setup(begin("web"))
    return WSGIHandler()


application = _application()
