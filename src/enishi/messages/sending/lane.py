"""The sending lane: what is due is asked of the gate, marked, and handed to the free workers.

    read ahead (`ahead`) ──▶ ready ──▶ one unit a round:                       ──▶ workers
                                        write what the last ones came to             │
                                        who is still queued, not paused, not stopped │
                                        the gate: decide, count, keep                │
                                        mark `attempting` what free workers take     │
                                  ▲                                                  │
                                  └───────────────── outcomes ◀──────────────────────┘

No more is ever `attempting` than there are workers. Between the commit of that mark and the commit
of the outcome a crash leaves it so; `recover` then asks the channel: a provider that recognises our
key is asked again, any other leaves an unknown end, which is listed and never sent again by itself.
"""

from __future__ import annotations

import logging
import math
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import DatabaseError, DataError, close_old_connections, connections
from django.db.utils import InterfaceError

from enishi.book.access import SYSTEM
from enishi.book.clock import now
from enishi.book.faults import kind_and_place
from enishi.book.unit import crash_point, work
from enishi.gate import slots
from enishi.gate.types import Facts
from enishi.kernel.errors import EnishiError
from enishi.kernel.ids import new_id
from enishi.messages.channels.port import Unknown
from enishi.messages.deliveries.service import lock_walks, on_postgresql, tell_finished
from enishi.messages.sending import claiming, one_address, recovering
from enishi.messages.sending.ahead import Ahead, Ready
from enishi.messages.sending.apart import Apart, share
from enishi.messages.sending.claiming import End, Queue
from enishi.messages.sending.handing import Workers
from enishi.messages.sending.hands import Hands, Place, places
from enishi.messages.sending.making import MakeChannel, MakeLinks
from enishi.messages.sending.rounds import (
    Handed,
    Round,
    ask,
    settle,
    stop,
    stop_withdrawn,
    suppressed,
)
from enishi.messages.types import DeliveryState

ROUND_MOST = 64
"""Candidates that are asked of the gate in one round, so that a unit stays short."""

LOOKED_PAST = 512
"""So many whose address has to wait are looked past for others."""

_RENEW_SECONDS = 15.0
_log = logging.getLogger("enishi.sending")


