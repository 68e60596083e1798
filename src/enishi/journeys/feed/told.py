"""Something that happened, told to the walks it concerns: whom, when, and which ears fit it.

A slice is what has come, up to the first thing that concerns somebody whom the slice has moved
already: she takes her steps first, and then hears of it where she stands by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from enishi.book.unit import crash_point, work
from enishi.catalog.types import Catalog
from enishi.journeys import holds
from enishi.journeys.entries.service import Wanted, let_in, who_may
from enishi.journeys.feed.hearing import Ear, Hearing, by_version
from enishi.journeys.feed.signals import those_who_fit
from enishi.journeys.types import Heard
from enishi.journeys.walking import store
from enishi.kernel.clock import Clock
from enishi.warehouse.engine import Engine

_ORDER = ("goal", "exit", "wait")
"""What one thing means to one walk: reaching the goal comes before leaving."""


@dataclass(frozen=True)
class Feed:
    """One round: the warehouse and the clock it is taken by, and what is listened to."""

    engine: Engine
    catalog: Catalog
    clock: Clock
    hearing: Hearing

    @property
    def now(self) -> datetime:
        return self.clock()


@dataclass(frozen=True)
class Happened:
    """Something that happened to one person. `ears` fit it, the rules of `rules` may be changed by
    it; `keys` is the key that it brings or has, by ear; `given` what an entry takes along."""

    person: str
    at: datetime
    by: str
    ears: Sequence[Ear] = ()
    rules: Sequence[Ear] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    direct: Sequence[tuple[int, Heard]] = ()  # what it means to walks that are known already


# ── what it means to whom ────────────────────────────────────────────────────────────────────────


def apply(
    feed: Feed,
    happened: Sequence[Happened],
    done: Callable[[int], None],
    before: Callable[[int], None] = lambda _: None,
) -> int:
    """Tell walks of what happened and let people in, in one unit; returns how many things of the
    sequence were taken in, at least one.

    `done` keeps, in the same unit, that so many have been; `before` is called as it begins.
    """
    concerned = [one for one in happened if one.ears or one.rules]
    walks = _walks(feed, concerned)
    told: list[tuple[int, Heard]] = []
    wanted: list[Wanted] = []
    asked: list[tuple[Ear, store.Standing, Happened]] = []
    moved: set[str] = set()
    taken = 0
    for one in happened:
        hers = walks.get(one.person, [])
        found = [*_heard(one, hers), *one.direct]
        entering = [_wanted(one, ear) for ear in one.ears if _lets_in(ear, one)]
        ruled = [(ear, walk, one) for ear in one.rules for walk in hers if _of(ear, walk)]
        if one.person in moved and (one.ears or one.rules or one.direct):
            break
        if found or entering or ruled:
            moved.add(one.person)
        told += found
        wanted += entering
        asked += ruled
        taken += 1
    told += _by_rules(feed, asked)
    wanted = who_may(feed.engine, feed.catalog, wanted, feed.now)
    with work("journeys.feed"):
        store.lock_journeys(one.version.journey for one in wanted)
        store.lock(walk for walk, _ in told)
        before(taken)
        if told:
            store.hear(told)
        if wanted:
            let_in(wanted)
            holds.settle({one.entry.person for one in wanted}, feed.now)
        done(taken)
        crash_point("journeys.fed")
    crash_point("journeys.feed_committed")
    return taken


def _walks(feed: Feed, happened: Sequence[Happened]) -> dict[str, list[store.Standing]]:
    persons = sorted({one.person for one in happened})
    journeys = sorted({version.journey for version in feed.hearing.versions})
    found: dict[str, list[store.Standing]] = {}
    if persons and journeys:
        for walk in store.standing(persons, journeys):
            found.setdefault(walk.person, []).append(walk)
    return found


def _of(ear: Ear, walk: store.Standing) -> bool:
    return (ear.version.journey, ear.version.number) == (walk.journey, walk.version)


def _lets_in(ear: Ear, one: Happened) -> bool:
    """What happened before a journey went live brings nobody in."""
    return ear.enters and one.at >= ear.version.begun


def _wanted(one: Happened, ear: Ear) -> Wanted:
    key = one.keys.get(ear.place_key, "")
    return Wanted(ear.version, store.Entry(one.person, key, one.at, one.by, one.given))


def _heard(one: Happened, walks: Sequence[store.Standing]) -> list[tuple[int, Heard]]:
    """What it means to each of her walks: the goal first, then exits, then what she waits for."""
    told: list[tuple[int, Heard]] = []
    ears = by_version(ear for ear in one.ears if not ear.enters)
    for walk in walks:
        fitting = [
            ear for ear in ears.get((walk.journey, walk.version), ())
            if _here(ear, walk) and _same_key(ear, one, walk)
        ]  # fmt: skip
        fitting.sort(key=lambda ear: _ORDER.index(ear.kind))
        told += [(walk.id, _as_heard(ear, one)) for ear in fitting]
    return told


def _here(ear: Ear, walk: store.Standing) -> bool:
    return ear.kind != "wait" or ear.place == f"wait:{walk.step}"


def _same_key(ear: Ear, one: Happened, walk: store.Standing) -> bool:
    """An event with a key is heard by the walks of that key alone (a date's key has its day)."""
    if not getattr(ear.signal, "same_key", ""):
        return True
    key = one.keys.get(ear.place_key, "")
    return bool(key) and (walk.key == key or walk.key.startswith(f"{key}@"))


def _as_heard(ear: Ear, one: Happened) -> Heard:
    return Heard("wait" if ear.kind == "wait" else ear.place, one.at, detail=one.detail)


def _by_rules(
    feed: Feed, asked: Sequence[tuple[Ear, store.Standing, Happened]]
) -> list[tuple[int, Heard]]:
    """Those walks whose version has a rule that holds of their person now."""
    told: list[tuple[int, Heard]] = []
    by_ear: dict[tuple[str, int, str], list[tuple[Ear, store.Standing, Happened]]] = {}
    for row in asked:
        version = row[0].version
        by_ear.setdefault((version.journey, version.number, row[0].place), []).append(row)
    for rows in by_ear.values():
        rule = rows[0][0].rule
        assert rule is not None
        persons = {walk.person for _, walk, _ in rows}
        fit = those_who_fit(feed.engine, feed.catalog, rule, persons, feed.now)
        told += [
            (walk.id, Heard(ear.place, feed.now, detail={**one.detail, "rule": True}))
            for ear, walk, one in rows if walk.person in fit
        ]  # fmt: skip
    return told
