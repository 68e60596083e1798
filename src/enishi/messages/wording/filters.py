"""What `|` may do in a template: a short list of our own, each bounded in what it can grow.

Filters of the library are not offered: some of them build texts of any length, read clocks or
unescape. The sandbox bounds what goes in and comes out once more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias
from urllib.parse import quote

from liquid import Markup, escape
from liquid.filter import with_environment

from enishi.kernel.text import Locale, Text
from enishi.messages.wording import formats

Filter: TypeAlias = Callable[..., object]
LONGEST = 20_000
"""Characters that a text in a template may have."""

ITEMS_GIVEN = 200
"""Items of a list that come with a person or an event; the rest is left out."""


class FilterError(Exception):
    """A filter was given what it cannot take; `code` is the template's (`template_broken`…)."""

    def __init__(self, said: str, code: str = "template_broken") -> None:
        super().__init__(said)
        self.code = code


def text_of(value: object) -> str:
    """Any value as a text; Markup stays Markup, nothing is the empty text."""
    if isinstance(value, str):
        return value
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def plain_of(value: object) -> str:
    """Any value as a text that is escaped when it comes out, whatever it was.

    Markup that is cut up or changed is no longer what was escaped: `<` would come out of `<br>`.
    """
    text = text_of(value)
    return text.unescape() if isinstance(text, Markup) else text


def number_of(value: object) -> Decimal:
    """Any value as a number; what is none counts as 0."""
    if isinstance(value, bool) or value is None:
        return Decimal(0)
    if isinstance(value, int | float | Decimal):
        return formats.exact(value) or Decimal(0)
    found = formats.exact(text_of(value).replace(",", "").strip()[:40] or "0")
    return found if found is not None else Decimal(0)


def whole(value: object, least: int, most: int) -> int:
    return int(max(Decimal(least), min(Decimal(most), number_of(value))))


def _bounded(number: Decimal) -> Decimal | int:
    found = formats.exact(number)
    if found is None:
        raise FilterError("too large a number", "template_limit")
    return int(found) if found == found.to_integral_value() else found


# ── texts ──────────────────────────────────────────────────────────────────────────────────────


def default(value: object, instead: object = "") -> object:
    """The value, or another where it is unset, empty or false."""
    return instead if formats.unset(text_of(value)) or value is False else value


def upcase(value: object) -> str:
    return plain_of(value).upper()


def downcase(value: object) -> str:
    return plain_of(value).lower()


def capitalize(value: object) -> str:
    return plain_of(value).capitalize()


def strip(value: object) -> str:
    """Without blanks at both ends; Markup stays Markup, as no tag is cut by that."""
    return text_of(value).strip()


def append(value: object, more: object) -> str:
    return text_of(value) + text_of(more)


def prepend(value: object, more: object) -> str:
    return text_of(more) + text_of(value)


def replace(value: object, old: object, new: object = "") -> str:
    """Every `old` as `new`; what would grow too long is not begun."""
    text, sought, instead = plain_of(value), plain_of(old), plain_of(new)
    if not sought:
        return text
    if len(text) + text.count(sought) * len(instead) > LONGEST * 2:
        raise FilterError("replace grows too long", "template_limit")
    return text.replace(sought, instead)


def remove(value: object, old: object) -> str:
    return replace(value, old, "")


def truncate(value: object, length: object = 50, ellipsis: object = "…") -> str:
    """At most so many characters, the ellipsis counted."""
    text, end, most = plain_of(value), plain_of(ellipsis), whole(length, 0, LONGEST)
    if len(text) <= most:
        return text
    return text[: max(0, most - len(end))] + end


def slice_(value: object, start: object, length: object = 1) -> object:
    found: Any = value if isinstance(value, list) else plain_of(value)
    begin = whole(start, -LONGEST, LONGEST)
    begin = max(0, len(found) + begin) if begin < 0 else begin
    return found[begin : begin + whole(length, 0, LONGEST)]


def split(value: object, by: object) -> list[str]:
    text, sought = plain_of(value), plain_of(by)
    return list(text) if not sought else text.split(sought)


def newline_to_br(value: object) -> Markup:
    """Line breaks as HTML; everything else stays escaped."""
    return Markup("<br>").join(escape(text_of(value)).split("\n"))


def url_encode(value: object) -> str:
    """Safe as a part of an address."""
    return quote(plain_of(value), safe="")


def escape_(value: object) -> Markup:
    return escape(text_of(value))


# ── lists ──────────────────────────────────────────────────────────────────────────────────────


def _items(value: object) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    return [] if formats.unset(value) else [value]