class Sending:
    """The lane of one process. `round` belongs to one thread, `read_on` to another."""

    def __init__(self, links: MakeLinks, channel: MakeChannel) -> None:
        self.worker = f"{socket.gethostname()[:20]}:{os.getpid()}:{new_id('w')[-8:]}"
        self._hands = Hands()
        self._apart = Apart(self._hands.told_apart)
        self.ahead = Ahead(links, channel, self._apart)
        self._channel = channel
        self._workers: dict[tuple[str, str], Workers[Ready]] = {}
        self._renewed = time.monotonic()
        self._recovered = 0.0
        self._share = 1.0  # of those asked about, how many the gate lets go
        self._doubtful = True  # whether the book may hold marks of ours that we do not know of

    # ── reading ahead ────────────────────────────────────────────────────────────────────────────

    def read_on(self) -> bool:
        """Make ready what is due next; whether there was anything."""
        return self.ahead.fill()

    # ── a round ──────────────────────────────────────────────────────────────────────────────────

    def round(self) -> bool:
        """Write what came of the last ones and hand over the next; whether anything was done.

        Whatever fails, nothing of it may count, or all: the next round looks what the book says.
        """
        try:
            return self._round()
        except DataError as error:
            self._doubtful = True
            self.ahead.forget()
            if not self._hands.unwritten:
                raise
            _log.error("outcomes are written one by one: %s", kind_and_place(error))
            self._write_one_by_one()
            return True
        except Exception:
            self._doubtful = True
            self.ahead.forget()
            close_old_connections()
            raise

    def _round(self) -> bool:
        recovered = self._recover()
        self._hands.collect()
        if self._hands.linger():
            return False
        chosen = [] if claiming.all_held() else self._choose()
        if not chosen and not self._hands.unwritten:
            return recovered
        unit = Round(now())
        facts = self._facts(chosen, unit.at)
        with work("sending.round"):
            claiming.hold_off()
            touched = [ready for _, ready in chosen] + [one.ready for one in self._hands.unwritten]
            lock_walks(ready.claim.enrollment for ready in touched)
            self._write_outcomes(unit)
            self._take(chosen, facts, unit)
            self._write(unit)
            crash_point("sending.commit")
        crash_point("sending.marked")
        self._after(chosen, unit)
        return True

    def wait(self, seconds: float) -> None:
        """Wait until what has come back is worth a round, or so long."""
        self._hands.wait(seconds)

    def busy(self) -> bool:
        """Whether anything is in hand, or ready to be."""
        return bool(self._hands.holding or self.ahead.queues())

    def close(self) -> None:
        """Let every worker finish, and write what it came to."""
        for workers in self._workers.values():
            workers.close()
        self._apart.close()
        self._hands.collect()
        if self._hands.unwritten:
            unit = Round(now())
            try:
                with work("sending.close"):
                    lock_walks(one.ready.claim.enrollment for one in self._hands.unwritten)
                    self._write_outcomes(unit)
                    self._write(unit)
            except (DatabaseError, InterfaceError, EnishiError) as error:
                _log.error("outcomes could not be written at the end: %s", kind_and_place(error))
        connections.close_all()

    def _workers_of(self, ready: Ready) -> Workers[Ready]:
        account = ready.account
        known = (account.id, account.stamp)
        found = self._workers.get(known)
        if found is None:
            for old in [key for key in self._workers if key[0] == account.id]:
                threading.Thread(target=self._workers.pop(old).close).start()
            found = self._workers[known] = Workers(
                self._channel(account), self._hands.told, connections.close_all
            )
        return found

    # ── which ────────────────────────────────────────────────────────────────────────────────────

    def _choose(self) -> list[tuple[Queue, Ready]]:
        """Candidates for the free workers, more than those where the gate stops many; the highest
        priority first."""
        chosen: list[tuple[Queue, Ready]] = []
        busy = self._hands.busy()
        for queue_ in self.ahead.queues():
            first = self.ahead.take(queue_, 1)
            if not first:
                continue
            account = first[0].account.id
            free = self._workers_of(first[0]).channel.workers - busy[account, None]
            if on_postgresql():
                free -= claiming.attempted_by_others(queue_, self.worker)
            if free <= 0 or self._hands.is_quiet(account):
                self.ahead.put_back(queue_, first)
                continue
            busy[account, None] += free  # two queues may lead to one account
            most = math.ceil(free / self._share)
            chosen += [(queue_, one) for one in self._fitting(queue_, first, most)]
        chosen.sort(key=lambda item: -item[1].claim.priority)
        return chosen

    def _fitting(self, queue_: Queue, first: list[Ready], most: int) -> list[Ready]:
        """Of the first ones those that may go to their address now, as rates allow."""
        channel = self._workers_of(first[0]).channel
        fitting: list[Ready] = []
        slow: list[Ready] = []
        some = first + self.ahead.take(queue_, min(ROUND_MOST, most) - 1)
        while some:
            for one in some:
                waits = one.sendable and channel.wait_for(one.address) > 0
                (slow if waits else fitting).append(one)
            wanted = min(ROUND_MOST, most) - len(fitting)
            some = self.ahead.take(queue_, wanted) if len(slow) < LOOKED_PAST and wanted else []
        self.ahead.put_back(queue_, slow)
        return fitting

    def _facts(self, chosen: Sequence[tuple[Queue, Ready]], at: datetime) -> dict[str, Facts]:
        asks = [ask(ready.claim) for _, ready in chosen if ready.sendable]
        return slots.facts_for_many(asks, at=at, actor=SYSTEM)

    # ── the unit ─────────────────────────────────────────────────────────────────────────────────

    def _take(
        self, chosen: Sequence[tuple[Queue, Ready]], facts: dict[str, Facts], unit: Round
    ) -> None:
        """Decide about the candidates until every free worker has one."""
        rest = self._standing(chosen, unit)
        busy = self._hands.busy()
        free: Counter[Place] = Counter()
        for _, ready in rest:
            workers = self._workers_of(ready).channel.workers
            for place in places(ready):
                most = workers if place[1] is None else share(workers, place[1])
                free[place] = most - busy[place]
        while rest:
            some: list[tuple[Queue, Ready]] = []
            later: list[tuple[Queue, Ready]] = []
            room = Counter(free)
            for queue_, ready in rest:
                fits = all(room[place] > 0 for place in places(ready))
                for place in places(ready) if fits else ():
                    room[place] -= 1
                (some if fits else later).append((queue_, ready))
            if not some:
                return
            asks = [ask(ready.claim) for _, ready in some]
            answers = slots.take_many(asks, facts, at=unit.at, actor=SYSTEM)
            for (queue_, ready), (decision, decided) in zip(some, answers, strict=True):
                if decision.allowed:
                    for place in places(ready):
                        free[place] -= 1
                    ready.decision = decided
                    unit.given.append(ready)
                    tries = ready.claim.attempts + 1
                    unit.marks.append((ready.claim.id, decided, ready.digest, tries))
                else:
                    unit.passed.append((queue_, ready.claim.id))
                    stop(unit, ready, decision, decided)
            allowed = sum(decision.allowed for decision, _ in answers) / len(answers)
            self._share = max(0.1, 0.9 * self._share + 0.1 * allowed)
            rest = later

    def _standing(
        self, chosen: Sequence[tuple[Queue, Ready]], unit: Round
    ) -> list[tuple[Queue, Ready]]:
        """The candidates that may still be attempted, as the book has it in this unit."""
        queued = claiming.still_queued([ready.claim.id for _, ready in chosen])
        holds = claiming.pauses_in_force()
        digests: dict[str, list[str]] = {}
        for queue_, ready in chosen:
            digests.setdefault(queue_[0], []).append(ready.digest)
        bad = claiming.stopped_addresses(digests)
        moved = [
            (ready.claim.id, ready.claim.send, ready.digest)
            for _, ready in chosen
            if ready.claim.send and ready.digest and ready.claim.id in queued
            and queued[ready.claim.id][2] != ready.digest
        ]  # fmt: skip
        same = one_address.taken_addresses(moved) if moved else set()
        standing: list[tuple[Queue, Ready]] = []
        for queue_, ready in chosen:
            claim = ready.claim
            reason = bad.get((queue_[0], ready.digest), "")
            if claim.id not in queued:
                unit.passed.append((queue_, claim.id))
            elif not holds.isdisjoint((("send", claim.send), ("journey", claim.journey))):
                unit.passed.append((queue_, claim.id))
                unit.held.append(claim.id)
            elif ready.suppressed or reason or claim.id in same:
                said = ready.suppressed or (f"address.{reason}" if reason else "same_address")
                unit.passed.append((queue_, claim.id))
                unit.ends.append(suppressed(ready, said))
                unit.stood_down.append((claim.send, queued[claim.id][2]))
            elif ready.failed:
                unit.passed.append((queue_, claim.id))
                unit.ends.append(
                    End(claim, DeliveryState.FAILED, ready.failed, address=ready.digest)
                )
            else:
                standing.append((queue_, ready))
        return standing

    def _write_outcomes(self, unit: Round) -> None:
        """What came of the ones handed over: only of those the book still has as ours."""
        handed = {one.ready.claim.id: one for one in self._hands.unwritten}
        ours = claiming.mine(list(handed), self.worker)
        for id_, one in handed.items():
            if id_ in ours:
                settle(unit, one.ready, one.outcome, self._dedupes(one.ready))

    def _write_one_by_one(self) -> None:
        """What the book does not take of one provider's answer is no reason to forget the others,
        or to try it for ever: that one has an unknown end."""
        for one in list(self._hands.unwritten):
            try:
                self._write_one(one)
            except DataError:
                self._write_one(replace(one, outcome=Unknown("unreadable")), dedupes=False)
        self._after([], Round(now()))

    def _write_one(self, one: Handed, *, dedupes: bool | None = None) -> None:
        unit, claim = Round(now()), one.ready.claim
        with work("sending.outcome"):
            claiming.hold_off()
            lock_walks([claim.enrollment])
            if claiming.mine([claim.id], self.worker):
                known = self._dedupes(one.ready) if dedupes is None else dedupes
                settle(unit, one.ready, one.outcome, known)
            self._write(unit)

    def _dedupes(self, ready: Ready) -> bool:
        return self._workers_of(ready).channel.dedupes

    def _write(self, unit: Round) -> None:
        stop_withdrawn(unit)
        slots.give_back_many(unit.back, at=unit.at)
        claiming.mark_held(unit.held)
        claiming.put_off(unit.off)
        unit.finished = claiming.finish(unit.ends, at=unit.at)
        claiming.mark_attempting(unit.marks, self.worker, at=unit.at)
        one_address.stand_in(unit.stood_down, at=unit.at)
        tell_finished(unit.finished)

    # ── after the commit ─────────────────────────────────────────────────────────────────────────

    def _after(self, chosen: Sequence[tuple[Queue, Ready]], unit: Round) -> None:
        done: dict[Queue, list[str]] = {}
        for ready in self._hands.written():
            done.setdefault((ready.claim.channel, ready.claim.sender), []).append(ready.claim.id)
        for queue_, id_ in unit.passed:
            done.setdefault(queue_, []).append(id_)
        for queue_, ids in done.items():
            self.ahead.done(queue_, ids)
        passed = {id_ for _, id_ in unit.passed}
        gone = [ready.seated for _, ready in chosen if ready.claim.id in passed]
        self._apart.drop([one for one in gone if one is not None])
        self._give_back(chosen, {ready.claim.id for ready in unit.given} | passed)
        self._hands.take(unit.given)
        apart = [ready.seated for ready in unit.given]
        self._apart.give([one for one in apart if one is not None])
        for ready in unit.given:
            if ready.seat is None:
                self._workers_of(ready).give(ready)

    def _give_back(self, chosen: Sequence[tuple[Queue, Ready]], used: set[str]) -> None:
        by_queue: dict[Queue, list[Ready]] = {}
        for queue_, ready in chosen:
            if ready.claim.id not in used:
                by_queue.setdefault(queue_, []).append(ready)
        for queue_, items in by_queue.items():
            self.ahead.put_back(queue_, items)

    # ── what the dead left ───────────────────────────────────────────────────────────────────────

    def _recover(self) -> bool:
        """At the start, after a failed unit and every few seconds: deliveries marked by a process
        that is gone, and marks of our own whose commit was not answered. Whether there were."""
        clock = time.monotonic()
        if self._hands.holding and clock - self._renewed > _RENEW_SECONDS:
            self._renewed = clock
            recovering.renew(self.worker, at=now())
        if not self._doubtful and clock - self._recovered < _RENEW_SECONDS:
            return False
        alone = self._recovered == 0.0 and not on_postgresql()
        unit = Round(now())
        with work("sending.recover"):
            recovering.look(
                unit, self.worker, self._hands.holding.keys(), self._channel, everyone=alone
            )
            self._write(unit)
        self._recovered, self._doubtful = clock, False
        if unit.ends:
            _log.warning("%d deliveries have an unknown end", len(unit.ends))
        return bool(unit.ends or unit.off)
