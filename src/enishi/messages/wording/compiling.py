"""MJML to the HTML of a mail, once for each version: drawn, inlined, its links marked.

blocks ─┐
        ├─► MJML ─► HTML ─► styles inlined ─► links and the pixel placed
MJML ───┘   (Liquid set aside under marks the whole way, and filled in for each person later)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

import css_inline
import mjml as mjml_compiler

from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text
from enishi.messages.wording import blocks, plain, prose
from enishi.messages.wording.bodies import EmailMessage, MjmlBlock, MjmlDesign
from enishi.messages.wording.budget import OUTPUT
from enishi.messages.wording.marks import Marks
from enishi.messages.wording.sandbox import refuse_open

_TAG = re.compile(r"</?[A-Za-z](?:[^\"'<>]|\"[^\"]*\"|'[^']*')*>")
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.IGNORECASE | re.DOTALL)
_STYLED = re.compile(r"\sstyle\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_TAG_A = re.compile(r"<(?:a|area)(?=\s)(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_HREF = re.compile(r"(\shref\s*=\s*)\"([^\"]*)\"", re.IGNORECASE)
FORBIDDEN = re.compile(
    r"</?(?:script|iframe|object|embed|form|input|textarea|select|base|link"
    r"|meta(?!\s{1,9}name=\")"
    r"|mj-include|mj-html-attributes|svg|math|video|audio|applet|frame|frameset)\b"
    r"|<[^<>]*[\s\"'/]on[a-z]{3,20}\s{0,9}=|(?:java|vb)script:|http-equiv|@import|@[a-z-]{0,20}\\"
    r"|expression\(",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BLOCK = re.compile(
    r"\{%-?\s{0,20}(end)?(if|unless|case|for|comment|capture|els(?:e|if)|when|break|continue)\b"
)
_VOID = frozenset({"br", "img", "hr", "wbr", "col", "meta"})
DEEPEST = 60  # elements within each other; the compiler's stack ends at some thousand


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail made ready: Liquid sources. `mjml` is what the HTML was made of."""

    mjml: str
    html: str
    text: str


def mail(body: EmailMessage, picture: blocks.Picture, *, named: bool = False) -> Mail:
    """Everything that a version's mail is made of; raises Invalid with what is wrong in it.

    `named`: its blocks can be told apart (`blocks.mjml`), for looking at it.
    """
    marks = Marks(_all_text(body))
    refuse_unclosed(body)
    if isinstance(body.design, MjmlDesign):
        source = own_mjml(body.design.mjml, marks, picture)
        if body.preheader and "<mj-preview" not in source:
            source = _with_preheader(source, marks.hide(body.preheader))
    else:
        for block in body.design.blocks:
            if isinstance(block, MjmlBlock):
                own_mjml(block.mjml, Marks(""), picture)
        source = blocks.mjml(body.design, body.preheader, body.language, picture, marks, named)
    html = drawn(source, marks)
    return Mail(marks.show(source), html, text_of(body, html))


def own_mjml(source: str, marks: Marks, picture: blocks.Picture) -> str:
    """MJML of an author's own: checked, its Liquid set aside, its images of ours found."""
    refuse_deep(source)
    if source.rfind("<!--") > source.rfind("-->"):
        raise broken(
            "mjml_broken",
            Text("閉じられていないコメントがあります。", "A comment is not closed."),
            Text("--> で閉じてください。", "Close it with -->."),
        )
    hidden = marks.hide_in_markup(source)
    _refuse_forbidden(hidden)
    return blocks.with_pictures(hidden, picture)


def _refuse_forbidden(source: str) -> None:
    found = FORBIDDEN.search(source)
    if found is not None:
        raise broken(
            "mjml_forbidden",
            Text(f"メールに使えない要素があります: {found[0][:40].strip()}",
                 f"A mail cannot have this: {found[0][:40].strip()}"),
            Text("スクリプト、フォーム、外部の読み込みは使えません。取り除いてください。",
                 "Scripts, forms and what is loaded from elsewhere are not allowed: remove it."),
        )  # fmt: skip


def refuse_deep(source: str) -> None:
    """Raise Invalid for elements nested deeper than any mail: the compiler's stack has an end."""
    depth = 0
    for tag in re.finditer(r"<(/?)([A-Za-z][A-Za-z0-9-]{0,30})[^<>]*?(/?)>", source):
        if tag[2].lower() not in _VOID:
            depth += -1 if tag[1] else 0 if tag[3] else 1
        if depth > DEEPEST:
            raise broken(
                "mjml_deep",
                Text("要素の入れ子が深すぎます。", "The elements are nested too deeply."),
                Text("構造を簡単にしてください。閉じ忘れがないかも確かめてください。",
                     "Make it simpler, and look for elements that are not closed."),
            )  # fmt: skip
        depth = max(depth, 0)


def refuse_unclosed(body: EmailMessage) -> None:
    from liquid.exceptions import LiquidError

    for source in (body.preheader, body.subject, _all_text(body)):
        try:
            refuse_open(source)
        except LiquidError as error:
            raise broken(
                "liquid_broken",
                Text("{{ または {% が閉じられていません。", "A {{ or {% is not closed."),
                Text("}} または %} で閉じてください。", "Close it with }} or %}."),
            ) from error


