"""Designs to begin a template with. They hold no bank's text: what is to be filled in says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Locale, Text
from enishi.messages.templates.schemas import StarterOut
from enishi.messages.wording.bodies import (
    BlocksDesign,
    ButtonBlock,
    ColumnsBlock,
    DividerBlock,
    EmailMessage,
    FooterBlock,
    HeadingBlock,
    LineMessage,
    LineText,
    MailColumn,
    PersonMessage,
    PushMessage,
    SmsMessage,
    TemplateBody,
    TextBlock,
    WebhookMessage,
)


@dataclass(frozen=True, slots=True)
class Starter:
    name: str
    channel: str
    label: Text
    description: Text
    body: Callable[[], TemplateBody]


def offered(channel: str | None, locale: Locale) -> list[StarterOut]:
    """The designs of one channel, or of all."""
    return [
        StarterOut.model_validate(
            {
                "name": one.name, "label": one.label[locale], "channel": one.channel,
                "description": one.description[locale], "body": one.body(),
            }
        )
        for one in STARTERS
        if channel in (None, one.channel)
    ]  # fmt: skip


def beginning(channel: str, starter: str) -> TemplateBody:
    """The body of a starter; without a name the channel's first. Raises Invalid."""
    of_channel = [one for one in STARTERS if one.channel == channel]
    found = next((one for one in of_channel if starter in ("", one.name)), None)
    if found is None:
        names = ", ".join(one.name for one in of_channel)
        raise Invalid(
            Text(f"「{starter}」というひな形はありません。", f"There is no starter {starter!r}."),
            Text(f"選べるもの: {names}", f"Choose one of: {names}"),
            code="starter_unknown",
        )
    return found.body()


def _footer() -> FooterBlock:
    return FooterBlock(
        sender=current_workspace().name,
        note="このメールは、ご案内の受け取りに同意いただいたお客さまにお送りしています。",
    )


def _letter() -> TemplateBody:
    """One matter, one button: what is read on a telephone."""
    return EmailMessage(
        subject="【{{ sender.name }}】ご案内",
        preheader="ご案内の要点を一文で書きます。",
        design=BlocksDesign(
            blocks=[
                HeadingBlock(text="ご案内の見出し"),
                TextBlock(text="{{ salutation }}\n\nいつもご利用いただき、ありがとうございます。"),
                TextBlock(
                    text="お伝えしたいことを、最初の二文で書きます。\n\n"
                    "- 一つ目の要点\n- 二つ目の要点\n- 三つ目の要点"
                ),
                ButtonBlock(label="くわしく見る", url="https://example.jp/"),
                TextBlock(
                    tone="muted",
                    text="ご不明な点は、お取引店または下記の窓口までお問い合わせください。",
                ),
                _footer(),
            ]
        ),
    )


def _news() -> TemplateBody:
    """Several matters, each with its heading; two stand side by side on a wide screen."""
    return EmailMessage(
        subject="【{{ sender.name }}】今月のお知らせ",
        preheader="今月のお知らせをまとめてお届けします。",
        design=BlocksDesign(
            blocks=[
                HeadingBlock(text="今月のお知らせ"),
                TextBlock(text="{{ salutation }}\n\n今月のお知らせをお届けします。"),
                DividerBlock(),
                HeadingBlock(text="いちばん伝えたいこと", level=2),
                TextBlock(text="要点と、次にしていただきたいことを書きます。"),
                ButtonBlock(label="くわしく見る", url="https://example.jp/"),
                DividerBlock(),
                ColumnsBlock(
                    columns=[
                        MailColumn(
                            blocks=[
                                HeadingBlock(text="お知らせ 1", level=3),
                                TextBlock(text="短い説明。[続きを読む](https://example.jp/)"),
                            ]
                        ),
                        MailColumn(
                            blocks=[
                                HeadingBlock(text="お知らせ 2", level=3),
                                TextBlock(text="短い説明。[続きを読む](https://example.jp/)"),
                            ]
                        ),
                    ]
                ),
                _footer(),
            ]
        ),
    )


def _notice() -> TemplateBody:
    """A formality: what happened, what to do, whom to ask. No invitation."""
    footer = FooterBlock(sender=current_workspace().name, unsubscribe=False, preferences=False)
    return EmailMessage(
        subject="【{{ sender.name }}】お手続きのお知らせ",
        preheader="お手続きの内容をお知らせします。",
        design=BlocksDesign(
            blocks=[
                HeadingBlock(text="お手続きのお知らせ"),
                TextBlock(text="{{ salutation }}\n\n下記のお手続きについてお知らせします。"),
                TextBlock(
                    tone="notice",
                    text="お心当たりがない場合は、お手数ですが窓口までご連絡ください。\n"
                    "メールで暗証番号をお尋ねすることはありません。",
                ),
                footer,
            ]
        ),
    )


def _sms() -> TemplateBody:
    return SmsMessage(text="【{{ sender.name }}】要点を一文で。配信停止 {{ unsubscribe_url }}")


def _line() -> TemplateBody:
    return LineMessage(
        messages=[LineText(text="{{ salutation }}\n\nお伝えしたいことを短く書きます。")]
    )


def _push() -> TemplateBody:
    return PushMessage(title="お知らせ", body="要点を一文で書きます。")


def _webhook() -> TemplateBody:
    content = '{\n  "name": "{{ person.name }}",\n  "on": "{{ today | date: \'%Y-%m-%d\' }}"\n}'
    return WebhookMessage(url="https://example.jp/hook", json=content)


def _person() -> TemplateBody:
    return PersonMessage(
        title="{{ person.name }} 様へ連絡する",
        text="目的:\n確かめること:\n伝えること:",
    )


STARTERS: tuple[Starter, ...] = (
    Starter("letter", "email", Text("一つのご案内", "One matter"),
            Text("見出し、本文、ボタン一つ", "A heading, a text and one button"), _letter),
    Starter("news", "email", Text("お知らせ", "Newsletter"),
            Text("複数のお知らせをまとめて", "Several matters in one mail"), _news),
    Starter("notice", "email", Text("お手続きの通知", "Formal notice"),
            Text("案内を含まない連絡", "No invitation in it"), _notice),
    Starter("sms", "sms", Text("短いお知らせ", "Short message"),
            Text("要点と配信停止", "One sentence and how to refuse more"), _sms),
    Starter("line", "line", Text("テキスト", "Text"),
            Text("宛名と本文", "A salutation and a text"), _line),
    Starter("push", "push", Text("通知", "Notification"),
            Text("題名と一文", "A title and a sentence"), _push),
    Starter("webhook", "webhook", Text("JSON", "JSON"),
            Text("別のシステムへ渡す", "For another system"), _webhook),
    Starter("person", "person", Text("担当者への依頼", "A task for a person"),
            Text("目的と確認事項", "Why, what to ask, what to say"), _person),
)  # fmt: skip
