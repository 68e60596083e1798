"""How dates and times are written in text: one small language of formats, read one way.

Directives as in strptime (`%Y %y %m %d %H %I %M %S %f %p %b %B %%`), or the plain letters people
write (`YYYYMMDD`, `dd/MM/yyyy HH:mm`), or `wareki` (昭和60年4月1日, S60.4.1, 令和元年5月1日).
A month, day or hour may have one digit unless another number touches it. Two-digit years up to the
pivot (default 68) are 20xx, later ones 19xx. Blanks around the text do not count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from enishi.kernel.text import Text

PIVOT = 68
BLANKS = " \t\r\n\u00a0\u3000"
WAREKI = "wareki"
_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
MONTHS = _MONTH_NAMES.split()

_YEAR = "000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3}"
_NUMERIC = frozenset("YymdHIMSf")
_TEXTS = {"p": "[AaPp][Mm]", "b": "[A-Za-z]{3}", "B": "[A-Za-z]{3,9}"}
_ALL = "YymdHIMSfpbB"

_WORDS = re.compile(r"(yyyy|YYYY|yy|YY|dd|DD|HH|hh|ss|SS|mi|MI|mm|MM|[A-Za-z]+|[^A-Za-z]+)")
_LETTERS = {"yyyy": "%Y", "yy": "%y", "dd": "%d", "hh": "%H", "ss": "%S", "mi": "%M"}


class BadFormatError(ValueError):
    """A format that this language does not have."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Format:
    """A format taken apart: directive letters and literal texts in order, and its pattern."""

    parts: tuple[tuple[str, str], ...]  # ("%", letter) or ("text", literal)

    @property
    def directives(self) -> tuple[str, ...]:
        return tuple(value for kind, value in self.parts if kind == "%")

    @property
    def has_time(self) -> bool:
        return bool(set(self.directives) & set("HIMSf"))

    def around(self, letter: str) -> tuple[str, str]:
        """The patterns before and after a directive, without groups."""
        plain = [p.replace("(", "(?:", 1) if kind == "%" else p for kind, p in self.pieces]
        at = self.parts.index(("%", letter))
        return "".join(plain[:at]), "".join(plain[at + 1 :])

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """The pattern of each part: one group for a directive, the text itself escaped."""
        return _pieces(self.parts)

    @property
    def pattern(self) -> str:
        """For RE2 and for Python; one group for each directive."""
        return "".join(piece for _, piece in self.pieces)

    @property
    def strptime(self) -> str:
        """The format in strptime's letters."""
        return "".join(
            f"%{value}" if kind == "%" else value.replace("%", "%%") for kind, value in self.parts
        )


def format_problem(text: str) -> tuple[Text, Text] | None:
    """What is wrong with a format, and the remedy; None when it is good."""
    if text == WAREKI:
        return None
    try:
        compile_format(text)
    except BadFormatError as error:
        return error.problem, Text(
            "例: %Y%m%d、%Y/%m/%d %H:%M、dd/MM/yyyy、wareki",
            "For instance %Y%m%d, %Y/%m/%d %H:%M, dd/MM/yyyy, wareki.",
        )
    return None


@lru_cache(maxsize=256)
def compile_format(text: str) -> Format:
    """Take a format apart. Raises BadFormatError."""
    written = text if "%" in text else _from_letters(text)
    parts = _parts(written)
    letters = [value for kind, value in parts if kind == "%"]
    doubled = [letter for letter in set(letters) if letters.count(letter) > 1]
    years, months = {"Y", "y"} & set(letters), {"m", "b", "B"} & set(letters)
    if doubled or len(years) != 1 or len(months) != 1 or "d" not in letters:
        raise BadFormatError(
            Text(
                f"「{text}」には年、月、日が1つずつ要ります。",
                f"`{text}` needs one year, one month and one day.",
            )
        )
    if ("I" in letters) != ("p" in letters) or ("H" in letters and "I" in letters):
        raise BadFormatError(Text("%I は %p と一緒に使います。", "%I goes together with %p."))
    return Format(tuple(parts))


