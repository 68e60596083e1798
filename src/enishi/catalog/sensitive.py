"""個人番号 (My Number): recognised by name and by value, so that it can be refused.

Japanese law lets the number be kept for tax and social security alone; a sales platform may not
hold it. The check digit is that of the ministerial ordinance (平成26年総務省令第85号, article 5).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from enishi.kernel.text import fold

_CONTAINS = (
    "個人番号",
    "マイナンバ",
    "まいなんば",
    "mynumber",
    "mynanba",
    "mainanba",
    "kojinbango",
    "kojinbangou",
    "individualnumber",
    "socialsecurityandtaxnumber",
)
_EQUALS = frozenset({"myno", "kojinno", "individualno", "個人no", "マイno"})
_CARD_ONLY = ("カード有無", "カード保有", "カード取得", "カード本人確認")
_SEPARATORS = re.compile(r"[\s_\-‐‑–—ー－・.,:/()（）「」\[\]]+")
_NUMBER = re.compile(r"[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{4}\Z")

ENOUGH_VALUES = 5
STRONG_MAJORITY = 0.9  # chance agreement of a random 12-digit number is about 1 in 6


def names_my_number(name: str) -> bool:
    """Whether a column name or label calls the column 個人番号, in Japanese, English or romaji."""
    folded = fold(unicodedata.normalize("NFKC", name))
    plain = _SEPARATORS.sub("", folded).replace("ō", "o").replace("ū", "u")
    plain = plain.replace("bangoo", "bango").replace("numbers", "number")
    if any(_SEPARATORS.sub("", word) in plain for word in _CARD_ONLY):
        return False
    with_dashes = folded.replace(" ", "").replace("_", "")
    return (
        plain in _EQUALS
        or any(word in plain for word in _CONTAINS)
        or any(word in with_dashes for word in _CONTAINS)
    )


def is_my_number(value: str) -> bool:
    """Whether twelve digits carry the check digit of a 個人番号 (blanks and hyphens allowed)."""
    text = unicodedata.normalize("NFKC", value).strip().replace("−", "-")
    if not _NUMBER.match(text):
        return False
    digits = [int(c) for c in text if c.isdigit()]
    weighted = sum(
        digit * (n + 1 if n <= 6 else n - 5)
        for n, digit in enumerate(reversed(digits[:11]), start=1)
    )
    rest = weighted % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)


def looks_like_my_number(values: Iterable[str]) -> bool:
    """Whether a column holds 個人番号: at least five distinct values, nine in ten of them valid."""
    seen = {value for value in values if value and value.strip()}
    if len(seen) < ENOUGH_VALUES:
        return False
    return sum(is_my_number(value) for value in seen) >= STRONG_MAJORITY * len(seen)
