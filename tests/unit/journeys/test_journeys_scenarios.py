"""What journeys do, as a table: at this time, this happens, and that is where she stands.

Each scenario is named after the sentence that it holds the engine to. A row is `(at, what,
expect)`: local time of Tokyo in 2026, what happens then, and the codes of the moves that follow
with the place where she then stands. Everything is the pure `advance`, on a clock of its own.

What happens, several by `;`: nothing (the clock alone), `wait`, `exit:0`, `goal:0`,
`delivery sent`, `task won`, `hold complaint`, `release complaint`, `remove`; `@MM-DD hh:mm` after
it says when it happened, `machine` that it was no human. `pause` and `resume` are the journey's;
`step=01` sets what the arms of a branch answer, `step=MM-DD hh:mm` (or `unset`) what a wait for a
date leads to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from enishi.journeys.types import Contact, Heard, Task, Walk, Withdraw
from enishi.journeys.walking.advance import advance
from enishi.journeys.walking.ready import Ready
from walks_world import STEPS, TOKYO, Told, at_door, ready

_AT = re.compile(r"@(\d\d-\d\d \d\d:\d\d(?::\d\d)?)")


@dataclass(frozen=True)
class Scenario:
    name: str
    steps: STEPS
    rows: tuple[tuple[str, str, str], ...]
    more: tuple[tuple[str, Any], ...] = ()
    zone: ZoneInfo = TOKYO


def wait(duration: str, to: str | None) -> dict[str, Any]:
    return {"kind": "wait", "duration": duration, "next": to}


def mail(to: str | None = None, **more: Any) -> dict[str, Any]:
    return {"kind": "message", "template": "hello", "next": to, **more}


def answer(timeout: str, to: str | None, otherwise: str | None) -> dict[str, Any]:
    signal = {"kind": "event", "event": ["answered"]}
    return {
        "kind": "wait_event", "signal": signal, "timeout": timeout, "next": to,
        "timeout_next": otherwise,
    }  # fmt: skip


GOAL = {"kind": "goal"}
TWO = {"first": wait("1d", "one"), "one": mail("second"), "second": wait("1d", "two"),
       "two": mail("done"), "done": GOAL}  # fmt: skip
ANSWER = {"ask": answer("2d", "yes", "no"), "yes": GOAL, "no": {"kind": "exit"}}
DAY = {"rest": wait("1d", "done"), "done": GOAL}
CALL = {
    "call": {
        "kind": "task", "list": "calls", "timeout": "3d", "next": "done", "timeout_next": "late",
        "outcomes": [
            {"status": ["won", "sold"], "next": "yes"}, {"status": ["lost"], "next": None},
        ],
    },
    "yes": GOAL, "done": {"kind": "exit"}, "late": {"kind": "exit"},
}  # fmt: skip


def window(since: str, until: str, **more: Any) -> dict[str, Any]:
    step = {"kind": "wait_until", "since": since, "until": until, "next": "done", **more}
    return {"window": step, "done": GOAL}


def date(**more: Any) -> dict[str, Any]:
    step = {"kind": "wait_date", "field": "due_on", "next": "on_time", **more}
    return {"matures": step, "on_time": GOAL, "gone": {"kind": "exit"}, "none": {"kind": "exit"}}


SCENARIOS = [
    # ── an event at or before the deadline beats the timeout ─────────────────────────────────────
    Scenario("an event before the deadline beats the timeout", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-02 12:00", "wait", "heard goal → end:goal"),
    )),
    Scenario("an event at the very deadline beats the timeout", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-03 09:00", "wait", "heard goal → end:goal"),
    )),
    Scenario("an event in time that is heard of half a minute late beats the timeout", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-03 09:00:30", "", "→ ask"),
        ("04-03 09:00:40", "wait@04-03 08:59", "heard goal → end:goal"),
    )),
    Scenario("an event after the deadline comes too late", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-03 09:00:50", "wait@04-03 09:00:01", "→ ask"),
        ("04-03 09:01", "", "timeout exit → end:exit"),
    )),
    Scenario("after an outage an event in time still beats the timeout", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-06 09:00", "wait@04-02 10:00", "heard goal → end:goal"),
    )),
    Scenario("after an outage something else that is heard first takes no timeout", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-06 09:00", "hold inheritance@04-02 09:00", "quiet → ask"),
        ("04-06 09:00", "release inheritance@04-02 10:00", "released → ask"),
        ("04-06 09:00", "wait@04-02 11:00", "heard goal → end:goal"),
    ), more=(("holds", {"inheritance": "suppress"}),)),
    Scenario("without an event the timeout is taken a minute after the deadline", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-03 09:00:59", "", "→ ask"),
        ("04-03 09:01", "", "timeout exit → end:exit"),
    )),
    Scenario("an event from before the wait began does not count", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-01 09:01", "wait@04-01 08:59", "→ ask"),
    )),
    # ── after an outage each overdue step happens once, in order; later waits count from then ────
    Scenario("after an outage an overdue step happens once", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-09 15:00", "", "waited → one"),
        ("04-09 15:00", "", "→ one"),
    )),
    Scenario("after an outage later waits count from when it really happened", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-09 15:00", "", "waited → one"),
        ("04-09 15:01", "delivery sent", "sent → second"),
        ("04-10 15:00", "", "→ second"),
        ("04-10 15:01", "", "waited → two"),
    )),
    Scenario("two overdue waits never end together",
        {"a": wait("1d", "b"), "b": wait("1d", "done"), "done": GOAL}, (
        ("04-01 09:00", "", "entered → a"),
        ("04-09 15:00", "", "waited → b"),
        ("04-10 14:59", "", "→ b"),
        ("04-10 15:00", "", "waited goal → end:goal"),
    )),
    Scenario("the wait after a message counts from when it was sent", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-02 09:00", "", "waited → one"),
        ("04-04 10:00", "delivery sent@04-03 22:00", "sent → second"),
        ("04-04 21:59", "", "→ second"),
        ("04-04 22:00", "", "waited → two"),
    )),
    Scenario("overdue steps happen in order: the message, then its answer's wait",
        {"first": wait("1d", "one"), "one": mail("ask"), **ANSWER}, (
        ("04-01 09:00", "", "entered → first"),
        ("04-20 09:00", "", "waited → one"),
        ("04-20 09:05", "delivery sent;wait@04-20 09:05", "sent heard goal → end:goal"),
    )),
    # ── a wait on a date field follows the field ─────────────────────────────────────────────────
    Scenario("a wait on a date field ends on the date", date(), (
        ("04-01 09:00", "", "entered → matures"),
        ("04-01 09:01", "matures=04-10 09:00", "→ matures"),
        ("04-10 08:59", "", "→ matures"),
        ("04-10 09:00", "", "date goal → end:goal"),
    )),
    Scenario("a wait on a date field follows the field when it moves back", date(), (
        ("04-01 09:00", "matures=04-10 09:00", "entered → matures"),
        ("04-10 09:00", "matures=04-15 09:00", "followed → matures"),
        ("04-15 09:00", "", "date goal → end:goal"),
    )),
    Scenario("a wait on a date field that has moved into the past is passed",
        date(passed_next="gone"), (
        ("04-01 09:00", "matures=04-20 09:00", "entered → matures"),
        ("04-20 09:00", "matures=04-05 09:00", "passed exit → end:exit"),
    )),
    Scenario("a date that lies in the past already is passed", date(passed_next="gone"), (
        ("04-01 09:00", "matures=03-31 09:00", "entered passed exit → end:exit"),
    )),
    Scenario("a date in the past with no way of its own goes on at once", date(), (
        ("04-01 09:00", "matures=03-31 09:00", "entered passed goal → end:goal"),
    )),
    Scenario("no date at all is unset", date(unset_next="none"), (
        ("04-01 09:00", "matures=unset", "entered unset exit → end:exit"),
    )),
    Scenario("a date that is taken away while she waits is unset", date(unset_next="none"), (
        ("04-01 09:00", "matures=04-10 09:00", "entered → matures"),
        ("04-10 09:00", "matures=unset", "unset exit → end:exit"),
    )),
    Scenario("after an outage a date that has passed meanwhile was waited for",
        date(passed_next="gone"), (
        ("04-01 09:00", "matures=04-10 09:00", "entered → matures"),
        ("04-12 09:00", "", "date goal → end:goal"),
    )),
    # ── days are local calendar days ─────────────────────────────────────────────────────────────
    Scenario("a day keeps the local time", DAY, (
        ("04-01 00:30", "", "entered → rest"),
        ("04-02 00:29", "", "→ rest"),
        ("04-02 00:30", "", "waited goal → end:goal"),
    )),
    Scenario("a month from the 31st ends on the last day of the next",
        {"rest": wait("1mo", "done"), "done": GOAL}, (
        ("01-31 10:00", "", "entered → rest"),
        ("02-28 09:59", "", "→ rest"),
        ("02-28 10:00", "", "waited goal → end:goal"),
    )),
    Scenario("DST: a day over the spring change has 23 hours and keeps its time", DAY, (
        ("03-28 12:00", "", "entered → rest"),
        ("03-29 11:59", "", "→ rest"),
        ("03-29 12:00", "", "waited goal → end:goal"),
    ), zone=ZoneInfo("Europe/Berlin")),
    Scenario("DST: a time that the clocks skip is the next that exists", DAY, (
        ("03-28 02:30", "", "entered → rest"),
        ("03-29 01:59", "", "→ rest"),
        ("03-29 03:00", "", "waited goal → end:goal"),
    ), zone=ZoneInfo("Europe/Berlin")),
    Scenario("DST: hours are elapsed time over the autumn change",
        {"rest": wait("24h", "done"), "done": GOAL}, (
        ("10-24 12:00", "", "entered → rest"),
        ("10-25 10:59", "", "→ rest"),
        ("10-25 11:00", "", "waited goal → end:goal"),
    ), zone=ZoneInfo("Europe/Berlin")),
    Scenario("DST: a window at a time that comes twice opens the first time",
        window("02:30", "02:45"), (
        ("10-24 12:00", "", "entered → window"),
        ("10-25 02:29", "", "→ window"),
        ("10-25 02:30", "", "opened goal → end:goal"),
    ), zone=ZoneInfo("Europe/Berlin")),
    Scenario("DST: a window inside the skipped hour opens when the clocks go on",
        window("02:10", "02:40"), (
        ("03-28 12:00", "", "entered → window"),
        ("03-29 01:59", "", "→ window"),
        ("03-29 03:00", "", "opened goal → end:goal"),
    ), zone=ZoneInfo("Europe/Berlin")),
    # ── clock jumps ──────────────────────────────────────────────────────────────────────────────
    Scenario("a clock set back moves nobody, and no story runs backwards", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("03-30 09:00", "", "→ first"),
        ("03-30 10:00", "exit:0", "→ first"),
        ("04-02 09:00", "", "waited → one"),
        ("04-01 12:00", "delivery sent", "sent → second"),
        ("04-03 09:00", "", "waited → two"),
    )),
    Scenario("a clock that jumps ahead sends one message, not all", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("12-01 09:00", "", "waited → one"),
        ("12-01 09:00", "delivery sent", "sent → second"),
    )),
    Scenario("what is told of the future counts as of now", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-01 10:00", "wait@04-05 10:00", "heard goal → end:goal"),
    )),
    # ── machine opens never satisfy a wait ───────────────────────────────────────────────────────
    Scenario("a machine's open never satisfies a wait", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-01 09:10", "wait machine", "→ ask"),
        ("04-01 09:20", "wait", "heard goal → end:goal"),
    )),
    Scenario("a machine's click is no goal and no exit", DAY, (
        ("04-01 09:00", "", "entered → rest"),
        ("04-01 09:10", "goal:0 machine;exit:0 machine", "→ rest"),
    )),
    # ── a hold pauses, suppresses or ends ────────────────────────────────────────────────────────
    Scenario("a complaint pauses, and lifting it lets the overdue step happen once", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-01 12:00", "hold complaint", "held → first"),
        ("04-09 09:00", "", "→ first"),
        ("04-10 09:00", "release complaint", "released waited → one"),
        ("04-10 09:01", "delivery sent", "sent → second"),
    )),
    Scenario("two holds that pause have both to be lifted", DAY, (
        ("04-01 09:00", "", "entered → rest"),
        ("04-01 10:00", "hold complaint;hold guardianship", "held held → rest"),
        ("04-03 10:00", "release complaint", "released → rest"),
        ("04-03 11:00", "release guardianship", "released waited goal → end:goal"),
    )),
    Scenario("inheritance ends a walk", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-01 10:00", "hold inheritance", "hold_ends → end:held"),
    )),
    Scenario("death ends a walk, and takes back the message on its way", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-02 09:00", "", "waited → one"),
        ("04-02 09:01", "hold deceased", "hold_ends withdraw:one → end:held"),
    )),
    Scenario("a kind of hold that suppresses lets her go on without contacts",
        {"one": mail("rest", failed_next="rest"), **DAY}, (
        ("04-01 09:00", "hold complaint", "quiet entered suppressed → rest"),
        ("04-02 09:00", "", "waited goal → end:goal"),
    ), more=(("holds", {"complaint": "suppress"}),)),
    Scenario("what a wait was for is kept while she is held", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-01 10:00", "hold complaint", "held → ask"),
        ("04-02 10:00", "wait", "→ ask"),
        ("04-09 10:00", "release complaint", "released heard goal → end:goal"),
    )),
    Scenario("who is held still leaves by an exit", DAY, (
        ("04-01 09:00", "", "entered → rest"),
        ("04-01 10:00", "hold complaint", "held → rest"),
        ("04-01 11:00", "exit:0", "left → end:left"),
    )),
    # ── a window whose end lies before its start spans the night ─────────────────────────────────
    Scenario("a window whose end lies before its start spans the night", window("22:00", "06:00"), (
        ("04-01 23:00", "", "entered opened goal → end:goal"),
    )),
    Scenario("a window that spans the night is open before the morning", window("22:00", "06:00"), (
        ("04-01 05:59", "", "entered opened goal → end:goal"),
    )),
    Scenario("a window that spans the night is closed by day", window("22:00", "06:00"), (
        ("04-01 06:00", "", "entered → window"),
        ("04-01 21:59", "", "→ window"),
        ("04-01 22:00", "", "opened goal → end:goal"),
    )),
    Scenario("the weekday of a night is that on which it begins",
        window("22:00", "06:00", weekdays=["fri"]), (
        ("04-04 05:00", "", "entered opened goal → end:goal"),
    )),
    Scenario("a window of business days skips holidays", window("09:00", "17:00", business=True), (
        ("05-02 10:00", "", "entered → window"),
        ("05-06 10:00", "", "→ window"),
        ("05-07 09:00", "", "opened goal → end:goal"),
    )),
    Scenario("an overdue window waits for the next one when it has closed again",
        window("09:00", "17:00"), (
        ("04-01 20:00", "", "entered → window"),
        ("04-02 23:00", "", "→ window"),
        ("04-03 09:00", "", "opened goal → end:goal"),
    )),
    Scenario("a bare time of day that has passed is made up for", window("09:00", "09:00"), (
        ("04-01 20:00", "", "entered → window"),
        ("04-02 11:00", "", "opened goal → end:goal"),
    )),
    # ── consent is asked again between queued and attempted ──────────────────────────────────────
    Scenario("consent withdrawn between queued and attempted: the other way is taken",
        {"one": mail("yes", failed_next="no"), "yes": GOAL, "no": {"kind": "exit"}}, (
        ("04-01 09:00", "", "entered contact:one → one"),
        ("04-01 09:01", "delivery suppressed", "suppressed exit → end:exit"),
    )),
    Scenario("a message of which nobody knows whether it arrived is not followed by another",
        {"one": mail("yes", failed_next="no"), "yes": GOAL, "no": {"kind": "exit"}}, (
        ("04-01 09:00", "", "entered contact:one → one"),
        ("04-01 09:01", "delivery unknown", "unknown goal → end:goal"),
    )),
    # ── exits and goals at once, inside a wait; pausing ──────────────────────────────────────────
    Scenario("an exit counts at once, inside a wait", DAY, (
        ("04-01 09:00", "", "entered → rest"),
        ("04-01 09:00:01", "exit:0", "left → end:left"),
    )),
    Scenario("a goal counts at once, wherever she is, and takes back the message on its way", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-02 09:00", "", "waited contact:one → one"),
        ("04-02 09:00:30", "goal:0", "goal_reached withdraw:one → end:goal"),
    )),
    Scenario("an exit from before she came in does not count", DAY, (
        ("04-01 09:00", "", "entered → rest"),
        ("04-01 10:00", "exit:0@03-31 10:00", "→ rest"),
    )),
    Scenario("pausing stops people inside waits, and resuming takes each overdue step once", TWO, (
        ("04-01 09:00", "", "entered → first"),
        ("04-01 10:00", "pause", "→ first"),
        ("04-05 10:00", "", "→ first"),
        ("04-06 10:00", "resume", "waited → one"),
        ("04-06 10:00", "", "→ one"),
    )),
    Scenario("what comes in time while the journey is paused still beats the timeout", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-01 10:00", "pause", "→ ask"),
        ("04-02 10:00", "wait", "→ ask"),
        ("04-09 10:00", "resume", "heard goal → end:goal"),
    )),
    Scenario("what comes too late while the journey is paused does not", ANSWER, (
        ("04-01 09:00", "", "entered → ask"),
        ("04-01 10:00", "pause", "→ ask"),
        ("04-04 10:00", "wait", "→ ask"),
        ("04-09 10:00", "resume", "timeout exit → end:exit"),
    )),
    Scenario("exits and goals are honoured while the journey is paused", DAY, (
        ("04-01 09:00", "", "entered → rest"),
        ("04-01 10:00", "pause", "→ rest"),
        ("04-01 11:00", "goal:0", "goal_reached → end:goal"),
    )),
    Scenario("who comes to a paused journey stands at its door", DAY, (
        ("04-01 09:00", "pause", "→ door"),
        ("04-02 09:00", "resume", "entered waited goal → end:goal"),
    )),
    # ── tasks ────────────────────────────────────────────────────────────────────────────────────
    Scenario("a task's outcome leads its own way", CALL, (
        ("04-01 09:00", "", "entered task:call → call"),
        ("04-01 10:00", "task talking", "→ call"),
        ("04-02 10:00", "task sold", "outcome_0 goal → end:goal"),
    )),
    Scenario("an outcome without a step ends the walk", CALL, (
        ("04-01 09:00", "", "entered task:call → call"),
        ("04-02 10:00", "task lost", "outcome_1 → end:completed"),
    )),
    Scenario("a task that nobody did in time is taken back", CALL, (
        ("04-01 09:00", "", "entered task:call → call"),
        ("04-04 09:01", "", "timeout withdraw:call exit → end:exit"),
    )),
    Scenario("an outcome at the deadline beats the timeout", CALL, (
        ("04-01 09:00", "", "entered task:call → call"),
        ("04-04 09:00:50", "task won@04-04 09:00", "outcome_0 goal → end:goal"),
    )),
    Scenario("a task that nobody is given goes the way of one that nobody did", CALL, (
        ("04-01 09:00", "", "entered task:call → call"),
        ("04-01 09:01", "task refused", "refused exit → end:exit"),
    )),
    # ── deciding steps ───────────────────────────────────────────────────────────────────────────
    Scenario("a branch takes the first arm that holds",
        {"fork": {"kind": "branch", "next": "no", "arms": [
            {"rule": {}, "next": "a"}, {"rule": {}, "next": "b"}]},
         "a": {"kind": "exit"}, "b": GOAL, "no": {"kind": "exit"}}, (
        ("04-01 09:00", "", "entered → fork"),
        ("04-01 09:01", "fork=01", "arm_1 goal → end:goal"),
    )),
    Scenario("a branch of which no arm holds goes on",
        {"fork": {"kind": "branch", "next": "no", "arms": [{"rule": {}, "next": "a"}]},
         "a": GOAL, "no": {"kind": "exit"}}, (
        ("04-01 09:00", "fork=0", "entered else exit → end:exit"),
    )),
    Scenario("taken out by hand", DAY, (
        ("04-01 09:00", "", "entered → rest"),
        ("04-01 10:00", "remove", "removed → end:removed"),
        ("04-03 10:00", "", "→ end:removed"),
    )),
    Scenario("a ring of steps that nobody stands at breaks and does not spin",
        {"a": {"kind": "join", "next": "b"}, "b": {"kind": "join", "next": "a"}}, (
        ("04-01 09:00", "", "entered joined joined broken → end:broken"),
    )),
]  # fmt: skip


def instant(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=zone).astimezone(UTC)


class Played:
    """One scenario on its way."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.version: Ready = ready(scenario.steps, zone=scenario.zone, **dict(scenario.more))
        self.facts = Told()
        self.halted = False
        self.walk: Walk | None = None

    def row(self, at: str, what: str) -> str:
        """Play one row; answers as `expect` is written."""
        now = instant(at, self.scenario.zone)
        walk = self.walk or at_door(now)
        heard = [h for h in (self._happens(one.strip(), now) for one in what.split(";")) if h]
        told = advance(self.version, walk, heard, self.facts, now, halted=self.halted)
        self.walk = told.walk
        assert all(a.at <= b.at for a, b in zip(told.moves, told.moves[1:], strict=False))
        words = [move.code for move in told.moves]
        for intent in told.intents:
            if isinstance(intent, Withdraw):
                place = next(i for i, m in enumerate(told.moves) if m.step == intent.step)
                words.insert(place + 1, f"withdraw:{intent.step}")
            elif isinstance(intent, (Contact, Task)):
                words.append(f"{type(intent).__name__.lower()}:{intent.step}")
        place_now = told.walk.step or "door"
        where = f"end:{told.walk.end}" if told.walk.end else place_now
        return f"{' '.join(words)} → {where}".strip()

    def _happens(self, what: str, now: datetime) -> Heard | None:
        if what in ("pause", "resume"):
            self.halted = what == "pause"
            return None
        if "=" in what:
            self._learns(*what.split("="))
            return None
        if not what:
            return None
        found = _AT.search(what)
        at = instant(found.group(1), self.scenario.zone) if found else now
        words = _AT.sub("", what).split()
        detail = {"machine": True} if words[-1] == "machine" else {}
        code = words[1] if len(words) > 1 and not detail else ""
        return Heard(words[0], at, code, detail)

    def _learns(self, step: str, value: str) -> None:
        if value == "unset":
            self.facts.dates[step] = None
        elif "-" in value:
            self.facts.dates[step] = instant(value, self.scenario.zone)
        else:
            self.facts.arms[step] = [one == "1" for one in value]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_scenario(scenario: Scenario) -> None:
    played = Played(scenario)
    for at, what, expect in scenario.rows:
        said = played.row(at, what)
        if ":" not in expect.split("→")[0]:  # the row does not speak of what is to be done
            left, _, right = said.partition("→")
            said = " ".join([w for w in left.split() if ":" not in w] + ["→", right.strip()])
        assert said == expect, f"at {at}, {what or 'the clock'}"


