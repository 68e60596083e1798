"""The whole API: the routers of the domains, put together. No business rule lives here."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from ninja import NinjaAPI

from enishi.book.api import routers as book_routers
from enishi.book.http import SIGNED_IN, Request, Router
from enishi.gate.api import routers as gate_routers
from enishi.journeys.api import routers as journeys_routers
from enishi.lists.api import routers as lists_routers
from enishi.live.api import routers as live_routers
from enishi.live.customer_api import router as customer_router
from enishi.messages.api import routers as messages_routers
from enishi.privacy.api import routers as privacy_routers
from enishi.segments.api import routers as segments_routers
from enishi.sources.api import router as sources_router
from enishi.sources.api_sources import router as event_sources_router
from enishi.warehouse.api import routers as warehouse_routers
from enishi.web import errors
from enishi.web.wire import ExactParser, ExactRenderer

_own = Router(tags=["api"])


def build() -> NinjaAPI:
    """A new API with every router mounted; one per process."""
    made = NinjaAPI(
        title="Enishi",
        version=version("enishi"),
        description="The API that the interface uses. Every endpoint names its permission.",
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
        parser=ExactParser(),
        renderer=ExactRenderer(),
    )
    errors.install(made)
    for router in (
        _own, *book_routers(), sources_router, event_sources_router, *warehouse_routers(),
        *gate_routers(), *segments_routers(), *lists_routers(), *messages_routers(),
        *journeys_routers(),
        *privacy_routers(), *live_routers(),
        customer_router,
    ):  # fmt: skip
        made.add_router("", router)
    return made


@_own.get("/openapi.json", permission=SIGNED_IN, include_in_schema=False)
def description(request: Request) -> dict[str, Any]:
    """The API's description."""
    return openapi()


api = build()


def openapi() -> dict[str, Any]:
    """The OpenAPI description, the same bytes for the same code."""
    found: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/")
    return found
