"""The parts of the site: the API, what recipients of messages open, the interface and its files."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from enishi.messages.public.web import patterns as messages_patterns
from enishi.web.api import api
from enishi.web.spa import api_not_found, health, interface, static_file


def _plain_first(pattern: URLPattern | URLResolver) -> list[bool]:
    """Sorts `members/bulk` before `members/<id>`: Django takes the first address that fits."""
    return [part.startswith("<") for part in str(pattern.pattern).split("/")]


_endpoints, _app, _namespace = api.urls

urlpatterns = [
    path("api/", (sorted(_endpoints, key=_plain_first), _app, _namespace)),
    re_path(r"^api(/.*)?$", api_not_found),
    path("healthz", health),
    path("m/", include(messages_patterns())),
    re_path(r"^assets/(?P<name>.+)$", static_file, {"folder": "assets"}),
    re_path(
        r"^(?P<name>[\w.-]+\.(?:svg|png|ico|webmanifest|txt|woff2))$", static_file, {"folder": ""}
    ),
    re_path(r"^.*$", interface),
]
