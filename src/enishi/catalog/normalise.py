"""Normal forms of Japanese text: what two sources wrote differently becomes the same.

Each takes a set text and gives its normal form, or None when there is none (a telephone number
that cannot be one). Pure, the same for every row: the engine may call them on distinct values.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

_BLANKS = re.compile(r"\s+")
_DASHES = re.compile("[\u2010-\u2015\u2212\uff0d\u30fc\uff70\u2500\u2501~\u301c-]")


def normalise_text(text: str) -> str | None:
    """NFKC (half-width forms of letters and digits, full-width kana), single blanks, no ends."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text)).strip() or None


def normalise_kana(text: str) -> str | None:
    """Full-width katakana, one blank between names: ﾔﾏﾀﾞ　ﾀﾛｳ and やまだ たろう → ヤマダ タロウ."""
    import jaconv

    plain = normalise_text(text)
    return None if plain is None else str(jaconv.hira2kata(plain))


def normalise_phone(text: str) -> str | None:
    """E.164, Japan when no country is written: ０３（１２３４）５６７８ → +81312345678."""
    import phonenumbers

    plain = normalise_text(text)
    if plain is None:
        return None
    try:
        number = phonenumbers.parse(_DASHES.sub("-", plain), "JP")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def normalise_email(text: str) -> str | None:
    """Half-width, small letters; None unless it is an address by its form (no look-up)."""
    from email_validator import EmailNotValidError, validate_email

    plain = normalise_text(text)
    if plain is None:
        return None
    try:
        found = validate_email(plain, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return str(found.normalized).casefold()


_FORM_NAMES = """特定非営利活動法人 一般社団法人 一般財団法人 公益社団法人 公益財団法人 社会福祉法人
地方独立行政法人 独立行政法人 国立大学法人 宗教法人 学校法人 医療法人社団 医療法人財団 医療法人
株式会社 有限会社 合同会社 合名会社 合資会社 相互会社 社団法人 財団法人 協同組合 NPO法人"""
_COMPANY_FORMS = _FORM_NAMES.split()
_COMPANY_SHORT = re.compile(
    r"[(（](株|有|合|名|資|相|社|財|医|学|宗|福|独|同|一社|一財|公社|公財|特非)[)）]"
)
_COMPANY_LATIN = re.compile(
    r"(?:[,\s]+(?:co\.?\s*,?\s*ltd|company\s+limited|inc|incorporated|corp|corporation|ltd|limited"
    r"|llc|k\.?\s?k|gmbh|plc|s\.?a|ag)\.?)+\s*\Z",
    re.IGNORECASE,
)


def normalise_company(text: str) -> str | None:
    """A company's name without its legal form, NFKC, no blanks: ㈱　日の出商事 → 日の出商事."""
    plain = normalise_text(text)
    if plain is None:
        return None
    name = _COMPANY_SHORT.sub(" ", plain)
    for form in _COMPANY_FORMS:
        if name.strip() != form:
            name = name.replace(form, " ")
    name = _COMPANY_LATIN.sub("", name.strip())
    return _BLANKS.sub("" if not name.isascii() else " ", name.strip()).casefold() or plain


_KANJI_DIGITS = "〇一二三四五六七八九"
_BEFORE_COUNTER = re.compile(r"([〇一二三四五六七八九十百]+)(?=丁目|番地|番|号|条)")
_CHOME = re.compile(r"(?<=[0-9])(?:丁目|番地の|番地|番|号室|号|の(?=[0-9]))-?")


def normalise_address(text: str) -> str | None:
    """NFKC without blanks; 三丁目２番１号 → 3-2-1, so that the usual spellings meet."""
    plain = normalise_text(text)
    if plain is None:
        return None
    joined = _DASHES.sub("-", plain) if any(c.isdigit() for c in plain) else plain
    joined = _restore_long_vowels(plain, joined).replace(" ", "")
    joined = _BEFORE_COUNTER.sub(lambda m: str(_kanji_number(m[1])), joined)
    return _CHOME.sub("-", joined).replace("--", "-").rstrip("-") or None


def _restore_long_vowels(before: str, after: str) -> str:
    """Keep the long-vowel mark in katakana words: only between digits is it a dash."""
    return "".join(
        old if old == "ー" and not (i > 0 and before[i - 1].isdigit()) else new
        for i, (old, new) in enumerate(zip(before, after, strict=True))
    )


def _kanji_number(text: str) -> int:
    """十二 → 12, 二十 → 20, 百五 → 105, 一〇 → 10."""
    if not set(text) & set("十百"):
        return int("".join(str(_KANJI_DIGITS.index(c)) for c in text))
    total, digit = 0, 0
    for c in text:
        if c in "十百":
            total += (digit or 1) * (10 if c == "十" else 100)
            digit = 0
        else:
            digit = _KANJI_DIGITS.index(c)
    return total + digit


def normalise_postal_code(text: str) -> str | None:
    """〒１２３４５６７ → 123-4567; None unless seven digits."""
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))
    return f"{digits[:3]}-{digits[3:]}" if len(digits) == 7 else None


NORMALISERS: Mapping[str, Callable[[str], str | None]] = {
    "normalise_text": normalise_text,
    "normalise_kana": normalise_kana,
    "normalise_phone": normalise_phone,
    "normalise_email": normalise_email,
    "normalise_address": normalise_address,
    "normalise_company": normalise_company,
    "normalise_postal_code": normalise_postal_code,
}
