"""Text for mails in ISO-2022-JP: what it cannot carry (機種依存文字) is replaced and reported."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

NAME = "iso-2022-jp"

_REPLACED: Mapping[str, str] = {
    **{chr(0x2460 + n): f"({n + 1})" for n in range(20)},
    **{chr(0x2160 + n): t for n, t in enumerate(
        ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"))},
    **{chr(0x2170 + n): t for n, t in enumerate(
        ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"))},
    "㈱": "(株)", "㈲": "(有)", "㈹": "(代)", "№": "No.", "℡": "TEL", "㏍": "K.K.", "㊤": "(上)",
    "㊥": "(中)", "㊦": "(下)", "㊧": "(左)", "㊨": "(右)",
    "㍾": "明治", "㍽": "大正",
    "㍼": "昭和", "㍻": "平成", "㋿": "令和",
    "髙": "高", "﨑": "崎", "彅": "なぎ", "𠮷": "吉", "德": "徳",
    "濵": "浜", "栁": "柳", "槗": "橋", "桒": "桑",
    "～": "〜", "－": "−", "∥": "‖", "￠": "¢", "￡": "£", "￢": "¬", "—": "―", "–": "-", "‑": "-",
    "\u00a0": " ", "•": "・", "®": "(R)", "©": "(C)", "™": "(TM)", "€": "EUR", "…": "…",
}  # fmt: skip
_GETA = "〓"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text that ISO-2022-JP carries, and what had to give way: character → what stands for it."""

    text: str
    replaced: Mapping[str, str]


def fit_2022(text: str) -> Fitted:
    """The text with everything ISO-2022-JP lacks replaced; what has no likeness becomes 〓.

    Half-width katakana become full-width: older mail programs show nothing else.
    """
    try:
        text.encode(NAME)
        return Fitted(text, {})
    except UnicodeEncodeError:
        pass
    found: list[str] = []
    replaced: dict[str, str] = {}
    for character in _joined(text):
        fitting = _fitting(character)
        if fitting != character:
            replaced[character] = fitting
        found.append(fitting)
    return Fitted("".join(found), replaced)


def encode_2022(text: str) -> bytes:
    """Bytes of a text that fits; each line begins and ends in ASCII."""
    return text.encode(NAME, "replace")


def _joined(text: str) -> list[str]:
    """Characters, each half-width kana with the sound mark that follows it."""
    found: list[str] = []
    for character in text:
        if character in "ﾞﾟ" and found and "ｦ" <= found[-1][0] <= "ﾝ" and len(found[-1]) == 1:
            found[-1] += character
        else:
            found.append(character)
    return found


@lru_cache(maxsize=8192)
def _fitting(character: str) -> str:
    for candidate in (
        character,
        _REPLACED.get(character),
        unicodedata.normalize("NFKC", character),
    ):
        if candidate is not None and _carried(candidate):
            return candidate
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)
    )
    if plain and _carried(plain):
        return plain
    return "" if unicodedata.category(character[0]) in ("Cf", "Mn", "Cc") else _GETA


def _carried(text: str) -> bool:
    try:
        text.encode(NAME)
    except UnicodeEncodeError:
        return False
    return True
