"""What must hold of a world that has been played, found out by other means than the engine's own.

Each check answers with sentences; none is the aim. `tests` break the play on purpose and expect
the check that is named to notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from campaigns.simulation.play import Line, Play, fits
from campaigns.simulation.sender import FINISHED, Letter
from campaigns.simulation.world import Happening, meets
from enishi.journeys.types import STAYING, WalkState, Why
from enishi.kernel.ids import bucket

_GRACE = timedelta(minutes=1)
_EXACT = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}
_CALENDAR = {"d": timedelta(days=1), "w": timedelta(weeks=1)}
_CAP, _CAP_WINDOW = 5, timedelta(days=7)


def broken(play: Play) -> list[str]:
    """Everything that does not hold, each sentence beginning with the name of its check."""
    return [f"{name}: {told}" for name, check in CHECKS.items() for told in check(play)]


def once(play: Play) -> Iterator[str]:
    """At most one message for one visit of one step, sent at most once, and none for a visit that
    never was."""
    for key, times in play.taken.items():
        if times > 1:
            yield f"{key} was sent {times} times"
    asked = Counter((one.walk, one.step, one.visit) for one in play.book.letters.values())
    for place, times in asked.items():
        if times > 1:
            yield f"{times} messages for {place}"
    for number, lines in play.book.story.items():
        came = {(line.move.to, line.move.visit + 1) for line in lines if line.move.to is not None}
        for walk, step, visit in asked:
            if walk == number and (step, visit) not in came:
                yield f"a message for a visit that never was: {step} {visit} of {walk}"


def kept(play: Play) -> Iterator[str]:
    """What the book says was sent was sent; what it says failed was not; no end is left out."""
    if not play.committed:
        return
    for letter in play.book.letters.values():
        if letter.state == "sent" and not play.taken[letter.key]:
            yield f"{letter.key} counts as sent, and was not"
        if letter.state == "failed" and play.taken[letter.key]:
            yield f"{letter.key} counts as failed, and was sent"
        if letter.state == "attempting" and letter.handed[-1].look < play.committed[-1]:
            yield f"{letter.key} was left without an end"


def permitted(play: Play) -> Iterator[str]:
    """Nothing went out that the gate forbids, by a reading of the rules of its own."""
    world = play.world
    out: dict[str, list[datetime]] = {}
    found = [(one, letter) for letter in play.book.letters.values() for one in letter.handed]
    for handed, letter in sorted(found, key=lambda one: (one[0].look, one[1].key)):
        at, seen = handed.at, world.looks[handed.look].at
        if _held(play, letter, seen, at):
            yield f"{letter.key} went out during a hold"
        if any(
            one.kind == "withdrawal" and one.name == letter.channel and one.at <= min(at, seen)
            for one in world.happenings
            if one.person == letter.person
        ):
            yield f"{letter.key} went out after the consent was withdrawn"
        hour = at.astimezone(world.zone).hour
        if letter.channel in ("sms", "push") and not 8 <= hour < 21:
            yield f"{letter.key} went out at night"
        before = out.setdefault(letter.person, [])
        if sum(at - _CAP_WINDOW < one <= at for one in before) >= _CAP:
            yield f"{letter.key} went out beyond the cap"
        if handed.counts:
            before.append(at)
        if play.halted(seen):
            yield f"{letter.key} went out while the journey was paused"


def _held(play: Play, letter: Letter, seen: datetime, at: datetime) -> bool:
    """Whether a hold known by `seen`, and in force at the engine's instant `at`, stands."""
    mine = [one for one in play.world.happenings if one.person == letter.person]
    released = {one.number for one in mine if one.kind == "release" and one.at <= seen}
    return any(
        one.kind == "hold" and one.at <= min(seen, at) and one.number not in released
        for one in mine
    )


