"""Who comes first, and why: fixed levels, or points from weighted values, with reasons in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from enishi.catalog.types import Catalog, FieldType, Meaning
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Locale, Text
from enishi.lists.checking import NUMBERS, moved, refused
from enishi.lists.schemas import FixedPriority, ScorePart, ScorePriority
from enishi.lists.types import PRIORITY_OF, Priority
from enishi.lists.words import number_words
from enishi.rules import CheckedValue, check_value

HIGH_SHARE, MEDIUM_SHARE = 0.20, 0.50
"""Without thresholds the best fifth is high, the best half at least medium."""

UNITS: Mapping[str, Text] = {
    "money": Text("{}円", "¥{}"),
    "years": Text("{}歳", "{}"),
    "times": Text("{}回", "{}"),
    "items": Text("{}件", "{}"),
}
"""How a number of each unit is written."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    high_from: float
    medium_from: float

    def priority(self, score: float) -> Priority:
        if score >= self.high_from:
            return Priority.HIGH
        return Priority.MEDIUM if score >= self.medium_from else Priority.LOW


def alias(position: int) -> str:
    """The name of a score part's value among the columns asked of the warehouse."""
    return f"x_score_{position}_"


def check_priority(
    priority: FixedPriority | ScorePriority, catalog: Catalog, subject: str, purpose: str | None
) -> dict[str, CheckedValue]:
    """The checked values a priority needs, by alias; raises Invalid with faults."""
    if isinstance(priority, FixedPriority):
        return {}
    faults: list[Fault] = []
    found: dict[str, CheckedValue] = {}
    for position, part in enumerate(priority.parts):
        where = f"priority.parts[{position}]"
        try:
            value = check_value(part.value, catalog, subject=subject, purpose=purpose)
        except Invalid as error:
            faults += moved(error, f"{where}.value")
            continue
        found[alias(position)] = value
        faults += _part_faults(part, value.type, f"$.{where}")
    if (
        priority.high_from is not None
        and priority.medium_from is not None
        and priority.high_from < priority.medium_from
    ):
        faults.append(
            Fault(
                "thresholds",
                "$.priority.high_from",
                Text("「高」の境が「中」より低くなっています。", "High starts below medium."),
                Text("境の点数を入れ替えてください。", "Exchange the two."),
            )
        )
    if faults:
        raise refused(faults)
    return found


def _part_faults(part: ScorePart, kind: FieldType, path: str) -> list[Fault]:
    ways = [name for name in ("weight", "map", "bands") if getattr(part, name) is not None]
    if len(ways) != 1:
        return [
            Fault(
                "one_way",
                path,
                Text(
                    "weight・map・bands のうち一つを指定してください。",
                    "Give exactly one of weight, map and bands.",
                ),
                Text("一つだけ残してください。", "Keep only one of them."),
            )
        ]
    fits = {
        "weight": (*NUMBERS, FieldType.BOOLEAN),
        "bands": NUMBERS,
        "map": (FieldType.STRING, FieldType.BOOLEAN, FieldType.INTEGER),
    }[ways[0]]
    if kind in fits:
        return []
    return [
        Fault(
            "wrong_type",
            f"{path}.{ways[0]}",
            Text(
                f"{ways[0]} は {kind.value} の値には使えません。",
                f"{ways[0]} does not fit a value of type {kind.value}.",
            ),
            Text(
                "数値なら weight か bands、文字なら map を使ってください。",
                "Use weight or bands for numbers, map for text.",
            ),
        )
    ]


def points_of(part: ScorePart, value: object) -> float:
    """The points one value earns; an unset value earns none."""
    if value is None:
        return 0.0
    if part.map is not None:
        key = str(value).lower() if isinstance(value, bool) else str(value)
        return part.map.get(key, part.map.get("*", 0.0))
    number = float(value) if isinstance(value, int | float | Decimal) else 0.0
    if part.bands is not None:
        return next((band.points for band in part.bands if band.from_ <= number), 0.0)
    return number * (part.weight or 0.0)


