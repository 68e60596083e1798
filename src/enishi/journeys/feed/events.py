"""Events that the drain has kept, as what they mean to journeys."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from weakref import WeakSet

from enishi.journeys.feed import inbox
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.feed.hearing import Ear
from enishi.journeys.feed.inbox import Came
from enishi.journeys.feed.told import Feed, Happened, apply
from enishi.journeys.graph import EventEntry, OnEvent
from enishi.warehouse.duckdb_engine import DuckDBEngine

AT_ONCE = 200
LONGEST_KEY = 120
"""Characters of an entry key; a longer one is told by its hash."""
_PRUNE_BEHIND = 5_000
_MOST_GIVEN, _LONGEST_GIVEN = 50, 500
_CURSOR = "inbox"


def take(feed: Feed, engine: DuckDBEngine) -> bool:
    """Take in the next events; whether there were any."""
    at = feed.now
    value = followed(_CURSOR, {"n": 0, "pruned": 0})
    came = _since(feed, engine, value)
    if not came:
        _prune(engine, value, at, behind=0)
        return False
    happened = [_happened(feed, one, at) for one in came]

    def done(taken: int) -> None:
        follow(_CURSOR, {**value, "n": came[taken - 1].n}, at)

    taken = apply(feed, happened, done)
    _prune(engine, {**value, "n": came[taken - 1].n}, at, behind=_PRUNE_BEHIND)
    return True


def _since(feed: Feed, engine: DuckDBEngine, value: dict[str, Any]) -> list[Came]:
    if feed.catalog.stream is None:
        return []
    if engine not in _ready:
        with engine.write() as writer:
            end = inbox.prepare(writer)
        # A warehouse restored from before what the book has taken in numbers on from there.
        value["n"], value["pruned"] = min(value["n"], end), min(value["pruned"], end)
        _ready.add(engine)
    return inbox.since(engine, feed.catalog, int(value["n"]), AT_ONCE)


_ready: WeakSet[DuckDBEngine] = WeakSet()


def _prune(engine: DuckDBEngine, value: Mapping[str, Any], at: datetime, *, behind: int) -> None:
    """Delete what has been taken in: at the end of what there is, or when much has gathered."""
    if value["n"] - value["pruned"] > behind:
        inbox.forget(engine, value["n"])
        follow(_CURSOR, {**value, "pruned": value["n"]}, at)


def _happened(feed: Feed, came: Came, at: datetime) -> Happened:
    """An event as journeys hear it; one that a machine made (an opened mail, a followed link) is
    heard by nobody."""
    name = str(came.row.get("event") or "")
    happened = Happened(came.person, min(came.at, at), f"event:{name}"[:40])
    ears = feed.hearing.by_event(came.event)
    rules = feed.hearing.rules_for(came.event)
    if not ears and not rules:
        return happened
    properties = came.properties
    if properties.get("machine") is True:
        return happened
    stream = feed.catalog.stream
    assert stream is not None
    ears = [ear for ear in ears if ear.fits(stream.activity, came.row, at)]
    return Happened(
        came.person,
        happened.at,
        happened.by,
        ears,
        rules,
        {ear.place_key: key_in(came.row, properties, key_field(ear)) for ear in ears},
        {"event": name, "message": came.row.get("message_id") or ""},
        given(properties) if any(ear.enters for ear in ears) else {},
    )


def key_field(ear: Ear) -> str:
    """The event's field that holds the key an ear looks at; empty: none."""
    signal = ear.signal
    if isinstance(signal, EventEntry) and signal.key:
        return signal.key
    return signal.same_key if isinstance(signal, OnEvent) else ""


def key_in(row: Mapping[str, Any], properties: Mapping[str, Any], field: str) -> str:
    """A key as an event tells it: a field of `activity`, or a property (dots reach into objects);
    empty where it tells none."""
    if not field:
        return ""
    value: Any = row.get(field)
    if value is None:
        value = properties
        for name in field.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
    if value is None or isinstance(value, (bool, Mapping, list)):
        return ""
    return short_key(str(value))


def short_key(text: str) -> str:
    """A key that fits; two that differ stay different."""
    if len(text) <= LONGEST_KEY:
        return text
    return f"{text[:80]}#{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def given(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What of an event its walk takes along: plain values, not too many and none too long."""
    found: dict[str, Any] = {}
    for name, value in properties.items():
        plain = isinstance(value, (int, float)) or (
            isinstance(value, str) and len(value) <= _LONGEST_GIVEN
        )
        if plain and len(found) < _MOST_GIVEN:
            found[name] = value
    return found
