"""Text messages by Twilio."""

from __future__ import annotations

from enishi.kernel.text import Text
from enishi.messages.channels.port import Account, Channel
from enishi.messages.channels.registry import Provider
from enishi.messages.channels.settings import Setting


def _make(account: Account) -> Channel:
    from enishi.messages.channels.twilio.channel import TwilioChannel

    return TwilioChannel(account)


PROVIDER = Provider(
    "twilio",
    "sms",
    Text("Twilio（SMS）", "Twilio (text messages)"),
    (
        Setting("account_sid", Text("Account SID", "Account SID"), required=True),
        Setting("auth_token", Text("Auth Token", "Auth token"), "secret", required=True),
        Setting(
            "sender", Text("送信元", "Sender"), required=True,
            help=Text(
                "電話番号（+81…）、英数字の送信者名、または MG で始まるサービスのID。",
                "A number (+81…), an alphanumeric sender, or a service's id that begins with MG.",
            ),
        ),
        Setting("connections", Text("同時接続数", "Connections"), "number", default=4, low=1,
                high=64),
    ),
    _make,
)  # fmt: skip