def unstuck(play: Play) -> Iterator[str]:
    """Whoever is not at the end is due, or waits for something that is really on its way."""
    if not play.committed:
        return
    last = play.world.looks[play.committed[-1]]
    clock = last.at + last.skew
    for walk in play.book.walks.values():
        key = f"walk:{walk.id}:{walk.step}:{walk.visit}"
        if walk.state is not WalkState.ACTIVE:
            continue
        if walk.due is None and walk.why is Why.DELIVERY:
            letter = play.book.letters.get(key)
            # One that was finished in the last look of all is still to be told.
            if letter is None or (letter.state in FINISHED and letter.done < play.committed[-1]):
                yield f"{key} waits for a message that is not on its way"
        elif walk.due is None and walk.why is Why.TASK:
            errand = play.book.errands.get(key)
            if errand is None or not errand.open:
                yield f"{key} waits for a task that is nobody's"
        elif walk.due is None:
            yield f"{key} is never due"
        elif (
            walk.due + 2 * _GRACE < clock and not play.halted(last.at) and walk.why is not Why.FACTS
        ):
            yield f"{key} was due at {walk.due} and has not been taken up by {clock}"


def left(play: Play) -> Iterator[str]:
    """Exits and goals count at once, and nothing happens to whoever has left."""
    world = play.world
    for place, look in play.heard_at.items():
        one = world.happenings[place]
        if one.kind not in ("event", "segment") or one.machine:
            continue
        for number, walk in play.book.walks.items():
            lines = play.book.story[number]
            if walk.person != one.person or not lines or one.at < (walk.entered or walk.since):
                continue
            if lines[0].look >= look or not _exits(play, lines, look, one):
                continue
            late = [line for line in lines if line.look > look]
            if walk.state is not WalkState.ENDED or late:
                yield f"walk {number} goes on after {one.name} at {one.at}"
            for letter in play.book.letters.values():
                if letter.walk == number and any(h.look >= look for h in letter.handed):
                    yield f"{letter.key} went out after {one.name} at {one.at}"


def _exits(play: Play, lines: list[Line], look: int, one: Happening) -> bool:
    """Whether what was heard at a look is an exit or goal of the version she was on then."""
    version = [line.version for line in lines if line.look < look][-1]
    signals = play.readies[version].signals
    return any(
        fits(signal, one) for place, signal in signals.items() if not place.startswith("wait:")
    )


def waited(play: Play) -> Iterator[str]:
    """A wait lasts as long as it says, counted from when it really began."""
    for number, lines in play.book.story.items():
        since: Mapping[int, datetime] = _entered(lines)
        for line in lines:
            step = play.readies[line.version].steps.get(line.move.step or "")
            if line.move.code != "waited" or step is None or step.kind != "wait":
                continue
            if line.move.visit not in since:
                continue  # it was another step's before she was moved to this version
            amount, unit = int(step.duration[:-1]), step.duration[-1]
            least = amount * _EXACT[unit] if unit in _EXACT else amount * _CALENDAR[unit]
            slack = timedelta(0) if unit in _EXACT else timedelta(hours=1)
            if line.move.at - since[line.move.visit] < least - slack:
                yield f"walk {number} waited less than {step.duration} at {line.move.step}"


def _entered(lines: list[Line]) -> dict[int, datetime]:
    """By visit when its step was entered, where no other version took it over."""
    found: dict[int, datetime] = {}
    for line in lines:
        if line.move.code == "mapped":
            found.pop(line.move.visit, None)
        elif line.move.to is not None and line.move.code not in STAYING:
            found[line.move.visit + 1] = line.move.at
    return found


