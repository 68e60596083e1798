"""What walks ask of humans: a member on the named actionable list, and what comes back of it.

waiting ──put on the list──► open ──outcome, status──► done
   │                           └──the walk left──► withdrawn
   └──gate, list, definition──► refused, with its reason
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from enishi.book.access import SYSTEM
from enishi.book.unit import work
from enishi.gate import service as gate
from enishi.gate.types import Answer
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.feed.hearing import Version
from enishi.journeys.graph import JourneyBody, TaskStep
from enishi.journeys.models import Enrollment, JourneyTask, JourneyVersion, Notice
from enishi.journeys.types import Heard
from enishi.journeys.walking import store
from enishi.lists.adding import Asked, closed_among, gather, place, take_off

WAITING, OPEN, DONE, WITHDRAWN, REFUSED = "waiting", "open", "done", "withdrawn", "refused"
CHANNELS: Mapping[str, str] = {
    "phone": "phone", "visit": "visit", "mail": "post", "meeting": "meeting"
}  # fmt: skip
"""The gate's channel of each kind of contact; a mere task contacts nobody."""
AT_ONCE = 200
_LOOKED = "closed_lists"
_LOOK_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Concluded:
    """What notices mean to open tasks. `heard`: by notice, what walks are to hear; `closed`: by
    notice, the tasks it concludes with the outcome each ends with."""

    heard: dict[int, list[tuple[int, Heard]]] = field(default_factory=dict)
    closed: dict[int, list[tuple[int, str, datetime]]] = field(default_factory=dict)


# ── onto the list ────────────────────────────────────────────────────────────────────────────────


def run_once(at: datetime) -> bool:
    """Put the people of waiting tasks on their lists, and take those of withdrawn ones off;
    whether there was anything to do."""
    return _withdraw(at) or _place(at) or _closed(at)


def _place(at: datetime) -> bool:
    rows = list(JourneyTask.objects.filter(state=WAITING).order_by("list", "id")[:AT_ONCE])
    if not rows:
        return False
    steps = _steps_of(rows)
    did = False
    for slug in dict.fromkeys(row.list for row in rows):
        did = _place_on(slug, [row for row in rows if row.list == slug], steps, at) or did
    return did


def _place_on(
    slug: str, rows: Sequence[JourneyTask], steps: Mapping[int, tuple[JourneyBody, TaskStep]],
    at: datetime,
) -> bool:  # fmt: skip
    """Of one list; False while it is being built, when they wait."""
    refused = {row.id: "step_gone" for row in rows if row.id not in steps}
    refused |= _refusals(rows, steps, at)
    asked = [Asked(row.key, row.person) for row in rows if row.id not in refused]
    ready = gather(slug, asked)
    with work("journeys.tasks"):
        store.lock(row.enrollment for row in rows)
        placed = None if ready is None else place(ready, actor=SYSTEM, at=at)
        if placed is None and not refused:
            return False
        told: list[tuple[int, Heard]] = []
        for row in rows:
            found = None if placed is None else placed.get(row.key)
            reason = refused.get(row.id) or (found.refused if found is not None else "")
            if not reason and found is None:
                continue  # the list is being built
            changes: dict[str, Any] = (
                {"state": REFUSED, "reason": reason, "done_at": at}
                if reason
                else {"state": OPEN, "member": found.member if found is not None else None}
            )
            stood = JourneyTask.objects.filter(id=row.id, state=WAITING).update(**changes)
            if reason and stood:
                detail = {"step": row.step, "visit": row.visit, "reason": reason}
                told.append((row.enrollment, Heard("task", at, "refused", detail)))
        if told:
            store.hear(told)
    return True


def _refusals(
    rows: Sequence[JourneyTask], steps: Mapping[int, tuple[JourneyBody, TaskStep]], at: datetime
) -> dict[int, str]:
    """Whom the gate does not let a human contact, by task with the first reason's code.

    What only has to wait, or needs somebody's approval, is for whoever works the list.
    """
    refused: dict[int, str] = {}
    groups: dict[tuple[str, str, str], list[JourneyTask]] = {}
    for row in rows:
        if row.id in steps:
            body, step = steps[row.id]
            channel = CHANNELS.get(step.contact)
            if channel is not None:
                groups.setdefault((channel, body.purpose, body.product), []).append(row)
    for (channel, purpose, product), group in groups.items():
        persons = [row.person for row in group]
        found = gate.decide_many(persons, channel, purpose, product or None, at=at, actor=SYSTEM)
        for row in group:
            decision = found[row.person]
            if decision.answer is Answer.DENY:
                refused[row.id] = decision.reasons[0].code if decision.reasons else "gate"
    return refused


