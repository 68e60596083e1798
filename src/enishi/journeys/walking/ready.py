"""A journey's graph made ready to be walked: durations read, salts filled in, neighbours looked up.

Pure. One is made per version and kept; `advance` only reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from enishi.gate.types import HoldKind
from enishi.journeys.graph import (
    DEFAULT_HOLDS,
    AnyStep,
    Duration,
    HoldAnswer,
    Holdout,
    JourneyBody,
    Offset,
    OnRule,
    Signal,
    Split,
    TaskStep,
    WaitEvent,
    WaitUntil,
)
from enishi.journeys.walking.times import opening
from enishi.kernel.business_days import BusinessCalendar
from enishi.rules.tree import Span
from enishi.rules.windows import TICK

FULL = 10_000
"""Buckets of `kernel.ids.bucket`."""

_ASKING = ("branch", "wait_date")
_STANDING = ("wait", "wait_event", "message", "webhook", "task")
_KEPT = 20_000  # openings of windows: those who come at one instant share one


def span(text: Duration | Offset) -> Span:
    """`3d`, `-1mo`, `0d` as a length."""
    digits = text.rstrip("mhdwoy")
    return Span(int(digits), text[len(digits) :])


@dataclass(frozen=True)
class Ready:
    """One version of a journey, ready. `journey` is its id, `number` the version's."""

    journey: str
    slug: str
    number: int
    body: JourneyBody
    zone: ZoneInfo
    calendar: BusinessCalendar

    @cached_property
    def steps(self) -> Mapping[str, AnyStep]:
        return self.body.steps

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """The length each step has: of a wait, a timeout, an offset."""
        found = {}
        for name, step in self.steps.items():
            match step.kind:
                case "wait":
                    found[name] = span(step.duration)
                case "wait_event":
                    found[name] = span(step.timeout)
                case "wait_date":
                    found[name] = span(step.offset)
                case "task" if step.timeout is not None:
                    found[name] = span(step.timeout)
        return found

    def opens(self, name: str, at: datetime) -> datetime:
        """`at` where the window of a `wait_until` is open then, else when it opens next; of a bare
        time of day the next one after `at`."""
        known = self._opened.get((name, at))
        if known is None:
            step = self.steps[name]
            assert isinstance(step, WaitUntil)
            calendar = self.calendar if step.business else None
            after = at + TICK if step.since == step.until else at
            known = opening(after, step.since, step.until, step.weekdays, calendar, self.zone)
            if len(self._opened) >= _KEPT:
                self._opened.clear()
            self._opened[name, at] = known
        return known

    @cached_property
    def _opened(self) -> dict[tuple[str, datetime], datetime]:
        return {}

    @cached_property
    def bounds(self) -> Mapping[str, tuple[int, ...]]:
        """Of a split the bucket below which each share lies; of a holdout that of the controls."""
        found: dict[str, tuple[int, ...]] = {}
        for name, step in self.steps.items():
            if isinstance(step, Split):
                reached, edges = 0.0, []
                for share in step.shares:
                    reached += share.percent
                    edges.append(round(reached * FULL / 100))
                found[name] = (*edges[:-1], FULL)
            elif isinstance(step, Holdout):
                found[name] = (round(step.percent * FULL / 100),)
        return found

    @cached_property
    def salts(self) -> Mapping[str, str]:
        """The salt by which a split or holdout deals people out."""
        return {
            name: step.salt or f"{self.slug}:{name if isinstance(step, Split) else 'holdout'}"
            for name, step in self.steps.items()
            if isinstance(step, (Split, Holdout))
        }

    @cached_property
    def holds(self) -> Mapping[str, HoldAnswer]:
        """What each kind of hold does here."""
        answers = DEFAULT_HOLDS | self.body.holds
        return {str(kind): answers.get(kind, "pause") for kind in HoldKind}

    @cached_property
    def outcomes(self) -> Mapping[str, Mapping[str, int]]:
        """Of a task the place of the way that each status or outcome leads."""
        return {
            name: {
                code: place
                for place, way in reversed(list(enumerate(step.outcomes)))
                for code in way.status
            }
            for name, step in self.steps.items()
            if isinstance(step, TaskStep)
        }

    @cached_property
    def signals(self) -> Mapping[str, Signal]:
        """Everything that this version listens to, by its place: `exit:0`, `goal:1`, and
        `wait:<step>` for the signal of a step that waits."""
        found: dict[str, Signal] = {}
        for place, signal in enumerate(self.body.exits):
            found[f"exit:{place}"] = signal
        for place, signal in enumerate(self.body.goal.signals):
            found[f"goal:{place}"] = signal
        for name, step in self.steps.items():
            if isinstance(step, WaitEvent):
                found[f"wait:{name}"] = step.signal
        return found

    @cached_property
    def asked_before(self) -> Mapping[str, OnRule]:
        """The rules that are asked of everybody before she takes a step."""
        return {p: signal for p, signal in self.signals.items() if isinstance(signal, OnRule)}

    @cached_property
    def asks(self) -> Mapping[str | None, frozenset[str]]:
        """Of each place to stand (None: the door) the steps that may ask for facts before she
        stands again."""
        met: dict[str, frozenset[str]] = {}
        found: dict[str | None, frozenset[str]] = {None: self._met(self.body.start, met)}
        for name, step in self.steps.items():
            asking = step.kind in _ASKING
            begins = [name] if asking else [to for to in ways(step) if to is not None]
            found[name] = frozenset().union(*(self._met(to, met) for to in begins))
        return found

    def _met(self, start: str | None, met: dict[str, frozenset[str]]) -> frozenset[str]:
        """The asking steps on the ways from a step that is entered, up to where all stand."""
        if start is None or start not in self.steps:
            return frozenset()
        if start not in met:
            seen, ahead = {start}, [start]
            while ahead:
                step = self.steps[ahead.pop()]
                if step.kind not in _STANDING:
                    new = {to for to in ways(step) if to is not None and to in self.steps} - seen
                    seen |= new
                    ahead += new
            met[start] = frozenset(n for n in seen if self.steps[n].kind in _ASKING)
        return met[start]


def ways(step: AnyStep) -> list[str | None]:
    """Where a step may lead; None: the end."""
    several = [*getattr(step, "arms", ()), *getattr(step, "shares", ())]
    several += getattr(step, "outcomes", ())
    names = ("next", "control_next", "failed_next", "timeout_next", "passed_next", "unset_next")
    found = [way.next for way in several]
    return found + [getattr(step, name) for name in names if hasattr(step, name)]
