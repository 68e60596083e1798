"""The gate of a world: the policies as shipped, decided by the gate's own function, in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml

from campaigns.simulation.drawing import PURPOSE
from campaigns.simulation.world import Happening, World
from enishi.book.jsontext import exact
from enishi.gate.bodies import BODY
from enishi.gate.deciding import decide
from enishi.gate.policy_set import InForce, PolicySet
from enishi.gate.types import (
    Contact,
    Decision,
    Facts,
    History,
    Question,
    RestrictionType,
    Statement,
    Stop,
)
from enishi.kernel.business_days import BusinessCalendar

_KNOWN = Facts(reach=frozenset({"email", "sms"}), known=frozenset({"email", "sms"}))
CONSENTED = ("email", "sms")


class Gatekeeper:
    """Knows at once what the world says to the gate; counts the contacts that were made."""

    def __init__(self, world: World) -> None:
        self._policies = _policies(str(world.zone))
        before = world.begins - timedelta(days=1)
        self._stops: dict[str, list[Stop]] = {one: [] for one in world.persons}
        self._contacts: dict[str, list[Contact]] = {one: [] for one in world.persons}
        self._statements = {
            person: [Statement(f"given-{c}", c, None, True, before) for c in CONSENTED]
            for person in world.persons
        }

    def tell(self, one: Happening) -> None:
        """A hold begins or ends, a consent is withdrawn; anything else is not the gate's."""
        if one.kind == "withdrawal":
            said = Statement(f"withdrawn-{one.name}", one.name, None, False, one.at)
            self._statements[one.person].insert(0, said)
        elif one.kind == "hold":
            self._stops[one.person].append(
                Stop(one.number, RestrictionType.HOLD, one.name, None, None, one.at, None)
            )
        elif one.kind == "release":
            self._stops[one.person] = [s for s in self._stops[one.person] if s.id != one.number]

    def decide(self, person: str, channel: str, at: datetime) -> Decision:
        history = History(
            tuple(self._stops[person]), tuple(self._statements[person]),
            tuple(self._contacts[person]),
        )  # fmt: skip
        return decide(
            self._policies, _KNOWN, history, Question(person, channel, PURPOSE, None, at, "system")
        )

    def count(self, person: str, channel: str, at: datetime, key: str) -> None:
        kind = self._policies.class_of(PURPOSE)
        self._contacts[person].append(
            Contact(person, "", "", channel, PURPOSE, kind, at, "system", key)
        )

    def give_back(self, person: str, key: str) -> None:
        """A contact that was counted was not made."""
        self._contacts[person] = [one for one in self._contacts[person] if one.source != key]


@lru_cache
def _policies(zone: str) -> PolicySet:
    shipped = (files("enishi.gate") / "shipped.yaml").read_text(encoding="utf-8")
    told = []
    for row in exact(yaml.safe_load(shipped)):
        slug = row.pop("slug")
        del row["examples"]
        told.append(InForce(slug, slug, BODY.validate_python(row)))
    return PolicySet(tuple(told), BusinessCalendar(), ZoneInfo(zone))