def _steps_of(rows: Sequence[JourneyTask]) -> dict[int, tuple[JourneyBody, TaskStep]]:
    """By task the wording and the step it comes from; left out where they are gone."""
    of = {
        walk: (journey, version)
        for walk, journey, version in Enrollment.objects.filter(
            id__in={row.enrollment for row in rows}
        ).values_list("id", "journey", "version")
    }
    bodies: dict[tuple[str, int], JourneyBody] = {}
    for journey, number in set(of.values()):
        version = JourneyVersion.objects.filter(journey_id=journey, number=number).first()
        if version is not None:
            bodies[journey, number] = JourneyBody.model_validate(version.body)
    found = {}
    for row in rows:
        body = bodies.get(of.get(row.enrollment, ("", 0)))
        step = None if body is None else body.steps.get(row.step)
        if body is not None and isinstance(step, TaskStep):
            found[row.id] = (body, step)
    return found


# ── and off it ───────────────────────────────────────────────────────────────────────────────────


def _withdraw(at: datetime) -> bool:
    """Take members off whose task has been withdrawn, where nobody has begun with them."""
    rows = list(
        JourneyTask.objects.filter(state=WITHDRAWN, member__isnull=False).order_by("id")[:AT_ONCE]
    )
    if not rows:
        return False
    with work("journeys.tasks"):
        take_off([(row.member, row.key) for row in rows if row.member], actor=SYSTEM, at=at)
        JourneyTask.objects.filter(id__in=[row.id for row in rows]).update(member=None, done_at=at)
    return True


def _closed(at: datetime) -> bool:
    """Let walks go on whose list has been closed: nobody can do their task any more."""
    value = followed(_LOOKED, {"at": None})
    last = None if value["at"] is None else datetime.fromisoformat(value["at"])
    if last is not None and last <= at < last + _LOOK_EVERY:
        return False
    still = JourneyTask.objects.filter(state=OPEN)
    closed = closed_among(still.order_by().values_list("list", flat=True).distinct())
    rows = list(still.filter(list__in=closed).order_by("id")[:AT_ONCE]) if closed else []
    with work("journeys.tasks"):
        store.lock(row.enrollment for row in rows)
        JourneyTask.objects.filter(id__in=[row.id for row in rows], state=OPEN).update(
            state=REFUSED, reason="list_closed", done_at=at
        )
        told = [
            (row.enrollment, Heard("task", at, "refused",
                                   {"step": row.step, "visit": row.visit, "reason": "list_closed"}))
            for row in rows
        ]  # fmt: skip
        if told:
            store.hear(told)
        if len(rows) < AT_ONCE:
            follow(_LOOKED, {"at": at.isoformat()}, at)
    return bool(rows)


# ── what comes back ──────────────────────────────────────────────────────────────────────────────


def concluded(notices: Sequence[Notice], versions: Sequence[Version]) -> Concluded:
    """What notices of worked members mean to the tasks that wait for them."""
    members = {row.member for row in notices if row.member is not None}
    tasks: dict[int, list[JourneyTask]] = {}
    for task in JourneyTask.objects.filter(member__in=members, state=OPEN).order_by("id"):
        tasks.setdefault(int(task.member or 0), []).append(task)
    found = Concluded()
    if not tasks:
        return found
    bodies = {(v.journey, v.number): v.body for v in versions}
    walks = {
        walk: (journey, number)
        for walk, journey, number in Enrollment.objects.filter(
            id__in={task.enrollment for group in tasks.values() for task in group}
        ).values_list("id", "journey", "version")
    }
    for notice in notices:
        for task in tasks.get(notice.member or 0, ()):
            body = bodies.get(walks.get(task.enrollment, ("", 0)))
            _conclude(found, notice, task, body)
    return found


def _conclude(
    found: Concluded, notice: Notice, task: JourneyTask, body: JourneyBody | None
) -> None:
    step = None if body is None else body.steps.get(task.step)
    arms = step.outcomes if isinstance(step, TaskStep) else []
    codes: list[str] = notice.codes["codes"]
    leading = [code for code in codes if any(code in arm.status for arm in arms)]
    if not leading and not notice.done:
        return
    code = (leading or codes)[0]
    detail = {"step": task.step, "visit": task.visit, "done": notice.done, "by": notice.by}
    heard = (task.enrollment, Heard("task", notice.at, code, detail))
    found.heard.setdefault(notice.id, []).append(heard)
    found.closed.setdefault(notice.id, []).append((task.id, code, notice.at))


def close(found: Concluded, notices: Sequence[int]) -> None:
    """Close the tasks that these notices conclude, in the unit that is open."""
    for notice in notices:
        for task, code, at in found.closed.get(notice, ()):
            JourneyTask.objects.filter(id=task, state=OPEN).update(
                state=DONE, outcome=code[:40], done_at=at
            )
