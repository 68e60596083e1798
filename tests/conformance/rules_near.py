"""A rule and one that differs from it in a single place: where sentences are most easily alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from hypothesis import strategies as st
from rules_worlds import NAMES, SETS, TEXTS

Json = dict[str, object]
Place = tuple[str | int, ...]

_SPAN = re.compile(r"([+-]?)(\d+)(mo|[mhdwy])\Z")
_WORDS = (
    *NAMES, *(text for text in TEXTS if text), "trans", "*", "aid", "amount", "name", "event",
    "ts.date", "page", "kind", "today", "this_month", "last_month", "new", "busy", "held", "done",
    "spring", "eq", "ne", "lt", "ge", "is_set", "contains", *SETS.segments(), *SETS.lists(),
)  # fmt: skip
_TWINS = {"entered": "left", "last": "next", "from": "to", "all": "any", "event": "no_event",
          "times": "plus", "today": "now", "field": "subject", "sum": "avg", "first": "last",
          "min": "max"}  # fmt: skip
_TWINS |= {twin: name for name, twin in _TWINS.items()}
_OPTIONAL = ("where", "during", "same", "within", "status", "exact", "entered", "left", "times",
             "plus")  # fmt: skip


def _places(json: object, here: Place = ()) -> Iterator[Place]:
    """Every place of a JSON value, the outermost first."""
    yield here
    if isinstance(json, dict):
        for name, item in json.items():
            yield from _places(item, (*here, name))
    elif isinstance(json, list):
        for index, item in enumerate(json):
            yield from _places(item, (*here, index))


@st.composite
def near(draw: st.DrawFn, json: Json) -> object:
    """The rule with one place changed; often it is no longer a rule."""
    place = draw(st.sampled_from(list(_places(json))))
    return _changed(draw, json, place)


def _changed(draw: st.DrawFn, json: object, place: Place) -> object:
    if not place:
        return _other(draw, json)
    first, rest = place[0], place[1:]
    if isinstance(json, list):
        assert isinstance(first, int)
        return [*json[:first], _changed(draw, json[first], rest), *json[first + 1 :]]
    assert isinstance(json, dict)
    return {**json, first: _changed(draw, json[first], rest)}


def _other(draw: st.DrawFn, json: object) -> object:
    if isinstance(json, bool):
        return not json
    if isinstance(json, (int, float, Decimal)):
        return json + draw(st.sampled_from([1, -1, 9]))
    if isinstance(json, str):
        span = _SPAN.match(json)
        if span is None:
            return draw(st.sampled_from(_WORDS))
        sign, digits, unit = span.groups()
        amount = int(digits) + draw(st.integers(0, 1))
        return f"{sign}{amount}{draw(st.sampled_from([unit, 'h', 'd', 'w']))}"
    if isinstance(json, list):
        return list(reversed(json)) if draw(st.booleans()) else json[:-1]
    if isinstance(json, dict):
        return _other_keys(draw, json)
    return json


def _other_keys(draw: st.DrawFn, json: Json) -> Json:
    """A key renamed to its twin, or left out, or the whole in a `not`."""
    renamed = [name for name in json if name in _TWINS]
    spare = [name for name in json if name in _OPTIONAL]
    choice = draw(st.sampled_from([*renamed, *spare, "not"]))
    if choice in spare and draw(st.booleans()):
        return {name: item for name, item in json.items() if name != choice}
    if choice in renamed:
        return {_TWINS[name] if name == choice else name: item for name, item in json.items()}
    return {"not": json}
