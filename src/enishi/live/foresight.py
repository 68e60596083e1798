"""Who will be due in the next while though nothing new happens, and when.

Sweeps name those whom time may touch; each is asked once when her answer changes next. A rule that
may change for very many at once (a month ends) is due as a whole, at the local midnights in
between or, where that is not when it moves, in steps of a second.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

from enishi.catalog.types import Catalog
from enishi.live.facts import Gatherer
from enishi.live.sweeps import sweep
from enishi.live.types import LiveRule, deciding
from enishi.rules import Moment, decide
from enishi.rules.windows import DAY, local_date, midnight
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.spelling import SQL, Spelling

MOST = 20_000
"""Beyond so many people whom one bound may pass, the segment is decided as a whole."""
FINEST = timedelta(seconds=1)
_CHUNK = 500
_AMONG = "_live_foreseen"


class TooMany(Exception):
    """More people than may be asked one by one can change within the span."""


@dataclass
class Foreseen:
    """What is due: people in segments, and whole segments."""

    people: list[tuple[datetime, str, str]] = field(default_factory=list)
    whole: list[tuple[datetime, str]] = field(default_factory=list)


class Foresight:
    def __init__(self, catalog: Catalog, spelling: Spelling, gatherer: Gatherer) -> None:
        self.catalog, self.spell, self.gatherer = catalog, spelling, gatherer
        self.most = MOST

    def look(
        self,
        bench: Workbench,
        rules: Collection[LiveRule],
        start: datetime,
        end: datetime,
        among: Collection[str] | None = None,
    ) -> Foreseen:
        """Everything due in (start, end]; `among`: only these people (Enishi ids) are looked at.

        Raises TooMany when the span should be shorter.
        """
        found = Foreseen()
        if among is not None:
            bench.register(_AMONG, pa.table({"_id": pa.array(sorted(among), pa.string())}))
        try:
            asked = self._named(bench, rules, start, end, among is not None, found)
        finally:
            if among is not None:
                bench.unregister(_AMONG)
        people = sorted(asked)
        moment = Moment(self.catalog, start, end)
        for first in range(0, len(people), _CHUNK):
            some = people[first : first + _CHUNK]
            concerned = {rule for person in some for rule in asked[person]}
            facts = self.gatherer.facts(bench, concerned, some, start)
            for person in some:
                row = facts.people.get(person)
                for rule in asked[person] if row is not None else ():
                    assert row is not None
                    with deciding(rule.slug):
                        _, until = decide(rule.rule, facts, row, moment)
                    if until is not None and until <= end:
                        found.people.append((until, person, rule.slug))
        return found

    def _named(
        self,
        bench: Workbench,
        rules: Collection[LiveRule],
        start: datetime,
        end: datetime,
        narrow: bool,
        found: Foreseen,
    ) -> dict[str, set[LiveRule]]:
        """Those whom sweeps name, each with the rules concerned."""
        sweeps: dict[tuple[SQL, bool], list[LiveRule]] = {}
        for rule in rules:
            for mover in rule.movers:
                sql = sweep(mover, rule.rule.subject, start, end, self.catalog, self.spell)
                if sql is not None:
                    concerned = sweeps.setdefault((sql, mover.by_day), [])
                    if rule not in concerned:
                        concerned.append(rule)
        asked: dict[str, set[LiveRule]] = {}
        narrowed = f" AND _id IN (SELECT _id FROM {_AMONG})" if narrow else ""
        for (sql, by_day), concerned in sweeps.items():
            rows = bench.rows(
                f"SELECT DISTINCT _id FROM ({sql}) t WHERE _id IS NOT NULL{narrowed}"
                f" LIMIT {self.most + 1}"
            )
            if len(rows) > self.most:
                self._whole(concerned, start, end, by_day, found)
                continue
            for (person,) in rows:
                asked.setdefault(person, set()).update(concerned)
        return asked

    def _whole(
        self,
        rules: Sequence[LiveRule],
        start: datetime,
        end: datetime,
        by_day: bool,
        found: Foreseen,
    ) -> None:
        if by_day:
            instants = list(_midnights(start, end, self.catalog))
        elif end - start > FINEST:
            raise TooMany
        else:
            instants = [end]
        found.whole += [(instant, rule.slug) for instant in instants for rule in rules]


def _midnights(start: datetime, end: datetime, catalog: Catalog) -> Iterator[datetime]:
    """The local midnights in (start, end]."""
    day = local_date(start, catalog.zone) + DAY
    while (instant := midnight(day, catalog.zone)) <= end:
        yield instant
        day += DAY
