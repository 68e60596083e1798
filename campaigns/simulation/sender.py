"""The sender of a world: asks the gate, marks, hands over, writes what came of it; dies in between.

A message is marked as attempted before it is handed over. What a dead process has left so is asked
again where the provider recognises our key, and has an unknown end where it does not, or where she
whom it was for has left meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.simulation.gatekeeper import Gatekeeper
from campaigns.simulation.world import World
from enishi.gate.types import Answer

FINISHED = ("sent", "failed", "unknown", "suppressed")
BUSY, REFUSED, MUTE = 0.05, 0.08, 0.1
"""Below these chances a provider wants to be asked later, refuses for good, does not answer."""
LATER = timedelta(minutes=15)
_LONGEST = timedelta(hours=6)


class Lost(Exception):
    """The process has died."""


@dataclass
class Letter:
    """A message asked for. `name`: whose, at which visit of which step, in whichever book."""

    key: str
    name: str
    walk: int
    person: str
    step: str
    visit: int
    channel: str
    due: datetime
    state: str = "queued"
    reason: str = ""
    ended: datetime | None = None  # the engine's instant
    done: int = -1  # the look at which it came to its end
    told: bool = False
    withdrawn: str = ""  # why it is not to be tried again, said while it was being attempted
    tries: int = 0
    handed: list[Handing] = field(default_factory=list)


@dataclass
class Handing:
    """One attempt: at which look, when by the engine's clock, and whether it was a contact."""

    look: int
    at: datetime
    counts: bool = True


class Sender:
    """Sends what is due of a world at each look. `taken` is what providers have really sent."""

    def __init__(self, world: World, broken: str) -> None:
        self.gate = Gatekeeper(world)
        self.taken: Counter[str] = Counter()
        self._world, self._broken = world, broken

    def look(
        self, letters: Iterable[Letter], look: int, clock: datetime, dies: str, *, halted: bool
    ) -> None:
        """Rounds over what is due, until nothing is. Raises Lost where the process dies."""
        letters = list(letters)
        self._recover(letters, look, clock)
        if halted:
            return
        while marked := self._round(letters, look, clock):
            if dies == "marked":
                raise Lost
            answers = [self._hand(one) for one in marked]
            if dies == "answered":
                raise Lost
            for letter, answer in zip(marked, answers, strict=True):
                self._settle(letter, answer, look, clock)

    def _round(self, letters: Sequence[Letter], look: int, clock: datetime) -> list[Letter]:
        """Mark what is due and may go."""
        waiting = [one for one in letters if one.state == "queued" and one.due <= clock]
        waiting.sort(key=lambda one: (one.channel, one.due, one.walk, one.visit))
        return [one for one in waiting if self._ask(one, look, clock)]

    def _recover(self, letters: Sequence[Letter], look: int, clock: datetime) -> None:
        for one in letters:
            if one.state == "attempting":
                self._unanswered(one, look, clock, again=self._broken == "late")

    def _ask(self, letter: Letter, look: int, clock: datetime) -> bool:
        """Whether the gate lets it go: then it is marked, and its contact counted."""
        decision = self.gate.decide(letter.person, letter.channel, clock)
        if self._broken != "ungated" and not decision.allowed:
            if decision.answer is Answer.DEFER and decision.until is not None:
                letter.due = decision.until
            else:
                self._end(letter, "suppressed", look, clock, decision.reasons[0].code)
            return False
        self.gate.count(letter.person, letter.channel, clock, letter.key)
        letter.tries += 1
        letter.handed.append(Handing(look, clock))
        letter.state = "attempting"
        if self._broken == "early":
            self._end(letter, "sent", look, clock)
        return True

    def _hand(self, letter: Letter) -> str:
        """What the provider does, and answers; it knows nothing of the book."""
        known = letter.channel in self._world.dedupes and self.taken[letter.key] > 0
        answer = answered(self._world, letter.name, letter.tries)
        if not known and answer in ("sent", "mute"):
            self.taken[letter.key] += 1
        return "sent" if known else answer

    def _settle(self, letter: Letter, answer: str, look: int, clock: datetime) -> None:
        if answer == "mute":
            self._unanswered(letter, look, clock)
        elif answer == "busy":
            self._give_back(letter)
            letter.state, letter.due = (
                "queued",
                clock + min(LATER * 2 ** (letter.tries - 1), _LONGEST),
            )
        else:
            if answer == "failed":
                self._give_back(letter)
            self._end(letter, answer, look, clock)

    def _unanswered(
        self, letter: Letter, look: int, clock: datetime, *, again: bool = False
    ) -> None:
        dedupes = letter.channel in self._world.dedupes and not letter.withdrawn
        if again or dedupes:
            self._give_back(letter)
            letter.state, letter.due = "queued", clock
        else:
            self._end(letter, "unknown", look, clock)

    def _give_back(self, letter: Letter) -> None:
        self.gate.give_back(letter.person, letter.key)
        letter.handed[-1].counts = False

    def _end(
        self, letter: Letter, state: str, look: int, clock: datetime, reason: str = ""
    ) -> None:
        letter.state, letter.reason = state, reason
        letter.ended, letter.done = clock, look


def answered(world: World, name: str, tries: int) -> str:
    """What the provider of a world says to a message that it sees for the first time."""
    chance = world.chance("provider", name, tries)
    if chance < BUSY:
        return "busy"
    return "failed" if chance < REFUSED else "mute" if chance < MUTE else "sent"
