"""Moves on whoever is due: in the order in which they became so, in short units.

Several processes may do this on PostgreSQL: each passes over the walks that another has in hand.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from enishi.book.unit import crash_point, grown, work
from enishi.journeys.walking import rows
from enishi.journeys.walking.applying import UNASKED, Batch
from enishi.journeys.walking.asking import Answers, Asker
from enishi.journeys.walking.readying import journeys, versions_of
from enishi.journeys.walking.rows import Standing
from enishi.kernel.clock import Clock

ASKED = 10_000
"""How many walks are asked about at once: a question costs the same for one as for thousands."""

PARTS = 3
"""Into how many the walks are divided where several lanes move them."""

LATER = timedelta(minutes=5)
"""When a walk whose question could not be answered is taken up again."""

_TARGET_MS = {"sqlite": 45.0, "postgresql": 80.0}
"""How long a unit may take: on SQLite nobody else writes meanwhile."""
_GIVE_WAY_SECONDS = 0.003
_SLICE_SECONDS = 0.5
_LONGEST_SLICE_SECONDS = 2.0
_LEAST = {"sqlite": 50, "postgresql": 500}
_FIRST, _MOST = 500, 8000
_LEAST_AHEAD = 1000
_LOOKS = 8  # from where the last slice ended, before one from the beginning
_SETTLED = "why = 'delivery'"
_NO_SIGNALS = "why NOT IN ('signal', 'task')"


@dataclass
class Pace:
    """How many moves go into a unit: as many as were written in time before; how many each walk
    made that was taken up; how many walks are looked up and asked about for a slice, and whom the
    last one came to."""

    moves: float = _FIRST
    each: float = 1.0
    ahead: int = ASKED
    past: Standing | None = None
    looks: int = 0

    @property
    def walks(self) -> int:
        return int(max(50, self.moves / self.each))

    def next_due(self, journey: str, now: datetime, also: str) -> list[Standing]:
        """The next who are due. On PostgreSQL, where those who were due lie before them until the
        table is vacuumed, they are looked for from where the last slice ended; now and then, and
        when fewer than are asked for lie beyond, from the beginning: for who has become due before
        that."""
        if self.past is not None and self.looks < _LOOKS and connection.vendor == "postgresql":
            self.looks += 1
            found = rows.next_due(journey, now, self.ahead, also=also, past=self.past)
            if len(found) == self.ahead:
                return found
        self.looks = 0
        return rows.next_due(journey, now, self.ahead, also=also)

    def took(self, walks: int, moves: int, seconds: float, busy: float) -> None:
        least = _LEAST[connection.vendor]
        ratio = grown(seconds, busy, _TARGET_MS[connection.vendor])
        self.moves = max(least, min(_MOST, max(moves, least) * ratio))
        self.each = max(1.0, moves / max(walks, 1))

    def came_so_far(self, walks: int) -> None:
        """A slice has ended after so many: what is looked up beyond is thrown away."""
        self.ahead = min(ASKED, max(_LEAST_AHEAD, walks + walks // 2))


_paces: dict[tuple[int, str, str], Pace] = {}  # by thread, journey and who is taken up


def settle(clock: Clock) -> bool:
    """Have the walks go on whose message is finished; True when there may be more."""
    return _everywhere(clock, None, _SETTLED)


def move(
    clock: Clock, warehouse: Any, *, signals: bool = True, parts: Collection[int] | None = None
) -> bool:
    """Move whoever is due; True when there may be more.

    `signals` false: what came in has not all been taken in yet, so no timeout is taken. `parts`:
    these of the `PARTS` of the walks alone, since other lanes have the others; two that took the
    same would ask the warehouse the same.
    """
    tests = [] if signals else [_NO_SIGNALS]
    if parts is not None:
        mine = ", ".join(str(int(part)) for part in sorted(parts))
        tests.append(f"MOD(id, {PARTS}) IN ({mine})")
    return _everywhere(clock, warehouse, " AND ".join(tests))


def _everywhere(clock: Clock, warehouse: Any, also: str) -> bool:
    more = False
    for journey in journeys():
        more |= _slice(journey, clock, warehouse, also)
    return more


def _slice(journey: str, clock: Clock, warehouse: Any, also: str) -> bool:
    """Half a second for one journey, then the next has its turn. Where asking takes longer, twice
    as long as it took: what was asked of thousands is not thrown away after the first hundreds."""
    begun = time.perf_counter()
    pace = _paces.setdefault((threading.get_ident(), journey, also), Pace())
    walked = 0
    while True:
        asking = time.perf_counter()
        asked = _ask(journey, clock(), warehouse, also, pace)
        took = time.perf_counter() - asking
        until = max(begun + _SLICE_SECONDS, asking + took + min(2 * took, _LONGEST_SLICE_SECONDS))
        before, left = walked, asked.standing
        while left:
            here, left = left[: pace.walks], left[pace.walks :]
            taken, tried = _unit(clock(), asked, here, also, pace)
            left = here[tried:] + left
            pace.past = here[tried - 1]
            walked += taken
            if time.perf_counter() > until:
                pace.came_so_far(walked)
                return True
            if taken:
                time.sleep(_GIVE_WAY_SECONDS)
        if walked == before and pace.looks == 0:
            return False  # nobody is due, or others have them in hand
        if walked == before:
            pace.past = None  # others have these: there may be some before them


@dataclass(frozen=True, slots=True)
class _Asked:
    """The next who are due, and what the warehouse has said of those of whom something may be
    asked on their way, by version."""

    journey: str
    standing: list[Standing]
    answers: Mapping[int, Answers]


def _ask(journey: str, now: datetime, warehouse: Any, also: str, pace: Pace) -> _Asked:
    """Look up who is due, and ask everything that they may be asked on their way."""
    standing = pace.next_due(journey, now, also)
    asking: dict[int, list[tuple[str, str | None]]] = {}
    if warehouse is not None and standing:
        versions = {ready.number: ready for ready in versions_of(journey)}
        for one in standing:
            ready = versions.get(one.version)
            if ready is not None and (ready.asked_before or ready.asks.get(one.step)):
                asking.setdefault(one.version, []).append((one.person, one.step))
    answers = {}
    if asking:
        asker = Asker(warehouse.engine, warehouse.catalog, now)
        answers = {number: asker.ask(versions[number], mine) for number, mine in asking.items()}
    return _Asked(journey, standing, answers)


def _unit(
    now: datetime, asked: _Asked, here: Sequence[Standing], also: str, pace: Pace
) -> tuple[int, int]:
    """One unit of work: how many walks were taken up, and how many of those `here` are done with.

    Who is not due any more, or stands elsewhere than when she was asked about, is passed over; so
    is everybody where the journey has been halted.
    """
    begun, busy = time.perf_counter(), time.thread_time()
    stood = {one.id: (place, one) for place, one in enumerate(here)}
    taken, tried = 0, len(here)
    with work("journeys.move"):
        batch = Batch(rows.due(list(stood), now, also=also), now)
        for row in batch.rows:
            place, one = stood[row.walk.id]
            if (row.version, row.walk.step) != (one.version, one.step) or batch.halted(row):
                continue
            known = asked.answers.get(row.version)
            facts = UNASKED if known is None else known.about(row.walk.person)
            heard = () if known is None else known.heard(row.walk, now)
            taken += 1
            if not batch.go(row, heard, facts):
                batch.put_off(row, now + LATER)
            if batch.weight > pace.moves:
                tried = place + 1  # the rest in the next: none may hold the book for long
                break
        weight = batch.weight
        batch.write()
        crash_point("journeys.move")
    pace.took(taken, weight, time.perf_counter() - begun, time.thread_time() - busy)
    return taken, tried
