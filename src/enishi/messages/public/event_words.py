"""The events that tell of messages, in words: for whoever shows a customer's history."""

from __future__ import annotations

from collections.abc import Mapping

from enishi.kernel.text import Text
from enishi.messages.types import MessageChannel, event_name

_CHANNELS: Mapping[MessageChannel, Text] = {
    MessageChannel.EMAIL: Text("メール", "Mail"),
    MessageChannel.SMS: Text("SMS", "SMS"),
    MessageChannel.LINE: Text("LINE", "LINE"),
    MessageChannel.PUSH: Text("プッシュ通知", "Push message"),
    MessageChannel.WEBHOOK: Text("Webhook", "Webhook"),
    MessageChannel.PERSON: Text("担当者への依頼", "Task"),
}
_ENDS: Mapping[str, Text] = {
    "sent": Text("を送りました", " sent"),
    "failed": Text("を送れませんでした", " could not be sent"),
    "unknown": Text("が届いたか分かりません", " may not have arrived"),
    "delivered": Text("が届きました", " delivered"),
    "opened": Text("が開かれました", " opened"),
    "clicked": Text("のリンクが開かれました", ": a link was opened"),
    "bounced": Text("が不達になりました", " bounced"),
    "complained": Text("が迷惑メールとして報告されました", " reported as spam"),
    "replied": Text("に返信がありました", ": a reply came"),
    "unsubscribed": Text("の配信停止の申し出がありました", ": unsubscribed"),
}
_WORDS: Mapping[str, Text] = {
    event_name(channel, kind): Text(f"{what.ja}{end.ja}", f"{what.en}{end.en}")
    for channel, what in _CHANNELS.items()
    for kind, end in _ENDS.items()
}


def event_words(event: str) -> Text | None:
    """An event of a message in words; None for any other."""
    return _WORDS.get(event)
