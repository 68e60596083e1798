"""People on a version that has been replaced are moved to another one, by a mapping of steps.

`JourneyVersion.moving` of the new version says from where, and where each old step leads: to a
step of the new version, or to None, out. The lane moves them in short units; whoever has been moved
is on the new version, so an interrupted move goes on where it was.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from django.db import connection

from enishi.book.unit import crash_point, grown, work
from enishi.journeys.models import JourneyVersion
from enishi.journeys.walking import rows
from enishi.journeys.walking.advance import moved
from enishi.journeys.walking.applying import UNASKED, Batch
from enishi.journeys.walking.readying import readies
from enishi.kernel.clock import Clock

Leads: TypeAlias = Mapping[str, str | None]

_TARGET_MS = 40.0
_AHEAD = 20_000
_LEAST, _MOST = 50, 2000


@dataclass
class _Round:
    """How far this process has come with those of one old version: whom it has found (`ids`), the
    last one found so far (`after`; 0: at the beginning), and how many a unit takes."""

    ids: deque[int] = field(default_factory=deque)
    after: int = 0
    size: float = 400.0


_rounds: dict[tuple[str, str, str], _Round] = {}
"""By book, new version's id and old number. A process that starts begins at the beginning."""


def run_once(clock: Clock) -> bool:
    """Move one chunk of people; True when there may be more."""
    for version in JourneyVersion.objects.exclude(moving={}).order_by("id"):
        for old, mapping in sorted(version.moving.items()):
            place = (str(connection.settings_dict["NAME"]), version.id, old)
            round_ = _rounds.setdefault(place, _Round())
            if not round_.ids:
                _look_on(version, old, round_)
            chunk = [round_.ids.popleft() for _ in range(min(int(round_.size), len(round_.ids)))]
            if chunk:
                _move(version, int(old), mapping, chunk, clock, round_)
            elif round_.after == 0:
                del _rounds[place]
                _finish(version.id, old)
            else:
                round_.after = 0  # once more from the beginning, for whoever came meanwhile
            return True
    return False


def _look_on(version: JourneyVersion, old: str, round_: _Round) -> None:
    found = rows.ids_on(version.journey_id, int(old), round_.after, _AHEAD)
    round_.ids.extend(found)
    if found:
        round_.after = found[-1]


def _finish(version: str, old: str) -> None:
    with work("journeys.moved"):
        row = JourneyVersion.objects.select_for_update().get(id=version)
        row.moving = {number: mapping for number, mapping in row.moving.items() if number != old}
        row.save(update_fields=["moving"])


def _move(
    version: JourneyVersion,
    old: int,
    mapping: Leads,
    chunk: Sequence[int],
    clock: Clock,
    round_: _Round,
) -> None:
    """Move those of these walks that are still on the old version.

    Somebody at a step that the mapping does not know and the new version does not have is out.
    """
    now, new = clock(), version.number
    begun, busy = time.perf_counter(), time.thread_time()
    ready = readies([(version.journey_id, new)])[version.journey_id, new]
    with work("journeys.moving"):
        batch = Batch((row for row in rows.by_ids(chunk) if row.version == old), now)
        for row in batch.rows:
            step = row.walk.step
            to = None if step is None else mapping.get(step, step)
            to = to if to in ready.steps else None
            batch.take(row, moved(ready, row.walk, to, UNASKED, now), version=new)
        rows.put_on_version([row.walk.id for row in batch.rows], new)
        batch.write()
        crash_point("journeys.moving")
    more = grown(time.perf_counter() - begun, time.thread_time() - busy, _TARGET_MS)
    round_.size = max(_LEAST, min(_MOST, len(chunk) * more))