def join(value: object, by: object = " ") -> str:
    return plain_of(by).join(plain_of(item) for item in _items(value))


def first(value: object) -> object:
    return next(iter(_items(value)), None)


def last(value: object) -> object:
    return next(reversed(_items(value)), None)


def size(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict) else 0


def sort(value: object) -> list[Any]:
    return sorted(_items(value), key=text_of)


def uniq(value: object) -> list[Any]:
    return list({text_of(item): item for item in _items(value)}.values())


def reverse(value: object) -> list[Any]:
    return _items(value)[::-1]


# ── numbers ────────────────────────────────────────────────────────────────────────────────────


def plus(value: object, other: object) -> object:
    return _bounded(number_of(value) + number_of(other))


def minus(value: object, other: object) -> object:
    return _bounded(number_of(value) - number_of(other))


def times(value: object, other: object) -> object:
    return _bounded(number_of(value) * number_of(other))


def divided_by(value: object, other: object) -> object:
    by = number_of(other)
    if not by:
        raise FilterError("division by nothing")
    return _bounded(number_of(value) / by)


def modulo(value: object, other: object) -> object:
    by = number_of(other)
    if not by:
        raise FilterError("division by nothing")
    try:
        return _bounded(number_of(value) % by)
    except ArithmeticError as error:
        raise FilterError("too large a number", "template_limit") from error


def _rounded(value: object, places: object, way: str) -> object:
    digits = Decimal(1).scaleb(-whole(places, 0, 9))
    try:
        return _bounded(number_of(value).quantize(digits, way))
    except ArithmeticError as error:
        raise FilterError("too large a number", "template_limit") from error


def round_(value: object, places: object = 0) -> object:
    return _rounded(value, places, ROUND_HALF_UP)


def ceil(value: object) -> object:
    return _rounded(value, 0, ROUND_CEILING)


def floor(value: object) -> object:
    return _rounded(value, 0, ROUND_FLOOR)


def abs_(value: object) -> object:
    return _bounded(abs(number_of(value)))


def at_least(value: object, other: object) -> object:
    return _bounded(max(number_of(value), number_of(other)))


def at_most(value: object, other: object) -> object:
    return _bounded(min(number_of(value), number_of(other)))


def number(value: object) -> str:
    return formats.grouped(number_of(value))


def yen(value: object, *, environment: Any) -> str:
    return formats.money(number_of(value), environment.language)


def man(value: object, *, environment: Any) -> str:
    return formats.money_man(number_of(value), environment.language)


def percent(value: object, places: object = 2) -> str:
    rounded = number_of(value).quantize(Decimal(1).scaleb(-whole(places, 0, 6)), ROUND_HALF_UP)
    return f"{formats.grouped(rounded)}%"


# ── days ───────────────────────────────────────────────────────────────────────────────────────

_PARTS: dict[str, Callable[[datetime], object]] = {
    "Y": lambda at: f"{at.year:04d}", "m": lambda at: f"{at.month:02d}",
    "d": lambda at: f"{at.day:02d}", "H": lambda at: f"{at.hour:02d}",
    "M": lambda at: f"{at.minute:02d}", "y": lambda at: f"{at.year % 100:02d}",
    "-m": lambda at: at.month, "-d": lambda at: at.day, "-H": lambda at: at.hour,
    "e": lambda at: at.day, "B": lambda at: formats.long_date(at, "en").split(" ")[1],
    "b": lambda at: formats.long_date(at, "en").split(" ")[1][:3],
    "A": lambda at: formats.WEEKDAYS["en"][at.weekday()],
    "a": lambda at: formats.WEEKDAYS["ja"][at.weekday()],
    "J": lambda at: formats.wareki(at), "%": lambda _: "%",
}  # fmt: skip


