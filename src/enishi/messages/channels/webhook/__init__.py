"""A signed webhook: the receiver does with the message what it will."""

from __future__ import annotations

import base64
import secrets as random
from collections.abc import Mapping

from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider
from enishi.messages.channels.settings import Setting

HOSTS = "hosts"
"""The setting with the hosts that templates may send to; where it is empty nothing is sent."""


def hosts_of(config: Mapping[str, object]) -> frozenset[str]:
    """The hosts that an administrator has named in a sender's settings."""
    return frozenset(str(config.get(HOSTS) or "").replace(",", " ").split())


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
        Setting(
            HOSTS, Text("送ってよいホスト", "Hosts it may send to"), "hosts",
            help=Text(
                "例: hooks.example.jp。コンマで区切ります。ここにないホストへは何も送りません。",
                "For example hooks.example.jp, with commas between them. Nothing is sent anywhere"
                " else.",
            ),
        ),
        Setting("connections", Text("同時接続数", "Connections"), "number", default=4, low=1,
                high=64),
    ),
    _make,
    _generated,
)  # fmt: skip