def test_state_is_per_entry_key() -> None:
    """Two appointments, one cancelled: each is a walk of its own, and hears what is its own."""
    version = ready(DAY)
    at = instant("04-01 09:00", TOKYO)
    walks = {key: at_door(at, number=n, key=key) for n, key in enumerate(("monday", "friday"))}
    walks = {key: advance(version, walk, [], Told(), at).walk for key, walk in walks.items()}
    cancelled = advance(version, walks["monday"], [Heard("exit:0", at)], Told(), at).walk
    assert (cancelled.end, walks["friday"].end) == ("left", None)
    assert cancelled.key == "monday"


def test_a_split_is_sticky_and_deals_out_by_percent() -> None:
    steps = {
        "deal": {"kind": "split", "shares": [
            {"percent": 30, "next": "a"}, {"percent": 70, "next": "b"}]},
        "a": wait("1d", None), "b": wait("1d", None),
    }  # fmt: skip
    version, at = ready(steps), instant("04-01 09:00", TOKYO)

    def dealt(person: str) -> str | None:
        return advance(version, at_door(at, person=person), [], Told(), at).walk.step

    people = [f"p{n}" for n in range(2000)]
    first = [dealt(person) for person in people]
    assert first == [dealt(person) for person in people]
    assert 0.26 < first.count("a") / len(first) < 0.34


def test_a_holdout_marks_its_controls() -> None:
    steps = {"held": {"kind": "holdout", "percent": 100, "next": "a", "control_next": "b"},
             "a": wait("1d", None), "b": wait("1d", None)}  # fmt: skip
    at = instant("04-01 09:00", TOKYO)
    told = advance(ready(steps), at_door(at), [], Told(), at)
    assert (told.walk.step, told.walk.control) == ("b", True)
    open_to_all = {**steps, "held": {**steps["held"], "percent": 0}}
    told = advance(ready(open_to_all), at_door(at), [], Told(), at)
    assert (told.walk.step, told.walk.control) == ("a", False)


def test_a_step_that_is_gone_breaks_the_walk() -> None:
    at = instant("04-01 09:00", TOKYO)
    walk = advance(ready(DAY), at_door(at), [], Told(), at).walk
    told = advance(ready({"other": GOAL}), replace(walk, due=at), [], Told(), at)
    assert (told.walk.end, told.moves[-1].detail["reason"]) == ("broken", "gone")


def test_the_table_is_long_enough() -> None:
    assert sum(len(scenario.rows) for scenario in SCENARIOS) >= 60
