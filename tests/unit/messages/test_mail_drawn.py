"""A mail drawn from blocks and from MJML: how it looks in mail programs, and what it refuses."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from enishi.kernel.errors import Invalid
from enishi.messages.wording import compiling
from enishi.messages.wording.bodies import BODY, EmailMessage
from enishi.messages.wording.rendered import Untracked
from enishi.messages.wording.sandbox import filled

BLOCKS: list[dict[str, Any]] = [
    {"kind": "heading", "text": "{{ topic }} <b>のお知らせ"},
    {"kind": "text", "text": "{{ salutation }}\n\nいつも**ありがとう**ございます。\n"
     "{% if rich %}残高は{{ balance }}です。{% endif %}\n\n- 一つ目\n- 二つ目\n\n"
     "[こちら](https://example.jp/?a={{ topic }}&b=1)をご覧ください。"},
    {"kind": "button", "label": "手続きへ", "url": "https://example.jp/go/{{ topic }}"},
    {"kind": "button", "label": "担当者へ", "url": "{{ address }}", "when": "address"},
    {"kind": "image", "asset": "ast_1", "alt": "{{ topic }}の写真"},
    {"kind": "columns", "columns": [
        {"blocks": [{"kind": "text", "text": "左"}]},
        {"width": 40, "blocks": [{"kind": "text", "text": "右", "tone": "notice"}]}]},
    {"kind": "divider"}, {"kind": "spacer", "height": 20},
    {"kind": "mjml", "mjml": "<mj-section><mj-column><mj-table>{% for r in rows %}<tr><td>{{ r }}"
     "</td></tr>{% endfor %}</mj-table></mj-column></mj-section>"},
    {"kind": "footer", "sender": "見本銀行", "address": "東京都見本区1-1",
     "contact": "0120-000-000"},
]  # fmt: skip
NAMES: dict[str, Any] = {
    "topic": "満期 & <更新>", "salutation": "見本 花子 様", "rich": True, "balance": "1,234円",
    "address": "https://staff.example.jp/?a=1&b=2", "rows": ["<1>", "2"],
    "unsubscribe_url": Untracked().unsubscribe, "preferences_url": Untracked().preferences,
}  # fmt: skip


def picture(asset: str) -> str:
    return f"https://bank.example/m/a/{asset}.png"


def mail(design: dict[str, Any], **more: Any) -> compiling.Mail:
    body = BODY.validate_python({"kind": "email", "subject": "件名", "design": design, **more})
    assert isinstance(body, EmailMessage)
    return compiling.mail(body, picture)


def shown(source: str, **names: Any) -> str:
    return filled(source, NAMES | names, Untracked(), "html", "ja", "html")


def test_blocks_become_a_mail_that_mail_programs_show_well() -> None:
    html = shown(mail({"blocks": BLOCKS}, preheader="満期は{{ topic }}").html)
    assert '<html lang="ja"' in html
    assert 'name="viewport" content="width=device-width' in html
    assert "Hiragino Sans" in html
    assert "Meiryo" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme:dark)" in html
    assert "[data-ogsc]" in html  # Outlook's own darkness
    assert "@media only screen and (max-width:479px)" in html  # telephones
    assert "<!--[if mso" in html  # Outlook on Windows
    assert "{{" not in html
    assert "{%" not in html
    assert not re.search(r"qx\d+z", html)
    # Nothing is loaded but the image it names.
    outside = set(re.findall(r"(?:src|@import|url\()[=\s]*\"?(https?://[^\"')]+)", html))
    assert outside == {"https://bank.example/m/a/ast_1.png"}


def test_an_address_ends_where_japanese_goes_on_without_a_space() -> None:
    said = "[予約](https://example.jp/a)をいただくか、https://example.jp/b?c={{ topic }}をどうぞ。"
    source = mail({"blocks": [{"kind": "text", "text": said}]})
    text = filled(source.text, NAMES, Untracked(), "text", "ja", "text")
    assert "予約: https://example.jp/a をいただくか" in text  # a space ends it for mail programs
    led = re.findall(r"\{% link %\}(.*?)\{% endlink %\}", source.text)
    assert led == ["https://example.jp/a", "https://example.jp/b?c={{ topic | url_encode }}"]
    assert re.findall(r'<a href="([^"]+)"', shown(source.html)) == [
        "https://example.jp/a", f"https://example.jp/b?c={quote(NAMES['topic'])}",
    ]  # fmt: skip


def test_values_stand_in_a_mail_as_text_only() -> None:
    html = shown(mail({"blocks": BLOCKS}).html)
    assert "満期 &amp; &lt;更新&gt;" in html
    assert "<更新>" not in html
    assert "&lt;b&gt;のお知らせ" in html  # the author's own angle brackets are text too
    assert "<td>&lt;1&gt;</td>" in re.sub(r"<td[^>]*>", "<td>", html)


def test_a_block_for_some_is_left_out_for_the_others() -> None:
    source = mail({"blocks": BLOCKS}).html
    assert "担当者へ" in shown(source)
    assert "担当者へ" not in shown(source, address=None)
    assert "担当者へ" not in shown(source, address="")


def test_every_address_leads_through_us_and_is_written_as_it_was_meant() -> None:
    class Through(Untracked):
        seen: list[str] = []

        def click(self, url: str) -> str:
            self.seen.append(url)
            return f"https://b.example/c/{len(self.seen)}"

        def open(self) -> str:
            return "https://b.example/o.gif"

    links = Through()
    html = filled(mail({"blocks": BLOCKS}).html, NAMES, links, "html", "ja", "html")
    encoded = "%E6%BA%80%E6%9C%9F%20%26%20%3C%E6%9B%B4%E6%96%B0%3E"
    assert links.seen == [
        f"https://example.jp/?a={encoded}&b=1",
        f"https://example.jp/go/{encoded}",
        "https://staff.example.jp/?a=1&b=2",
    ]
    hrefs = {unescape(url) for url in re.findall(r'<a [^>]*href="([^"]*)"', html)}
    assert hrefs == {"https://b.example/c/1", "https://b.example/c/2", "https://b.example/c/3",
                     links.unsubscribe, links.preferences}  # fmt: skip
    assert html.count("https://b.example/o.gif") == 1


def test_the_plain_part_says_the_same() -> None:
    text = filled(mail({"blocks": BLOCKS}).text, NAMES, Untracked(), "text", "ja", "text")
    assert "■ 満期 & <更新> <b>のお知らせ" in text
    assert "いつもありがとうございます。\n残高は1,234円です。" in text
    assert "- 一つ目" in text
    assert "こちら: https://example.jp/?a=" in text
    assert "手続きへ\nhttps://example.jp/go/" in text
    assert "見本銀行\n東京都見本区1-1\nお問い合わせ: 0120-000-000" in text
    assert Untracked().unsubscribe in text
    assert filled(mail({"blocks": []}, text="自分で {{ topic }}").text, NAMES, Untracked(), "text",
                  "ja", "text") == "自分で 満期 & <更新>"  # fmt: skip


def test_blocks_as_mjml_give_the_same_mail() -> None:
    drawn = mail({"blocks": BLOCKS}, preheader="p {{ topic }}")
    again = mail({"mjml": drawn.mjml}, preheader="p {{ topic }}")
    assert again.html == drawn.html


MJML = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


def test_images_of_ours_are_found_in_mjml() -> None:
    html = mail({"mjml": MJML.format('<mj-image src="asset:ast_9" alt="x" />')}).html
    assert 'src="https://bank.example/m/a/ast_9.png"' in html


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<mj-text><script>alert(1)</script></mj-text>", "mjml_forbidden"),
        ("<mj-text><img src='x' onerror='alert(1)'></mj-text>", "mjml_forbidden"),
        ("<mj-text><a href='javascript:alert(1)'>x</a></mj-text>", "mjml_forbidden"),
        ("<mj-text><iframe src='https://x.example'></iframe></mj-text>", "mjml_forbidden"),
        ("<mj-text><form><input></form></mj-text>", "mjml_forbidden"),
        ('<mj-raw><link rel="stylesheet" href="file:///etc/passwd"></mj-raw>', "mjml_forbidden"),
        ('<mj-raw><meta http-equiv="refresh" content="0;https://x"></mj-raw>', "mjml_forbidden"),
        ('<mj-raw><meta name="x" http-equiv="refresh" content="0"></mj-raw>', "mjml_forbidden"),
        ('<mj-raw><style>@im\\port "https://x.example/";</style></mj-raw>', "mjml_forbidden"),
        ('<mj-raw><base href="https://x.example/"></mj-raw>', "mjml_forbidden"),
        ('<mj-include path="/etc/passwd" />', "mjml_forbidden"),
        ("<mj-text><svg onload='x'></svg></mj-text>", "mjml_forbidden"),
        ("<mj-raw><style>@import url(https://x.example/a.css);</style></mj-raw>", "mjml_forbidden"),
        ('<mj-text><p style="color:{{ topic }}">x</p></mj-text>', "liquid_unsafe"),
        ('<mj-text color="{{ topic }}">x</mj-text>', "liquid_unsafe"),
        ("<mj-raw><style>p{color:{{ topic }}}</style></mj-raw>", "liquid_unsafe"),
        ("<mj-text><p {{ topic }}>x</p></mj-text>", "liquid_unsafe"),
        ('<mj-text><p title="{% capture a %}<fo{% endcapture %}">x</p></mj-text>', "liquid_unsafe"),
        ("<mj-text><!-- {% capture a %}<fo{% endcapture %} -->x</mj-text>", "liquid_unsafe"),
        ('<mj-text><p title="{% comment %}">{% endcomment %}<b title=" onx ">x</b></p></mj-text>',
         "liquid_unsafe"),
        ('<mj-text>{% if a %}x<p title="{% else %}">{% endif %}x</p></mj-text>', "liquid_unsafe"),
        ("<mj-text>{{ topic</mj-text>", "liquid_broken"),
        ("<mj-text>x", "mjml_broken"),
        ("<mj-text>x</mj-text><!-- {{ topic }}", "mjml_broken"),
        ("<div>" * 100 + "</div>" * 100, "mjml_deep"),
        ("<mj-section></mj-section>" * 4000, "mail_too_large"),
    ],
)  # fmt: skip
def test_what_no_mail_may_hold_is_refused(inner: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        mail({"mjml": MJML.format(inner)})
    assert refused.value.faults[0].code == code
    assert refused.value.remedy.ja


@pytest.mark.parametrize(
    "inner",
    [
        "<mj-raw>" + "{% if a %}{% endif %}" * 8000 + "</mj-raw>",
        "<mj-raw><" + " " * 150_000 + "</mj-raw>",
        "<mj-raw>" + "< " * 70_000 + "</mj-raw>",
        "<mj-raw><!--" + "<a ' \" " * 20_000 + "--></mj-raw>",
        "<mj-raw>" + "<p " + "on" * 70_000 + "</mj-raw>",
        "<mj-raw>" + "{{" * 70_000 + "</mj-raw>",
        "<mj-raw>" + "<!--" * 30_000 + "</mj-raw>",
    ],
)
def test_mjml_that_is_hard_to_read_is_read_in_bounded_time(inner: str) -> None:
    begun = time.process_time()
    with suppress(Invalid):  # either end is right, if it comes soon
        mail({"mjml": MJML.format(inner)})
    assert time.process_time() - begun < 3.0
