"""The gate of past days: what it would have answered then, to contacts that were never made.

Policies are those in force now; restrictions, consents and contacts count as they stood at the
instant; facts about persons (birth date, address, rules of policies) are those of today. Contacts
that the dry run itself makes count against caps like real ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from enishi.gate.deciding import decide
from enishi.gate.history import histories_of
from enishi.gate.in_force import policies_in_force
from enishi.gate.service import facts_for
from enishi.gate.types import (
    Contact,
    Decision,
    Facts,
    History,
    Question,
    RestrictionType,
)

_AT_ONCE = 500
_BY = "dry-run"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold of a person: `until` when it ended, None while it stands."""

    id: str
    kind: str
    at: datetime
    until: datetime | None


class PastGate:
    """Decides for a fixed set of persons. `channels` and purposes are those that will be asked."""

    def __init__(
        self,
        persons: Sequence[str],
        since: datetime,
        asked: Iterable[tuple[str, str, str | None]],
    ) -> None:
        self._policies = policies_in_force()
        self._facts: dict[str, Facts] = {}
        self._histories: dict[str, History] = {}
        self._made: dict[tuple[str, str], list[Contact]] = defaultdict(list)
        some = [Question("", c, p or None, product, since, _BY) for c, p, product in asked]
        for start in range(0, len(persons), _AT_ONCE):
            chunk = list(persons[start : start + _AT_ONCE])
            facts = facts_for(chunk, self._policies, *some)
            self._facts |= facts
            self._histories |= histories_of(
                facts, self._policies, channel=None, at=since, past=True
            )

    def decide(
        self, person: str, channel: str, purpose: str, product: str | None, at: datetime
    ) -> Decision:
        """What the gate would have answered at an instant."""
        known, history = self._facts[person], self._histories[person]
        before = tuple(c for c in history.contacts if c.at < at and c.held_until is None)
        asked = Question(person, channel, purpose or None, product, at, _BY)
        as_of = replace(history, contacts=before + tuple(self._mine(person, known, at)))
        return decide(self._policies, known, as_of, asked)

    def made(self, person: str, channel: str, purpose: str, at: datetime) -> None:
        """A contact of the dry run was made."""
        known = self._facts[person]
        contact = Contact(
            person, known.household, known.address, channel, purpose,
            self._policies.class_of(purpose or None), at, _BY,
        )  # fmt: skip
        for where in self._places(person, known):
            self._made[where].append(contact)

    def branch(self, person: str) -> str:
        """The branch of a person; empty when none is known."""
        return self._facts[person].branch

    def holds(self, person: str) -> Iterator[Hold]:
        """Every hold there has been, ended or not."""
        for stop in self._histories[person].stops:
            if stop.type == RestrictionType.HOLD:
                ends = [at for at in (stop.until, stop.ended) if at is not None]
                yield Hold(stop.id, stop.kind, stop.at, min(ends) if ends else None)

    def _mine(self, person: str, known: Facts, at: datetime) -> Iterable[Contact]:
        found: dict[int, Contact] = {}
        for where in self._places(person, known):
            for contact in self._made.get(where, ()):
                if contact.at < at:
                    found[id(contact)] = contact
        return found.values()

    def _places(self, person: str, known: Facts) -> Iterator[tuple[str, str]]:
        yield "person", person
        if known.household:
            yield "household", known.household
        if known.address:
            yield "address", known.address
