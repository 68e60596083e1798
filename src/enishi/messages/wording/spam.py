"""What keeps a message from arriving or from being read: spam filters, mail programs, carriers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from urllib.parse import urlsplit

from enishi.book.workspace import current_workspace
from enishi.messages.wording import plain, sms
from enishi.messages.wording.bodies import (
    BlocksDesign,
    EmailMessage,
    ImageBlock,
    LineFlex,
    LineMessage,
    PushMessage,
    SmsMessage,
    TemplateBody,
    WebhookMessage,
    all_blocks,
)
from enishi.messages.wording.checks import Check, refuse, warn
from enishi.messages.wording.rendering import Compiled, Rendered

CLIPPED = 102_000
"""Bytes of HTML from which Gmail shows the rest on demand only."""

_SHORTENERS = frozenset(
    {
        "bit.ly", "t.co", "goo.gl", "tinyurl.com", "ow.ly", "is.gd", "buff.ly", "x.gd", "onl.sc",
        "cutt.ly", "rebrand.ly", "t.ly", "tiny.cc", "qr.ae", "urx.nu", "ux.nu", "00m.in", "amzn.to",
    }
)  # fmt: skip
_LOUD = re.compile(
    r"必ず儲か|絶対に?(?:儲|損し|得)|元本保証|確実に(?:儲|増)|当選(?:しました|確定)|副業で|出会い系"
    r"|無料で(?:お金|現金)|今すぐクリック|緊急のお知らせ|至急ご確認|口座(?:が)?凍結|アカウント停止"
    r"|パスワードを(?:入力|確認)|暗証番号を|100%\s*(?:free|guarantee)|act now|click here now|winner"
    r"|risk[- ]free|viagra|casino",
    re.IGNORECASE,
)
_CERTAIN = re.compile(r"必ず(?:儲|増え|上が)|絶対(?:に)?(?:儲|増え|損)|元本保証|確実に(?:儲|増え)")
_ANCHOR = re.compile(  # bounded: what stands in a style or a comment may begin and never end
    r"<a\b[^<>]*\shref=\"([^\"<>]{0,4000})\"[^<>]*>(.{0,4000}?)</a>", re.IGNORECASE | re.DOTALL
)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE: Callable[[str, str], str | None] = lambda tag, name: (  # noqa: E731  short
    unescape(found[1]) if (found := re.search(rf"\s{name}=\"([^\"]*)\"", tag)) else None
)
_DOMAIN = re.compile(r"^(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/:?]\S*)?$", re.IGNORECASE)
_IP = re.compile(r"^\d{1,3}(?:\.\d{1,3}){3}$")


def about(body: TemplateBody, made: Compiled, shown: Sequence[Rendered]) -> Iterator[Check]:
    """Findings of a body, made ready, with how it comes out."""
    if isinstance(body, EmailMessage):
        yield from _mail(body, shown)
    elif isinstance(body, SmsMessage):
        yield from _sms(shown)
    elif isinstance(body, LineMessage):
        yield from _line(body)
    elif isinstance(body, PushMessage):
        yield from _push(shown)
    elif isinstance(body, WebhookMessage):
        yield from _webhook(body)
    texts = [one.subject + "\n" + (one.text or plain.plain(one.html)) for one in shown[:1]]
    for text in texts:
        yield from _words(text)
        if body.kind in ("email", "sms", "push", "line"):
            yield from _addresses(text, "$.text" if made.channel != "email" else "$.design")


def _words(text: str) -> Iterator[Check]:
    loud = sorted({found[0] for found in _LOUD.finditer(text)})
    if _CERTAIN.search(text):
        yield refuse(
            "word_certain", "$",
            ("断定的な判断の提供にあたる言葉があります。", "It promises a certain gain."),
            ("「必ず」「元本保証」などの表現を取り除いてください。",
             "Remove words that promise a gain or that nothing is lost."),
        )  # fmt: skip
    elif loud:
        named = "、".join(loud[:5])
        yield warn(
            "spam_words", "$",
            (f"迷惑メールと判定されやすい言葉があります: {named}",
             f"Words that spam filters look for: {named}"),
            ("別の言い方にしてください。", "Say it in another way."),
        )  # fmt: skip
    if len(re.findall(r"[!!]{2,}|[??]{3,}|[★☆♪◆]{4,}", text)) > 0:
        yield warn(
            "spam_marks", "$",
            ("感嘆符や記号が続いています。", "Exclamation marks or symbols in a row."),
            ("記号を減らしてください。", "Use fewer of them."),
        )  # fmt: skip


def _addresses(text: str, path: str) -> Iterator[Check]:
    hosts, plain_http = set(), False
    for found in re.finditer(r"https?://[^\s<>\"'、。]+", text, re.IGNORECASE):
        try:
            parts = urlsplit(found[0])
        except ValueError:
            continue
        plain_http = plain_http or parts.scheme.lower() == "http"
        hosts.add((parts.hostname or "").lower())
    if short := sorted(host for host in hosts if host.removeprefix("www.") in _SHORTENERS):
        yield warn(
            "link_short", path,
            (f"短縮URLは迷惑メールと判定されやすくなります: {short[0]}",
             f"Shortened addresses look like spam: {short[0]}"),
            ("元のアドレスを書いてください。", "Write the address itself."),
        )  # fmt: skip
    if any(_IP.match(host) for host in hosts):
        yield warn(
            "link_number", path,
            ("数字のIPアドレスへのリンクがあります。", "A link leads to a bare network address."),
            ("ドメイン名のあるアドレスにしてください。", "Use a name instead of the number."),
        )  # fmt: skip
    if plain_http:
        yield warn(
            "link_http", path,
            ("暗号化されない http:// のリンクがあります。", "A link uses http://, unencrypted."),
            ("https:// にしてください。", "Use https://."),
        )  # fmt: skip


# ── mail ───────────────────────────────────────────────────────────────────────────────────────


def _mail(body: EmailMessage, shown: Sequence[Rendered]) -> Iterator[Check]:
    yield from _subject(body)
    if isinstance(body.design, BlocksDesign) and not body.design.blocks:
        yield refuse(
            "mail_empty", "$.design",
            ("本文にブロックがありません。", "The mail has no blocks."),
            ("ブロックを置いてください。", "Place some."),
        )  # fmt: skip
    if body.text is not None and not body.text.strip():
        yield warn(
            "no_text", "$.text",
            ("テキスト版が空です。", "The plain part is empty."),
            ("空欄に戻すと本文から自動で作られます。",
             "Leave it out, and it is made from the design."),
        )  # fmt: skip
    for one in shown[:1]:
        yield from _html(one.html)
        if body.charset == "iso-2022-jp":
            yield from _unwritable(one)
    yield from _alts(body)


def _subject(body: EmailMessage) -> Iterator[Check]:
    if len(body.subject) > 60:
        yield warn(
            "subject_long", "$.subject",
            ("件名が長く、スマートフォンでは途中で切れます。",
             "The subject is long: telephones cut it."),
            ("30文字ほどにすると全体が見えます。", "Some 30 characters are seen as a whole."),
        )  # fmt: skip
    if not body.preheader.strip():
        yield warn(
            "no_preheader", "$.preheader",
            ("プリヘッダーがありません。一覧では件名の次に本文の先頭が表示されます。",
             "There is no preheader: lists show the first words of the text."),
            ("件名を補う一文を入れてください。", "Write a sentence that goes with the subject."),
        )  # fmt: skip
    letters = re.sub(r"\{[{%].*?[%}]\}|[^A-Za-z]", "", body.subject)
    if len(letters) >= 12 and letters.isupper():
        yield warn(
            "subject_loud", "$.subject",
            ("件名が大文字ばかりです。", "The subject is all capitals."),
            ("小文字も使ってください。", "Use small letters too."),
        )  # fmt: skip


def _html(html: str) -> Iterator[Check]:
    size = len(html.encode())
    if size > CLIPPED:
        yield warn(
            "mail_large", "$.design",
            (f"HTMLが{size // 1000}KBあり、Gmailでは途中で切れます。",
             f"The HTML has {size // 1000} KB; Gmail clips it."),
            ("ブロックを減らすか、2通に分けてください。", "Use fewer blocks, or two mails."),
        )  # fmt: skip
    images = [tag for tag in _IMAGE.findall(html) if 'width="1"' not in tag]
    text = plain.plain(html)
    words = re.sub(r"https?://\S+|\s", "", text)
    if images and len(words) < 100 * len(images) and len(words) < 400:
        yield warn(
            "image_heavy", "$.design",
            ("画像に比べて文字が少なく、迷惑メールと判定されやすくなります。",
             "There is little text for its images: spam filters mind."),
            ("伝えたいことを文字でも書いてください。", "Say in words what the images say."),
        )  # fmt: skip
    if any((_ATTRIBUTE(tag, "src") or "").startswith("http:") for tag in images):
        yield warn(
            "image_http", "$.design",
            ("http:// の画像は表示されないことがあります。", "Images by http:// may not show."),
            ("画像を取り込んで使ってください。", "Bring the image in and use that one."),
        )  # fmt: skip
    own = f"{current_workspace().url}/"
    if any(not (_ATTRIBUTE(tag, "src") or "").startswith(own) for tag in images):
        yield warn(
            "image_elsewhere", "$.design",
            ("ほかのサイトから読み込む画像があります。開いたことがそのサイトに伝わります。",
             "An image is loaded from another site, which learns of every opening."),
            ("画像を取り込んで使ってください。", "Bring the image in and use that one."),
        )  # fmt: skip
    for href, label in _ANCHOR.findall(html):
        shown = _DOMAIN.match(plain.plain(label))
        there = urlsplit(unescape(href)).hostname or "" if href.startswith("http") else ""
        if shown and there and _site(shown[1]) != _site(there):
            yield refuse(
                "link_mismatch", "$.design",
                (f"「{shown[1]}」と書かれたリンクが別のサイト({there})に向かいます。",
                 f"A link that reads {shown[1]} leads to {there}."),
                ("表示とリンク先を同じにしてください。", "Let both be the same."),
            )  # fmt: skip


def _site(host: str) -> str:
    return ".".join(host.lower().removeprefix("www.").split(".")[-3:])


def _alts(body: EmailMessage) -> Iterator[Check]:
    if not isinstance(body.design, BlocksDesign):
        if re.search(r"<(?:img|mj-image)\b(?![^>]*\balt=)", body.design.mjml, re.IGNORECASE):
            yield _no_alt("$.design.mjml")
        return
    for path, block in all_blocks(body.design.blocks):
        if isinstance(block, ImageBlock) and not block.alt.strip():
            yield _no_alt(f"$.design.blocks{path}.alt")


def _no_alt(path: str) -> Check:
    return warn(
        "no_alt", path,
        ("画像の説明がありません。画像を表示しない人に伝わりません。",
         "An image has no description: who sees no images misses it."),
        ("画像が伝えることを短い文で書いてください。", "Say in a few words what it shows."),
    )  # fmt: skip


def _unwritable(one: Rendered) -> Iterator[Check]:
    """Characters that ISO-2022-JP has not."""
    found: dict[str, None] = {}
    for char in one.subject + one.text + plain.plain(one.html) + one.sender_name:
        if char > "\x7f" and char not in found:
            try:
                char.encode("iso2022_jp")
            except UnicodeEncodeError:
                found[char] = None
    if found:
        named = "".join(list(found)[:20])
        yield warn(
            "unwritable", "$.charset",
            (f"ISO-2022-JP で書けない文字があり、置き換えて送られます: {named}",
             f"Characters that ISO-2022-JP lacks are sent as others: {named}"),
            ("UTF-8 にするか、別の文字にしてください。", "Choose UTF-8, or other characters."),
        )  # fmt: skip


# ── the others ─────────────────────────────────────────────────────────────────────────────────


def _sms(shown: Sequence[Rendered]) -> Iterator[Check]:
    most = max((sms.count(one.text) for one in shown), key=lambda c: c.units, default=None)
    if most is None:
        return
    if (most.encoding == "ucs-2" and most.units > sms.LONGEST_UCS2) or most.segments > 10:
        yield refuse(
            "sms_long", "$.text",
            (f"SMSで送れる長さを超えています({most.units}文字)。",
             f"This is longer than an SMS can be ({most.units} characters)."),
            ("660文字までにしてください。", "Write at most 660 characters."),
        )  # fmt: skip
    elif most.segments > 1:
        yield warn(
            "sms_segments", "$.text",
            (f"{most.segments}通分の料金がかかります({most.units}文字)。",
             f"It costs as much as {most.segments} messages ({most.units} characters)."),
            ("70文字までにすると1通で送れます。", "Up to 70 characters go as one."),
        )  # fmt: skip


def _line(body: LineMessage) -> Iterator[Check]:
    for place, message in enumerate(body.messages):
        if isinstance(message, LineFlex) and message.contents.get("type") not in (
            "bubble", "carousel",
        ):  # fmt: skip
            yield refuse(
                "flex_broken", f"$.messages[{place}].contents",
                ("Flex メッセージは bubble か carousel で始まります。",
                 "A Flex message is a bubble or a carousel."),
                ("LINE の Flex Message Simulator で作った JSON を貼り付けてください。",
                 "Paste the JSON that LINE's Flex Message Simulator makes."),
            )  # fmt: skip
        if isinstance(message, LineFlex) and not message.alt.strip():
            yield refuse(
                "no_alt", f"$.messages[{place}].alt",
                ("通知に表示する代替テキストが必要です。", "A Flex message needs its alt text."),
                ("短い文を入れてください。", "Write a short sentence."),
            )  # fmt: skip


def _push(shown: Sequence[Rendered]) -> Iterator[Check]:
    for one in shown[:1]:
        if len(one.subject) > 40 or len(one.text) > 120:
            yield warn(
                "push_long", "$.body",
                ("通知の表示範囲を超え、途中で切れます。", "It is longer than devices show."),
                ("題名は20文字、本文は60文字ほどにしてください。",
                 "Some 20 characters of title and 60 of text are seen."),
            )  # fmt: skip
        if len((one.subject + one.text + one.url).encode()) > 3000:
            yield refuse(
                "push_large", "$.body",
                ("プッシュ通知に入る大きさを超えています。", "This is more than a push can carry."),
                ("本文を短くしてください。", "Make it shorter."),
            )  # fmt: skip


def _webhook(body: WebhookMessage) -> Iterator[Check]:
    if not re.match(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#]|$)", body.url):
        yield refuse(
            "webhook_host", "$.url",
            ("送り先のホスト名は、値を使わずに書いてください。",
             "The host must be written out, without values."),
            ("https://example.jp/… のようにしてください。", "Write it like https://example.jp/…"),
        )  # fmt: skip
    elif body.url.lower().startswith("http:"):
        yield warn(
            "link_http", "$.url",
            ("暗号化されない http:// に送られます。", "It is sent by http://, unencrypted."),
            ("https:// にしてください。", "Use https://."),
        )  # fmt: skip
