"""A world played: the engine's own `advance` over a book in memory, with its units, its clock and
its deaths; a sender that asks the gate; people who do their tasks, or do not.

It does what the lanes do, in their order: finished messages are told, then what happened, then
whoever is due moves, then messages are sent. A unit commits whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from campaigns.simulation.gatekeeper import Gatekeeper
from campaigns.simulation.world import CHANNELS, Happening, Look, World
from enishi.gate.types import Answer
from enishi.journeys.advance import advance, moved
from enishi.journeys.ready import Ready
from enishi.journeys.types import (
    Advanced,
    Contact,
    Heard,
    Move,
    Task,
    Walk,
    WalkState,
    Why,
    Withdraw,
)
from enishi.kernel.business_days import BusinessCalendar

BROKEN = ("twice", "deaf", "ungated", "forgotten")
"""What can be broken on purpose, to see that it is noticed: effects of a lost unit stay; exits and
goals are not told; the gate's answer is not heeded; a finished message is not told."""
_TASK_TAKES = (timedelta(hours=1), timedelta(hours=30), timedelta(days=4))


@dataclass
class Letter:
    """A message asked for. `sent` is the engine's instant at which it went out."""

    key: str
    walk: int
    person: str
    step: str
    visit: int
    channel: str
    asked: datetime
    due: datetime
    state: str = "queued"
    reason: str = ""
    sent: datetime | None = None
    look: int = -1  # at which it went out
    done: int = -1  # at which it came to its end
    told: bool = False
    tries: int = 0


@dataclass
class Errand:
    """A human's task."""

    walk: int
    step: str
    visit: int
    asked: datetime
    open: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a walk's story, with the look at which it was written and the version then."""

    look: int
    version: int
    move: Move


@dataclass
class Book:
    """What is committed."""

    walks: dict[int, Walk] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    errands: dict[str, Errand] = field(default_factory=dict)
    story: dict[int, list[Line]] = field(default_factory=dict)
    entered: int = 0
    heard: int = 0


class _Lost(Exception):
    """The process has died in a unit."""


