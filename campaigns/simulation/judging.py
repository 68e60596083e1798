"""Worlds of many seeds played and judged, and what it came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from campaigns.simulation.checks import broken
from campaigns.simulation.play import BROKEN, Play, played
from campaigns.simulation.world import World, world

_SHOWN = 20
_TWICE = 10


@dataclass
class Sum:
    """What some seeds came to."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    moves: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, other: Sum) -> None:
        self.seeds += other.seeds
        self.counts += other.counts
        self.moves += other.moves
        self.violations += other.violations
        self.examples = (self.examples + other.examples)[:_SHOWN]


def simulate(first: int, seeds: int, fault: str = "") -> Sum:
    """Play the worlds of some seeds and judge them."""
    found = Sum()
    for seed in range(first, first + seeds):
        found.add(judged(world(seed), fault)[1])
    return found


def judged(of: World, fault: str = "") -> tuple[Play, Sum]:
    """A world played and judged."""
    play = played(of, fault)
    problems = broken(play)
    if of.seed % _TWICE == 0 and played(of, fault).digest() != play.digest():
        problems.append("replay: played again, it came out otherwise")
    return play, _told(of.seed, play, problems)


def noticed(fault: str, first: int, seeds: int) -> int | None:
    """The seed from `first` on by which the check that is named for a fault has noticed it."""
    for seed in range(first, first + seeds):
        if simulate(seed, 1, fault).violations[BROKEN[fault]]:
            return seed
    return None


def _told(seed: int, play: Play, problems: list[str]) -> Sum:
    letters = play.book.letters.values()
    lines = [line for story in play.book.story.values() for line in story]
    counts = Counter(
        walks=len(play.book.walks), steps=len(lines), messages=len(letters), deaths=play.lost,
        sent=sum(one.state == "sent" for one in letters),
        asked_again=sum(len(one.handed) > 1 for one in letters),
        looks=len(play.world.looks), changes=len(play.world.changes),
        jumps=len({one.skew for one in play.world.looks}) - 1,
    )  # fmt: skip
    return Sum(
        1, counts, Counter(line.move.code for line in lines),
        Counter(one.partition(":")[0] for one in problems),
        [f"seed {seed}: {one}" for one in problems],
    )  # fmt: skip
