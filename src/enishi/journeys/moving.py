"""People on a version that has been replaced are moved to another one, by a mapping of steps.

`JourneyVersion.moving` of the new version says from where, and where each old step leads: to a
step of the new version, or to None, out. The lane moves them in short units; whoever has been moved
is on the new version, so an interrupted move goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from django.db import connection

from enishi.book.unit import crash_point, work
from enishi.journeys import rows
from enishi.journeys.advance import moved
from enishi.journeys.applying import UNASKED, Batch
from enishi.journeys.models import JourneyVersion
from enishi.journeys.readying import readies
from enishi.kernel.clock import Clock

Leads: TypeAlias = Mapping[str, str | None]
_CHUNK = 400


_reached: dict[tuple[str, str, str], int] = {}
"""How far this process has come (book, new version's id, old number): it saves looking at those who
have been moved already, again and again. A process that starts begins at the beginning."""


def run_once(clock: Clock) -> bool:
    """Move one chunk of people; True when there may be more."""
    for version in JourneyVersion.objects.exclude(moving={}).order_by("id"):
        for old, mapping in sorted(version.moving.items()):
            place = (str(connection.settings_dict["NAME"]), version.id, old)
            last = move_chunk(version, int(old), mapping, _reached.get(place, 0), clock)
            if last == 0 and _reached.get(place, 0) == 0:
                _finish(version.id, old)
            _reached[place] = last
            return True
    return False


def _finish(version: str, old: str) -> None:
    with work("journeys.moved"):
        row = JourneyVersion.objects.select_for_update().get(id=version)
        row.moving = {number: mapping for number, mapping in row.moving.items() if number != old}
        row.save(update_fields=["moving"])


def move_chunk(version: JourneyVersion, old: int, mapping: Leads, after: int, clock: Clock) -> int:
    """Move some of those who are still on the old version; returns the last one's id, 0 for none.

    Somebody at a step that the mapping does not know and the new version does not have is out.
    """
    now, new = clock(), version.number
    ready = readies([(version.journey_id, new)])[version.journey_id, new]
    with work("journeys.moving"):
        batch = Batch(rows.of_version(version.journey_id, old, after, _CHUNK), now)
        for row in batch.rows:
            step = row.walk.step
            to = None if step is None else mapping.get(step, step)
            to = to if to in ready.steps else None
            batch.take(row, moved(ready, row.walk, to, UNASKED, now), version=new)
        rows.put_on_version([row.walk.id for row in batch.rows], new)
        batch.write()
        crash_point("journeys.moving")
    return batch.rows[-1].walk.id if batch.rows else 0
