"""The three parts of the site: the API, the interface's files, and the interface itself."""

from __future__ import annotations

from django.urls import path, re_path

from enishi.web.api import api
from enishi.web.spa import api_not_found, health, interface, static_file

urlpatterns = [
    path("api/", api.urls),
    re_path(r"^api(/.*)?$", api_not_found),
    path("healthz", health),
    re_path(r"^assets/(?P<name>.+)$", static_file, {"folder": "assets"}),
    re_path(
        r"^(?P<name>[\w.-]+\.(?:svg|png|ico|webmanifest|txt|woff2))$", static_file, {"folder": ""}
    ),
    re_path(r"^.*$", interface),
]
