"""Why a delivery did not come through and why a webhook stands still, in words."""

from __future__ import annotations

from enishi.kernel.text import Text

ERRORS: dict[str, Text] = {
    "refused_address": Text(
        "宛先が組織内のネットワークを指しているため、送りませんでした。",
        "The address leads into a private network, so nothing was sent.",
    ),
    "not_found": Text("宛先のホスト名が見つかりません。", "The host's name was not found."),
    "connection": Text("宛先に接続できませんでした。", "No connection could be made."),
    "certificate": Text(
        "宛先の証明書を確認できませんでした。", "The receiver's certificate could not be verified."
    ),
    "timeout": Text("10秒以内に応答がありませんでした。", "There was no answer within 10 seconds."),
    "protocol": Text("応答が HTTP ではありません。", "The answer was not HTTP."),
    "url_refused": Text(
        "この宛先には送れなくなりました。", "This address may no longer be sent to."
    ),
}

STATUS = Text("応答は HTTP {status} でした。", "The answer was HTTP {status}.")

STOPPED: dict[str, Text] = {
    "failing": Text(
        "3日間届かなかったため止めました。宛先を直してから再開してください。",
        "Stopped: nothing came through for three days. Mend the receiver, then start it again.",
    ),
    "gone": Text(
        "宛先が「廃止した」(HTTP 410)と答えたため止めました。",
        "Stopped: the receiver answered that it is gone for good (HTTP 410).",
    ),
    "url_refused": Text(
        "この宛先には送れなくなったため止めました。宛先を変えてください。",
        "Stopped: this address may no longer be sent to. Name another one.",
    ),
}


def trouble(status: int | None, error: str) -> Text | None:
    """What went wrong at the last try; None when nothing has."""
    if error:
        return ERRORS[error]
    if status is not None and not 200 <= status < 300:
        return STATUS.format(status=status)
    return None
