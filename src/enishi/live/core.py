"""The heart of live deciding: what is known in memory, and how instants follow one another.

`_reach` decides what has come due by an instant, `_decide` some people at it, `_write` writes who
has crossed, `_look_ahead` fills the timers; all inside a transaction of the warehouse. What has
been decided is known when `settle` is told of the commit; `reload` makes good for one that failed.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeAlias

from enishi.book.unit import crash_point
from enishi.catalog.builtin import ENTERED, LEFT
from enishi.catalog.types import Catalog
from enishi.kernel.clock import Clock
from enishi.kernel.text import fold
from enishi.live import books, crossings
from enishi.live.deciding import Decided, Decider, in_order
from enishi.live.facts import Gatherer
from enishi.live.foresight import FINEST, Foresight, TooMany
from enishi.live.roster import Roster
from enishi.live.timers import EVERYBODY, Timers, everybody
from enishi.live.types import Cause, Crossing, LiveRule
from enishi.rules import Moment
from enishi.warehouse.duckdb_engine import DuckDBEngine, Workbench

AHEAD = timedelta(minutes=15)
"""How far a look ahead reaches."""
MOST_PAIRS = 10_000
"""Beyond so many answers at once (people × segments) sets are decided, not people."""
MOST_DUE = 2_000
"""How many timers are fired in one transaction."""
ROUNDS = 8
"""How often in one transaction crossings may lead to crossings as events."""
TICK = timedelta(microseconds=1)
Due: TypeAlias = tuple[datetime, str, str]
"""When somebody is due, who (an Enishi id), and in which segment."""
LoadOf = Callable[[Workbench, datetime], str]
"""The id of the load under which crossings are known, in the transaction that is open."""


class LiveCore:
    """What is known in memory, and deciding inside an open transaction."""

    def __init__(
        self, engine: DuckDBEngine, catalog: Catalog, clock: Clock, load_of: LoadOf
    ) -> None:
        assert catalog.stream is not None
        self.engine, self.catalog, self.clock = engine, catalog, clock
        self.stream = catalog.stream
        self.lock = threading.RLock()
        self.roster, self.timers = Roster(), Timers()
        self.order = in_order([])
        self.crossed: dict[str, tuple[int, int]] = {}  # since the last mark: entries, exits
        self.changed: set[str] = set()  # those that others may have to follow
        self.load_of = load_of
        self._gatherer = Gatherer(catalog, engine.spelling, lambda: self.order.rules)
        self.foresight = Foresight(catalog, engine.spelling, self._gatherer)
        self._decider = Decider(catalog, self.roster)
        self._pending: Decided | None = None
        with engine.write() as writer:
            books.prepare(writer)
            known = books.decided_at(writer)
            self._heard = books.heard(writer)
            last = crossings.last_number(writer, self.stream)
        self.decided = known or clock()
        self.number = max(last, crossings.number_at(self.decided))
        self.foreseen = self.decided

    @property
    def rules(self) -> dict[str, LiveRule]:
        return {rule.slug: rule for rule in self.order.rules}

    def reload(self) -> None:
        """Read anew who is in, and forget what has been foreseen."""
        with self.lock:
            self._pending = None
            self._gatherer.memory.forget()
            with self.engine.write() as writer:
                self.roster.load(books.members(writer, self.rules))
                last = crossings.last_number(writer, self.stream)
                known = books.decided_at(writer)
                self._heard = books.heard(writer)
            self.decided = known or self.decided
            self.number = max(self.number, last, crossings.number_at(self.decided))
            self.foreseen = self.decided
            self.timers.clear()

    def undo(self) -> None:
        """Something has failed: if a batch was being decided, forget what it decided."""
        if self._pending is not None:
            self.reload()

    def hear_loads(self, bench: Workbench, loads: set[str]) -> None:
        """Keep which loads are heard: what comes in others has to be refreshed."""
        new = loads - self._heard
        if new:
            books.hear(bench, new)
            self._heard |= new

    def settle(self) -> None:
        """Take what has been committed as known."""
        done, self._pending = self._pending, None
        if done is None:
            return
        for (segment, person), inside in done.inside.items():
            self.roster.put(segment, person, inside=inside)
        self._note_due(done)

    def _note_due(self, done: Decided) -> None:
        """Let those who have been decided be due again, in this transaction already: nobody who is
        due later may be decided before them. `reload` makes good for a transaction that fails."""
        for (person, segment), due in done.due.items():
            self.timers.put(person, segment, due)
        done.due.clear()

    def _next(self) -> datetime:
        return max(self.clock(), self.decided + TICK)

    def _reach(self, bench: Workbench, at: datetime, done: Decided) -> datetime:
        """Decide what came due by an instant; returns it, or the one after the last decision."""
        while self.foreseen <= at:
            self._fire(bench, min(at, self.foreseen), done)
            self._look_ahead(bench)
        self._fire(bench, at, done)
        return at if self.decided <= at else self.decided + TICK

    def _keep_decided(self, bench: Workbench, done: Decided) -> None:
        """Keep how far all is decided; who is still due is due again if this process dies."""
        due = [one for one in (self.timers.next(), *done.due.values()) if one is not None]
        books.set_decided(bench, min([self.decided, *(one - TICK for one in due)]))

    def _advance(self, until: datetime) -> None:
        """Fire what is due by an instant, some at a time, each time in a transaction."""
        while (due := self.timers.next()) is not None and due <= until:
            with self._transaction() as (bench, done):
                self._fire(bench, until, done, MOST_DUE)

    @contextmanager
    def _transaction(self) -> Iterator[tuple[Workbench, Decided]]:
        done = self._pending = Decided()
        try:
            with self.engine.workbench() as bench, bench.transaction():
                yield bench, done
                crash_point("live.worked_out")
        except BaseException:
            self.reload()
            raise
        crash_point("live.committed")
        self.settle()

    def _hear(self, crossed: Iterable[tuple[str, str, bool]]) -> dict[str, set[str]]:
        """Who is to be asked, by segment, because others ask about crossings as events."""
        heard: dict[str, set[str]] = {}
        for _, person, entered in crossed:
            name = frozenset({fold(ENTERED if entered else LEFT)})
            for rule in self.order.rules:
                if rule.hears(self.stream.crossing, name):
                    heard.setdefault(rule.slug, set()).add(person)
        return heard

    def _fire(
        self, bench: Workbench, until: datetime, done: Decided, most: int | None = None
    ) -> None:
        """Decide what is due by an instant, in the order of time, up to `most` of it."""
        left = most
        while (due := self.timers.next()) is not None and due <= until and (left is None or left):
            taken = list(self.timers.take(until, MOST_DUE if left is None else left))
            left = None if left is None else left - len(taken)
            if taken[0][1].startswith(EVERYBODY):
                instant, _, slug = taken[0]
                self._everybody(bench, slug, instant, done)
                continue
            self._fire_people(bench, taken, done)
        last = self.timers.next()
        upto = until if last is None or last > until else max(self.decided, last - TICK)
        self.decided = max(self.decided, upto)
        self._keep_decided(bench, done)

    def _fire_people(self, bench: Workbench, taken: list[Due], done: Decided) -> None:
        rules = self.rules
        taken = [one for one in taken if one[2] in rules]
        if not taken:
            return
        concerned = self.order.with_following({rules[slug] for _, _, slug in taken})
        people = {person for _, person, _ in taken}
        facts = self._gatherer.facts(bench, concerned, people, taken[0][0])
        begun, instant, waiting = len(done.crossings), self.decided, deque(taken)
        while waiting:
            wanted: dict[str, set[str]] = {}
            for due, person, slug in self._soonest(waiting):
                instant = max(due, self.decided)
                wanted.setdefault(slug, set()).add(person)
            moment = Moment(self.catalog, instant, self.foreseen)
            self._decider.people(facts, self.order, wanted, moment, Cause.TIME, done)
            self._note_due(done)
        self._write(bench, done.crossings[begun:], instant, done)

    def _soonest(self, waiting: deque[Due]) -> list[Due]:
        """Take out who is due first: of those who wait, or of those made due meanwhile."""
        first, again = waiting[0][0], self.timers.next()
        if again is not None and again < first:
            return list(self.timers.take(again, MOST_DUE))
        found = []
        while waiting and waiting[0][0] == first:
            found.append(waiting.popleft())
        return found

    def _decide(
        self,
        bench: Workbench,
        wanted: Mapping[str, Collection[str]],
        at: datetime,
        cause: Cause,
        done: Decided,
        rounds: int = ROUNDS,
    ) -> None:
        """Decide people in segments at an instant, and write who has crossed."""
        pairs = sum(len(people) for people in wanted.values())
        if pairs > MOST_PAIRS:
            self._decide_sets(bench, wanted, at, cause, done)
        elif pairs:
            rules = self.rules
            concerned = self.order.with_following({rules[slug] for slug in wanted})
            people = set().union(*wanted.values())
            facts = self._gatherer.facts(bench, concerned, people, at)
            begun = len(done.crossings)
            moment = Moment(self.catalog, at, self.foreseen)
            self._decider.people(facts, self.order, wanted, moment, cause, done)
            self._note_due(done)
            self._write(bench, done.crossings[begun:], at, done, rounds)
        self.decided = max(self.decided, at)
        self._keep_decided(bench, done)

    def _decide_sets(
        self,
        bench: Workbench,
        wanted: Mapping[str, Collection[str]],
        at: datetime,
        cause: Cause,
        done: Decided,
    ) -> None:
        """Decide many people by compiled rules, then look ahead for them alone."""
        self._absorb(done)
        pending = {slug: set(people) for slug, people in wanted.items()}
        begun = at
        for rule in self.order.rules:
            people = pending.get(rule.slug)
            if not people:
                continue
            at = max(at, self.decided)
            found = self._decider.sets(bench, rule, people, at, cause)
            for one in found:
                done.cross(one)
                for other in self.order.following.get(rule.slug, ()):
                    pending.setdefault(other.slug, set()).add(one.person)
            self._write(bench, found, at, done)
            self._absorb(done)
        concerned = [rule for rule in self.order.rules if rule.slug in pending]
        self._foresee(bench, concerned, begun, self.foreseen, set().union(*pending.values()))

    def _everybody(self, bench: Workbench, slug: str, at: datetime, done: Decided) -> None:
        """Decide everybody in a segment, and those who cross in what leans on it."""
        rule = self.rules.get(slug)
        if rule is None:
            return
        self._absorb(done)
        at = max(at, self.decided)
        found = self._decider.sets(bench, rule, None, at, Cause.TIME)
        for one in found:
            done.cross(one)
        self._write(bench, found, at, done)
        self._absorb(done)
        following = self.order.following.get(slug, ())
        people = {one.person for one in found}
        if following and people:
            wanted = {other.slug: people for other in following}
            self._decide(bench, wanted, max(at, self.decided), Cause.TIME, done)
        self.decided = max(self.decided, at)

    def _absorb(self, done: Decided) -> None:
        """Take what this transaction has decided as known, though it is not committed: sets are
        compared with it. `reload` makes good for a transaction that fails."""
        for (segment, person), inside in done.inside.items():
            self.roster.put(segment, person, inside=inside)
        done.inside.clear()
        self._note_due(done)

    def _write(
        self,
        bench: Workbench,
        found: list[Crossing],
        at: datetime,
        done: Decided,
        rounds: int = ROUNDS,
    ) -> None:
        """Write crossings; as events they may be heard by other segments, a moment later."""
        if not found:
            return
        load = self.load_of(bench, at)
        self.hear_loads(bench, {load})
        self.number = crossings.write(bench, self.catalog, found, self.number, load)
        self._count(found)
        heard = self._hear((one.segment, one.person, one.entered) for one in found)
        if not heard:
            return
        self.decided = max(self.decided, at)
        later = self.decided + TICK
        if rounds:
            self._decide(bench, heard, later, Cause.EVENT, done, rounds - 1)
        else:  # they chase one another: go on at the next tick, so that others have their turn
            for slug, people in heard.items():
                for person in people:
                    done.due[person, slug] = later

    def _count(self, found: Iterable[Crossing]) -> None:
        for one in found:
            entered, left = self.crossed.get(one.segment, (0, 0))
            self.changed.add(one.segment)
            self.crossed[one.segment] = (entered + one.entered, left + (not one.entered))

    def _look_ahead(self, bench: Workbench) -> bool:
        """Foresee the next while, and all the time that nobody has looked; whether anything will
        be due."""
        span = max(AHEAD, self.clock() + AHEAD - self.foreseen)
        while True:
            end = self.foreseen + span
            try:
                found = self.foresight.look(bench, self.order.rules, self.foreseen, end)
            except TooMany:
                span = max(FINEST, span / 4)
                continue
            break
        self._remember(found.people, found.whole)
        self.foreseen = end
        return bool(found.people or found.whole)

    def _foresee(
        self,
        bench: Workbench,
        rules: Collection[LiveRule],
        start: datetime,
        end: datetime,
        people: Collection[str] | None = None,
    ) -> None:
        """Look again at a span that has been foreseen, for some segments (and people)."""
        while start < end and rules:
            upto = end
            while True:
                try:
                    found = self.foresight.look(bench, rules, start, upto, people)
                except TooMany:
                    upto = start + max(FINEST, (upto - start) / 4)
                    continue
                break
            self._remember(found.people, found.whole)
            start = upto

    def _remember(
        self, people: Iterable[tuple[datetime, str, str]], whole: Iterable[tuple[datetime, str]]
    ) -> None:
        for due, person, slug in people:
            self.timers.add(person, slug, due)
        for due, slug in whole:
            self.timers.add(everybody(due), slug, due)
