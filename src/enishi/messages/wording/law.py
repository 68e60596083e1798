"""What law asks of a version, and everything else that is found out before it is approved.

The law is that on the transmission of specified electronic mail (特定電子メール法): whoever invites
to business by mail or short message tells who sends, from where, whom to ask, and how to refuse
more; the refusal works. What counts as an invitation is the purpose's class (`promotion`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.gate.asking import catalog
from enishi.gate.in_force import policies_in_force
from enishi.gate.types import PurposeClass
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.messages.channels.webhook import hosts_of
from enishi.messages.channels.webhook.channel import host_of
from enishi.messages.models import Sender, TemplateVersion
from enishi.messages.wording import plain, sampling, spam
from enishi.messages.wording.bodies import (
    BODY,
    BlocksDesign,
    EmailMessage,
    FooterBlock,
    TemplateBody,
    WebhookMessage,
)
from enishi.messages.wording.checks import Check, liquid, of_fault, of_refusal, refuse, warn
from enishi.messages.wording.compiling import FORBIDDEN
from enishi.messages.wording.fields import asked_of
from enishi.messages.wording.readying import of_body
from enishi.messages.wording.rendering import Compiled, Rendered, UnrenderableError, Untracked

__all__ = ["Check", "Examined", "checks_of", "examine", "plain_text", "refused_by"]

_LINKS = Untracked()
_ADDRESS = re.compile(
    r"〒?\s?\d{3}[-－]\d{4}|[都道府県市区町村郡].{0,40}(?:\d|[一二三四五六七八九十]+(?:丁目|番))"
    r"|\b\d+[^\n]{3,60}\b(?:street|st\.|avenue|road|chome|ku|city|tokyo|japan)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"0\d{1,4}[-－(（ ]?\d{1,4}[-－)） ]?\d{3,4}|\+81[\d\- ]{8,20}"
    r"|[A-Za-z0-9_.+-]{1,64}@[\w-]{1,63}\.\w"
    r"|(?:問い?合わせ|連絡先|contact).{0,60}https?://",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found, those that refuse first; and the version made ready, where it could be."""

    checks: list[Check]
    compiled: Compiled | None


def checks_of(version: TemplateVersion) -> list[Check]:
    """Every finding about a stored version, those that refuse first."""
    body = BODY.validate_python(version.body)
    return examine(body, version.template.purpose, version.template.product).checks


def refused_by(version: TemplateVersion) -> list[Fault]:
    """The findings that keep a version from being submitted and approved."""
    return [check.fault for check in checks_of(version) if check.level == "refuse"]


def plain_text(version: TemplateVersion) -> str:
    """How a version reads, its fields by name: for comparing two of them."""
    body = BODY.validate_python(version.body)
    try:
        made = of_body(body, purpose=version.template.purpose)
    except Invalid:
        return ""
    text = made.parts.get("text", "") or made.parts.get("body", "")
    return re.sub(r"\{% (?:end)?link %\}", "", text)


def examine(body: TemplateBody, purpose: str, product: str = "") -> Examined:
    """Everything that can be found out about a body without sending it."""
    known = catalog()
    found = [of_fault(fault) for fault in asked_of(body, purpose, known).faults]
    try:
        made = of_body(body, purpose=purpose, product=product, known=known)
    except Invalid as error:
        return Examined(_ordered(found + of_refusal(error)), None)
    found += liquid(made, frozenset(body.fields))
    today = now().astimezone(current_workspace().zone).date()
    if not any(check.code == "liquid_broken" for check in found):
        found += _rendered(body, made, purpose, today)
    return Examined(_ordered(found), made)


def _ordered(found: list[Check]) -> list[Check]:
    unique = {(check.code, check.path, check.message.en): check for check in found}
    return sorted(unique.values(), key=lambda check: check.level != "refuse")


