"""A world played: the engine's own `advance` over a book in memory, with its units, its clock and
its deaths; a sender that asks the gate; people who do their tasks, or do not.

It does what the lanes do, in their order: finished messages are told, then what happened, then
whoever is due moves, then messages are sent. A unit commits whole or not at all.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from campaigns.simulation.drawing import CHANNELS
from campaigns.simulation.sender import FINISHED, Letter, Lost, Sender
from campaigns.simulation.world import Happening, Look, World, meets
from enishi.journeys.graph import Branch, WaitDate
from enishi.journeys.types import (
    Advanced,
    Contact,
    Emit,
    Heard,
    Move,
    Task,
    Walk,
    WalkState,
    Why,
    Withdraw,
)
from enishi.journeys.walking.advance import advance, moved
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.times import on_day
from enishi.kernel.business_days import BusinessCalendar

BROKEN = {
    "twice": "once", "late": "once", "early": "kept", "ungated": "permitted",
    "forgotten": "unstuck", "deaf": "left", "hasty": "waited", "rushed": "beaten",
    "shuffled": "dealt", "blind": "branched", "torn": "told", "dice": "replay",
}  # fmt: skip
"""What can be broken on purpose, and the check that has to notice: effects of a lost unit stay;
what a dead process was attempting is sent again; messages count as sent before they are; the gate's
answer is not heeded; a finished message is not told; exits and goals are not told; waits end early;
timeouts come before what came in time; splits are another journey's; what is known of people is as
it was at first; a line of a story is lost; answers are thrown anew each time."""
_ROUNDS = 20
"""How often in one look those who are due are moved, while anybody does."""
_TASK_TAKES = (timedelta(hours=1), timedelta(hours=30), timedelta(days=4))


@dataclass
class Errand:
    """A human's task. `name` says whose, at which visit of which step."""

    name: str
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


