"""Messages over HTTP: the routers of this package, for `web.api`."""

from __future__ import annotations

from enishi.book.http import Router
from enishi.messages import (
    api_assets,
    api_deliveries,
    api_mailbox,
    api_senders,
    api_sends,
    api_templates,
)


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [
        api_templates.router, api_assets.router, api_sends.router, api_deliveries.router,
        api_senders.router, api_mailbox.router,
    ]  # fmt: skip