def _rendered(body: TemplateBody, made: Compiled, purpose: str, today: date) -> Iterator[Check]:
    """Findings about the message as it comes out: full, and for whom least is known."""
    shown: list[Rendered] = []
    for values in (sampling.sample(made, today), sampling.bare(made, today)):
        try:
            shown.append(made.render(values, _LINKS))
        except UnrenderableError as error:
            # Links and texts that only an event's values fill are empty here: that is no fault.
            if "given." not in str(dict(made.parts)) + str(made.shape):
                yield unrenderable(error)
    if isinstance(body, EmailMessage):
        yield from _forbidden(shown)
    yield from spam.about(body, made, shown)
    if isinstance(body, WebhookMessage):
        yield from _webhook(body)
    class_ = policies_in_force().class_of(purpose)
    if class_ is not PurposeClass.PROMOTION and body.kind in _TO_PERSONS:
        yield from _no_promotion(class_, shown)
    elif shown:
        if isinstance(body, EmailMessage):
            yield from _mail(body, shown)
        elif body.kind == "sms":
            yield from _sms(body.text, shown)


def _forbidden(shown: list[Rendered]) -> Iterator[Check]:
    """What Liquid has put together that no mail may hold: its sources were looked at apart.

    Here and not for each mail, where it would take longer (1.3 ms) than to make the mail.
    """
    for one in shown:
        found = FORBIDDEN.search(one.html, max(0, one.html.find("<body")))
        if found is not None:
            said = found[0][:40].strip()
            yield refuse(
                "mjml_forbidden", "$.design",
                (f"値を入れると、メールに使えない要素ができます: {said}",
                 f"Filled in, it has what a mail cannot have: {said}"),
                ("スクリプトやフォームを組み立てる Liquid を取り除いてください。",
                 "Remove the Liquid that puts scripts or forms together."),
            )  # fmt: skip


def unrenderable(error: UnrenderableError) -> Check:
    """Why a message could not be made, as a finding."""
    said, remedy = _WHY.get(error.code, _WHY["template_broken"])
    ja, en = said
    return refuse(error.code, f"$.{'design' if error.where == 'html' else error.where}",
                  (ja, en), remedy)  # fmt: skip


_WHY = {
    "template_broken": (
        ("値を入れて表示できません。", "It cannot be filled in."),
        ("フィルターに渡す値と書き方を確かめてください。", "Look at what the filters are given."),
    ),
    "template_limit": (
        ("繰り返しや文字の量が多すぎます。", "It loops too often or grows too long."),
        ("繰り返しを減らしてください。", "Loop less."),
    ),
    "template_url": (
        ("リンク先がアドレスになりません。", "A link leads to no address."),
        ("https:// で始まるアドレスにしてください。値には既定値を付けてください。",
         "Write an address that begins with https://, and give its values defaults."),
    ),
    "template_header": (
        ("件名などに改行や制御文字、または正しくない返信先があります。",
         "A subject or name holds a line break, or the reply address is none."),
        ("1行の文字にしてください。返信先はメールアドレスにしてください。",
         "Write one line; the reply address must be an e-mail address."),
    ),
    "template_empty": (
        ("件名または本文が空になる人がいます。", "For somebody nothing is left to send."),
        ("文字を入れるか、値に既定値を付けてください。", "Write a text, or give values defaults."),
    ),
}  # fmt: skip


# ── what is said to be no invitation ─────────────────────────────────────────────────────────────

_TO_PERSONS = ("email", "sms", "line", "push")
_CLASSES = {
    PurposeClass.SERVICE: Text("お客さま対応", "service"),
    PurposeClass.TRANSACTIONAL: Text("手続き上の連絡", "transactional"),
}
_INVITES = re.compile(
    r"キャンペーン|特典|プレゼント|割引|値引|お得|おトク|ポイント(?:\d+)?倍|期間限定|限定募集|今だけ|今なら"
    r"|優待|新商品|お申(?:し)?込みはこちら|ご検討ください|金利(?:優遇|アップ|上乗せ)|無料(?:進呈|体験)"
    r"|\b(?:campaigns?|discounts?|special offers?|limited[- ]time|bonus|sale|coupons?|free gift"
    r"|\d+ ?% off|sign up now|apply now|new products?)\b",
    re.IGNORECASE,
)