class Play:
    """One world, played once. `broken`: one of BROKEN, or nothing."""

    def __init__(self, world: World, broken: str = "") -> None:
        self.world, self.broken = world, broken
        self.book = Book()
        self.heard_at: dict[int, int] = {}  # happening's place -> the look that told it
        self.committed: list[int] = []  # looks that were not cut short
        self._sender = Sender(world, broken)
        self._gate_heard = 0
        calendar = BusinessCalendar()
        self.readies = {
            number: Ready(
                "jny", "shuffled" if broken == "shuffled" else "simulated", number, body,
                world.zone, calendar,
            )
            for number, body in ((1, world.body), (2, world.newer))
        }  # fmt: skip
        self._told_gate = sorted(world.happenings, key=lambda one: one.at)
        self._dying = False
        self.lost = 0

    def run(self) -> None:
        """From the first look to the last."""
        for number, look in enumerate(self.world.looks):
            self._dying = look.dies == "unit"
            while (
                self._gate_heard < len(self._told_gate)
                and self._told_gate[self._gate_heard].at <= look.at
            ):
                self._sender.gate.tell(self._told_gate[self._gate_heard])
                self._gate_heard += 1
            try:
                self._look(number, look)
                self.committed.append(number)
            except Lost:
                self.lost += 1

    def digest(self) -> str:
        """Of everything that happened: equal for equal worlds."""
        told = repr(
            (
                self.book.walks, self.book.story, self.book.letters, self.book.errands,
                sorted(self.taken.items()),
            )
        )  # fmt: skip
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def taken(self) -> Counter[str]:
        """How often a provider has sent the message of a key."""
        return self._sender.taken

    def halted(self, at: datetime) -> bool:
        return any(begins <= at < ends for begins, ends in self.world.pauses)

    # ── one look ─────────────────────────────────────────────────────────────────────────────────

    def _look(self, number: int, look: Look) -> None:
        clock = look.at + look.skew
        self._enter(look, clock)
        if self.broken == "rushed":
            self._due(number, clock)
        self._tell_finished(number, clock)
        happenings = self.world.happenings
        while self.book.heard < len(happenings) and happenings[self.book.heard].known <= look.at:
            place = self.book.heard
            self._unit(number, clock, self._fitting(happenings[place]), heard=1)
            self.heard_at[place] = number
        self._unit(number, clock, self._errands(clock))
        self._due(number, clock)
        if self.world.moved_at is not None and self.world.moved_at <= look.at:
            self._move_over(number, clock)
        self._sender.look(
            self.book.letters.values(), number, clock, look.dies, halted=self.halted(look.at)
        )

    def _due(self, look: int, clock: datetime) -> None:
        """Move whoever is due; only here are branches and dates asked about."""
        for _ in range(_ROUNDS):
            due = [w.id for w in self.book.walks.values() if w.due is not None and w.due <= clock]
            order = sorted(due, key=self._turn)
            if not self._unit(look, clock, [(one, ()) for one in order], asked=True):
                return

    def _turn(self, walk: int) -> tuple[datetime, int]:
        due = self.book.walks[walk].due
        assert due is not None
        return due, walk

    def _enter(self, look: Look, clock: datetime) -> None:
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
        for one in self.book.errands.values():
            if one.open:
                heard = task_of(self.world, one.name, one.step, one.visit, one.asked, clock)
                if heard is not None:
                    found.append((one.walk, (heard,)))
        return found

    # ── a unit ───────────────────────────────────────────────────────────────────────────────────

    def _unit(
        self,
        look: int,
        clock: datetime,
        told: Iterable[tuple[int, Sequence[Heard]]],
        *,
        heard: int = 0,
        asked: bool = False,
    ) -> bool:
        """Tell walks what they heard, and commit what comes of it; whether anybody moved."""
        results: list[tuple[int, Advanced]] = []
        halted = self.halted(self.world.looks[look].at)
        now: dict[int, Walk] = {}
        for number, what in told:
            walk = now.get(number, self.book.walks[number])
            ready = self.readies[self.book.versions[number]]
            facts = _Facts(self.world, walk, ready, look, self.broken, asked)
            done = advance(ready, walk, what, facts, clock, halted=halted)
            if self.broken == "hasty" and done.walk.due is not None:
                done = done._replace(walk=replace(done.walk, due=clock))
            now[number] = done.walk
            results.append((number, done))
        self._commit(look, results)
        self.book.heard += heard
        return any(done.moves for _, done in results)

    def _tell_finished(self, look: int, clock: datetime) -> None:
        # By a clock that has gone back some are finished only later.
        finished = [
            one
            for one in self.book.letters.values()
            if one.state in FINISHED and not one.told and one.ended is not None
            if one.ended <= clock
        ]
        if self.broken == "forgotten":
            return
        self._unit(look, clock, [(one.walk, (_told_of(one),)) for one in finished])
        for one in finished:
            one.told = True
        # What was kept while the journey was paused is let go of here, too, with nothing asked.
        kept = [
            walk.id
            for walk in self.book.walks.values()
            if walk.why is Why.DELIVERY and walk.due is not None and walk.due <= clock
        ]
        self._unit(look, clock, [(one, ()) for one in sorted(kept, key=self._turn)])

    def _commit(self, look: int, results: Sequence[tuple[int, Advanced]]) -> None:
        if self._dying and any(done.moves for _, done in results):
            self._dying = False
            if self.broken == "twice":
                for number, done in results:
                    self._cause(number, done, f":{self.lost}")
            raise Lost
        for number, done in results:
            self.book.walks[number] = done.walk
            version = self.book.versions[number]
            lines = [Line(look, version, move) for move in done.moves]
            self.book.story[number] += lines[1:] if self.broken == "torn" else lines
            self._cause(number, done, "")

    def _cause(self, number: int, done: Advanced, mark: str) -> None:
        ready = self.readies[self.book.versions[number]]
        for one in done.intents:
            name = named(done.walk, one.step, one.visit) if not isinstance(one, Emit) else ""
            if isinstance(one, Contact):
                self.book.letters.setdefault(
                    one.key + mark,
                    Letter(
                        one.key + mark, name, number, done.walk.person, one.step, one.visit,
                        CHANNELS[one.template], one.at,
                    ),
                )  # fmt: skip
            elif isinstance(one, Task):
                self.book.errands.setdefault(
                    one.key, Errand(name, number, one.step, one.visit, one.at)
                )
            elif isinstance(one, Withdraw):
                key = f"walk:{number}:{one.step}:{one.visit}"
                letter, errand = self.book.letters.get(key), self.book.errands.get(key)
                if letter is not None and letter.state == "queued":
                    letter.state, letter.reason, letter.told = "suppressed", one.code, True
                elif letter is not None and letter.state == "attempting":
                    letter.withdrawn = one.code
                if errand is not None:
                    errand.open = False
        for line in done.moves:  # a task that has led on is nobody's any more
            step = ready.steps.get(line.step or "")
            if (
                step is not None
                and step.kind == "task"
                and line.to != line.step
                and line.code != "mapped"
            ):
                errand = self.book.errands.get(f"walk:{number}:{line.step}:{line.visit}")
                if errand is not None:
                    errand.open = False

    def _move_over(self, look: int, clock: datetime) -> None:
        """Move everybody to the newer version."""
        results = []
        for number, version in self.book.versions.items():
            walk = self.book.walks[number]
            if version == 2 or walk.state is WalkState.ENDED:
                continue
            ready = self.readies[2]
            to = None if walk.step is None else self.world.mapping[walk.step]
            facts = _Facts(self.world, walk, ready, look)
            results.append((number, moved(ready, walk, to, facts, clock)))
        before = dict(self.book.versions)
        self.book.versions |= {number: 2 for number, _ in results}
        try:
            self._commit(look, results)
        except Lost:
            self.book.versions = before
            raise