def day_of(value: object) -> datetime | None:
    """A value as a local instant: a date, an instant, or either in ISO 8601."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  a local day
    try:
        return datetime.fromisoformat(text_of(value).strip())
    except ValueError:
        return None


def date_(value: object, form: object = "", *, environment: Any) -> object:
    """A day in the parts `%Y %m %d %-m %-d %H %M %a %A %B %J` (和暦); alone, as a letter has it."""
    at = day_of(value)
    if at is None:
        return value
    pattern = plain_of(form)
    if not pattern:
        return formats.long_date(at, environment.language)
    found, place = [], 0
    while place < len(pattern):
        if pattern[place] != "%":
            found.append(pattern[place])
            place += 1
            continue
        width = 2 if pattern[place + 1 : place + 2] == "-" else 1
        name = pattern[place + 1 : place + 1 + width]
        part = _PARTS.get(name)
        if part is None:
            raise FilterError(f"unknown part %{name} of a date")
        found.append(str(part(at)))
        place += 1 + width
    return "".join(found)


def plus_days(value: object, days: object) -> object:
    """A day so many days later."""
    at = day_of(value)
    if at is None:
        return value
    try:
        moved = date.fromordinal(at.toordinal() + whole(days, -40_000, 40_000))
    except (ValueError, OverflowError) as error:
        raise FilterError("no such day") from error
    return formats.dressed(moved, formats.Spec(None, "date"), "ja")


def weekday(value: object, *, environment: Any) -> str:
    at = day_of(value)
    language: Locale = environment.language
    return formats.WEEKDAYS[language][at.weekday()] if at is not None else ""


def wareki(value: object) -> object:
    at = day_of(value)
    return formats.wareki(at) if at is not None else value


for _asking in (yen, man, date_, weekday):
    with_environment(_asking)

ALL: dict[str, Filter] = {
    "default": default, "upcase": upcase, "downcase": downcase, "capitalize": capitalize,
    "strip": strip, "append": append, "prepend": prepend, "replace": replace, "remove": remove,
    "truncate": truncate, "slice": slice_, "split": split, "newline_to_br": newline_to_br,
    "url_encode": url_encode, "escape": escape_, "join": join, "first": first, "last": last,
    "size": size, "sort": sort, "uniq": uniq, "reverse": reverse, "plus": plus, "minus": minus,
    "times": times, "divided_by": divided_by, "modulo": modulo, "round": round_, "ceil": ceil,
    "floor": floor, "abs": abs_, "at_least": at_least, "at_most": at_most, "number": number,
    "yen": yen, "man": man, "percent": percent, "date": date_, "plus_days": plus_days,
    "weekday": weekday, "wareki": wareki,
}  # fmt: skip

FILTERS: tuple[tuple[str, Text], ...] = (
    ("default", Text("値がないときの文字", "what stands where there is no value")),
    ("number", Text("3桁区切りの数(1,234)", "a number with thousands parted (1,234)")),
    ("yen", Text("金額(1,234,567円)", "an amount (¥1,234,567)")),
    ("man", Text("万円単位の金額(123万円)", "an amount in units of 10,000 yen")),
    ("percent", Text("百分率(0.25%)", "a percentage (0.25%)")),
    ("date", Text("日付。形は %Y年%-m月%-d日 など", "a date; its form such as %Y-%m-%d")),
    ("wareki", Text("和暦の日付", "a date in the Japanese era")),
    ("weekday", Text("曜日", "the day of the week")),
    ("plus_days", Text("何日か後の日付", "the date so many days later")),
    ("round", Text("四捨五入", "rounded half up")),
    ("ceil", Text("切り上げ", "rounded up")),
    ("floor", Text("切り捨て", "rounded down")),
    ("plus", Text("足す", "added to")),
    ("minus", Text("引く", "less")),
    ("times", Text("掛ける", "times")),
    ("divided_by", Text("割る", "divided by")),
    ("truncate", Text("長い文字を短くする", "a text cut short")),
    ("replace", Text("文字を置き換える", "one text in place of another")),
    ("upcase", Text("大文字にする", "in capitals")),
    ("downcase", Text("小文字にする", "in small letters")),
    ("join", Text("並んだ値をつなぐ", "several values joined")),
    ("first", Text("最初の値", "the first of several values")),
    ("size", Text("文字数・個数", "how many")),
    ("newline_to_br", Text("改行をHTMLの改行にする", "line breaks as HTML")),
    ("url_encode", Text("アドレスの一部に使える形にする", "safe as a part of an address")),
)

NAMES: tuple[tuple[str, Text, Text], ...] = (
    ("salutation", Text("宛名と敬称", "the name as it is addressed"),
     Text("日の出 花子 様", "Hanako Hinode")),
    ("person.name", Text("敬称のない名前", "the bare name"), Text("日の出 花子", "Hanako Hinode")),
    ("sender.name", Text("送信者名", "the sender's name"), Text("日の出銀行", "Hinode Bank")),
    ("today", Text("送る日", "the day of sending"), Text("2026年4月1日", "1 April 2026")),
    ("unsubscribe_url", Text("配信停止のアドレス", "where to refuse more of this"),
     Text("https://…", "https://…")),
    ("preferences_url", Text("配信設定のアドレス", "where to choose what comes"),
     Text("https://…", "https://…")),
    ("given", Text("ジャーニーの入口イベントの値(given.項目名)",
                   "values of the event that began a journey (given.name)"),
     Text("given.product", "given.product")),
)  # fmt: skip