class Play:
    """One world, played once. `broken`: one of BROKEN, or nothing."""

    def __init__(self, world: World, broken: str = "") -> None:
        self.world, self.broken = world, broken
        self.book = Book()
        self.heard_at: dict[int, int] = {}  # happening's place -> the look that told it
        self.committed: list[int] = []  # looks that were not cut short
        self._gate = Gatekeeper(world)
        self._gate_heard = 0
        calendar = BusinessCalendar()
        self.readies = {
            number: Ready("jny", "simulated", number, body, world.zone, calendar)
            for number, body in ((1, world.body), (2, world.newer))
        }
        self._told_gate = sorted(world.happenings, key=lambda one: one.at)
        self._dying = False
        self.lost = 0

    def run(self) -> None:
        """From the first look to the last."""
        for number, look in enumerate(self.world.looks):
            self._dying = look.dies
            while (
                self._gate_heard < len(self._told_gate)
                and self._told_gate[self._gate_heard].at <= look.at
            ):
                self._gate.tell(self._told_gate[self._gate_heard])
                self._gate_heard += 1
            try:
                self._look(number, look)
                self.committed.append(number)
            except _Lost:
                continue

    def digest(self) -> str:
        """Of everything that happened: equal for equal worlds."""
        told = repr((self.book.walks, self.book.story, self.book.letters, self.book.errands))
        return hashlib.sha256(told.encode()).hexdigest()

    def halted(self, at: datetime) -> bool:
        return any(begins <= at < ends for begins, ends in self.world.pauses)

    # ── one look ─────────────────────────────────────────────────────────────────────────────────

    def _look(self, number: int, look: Look) -> None:
        clock = look.at + look.skew
        self._unit(number, clock, self._enter(look, clock))
        self._tell_finished(number, clock)
        happenings = self.world.happenings
        while self.book.heard < len(happenings) and happenings[self.book.heard].known <= look.at:
            place = self.book.heard
            self._unit(number, clock, self._fitting(happenings[place]), heard=1)
            self.heard_at[place] = number
        self._unit(number, clock, self._errands(clock))
        due = [w.id for w in self.book.walks.values() if w.due is not None and w.due <= clock]
        self._unit(number, clock, [(one, ()) for one in sorted(due, key=self._turn)])
        if self.world.moved_at is not None and self.world.moved_at <= look.at:
            self._move_over(number, clock)
        self._send(number, clock)

    def _turn(self, walk: int) -> tuple[datetime, int]:
        due = self.book.walks[walk].due
        assert due is not None
        return due, walk

    def _enter(self, look: Look, clock: datetime) -> list[tuple[int, tuple[Heard, ...]]]:
        entries = self.world.entries
        while self.book.entered < len(entries) and entries[self.book.entered].at <= look.at:
            one = entries[self.book.entered]
            self.book.entered += 1
            number, at = self.book.entered, min(one.at, clock)
            self.book.walks[number] = Walk(
                number, one.person, one.key, WalkState.ACTIVE, None, 0, at, at, Why.FACTS,
                entered=at,
            )  # fmt: skip
            moved_already = self.world.moved_at is not None and self.world.moved_at <= look.at
            self.book.versions[number] = 2 if moved_already else 1
            self.book.story[number] = []
        return []

    def _fitting(self, one: Happening) -> list[tuple[int, tuple[Heard, ...]]]:
        """Whom it concerns, and as what: the waits, exits and goals that it fits."""
        found = []
        for walk in self.book.walks.values():
            if walk.person != one.person or walk.state is WalkState.ENDED:
                continue
            told = self.heard_as(walk, self.readies[self.book.versions[walk.id]], one)
            if told:
                found.append((walk.id, tuple(told)))
        return found

    def heard_as(self, walk: Walk, ready: Ready, one: Happening) -> list[Heard]:
        if one.kind in ("hold", "release"):
            return [Heard(one.kind, one.at, one.name, {"id": one.number})]
        told = []
        for place, signal in ready.signals.items():
            if not fits(signal, one) or one.machine:
                continue
            if place.startswith("wait:"):
                if walk.step == place[5:]:
                    told.append(Heard("wait", one.at, one.name))
            elif self.broken != "deaf":
                told.append(Heard(place, one.at, one.name))
        return told

    def _errands(self, clock: datetime) -> list[tuple[int, tuple[Heard, ...]]]:
        found = []
        for key, one in self.book.errands.items():
            chance = self.world.chance("errand", key)
            takes = _TASK_TAKES[int(chance * 3)]
            if one.open and clock >= one.asked + takes:
                code = "won" if chance > 0.5 else "lost"
                detail = {"step": one.step, "visit": one.visit, "done": True}
                found.append((one.walk, (Heard("task", one.asked + takes, code, detail),)))
        return found

    # ── a unit ───────────────────────────────────────────────────────────────────────────────────

    def _unit(
        self,
        look: int,
        clock: datetime,
        told: Iterable[tuple[int, Sequence[Heard]]],
        *,
        heard: int = 0,
    ) -> None:
        results: list[tuple[int, Advanced]] = []
        halted = self.halted(self.world.looks[look].at)
        now: dict[int, Walk] = {}
        for number, what in told:
            walk = now.get(number, self.book.walks[number])
            ready = self.readies[self.book.versions[number]]
            facts = _Facts(self.world, walk, ready, clock, look)
            done = advance(ready, walk, what, facts, clock, halted=halted)
            now[number] = done.walk
            results.append((number, done))
        self._commit(look, results)
        self.book.heard += heard

    def _tell_finished(self, look: int, clock: datetime) -> None:
        finished = [
            one for one in self.book.letters.values() if one.state != "queued" and not one.told
        ]
        if self.broken == "forgotten":
            return
        self._unit(look, clock, [(one.walk, (_told_of(one),)) for one in finished])
        for one in finished:
            one.told = True

    def _commit(self, look: int, results: Sequence[tuple[int, Advanced]]) -> None:
        if self._dying and any(done.moves for _, done in results):
            self._dying = False
            if self.broken == "twice":
                for number, done in results:
                    self._cause(number, done, f":{self.lost}")
            self.lost += 1
            raise _Lost
        for number, done in results:
            self.book.walks[number] = done.walk
            version = self.book.versions[number]
            self.book.story[number] += [Line(look, version, move) for move in done.moves]
            self._cause(number, done, "")

    def _cause(self, number: int, done: Advanced, mark: str) -> None:
        ready = self.readies[self.book.versions[number]]
        for one in done.intents:
            if isinstance(one, Contact):
                self.book.letters.setdefault(
                    one.key + mark,
                    Letter(
                        one.key + mark, number, done.walk.person, one.step, one.visit,
                        CHANNELS[one.template], one.at, one.at,
                    ),
                )  # fmt: skip
            elif isinstance(one, Task):
                self.book.errands.setdefault(one.key, Errand(number, one.step, one.visit, one.at))
            elif isinstance(one, Withdraw):
                key = f"walk:{number}:{one.step}:{one.visit}"
                letter, errand = self.book.letters.get(key), self.book.errands.get(key)
                if letter is not None and letter.state == "queued":
                    letter.state, letter.reason, letter.told = "suppressed", one.code, True
                if errand is not None:
                    errand.open = False
        for line in done.moves:  # a task that has led on is nobody's any more
            step = ready.steps.get(line.step or "")
            if step is not None and step.kind == "task" and line.to != line.step:
                errand = self.book.errands.get(f"walk:{number}:{line.step}:{line.visit}")
                if errand is not None:
                    errand.open = False

    def _move_over(self, look: int, clock: datetime) -> None:
        """Move everybody to the newer version."""
        for number, version in list(self.book.versions.items()):
            walk = self.book.walks[number]
            if version == 2 or walk.state is WalkState.ENDED:
                continue
            ready = self.readies[2]
            to = None if walk.step is None else self.world.mapping[walk.step]
            done = moved(ready, walk, to, _Facts(self.world, walk, ready, clock, look), clock)
            self.book.versions[number] = 2
            try:
                self._commit(look, [(number, done)])
            except _Lost:
                self.book.versions[number] = version
                raise

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    def _send(self, look: int, clock: datetime) -> None:
        if self.halted(self.world.looks[look].at):
            return
        waiting = [o for o in self.book.letters.values() if o.state == "queued" and o.due <= clock]
        for letter in sorted(waiting, key=lambda one: (one.due, one.key)):
            decision = self._gate.decide(letter.person, letter.channel, clock)
            if self.broken != "ungated" and not decision.allowed:
                if decision.answer is Answer.DEFER and decision.until is not None:
                    letter.due = decision.until
                else:
                    letter.state, letter.reason = "suppressed", decision.reasons[0].code
                    letter.due, letter.done = clock, look
                continue
            letter.tries += 1
            chance = self.world.chance("provider", letter.key, letter.tries)
            if chance < 0.05:
                letter.due = clock + timedelta(minutes=15)
                continue
            self._gate.count(letter.person, letter.channel, clock, letter.key)
            letter.state = "failed" if chance < 0.08 else "unknown" if chance < 0.1 else "sent"
            letter.sent, letter.look, letter.done = clock, look, look