def score(priority: ScorePriority, row: Mapping[str, Any]) -> tuple[float, list[dict[str, object]]]:
    """The score of a row and the parts that made it, the weightiest first.

    `row` holds the values by `alias`. Parts that earned nothing are left out.
    """
    total = 0.0
    reasons: list[dict[str, object]] = []
    for position, part in enumerate(priority.parts):
        value = row[alias(position)]
        points = points_of(part, value)
        if points:
            total += points
            reasons.append({"part": position, "value": value, "points": round(points, 2)})
    reasons.sort(key=lambda reason: -abs(float(str(reason["points"]))))
    return round(total, 4), reasons


def thresholds(
    priority: ScorePriority, scores: Sequence[float], kept: Mapping[str, float] | None
) -> Thresholds:
    """The points from which a member is high or medium: as asked, as kept, else by shares."""
    if kept is not None:
        return Thresholds(kept["high_from"], kept["medium_from"])
    ordered = sorted(scores, reverse=True)
    high = priority.high_from
    medium = priority.medium_from
    if high is None:
        high = max(_at(ordered, HIGH_SHARE), medium if medium is not None else float("-inf"))
    if medium is None:
        medium = min(_at(ordered, MEDIUM_SHARE), high)
    return Thresholds(high, medium)


def _at(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, int(len(ordered) * share) - 1))]


def fixed_level(priority: FixedPriority) -> Priority:
    return Priority(PRIORITY_OF[priority.level])


def reason_sentences(
    priority: FixedPriority | ScorePriority,
    reasons: Sequence[Mapping[str, object]],
    locale: Locale,
    *,
    by_hand: bool = False,
    hidden: frozenset[int] = frozenset(),
    units: Sequence[str] = (),
) -> list[str]:
    """Stored reasons in words: 「毎月の返済額 142,000円（+25点）」.

    `hidden` are the parts whose values the reader may not see, `units` what each part counts.
    """
    if by_hand:
        return [Text("優先度は手動で設定されています", "Priority set by hand")[locale]]
    if isinstance(priority, FixedPriority):
        level = {
            "high": Text("高", "high"), "medium": Text("中", "medium"), "low": Text("低", "low")
        }[priority.level][locale]  # fmt: skip
        return [Text(f"リスト全体が「{level}」", f"The whole list is {level}")[locale]]
    found = []
    for reason in reasons:
        position = int(str(reason["part"]))
        if position >= len(priority.parts):
            continue
        label = priority.parts[position].label
        name = label.ja if locale == "ja" else label.en
        if position in hidden:
            told = f"{name} •••"
        else:
            unit = units[position] if position < len(units) else ""
            told = _named(name, reason["value"], unit, locale)
        points = float(str(reason["points"]))
        earned = f"{'+' if points >= 0 else '−'}{number_words(abs(points))}"
        found.append(Text(f"{told}（{earned}点）", f"{told} ({earned})")[locale])
    return found


def unit_of(value: CheckedValue) -> str:
    """What a value is counted in: a name of `UNITS`, or empty."""
    if value.meaning is Meaning.MONEY:
        return "money"
    json = value.json
    if str(json.get("field", "")).endswith(".age"):
        return "years"
    if json.get("measure", "count") != "count":
        return ""
    return "times" if "event" in json else "items" if "related" in json else ""


def _named(name: str, value: object, unit: str, locale: Locale) -> str:
    """「給与振込あり」 for what is so, 「毎月の返済額 142,000円」 for what is counted."""
    if value is True:
        return name
    words = value_words(value, locale)
    if value is False:
        return f"{name}: {words}"
    if unit in UNITS and isinstance(value, int | float | Decimal):
        words = UNITS[unit][locale].format(words)
    return f"{name} {words}"


def value_words(value: object, locale: Locale) -> str:
    """A value as a sentence writes it."""
    if isinstance(value, bool):
        return Text("はい", "yes")[locale] if value else Text("いいえ", "no")[locale]
    if isinstance(value, int | float | Decimal):
        return number_words(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
