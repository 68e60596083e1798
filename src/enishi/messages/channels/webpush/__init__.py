"""Web push: messages to browsers that have agreed to them."""

from __future__ import annotations

from collections.abc import Mapping

from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider
from enishi.messages.channels.settings import Setting


def _make(account: Account) -> Channel:
    from enishi.messages.channels.webpush.channel import WebPushChannel

    return WebPushChannel(account)


def _generated(config: Mapping[str, object], secrets: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG001  the providers' common shape
    if secrets.get("vapid_key"):
        return {}
    from enishi.messages.channels.webpush.vapid import new_key

    return {"vapid_key": new_key()}


PROVIDER = Provider(
    "webpush",
    "push",
    Text("ブラウザーへの通知", "Web push"),
    (
        Setting(
            "contact", Text("連絡先アドレス", "Contact address"), "email", required=True,
            help=Text(
                "通知サービスの運営者が連絡に使います。",
                "The operators of push services write there.",
            ),
        ),
        Setting("keep_hours", Text("届くまで待つ時間", "Hours to wait for the browser"), "number",
                default=24, low=0, high=672),
        Setting(
            "vapid_key", Text("VAPIDの秘密鍵（PEM）", "Private VAPID key (PEM)"), "secret_text",
            help=Text(
                "空欄なら自動で作ります。替えると、登録済みのブラウザーには届かなくなります。",
                "Left empty, one is made. Changing it loses every browser that has subscribed.",
            ),
        ),
        Setting("connections", Text("同時接続数", "Connections"), "number", default=4, low=1,
                high=64),
    ),
    _make,
    _generated,
)  # fmt: skip
