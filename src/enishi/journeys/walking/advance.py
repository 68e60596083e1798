"""One walk, moved on as far as it goes: a pure function, no I/O, the clock handed in.

active ──hold that pauses──► held ──its last hold lifted──► active
  └── exit, goal, removal, a hold that ends, the last step ──► ended (held ones too)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from enishi.journeys.graph import MessageStep, TaskStep, WaitDate, WaitEvent, WaitUntil, WebhookStep
from enishi.journeys.types import (
    GRACE,
    Advanced,
    End,
    Heard,
    StepFacts,
    Walk,
    WalkState,
    Why,
)
from enishi.journeys.walking.going import Going
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.times import later

WAITS = ("wait", "wait_until", "wait_event", "wait_date")
"""The kinds of step whose waited time is kept when one takes another's place."""


def advance(
    ready: Ready,
    walk: Walk,
    heard: Sequence[Heard],
    facts: StepFacts,
    now: datetime,
    *,
    halted: bool = False,
) -> Advanced:
    """Take in what was heard, in that order, then go on until the walk stands.

    `halted`: the journey is paused. Nobody moves then; exits, goals, holds and removal count all
    the same, and what a wait was for is kept until it goes on. Instants that the world gives (an
    entry, a signal, a finished delivery) count as they were; what the clock causes counts from when
    it is really done, so that no two overdue waits end together. What a wait for a signal or a task
    was for may be told next: its timeout is taken only where nothing was heard.
    """
    if walk.state is WalkState.ENDED:
        return Advanced(walk)
    going = Going(ready, walk, facts, now)
    for one in heard:
        if going.state is not WalkState.ENDED and not one.detail.get("machine"):
            _take(going, one, halted)
    if going.state is WalkState.ACTIVE and not halted:
        _tick(going, timeouts=not heard)
    return going.done()


def moved(ready: Ready, walk: Walk, to: str | None, facts: StepFacts, now: datetime) -> Advanced:
    """A walk taken over by another version, `ready`, where it stands at `to`; None: it ends.

    A wait in a wait's place keeps its waited time; a message or task in the place of one keeps what
    is on its way. Anything else is entered anew.
    """
    if walk.state is WalkState.ENDED or walk.step is None:
        return Advanced(walk)
    going = Going(ready, walk, facts, now)
    if to is None:
        going.finish(End.MOVED, "moved_out", going.now)
    else:
        _take_over(going, to)
    return going.done()


# ── what was heard ───────────────────────────────────────────────────────────────────────────────


def _take(going: Going, one: Heard, halted: bool) -> None:
    at = min(one.at, going.now)
    place, _, _ = one.signal.partition(":")
    _TAKE[place](going, one, at, halted)
    going.go()


def _exit(going: Going, one: Heard, at: datetime, _: bool) -> None:
    if at >= going.entered:
        going.finish(End.LEFT, "left", going.after(at), {**one.detail, "signal": one.signal})


def _goal(going: Going, one: Heard, at: datetime, _: bool) -> None:
    if at >= going.entered:
        detail = {**one.detail, "signal": one.signal}
        going.finish(End.GOAL, "goal_reached", going.after(at), detail)


def _remove(going: Going, one: Heard, at: datetime, _: bool) -> None:
    going.finish(End.REMOVED, "removed", going.after(at), one.detail)


def _close(going: Going, one: Heard, at: datetime, _: bool) -> None:
    going.finish(End.CLOSED, "closed", going.after(at), one.detail)


def _expected(going: Going, one: Heard, at: datetime, halted: bool) -> None:
    """What the step stands for: a signal, a finished delivery, a task's outcome."""
    why = going.memory.get("was", going.why)
    if why != _STANDS[one.signal] or "kept" in going.memory:
        return
    told = one.detail
    if told.get("visit", going.visit) != going.visit:
        return  # of an earlier visit
    if why != Why.DELIVERY and (at < going.since or (going.due is not None and at > going.due)):
        return
    if one.signal == "task" and not _concludes(going, one):
        return
    if halted or going.state is WalkState.HELD:
        kept = {"signal": one.signal, "at": at.isoformat(), "code": one.code, "detail": dict(told)}
        going.remember("kept", kept)
        going.due = at
        return
    _LED[one.signal](going, one, going.after(at))


def _concludes(going: Going, one: Heard) -> bool:
    assert going.step is not None
    known = going.ready.outcomes.get(going.step, {})
    return one.code in known or one.code == "refused" or bool(one.detail.get("done"))


def _signalled(going: Going, one: Heard, at: datetime) -> None:
    step = going.ready.steps[going.step or ""]
    assert isinstance(step, WaitEvent)
    going.leave(step.next, "heard", at, one.detail if not one.code else {
        **one.detail, "code": one.code,
    })  # fmt: skip


def _delivered(going: Going, one: Heard, at: datetime) -> None:
    step = going.ready.steps[going.step or ""]
    assert isinstance(step, (MessageStep, WebhookStep))
    missed = one.code in ("failed", "suppressed")
    to = step.failed_next if missed and step.failed_next is not None else step.next
    reason = one.detail.get("reason")
    going.leave(to, one.code, at, {"reason": reason} if reason else {})


def _worked(going: Going, one: Heard, at: datetime) -> None:
    name = going.step or ""
    step = going.ready.steps[name]
    assert isinstance(step, TaskStep)
    place = going.ready.outcomes[name].get(one.code)
    detail = {n: value for n, value in one.detail.items() if n in ("reason", "by")}
    if place is not None:
        detail["outcome"] = one.code
        going.leave(step.outcomes[place].next, f"outcome_{place}", at, detail)
    elif one.code == "refused":
        going.leave(step.timeout_next or step.next, "refused", at, detail)
    else:
        going.leave(step.next, "done", at, detail | {"outcome": one.code})