def beaten(play: Play) -> Iterator[str]:
    """No timeout is taken where what was waited for came in time and was known of by then."""
    for number, lines in play.book.story.items():
        since = _entered(lines)
        walk = play.book.walks[number]
        for line in lines:
            step = play.readies[line.version].steps.get(line.move.step or "")
            if line.move.code != "timeout" or step is None or step.kind != "wait_event":
                continue
            began = since.get(line.move.visit)
            if began is None:
                continue
            deadline = began + _shortest(step.timeout)
            seen = play.world.looks[line.look].at
            for place, one in enumerate(play.world.happenings):
                told = play.heard_at.get(place)
                if (
                    one.person == walk.person
                    and not one.machine
                    and fits(step.signal, one)
                    and began <= one.at <= deadline
                    and one.known <= seen
                    and told is not None
                    and _stood(lines, line.move.visit, told)
                ):
                    yield f"walk {number}: the timeout at {line.move.step} beat {one.at}"


def _stood(lines: list[Line], visit: int, look: int) -> bool:
    """Whether she stood at a visit's step already when something was told at a look."""
    return any(line.move.visit + 1 == visit and line.look < look for line in lines)


def _shortest(duration: str) -> timedelta:
    amount, unit = int(duration[:-1]), duration[-1]
    if unit in _EXACT:
        return amount * _EXACT[unit]
    return amount * _CALENDAR[unit] - timedelta(hours=1)


def dealt(play: Play) -> Iterator[str]:
    """Splits and control groups are the bucket's, whenever and however often they are asked."""
    for number, lines in play.book.story.items():
        person = play.book.walks[number].person
        for line in lines:
            ready, name = play.readies[line.version], line.move.step or ""
            step = ready.steps.get(name)
            if step is None or line.move.code == "mapped":
                continue
            if step.kind == "split" and line.move.code.startswith("share_"):
                low = bucket(f"simulated:{name}", person) < 4000
                if line.move.code != ("share_0" if low else "share_1"):
                    yield f"walk {number} took {line.move.code} at {name}"
            if step.kind == "holdout" and line.move.code in ("control", "treated"):
                low = bucket("simulated:holdout", person) < 2000
                if line.move.code != ("control" if low else "treated"):
                    yield f"walk {number} is {line.move.code} at {name}"


def branched(play: Play) -> Iterator[str]:
    """At a branch the first arm is taken whose rule holds of what is known then."""
    for number, lines in play.book.story.items():
        person = play.book.walks[number].person
        for line in lines:
            step = play.readies[line.version].steps.get(line.move.step or "")
            code = line.move.code
            if step is None or step.kind != "branch" or not code.startswith(("arm_", "else")):
                continue
            known = play.world.data(person, play.world.looks[line.look].at)
            held = [f"arm_{n}" for n, arm in enumerate(step.arms) if meets(arm.rule, known)]
            if code != (held or ["else"])[0]:
                yield f"walk {number} took {code} at {line.move.step}, knowing {known}"


def told(play: Play) -> Iterator[str]:
    """Each story hangs together: from the door, step by step, to where the walk stands."""
    for number, lines in play.book.story.items():
        walk = play.book.walks[number]
        at, visit, when = None, 0, walk.entered
        for line in lines:
            move = line.move
            if move.code == "mapped":
                at, visit = move.to, max(visit, move.visit)
                continue
            if move.step != at:
                yield f"walk {number} was at {at}, and left {move.step}"
            if when is not None and move.at < when - timedelta(minutes=5):
                yield f"walk {number} moved at {move.at}, before {when}"
            if move.code not in STAYING:  # what came during a hold leads on from when it came
                at, when = move.to, max(when or move.at, move.at)
        if walk.state is WalkState.ENDED:
            if walk.end is None or (lines and lines[-1].move.to is not None):
                yield f"walk {number} has ended without an end"
        elif lines and at != walk.step:
            yield f"walk {number} stands at {walk.step}, and its story ends at {at}"


CHECKS: Mapping[str, Callable[[Play], Iterator[str]]] = {
    "once": once,
    "kept": kept,
    "permitted": permitted,
    "unstuck": unstuck,
    "left": left,
    "waited": waited,
    "beaten": beaten,
    "dealt": dealt,
    "branched": branched,
    "told": told,
}
