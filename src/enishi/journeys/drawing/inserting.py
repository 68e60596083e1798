"""A flow as a part of another journey: its steps set into a way, between a step and what follows.

Where the flow would end, people go on to what followed before. Entries, exits, goal, conversions
and sheet of the flow are left out: those are the journey's own.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from enishi.journeys.drawing.draft import ways
from enishi.kernel.errors import Invalid
from enishi.kernel.text import Text

Raw = dict[str, Any]
_PART = re.compile(r"(\w+)(?:\[(\d+)\]\.(\w+))?")


def inserted(body: Mapping[str, Any], flow: Mapping[str, Any], after: str, way: str) -> Raw:
    """The body with the steps of a flow in one way. Steps whose names are taken get others.

    `after` is the step, `way` the path of its way (`next`, `timeout_next`, `arms[0].next`); an
    empty `after` is the door. Raises Invalid `no_such_way`.
    """
    found: Raw = copy.deepcopy(dict(body))
    steps: Raw = found.setdefault("steps", {})
    names = _names(steps, flow["steps"])
    follows = _lead(found, after, way, names[flow["start"]])
    for old, name in names.items():
        steps[name] = _led(copy.deepcopy(flow["steps"][old]), names, follows)
    return found


def _names(taken: Mapping[str, Any], steps: Mapping[str, Any]) -> dict[str, str]:
    """What each step of the flow is called here."""
    found: dict[str, str] = {}
    for name in steps:
        free, nth = name, 1
        while free in taken or free in found.values():
            nth += 1
            free = f"{name[:36]}_{nth}"
        found[name] = free
    return found


def _lead(body: Raw, after: str, way: str, to: str) -> str | None:
    """Have a way lead to the flow; returns where it led before."""
    if not after:
        before = body.get("start")
        body["start"] = to
        return before if isinstance(before, str) and before else None
    step = body["steps"].get(after)
    known = {one.path: one.to for one in ways(step)} if isinstance(step, Mapping) else {}
    if way not in known:
        raise Invalid(
            Text("ここには入れられません。", "Nothing can be set in here."),
            Text("続きのある地点を選んでください。", "Choose a way on from a step of the draft."),
            code="no_such_way",
        )
    _set(step, way, to)
    return known[way]


def _led(step: Raw, names: Mapping[str, str], follows: str | None) -> Raw:
    """A step of the flow with its ways under their names here; where it would end, to `follows`."""
    for one in list(ways(step)):
        to = follows if one.to is None else names[one.to]
        if to is not None:
            _set(step, one.path, to)
    return step


def _set(step: Raw, way: str, to: str) -> None:
    match = _PART.fullmatch(way)
    assert match is not None
    name, place, inner = match.groups()
    if place is None:
        step[name] = to
    else:
        step[name][int(place)][inner] = to
