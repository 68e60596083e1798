"""Walks advanced in a unit of work, and everything that comes of it written with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from enishi.book.workspace import current_workspace
from enishi.journeys.types import Advanced, Contact, Heard, Move, StepFacts, Walk
from enishi.journeys.walking import effects, rows
from enishi.journeys.walking.advance import advance
from enishi.journeys.walking.asking import Answers
from enishi.journeys.walking.passages import Passages
from enishi.journeys.walking.ready import Ready
from enishi.journeys.walking.readying import Known, journeys, readies
from enishi.journeys.walking.rows import Row

UNASKED = Answers()
"""Nothing has been asked: whoever comes to a branch stands there until it has."""


class Batch:
    """What one unit does to walks. `take` each, then `write` once."""

    def __init__(self, found: Iterable[Row], now: datetime) -> None:
        """Looks up the journeys and versions of the rows, as they are in this unit."""
        self.rows = list(found)
        self.now = now
        self.journeys: Mapping[str, Known] = journeys({row.journey for row in self.rows})
        self.readies = readies((row.journey, row.version) for row in self.rows)
        self._templates = effects.Templates()
        self._passages = Passages(current_workspace().zone)
        self._walks: list[Walk] = []
        self._moves: list[tuple[Walk, Move]] = []
        self._wishes: list[effects.Wish] = []

    @property
    def weight(self) -> int:
        """What is to be written so far, in moves: a delivery costs as much as three."""
        return len(self._moves) + 3 * len(self._wishes)

    def ready(self, row: Row) -> Ready:
        return self.readies[row.journey, row.version]

    def halted(self, row: Row) -> bool:
        known = self.journeys.get(row.journey)
        return known is None or known.halted

    def go(self, row: Row, heard: Sequence[Heard], facts: StepFacts) -> bool:
        """Advance a walk; whether it moved, or stands otherwise than before."""
        ready, halted = self.ready(row), self.halted(row)
        told = advance(ready, row.walk, heard, facts, self.now, halted=halted)
        while unsent := self._unsent(told):
            # Nobody waits for a message that cannot be made: she hears so at once.
            more = advance(ready, told.walk, unsent, facts, self.now, halted=halted)
            kept = tuple(one for one in told.intents if not isinstance(one, Contact))
            told = Advanced(more.walk, told.moves + more.moves, kept + more.intents)
        return self.take(row, told)

    def _unsent(self, told: Advanced) -> list[Heard]:
        if not told.intents or not any(isinstance(one, Contact) for one in told.intents):
            return []
        return effects.unsendable(told.intents, self._templates, self.now)

    def take(self, row: Row, told: Advanced, *, version: int | None = None) -> bool:
        """Have what a walk has come to written; whether there is anything to write.

        `version`: the one it counts for from now on, when it is being moved to another.
        """
        if told.walk is row.walk:
            return False
        self._walks.append(told.walk)
        self._moves += [(told.walk, move) for move in told.moves]
        self._passages.count(row.journey, version or row.version, told.moves)
        if told.intents:
            known, ready = self.journeys.get(row.journey), self.ready(row)
            priority = known.priority if known is not None else 0
            now_at = replace(row, walk=told.walk)
            self._wishes += [effects.Wish(now_at, ready, priority, one) for one in told.intents]
        return True

    def put_off(self, row: Row, until: datetime) -> None:
        """Take a walk up again then: what it was to be told could not be found out."""
        self._walks.append(replace(row.walk, due=until))

    def write(self) -> int:
        """Write it all; returns how many moves were made."""
        rows.change(self._walks)
        rows.tell(self._moves)
        effects.write(self._wishes, self._templates)
        self._passages.keep()
        return len(self._moves)
