"""Live segments decided as things happen and as time passes.

    hears(batch)    events that the drain has just appended, inside its transaction
    tick()          whatever has come due, and a look ahead
    hold(…)         an instant at which everything is decided, for a refresh to compare with

What is stored is right at `decided_at`, and stays right until the next timer as long as nothing
comes. Instants never run backwards: each decision is after the one before, and what came due in
between is decided first, at its own instant.

One lane drives it, under `lock`; a refresh of live segments takes the lock for as long as it lasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow.compute as pc

from enishi.kernel.text import fold
from enishi.live import books
from enishi.live.core import LiveCore
from enishi.live.deciding import Decided, in_order
from enishi.live.foresight import FINEST
from enishi.live.types import Cause, LiveRule
from enishi.sources.stream.loads import seal_inside
from enishi.sources.stream.types import Drained
from enishi.warehouse.duckdb_engine import Workbench

LEAD = timedelta(minutes=5)
"""How long before the end of what has been foreseen the next look is taken."""


class LiveEngine(LiveCore):
    """Decides the live segments of one warehouse; DuckDB only (see ADR 0026)."""

    def adopt(self, wanted: Iterable[LiveRule]) -> set[str]:
        """Decide these segments from now on, where a refresh has admitted this wording of them;
        returns those that none has."""
        rules = {rule.slug: rule for rule in wanted}
        with self.lock:
            with self.engine.read() as question:
                known = books.admitted(question)
            gone = [slug for slug in known if slug not in rules]
            if gone:
                with self.engine.write() as writer:
                    books.dismiss(writer, gone)
            mine = [rule for slug, rule in rules.items() if known.get(slug) == rule.version]
            before = {(rule.slug, rule.version) for rule in self.order.rules}
            now = {(rule.slug, rule.version) for rule in mine}
            if now != before:
                self.order = in_order(mine)
                for slug in set(self.roster.segments()) - set(self.rules):
                    self.roster.drop(slug)
                if now - before:
                    self.reload()
        return set(rules) - {rule.slug for rule in mine}

    # ── what happens ───────────────────────────────────────────────────────────────────────────

    def hears(self, bench: Workbench, batch: Drained) -> None:
        """Decide everybody whom new events tell of; inside the transaction that appended them.

        `settle` is to be called when it has been committed, `reload` when it has not.
        """
        self.settle()
        self._gatherer.memory.heard(batch.rows)
        if not self.order.rules:
            return
        wanted: dict[str, set[str]] = {}
        for person, names, _ in batch.subjects:
            folded = frozenset(fold(name) for name in names if name)
            for rule in self.order.rules:
                if rule.hears(self.stream.activity, folded):
                    wanted.setdefault(rule.slug, set()).add(person)
        done = self._pending = Decided()
        self.hear_loads(bench, set(pc.unique(batch.rows.column("_load")).to_pylist()))
        at = self._reach(bench, self._next(), done)
        self._decide(bench, wanted, at, Cause.EVENT, done)

    def unheard(self) -> bool:
        """Whether events have come that this was not told of."""
        with self.engine.read() as question:
            hearing = [s for s, rule in self.rules.items() if self.stream.activity in rule.heard]
            return bool(books.unheard(question, self.stream.activity, hearing))

    def tick(self) -> bool:
        """Decide what has come due by now and look ahead; whether there was anything to do."""
        with self.lock:
            self.settle()
            now, did = self.clock(), False
            while self.order.rules and self.foreseen < now + LEAD:
                with self.engine.workbench() as bench:
                    did = self._look_ahead(bench) or did
                due = self.timers.next()
                if due is not None and due <= now:
                    self._advance(min(now, self.foreseen))
            due = self.timers.next()
            if due is not None and due <= now:
                self._advance(now)
                did = True
            return did

    def next_due(self) -> datetime | None:
        """When `tick` has to be called again at the latest; None: there is nothing to wait for."""
        if not self.order.rules:
            return None
        due = self.timers.next()
        look = self.foreseen - LEAD
        return look if due is None else min(due, look)

    def forget(self, person: str) -> None:
        """Somebody's stays have been deleted: she is in nothing, without having left anything."""
        with self.lock:
            # A row that others share stays, pointing to her no longer: no number tells of that.
            self._gatherer.memory.forget()
            for slug in self.rules:
                self.roster.put(slug, person, inside=False)
                self.timers.put(person, slug, None)

    # ── beside refreshes ───────────────────────────────────────────────────────────────────────

    def mark(self, *, sealing: bool = False) -> datetime:
        """Decide all that is due, and tell the log of refreshes how far this has come; returns the
        last instant decided. `sealing`: what has streamed until then is told as loaded. Under
        `lock`."""
        self.settle()
        with self._transaction() as (bench, done):
            at = self._reach(bench, self._next(), done)
            for slug in sorted(self.timers.whole(at + FINEST)):  # decided in steps, not yet now
                self._everybody(bench, slug, at, done)
            self._absorb(done)
            at = max(at, self.decided)
            versions = {rule.slug: rule.version for rule in self.order.rules}
            names = {rule.slug: rule.rule.segments for rule in self.order.rules}
            if sealing:
                seal_inside(bench, at.astimezone(UTC).replace(tzinfo=None))
            streams = (self.stream.activity, self.stream.crossing)
            sizes = dict(self.roster.sizes)
            books.mark(bench, sizes, versions, names, self.crossed, streams, at)
            self.decided = at
            self._keep_decided(bench, done)
        self.crossed.clear()
        return at

    def follow(self, wanted: Mapping[str, LiveRule], refreshed: Mapping[str, datetime]) -> None:
        """Go on from what a refresh has left of these segments (by slug its instant). Under
        `lock`, before anything else is decided."""
        with self.engine.read() as question:
            known = books.admitted(question)
            self.decided = books.decided_at(question) or self.decided
            there = set(self.roster.segments())
            mine = {s: rule for s, rule in wanted.items() if known.get(s) == rule.version}
            crossed: dict[str, dict[str, bool]] = {}
            for slug in mine:
                if slug not in there:
                    self.roster.replace(slug, books.members(question, [slug])[slug])
                elif slug in refreshed:
                    crossed[slug] = books.crossed_at(question, slug, refreshed[slug])
        for slug, people in crossed.items():
            for person, inside in people.items():
                self.roster.put(slug, person, inside=inside)
        for slug in there - set(mine):
            self.roster.drop(slug)
        self.order = in_order(mine.values())
        again = [rule for rule in self.order.rules if rule.slug in refreshed]
        with self._transaction() as (bench, done):
            self._foresee(bench, again, self.decided, self.foreseen)
            heard = self._hear(
                (slug, person, inside)
                for slug, people in crossed.items() for person, inside in people.items()
            )  # fmt: skip
            self._decide(bench, heard, self._reach(bench, self._next(), done), Cause.EVENT, done)
