"""How numbers, dates and lists are written in a message, in Japanese and in English.

A value in Liquid compares and counts as what it is and prints as a person writes it:
`{% if balance > 1000000 %}{{ balance }}{% endif %}` prints `1,234,567円`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from enishi.kernel.text import Locale

LARGEST = Decimal(10) ** 18
"""Nothing is written that has more digits: it is no amount of this world."""

_MAN = Decimal(10_000)
_OKU = Decimal(100_000_000)
_NUMERIC = frozenset({"integer", "decimal", "float"})


class Amount(Decimal):
    """A number that prints as `shown`."""

    shown: str

    def __new__(cls, value: Decimal | int | float | str, shown: str) -> Amount:
        made = super().__new__(cls, value if isinstance(value, Decimal | int) else str(value))
        made.shown = shown
        return made

    def __str__(self) -> str:
        return self.shown


class Day(date):
    """A day that prints as `shown`."""

    shown: str

    def __str__(self) -> str:
        return self.shown


class Moment(datetime):
    """A local instant that prints as `shown`."""

    shown: str

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True)
class Spec:
    """A field made ready: the value asked for, its type, and how it is written.

    `may_be_unset`: whether somebody can be without it, so that it needs a default.
    """

    value: object
    type: str = "string"
    meaning: str = ""
    scale: int = 0
    format: str = "auto"
    default: str | None = None
    may_be_unset: bool = True

    @property
    def written(self) -> str:
        """The format that `auto` stands for."""
        if self.format != "auto":
            return self.format
        if self.type in _NUMERIC:
            return {"money": "money", "rate": "percent"}.get(self.meaning, "number")
        return {"date": "date", "timestamp": "datetime", "strings": "list"}.get(self.type, "text")


def unset(value: object) -> bool:
    """Whether a value is as good as none: a blank name greets nobody."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def dressed(value: object, spec: Spec, locale: Locale) -> object:
    """A raw value as Liquid gets it. What does not fit its format prints as it is."""
    if unset(value):
        return spec.default or None
    kind = spec.written
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value, kind, spec.scale, locale)
    if isinstance(value, datetime):
        made = Moment.combine(value.date(), value.timetz())
        made.shown = moment(value, locale, kind)
        return made
    if isinstance(value, date):
        day = Day(value.year, value.month, value.day)
        day.shown = long_date(value, locale)
        return day
    if isinstance(value, list | tuple):
        items = [str(item) for item in value]
        return joined(items, locale) if kind in ("list", "text") else items
    return str(value)


def _number(value: int | float | Decimal, kind: str, scale: int, locale: Locale) -> object:
    number = exact(value)
    if number is None:
        return None
    if kind == "money":
        return Amount(number, money(number, locale))
    if kind == "money_man":
        return Amount(number, money_man(number, locale))
    if kind == "percent":
        return Amount(number, f"{grouped(number)}%")
    if kind == "text":
        return Amount(number, f"{number:f}")
    return Amount(number, grouped(number, scale if isinstance(value, Decimal) and scale else None))


def exact(value: int | float | Decimal | str) -> Decimal | None:
    """A number of this world as a decimal; None for infinity, no number, and what is too large."""
    try:
        number = Decimal(str(value)) if isinstance(value, float | str) else Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= LARGEST or number.adjusted() < -18:
        return Decimal(0) if number.is_finite() and abs(number) < 1 else None
    return number


def grouped(number: Decimal, places: int | None = None) -> str:
    """`1,234,567.5`: thousands parted, no zeros at the end unless `places` are asked for."""
    if places is not None:
        return f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(number: Decimal, locale: Locale) -> str:
    """`1,234,567円`, `¥1,234,567`; a fraction of a yen only where there is one."""
    text = grouped(number)
    if locale == "ja":
        return f"{text}円"
    return f"-¥{text[1:]}" if text.startswith("-") else f"¥{text}"


def money_man(number: Decimal, locale: Locale) -> str:
    """As a bank writes large amounts: `1,234万円`, `1億2,345万円`; below 10,000 in yen."""
    if locale == "en" or abs(number) < _MAN:
        return money(number, locale)
    sign, left = ("-", -number) if number < 0 else ("", number)
    man = (left / _MAN).quantize(Decimal(1), ROUND_HALF_UP)
    oku, man = divmod(man, _OKU / _MAN)
    parts = f"{grouped(oku)}億" if oku else ""
    return f"{sign}{parts}{f'{grouped(man)}万' if man else ''}円"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def long_date(day: date, locale: Locale) -> str:
    """`2026年11月22日`, `22 November 2026`."""
    if locale == "ja":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment(at: datetime, locale: Locale, kind: str = "datetime") -> str:
    clock = f"{at.hour}:{at.minute:02d}"
    if kind == "time":
        return clock
    if kind == "date":
        return long_date(at, locale)
    return f"{long_date(at, locale)} {clock}"


def joined(items: Sequence[str], locale: Locale) -> str:
    return ("、" if locale == "ja" else ", ").join(items)


_ERAS = (
    (date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"), (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"), (date(1873, 1, 1), "明治"),
)  # fmt: skip


def wareki(day: date) -> str:
    """`令和8年11月22日`; the first year of an era is 元年. Days before 1873 keep their year."""
    for begins, name in _ERAS:
        if date(day.year, day.month, day.day) >= begins:
            year = day.year - begins.year + 1 + (5 if name == "明治" else 0)
            return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return long_date(day, "ja")


WEEKDAYS: dict[Locale, tuple[str, ...]] = {
    "ja": tuple("月火水木金土日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
