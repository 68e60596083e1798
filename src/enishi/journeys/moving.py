"""People on a version that has been replaced are moved to another one, by a mapping of steps.

`JourneyVersion.moving` of the new version says from where, and where each old step leads: to a
step of the new version, or to None, out. The lane moves them in short units; whoever has been moved
is on the new version, so an interrupted move goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from django.db import connection
from django.db.models import Count

from enishi.book.unit import crash_point, work
from enishi.journeys import rows
from enishi.journeys.advance import moved
from enishi.journeys.applying import UNASKED, Batch
from enishi.journeys.models import Enrollment, JourneyVersion
from enishi.journeys.readying import readies
from enishi.journeys.types import WalkState
from enishi.kernel.clock import Clock
from enishi.kernel.errors import Fault, Invalid
from enishi.kernel.text import Text

Leads: TypeAlias = Mapping[str, str | None]
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Going:
    """How many stand at a step of the old version, and where they would be put. None: out."""

    step: str
    people: int
    to: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a move would do: who goes where, how many would end, who still stands at the door."""

    going: tuple[Going, ...]
    out: int
    door: int

    @property
    def people(self) -> int:
        return self.door + sum(one.people for one in self.going)


def standing_at(journey: str, version: int) -> dict[str | None, int]:
    """How many have not finished, by the step they stand at (None: at the door)."""
    inside = Enrollment.objects.filter(journey=journey, version=version).exclude(
        state=WalkState.ENDED
    )
    told = inside.values_list("step").annotate(people=Count("id")).order_by("step")
    return dict(told)


def preview(journey: str, old: int, new: int, mapping: Leads) -> Preview:
    """What moving everybody from one version to another would do; nothing is changed.

    Steps that keep their name need not be mapped. Raises Invalid `mapping_holes` for people at
    steps that lead nowhere, and for steps that the new version does not have.
    """
    standing = standing_at(journey, old)
    steps = readies([(journey, new)])[journey, new].steps
    whole = {step: mapping.get(step, step) for step in standing if step is not None}
    faults = [_hole(step, to) for step, to in whole.items() if to is not None and to not in steps]
    faults += [
        _hole(step, to) for step, to in mapping.items()
        if step not in whole and to is not None and to not in steps
    ]  # fmt: skip
    if faults:
        raise Invalid(
            Text(
                "移し先のないステップがあります。",
                "There are steps from which people would be moved nowhere.",
            ),
            Text(
                "それぞれのステップに、新しい版のステップか「終了」を選んでください。",
                "Choose a step of the new version, or the end, for each of them.",
            ),
            code="mapping_holes",
            faults=tuple(faults),
        )
    going = tuple(Going(step, standing[step], to) for step, to in whole.items())
    out = sum(one.people for one in going if one.to is None)
    return Preview(going, out, standing.get(None, 0))


def _hole(step: str, to: str | None) -> Fault:
    return Fault(
        "mapping_hole",
        f"$.mapping.{step}",
        Text(
            f"ステップ「{step}」の移し先「{to}」は新しい版にありません。",
            f"The new version has no step “{to}” for those who stand at “{step}”.",
        ),
        Text("新しい版のステップを選んでください。", "Choose a step of the new version."),
    )


def begin(journey: str, old: int, new: int, mapping: Leads) -> Preview:
    """Have everybody moved, by the lane, from now on; returns what is going to happen.

    Raises like `preview`. Joins the caller's unit.
    """
    told = preview(journey, old, new, mapping)
    steps = readies([(journey, old)])[journey, old].steps
    whole = {step: mapping.get(step, step) for step in steps}
    with work("journeys.begin_moving"):
        version = JourneyVersion.objects.select_for_update().get(journey_id=journey, number=new)
        version.moving = {**version.moving, str(old): whole}
        version.save(update_fields=["moving"])
    return told


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
