"""LINE, by its Messaging API."""

from __future__ import annotations

from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider
from enishi.messages.channels.settings import Setting


def _make(account: Account) -> Channel:
    from enishi.messages.channels.line.channel import LineChannel

    return LineChannel(account)


PROVIDER = Provider(
    "line",
    "line",
    Text("LINE公式アカウント", "LINE official account"),
    (
        Setting(
            "access_token", Text("チャネルアクセストークン", "Channel access token"), "secret",
            required=True,
        ),
        Setting(
            "channel_secret", Text("チャネルシークレット", "Channel secret"), "secret",
            required=True,
            help=Text("Webhookの署名を確かめます。", "It checks the signatures of webhooks."),
        ),
        Setting("connections", Text("同時接続数", "Connections"), "number", default=4, low=1,
                high=64),
    ),
    _make,
)  # fmt: skip