def _told_of(one: Letter) -> Heard:
    detail = {"step": one.step, "visit": one.visit, "reason": one.reason}
    return Heard("delivery", one.sent or one.due, one.state, detail)


def fits(signal: Any, one: Happening) -> bool:
    """Whether a happening is what a signal listens for."""
    if signal.kind == "event":
        return one.kind == "event" and one.name in signal.event
    return one.kind == "segment" and one.name == signal.crossing


@dataclass(frozen=True)
class _Facts:
    """What is known of a person: her own dice, thrown anew each day; now and then nothing yet."""

    world: World
    walk: Walk
    ready: Ready
    clock: datetime
    look: int

    def holds(self, step: str, arm: int) -> bool | None:
        if self.world.chance("unasked", self.look, self.walk.id, step) < 0.3:
            return None
        day = self.clock.astimezone(self.world.zone).date()
        return self.world.chance("arm", self.walk.person, step, arm, day) < 0.4

    def date_of(self, step: str) -> datetime | bool | None:
        if self.world.chance("undated", self.look, self.walk.id, step) < 0.2:
            return False
        chance = self.world.chance("date", self.walk.person)
        if chance < 0.2:
            return None
        changed = self.clock > self.world.begins + timedelta(days=12)
        days = int(chance * 35) + (3 if changed else 0)
        return self.world.begins + timedelta(days=days)


def played(world: World, broken: str = "") -> Play:
    """A world, played to its end."""
    play = Play(world, broken)
    play.run()
    return play