def drawn(source: str, marks: Marks) -> str:
    """MJML under marks as HTML with its Liquid back in place, links led through us."""
    html = _compiled(source)
    if len(html) > OUTPUT:
        raise broken(
            "mail_too_large",
            Text("メールが大きすぎます。", "The mail is too large."),
            Text("ブロックを減らしてください。", "Use fewer blocks."),
        )
    html = marks.into_tables(_inlined(html))
    lost = marks.lost(html + source[: source.find("<mj-body")] if "<mj-title" in source else html)
    if lost:
        raise broken(
            "liquid_lost",
            Text(f"この位置の Liquid は MJML で失われます: {lost[0][:60]}",
                 f"MJML loses Liquid that stands here: {lost[0][:60]}"),
            Text("要素の間に置くときは <mj-raw> で囲んでください。",
                 "Between elements, put it into <mj-raw>."),
        )  # fmt: skip
    _refuse_unsafe(html, marks)
    linked = _TAG_A.sub(lambda tag: _HREF.sub(lambda found: _led(found, marks), tag[0]), html)
    place = linked.rfind("</body>")
    linked = linked if place < 0 else f"{linked[:place]}{{% pixel %}}{linked[place:]}"
    return marks.show(linked)


def _refuse_unsafe(html: str, marks: Marks) -> None:
    """Raise Invalid where a value would stand in a style, a tag's name or an attribute's name.

    What is escaped as text and as an attribute's value is not safe there.
    """
    for style in _STYLE.finditer(html):
        if marks.mark.search(style[1]):
            raise _unsafe()
    for tag in _TAG.finditer(html):
        if marks.mark.search(tag[0]) and (
            marks.mark.search(_QUOTED.sub("", tag[0]))
            or any(marks.mark.search(s[1] or s[2] or "") for s in _STYLED.finditer(tag[0]))
            or _leads_out(tag[0], marks)
        ):
            raise _unsafe()
    for comment in _COMMENT.finditer(html):
        if not marks.mark.fullmatch(comment[0]) and _leads_out(comment[0], marks):
            raise _unsafe()


def _leads_out(text: str, marks: Marks) -> bool:
    """Whether blocks of Liquid begin inside a tag or a comment and end outside of it, or the other
    way round, or take a piece of it elsewhere: its quotes would end where nobody looked."""
    begun: list[str] = []
    for piece in marks.pieces(text):
        found = _BLOCK.match(piece)
        if found is None:
            continue
        ends, name = found[1], found[2]
        if name == "capture" or (ends and (not begun or begun.pop() != name)):
            return True
        if not ends and name in ("if", "unless", "case", "for", "comment"):
            begun.append(name)
        elif not ends and not begun:
            return True
    return bool(begun)


def _unsafe() -> Invalid:
    return broken(
        "liquid_unsafe",
        Text("スタイルの中や、要素名・属性名の位置には Liquid を書けません。",
             "Liquid cannot stand in a style, or in place of a tag's or an attribute's name."),
        Text("本文か、属性の値(引用符の中)に移してください。",
             "Move it into the text or into the value of an attribute, in quotes."),
    )  # fmt: skip


def _compiled(source: str) -> str:
    try:
        # No fonts: nothing of a mail is loaded from another host but what it names itself.
        return mjml_compiler.mjml2html(source, fonts={})
    except ValueError as error:
        said = str(error).splitlines()[0][:200]
        raise broken(
            "mjml_broken",
            Text(f"MJML として読めません: {said}", f"This is not MJML: {said}"),
            Text("示された場所を直してください。", "Correct the place named."),
        ) from error


def _inlined(html: str) -> str:
    try:
        return css_inline.CSSInliner(
            keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False
        ).inline(html)
    except css_inline.InlineError as error:
        raise broken(
            "css_broken",
            Text("CSS を読めません。", "The styles cannot be read."),
            Text("<mj-style> の中を直してください。", "Correct what stands in <mj-style>."),
        ) from error


def _led(found: re.Match[str], marks: Marks) -> str:
    url = found[2]
    if url.startswith("#") or not url:
        return found[0]
    return f'{found[1]}"{{% link %}}{marks.in_address(url)}{{% endlink %}}"'


def _with_preheader(source: str, preheader: str) -> str:
    shown = f"<mj-preview>{escape(preheader, quote=False)}</mj-preview>"
    if "<mj-head>" in source:
        return source.replace("<mj-head>", f"<mj-head>{shown}", 1)
    return re.sub(r"(<mjml\b[^>]*>)", lambda found: f"{found[1]}<mj-head>{shown}</mj-head>", source,
                  count=1)  # fmt: skip


def text_of(body: EmailMessage, html: str) -> str:
    """The plain part: as written, or made from the design; its addresses led through us."""
    if body.text is not None:
        source = body.text
    elif isinstance(body.design, MjmlDesign):
        bare = re.sub(r"\{% (?:end)?link %\}|\{% pixel %\}", "", html)
        inner = Marks(bare)
        source = inner.show(unescape(plain.plain(inner.hide(bare))))
    else:
        source = blocks.text(body.design.blocks, body.language)
    return led_text(source)


def led_text(source: str) -> str:
    """A plain text whose web addresses lead through us; what is led already stays."""
    if "{% link" in source:
        return source
    marks = Marks(source)
    hidden = marks.hide(source)

    def led(found: re.Match[str]) -> str:
        return f"{{% link %}}{marks.in_address(found[0])}{{% endlink %}}"

    return marks.show(prose.BARE.sub(led, hidden))


def _all_text(body: EmailMessage) -> str:
    return body.model_dump_json(include={"design", "text", "preheader", "subject"})


def broken(code: str, message: Text, remedy: Text, path: str = "$.design") -> Invalid:
    """A template that cannot be made ready, said as one fault."""
    return Invalid(message, remedy, code=code, faults=(Fault(code, path, message, remedy),))
