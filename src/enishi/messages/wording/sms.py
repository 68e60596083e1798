"""How a short message is cut and counted: GSM-7 where every character is in it, else UCS-2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
LONGEST_UCS2 = 660
"""UCS-2 characters that carriers in Japan take in one message."""


@dataclass(frozen=True, slots=True)
class Counted:
    """`units` are septets (GSM-7) or UTF-16 code units; `left` fit into the last segment still."""

    encoding: Literal["gsm-7", "ucs-2"]
    units: int
    segments: int
    left: int


def count(text: str) -> Counted:
    """Segments as 3GPP 23.038 and 23.040 have them: 160 or 153 septets, 70 or 67 units.

    A character of two septets or of a surrogate pair is not cut apart, so that a segment may stay
    one short.
    """
    if all(char in _BASIC or char in _EXTENDED for char in text):
        sizes = [2 if char in _EXTENDED else 1 for char in text]
        return _cut("gsm-7", sizes, 160, 153)
    sizes = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return _cut("ucs-2", sizes, 70, 67)


def _cut(encoding: Literal["gsm-7", "ucs-2"], sizes: list[int], alone: int, part: int) -> Counted:
    units = sum(sizes)
    if units <= alone:
        return Counted(encoding, units, 1 if units else 0, alone - units)
    segments, used = 1, 0
    for size in sizes:
        if used + size > part:
            segments, used = segments + 1, 0
        used += size
    return Counted(encoding, units, segments, part - used)
