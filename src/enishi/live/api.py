"""The routers of what is live, for `web.api`."""

from __future__ import annotations

from enishi.book.http import Router
from enishi.live.arrivals_api import router as arrivals_router
from enishi.live.crossings_api import router as crossings_router
from enishi.live.notice_api import router as notice_router
from enishi.live.webhooks_api import router as webhooks_router


def routers() -> list[Router]:
    """The routers of arrivals, notices, crossings and webhooks."""
    return [arrivals_router, notice_router, crossings_router, webhooks_router]
