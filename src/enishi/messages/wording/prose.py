"""The light Markdown of text blocks: bold, links, lists; everything else is text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(([^()\s]{1,2000})\)")
_BOLD = re.compile(r"\*\*([^*\n]+?)\*\*")
_ITEM = re.compile(r"^(?:[-*・]|(\d{1,3})[.)])[ \u3000]+(.*)$")
BARE = re.compile(r"https?://(?:(?![<>\"'()\[\]{}])[!-~])+(?<![.,;:!?])")
"""A web address that stands in a text. It ends where Japanese goes on without a space."""


def html(text: str, link: str) -> str:
    """Paragraphs and lists as HTML; `link` is the style of an address."""
    parts = [_paragraph(lines, link) for lines in _parted(text)]
    if parts:  # the block's own padding follows the last one
        parts[-1] = parts[-1].replace("margin:0 0 1em", "margin:0", 1)
    return "".join(parts)


def plain(text: str) -> str:
    """The same as text: an address stands after its label, and apart from what follows."""
    text = _LINK.sub(lambda found: _labelled(found) + _gap(found), text)
    return _BOLD.sub(r"\1", text).strip()


def _labelled(link: re.Match[str]) -> str:
    return link[2] if link[1] == link[2] else f"{link[1]}: {link[2]}"


def _gap(link: re.Match[str]) -> str:
    """Mail programs take for the address whatever follows it without a space."""
    following = link.string[link.end() : link.end() + 1]
    return " " if following.strip() else ""


def links(text: str) -> list[str]:
    """The addresses that a text names."""
    return [found[2] for found in _LINK.finditer(text)]


def _parted(text: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line.strip():
            found.append([])
        elif found[-1] and bool(_ITEM.match(line)) != bool(_ITEM.match(found[-1][-1])):
            found.append([line])
        else:
            found[-1].append(line)
    return [lines for lines in found if lines]


def _paragraph(lines: list[str], link: str) -> str:
    items = [_ITEM.match(line) for line in lines]
    if all(items):
        kind = "ol" if items[0] is not None and items[0][1] else "ul"
        said = [_inline(item[2], link) for item in items if item]
        inner = "".join(f'<li style="margin:0 0 .3em">{line}</li>' for line in said)
        return f'<{kind} style="margin:0 0 1em;padding:0 0 0 1.4em">{inner}</{kind}>'
    inner = "<br />".join(_inline(line, link) for line in lines)
    return f'<p style="margin:0 0 1em">{inner}</p>'


def _inline(line: str, link: str) -> str:
    found, place = [], 0
    for piece in _LINK.finditer(line):
        found.append(_bare(line[place : piece.start()], link))
        found.append(_anchor(piece[2], _bold(escape(piece[1], quote=False)), link))
        place = piece.end()
    return "".join([*found, _bare(line[place:], link)])


def _bare(text: str, link: str) -> str:
    """Addresses that stand in the text are links too."""
    shown: Callable[[str], str] = lambda part: _bold(escape(part, quote=False))  # noqa: E731  short
    found, place = [], 0
    for piece in BARE.finditer(text):
        found.append(shown(text[place : piece.start()]))
        found.append(_anchor(piece[0], escape(piece[0], quote=False), link))
        place = piece.end()
    return "".join([*found, shown(text[place:])])


def _anchor(url: str, label: str, link: str) -> str:
    return f'<a href="{escape(url)}" style="{link}">{label}</a>'


def _bold(text: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", text)
