"""Moves on whoever is due: in the order in which they became so, in short units.

Several processes may do this on PostgreSQL: each passes over the walks that another has in hand.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from enishi.book.unit import crash_point, grown, work
from enishi.journeys.types import Walk
from enishi.journeys.walking import rows
from enishi.journeys.walking.applying import UNASKED, Batch
from enishi.journeys.walking.asking import Answers, Asker
from enishi.journeys.walking.readying import journeys, versions_of
from enishi.kernel.clock import Clock

ASKED = 10_000
"""How many walks are asked about at once: a question costs the same for one as for thousands."""

LATER = timedelta(minutes=5)
"""When a walk whose question could not be answered is taken up again."""

_TARGET_MS = {"sqlite": 40.0, "postgresql": 80.0}
"""How long a unit may take: on SQLite nobody else writes meanwhile."""
_GIVE_WAY_SECONDS = 0.003
_SLICE_SECONDS = 0.5
_LONGEST_SLICE_SECONDS = 2.0
_LEAST = {"sqlite": 50, "postgresql": 500}
_FIRST, _MOST = 500, 8000
_SETTLED = "why = 'delivery'"
_NO_SIGNALS = "why NOT IN ('signal', 'task')"


@dataclass
class Pace:
    """How many moves go into a unit: as many as were written in time before; and how many each walk
    made that was taken up."""

    moves: float = _FIRST
    each: float = 1.0

    @property
    def walks(self) -> int:
        return int(max(50, self.moves / self.each))

    def took(self, walks: int, moves: int, seconds: float, busy: float) -> None:
        least = _LEAST[connection.vendor]
        ratio = grown(seconds, busy, _TARGET_MS[connection.vendor])
        self.moves = max(least, min(_MOST, max(moves, least) * ratio))
        self.each = max(1.0, moves / max(walks, 1))


_paces: dict[tuple[int, str], Pace] = {}  # by thread and journey


def settle(clock: Clock) -> bool:
    """Have the walks go on whose message is finished; True when there may be more."""
    return _everywhere(clock, None, _SETTLED)


def move(clock: Clock, warehouse: Any, *, signals: bool = True, half: int | None = None) -> bool:
    """Move whoever is due; True when there may be more.

    `signals` false: what came in has not all been taken in yet, so no timeout is taken. `half` (0
    or 1): one half of the walks alone, since another lane has the other; two that took the same
    would ask the warehouse the same.
    """
    tests = [] if signals else [_NO_SIGNALS]
    if half is not None:
        tests.append(f"MOD(id, 2) = {int(half)}")
    return _everywhere(clock, warehouse, " AND ".join(tests))


def _everywhere(clock: Clock, warehouse: Any, also: str) -> bool:
    more = False
    for journey in journeys():
        more |= _slice(journey, clock, warehouse, also)
    return more


def _slice(journey: str, clock: Clock, warehouse: Any, also: str) -> bool:
    """Half a second for one journey, then the next has its turn. Where asking takes longer, twice
    as long as it took: what was asked of thousands is not thrown away after the first hundreds."""
    if not rows.next_due(journey, clock(), 1, also=also):
        return False  # nobody has to wait for the book because of that
    begun = time.perf_counter()
    pace = _paces.setdefault((threading.get_ident(), journey), Pace())
    while True:
        asking = time.perf_counter()
        asked = _ask(journey, clock(), warehouse, also)
        took = time.perf_counter() - asking
        until = max(begun + _SLICE_SECONDS, asking + took + min(2 * took, _LONGEST_SLICE_SECONDS))
        left = ASKED
        while left > 0:
            taken, moved = _unit(journey, clock(), asked, min(left, pace.walks), also, pace)
            left -= taken
            if taken == 0:
                return False
            if time.perf_counter() > until:
                return True
            if moved == 0:
                break  # whoever is left came after the questions
            time.sleep(_GIVE_WAY_SECONDS)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the warehouse has said about those of whom something may be asked: who stands at
    `steps`, or anybody. `ids` are the walks that were asked about."""

    steps: frozenset[str | None] = frozenset()
    anybody: bool = False
    ids: frozenset[int] = frozenset()
    answers: Mapping[tuple[str, int], Answers] = field(default_factory=dict)

    def was_asked(self, walk: Walk) -> bool:
        """Whether all that can be known of a walk is known."""
        return walk.id in self.ids or not (self.anybody or walk.step in self.steps)


def _ask(journey: str, now: datetime, warehouse: Any, also: str) -> _Asked:
    """Ask everything that the next who are due may be asked on their way."""
    versions = {ready.number: ready for ready in versions_of(journey)}
    anybody = any(ready.asked_before for ready in versions.values())
    steps = frozenset(
        step for ready in versions.values() for step, asks in ready.asks.items() if asks
    )
    if warehouse is None or not (steps or anybody):
        return _Asked()  # nobody to ask, or nothing
    standing: dict[int, list[tuple[str, str | None]]] = {}
    ids = set()
    for number, person, version, step in rows.next_due(journey, now, ASKED, also=also):
        if (anybody or step in steps) and version in versions:
            standing.setdefault(version, []).append((person, step))
            ids.add(number)
    asker = Asker(warehouse.engine, warehouse.catalog, now)
    answers = {
        (journey, version): asker.ask(versions[version], mine) for version, mine in standing.items()
    }
    return _Asked(steps, anybody, frozenset(ids), answers)


def _unit(
    journey: str, now: datetime, asked: _Asked, size: int, also: str, pace: Pace
) -> tuple[int, int]:
    """One unit of work; returns how many walks were taken up, and how many of them went on."""
    begun, busy = time.perf_counter(), time.thread_time()
    taken = moved = 0
    with work("journeys.move"):
        batch = Batch(rows.due(journey, now, size, also=also), now)
        if not batch.rows or batch.halted(batch.rows[0]):
            return 0, 0
        for row in batch.rows:
            known = asked.answers.get((row.journey, row.version))
            facts = UNASKED if known is None else known.about(row.walk.person)
            heard = () if known is None else known.heard(row.walk, now)
            taken += 1
            if batch.go(row, heard, facts):
                moved += 1
            elif asked.was_asked(row.walk):
                batch.put_off(row, now + LATER)
                moved += 1
            if batch.weight > pace.moves:
                break  # the next unit takes up the rest: none may hold the book for long
        weight = batch.weight
        batch.write()
        crash_point("journeys.move")
    pace.took(taken, weight, time.perf_counter() - begun, time.thread_time() - busy)
    return taken, moved
