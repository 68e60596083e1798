"""A journey drawn at random: any kinds of steps, signals, holds, and rules over data fields."""

from __future__ import annotations

import random
from typing import Any

from enishi.journeys.graph import JourneyBody

PURPOSE = "deposits"
CHANNELS = {"letter": "email", "note": "sms", "ping": "push"}
"""The channel of each template."""
EVENTS = ("bought", "looked", "called")
HOLDS = ("complaint", "inheritance", "deceased", "guardianship")
RANKS = ("a", "b", "c")

_DURATIONS = ("30m", "2h", "6h", "1d", "2d", "3d", "1w")
_KINDS = {
    "wait": 4, "wait_until": 2, "wait_event": 4, "wait_date": 1, "branch": 3, "split": 1,
    "holdout": 1, "message": 6, "task": 2, "update": 1, "score": 1, "join": 1, "goal": 1, "exit": 1,
}  # fmt: skip


def body(rng: random.Random) -> JourneyBody:
    names = [f"s{number}" for number in range(rng.randint(4, 14))]
    steps: dict[str, Any] = {}
    for place, name in enumerate(names):
        ahead = names[place + 1 :]
        steps[name] = _step(rng, ahead, names[: place + 1])
    return JourneyBody.model_validate(
        {
            "purpose": PURPOSE,
            "entries": [{"kind": "api"}],
            "reentry": {"kind": "per_key"},
            "start": names[0],
            "steps": steps,
            "exits": _signals(rng, 2),
            "goal": {"signals": _signals(rng, 1)},
            "holds": {rng.choice(HOLDS): rng.choice(["pause", "suppress", "end"])},
        }
    )


def _rule(rng: random.Random) -> dict[str, Any]:
    """A rule over what is known of a person."""
    leaf: dict[str, Any] = {
        "field": "balance", "op": rng.choice(["ge", "lt"]), "value": rng.randrange(100),
    }  # fmt: skip
    other = {"field": "rank", "op": "eq", "value": rng.choice(RANKS)}
    shape = rng.choice(["balance", "rank", "all", "any", "not"])
    if shape == "balance":
        return leaf
    if shape == "rank":
        return other
    return {"all": [leaf, {"not": other}]} if shape == "not" else {shape: [leaf, other]}


def _signals(rng: random.Random, most: int) -> list[dict[str, Any]]:
    return [signal(rng) for _ in range(rng.randint(0, most))]


def signal(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.3:
        return {"kind": "segment", "segment": "vip", "crossing": rng.choice(["entered", "left"])}
    return {"kind": "event", "event": rng.sample(EVENTS, rng.randint(1, 2))}


def _step(rng: random.Random, ahead: list[str], behind: list[str]) -> dict[str, Any]:
    kind = rng.choices(list(_KINDS), list(_KINDS.values()))[0]

    def to() -> str | None:
        return rng.choice(ahead[:3]) if ahead and rng.random() < 0.95 else None

    step: dict[str, Any] = {"kind": kind}
    if kind != "exit":
        step["next"] = to()
    match kind:
        case "wait":
            step["duration"] = rng.choice(_DURATIONS)
            if rng.random() < 0.1:  # round again
                step |= {"duration": "3d", "next": rng.choice(behind)}
        case "wait_until":
            hours = [f"{hour:02}:{rng.choice((0, 30)):02}" for hour in rng.choices(range(24), k=2)]
            step |= {"since": hours[0], "until": hours[1], "business": rng.random() < 0.3}
            if rng.random() < 0.3:
                step["weekdays"] = rng.sample(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 3)
        case "wait_event":
            step |= {"signal": signal(rng), "timeout": rng.choice(_DURATIONS)}
            step["timeout_next"] = to()
        case "wait_date":
            step |= {"field": "matures", "offset": rng.choice(["-3d", "0d", "1d"])}
            step |= {"passed_next": to(), "unset_next": to()}
        case "branch":
            step["arms"] = [{"rule": _rule(rng), "next": to()} for _ in range(rng.randint(1, 3))]
        case "split":
            step["shares"] = [{"percent": 40, "next": to()}, {"percent": 60, "next": to()}]
            del step["next"]
        case "holdout":
            step |= {"percent": 20, "control_next": to()}
        case "message":
            step |= {"template": rng.choice(list(CHANNELS)), "failed_next": to()}
        case "task":
            step |= {"list": "calls", "timeout_next": to()}
            step["outcomes"] = [{"status": ["won"], "next": to()}]
            if rng.random() < 0.7:
                step["timeout"] = rng.choice(_DURATIONS)
        case "update":
            step["event"] = "told"
        case "score":
            step |= {"score": "interest", "points": 1}
    return step
