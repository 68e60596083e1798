"""What walks cause, as rows of the same unit: deliveries, tasks, events of our own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from enishi.book import bulk
from enishi.book.jsontext import dumps
from enishi.gate.in_force import policies_in_force
from enishi.journeys.graph import TaskStep
from enishi.journeys.models import JourneyTask
from enishi.journeys.types import Contact, Emit, Heard, Intent, Task, Withdraw
from enishi.journeys.walking import readying
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.rows import Row
from enishi.messages.deliveries import service as deliveries
from enishi.messages.templates.finding import approved_version

GIVES_WAY = timedelta(seconds=2)
"""So long a delivery under a cap waits for each higher priority there is: what journeys cause
together is written one journey after the other, and the gate has to be asked about the highest
first."""

_MOST_BEHIND = 5
WAITING, OPEN, WITHDRAWN = "waiting", "open", "withdrawn"
_TASK = {
    "key": "text", "enrollment": "bigint", "person": "text", "step": "text", "visit": "int",
    "list": "text", "state": "text", "outcome": "text", "reason": "text",
    "created_at": "timestamptz",
}  # fmt: skip
_EMITTED = {
    "key": "text", "person": "text", "event": "text", "values": "jsonb", "at": "timestamptz",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """An intent with the walk it comes from."""

    row: Row
    ready: Ready
    priority: int
    intent: Intent


@dataclass(frozen=True, slots=True)
class Wording:
    """An approved version of a template. `capped`: a cap is about its contacts, or counts them."""

    version: str
    channel: str
    purpose: str
    product: str
    capped: bool


class Templates:
    """The wordings that may be sent now, looked up once a unit."""

    def __init__(self) -> None:
        self._found: dict[str, Wording | None] = {}

    def __getitem__(self, slug: str) -> Wording | None:
        if slug not in self._found:
            self._found[slug] = _wording(slug)
        return self._found[slug]


def _wording(slug: str) -> Wording | None:
    version = approved_version(slug)
    if version is None:
        return None
    of = version.template
    capped = policies_in_force().capped(of.channel, of.purpose)
    return Wording(version.id, of.channel, of.purpose, of.product, capped)


def unsendable(intents: Iterable[Intent], templates: Templates, now: datetime) -> list[Heard]:
    """Of contacts whose template has no approved wording: that nothing is sent."""
    return [
        Heard(
            "delivery", now, "suppressed",
            {"step": one.step, "visit": one.visit, "reason": "template_not_approved"},
        )
        for one in intents
        if isinstance(one, Contact) and templates[one.template] is None
    ]  # fmt: skip


def write(wishes: Sequence[Wish], templates: Templates) -> None:
    """Write everything in the unit that is open; what was written before stays as it is."""
    wanted, tasks, emitted = [], [], []
    taken_back: dict[tuple[str, datetime], list[str]] = {}
    behind = readying.behind() if any(isinstance(w.intent, Contact) for w in wishes) else {}
    for wish in wishes:
        one = wish.intent
        if isinstance(one, Contact):
            wording = templates[one.template]
            if wording is not None:
                higher = min(behind.get(wish.priority, 0), _MOST_BEHIND) if wording.capped else 0
                wanted.append(_delivery(wish, one, wording, one.at + higher * GIVES_WAY))
        elif isinstance(one, Task):
            tasks.append(_task(wish, one, one.at))
        elif isinstance(one, Emit):
            emitted.append((one.key, wish.row.walk.person, one.event, dumps(one.values), one.at))
        else:
            taken_back.setdefault((one.code, one.at), []).append(_key(wish, one))
    deliveries.enqueue(wanted)
    once = "ON CONFLICT (key) DO NOTHING"
    bulk.insert("journeys_journeytask", _TASK, tasks, conflict=once)
    bulk.insert("journeys_emitted", _EMITTED, emitted, conflict=once)
    for (code, at), keys in taken_back.items():
        deliveries.withdraw(keys, code, at=at)
        # The member of a task that somebody has begun with is taken off her list by `tasks`.
        JourneyTask.objects.filter(key__in=keys, state__in=(WAITING, OPEN)).update(
            state=WITHDRAWN, reason=code
        )


def _key(wish: Wish, one: Withdraw) -> str:
    return deliveries.walk_key(wish.row.walk.id, one.step, one.visit)


def _delivery(wish: Wish, one: Contact, wording: Wording, due: datetime) -> deliveries.Wanted:
    row = wish.row
    return deliveries.Wanted(
        one.key, row.walk.person, wording.channel, wording.purpose, wording.version, due,
        product=wording.product or wish.ready.body.product, sender=one.sender,
        journey=row.journey, journey_version=row.version, enrollment=row.walk.id, step=one.step,
        given=row.walk.memory.get("given", {}), priority=wish.priority,
    )  # fmt: skip


def _task(wish: Wish, one: Task, at: object) -> tuple[object, ...]:
    step = wish.ready.steps[one.step]
    assert isinstance(step, TaskStep)
    walk = wish.row.walk
    return (one.key, walk.id, walk.person, one.step, one.visit, step.list, WAITING, "", "", at)
