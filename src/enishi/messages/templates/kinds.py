"""The kinds of templates: their channels in words, and bodies that are of another one."""

from __future__ import annotations

from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.messages.types import MessageChannel
from enishi.messages.wording.bodies import TemplateBody

CHANNEL_WORDS: dict[str, Text] = {
    MessageChannel.EMAIL: Text("メール", "e-mail"),
    MessageChannel.SMS: Text("SMS", "SMS"),
    MessageChannel.LINE: Text("LINE", "LINE"),
    MessageChannel.PUSH: Text("プッシュ通知", "push notification"),
    MessageChannel.WEBHOOK: Text("Webhook", "webhook"),
    MessageChannel.PERSON: Text("担当者の対応", "a person"),
}


def refuse_other_kind(body: TemplateBody, channel: str) -> None:
    """Raise Invalid for a body that is not of the template's channel."""
    if body.kind == channel:
        return
    said = Text(
        f"このテンプレートのチャネルは{CHANNEL_WORDS[channel].ja}です。",
        f"This is a template of the channel {CHANNEL_WORDS[channel].en}.",
    )
    remedy = Text(
        "チャネルは変えられません。新しいテンプレートを作ってください。",
        "The channel never changes: make a new template.",
    )
    fault = Fault("template_kind", "$.body.kind", said, remedy)
    raise Invalid(said, remedy, code="template_kind", faults=(fault,))
