"""Who is in at an instant, of some people, and who has crossed thereby.

    people()   person by person, with `evaluate`'s own meaning; knows when each answer changes next
    sets()     a set of people, or everybody, by the compiled rule

Segments are taken in the order in which they lean on each other: who crosses in one is asked about
in those that name it, at the same instant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from enishi.catalog.types import Catalog
from enishi.live.facts import LiveFacts
from enishi.live.roster import Roster
from enishi.live.types import Cause, Crossing, LiveFault, LiveRule, deciding
from enishi.rules import Moment, compile_rule, compile_view, decide
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.spelling import quoted

AMONG = "_live_among"
"""The relation of the people whom a set is decided of."""
_KEYED = "_live_keyed"


@dataclass
class Order:
    """Live rules in the order of their dependencies, and which of them name which."""

    rules: Sequence[LiveRule]
    following: Mapping[str, Sequence[LiveRule]] = field(default_factory=dict)

    def with_following(self, rules: Iterable[LiveRule]) -> set[LiveRule]:
        """These rules and all that lean on them, however far."""
        found: set[LiveRule] = set()
        waiting = list(rules)
        while waiting:
            rule = waiting.pop()
            if rule not in found:
                found.add(rule)
                waiting += self.following.get(rule.slug, ())
        return found


def in_order(rules: Iterable[LiveRule]) -> Order:
    """Rules so that each comes after those it names."""
    left = sorted(rules, key=lambda rule: rule.slug)
    found: list[LiveRule] = []
    while left:
        waiting = {rule.slug for rule in left}
        ready = [r for r in left if not r.rule.segments & (waiting - {r.slug})] or left
        found += ready
        left = [rule for rule in left if rule not in ready]
    following: dict[str, list[LiveRule]] = {}
    for rule in found:
        for slug in rule.rule.segments:
            following.setdefault(slug, []).append(rule)
    return Order(found, following)


@dataclass
class Decided:
    """What has been decided and is not yet committed: crossings in their order, and who is due."""

    crossings: list[Crossing] = field(default_factory=list)
    inside: dict[tuple[str, str], bool] = field(default_factory=dict)
    due: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    asked: int = 0

    def cross(self, crossing: Crossing) -> None:
        self.crossings.append(crossing)
        self.inside[crossing.segment, crossing.person] = crossing.entered


class Decider:
    def __init__(self, catalog: Catalog, roster: Roster) -> None:
        self.catalog, self.roster = catalog, roster
        stream = catalog.stream
        assert stream is not None
        self.person = catalog.datasets[stream.person]
        self.key = self.person.key[0]

    def is_in(self, done: Decided, segment: str, person: str) -> bool:
        found = done.inside.get((segment, person))
        return self.roster.has(segment, person) if found is None else found

    def people(
        self,
        facts: LiveFacts,
        order: Order,
        wanted: Mapping[str, Collection[str]],
        moment: Moment,
        cause: Cause,
        done: Decided,
    ) -> None:
        """Decide people one by one: `wanted` names them by segment."""
        pending = {slug: set(people) for slug, people in wanted.items()}
        horizon = moment.horizon
        for rule in order.rules:
            slug = rule.slug
            following = order.following.get(slug, ())
            for person in sorted(pending.get(slug, ())):
                row = facts.people.get(person)
                truth, until = False, None
                if row is not None:
                    try:
                        truth, until = decide(rule.rule, facts, row, moment)
                    except Exception as error:
                        raise LiveFault(slug) from error
                done.asked += 1
                soon = until is not None and horizon is not None and until <= horizon
                done.due[person, slug] = until if soon else None
                if truth is self.is_in(done, slug, person):
                    continue
                key = None if row is None else row.get(self.key)
                done.cross(Crossing(slug, person, key, moment.at, truth, cause))
                if following:
                    facts.cross(slug, person, moment.at, entered=truth)
                for other in following:
                    pending.setdefault(other.slug, set()).add(person)

    def sets(
        self,
        bench: Workbench,
        rule: LiveRule,
        people: Collection[str] | None,
        at: datetime,
        cause: Cause,
    ) -> list[Crossing]:
        """Decide a set of people (None: everybody) in one segment, all committed before it."""
        if people is None:
            with deciding(rule.slug):
                ids = _ids(bench, compile_rule(rule.rule, self.catalog, at))
            came, went = self.roster.differing(rule.slug, ids)
        else:
            bench.register(AMONG, pa.table({"_id": pa.array(sorted(people), pa.string())}))
            try:
                with deciding(rule.slug):
                    subject = rule.rule.subject
                    sql = compile_view(self.catalog, subject, rule.rule, {}, at, AMONG)
                    inside = set(_ids(bench, sql))
            finally:
                bench.unregister(AMONG)
            was = {one for one in people if self.roster.has(rule.slug, one)}
            came, went = sorted(inside - was), sorted(was - inside)
        keys = self._keys(bench, [*came, *went])
        return [
            Crossing(rule.slug, one, keys.get(one), at, entered, cause)
            for entered, ones in ((False, went), (True, came))
            for one in ones
        ]

    def _keys(self, bench: Workbench, people: Sequence[str]) -> dict[str, object]:
        if not people:
            return {}
        bench.register(_KEYED, pa.table({"_id": pa.array(people, pa.string())}))
        try:
            return dict(
                bench.rows(
                    f"SELECT _id, any_value({quoted(self.key)}) FROM"
                    f" data.{quoted(self.person.name)} WHERE _id IN (SELECT _id FROM {_KEYED})"
                    " GROUP BY _id"
                )
            )
        finally:
            bench.unregister(_KEYED)


def _ids(bench: Workbench, sql: str) -> list[str]:
    found: list[str] = bench.table(sql).column("_id").to_pylist()
    return found