def _told_of(one: Letter) -> Heard:
    detail = {"step": one.step, "visit": one.visit, "reason": one.reason}
    return Heard("delivery", one.ended or one.due, one.state, detail)


def task_of(
    world: World, name: str, step: str, visit: int, asked: datetime, clock: datetime
) -> Heard | None:
    """What somebody has made of a task by now."""
    chance = world.chance("errand", name)
    done = asked + _TASK_TAKES[int(chance * 3)]
    if clock < done:
        return None
    detail = {"step": step, "visit": visit, "done": True}
    return Heard("task", done, "won" if chance > 0.5 else "lost", detail)


def named(walk: Walk, step: str, visit: int) -> str:
    """Whose visit of a step this is, in whichever book."""
    return f"{walk.person}:{walk.key}:{step}:{visit}"


def fits(signal: Any, one: Happening) -> bool:
    """Whether a happening is what a signal listens for."""
    if signal.kind == "event":
        return one.kind == "event" and one.name in signal.event
    return one.kind == "segment" and one.name == signal.crossing


@dataclass(frozen=True)
class _Facts:
    """What is known of a person at a look; now and then nothing yet, and nothing if not `asked`:
    whoever comes to a branch then stands there until it is."""

    world: World
    walk: Walk
    ready: Ready
    look: int
    broken: str = ""
    asked: bool = False

    def holds(self, step: str, arm: int) -> bool | None:
        if self._unknown(0.3, step):
            return None
        if self.broken == "dice":
            return random.random() < 0.5
        branch = self.ready.steps[step]
        assert isinstance(branch, Branch)
        return meets(branch.arms[arm].rule, self._known())

    def date_of(self, step: str) -> datetime | bool | None:
        if self._unknown(0.2, step):
            return False
        wait = self.ready.steps[step]
        assert isinstance(wait, WaitDate)
        value = self._known()[wait.field]
        if value is None:
            return None
        return on_day(value, self.ready.spans[step], wait.at, self.world.zone)

    def _known(self) -> dict[str, Any]:
        at = self.world.looks[self.look].at
        return self.world.data(
            self.walk.person, self.world.begins if self.broken == "blind" else at
        )

    def _unknown(self, share: float, step: str) -> bool:
        if self.world.sure or not self.asked:
            return not self.asked
        return self.world.chance("unasked", self.look, self.walk.id, step) < share


def played(world: World, broken: str = "") -> Play:
    """A world, played to its end."""
    play = Play(world, broken)
    play.run()
    return play
