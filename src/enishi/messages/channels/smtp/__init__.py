"""Mail by SMTP: one's own mail server, or a relay."""

from __future__ import annotations

from collections.abc import Mapping

from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider
from enishi.messages.channels.settings import Setting


def _make(account: Account) -> Channel:
    from enishi.messages.channels.smtp.channel import SmtpChannel

    return SmtpChannel(account)


def _generated(config: Mapping[str, object], secrets: Mapping[str, str]) -> dict[str, str]:
    """A key to sign with, once there is a domain to sign for."""
    if not config.get("dkim_domain") or secrets.get("dkim_key"):
        return {}
    from enishi.messages.channels.dkim import new_key

    return {"dkim_key": new_key()}


PROVIDER = Provider(
    "smtp",
    "email",
    Text("SMTP（メールサーバー）", "SMTP (mail server)"),
    (
        Setting("host", Text("サーバー", "Server"), "host", required=True),
        Setting("port", Text("ポート", "Port"), "number", default=587, low=1, high=65535),
        Setting(
            "security", Text("暗号化", "Encryption"), "choice", default="starttls",
            choices=(
                ("starttls", Text("STARTTLS", "STARTTLS")),
                ("tls", Text("最初からTLS", "TLS from the start")),
                ("none", Text("なし（同じ機器の中だけ）", "None (inside one machine only)")),
            ),
        ),
        Setting("user", Text("利用者名", "User name")),
        Setting("password", Text("パスワード", "Password"), "secret"),
        Setting("from_address", Text("差出人アドレス", "From address"), "email", required=True),
        Setting("from_name", Text("差出人名", "From name"), required=True),
        Setting("reply_to", Text("返信先", "Reply to"), "email"),
        Setting(
            "return_path", Text("不達通知の宛先", "Where bounces go"), "email",
            help=Text("空欄なら差出人アドレスです。", "Empty: the from address."),
        ),
        Setting("dkim_domain", Text("DKIMのドメイン", "Domain of DKIM"), "domain"),
        Setting("dkim_selector", Text("DKIMのセレクター", "Selector of DKIM"), "label",
                default="enishi"),
        Setting(
            "dkim_key", Text("DKIMの秘密鍵（PEM）", "Private key of DKIM (PEM)"), "secret_text",
            help=Text("空欄なら自動で作ります。", "Left empty, one is made."),
        ),
        Setting(
            "inbound_secret",
            Text("受信メールの署名の鍵（whsec_…）", "Signing secret of inbound mail (whsec_…)"),
            "secret",
            help=Text(
                "不達通知や返信を Enishi に渡すときの署名に使います。",
                "Signs bounces and replies that your mail server hands to Enishi.",
            ),
        ),
        Setting("connections", Text("同時接続数", "Connections"), "number", default=4, low=1,
                high=64),
        Setting(
            "rates", Text("ドメインごとの速さ", "Rates by domain"), "rates", default={},
            help=Text(
                "例: docomo.ne.jp へ毎秒5通、同時2接続まで。",
                "For example: at most 5 a second and 2 connections to docomo.ne.jp.",
            ),
        ),
    ),
    _make,
    _generated,
)  # fmt: skip
