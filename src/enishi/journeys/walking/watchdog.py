"""Nobody is stuck: looks, now and then, for walks that nothing will ever move again.

The target is 0 breaches. What is counted, and what a walk has to have instead:

- `no_due`: an active walk has a time at which it is due, or waits for a message or a task.
- `overdue`: one that is due is taken up within ten minutes while the lane runs.
- `unanswered`: a question that a step asks is answered within ten minutes.
- `delivery_gone`: the message that a walk waits for is still on its way.
- `task_gone`: the task that a walk waits for without a timeout is still somebody's.
- `step_gone`: the step at which a walk stands is a step of its version.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from enishi.book.unit import work
from enishi.journeys.models import Enrollment, Followed, Journey, JourneyTask
from enishi.journeys.types import JourneyState, WalkState, Why
from enishi.journeys.walking import effects
from enishi.journeys.walking.readying import MOVING, versions_of
from enishi.kernel.clock import Clock
from enishi.messages.deliveries import service as deliveries

CODES = ("no_due", "overdue", "unanswered", "delivery_gone", "task_gone", "step_gone")
EVERY = timedelta(minutes=5)
LATE = timedelta(minutes=10)
"""How long after it was due a walk may stand before that is a breach."""

_OVER = (JourneyState.DRAFT, JourneyState.ENDED)
_NAME = "watchdog"
_CHUNK = 2000
_EXAMPLES = 20
_SLICE_SECONDS = 0.2
_rounds: dict[str, tuple[datetime, Iterator[Finding] | None, Counts]] = {}  # by book


@dataclass(frozen=True, slots=True)
class Finding:
    """Breaches of one kind found in one look, with some of the walks."""

    code: str
    count: int
    examples: Sequence[int] = ()


@dataclass(slots=True)
class Counts:
    """What a round has found so far."""

    breaches: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CODES, 0))
    examples: dict[str, list[int]] = field(default_factory=dict)

    def add(self, found: Finding) -> None:
        self.breaches[found.code] += found.count
        if found.examples:
            known = self.examples.setdefault(found.code, [])
            known += list(found.examples)[: _EXAMPLES - len(known)]


@dataclass(frozen=True, slots=True)
class Report:
    """The last round: when it ended, how many breaches of each kind, some walks (ids) of each."""

    at: datetime
    breaches: Mapping[str, int]
    examples: Mapping[str, Sequence[int]]

    @property
    def total(self) -> int:
        return sum(self.breaches.values())


def last() -> Report | None:
    """What the last round found; None before there was one."""
    row = Followed.objects.filter(name=_NAME).first()
    if row is None:
        return None
    return Report(row.at, row.value["breaches"], row.value["examples"])


def run_now_and_then(clock: Clock) -> None:
    """Go on with a round, or begin one when the last began five minutes ago."""
    book, now = str(connection.settings_dict["NAME"]), clock()
    began, going, counts = _rounds.get(book, (None, None, Counts()))
    if going is None:
        if began is not None and began <= now < began + EVERY:
            return
        began, going, counts = now, look(now), Counts()
    assert began is not None
    until = time.perf_counter() + _SLICE_SECONDS
    for finding in going:
        counts.add(finding)
        if time.perf_counter() > until:
            _rounds[book] = (began, going, counts)
            return
    _rounds[book] = (began, None, counts)
    _keep(counts, clock())


def check(now: datetime) -> Report:
    """A whole round at once, kept as the last."""
    counts = Counts()
    for finding in look(now):
        counts.add(finding)
    return _keep(counts, now)


def _keep(counts: Counts, at: datetime) -> Report:
    told: dict[str, Any] = {"breaches": counts.breaches, "examples": counts.examples}
    with work("journeys.watchdog"):
        Followed.objects.update_or_create(name=_NAME, defaults={"value": told, "at": at})
    return Report(at, counts.breaches, counts.examples)


def look(now: datetime) -> Iterator[Finding]:
    """Every kind of breach, a piece at a time."""
    for journey in Journey.objects.exclude(state__in=_OVER).order_by("id"):
        mine = Enrollment.objects.filter(journey=journey.id, state=WalkState.ACTIVE)
        unnamed = mine.filter(due_at=None).exclude(why__in=(Why.DELIVERY, Why.TASK))
        yield _those("no_due", unnamed)
        if journey.state in MOVING:
            late = mine.filter(due_at__isnull=False, due_at__lt=now - LATE)
            yield _those("overdue", late)
            asking = mine.filter(why=Why.FACTS, step__isnull=False, since__lt=now - LATE)
            yield _those("unanswered", asking.filter(due_at__gte=now - LATE))
        yield from _at_steps(journey.id, mine, now)


def _those(code: str, found: QuerySet[Enrollment]) -> Finding:
    count = found.count()
    examples = list(found.values_list("id", flat=True)[:_EXAMPLES]) if count else ()
    return Finding(code, count, examples)


def _at_steps(journey: str, mine: QuerySet[Enrollment], now: datetime) -> Iterator[Finding]:
    versions = versions_of(journey)
    for name in list(mine.order_by("step").values_list("step", flat=True).distinct()):
        if name is None:
            continue
        here, having = mine.filter(step=name), [v for v in versions if name in v.steps]
        yield _those("step_gone", here.exclude(version__in=[v.number for v in having]))
        kinds = {version.steps[name].kind for version in having}
        if kinds & {"message", "webhook"}:
            waiting = here.filter(why=Why.DELIVERY, due_at=None, since__lt=now - LATE)
            yield from _gone("delivery_gone", waiting, deliveries.on_their_way)
        if "task" in kinds:
            yield from _gone("task_gone", here.filter(why=Why.TASK, due_at=None), _somebodys)


def _gone(
    code: str, waiting: QuerySet[Enrollment], known: Callable[[list[str]], set[str]]
) -> Iterator[Finding]:
    """Walks that wait for what there is no more."""
    after = 0
    told = waiting.order_by("id").values_list("id", "step", "visit", "memory")
    while chunk := list(told.filter(id__gt=after)[:_CHUNK]):
        after = chunk[-1][0]
        keys = {
            deliveries.walk_key(number, memory.get("as", step), visit): number
            for number, step, visit, memory in chunk
        }
        gone = [keys[key] for key in sorted(set(keys) - known(list(keys)))]
        yield Finding(code, len(gone), gone[:_EXAMPLES])


def _somebodys(keys: list[str]) -> set[str]:
    open_ = JourneyTask.objects.filter(key__in=keys, state__in=(effects.WAITING, effects.OPEN))
    return set(open_.values_list("key", flat=True))
