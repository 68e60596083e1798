"""Messages over HTTP: the routers of this package, for `web.api`."""

from __future__ import annotations

from enishi.book.http import Router
from enishi.messages import api_assets, api_templates


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [api_templates.router, api_assets.router]
