"""Moves on whoever is due: in the order in which they became so, in short units.

Several processes may do this on PostgreSQL: each passes over the walks that another has in hand.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from enishi.book.unit import crash_point, work
from enishi.journeys import rows
from enishi.journeys.applying import UNASKED, Batch
from enishi.journeys.asking import Answers, Asker
from enishi.journeys.readying import journeys, readies, versions_of
from enishi.journeys.types import Walk
from enishi.kernel.clock import Clock

ASKED = 10_000
"""How many walks are asked about at once: a question costs the same for one as for thousands."""

LATER = timedelta(minutes=5)
"""When a walk whose question could not be answered is taken up again."""

_TARGET_MS = 45.0
_GIVE_WAY_SECONDS = 0.003
_SLICE_SECONDS = 0.5
_FIRST, _LEAST, _MOST = 400, 50, 4000
_SETTLED = "why = 'delivery'"
_NO_SIGNALS = "why NOT IN ('signal', 'task')"


@dataclass
class Pace:
    """How many walks go into a unit: as many as were written in 45 ms before."""

    size: int = _FIRST

    def took(self, walks: int, seconds: float) -> None:
        ratio = min(2.0, _TARGET_MS / max(seconds * 1000, 1.0))
        self.size = max(_LEAST, min(_MOST, int(max(walks, _LEAST) * ratio)))


_pace = Pace()


def settle(clock: Clock) -> bool:
    """Have the walks go on whose message is finished; True when there may be more."""
    return _everywhere(clock, None, _SETTLED)


def move(clock: Clock, warehouse: Any, *, signals: bool = True) -> bool:
    """Move whoever is due; True when there may be more.

    `signals` false: what came in has not all been taken in yet, so no timeout is taken.
    """
    return _everywhere(clock, warehouse, "" if signals else _NO_SIGNALS)


def _everywhere(clock: Clock, warehouse: Any, also: str) -> bool:
    more = False
    for journey in journeys():
        more |= _slice(journey, clock, warehouse, also)
    return more


def _slice(journey: str, clock: Clock, warehouse: Any, also: str) -> bool:
    """Half a second for one journey, then the next has its turn."""
    begun = time.perf_counter()
    while True:
        asked = _ask(journey, clock(), warehouse, also)
        left = ASKED
        while left > 0:
            taken, moved = _unit(journey, clock(), asked, min(left, _pace.size), also)
            left -= taken
            if taken == 0:
                return False
            if time.perf_counter() - begun > _SLICE_SECONDS:
                return True
            if moved == 0:
                break  # whoever is left came after the questions
            time.sleep(_GIVE_WAY_SECONDS)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom the warehouse has been asked about, and what it said. `everybody`: nobody who is due
    has anything to be asked."""

    ids: frozenset[int]
    answers: Mapping[tuple[str, int], Answers]
    everybody: bool


_NOTHING_TO_ASK = _Asked(frozenset(), {}, True)
_NOTHING_ASKED = _Asked(frozenset(), {}, False)


def _ask(journey: str, now: datetime, warehouse: Any, also: str) -> _Asked:
    """Ask everything that the next who are due may be asked on their way."""
    told = versions_of(journey)
    if not any(ready.asked_before or any(ready.asks.values()) for ready in told):
        return _NOTHING_TO_ASK
    if warehouse is None:
        return _NOTHING_ASKED
    found = rows.due(journey, now, ASKED, also=also, lock=False)
    walks: dict[tuple[str, int], list[Walk]] = {}
    for row in found:
        walks.setdefault((row.journey, row.version), []).append(row.walk)
    asker = Asker(warehouse.engine, warehouse.catalog, now)
    ready = readies(walks)
    answers = {one: asker.ask(ready[one], mine) for one, mine in walks.items()}
    return _Asked(frozenset(row.walk.id for row in found), answers, False)


def _unit(journey: str, now: datetime, asked: _Asked, size: int, also: str) -> tuple[int, int]:
    """One unit of work; returns how many walks were taken up, and how many of them went on."""
    begun = time.perf_counter()
    moved = 0
    with work("journeys.move"):
        batch = Batch(rows.due(journey, now, size, also=also), now)
        if not batch.rows or batch.halted(batch.rows[0]):
            return 0, 0
        for row in batch.rows:
            known = asked.answers.get((row.journey, row.version))
            facts = UNASKED if known is None else known.about(row.walk.person)
            heard = () if known is None else known.heard(row.walk, now)
            if batch.go(row, heard, facts):
                moved += 1
            elif asked.everybody or row.walk.id in asked.ids:
                batch.put_off(row, now + LATER)
                moved += 1
        batch.write()
        crash_point("journeys.move")
    _pace.took(len(batch.rows), time.perf_counter() - begun)
    return len(batch.rows), moved
