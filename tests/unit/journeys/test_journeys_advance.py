"""Whatever the journey and whatever happens: what holds of every walk.

Random graphs, people, clocks and events. A story told again through `advance` leads to the same
place; time in it never runs backwards; each visit asks for one contact at most; whoever has not
ended has a time at which she is due, or a named reason.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi.journeys.types import Contact, Heard, Move, Task, Walk, WalkState, Why
from enishi.journeys.walking.advance import advance, moved
from enishi.journeys.walking.ready import Ready, ways
from walks_world import Told, at_door, ready, tokyo

NAMES = [f"s{n}" for n in range(6)]
START = tokyo("2026-03-30 09:00")
KINDS = ("wait", "wait_event", "wait_until", "wait_date", "branch", "split", "holdout", "message",
         "task", "update", "join", "goal", "exit")  # fmt: skip
SIGNALS = ("wait", "exit:0", "goal:0", "delivery", "task", "hold", "release", "remove")
CODES = {"delivery": ("sent", "failed", "suppressed", "unknown"), "task": ("won", "lost", "x"),
         "hold": ("complaint", "inheritance"), "release": ("complaint", "inheritance")}  # fmt: skip


@st.composite
def steps(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    to = st.sampled_from([*NAMES, None])

    def one() -> dict[str, Any]:
        kind = draw(st.sampled_from(KINDS))
        step: dict[str, Any] = {"kind": kind}
        if kind != "exit" and kind != "split":
            step["next"] = draw(to)
        match kind:
            case "wait":
                step["duration"] = draw(st.sampled_from(["5m", "3h", "1d", "1mo"]))
            case "wait_event":
                signal = {"kind": "event", "event": ["e"]}
                step |= {"signal": signal, "timeout": "2d", "timeout_next": draw(to)}
            case "wait_until":
                step |= {"since": "22:00", "until": draw(st.sampled_from(["06:00", "22:00"]))}
            case "wait_date":
                step |= {"field": "f", "passed_next": draw(to), "unset_next": draw(to)}
            case "branch":
                step["arms"] = [{"rule": {}, "next": draw(to)}, {"rule": {}, "next": draw(to)}]
            case "split":
                step["shares"] = [{"percent": p, "next": draw(to)} for p in (25, 75)]
            case "holdout":
                step |= {"percent": 50, "control_next": draw(to)}
            case "message":
                step |= {"template": "t", "failed_next": draw(to)}
            case "task":
                step |= {"list": "l", "timeout": "1d", "timeout_next": draw(to),
                         "outcomes": [{"status": ["won"], "next": draw(to)}]}  # fmt: skip
            case "update":
                step["event"] = "noted"
        return step

    return {name: one() for name in NAMES}


@dataclass(frozen=True)
class Turn:
    """One call of `advance`: after so many minutes, with this heard and these facts."""

    minutes: int
    heard: tuple[tuple[str, str, int], ...]  # signal, code, minutes ago
    arms: tuple[bool | None, bool | None]
    date: int | None  # minutes from the start; None: unset
    halted: bool


TURN = st.builds(
    Turn,
    st.sampled_from([-90, 0, 1, 30, 61, 1441, 3000, 50_000]),
    st.lists(
        st.sampled_from(SIGNALS).flatmap(
            lambda s: st.tuples(
                st.just(s), st.sampled_from(CODES.get(s, ("",))), st.sampled_from([0, 0, 5, 4000])
            )
        ),
        max_size=2,
    ).map(tuple),
    st.tuples(st.sampled_from([True, False, None]), st.sampled_from([True, False])),
    st.sampled_from([None, -100, 2000, 60_000]),
    st.sampled_from([False, False, False, True]),
)


def play(version: Ready, turns: Sequence[Turn]) -> tuple[Walk, list[Move], list[Any]]:
    walk, now = at_door(START), START
    moves: list[Move] = []
    intents: list[Any] = []
    for turn in turns:
        now += timedelta(minutes=turn.minutes)
        facts = Told(
            dict.fromkeys(NAMES, turn.arms),
            {n: None if turn.date is None else START + timedelta(minutes=turn.date) for n in NAMES},
        )
        heard = [Heard(s, now - timedelta(minutes=ago), code) for s, code, ago in turn.heard]
        told = advance(version, walk, heard, facts, now, halted=turn.halted)
        walk = told.walk
        moves += told.moves
        intents += told.intents
    return walk, moves, intents


@given(steps(), st.lists(TURN, min_size=1, max_size=12))
def test_every_walk(graph: dict[str, dict[str, Any]], turns: list[Turn]) -> None:
    version = ready(graph)
    walk, moves, intents = play(version, turns)
    # The same again is the same.
    assert play(version, turns) == (walk, moves, intents)
    # Time runs forward.
    assert all(a.at <= b.at for a, b in itertools.pairwise(moves))
    # Each visit asks for one contact or task at most, and is counted on.
    asked = [one.key for one in intents if isinstance(one, (Contact, Task))]
    assert len(asked) == len(set(asked))
    # Nobody is stuck.
    if walk.state is WalkState.ENDED:
        assert walk.end is not None
        assert (walk.why, walk.due) == (Why.ENDED, None)
    elif walk.state is WalkState.HELD:
        assert walk.memory["holds"]
    else:
        assert walk.due is not None or walk.why in (Why.DELIVERY, Why.TASK)
    # The story is a way through the graph: every line begins where the one before led.
    place: str | None = None
    for move in moves:
        assert move.step == place
        if move.to is not None and move.to != move.step:
            known = [version.body.start] if move.step is None else ways(version.steps[move.step])
            assert move.to in known
        place = move.to
    assert place == (walk.step if walk.state is not WalkState.ENDED else None)


@pytest.mark.heavy
@given(steps(), st.lists(TURN, min_size=1, max_size=10))
def test_the_clock_alone_settles(graph: dict[str, dict[str, Any]], turns: list[Turn]) -> None:
    """Taking up a walk once more at the same instant changes nothing: no step happens twice."""
    version = ready(graph)
    walk, _, _ = play(version, [*turns, Turn(0, (), (True, False), 2000, False)])
    facts = Told(dict.fromkeys(NAMES, (True, False)), dict.fromkeys(NAMES, START))
    now = START + timedelta(minutes=sum(turn.minutes for turn in turns))
    once = advance(version, walk, [], facts, now)
    again = advance(version, once.walk, [], facts, now)
    assert again.walk == once.walk or again.walk.why in (Why.DUE, Why.SIGNAL)
    assert not again.intents


@pytest.mark.heavy
@given(steps(), steps(), st.lists(TURN, max_size=6), st.sampled_from([*NAMES, None]))
def test_moving_to_another_version(
    old: dict[str, Any], new: dict[str, Any], turns: list[Turn], to: str | None
) -> None:
    walk, _, _ = play(ready(old), turns)
    now = START + timedelta(days=100)
    told = moved(ready(new), walk, to, Told(), now)
    if walk.state is WalkState.ENDED or walk.step is None:
        assert told.walk == walk
    elif to is None:
        assert (told.walk.end, told.moves[-1].code) == ("moved", "moved_out")
    else:
        assert (told.walk.step, told.walk.state) == (to, walk.state)
        assert told.moves[-1].code == "mapped"
        waits = ("wait", "wait_event", "wait_until")
        if old[walk.step]["kind"] in waits and new[to]["kind"] in waits:
            assert told.walk.since == walk.since  # waited time is kept


def test_waited_time_is_kept_when_a_version_is_mapped() -> None:
    first = ready({"rest": {"kind": "wait", "duration": "10d", "next": None}})
    longer = ready({"pause": {"kind": "wait", "duration": "12d", "next": None}})
    walk = advance(first, at_door(START), [], Told(), START).walk
    after = moved(longer, walk, "pause", Told(), START + timedelta(days=9)).walk
    assert after.due == START + timedelta(days=12)
    shorter = ready({"pause": {"kind": "wait", "duration": "3d", "next": None}})
    now = START + timedelta(days=9)
    after = moved(shorter, walk, "pause", Told(), now).walk
    assert advance(shorter, after, [], Told(), now).walk.end == "completed"


def test_a_message_on_its_way_is_kept_when_a_version_is_mapped() -> None:
    first = ready({"one": {"kind": "message", "template": "t", "next": None}})
    second = ready({"uno": {"kind": "message", "template": "t", "next": "rest"},
                    "rest": {"kind": "wait", "duration": "1d", "next": None}})  # fmt: skip
    walk = advance(first, at_door(START), [], Told(), START).walk
    told = moved(second, walk, "uno", Told(), START)
    assert not told.intents
    assert told.walk.visit == walk.visit
    sent = Heard("delivery", START, "sent", {"visit": walk.visit})
    assert advance(second, told.walk, [sent], Told(), START).walk.step == "rest"


def story_of(moves: Sequence[Move]) -> list[tuple[datetime, str | None, str, str | None]]:
    return [(move.at, move.step, move.code, move.to) for move in moves]


def heard_of(move: Move) -> list[Heard]:
    """What of a line of a story came from outside; the clock and the graph cause the rest."""
    code = move.code
    if code == "heard":
        return [Heard("wait", move.at)]
    if code in ("sent", "failed", "suppressed", "unknown"):
        return [Heard("delivery", move.at, code)]
    if code in ("left", "goal_reached"):
        return [Heard(move.detail["signal"], move.at)]
    if code in ("held", "quiet", "hold_ends"):
        return [Heard("hold", move.at, move.detail["kind"])]
    if code == "released":
        return [Heard("release", move.at, move.detail["kind"])]
    if code.startswith("outcome_") or code in ("done", "refused"):
        return [Heard("task", move.at, move.detail.get("outcome", "refused"), {"done": True})]
    return [Heard("remove", move.at)] if code == "removed" else []


def heard_together(moves: Sequence[Move]) -> list[Heard]:
    """What the lines that come next say was heard at the instant of the first."""
    lines = takewhile(lambda line: line.at == moves[0].at and heard_of(line), moves)
    return [one for line in lines for one in heard_of(line)]


def replay(version: Ready, moves: Sequence[Move]) -> tuple[Walk, list[Move]]:
    """A story told again: what it says was heard is heard at that instant, the clock moved on to
    each of its lines; lines one after the other that were heard at one instant are heard together.
    What the warehouse answered is read from the ways taken."""
    walk, told = at_door(START), []
    facts = Told()
    for place, move in enumerate(moves):
        if place < len(told):
            continue  # an instantaneous step, taken with the one before
        _learn(facts, moves[place:])
        done = advance(version, walk, heard_together(moves[place:]), facts, move.at)
        walk = done.walk
        told += done.moves
    return walk, told


def _learn(facts: Told, ahead: Sequence[Move]) -> None:
    facts.arms.clear()
    for move in ahead:
        if move.step is not None and (move.code.startswith("arm_") or move.code == "else"):
            arm = int(move.code[4:]) if move.code != "else" else None
            facts.arms.setdefault(move.step, [arm == 0, arm == 1])


REPLAYED = {
    "held": {"kind": "holdout", "percent": 30, "next": "rest", "control_next": "meet"},
    "rest": {"kind": "wait", "duration": "1d", "next": "fork"},
    "fork": {"kind": "branch", "next": "mail", "arms": [
        {"rule": {}, "next": "mail"}, {"rule": {}, "next": "call"}]},
    "mail": {"kind": "message", "template": "t", "next": "ask", "failed_next": "call"},
    "ask": {"kind": "wait_event", "signal": {"kind": "event", "event": ["e"]}, "timeout": "2d",
            "next": "meet", "timeout_next": "call"},
    "call": {"kind": "task", "list": "l", "timeout": "3d", "next": "meet", "timeout_next": "meet",
             "outcomes": [{"status": ["won"], "next": "done"}]},
    "meet": {"kind": "join", "next": "night"},
    "night": {"kind": "wait_until", "since": "22:00", "until": "06:00", "next": "done"},
    "done": {"kind": "goal"},
}  # fmt: skip


@given(st.lists(TURN.filter(lambda turn: turn.minutes >= 0 and not turn.halted), max_size=12))
def test_a_story_told_again_leads_to_the_same_place(turns: list[Turn]) -> None:
    version = ready(REPLAYED)
    prompt = [
        Turn(t.minutes, tuple((s, c, 0) for s, c, _ in t.heard), (t.arms[0] or False, t.arms[1]),
             t.date, False)
        for t in turns
    ]  # fmt: skip
    walk, moves, _ = play(version, prompt)
    again, told = replay(version, moves)
    assert story_of(told) == story_of(moves)
    assert (again.step, again.visit, again.since, again.end, again.control) == (
        walk.step if moves else None, walk.visit, walk.since, walk.end, walk.control
    )  # fmt: skip
