"""Names and slugs of segments, and the sets that a rule names, read off its JSON."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from enishi.kernel.text import Locale

TAKEN_SLUGS = frozenset({"new", "overlap"})
"""No segment's: the pages and endpoints beside those of one segment have these names."""

_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


def named(ja: str, en: str, locale: Locale) -> str:
    """A segment's name in the reader's language; without an English one the Japanese stands."""
    return ja if locale == "ja" else en or ja


def sets_named(rule: object) -> tuple[frozenset[str], frozenset[str]]:
    """The slugs of the segments and of the lists that a rule or value names, at any depth."""
    found = list(_sets(rule))
    return (
        frozenset(slug for kind, slug in found if kind == "segment"),
        frozenset(slug for kind, slug in found if kind == "list"),
    )


def _sets(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for kind in ("segment", "list"):
            slug = node.get(kind)
            if isinstance(slug, str):
                yield kind, slug
        for inner in node.values():
            yield from _sets(inner)
    elif isinstance(node, list | tuple):
        for inner in node:
            yield from _sets(inner)


def slug_from(name: str) -> str:
    """A slug out of a name's Latin letters and digits; empty when it has none to begin with."""
    plain = unicodedata.normalize("NFKC", name).lower()
    found = _NOT_IN_SLUG.sub("-", plain).strip("-")[:50].strip("-")
    return found if found[:1].isalpha() else ""
