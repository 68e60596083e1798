"""Messages over HTTP: the routers of this package, for `web.api`."""

from __future__ import annotations

from enishi.book.http import Router
from enishi.messages.deliveries import api as api_deliveries
from enishi.messages.mailbox import api as api_mailbox
from enishi.messages.senders import api as api_senders
from enishi.messages.sends import api as api_sends
from enishi.messages.templates import api as api_templates
from enishi.messages.templates import api_assets


def routers() -> list[Router]:
    """The routers of this package, for `web.api`."""
    return [
        api_templates.router, api_assets.router, api_sends.router, api_deliveries.router,
        api_senders.router, api_mailbox.router,
    ]  # fmt: skip
