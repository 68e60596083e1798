"""A walk while it is being moved: entering steps, leaving them, ending. `advance` drives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from enishi.journeys.graph import (
    Branch,
    ExitStep,
    GoalStep,
    Holdout,
    Join,
    MessageStep,
    ScoreStep,
    Split,
    TaskStep,
    UpdateStep,
    WaitDate,
    WaitDuration,
    WaitEvent,
    WaitUntil,
    WebhookStep,
)
from enishi.journeys.types import (
    Advanced,
    Contact,
    Emit,
    End,
    Intent,
    Move,
    StepFacts,
    Task,
    Walk,
    WalkState,
    Why,
    Withdraw,
)
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.times import later
from enishi.kernel.ids import bucket

NOTHING: Mapping[str, Any] = {}
_SCORE_EVENT = "score_changed"


class Going:
    """One walk between two places to stand. Fields as of `Walk`."""

    __slots__ = (
        "ahead",
        "control",
        "due",
        "end",
        "entered",
        "facts",
        "intents",
        "memory",
        "moves",
        "now",
        "passed",
        "ready",
        "since",
        "state",
        "step",
        "visit",
        "walk",
        "why",
    )

    def __init__(self, ready: Ready, walk: Walk, facts: StepFacts, now: datetime) -> None:
        self.ready, self.walk, self.facts = ready, walk, facts
        self.state, self.step, self.visit = walk.state, walk.step, walk.visit
        self.since, self.due, self.why, self.end = walk.since, walk.due, walk.why, walk.end
        self.memory, self.control = walk.memory, walk.control
        self.entered = walk.entered or walk.since
        # Where the clock has been set back, nothing happens before what has been told already.
        self.now = self.after(now)
        self.ahead: tuple[str, datetime] | None = None
        self.passed: set[tuple[str, datetime]] = set()
        self.moves: list[Move] = []
        self.intents: list[Intent] = []

    def done(self) -> Advanced:
        """Where the walk stands now; the same object where nothing has changed."""
        old = self.walk
        if not self.moves and (self.due, self.why, self.memory) == (old.due, old.why, old.memory):
            return Advanced(old)
        new = Walk(
            old.id, old.person, old.key, self.state, self.step, self.visit, self.since, self.due,
            self.why, self.end, self.memory, self.entered, self.control,
        )  # fmt: skip
        return Advanced(new, tuple(self.moves), tuple(self.intents))

    def after(self, at: datetime) -> datetime:
        """An instant, not before the last line of the story."""
        told = self.memory.get("told")
        return max(at, self.since, datetime.fromisoformat(told)) if told else max(at, self.since)

    # ── memory ───────────────────────────────────────────────────────────────────────────────────

    def remember(self, name: str, value: object) -> None:
        self.memory = {**self.memory, name: value}

    def forget(self, *names: str) -> None:
        if self.memory and any(name in self.memory for name in names):
            self.memory = {n: value for n, value in self.memory.items() if n not in names}

    # ── standing, leaving, ending ────────────────────────────────────────────────────────────────

    def stand(self, why: Why, due: datetime | None) -> None:
        self.why, self.due = why, due

    def stand_asking(self, at: datetime) -> None:
        """Stand until what the step asks is known; who stands so already is due as before."""
        self.stand(Why.FACTS, self.due if self.why is Why.FACTS else at)

    def leave(
        self, to: str | None, code: str, at: datetime, detail: Mapping[str, Any] = NOTHING
    ) -> None:
        """Leave the step for `to`; `go` then enters it."""
        self.why = Why.ENDED  # what it stood for is over, and nothing to be withdrawn
        if to is None:
            self.finish(End.COMPLETED, code, at, detail)
            return
        self.tell(at, code, to, detail)
        self.ahead = (to, at)

    def go(self) -> None:
        """Enter what lies ahead, until there is something to stand for."""
        while self.ahead is not None:
            name, at = self.ahead
            self.ahead = None
            self._enter(name, at)

    def finish(
        self, end: End, code: str, at: datetime, detail: Mapping[str, Any] = NOTHING
    ) -> None:
        """End the walk; what was begun for the step and is not done yet is withdrawn."""
        self.withdraw(at, code)
        self.tell(at, code, None, {**detail, "end": str(end)})
        self.state, self.end, self.why, self.due = WalkState.ENDED, end, Why.ENDED, None
        self.since = max(at, self.since)
        self.forget("kept", "was", "as", "date", "holds", "quiet", "told")

    def withdraw(self, at: datetime, code: str) -> None:
        """Take back the message or the task that the walk stands for."""
        why = self.memory.get("was", self.why)
        if why in (Why.DELIVERY, Why.TASK) and "kept" not in self.memory:
            self.intents.append(Withdraw(self.asked_as, self.visit, at, code))

    def note(self, at: datetime, code: str, detail: Mapping[str, Any] = NOTHING) -> None:
        """A line of the story about somebody who stays where she stands."""
        self.remember("told", at.isoformat())
        self.tell(at, code, self.step, detail)

    def tell(self, at: datetime, code: str, to: str | None, detail: Mapping[str, Any]) -> None:
        stood = (at - self.since).total_seconds() if self.step is not None else 0.0
        self.moves.append(Move(at, self.step, code, to, self.visit, detail, max(stood, 0.0)))

    def _enter(self, name: str, at: datetime) -> None:
        self.forget("kept", "as", "date", "told")
        self.visit += 1
        self.since, self.step, self.due, self.why = at, name, None, Why.ENDED
        step = self.ready.steps.get(name)
        if step is None or (name, at) in self.passed:
            # A step that is gone, or a ring of steps that nobody stands at: it has no end.
            self.why = Why.ENDED
            reason = "gone" if step is None else "ring"
            self.finish(End.BROKEN, "broken", at, {"reason": reason})
            return
        self.passed.add((name, at))
        self.arrive(name, at)

    def arrive(self, name: str, at: datetime) -> None:
        """Do what a step does with whoever has come to it, and has not begun with it yet."""
        step = self.ready.steps[name]
        _ENTER[step.kind](self, name, step, at)

    @property
    def asked_as(self) -> str:
        """The step in whose name a message or task was asked for: another version may call the
        step otherwise at which she stands for it now."""
        return str(self.memory.get("as", self.step))

    @property
    def key(self) -> str:
        """Names this visit of this step for ever: of a delivery, a task, an event."""
        return f"walk:{self.walk.id}:{self.step}:{self.visit}"

    # ── the steps ────────────────────────────────────────────────────────────────────────────────

    def wait(self, name: str, step: WaitDuration, at: datetime) -> None:
        due = later(at, self.ready.spans[name], self.ready.zone)
        self.stand(Why.DUE, due)
        if due <= self.now:
            self.leave(step.next, "waited", self.now)

    def wait_until(self, name: str, step: WaitUntil, at: datetime) -> None:
        opens = self.ready.opens(name, at)
        self.stand(Why.DUE, opens)
        if opens <= at:
            self.leave(step.next, "opened", at)
        elif opens <= self.now:
            self.window_due(name, step)

    def window_due(self, name: str, step: WaitUntil) -> None:
        """The window has opened: go on, unless it is closed again by now. A bare time of day that
        has passed meanwhile is made up for."""
        again = self.now if step.since == step.until else self.ready.opens(name, self.now)
        if again <= self.now:
            self.leave(step.next, "opened", self.now)
        else:
            self.stand(Why.DUE, again)

    def wait_event(self, name: str, _: WaitEvent, at: datetime) -> None:
        self.stand(Why.SIGNAL, later(at, self.ready.spans[name], self.ready.zone))

    def wait_date(self, name: str, step: WaitDate, at: datetime) -> None:
        date = self.facts.date_of(name)
        if date is False:
            self.stand_asking(at)
            return
        assert not isinstance(date, bool)
        known = self.memory.get("date")
        if date is None:
            self.leave(step.unset_next or step.next, "unset", at)
        elif date > self.now:
            told = date.isoformat()
            if known is not None and known != told:
                self.note(self.now, "followed", {"due": told})
            self.remember("date", told)
            self.stand(Why.DUE, date)
        elif date.isoformat() == known or (known is None and date >= self.since):
            self.leave(step.next, "date", self.now)
        else:
            self.leave(step.passed_next or step.next, "passed", at)

    def branch(self, name: str, step: Branch, at: datetime) -> None:
        for place, arm in enumerate(step.arms):
            holds = self.facts.holds(name, place)
            if holds is None:
                self.stand_asking(at)
                return
            if holds:
                self.leave(arm.next, f"arm_{place}", at)
                return
        self.leave(step.next, "else", at)

    def split(self, name: str, step: Split, at: datetime) -> None:
        number = bucket(self.ready.salts[name], self.walk.person)
        for place, edge in enumerate(self.ready.bounds[name]):
            if number < edge:
                self.leave(step.shares[place].next, f"share_{place}", at)
                return

    def holdout(self, name: str, step: Holdout, at: datetime) -> None:
        number = bucket(self.ready.salts[name], self.walk.person)
        if number < self.ready.bounds[name][0]:
            self.control = True
            self.leave(step.control_next, "control", at)
        else:
            self.leave(step.next, "treated", at)

    def message(self, name: str, step: MessageStep | WebhookStep, at: datetime) -> None:
        if quiet := self.memory.get("quiet"):
            code = next(iter(quiet.values()))
            to = step.failed_next or step.next
            self.leave(to, "suppressed", at, {"reason": f"hold_{code}"})
            return
        self.stand(Why.DELIVERY, None)
        # What is caused late is asked for now: nothing is sent into the past.
        self.intents.append(
            Contact(self.key, name, self.visit, step.template, step.sender, self.now)
        )

    def task(self, name: str, step: TaskStep, at: datetime) -> None:
        if quiet := self.memory.get("quiet"):
            code = next(iter(quiet.values()))
            self.leave(step.timeout_next or step.next, "refused", at, {"reason": f"hold_{code}"})
            return
        span = self.ready.spans.get(name)
        self.stand(Why.TASK, None if span is None else later(self.now, span, self.ready.zone))
        self.intents.append(Task(self.key, name, self.visit, self.now))

    def update(self, _: str, step: UpdateStep, at: datetime) -> None:
        self.intents.append(Emit(self.key, step.event, step.values, at))
        self.leave(step.next, "updated", at)

    def score(self, _: str, step: ScoreStep, at: datetime) -> None:
        values = {"score": step.score, "points": step.points}
        self.intents.append(Emit(self.key, _SCORE_EVENT, values, at))
        self.leave(step.next, "scored", at)

    def join(self, _: str, step: Join, at: datetime) -> None:
        self.leave(step.next, "joined", at)

    def goal(self, _: str, step: GoalStep, at: datetime) -> None:
        if step.next is None:
            self.finish(End.GOAL, "goal", at)
        else:
            self.leave(step.next, "goal", at)

    def exit(self, _: str, __: ExitStep, at: datetime) -> None:
        self.finish(End.EXIT, "exit", at)


_ENTER: dict[str, Callable[[Going, str, Any, datetime], None]] = {
    "wait": Going.wait,
    "wait_until": Going.wait_until,
    "wait_event": Going.wait_event,
    "wait_date": Going.wait_date,
    "branch": Going.branch,
    "split": Going.split,
    "holdout": Going.holdout,
    "message": Going.message,
    "webhook": Going.message,
    "task": Going.task,
    "update": Going.update,
    "score": Going.score,
    "join": Going.join,
    "goal": Going.goal,
    "exit": Going.exit,
}
