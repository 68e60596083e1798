"""How attempts end, in words. Codes are stable; a code that is missing here is told as it is."""

from __future__ import annotations

from collections.abc import Mapping

from enishi.kernel.text import Text
from enishi.messages.channels.port import Outcome, Sent

SENT = Text("送信しました。", "It was sent.")

OUTCOMES: Mapping[str, Text] = {
    # refused for good
    "address_bad": Text("宛先の形が正しくありません。", "The address is not well formed."),
    "header_bad": Text("件名や名前に改行があります。", "A header holds a line break."),
    "mailbox_unknown": Text("宛先が存在しません。", "There is no such mailbox."),
    "mailbox_full": Text("宛先の受信箱がいっぱいです。", "The recipient's mailbox is full."),
    "content_refused": Text("内容が受け付けられませんでした。", "The content was refused."),
    "sender_refused": Text("差出人が受け付けられませんでした。", "The sender was refused."),
    "refused": Text("相手が受け付けませんでした。", "It was refused."),
    "too_large": Text("メッセージが大きすぎます。", "The message is too large."),
    "utf8_unsupported": Text(
        "日本語などを含むアドレスに、サーバーが対応していません。",
        "The server takes no addresses beyond ASCII.",
    ),
    "blocked": Text("受信者にブロックされています。", "The recipient has blocked us."),
    "gone": Text("宛先はもう使われていません。", "The address is gone."),
    "unsubscribed": Text("受信者が配信を止めています。", "The recipient has unsubscribed."),
    "not_mobile": Text("SMSを受け取れない番号です。", "The number takes no text messages."),
    "region": Text("この地域へは送れません。", "This region is not open to us."),
    "no_task": Text("担当者への依頼は送信しません。", "A task is not sent."),
    "host_not_named": Text(
        "管理者が送ってよいとしたホストではありません。",
        "An administrator has not named this host as one to send to.",
    ),
    "url_refused": Text("送り先のURLが許されていません。", "The address is not allowed."),
    # not now
    "forgotten": Text("もう一度用意してから送ります。", "It is made ready once more."),
    "greylisted": Text("しばらく待つように言われました。", "We were told to wait."),
    "try_later": Text("相手が混み合っています。", "The other side is busy."),
    "domain_rate": Text("この宛先への速さの上限です。", "This domain's rate is used up."),
    "rate": Text("送信の速さの上限です。", "The rate is used up."),
    "quota": Text("今月の上限に達しました。", "This month's quota is used up."),
    "credentials": Text("認証に失敗しました。", "The sign-in was refused."),
    "certificate": Text("証明書を確認できません。", "The certificate cannot be trusted."),
    "no_tls": Text(
        "サーバーが暗号化に対応していないため、送りませんでした。",
        "The server offers no encryption, so nothing was sent.",
    ),
    "not_found": Text("サーバーが見つかりません。", "The server cannot be found."),
    "connection": Text("サーバーにつながりません。", "The server cannot be reached."),
    "unset": Text("必要な設定がありません。", "A setting that is needed is missing."),
    # handed over
    "no_answer": Text(
        "渡しましたが、返事がありませんでした。届いたかは分かりません。",
        "It was handed over and no answer came. Whether it arrived is not known.",
    ),
    "timeout": Text("時間内に返事がありませんでした。", "No answer came in time."),
}


def outcome_words(outcome: Outcome) -> Text:
    """A sentence for how it ended."""
    if isinstance(outcome, Sent):
        return SENT
    return code_words(outcome.code)


def code_words(code: str) -> Text:
    """A sentence for a code of an outcome."""
    return OUTCOMES.get(code, Text(f"送れませんでした（{code}）。", f"It was not sent ({code})."))
