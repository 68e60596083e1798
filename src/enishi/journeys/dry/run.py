"""A dry run: a wording played over past days of real history, in virtual time. Nothing is written.

The same `advance` that moves real walks moves these. Time goes on in windows of an hour: whatever
falls into one is done in order, and what branches ask is asked of the warehouse for all of it
together, as of its last instant. When that has been asked more than `MOST_ASKED` times, windows
become local days. Rules that end walks are asked once a local day besides.

What cannot be known is assumed: a message that the gate allows is sent; a human's task is done on
the next day, without an outcome; nobody answers a message that was never sent, so such a wait ends
by its deadline unless the event really happened.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count

from enishi.catalog.types import Catalog
from enishi.gate.types import Answer, Decision
from enishi.journeys.dry.gate import PastGate
from enishi.journeys.dry.history import Coming, Past, Told, persons_of
from enishi.journeys.dry.types import Channels, Item, Played, Progress, Sent, Tasked
from enishi.journeys.graph import TaskStep
from enishi.journeys.tasks import CHANNELS as HUMAN
from enishi.journeys.types import (
    GRACE,
    Advanced,
    Contact,
    Heard,
    Intent,
    Move,
    Task,
    Walk,
    WalkState,
    Why,
)
from enishi.journeys.walking.advance import advance
from enishi.journeys.walking.asking import Answers, Asker
from enishi.journeys.walking.ready import Ready, span
from enishi.journeys.walking.times import later
from enishi.kernel.ids import bucket
from enishi.kernel.text import Text
from enishi.warehouse.engine import Engine

MOST = 5000
"""Walks that are played; of more, those of a sample of the people."""
MOST_ASKED = 400
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LATE = (Why.SIGNAL, Why.TASK)
_FULL = 10_000


def dry_run(
    engine: Engine,
    catalog: Catalog,
    ready: Ready,
    channels: Channels,
    since: datetime,
    until: datetime,
    *,
    keep: Callable[[set[str]], set[str]] = lambda persons: persons,
    most: int = MOST,
    progress: Progress = lambda _doing, _share: None,
) -> Played:
    """Play `ready` from `since` to `until`. `keep` leaves those of some persons who may be looked
    at. Raises Invalid where the wording no longer fits the catalog."""
    past = Past(engine, catalog, ready, since, until)
    progress("entries", 0.0)
    comings = past.comings()
    seen = keep(set(persons_of(comings)))
    comings = [one for one in comings if one.person in seen]
    chosen = _sample(comings, most)
    played = Played(since, until, len(comings), chosen)
    progress("people", 0.1)
    persons = persons_of(chosen)
    gate = PastGate(persons, since, _asked(ready, channels))
    told = past.told(set(persons))
    progress("playing", 0.2)
    _Player(engine, catalog, ready, channels, gate, played).play(chosen, told, progress)
    played.branches = {person: gate.branch(person) for person in persons}
    played.notes += past.notes
    return played


def _asked(ready: Ready, channels: Channels) -> list[tuple[str, str, str | None]]:
    body = ready.body
    humans = {HUMAN.get(s.contact, "") for s in body.steps.values() if isinstance(s, TaskStep)}
    found = {*channels.values(), *((one, body.purpose, body.product or None) for one in humans)}
    return sorted((one for one in found if one[0]), key=str)


def _sample(comings: Sequence[Coming], most: int) -> list[Coming]:
    """All, or those of people with the smallest buckets, so that nobody is played in part."""
    if len(comings) <= most:
        return list(comings)
    below = max(1, most * _FULL // len(comings))
    return [one for one in comings if bucket("dry-run", one.person) < below]


class _Player:
    """Moves all walks on through time."""

    def __init__(
        self,
        engine: Engine,
        catalog: Catalog,
        ready: Ready,
        channels: Channels,
        gate: PastGate,
        played: Played,
    ) -> None:
        self.engine, self.catalog, self.ready = engine, catalog, ready
        self.channels, self.gate, self.played = channels, gate, played
        self.heap: list[tuple[datetime, int, Item]] = []
        self.order = count()
        self.inside: dict[str, list[int]] = {}
        self.waiting: dict[int, tuple[int, datetime]] = {}
        self.asked = 0
        self.daily = False

    def play(self, comings: Sequence[Coming], told: Sequence[Told], progress: Progress) -> None:
        since, until = self.played.since, self.played.until
        for one in comings:
            self._push(one.at, Item(coming=one))
        for heard in told:
            self._push(heard.at, Item(told=heard))
        self._push_holds(comings)
        if self.ready.asked_before:
            at = since + _DAY
            while at < until:
                self._push(at, Item())
                at += _DAY
        whole = (until - since).total_seconds() or 1.0
        while self.heap and self.heap[0][0] <= until:
            first = self.heap[0][0]
            self._window(min(first + (_DAY if self.daily else _HOUR), until))
            progress("playing", 0.2 + 0.8 * (first - since).total_seconds() / whole)
        self._leave_open()
        if self.daily:
            self.played.notes.append(
                Text(
                    "条件が多いため、途中から日ごとの時点で判定しました。",
                    "There is much to ask: from some day on, rules were asked once a day.",
                )
            )

    def _push_holds(self, comings: Sequence[Coming]) -> None:
        since = self.played.since
        for person in persons_of(comings):
            for hold in self.gate.holds(person):
                detail = {"id": hold.id}
                if hold.until is None or hold.until > since:
                    heard = Told("hold", person, max(hold.at, since), hold.kind, detail)
                    self._push(heard.at, Item(told=heard))
                    if hold.until is not None:
                        over = Told("release", person, hold.until, hold.kind, detail)
                        self._push(over.at, Item(told=over))

    def _push(self, at: datetime, item: Item) -> None:
        heapq.heappush(self.heap, (at, next(self.order), item))

    # ── a window ─────────────────────────────────────────────────────────────────────────────

    def _window(self, end: datetime) -> None:
        """Do everything that falls before `end`, in order; what that causes before it too."""
        while self.heap and self.heap[0][0] <= end:
            batch: list[tuple[datetime, Item]] = []
            while self.heap and self.heap[0][0] <= end:
                at, _, item = heapq.heappop(self.heap)
                if item.coming is not None:
                    number = self._enter(item.coming)
                    if number is None:
                        continue
                    item = Item(walk=number, holds=True)
                batch.append((at, item))
            if batch:
                answers = self._ask({n for _, item in batch for n in self._concerned(item)}, at)
                for at, item in batch:
                    for number, heard in self._meant(at, item):
                        self._move(at, number, heard, answers)

    def _concerned(self, item: Item) -> Sequence[int]:
        """The walks that an item may move."""
        if item.walk is not None:
            return [item.walk]
        if item.told is not None:
            return self.inside.get(item.told.person, ())
        return [number for numbers in self.inside.values() for number in numbers]

    def _ask(self, numbers: Iterable[int], at: datetime) -> Answers:
        """What their next steps ask, of all of them together, as of one instant."""
        walks = [self.played.walks[number] for number in numbers]
        standing = [(w.person, w.step) for w in walks if w.state is WalkState.ACTIVE]
        needed = {name for _, step in standing for name in self.ready.asks.get(step, ())}
        if not standing or not (needed or self.ready.asked_before):
            return Answers()
        self.asked += len(needed) + len(self.ready.asked_before)
        self.daily = self.daily or self.asked > MOST_ASKED
        return Asker(self.engine, self.catalog, at).ask(self.ready, standing)

    def _meant(self, at: datetime, item: Item) -> Iterable[tuple[int, list[Heard]]]:
        """Which walks an item moves, and what they hear."""
        if item.told is not None:
            return [(number, [heard]) for number, heard in self._heard(item.told)]
        if item.walk is None:
            return [(number, []) for number in self._concerned(item)]
        if item.holds:
            return [(item.walk, self._standing_holds(item.walk, at))]
        walk = self.played.walks[item.walk]
        if walk.state is WalkState.ENDED or walk.visit != item.visit:
            return []
        if item.contact is not None:
            heard = self._try(item.walk, item.contact, at, waited=True)
            return [] if heard is None else [(item.walk, [heard])]
        return [(item.walk, [item.heard] if item.heard else [])]

    def _heard(self, told: Told) -> Iterable[tuple[int, Heard]]:
        kind, _, step = told.place.partition(":")
        for number in self.inside.get(told.person, ()):
            walk = self.played.walks[number]
            if walk.state is WalkState.ENDED:
                continue
            if kind in ("hold", "release"):
                yield number, Heard(kind, told.at, told.key, told.detail)
            elif told.key and told.key != walk.key:
                continue
            elif kind == "wait":
                if walk.step == step:
                    yield number, Heard("wait", told.at, detail=told.detail)
            else:
                yield number, Heard(told.place, told.at, detail=told.detail)

    def _standing_holds(self, number: int, at: datetime) -> list[Heard]:
        person = self.played.walks[number].person
        return [
            Heard("hold", at, hold.kind, {"id": hold.id})
            for hold in self.gate.holds(person)
            if hold.at <= at and (hold.until is None or hold.until > at)
        ]

    # ── people ───────────────────────────────────────────────────────────────────────────────

    def _enter(self, coming: Coming) -> int | None:
        """A new walk, unless re-entry does not allow it."""
        mine = self.inside.setdefault(coming.person, [])
        reentry = self.ready.body.reentry
        before = [
            self.played.walks[number]
            for number in mine
            if reentry.kind != "per_key" or self.played.walks[number].key == coming.key
        ]
        if any(walk.state is not WalkState.ENDED for walk in before):
            return None
        if before and reentry.kind != "after_exit":
            if reentry.kind != "after" or reentry.after is None:
                return None
            last = max(walk.entered or walk.since for walk in before)
            if later(last, span(reentry.after), self.ready.zone) > coming.at:
                return None
        number = len(self.played.walks)
        self.played.walks.append(
            Walk(
                number, coming.person, coming.key, WalkState.ACTIVE, None, 0, coming.at,
                memory={"given": dict(coming.given)} if coming.given else {}, entered=coming.at,
            )
        )  # fmt: skip
        self.played.of.append(coming)
        self.played.moves.append([])
        mine.append(number)
        return number

    def _move(self, at: datetime, number: int, heard: list[Heard], answers: Answers) -> None:
        walk = self.played.walks[number]
        if walk.state is WalkState.ENDED:
            return
        told = [*heard, *answers.heard(walk, at)]
        done = advance(self.ready, walk, told, answers.about(walk.person), at)
        stuck = done.walk.why is Why.FACTS is walk.why and done.walk.visit == walk.visit
        self._keep(number, done)
        following: list[Heard] = []
        for intent in done.intents:
            following += self._intend(number, intent)
        if following:
            # A message that was sent lets its walk go on at once.
            self._move(at, number, following, answers)
        elif not stuck:
            self._wait(number, at)

    def _keep(self, number: int, done: Advanced) -> None:
        self.played.walks[number] = done.walk
        self.played.moves[number] += done.moves

    def _wait(self, number: int, at: datetime) -> None:
        """Come back to a walk when its time is over."""
        walk = self.played.walks[number]
        if walk.state is not WalkState.ACTIVE or walk.due is None:
            return
        due = max(walk.due + (GRACE if walk.why in _LATE else timedelta(0)), at)
        if self.waiting.get(number) != (walk.visit, due):
            self.waiting[number] = (walk.visit, due)
            self._push(due, Item(walk=number, visit=walk.visit))

    # ── contacts ─────────────────────────────────────────────────────────────────────────────

    def _intend(self, number: int, intent: Intent) -> list[Heard]:
        if isinstance(intent, Contact):
            heard = self._try(number, intent, intent.at, waited=False)
            return [] if heard is None else [heard]
        if isinstance(intent, Task):
            return self._task(number, intent)
        return []

    def _try(self, number: int, contact: Contact, at: datetime, *, waited: bool) -> Heard | None:
        """Ask the gate; None where the contact has to wait."""
        walk = self.played.walks[number]
        channel, purpose, product = self.channels[contact.step]
        where = {"step": contact.step, "visit": contact.visit}
        if not channel:
            self.played.contacts.append(Sent(number, contact.step, at, True))
            return Heard("delivery", at, "sent", where)
        decision = self.gate.decide(walk.person, channel, purpose, product, at)
        codes = tuple(dict.fromkeys(reason.code for reason in decision.reasons))
        if decision.allowed:
            self.gate.made(walk.person, channel, purpose, at)
            self.played.contacts.append(Sent(number, contact.step, at, True, waited=waited))
            return Heard("delivery", at, "sent", where)
        if decision.answer is Answer.DEFER and decision.until is not None:
            self.played.deferrals.append((number, contact.step, at, codes))
            detail = {"reason": codes[0], "until": decision.until.isoformat()}
            self.played.moves[number].append(
                Move(at, contact.step, "deferred", contact.step, contact.visit, detail)
            )
            again = max(decision.until, at + timedelta(seconds=1))
            self._push(again, Item(walk=number, visit=contact.visit, contact=contact))
            return None
        codes = _lasting(decision)
        self.played.contacts.append(Sent(number, contact.step, at, False, codes, waited))
        return Heard("delivery", at, "suppressed", where | {"reason": codes[0]})

    def _task(self, number: int, task: Task) -> list[Heard]:
        walk, body = self.played.walks[number], self.ready.body
        step = self.ready.steps[task.step]
        assert isinstance(step, TaskStep)
        channel = HUMAN.get(step.contact)
        where = {"step": task.step, "visit": task.visit}
        if channel is not None:
            decision = self.gate.decide(
                walk.person, channel, body.purpose, body.product or None, task.at
            )
            if decision.answer is Answer.DENY:
                codes = _lasting(decision)
                self.played.tasks.append(Tasked(number, task.step, task.at, codes))
                return [Heard("task", task.at, "refused", where | {"reason": codes[0]})]
            self.gate.made(walk.person, channel, body.purpose, task.at)
        self.played.tasks.append(Tasked(number, task.step, task.at))
        done = Heard("task", task.at + _DAY, "", where | {"done": True})
        self._push(task.at + _DAY, Item(walk=number, visit=task.visit, heard=done))
        return []

    def _leave_open(self) -> None:
        for number, walk in enumerate(self.played.walks):
            if walk.state is WalkState.ACTIVE and walk.why is Why.DELIVERY and walk.step:
                self.played.open.append((number, walk.step))


def _lasting(decision: Decision) -> tuple[str, ...]:
    """Why a contact was stopped for good: without what would have passed by itself."""
    found = (reason.code for reason in decision.reasons if reason.answer is not Answer.DEFER)
    return tuple(dict.fromkeys(found))