def _no_promotion(class_: PurposeClass, shown: list[Rendered]) -> Iterator[Check]:
    """Whoever writes a template chooses its purpose: who approves it has to know what follows."""
    named = _CLASSES[class_]
    said = Text(
        f"目的が「{named.ja}」のため、案内への同意は確かめられません。同意していない人や配信停止を"
        "した人にも届き、配信停止のリンクも求められません。",
        f"Its purpose is {named.en}, so consent to promotion is not asked for: it goes to people"
        " who have not consented or have unsubscribed, and needs no link to refuse more.",
    )
    remedy = Text(
        "商品や取引へのお誘いが含まれるなら承認せず、案内の目的で作り直してください。",
        "If it invites to any product or business, do not approve it: make it anew as promotion.",
    )
    yield Check("not_promotion", "warn", "$", said, remedy)
    text = "\n".join(f"{one.subject}\n{one.text or plain.plain(one.html)}" for one in shown[:1])
    words = list(dict.fromkeys(found[0] for found in _INVITES.finditer(text)))
    if words:
        told = "、".join(words[:5])
        yield warn(
            "promotion_words", "$",
            (f"案内の目的ではないのに、お誘いの言葉があります: {told}",
             f"It is not promotion and has words of an invitation: {', '.join(words[:5])}"),
            ("お誘いであれば、同意のある人にだけ送れる案内の目的で作り直してください。",
             "If it is an invitation, make it anew as promotion, for those who have consented."),
        )  # fmt: skip


# ── what another system is told ──────────────────────────────────────────────────────────────────


def _webhook(body: WebhookMessage) -> Iterator[Check]:
    senders = Sender.objects.filter(channel="webhook", archived_at__isnull=True)
    named = {
        host for config in senders.values_list("config", flat=True) for host in hosts_of(config)
    }
    if host_of(body.url) not in named:
        yield warn(
            "webhook_not_named", "$.url",
            ("管理者が送ってよいとしたホストではないため、何も送られません。",
             "No administrator has named this host, so nothing is sent there."),
            ("管理者に、Webhookの送信設定へホストを加えてもらってください。",
             "Ask an administrator to add the host to the sender of webhooks."),
        )  # fmt: skip
    uses = re.search(r"\b(?:unsubscribe_url|preferences_url)\b", body.content + body.url)
    if uses and not body.person_links:
        yield refuse(
            "webhook_links", "$.json",
            ("配信設定や配信停止の住所は、そうすると決めたときだけ渡せます。",
             "Addresses by which consents change are handed over only where that is chosen."),
            ("取り除くか、「本人のリンクを渡す」を選んでください。",
             "Take it out, or choose to hand over the person's own links."),
        )  # fmt: skip
    elif uses:
        yield warn(
            "webhook_links", "$.json",
            ("受け取った相手は、本人の同意を変えられます。",
             "Whoever receives it can change what the person has consented to."),
            ("本人だけに渡すシステムかを確かめてください。",
             "Make sure that the system hands it to the person alone."),
        )  # fmt: skip


# ── mail ───────────────────────────────────────────────────────────────────────────────────────


