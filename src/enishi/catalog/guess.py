"""What a column is, from its name and its values: type, format, words for nothing, meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from enishi.catalog.formats import BLANKS, WAREKI, read_time
from enishi.catalog.meanings import guess_meaning, looks_personal
from enishi.catalog.sensitive import looks_like_my_number, names_my_number
from enishi.catalog.types import FieldType, Meaning, Pii
from enishi.catalog.words import parts_of
from enishi.kernel.text import fold

# Texts that mean "no value" wherever they stand, and those that do so only beside typed values.
PLAIN_NULLS = frozenset({"NULL", "null", "\\N", "#N/A", "N/A", "NaN", "(null)", "<NA>", "#NULL!"})
MAYBE_NULLS = frozenset({"-", "--", "?", ".", "NA", "n/a", "nan", "None", "none", "―", "ー", "－"})

TOLERATED = 0.05  # a typed column may have so many values that do not fit: they load as unset
_INTEGER = re.compile(r"[-+]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0*)?\Z")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?\.[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_DAMAGED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+\Z")
_ISO_DATE = re.compile(r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[ T]0?0:00(?::00(?:\.0+)?)?)?\Z")
_ISO_TIME = re.compile(
    r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r" ?(?:Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)?\Z"
)
_COMMA = re.compile(r"[-+]?[0-9]{1,3}(?:\.[0-9]{3})*(?:,[0-9]{1,6})?\Z|[-+]?[0-9]+,[0-9]{1,6}\Z")
_SIGNS = ("¥", "￥", "円", "$", "€", "£", "%", "％")
_FORMATS = (
    "%Y%m%d",
    "%Y年%m月%d日",
    "%Y.%m.%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%y/%m/%d",
    "%y%m%d",
    WAREKI,
)
_TIMES = ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p", "%H:%M:%S.%f")
_BOOLEANS = (
    ("true", "false"),
    ("t", "f"),
    ("yes", "no"),
    ("y", "n"),
    ("有", "無"),
    ("あり", "なし"),
    ("有り", "無し"),
    ("はい", "いいえ"),
    ("○", "×"),
    ("〇", "×"),
    ("済", "未"),
    ("可", "不可"),
    ("対象", "対象外"),
)
_PLAIN_BOOLEANS = 4  # the first pairs need no format
_FLAG_WORDS = frozenset({"is", "has", "flag", "flg", "active", "deleted", "enabled"})
_DATE_WORDS = frozenset(
    {"date", "day", "dob", "birth", "birthday", "birthdate", "on", "issued", "ymd", "opened"}
)
_ID_WORDS = frozenset({"id", "no", "num", "number", "code", "cd", "key"})
_CODES = ("番号", "コード")
_SEPARATORS = (" > ", "|", ";", " / ", "、")


@dataclass
class Guess:
    """What a column seems to be. `doubtful`: some values do not fit `type` and would be unset."""

    type: FieldType
    scale: int = 0
    format: str | None = None
    separator: str | None = None
    nulls: frozenset[str] = frozenset()
    doubtful: int = 0
    signs: tuple[str, ...] = ()  # currency and other signs around numbers: "¥1,200", "35%"
    comma: bool = False  # a comma before the decimals: 1.234,50
    meaning: Meaning | None = None
    pii: Pii = Pii.NONE
    my_number: bool = False
    filled: int = 0  # rows with a value
    distinct: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)  # for the draft: (ja, en)


def guess_column(name: str, values: Iterable[str | None], dataset: str = "") -> Guess:
    """Guess one column from all its values (texts; None and blank are no value)."""
    counts: Counter[str] = Counter()
    for value in values:
        text = "" if value is None else value.strip(BLANKS)
        if text:
            counts[text] += 1
    nulls = frozenset(text for text in counts if text in PLAIN_NULLS)
    maybe = frozenset(text for text in counts if text in MAYBE_NULLS)
    found = _typed(name, _without(counts, nulls | maybe))
    if found.type is FieldType.STRING:
        found = _typed(name, _without(counts, nulls))
    else:
        nulls |= maybe
    found.nulls = nulls
    kept = _without(counts, nulls)
    found.filled, found.distinct = sum(kept.values()), len(kept)
    found.my_number = found.type is not FieldType.BOOLEAN and (
        names_my_number(name) or looks_like_my_number(list(kept)[:1000])
    )
    found.meaning, found.pii = guess_meaning(name, found.type, kept, dataset)
    if found.meaning in (Meaning.PHONE, Meaning.POSTAL_CODE) and found.type in (
        FieldType.INTEGER,
        FieldType.DECIMAL,
        FieldType.FLOAT,
    ):
        found.type, found.scale, found.doubtful = FieldType.STRING, 0, 0
    if found.pii is Pii.NONE and looks_personal(name):
        found.pii = Pii.HIGH
    if found.meaning is Meaning.MONEY and found.type is FieldType.DECIMAL:
        found.scale = max(found.scale, 2)
    return found


def _without(counts: Counter[str], nulls: frozenset[str]) -> Counter[str]:
    return Counter({text: n for text, n in counts.items() if text not in nulls})


def _typed(name: str, counts: Counter[str]) -> Guess:
    """The narrowest type that all values have, or nearly all."""
    if not counts:
        note = ("値がありません。", "has no values")
        return Guess(FieldType.STRING, notes=[note])
    total = sum(counts.values())
    parts = set(parts_of(name))
    boolean = _boolean(counts, parts)
    if boolean is not None:
        return boolean
    if any(_DAMAGED.match(text) for text in counts):
        whole = sum(n for text, n in counts.items() if _DAMAGED.match(text))
        if whole > total * 0.5:
            note = (
                "表計算ソフトで桁が失われています（5.07E+12 など）。",
                "a spreadsheet has rounded these numbers (5.07E+12)",
            )
            return Guess(FieldType.STRING, notes=[note])
    times = _time(counts, total, parts, name)
    if times is not None:
        return times
    signed = _signed(counts)
    if signed is not None:
        return signed
    number = _number(counts, total, code=bool(parts & _ID_WORDS) or name.endswith(_CODES))
    if number is not None:
        return number
    return _strings(counts, total) or Guess(FieldType.STRING)


# ---------------------------------------------------------------------------------- booleans


def _boolean(counts: Counter[str], parts: set[str]) -> Guess | None:
    folded = {fold(text) for text in counts}
    if folded <= {"0", "1"} and parts & _FLAG_WORDS:
        return Guess(FieldType.BOOLEAN)
    for index, (yes, no) in enumerate(_BOOLEANS):
        pair = {fold(yes), fold(no)}
        long_word = index in (0, 2)
        if folded == pair or (long_word and folded <= pair):
            written = None if index < _PLAIN_BOOLEANS else f"{yes}|{no}"
            return Guess(FieldType.BOOLEAN, format=written)
    return None


# ----------------------------------------------------------------------------------- numbers


def _number(counts: Counter[str], total: int, *, code: bool) -> Guess | None:
    """A number type. `code`: the name speaks of a code, whose few odd values must not be lost."""
    if any(len(t.lstrip("+-")) > 1 and t.lstrip("+-")[0] == "0" and t.isdigit() for t in counts):
        return None  # 007 is a code
    whole = _share(counts, total, lambda t: bool(_INTEGER.match(t)) and len(t) <= 18)
    if whole == 1:
        cents = sum(n for t, n in counts.items() if t.endswith(".00"))
        if cents > total * 0.5:
            return Guess(FieldType.DECIMAL, scale=2)
        return Guess(FieldType.INTEGER)
    exact = _share(counts, total, lambda t: bool(_INTEGER.match(t) or _DECIMAL.match(t)))
    if exact == 1:
        places = max(len(t.partition(".")[2].rstrip("0")) for t in counts)
        digits = max(len(t.partition(".")[0].lstrip("+-").replace(",", "")) for t in counts)
        if places <= 6 and digits + places <= 18:
            return Guess(FieldType.DECIMAL, scale=max(places, 1))
        return Guess(FieldType.FLOAT) if digits <= 15 else None
    floating = _share(counts, total, lambda t: bool(_FLOAT.match(t)))
    if floating == 1:
        return Guess(FieldType.FLOAT)
    if code:
        return None
    if 1 - whole <= TOLERATED and len(counts) > 20:
        return Guess(FieldType.INTEGER, doubtful=_misfits(counts, _INTEGER))
    if 1 - exact <= TOLERATED and len(counts) > 20:
        fits = [t for t in counts if _DECIMAL.match(t) or _INTEGER.match(t)]
        places = max(len(t.partition(".")[2]) for t in fits)
        if places <= 6:
            misfits = sum(n for t, n in counts.items() if t not in set(fits))
            return Guess(FieldType.DECIMAL, scale=max(places, 1), doubtful=misfits)
    return None


def _signed(counts: Counter[str]) -> Guess | None:
    """Numbers with a currency sign or a unit, or with a comma before the decimals."""
    if all(_COMMA.match(text) for text in counts) and any("," in text for text in counts):
        places = max(len(text.partition(",")[2]) for text in counts)
        thousands = all(len(text.rpartition(",")[2]) == 3 for text in counts if "," in text)
        if not thousands or any("." in text for text in counts):
            return Guess(FieldType.DECIMAL, scale=max(places, 1), comma=True)
    signs = {sign for text in counts for sign in _SIGNS if sign in text}
    if not signs:
        return None
    bare: Counter[str] = Counter()
    for text, n in counts.items():
        for sign in signs:
            text = text.replace(sign, "")
        bare[text.strip(BLANKS)] += n
    found = _number(bare, sum(bare.values()), code=False)
    if found is None or found.doubtful or found.type is FieldType.FLOAT:
        return None
    found.signs = tuple(sorted(signs))
    return found


def _misfits(counts: Counter[str], pattern: re.Pattern[str]) -> int:
    return sum(n for text, n in counts.items() if not pattern.match(text))


def _share(counts: Counter[str], total: int, fits: Callable[[str], bool]) -> float:
    return sum(n for text, n in counts.items() if fits(text)) / total


# ------------------------------------------------------------------------------- dates, times


def _time(counts: Counter[str], total: int, parts: set[str], name: str) -> Guess | None:
    sample = list(counts)[:2000]
    named = bool(parts & _DATE_WORDS) or any(word in name for word in ("日", "年月"))
    if _share(counts, total, lambda t: bool(_ISO_DATE.match(t)) and _real(t)) >= 1 - TOLERATED:
        bad = sum(n for t, n in counts.items() if not (_ISO_DATE.match(t) and _real(t)))
        return Guess(FieldType.DATE, doubtful=bad)
    fits = _share(counts, total, lambda t: bool(_ISO_TIME.match(t)) and _real(t))
    if fits >= 1 - TOLERATED and any(":" in text for text in sample):
        bad = sum(n for t, n in counts.items() if not (_ISO_TIME.match(t) and _real(t)))
        return Guess(FieldType.TIMESTAMP, doubtful=bad)
    best: tuple[float, str] | None = None
    for written in _candidates(sample):
        share = sum(_reads(text, written, named=named) for text in sample) / len(sample)
        if share >= 1 - TOLERATED and (best is None or share > best[0]):
            best = (share, written)
    if best is None or not _trusted(best[1], sample, parts, named=named):
        return None
    written = best[1]
    read = {text: read_time(text, written) for text in counts}
    bad = sum(n for text, n in counts.items() if read[text] is None)
    clock = any(
        found is not None and found.time() != datetime.min.time() for found in read.values()
    )
    guess = Guess(FieldType.TIMESTAMP if clock else FieldType.DATE, format=written, doubtful=bad)
    _warn_of_order(guess, sample)
    return guess


def _candidates(sample: Sequence[str]) -> list[str]:
    if any(":" in text for text in sample[:50]):
        return [f"{day} {time}" for day in _FORMATS if day != WAREKI for time in _TIMES]
    long_digits = ["%Y%m%d%H%M%S"] if all(t.isdigit() and len(t) == 14 for t in sample) else []
    return [*_FORMATS, *long_digits]


def _reads(text: str, written: str, *, named: bool) -> bool:
    found = read_time(text, written)
    return found is not None and (1850 <= found.year <= 2150 or (named and found.year == 9999))


def _trusted(written: str, sample: Sequence[str], parts: set[str], *, named: bool) -> bool:
    """Bare digits are dates only where the name says so, or when chance cannot explain them."""
    if written not in ("%Y%m%d", "%y%m%d"):
        return True
    if named:
        return True
    if parts & _ID_WORDS:
        return False
    enough = 8 if written == "%Y%m%d" else 40
    return len(sample) >= enough and all(read_time(text, written) for text in sample)


def _warn_of_order(guess: Guess, sample: Sequence[str]) -> None:
    """Day and month cannot be told apart: say so."""
    written = guess.format or ""
    if not written.startswith(("%d/%m", "%m/%d")):
        return
    other = written.replace("%d/%m", "%m/%d") if written[1] == "d" else written
    if other != written and all(read_time(text, other) for text in sample):
        guess.notes.append(
            (
                "日と月の順が値から決まりません。%m/%d かもしれません。",
                "day and month cannot be told apart; it may be %m/%d",
            )
        )


def _real(text: str) -> bool:
    """Whether the day of an ISO text exists."""
    year, month, day = re.split(r"[-/]", re.split(r"[ T]", text)[0])
    try:
        datetime(int(year), int(month), int(day))  # noqa: DTZ001  # only whether it exists
    except ValueError:
        return False
    return True


# -------------------------------------------------------------------------------------- lists


def _strings(counts: Counter[str], total: int) -> Guess | None:
    """A list of words in one cell: one separator in many cells, few words in all."""
    for separator in _SEPARATORS:
        holding = sum(n for text, n in counts.items() if separator in text)
        if holding < total * 0.3 or holding < 10:
            continue
        items = Counter(
            item.strip() for text in list(counts)[:5000] for item in text.split(separator)
        )
        if len(items) <= 200 and sum(items.values()) > 10 * len(items):
            return Guess(FieldType.STRINGS, separator=separator)
    return None
