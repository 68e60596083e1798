"""A signed webhook: the receiver does with the message what it will."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Mapping

from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider
from enishi.messages.channels.settings import Setting


def _make(account: Account) -> Channel:
    from enishi.messages.channels.webhook.channel import WebhookChannel

    return WebhookChannel(account)


def _generated(config: Mapping[str, object], secrets: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG001  the providers' common shape
    if secrets.get("signing_secret"):
        return {}
    return {"signing_secret": "whsec_" + base64.b64encode(random.token_bytes(32)).decode()}


PROVIDER = Provider(
    "webhook",
    "webhook",
    Text("署名つきWebhook", "Signed webhook"),
    (
        Setting(
            "signing_secret", Text("署名の鍵（whsec_…）", "Signing secret (whsec_…)"), "secret",
            help=Text("空欄なら自動で作ります。", "Left empty, one is made."),
        ),
        Setting("connections", Text("同時接続数", "Connections"), "number", default=4, low=1,
                high=64),
    ),
    _make,
    _generated,
)  # fmt: skip
