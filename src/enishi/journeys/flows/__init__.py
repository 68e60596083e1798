"""The flows that a journey can be made from: YAML files beside this, in both languages.

What depends on a workspace (templates, segments, lists, events, dates, the purpose) is left open in
them and shows as faults until it is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from enishi.book.jsontext import exact
from enishi.kernel.errors import NotFound
from enishi.kernel.text import Locale, Text

_ORDER = (
    "welcome", "first_to_continued", "trial_to_full", "reactivation", "maturity", "card_closed",
    "nps_detractor",
)  # fmt: skip
_BOTH = frozenset({"label", "reason"})
"""Members of a body that hold both languages themselves."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow. `raw` is its body with every text in both languages."""

    name: str
    label: Text
    description: Text
    raw: Mapping[str, Any]

    def body(self, locale: Locale) -> dict[str, Any]:
        """The body to begin with, its texts in one language."""
        found = _told(self.raw, locale)
        assert isinstance(found, dict)
        return found


@cache
def flows() -> tuple[Flow, ...]:
    """Every flow, in the order of a customer's life."""
    return tuple(_read(name) for name in _ORDER)


def get_flow(name: str) -> Flow:
    """A flow by its name; raises NotFound."""
    found = next((flow for flow in flows() if flow.name == name), None)
    if found is None:
        raise NotFound(
            Text("このひな型は見つかりません。", "There is no such flow."),
            Text("一覧から選び直してください。", "Choose one from the list of flows."),
            code="flow_not_found",
        )
    return found


def _read(name: str) -> Flow:
    text = (files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")
    read: Any = exact(yaml.safe_load(text))
    return Flow(name, Text(**read["label"]), Text(**read["description"]), read["body"])


def _told(value: object, locale: Locale, name: str = "", inside: str = "") -> object:
    """A part of a body with its texts in one language."""
    if isinstance(value, Mapping):
        if value.keys() == {"ja", "en"}:
            both = name in _BOTH or (name == "name" and inside == "conversions")
            return dict(value) if both else value[locale]
        return {key: _told(part, locale, key, inside or key) for key, part in value.items()}
    if isinstance(value, list):
        return [_told(part, locale, name, inside) for part in value]
    return value
