"""Parts of a journey's wording in words, as a comparison of two versions shows them.

Nothing is left out: two parts that differ are told differently.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from enishi.book.jsontext import ExactEncoder
from enishi.catalog.types import Catalog
from enishi.journeys.drawing import part_words
from enishi.journeys.feed.signals import person_rule
from enishi.journeys.graph import JourneyBody
from enishi.journeys.words import Label, length, step_words
from enishi.kernel.errors import EnishiError
from enishi.kernel.text import Locale, Text
from enishi.rules import describe

_RULES = ("rule", "where", "audience")
_STEPS = ("next", "start")
_LENGTHS = ("duration", "timeout", "window", "after")
_NAMED = ("segment", "list", "template")
_GIVEN = "values"  # whose names and words are somebody's own
_YES = Text("はい", "yes")
_NO = Text("いいえ", "no")


def empty(value: object) -> bool:
    """Whether a part says nothing."""
    return value in (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Saying:
    """Tells the parts of one wording, whose steps it names."""

    body: JourneyBody
    catalog: Catalog
    named: Label
    locale: Locale

    def part(self, name: str, value: object) -> str:
        """A part in words; each item of a list, and each field of a whole, is a line."""
        if isinstance(value, list):
            return "\n".join(self._said(name, one) for one in value)
        if isinstance(value, Mapping) and name not in _RULES and not _both(value):
            return "\n".join(self._given(value) if name == _GIVEN else self._fields(value))
        return self._said(name, value)

    def _said(self, name: str, value: object) -> str:
        if empty(value):
            return ""
        if isinstance(value, bool):
            return (_YES if value else _NO)[self.locale]
        if isinstance(value, Mapping):
            if _both(value):
                return Text(str(value.get("ja", "")), str(value.get("en", "")))[self.locale] or (
                    str(value.get("ja") or value.get("en") or "")
                )
            rule = self._rule(value) if name in _RULES else None
            return rule or self._joined(self._fields(value))
        if isinstance(value, list):
            between = "、" if self.locale == "ja" else ", "
            return between.join(self._said(name, one) for one in value)
        if isinstance(value, str):
            return self._word(name, value)
        return json.dumps(value, ensure_ascii=False, cls=ExactEncoder)

    def _fields(self, value: Mapping[str, Any]) -> list[str]:
        colon = "：" if self.locale == "ja" else ": "
        return [
            f"{part_words.label(name)[self.locale]}{colon}{self._said(name, one)}"
            for name, one in value.items()
            if not empty(one)
        ]

    def _given(self, value: Mapping[str, Any]) -> list[str]:
        colon = "：" if self.locale == "ja" else ": "
        plain = {k: v if isinstance(v, str) else self._said("", v) for k, v in value.items()}
        return [f"{key}{colon}{one}" for key, one in plain.items()]

    def _joined(self, told: list[str]) -> str:
        return ("／" if self.locale == "ja" else "; ").join(told)

    def _word(self, name: str, value: str) -> str:
        if name in _STEPS or name.endswith("_next"):
            step = self.body.steps.get(value)
            if step is None or step.name:
                return value if step is None else step.name
            return step_words(step, self.named)[self.locale]
        if name in _LENGTHS:
            return length(value)[self.locale]
        if name in _NAMED:
            return self._named(name, value)
        return part_words.value(name, value)[self.locale]

    def _named(self, kind: str, name: str) -> str:
        """What something is called, and the name it is told apart by."""
        called = self.named(kind, name)[self.locale]
        if called == name:
            return name
        return f"{called}（{name}）" if self.locale == "ja" else f"{called} ({name})"

    def _rule(self, value: Mapping[str, Any]) -> str | None:
        """The sentence of a rule over persons; None where it is none, or cannot be read."""
        try:
            rule = person_rule(value, self.catalog, self.body.purpose)
        except EnishiError:
            return None
        return describe(rule, self.catalog, self.locale)


def _both(value: Mapping[str, Any]) -> bool:
    return bool(value) and set(value) <= {"ja", "en"}
