"""Blocks drawn as MJML: pure text to text.

The mail has a page and on it a sheet of paper 600 px wide; on a telephone columns fall below each
other. Mail programs that darken get a dark sheet of ours (`prefers-color-scheme`, and Outlook's
`data-ogsc`), the others are told that both are meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from enishi.messages.wording import prose
from enishi.messages.wording.bodies import (
    AnyBlock,
    BlocksDesign,
    ButtonBlock,
    ColumnsBlock,
    DividerBlock,
    FooterBlock,
    HeadingBlock,
    ImageBlock,
    MailColumn,
    MjmlBlock,
    SpacerBlock,
    TextBlock,
    Theme,
)
from enishi.messages.wording.marks import Marks

FONTS = (
    "-apple-system, BlinkMacSystemFont, 'Hiragino Sans', 'Hiragino Kaku Gothic ProN',"
    " 'Noto Sans JP', 'Yu Gothic', Meiryo, sans-serif"
)
Picture = Callable[[str], str]
"""The address of an image of ours, by its id; raises Invalid for one that is not there."""

_ASSET = re.compile(
    r"(<(?:img|mj-image|mj-hero|mj-section)\b[^<>]*?\b(?:src|background-url)=\")"
    r"asset:([A-Za-z0-9_-]{1,40})(\")"
)
_SIZES = {1: "24px", 2: "20px", 3: "17px"}
_TONES = {"normal": "e-ink", "muted": "e-ink e-muted", "notice": "e-ink e-notice"}


def mjml(
    design: BlocksDesign, preheader: str, language: str, picture: Picture, marks: Marks,
    named: bool = False,
) -> str:  # fmt: skip
    """The whole document. Liquid in the blocks stands under `marks`, the preheader's too.

    `named`: what is drawn tells of which block it is, by a class: `b-2`, inside columns `b-2-0-1`.
    For looking at, never to be sent.
    """
    theme, drawn = design.theme, []
    for place, block in enumerate(design.blocks):
        name = f"b-{place}" if named else ""
        drawn.append(_section(block, theme, language, picture, marks, name))
    return document("".join(drawn), theme, marks.hide(preheader), language)


def _named(drawn: str, name: str) -> str:
    return drawn.replace('css-class="', f'css-class="{name} ', 1) if name else drawn


def document(body: str, theme: Theme, preheader: str, language: str) -> str:
    """Head and body around the sections."""
    shown = f"<mj-preview>{escape(preheader, quote=False)}</mj-preview>" if preheader else ""
    return (
        f'<mjml lang="{language}"><mj-head>{shown}'
        f'<mj-attributes><mj-all font-family="{FONTS}" />'
        f'<mj-text color="{theme.ink}" font-size="16px" line-height="1.75" padding="8px 24px" />'
        f'<mj-section background-color="{theme.paper}" padding="0" />'
        f'<mj-image padding="8px 24px" />'
        "</mj-attributes>"
        f"{NIGHT}</mj-head>"
        f'<mj-body background-color="{theme.page}" css-class="e-page">'
        f'<mj-section background-color="{theme.page}" padding="12px 0" css-class="e-edge">'
        "<mj-column></mj-column></mj-section>"
        f"{body}"
        f'<mj-section background-color="{theme.page}" padding="12px 0" css-class="e-edge">'
        "<mj-column></mj-column></mj-section>"
        "</mj-body></mjml>"
    )


def with_pictures(source: str, picture: Picture) -> str:
    """MJML whose `src="asset:<id>"` are the addresses of our images."""
    return _ASSET.sub(lambda found: f"{found[1]}{picture(found[2])}{found[3]}", source)


def _section(
    block: AnyBlock, theme: Theme, language: str, picture: Picture, marks: Marks, name: str
) -> str:
    if isinstance(block, MjmlBlock):
        inner = with_pictures(marks.hide_in_markup(block.mjml), picture)
    elif isinstance(block, ColumnsBlock):
        drawn = "".join(
            _column(column, theme, picture, marks, name and f"{name}-{place}")
            for place, column in enumerate(block.columns)
        )
        inner = f'<mj-section css-class="e-paper" padding="8px 0">{drawn}</mj-section>'
    elif isinstance(block, FooterBlock):
        inner = _footer(block, theme, language, marks)
    else:
        inner = (
            '<mj-section css-class="e-paper"><mj-column>'
            f"{_simple(block, theme, picture, marks)}</mj-column></mj-section>"
        )
    inner = _named(inner, name)
    if block.when is None:
        return inner
    begin = marks.set_aside(f"{{% if {block.when} and {block.when} != blank %}}")
    end = marks.set_aside("{% endif %}")
    return f"<mj-raw><!--{begin}--></mj-raw>{inner}<mj-raw><!--{end}--></mj-raw>"


def _column(column: MailColumn, theme: Theme, picture: Picture, marks: Marks, name: str) -> str:
    width = f' width="{column.width}%"' if column.width else ""
    inner = "".join(
        _named(_simple(block, theme, picture, marks), name and f"{name}-{place}")
        for place, block in enumerate(column.blocks)
    )
    return f"<mj-column{width}>{inner}</mj-column>"


def _simple(block: AnyBlock, theme: Theme, picture: Picture, marks: Marks) -> str:
    if isinstance(block, HeadingBlock):
        return _heading(block, marks)
    if isinstance(block, TextBlock):
        return _text(block, theme, marks)
    if isinstance(block, ImageBlock):
        return _image(block, picture, marks)
    if isinstance(block, ButtonBlock):
        return _button(block, theme, marks)
    if isinstance(block, DividerBlock):
        return (
            '<mj-divider css-class="e-rule" border-width="1px" border-color="#d9dee5"'
            ' padding="12px 24px" />'
        )
    if isinstance(block, SpacerBlock):
        return f'<mj-spacer height="{block.height}px" />'
    raise TypeError(block.kind)


def _heading(block: HeadingBlock, marks: Marks) -> str:
    level = block.level
    text = escape(marks.hide(block.text), quote=False)
    return (
        f'<mj-text css-class="e-ink" align="{block.align}" font-size="{_SIZES[level]}"'
        ' font-weight="700" line-height="1.45" padding="16px 24px 4px">'
        f'<h{level} style="margin:0;font-size:{_SIZES[level]};line-height:1.45;font-weight:700">'
        f"{text}</h{level}></mj-text>"
    )


def _text(block: TextBlock, theme: Theme, marks: Marks) -> str:
    small = {"muted": ' color="#5b6672" font-size="13px"',
             "notice": ' font-size="14px" container-background-color="#fff7e0"'}  # fmt: skip
    style = f"color:{theme.accent};text-decoration:underline"
    return (
        f'<mj-text css-class="{_TONES[block.tone]}" align="{block.align}"'
        f"{small.get(block.tone, '')}>{prose.html(marks.hide(block.text), style)}</mj-text>"
    )


def _image(block: ImageBlock, picture: Picture, marks: Marks) -> str:
    href = f' href="{escape(marks.hide(block.url))}"' if block.url else ""
    width = f' width="{block.width}px"' if block.width else ""
    return (
        f'<mj-image src="{escape(picture(block.asset))}" alt="{escape(marks.hide(block.alt))}"'
        f' align="{block.align}"{width}{href} />'
    )


def _button(block: ButtonBlock, theme: Theme, marks: Marks) -> str:
    full = block.style == "primary"
    look = (
        f'background-color="{theme.accent}" color="{_on(theme.accent)}"'
        if full
        else f'background-color="{theme.paper}" color="{theme.accent}"'
        f' border="1px solid {theme.accent}"'
    )
    kind = "e-button" if full else "e-plain"
    return (
        f'<mj-button css-class="{kind}" {look} align="{block.align}" font-size="16px"'
        f' font-weight="700" border-radius="{theme.radius}px" inner-padding="14px 28px"'
        f' padding="12px 24px" line-height="1.4" href="{escape(marks.hide(block.url))}">'
        f"{escape(marks.hide(block.label), quote=False)}</mj-button>"
    )


def _on(colour: str) -> str:
    """White or black, whichever is read better on a colour (WCAG's relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#111827"


_WORDS = {
    "ja": ("お問い合わせ", "配信を停止する", "配信の設定を変える"),
    "en": ("Contact", "Unsubscribe", "Change what you receive"),
}


def _footer(block: FooterBlock, theme: Theme, language: str, marks: Marks) -> str:
    lines = footer_lines(block, language)
    said = [escape(marks.hide(line), quote=False) for line in lines]
    if block.sender:
        said[0] = f"<strong>{said[0]}</strong>"
    _, stop, choose = _WORDS[language]
    style = f"color:{theme.accent};text-decoration:underline"
    links = [
        f'<a href="{marks.set_aside("{{ " + name + " }}")}" style="{style}">{label}</a>'
        for wanted, name, label in (
            (block.unsubscribe, "unsubscribe_url", stop),
            (block.preferences, "preferences_url", choose),
        )
        if wanted
    ]
    note = prose.html(marks.hide(block.note), style) if block.note else ""
    inner = "<br />".join(said) + (f"<br /><br />{note}" if note else "")
    inner += f'<p style="margin:12px 0 0">{" ｜ ".join(links)}</p>' if links else ""
    return (
        '<mj-section css-class="e-paper" padding="16px 0">'
        '<mj-column><mj-divider css-class="e-rule" border-width="1px" border-color="#d9dee5"'
        ' padding="4px 24px 12px" />'
        '<mj-text css-class="e-ink e-muted" color="#5b6672" font-size="12px" line-height="1.7">'
        f"{inner}</mj-text></mj-column></mj-section>"
    )


def footer_lines(block: FooterBlock, language: str) -> list[str]:
    """Sender, address and contact, as far as they are given."""
    contact = f"{_WORDS[language][0]}: {block.contact}" if block.contact else ""
    return [line for line in (block.sender, block.address, contact) if line]


def text(blocks: Sequence[AnyBlock], language: str) -> str:
    """The plain part that a mail of blocks has when none is written; Liquid stays in it."""
    return "\n\n".join(part for part in (_plain(block, language) for block in blocks) if part)


def _plain(block: AnyBlock, language: str) -> str:
    said = _said(block, language)
    if block.when is None or not said:
        return said
    return f"{{% if {block.when} and {block.when} != blank %}}{said}{{% endif %}}"


def _said(block: AnyBlock, language: str) -> str:
    if isinstance(block, HeadingBlock):
        return f"■ {block.text}" if block.text else ""
    if isinstance(block, TextBlock):
        return _read(block.text)
    if isinstance(block, ButtonBlock):
        return f"{block.label}\n{block.url}"
    if isinstance(block, ImageBlock):
        return "\n".join(part for part in (block.alt, block.url) if part)
    if isinstance(block, DividerBlock):
        return "―" * 20 if language == "ja" else "-" * 40
    if isinstance(block, ColumnsBlock):
        return "\n\n".join(text(column.blocks, language) for column in block.columns).strip()
    if isinstance(block, FooterBlock):
        return _plain_footer(block, language)
    return ""


def _read(markdown: str) -> str:
    marks = Marks(markdown)
    return marks.show(prose.plain(marks.hide(markdown)))


def _plain_footer(block: FooterBlock, language: str) -> str:
    _, stop, choose = _WORDS[language]
    lines = footer_lines(block, language)
    lines += [_read(block.note)] if block.note else []
    lines += [f"{stop}: {{{{ unsubscribe_url }}}}"] if block.unsubscribe else []
    lines += [f"{choose}: {{{{ preferences_url }}}}"] if block.preferences else []
    return "\n".join([("―" * 20 if language == "ja" else "-" * 40), *lines])


NIGHT = (
    '<mj-raw><meta name="color-scheme" content="light dark">'
    '<meta name="supported-color-schemes" content="light dark">'
    '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no"></mj-raw>'
    "<mj-style>:root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){"
    "body,.e-page,.e-edge,.e-edge table{background:#0f1419 !important;"
    "background-color:#0f1419 !important}"
    ".e-paper,.e-paper>table{background:#1b222b !important;background-color:#1b222b !important}"
    ".e-ink div,.e-ink h1,.e-ink h2,.e-ink h3,.e-ink p,.e-ink li{color:#e6eaef !important}"
    ".e-muted div,.e-muted p{color:#a9b4c0 !important}"
    ".e-ink a{color:#8ec5ff !important}"
    "td.e-notice{background:#3a3216 !important}"
    ".e-rule p{border-top-color:#3a4552 !important}"
    ".e-plain table td,.e-plain a{background:#1b222b !important;color:#8ec5ff !important;"
    "border-color:#8ec5ff !important}"
    "}"
    "[data-ogsc] .e-ink div,[data-ogsc] .e-ink p,[data-ogsc] .e-ink h1,[data-ogsc] .e-ink h2,"
    "[data-ogsc] .e-ink h3,[data-ogsc] .e-ink li{color:#e6eaef !important}"
    "[data-ogsc] .e-ink a{color:#8ec5ff !important}"
    "[data-ogsb] .e-paper,[data-ogsb] .e-paper>table{background:#1b222b !important}"
    "</mj-style>"
)
"""What a mail looks like in the dark."""
