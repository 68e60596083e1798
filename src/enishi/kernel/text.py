"""Text in two languages, and the folding that comparisons use."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal, TypeAlias

Locale: TypeAlias = Literal["ja", "en"]

WAVE_DASH = "\u301c"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Japanese and in English."""

    ja: str
    en: str

    def __getitem__(self, locale: Locale) -> str:
        return self.ja if locale == "ja" else self.en

    def format(self, **values: object) -> Text:
        """Fill `{name}` placeholders in both languages."""
        return Text(self.ja.format(**values), self.en.format(**values))


def fold(text: str) -> str:
    """Fold a text for comparison: NFKC, casefold, and the wave dash as a tilde.

    The same function writes the shadow columns at load and compares in `rules.evaluate`, so no
    engine needs a Unicode normaliser of its own.
    """
    return unicodedata.normalize("NFKC", text).casefold().replace(WAVE_DASH, "~")
