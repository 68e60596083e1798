"""The small checks of single names, and how faults of a journey are worded."""

from __future__ import annotations

from collections.abc import Iterator

from enishi.journeys.drawing.draft import Found, Level
from enishi.journeys.drawing.known import Known, channel_words
from enishi.journeys.graph import MessageStep, WebhookStep
from enishi.kernel.errors import Fault
from enishi.kernel.text import Text

_MESSAGES = frozenset({"email", "sms", "line", "push"})


def wrong(
    code: str,
    path: str,
    message: Text,
    remedy: Text,
    step: str | None = None,
    level: Level = "refuse",
) -> Found:
    """A fault at a place."""
    return Found(Fault(code, path, message, remedy), step, level)


def other(code: str, path: str, what: Text, name: str, step: str | None = None) -> Found:
    """Something is named that is not there."""
    return wrong(
        code, path,
        Text(f"{what.ja}「{name}」はありません。", f"There is no {what.en} {name!r}."),
        Text("選び直してください。", "Choose another."), step,
    )  # fmt: skip


def segment_known(known: Known, path: str, slug: str, step: str | None) -> Iterator[Found]:
    """The segment is there, and of persons."""
    found = known.segments.get(slug)
    label = Text("セグメント", "segment")
    if found is None:
        yield other("unknown_segment", path, label, slug, step)
    elif not found.person:
        yield wrong(
            "not_of_persons", path,
            Text("個人のセグメントではありません。", "This segment is not of persons."),
            Text("個人のセグメントを選んでください。", "Choose a segment of persons."), step,
        )  # fmt: skip
    elif not found.live:
        yield wrong(
            "not_live", path,
            Text(
                "このセグメントはリアルタイムではないので、更新のたびにだけ気づきます。",
                "This segment is not live: it is noticed only when it is refreshed.",
            ),
            Text(
                "すぐに気づくには、セグメントをリアルタイムにしてください。",
                "Make the segment live to notice at once.",
            ),
            step, "warn",
        )  # fmt: skip


def list_known(known: Known, path: str, slug: str, step: str | None) -> Iterator[Found]:
    """The list is there and open."""
    found = known.lists.get(slug)
    if found is None:
        yield other("unknown_list", path, Text("リスト", "list"), slug, step)
    elif not found.open:
        yield wrong(
            "list_closed", path,
            Text("このリストは開いていません。", "This list is not open."),
            Text("開いているリストを選んでください。", "Choose a list that is open."), step,
        )  # fmt: skip


def template_known(
    known: Known, path: str, step: MessageStep | WebhookStep, name: str, purpose: str
) -> Iterator[Found]:
    """The template is there, approved, and of a channel and a purpose that fit."""
    if step.sender and step.sender not in known.senders:
        label = Text("送信設定", "sender")
        yield other("unknown_sender", f"{path}.sender", label, step.sender, name)
    where, found = f"{path}.template", known.templates.get(step.template)
    if found is None:
        yield other(
            "unknown_template", where, Text("テンプレート", "template"), step.template, name
        )
        return
    fits = found.channel == "webhook" if step.kind == "webhook" else found.channel in _MESSAGES
    if not fits:
        channel = channel_words(found.channel)
        yield wrong(
            "template_channel", where,
            Text(
                f"この地点では「{channel.ja}」のテンプレートは使えません。",
                f"This step takes no template of the channel {channel.en}.",
            ),
            Text("ほかのテンプレートを選んでください。", "Choose another template."), name,
        )  # fmt: skip
    if not found.approved:
        yield wrong(
            "template_not_approved", where,
            Text(
                f"テンプレート「{found.label.ja}」に承認済みの版がありません。",
                f'The template "{found.label.en}" has no approved version.',
            ),
            Text("テンプレートの承認を受けてください。", "Have the template approved."), name,
        )  # fmt: skip
    if purpose and found.purpose != purpose:
        told = known.purposes.get(found.purpose, Text(found.purpose, found.purpose))
        yield wrong(
            "template_purpose", where,
            Text(
                f"テンプレートの目的（{told.ja}）がジャーニーの目的と違います。",
                f"The template is for another purpose ({told.en}) than the journey.",
            ),
            Text("意図したものか確かめてください。", "Make sure that this is meant."),
            name, "warn",
        )  # fmt: skip
