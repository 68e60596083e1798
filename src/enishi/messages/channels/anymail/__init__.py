"""Mail by the providers that django-anymail knows."""

from __future__ import annotations

from enishi.kernel.text import Text
from enishi.messages.channels.anymail.providers import ESPS
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider
from enishi.messages.channels.settings import Setting


def _make(account: Account) -> Channel:
    from enishi.messages.channels.anymail.channel import AnymailChannel

    return AnymailChannel(account)


PROVIDER = Provider(
    "anymail",
    "email",
    Text("メール配信サービス", "Mail service"),
    (
        Setting(
            "esp", Text("サービス", "Service"), "choice", required=True,
            choices=tuple((esp.name, Text(esp.label, esp.label)) for esp in ESPS.values()),
        ),
        Setting("from_address", Text("差出人アドレス", "From address"), "email", required=True),
        Setting("from_name", Text("差出人名", "From name"), required=True),
        Setting("reply_to", Text("返信先", "Reply to"), "email"),
        Setting("domain", Text("送信ドメイン（Mailgun）", "Sender domain (Mailgun)"), "domain"),
        Setting("server", Text("APIサーバー（Postal、Unisender Go）",
                               "API server (Postal, Unisender Go)"), "host"),
        Setting("api_key", Text("APIキー", "API key"), "secret"),
        Setting("api_secret", Text("APIの秘密鍵", "API secret"), "secret"),
        Setting("hook_secret", Text("Webhookの秘密鍵", "Secret of the webhook"), "secret"),
        Setting("connections", Text("同時接続数", "Connections"), "number", default=4, low=1,
                high=64),
    ),
    _make,
)  # fmt: skip
