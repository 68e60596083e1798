"""Arrivals as a role may see them: what the catalog holds back stays back before it is stored, too.

A property is shown as the field of `activity` that holds it, any other one, and a value that fits
no such field, as its `properties`; a trait as the person's field of that name, else like the most
personal of data. Whose row scope leaves anybody out sees no value at all, as the log cannot tell
whom an event is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

from enishi.book.access import Actor
from enishi.catalog.types import Catalog, Field, FieldType, Pii
from enishi.kernel.text import Text
from enishi.live.arrivals import Arrival
from enishi.sources.stream.parse import MOST_NAME
from enishi.sources.stream.rows import reader
from enishi.warehouse.masking import hidden, mask

Row: TypeAlias = dict[str, Any]

MOST_VALUES = 30
MOST_TEXT = 200
_STRICT = Field("trait", FieldType.STRING, Text("属性", "Trait"), pii=Pii.HIGH)
_STARS = "＊＊＊"
_PAGE = frozenset({"url", "path", "title", "referrer"})
_EMPTY: Mapping[str, Any] = {}


def rows(
    found: list[Arrival], names: Mapping[str, str], catalog: Catalog, actor: Actor
) -> list[Row]:
    """The arrivals as rows for the API; `names` are the event sources' by id."""
    view = _View(catalog, actor)
    return [view.row(one, names) for one in found]


class _View:
    """What one actor may see of events under one catalog."""

    def __init__(self, catalog: Catalog, actor: Actor) -> None:
        self.actor = actor
        self.stream, self.zone = catalog.stream, catalog.zone
        self.fields: Mapping[str, Field] = {}
        self.person: Mapping[str, Field] = {}
        self.by_property: dict[str, Field] = {}
        if self.stream is not None:
            self.fields = catalog.datasets[self.stream.activity].fields
            self.person = catalog.datasets[self.stream.person].fields
            self.by_property = {
                path: self.fields[name] for name, path in self.stream.properties.items()
            }

    def row(self, one: Arrival, names: Mapping[str, str]) -> Row:
        event = one.event
        page = _object(_object(event.get("context")).get("page")) or _object(
            event.get("properties")
        )
        traits = _object(event.get("traits")) or _object(
            _object(event.get("context")).get("traits")
        )
        user = self._own("user_id")
        if self.stream is not None and not hidden(user, self.actor.pii):
            user = self.person.get(self.stream.user, _STRICT)
        return {
            "id": one.id,
            "at": datetime.fromtimestamp(one.at / 1e6, UTC),
            "source": {"id": one.source, "name": names.get(one.source, one.source)},
            "type": one.type[:20],
            "event": _name(one),
            "user_id": self._value(event.get("userId"), user),
            "anonymous_id": self._value(event.get("anonymousId"), self._own("anonymous_id")),
            "path": self._value(page.get("path"), self._own("path")),
            "values": [
                *self._values(_object(event.get("properties")), self._property),
                *self._values(traits, self._trait),
            ][:MOST_VALUES],
        }

    def _own(self, name: str) -> Field:
        return self.fields.get(name, _STRICT)

    def _property(self, name: str, value: object) -> Field:
        found = self.by_property.get(name)
        if found is None and name in _PAGE:
            found = self._own(name)
        if found is not None and self._fits(value, found):
            return found
        # It may hold anything, also what belongs to fields that are read from inside it.
        inside = [f for path, f in self.by_property.items() if path.startswith(f"{name}.")]
        return next((f for f in inside if f.pii is Pii.HIGH), self._own("properties"))

    def _trait(self, name: str, value: object) -> Field:
        found = self.person.get(name, _STRICT)
        return found if self._fits(value, found) else _STRICT

    def _fits(self, value: object, field: Field) -> bool:
        return reader(field, self.zone)(value) is not None

    def _values(
        self, given: Mapping[str, Any], field_of: Callable[[str, object], Field]
    ) -> list[Row]:
        return [
            {"name": _text(name), "value": self._value(value, field_of(name, value))}
            for name, value in list(given.items())[:MOST_VALUES]
        ]

    def _value(self, value: object, field: Field) -> str | None:
        if value is None:
            return None
        if self.actor.scope is not None:
            return _STARS
        if hidden(field, self.actor.pii):
            return mask(value, field) if isinstance(value, str) else _STARS
        return _text(value)


def _name(one: Arrival) -> str:
    """The event's name, or that of the page. What is no name may be anything: it is not shown."""
    told = one.event.get("event")
    if told is None and one.type in ("page", "screen"):
        told = one.event.get("name")
    return told if isinstance(told, str) and len(told) <= MOST_NAME else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _EMPTY


def _text(value: object) -> str:
    """A value as a short text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    except RecursionError:
        return "…"  # it was read where the stack was less deep
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
