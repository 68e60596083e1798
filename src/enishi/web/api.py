"""The whole API: the routers of the domains, put together. No business rule lives here."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from ninja import NinjaAPI

from enishi.book.api import routers as book_routers
from enishi.web import errors


def build() -> NinjaAPI:
    """A new API with every router mounted; one per process."""
    made = NinjaAPI(
        title="Enishi",
        version=version("enishi"),
        description="The API that the interface uses. Every endpoint names its permission.",
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
    )
    errors.install(made)
    for router in book_routers():
        made.add_router("", router)
    return made


api = build()


def openapi() -> dict[str, Any]:
    """The OpenAPI description, the same bytes for the same code."""
    found: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/")
    return found
