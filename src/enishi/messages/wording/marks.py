"""Liquid set aside while a text goes through Markdown, MJML and HTML, and put back afterwards.

Each `{{ … }}` and `{% … %}` becomes a word that none of them touches. A tag that stands between
elements becomes a comment, since a table throws words out that stand between its rows.
"""

from __future__ import annotations

import re

LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_PIECES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->|[<>\"']", re.DOTALL)


class Marks:
    """The Liquid of one template, each piece under a mark."""

    def __init__(self, seed: str) -> None:
        number = 0
        while f"qx{number}z" in seed:
            number += 1
        self._stem = f"qx{number}z"
        self._pieces: list[str] = []
        self.mark = re.compile(rf"<!-- ?{self._stem}(\d+)z ?-->|{self._stem}(\d+)z")

    def hide(self, text: str) -> str:
        """A text whose Liquid stands under marks."""
        return LIQUID.sub(lambda found: self.set_aside(found[0]), text)

    def set_aside(self, piece: str) -> str:
        self._pieces.append(piece)
        return f"{self._stem}{len(self._pieces) - 1}z"

    def hide_in_markup(self, source: str) -> str:
        """MJML of an author's own: tags between elements become comments."""
        inside, quote, found, place = False, "", [], 0
        for piece in _PIECES.finditer(source):
            found.append(source[place : piece.start()])
            place, said = piece.end(), piece[0]
            if said.startswith("{"):
                mark = self.set_aside(said)
                bare = inside or said.startswith("{{")
                found.append(mark if bare else f"<!--{mark}-->")
                continue
            found.append(self.hide(said) if said.startswith("<!--") else said)
            if quote:
                quote = "" if said == quote else quote
            elif inside and said in "\"'":
                quote = said
            elif said == "<":
                inside = True
            elif said == ">":
                inside = False
        return "".join([*found, source[place:]])

    def show(self, text: str) -> str:
        """The text with its Liquid back in place."""
        return self.mark.sub(lambda found: self._pieces[_number(found)], text)

    def into_tables(self, html: str) -> str:
        """Tags before a table's rows put inside: HTML has begun the rows' body behind them."""
        # Begun at the first of a row of comments only, and taken whole: else each would be tried.
        comments = rf"(?<!-->)((?:<!--{self._stem}\d+z-->)++)<tbody>"
        return re.sub(comments, r"<tbody>\g<1>", html)

    def in_address(self, text: str) -> str:
        """An address with its Liquid: what stands inside it is encoded, what begins it is not."""
        return self.mark.sub(self._encoded, text)

    def _encoded(self, found: re.Match[str]) -> str:
        piece = self._pieces[_number(found)]
        if not piece.startswith("{{") or found.start() == 0 or "url_encode" in piece:
            return piece
        return f"{piece[:-2].rstrip().removesuffix('-')} | url_encode }}}}"

    def pieces(self, text: str) -> list[str]:
        """The Liquid that stands under the marks of a text, in order."""
        return [self._pieces[_number(found)] for found in self.mark.finditer(text)]

    def lost(self, text: str) -> list[str]:
        """The pieces that a text no longer holds."""
        here = {_number(found) for found in self.mark.finditer(text)}
        return [piece for place, piece in enumerate(self._pieces) if place not in here]


def _number(found: re.Match[str]) -> int:
    return int(found[1] or found[2])