def _hold(going: Going, one: Heard, at: datetime, _: bool) -> None:
    answer = going.ready.holds.get(one.code, "pause")
    if answer == "end":
        going.finish(End.HELD, "hold_ends", going.after(at), {"kind": one.code})
        return
    name = "holds" if answer == "pause" else "quiet"
    standing = going.memory.get(name, {})
    number = str(one.detail.get("id", one.code))
    if number in standing:
        return
    going.remember(name, {**standing, number: one.code})
    going.note(going.after(at), "held" if answer == "pause" else "quiet", {"kind": one.code})
    if answer == "pause" and going.state is WalkState.ACTIVE:
        going.remember("was", str(going.why))
        going.state, going.why = WalkState.HELD, Why.HOLD


def _release(going: Going, one: Heard, at: datetime, _: bool) -> None:
    number = str(one.detail.get("id", one.code))
    for name in ("holds", "quiet"):
        standing = going.memory.get(name, {})
        if number not in standing:
            continue
        rest = {n: kind for n, kind in standing.items() if n != number}
        going.remember(name, rest) if rest else going.forget(name)
        going.note(going.after(at), "released", {"kind": standing[number]})
    if going.state is WalkState.HELD and "holds" not in going.memory:
        going.state, going.why = WalkState.ACTIVE, Why(going.memory["was"])
        going.forget("was")
        if kept := going.memory.get("kept"):  # she goes on from here, not from while she was held
            going.remember("kept", {**kept, "at": going.after(at).isoformat()})


_TAKE: dict[str, Callable[[Going, Heard, datetime, bool], None]] = {
    "exit": _exit,
    "goal": _goal,
    "wait": _expected,
    "delivery": _expected,
    "task": _expected,
    "hold": _hold,
    "release": _release,
    "remove": _remove,
    "close": _close,
}
_STANDS = {"wait": Why.SIGNAL, "delivery": Why.DELIVERY, "task": Why.TASK}
_LED: dict[str, Callable[[Going, Heard, datetime], None]] = {
    "wait": _signalled,
    "delivery": _delivered,
    "task": _worked,
}


# ── what the clock causes ────────────────────────────────────────────────────────────────────────


def _tick(going: Going, *, timeouts: bool) -> None:
    if going.step is None:
        going.leave(going.ready.body.start, "entered", going.after(min(going.entered, going.now)))
    elif going.step not in going.ready.steps:
        going.finish(End.BROKEN, "broken", going.now, {"reason": "gone"})
    elif kept := going.memory.get("kept"):
        one = Heard(
            kept["signal"], datetime.fromisoformat(kept["at"]), kept["code"], kept["detail"]
        )
        _LED[one.signal](going, one, going.after(min(one.at, going.now)))
    elif going.why is Why.FACTS:
        going.arrive(going.step, going.now)
    elif going.due is not None and (timeouts or going.why not in (Why.SIGNAL, Why.TASK)):
        _due(going, going.due)
    going.go()


def _due(going: Going, due: datetime) -> None:
    name = going.step or ""
    step = going.ready.steps[name]
    late = going.now - due
    if late < GRACE * (going.why in (Why.SIGNAL, Why.TASK)) or going.now < due:
        return
    if isinstance(step, WaitDate):
        going.wait_date(name, step, going.now)
    elif isinstance(step, WaitUntil):
        going.window_due(name, step)
    elif isinstance(step, (WaitEvent, TaskStep)):
        going.withdraw(going.now, "timeout")
        to = step.timeout_next
        if isinstance(step, TaskStep) and to is None:
            to = step.next
        going.leave(to, "timeout", going.now)
    elif step.kind == "wait":
        going.leave(step.next, "waited", going.now)


# ── another version ──────────────────────────────────────────────────────────────────────────────


def _take_over(going: Going, to: str) -> None:
    ready, held = going.ready, going.state is WalkState.HELD
    stood = Why(going.memory.get("was", going.why))
    kind = ready.steps[to].kind
    on_its_way = (kind in ("message", "webhook") and stood is Why.DELIVERY) or (
        kind == "task" and stood is Why.TASK
    )
    waits = kind in WAITS and (stood in (Why.DUE, Why.SIGNAL) or "date" in going.memory)
    if not on_its_way:
        going.withdraw(going.now, "mapped")
        going.forget("kept")
    going.tell(going.now, "mapped", to, {})
    if on_its_way and to != going.step:
        going.remember("as", going.asked_as)
    going.step = to
    if on_its_way:
        span = ready.spans.get(to)
        if span is not None and "kept" not in going.memory:
            going.due = later(going.since, span, ready.zone)
    else:
        if not waits:
            going.since, going.visit = going.now, going.visit + 1
        stood, going.due = _stands_anew(going, to, kind)
    if held:
        going.remember("was", str(stood))
    else:
        going.why = stood


def _stands_anew(going: Going, to: str, kind: str) -> tuple[Why, datetime]:
    """What somebody put at a step stands for, counted from `since`; what is no wait is begun as
    soon as she moves."""
    ready = going.ready
    if kind == "wait":
        return Why.DUE, later(going.since, ready.spans[to], ready.zone)
    if kind == "wait_event":
        return Why.SIGNAL, later(going.since, ready.spans[to], ready.zone)
    if kind == "wait_until":
        return Why.DUE, ready.opens(to, going.since)
    return Why.FACTS, going.now
