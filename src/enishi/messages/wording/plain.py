"""HTML read as plain text: what a mail says to who reads no HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "section", "br", "hr"}
)
_SILENT = frozenset({"head", "style", "script", "title", "xml", "noscript"})
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "area", "col", "wbr"})


class _Reader(HTMLParser):
    """Collects what is shown; an address follows the words that lead to it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent: list[str] = []
        self._href: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        hides = tag in _SILENT or "display:none" in (told.get("style") or "").replace(" ", "")
        if self._silent or hides:
            if tag not in _VOID:
                self._silent.append(tag)
            return
        if tag in _BLOCKS:
            self.found.append("\n")
        if tag == "li":
            self.found.append("・")
        if tag == "img" and told.get("alt"):
            self.found.append(str(told["alt"]))
        if tag == "a":
            self._href.append((told.get("href") or "", len(self.found)))

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
            return
        if tag == "a" and self._href:
            url, since = self._href.pop()
            label = "".join(self.found[since:]).strip()
            if url and label != url and not url.startswith("#"):
                self.found.append(f"\n{url}\n" if label else f"{url}\n")
        if tag in ("p", "table", "h1", "h2", "h3", "ul", "ol"):
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(re.sub(r"[ \t\r\n]+", " ", data))


def plain(html: str) -> str:
    """The text of a document; what is hidden from the eye stays out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [line.strip() for line in "".join(reader.found).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