@lru_cache(maxsize=256)
def _pieces(parts: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    pieces = []
    for index, (kind, value) in enumerate(parts):
        if kind == "text":
            pieces.append((kind, re.escape(value).replace("\\ ", " ")))
            continue
        touched = any(
            0 <= near < len(parts) and parts[near][0] == "%" and parts[near][1] in _NUMERIC
            for near in (index - 1, index + 1)
        )
        pieces.append((kind, f"({_digits(value, touched)})"))
    return pieces


def _digits(letter: str, touched: bool) -> str:
    if letter in _TEXTS:
        return _TEXTS[letter]
    if letter == "Y":
        return _YEAR
    if letter == "f":
        return "[0-9]{1,6}"
    return "[0-9]{2}" if touched or letter in "yMS" else "[0-9]{1,2}"


def _parts(written: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    literal, index = "", 0
    while index < len(written):
        if written[index] != "%":
            literal += written[index]
            index += 1
            continue
        letter = written[index + 1 : index + 2]
        index += 2
        if letter == "%":
            literal += "%"
            continue
        if not letter or letter not in _ALL:
            raise BadFormatError(
                Text(f"書式に「%{letter}」は使えません。", f"`%{letter}` is no part of a format.")
            )
        if literal:
            parts.append(("text", literal))
            literal = ""
        parts.append(("%", letter))
    if literal:
        parts.append(("text", literal))
    return parts


def _from_letters(text: str) -> str:
    """`YYYY/MM/DD HH:mm` in strptime's letters; `mm` after an hour means minutes."""
    out, hour_seen = [], False
    for word in _WORDS.findall(text):
        low = word.lower()
        if low == "mm":
            out.append("%M" if hour_seen else "%m")
        elif low in _LETTERS:
            out.append(_LETTERS[low])
            hour_seen = hour_seen or low == "hh"
        elif word.isascii() and word.isalpha() and word != "T":
            raise BadFormatError(
                Text(f"書式の「{word}」が読めません。", f"`{word}` is no part of a format.")
            )
        else:
            out.append(word)
    return "".join(out)


def read_time(text: str, written: str, pivot: int = PIVOT) -> datetime | None:
    """Read a text by a format; midnight when the format has no time. None when it does not fit."""
    stripped = text.strip(BLANKS)
    if written == WAREKI:
        found = read_wareki(stripped)
        return None if found is None else datetime(found.year, found.month, found.day)  # noqa: DTZ001  # local by design
    match = re.fullmatch(compile_format(written).pattern, stripped)
    if match is None:
        return None
    parts = dict(zip(compile_format(written).directives, match.groups(), strict=True))
    try:
        return datetime(  # noqa: DTZ001  # local by design
            _year(parts, pivot),
            _month(parts),
            int(parts["d"]),
            _hour(parts),
            int(parts.get("M", "0")),
            int(parts.get("S", "0")),
            int(parts.get("f", "0").ljust(6, "0")),
        )
    except ValueError:
        return None


def _year(parts: dict[str, str], pivot: int) -> int:
    if "Y" in parts:
        return int(parts["Y"])
    two = int(parts["y"])
    return two + (2000 if two <= pivot else 1900)


def _month(parts: dict[str, str]) -> int:
    if "m" in parts:
        return int(parts["m"])
    if "b" in parts:
        return [m[:3] for m in MONTHS].index(parts["b"].lower()) + 1
    return MONTHS.index(parts["B"].lower()) + 1


def _hour(parts: dict[str, str]) -> int:
    if "I" not in parts:
        return int(parts.get("H", "0"))
    twelve = int(parts["I"])
    if not 1 <= twelve <= 12:
        raise ValueError(twelve)
    return twelve % 12 + (12 if parts["p"].lower() == "pm" else 0)


# ------------------------------------------------------------------------------------ wareki

_ERAS = {
    "明治": (1868, date(1868, 1, 25)),
    "大正": (1912, date(1912, 7, 30)),
    "昭和": (1926, date(1926, 12, 25)),
    "平成": (1989, date(1989, 1, 8)),
    "令和": (2019, date(2019, 5, 1)),
}
_ERA_NAMES = {
    **{era: era for era in _ERAS},
    **dict(zip("明大昭平令", _ERAS, strict=True)),
    **dict(zip("MTSHR", _ERAS, strict=True)),
}
_WAREKI = re.compile(
    r"(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])\s*"
    r"(?:(元|[0-9]{1,2})\s*(?:年|[./\-])\s*([0-9]{1,2})\s*(?:月|[./\-])\s*([0-9]{1,2})\s*日?"
    r"|([0-9]{2})([0-9]{2})([0-9]{2}))\Z",
    re.IGNORECASE,
)


def read_wareki(text: str) -> date | None:
    """A date in Japanese eras: 昭和60年4月1日, S60.4.1, 令和元年5月1日, H010203.

    None when it does not fit, or when the day lies before the era. A day after the era's end is
    read all the same: contracts signed in 平成 mature in 平成40年.
    """
    match = _WAREKI.match(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    era = _ERA_NAMES[match[1].upper()]
    year, month, day = (
        (match[2], match[3], match[4]) if match[2] else (match[5], match[6], match[7])
    )
    number = 1 if year == "元" else int(year)
    start, first = _ERAS[era]
    try:
        found = date(start + number - 1, int(month), int(day))
    except ValueError:
        return None
    return None if number < 1 or found < first else found