def _mail(body: EmailMessage, shown: list[Rendered]) -> Iterator[Check]:
    for part, texts in (
        ("$.design", [plain.plain(one.html) for one in shown]),
        ("$.text", [one.text for one in shown]),
    ):
        if any(_LINKS.unsubscribe not in text for text in texts):
            yield refuse(
                "law_refusal", part,
                ("案内のメールには、全員に見える配信停止のリンクが必要です。",
                 "An invitation needs a link to refuse more that everybody sees."),
                ("フッターを置くか、{{ unsubscribe_url }} へのリンクを条件なしで入れてください。",
                 "Place a footer, or a link to {{ unsubscribe_url }} without a condition."),
            )  # fmt: skip
    footers = _footers(body)
    text = plain.plain(shown[-1].html)
    yield from _who(body, footers, text)
    if re.match(r"\s*(?:re|fwd?|返信|転送)\s*[:：]", body.subject, re.IGNORECASE):
        yield refuse(
            "subject_reply", "$.subject",
            ("返信や転送に見える件名は、受け取る人を誤らせます。",
             "A subject that looks like an answer misleads."),
            ("Re: や Fw: を取り除いてください。", "Remove Re: or Fw:."),
        )  # fmt: skip
    if "未承諾広告" in body.subject:
        yield refuse(
            "subject_unsolicited", "$.subject",
            ("承諾のない人への広告は送れないため、「未承諾広告※」の表示は使えません。",
             "Nothing is sent without consent, so the mark 未承諾広告※ is wrong."),
            ("表示を取り除き、承諾のある人にだけ送ってください。",
             "Remove it, and send to those who have consented."),
        )  # fmt: skip


def _footers(body: EmailMessage) -> list[FooterBlock]:
    if not isinstance(body.design, BlocksDesign):
        return []
    return [
        block for block in body.design.blocks
        if isinstance(block, FooterBlock) and block.when is None
    ]  # fmt: skip


def _who(body: EmailMessage, footers: list[FooterBlock], text: str) -> Iterator[Check]:
    """Sender, address and contact: in a footer, or somewhere in the text that everybody gets."""
    sender = any(f.sender.strip() for f in footers) or (
        bool(body.sender_name.strip()) and body.sender_name.strip() in text
    ) or current_workspace().name in text  # fmt: skip
    if not sender:
        yield refuse(
            "law_sender", "$.design",
            ("送信者の氏名または名称が本文にありません。", "The text does not say who sends it."),
            ("フッターの「送信者」に正式な名称を入れてください。",
             "Put the full name into the footer."),
        )  # fmt: skip
    if not (any(f.address.strip() for f in footers) or _ADDRESS.search(text)):
        yield refuse(
            "law_address", "$.design",
            ("送信者の住所が本文にありません。", "The text does not tell the sender's address."),
            ("フッターの「住所」を入れてください。", "Put the address into the footer."),
        )  # fmt: skip
    if not (any(f.contact.strip() for f in footers) or _CONTACT.search(text)):
        yield refuse(
            "law_contact", "$.design",
            ("苦情や問い合わせの受付先(電話番号・アドレス)がありません。",
             "The text does not tell whom to ask or complain to."),
            ("フッターの「問い合わせ先」を入れてください。", "Put a contact into the footer."),
        )  # fmt: skip


# ── short messages ─────────────────────────────────────────────────────────────────────────────


def _sms(source: str, shown: list[Rendered]) -> Iterator[Check]:
    texts = [one.text for one in shown]
    stops = all(
        _LINKS.unsubscribe in text or re.search(r"(?:停止|不要|解除|stop).{0,40}(?:0\d{8,10}|0\d"
        r"{1,4}-\d|http)", text, re.IGNORECASE | re.DOTALL)
        for text in texts
    )  # fmt: skip
    if not stops:
        yield refuse(
            "law_refusal", "$.text",
            ("案内のSMSには、配信停止の方法が必要です。",
             "An invitation by SMS must say how to refuse more."),
            ("「配信停止 {{ unsubscribe_url }}」のように入れてください。",
             "Write for instance: Stop: {{ unsubscribe_url }}"),
        )  # fmt: skip
    named = "sender.name" in source or current_workspace().name in source
    if not named and not re.search(r"【[^】]{2,}】|\[[^\]]{2,}\]|銀行|株式会社", source):
        yield warn(
            "law_sender", "$.text",
            ("送信者の名称が見当たりません。", "The text does not seem to say who sends it."),
            ("「【{{ sender.name }}】」のように入れてください。",
             "Begin with the sender's name: [{{ sender.name }}]"),
        )  # fmt: skip
