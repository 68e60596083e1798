"""A world played on a real book: SQLite, the warehouse, the runner, the gate, the sending lane.

What `play` does in memory is done here by the product's own functions, in the same order, and it
dies at the same places. Both must come to the same stories, the same ends of messages, and the same
number of times that each was really sent.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from campaigns.simulation.grounds import Ground, opened
from campaigns.simulation.judging import Sum, judged
from campaigns.simulation.play import Play, task_of
from campaigns.simulation.sender import LATER, answered
from campaigns.simulation.world import Happening, Look, World, world
from enishi.book.access import SYSTEM
from enishi.kernel.clock import VirtualClock


class Died(Exception):
    """As if the process had been killed: what was not committed is gone."""


@dataclass
class Told:
    """What can be compared: stories by whose walk, ends and sendings of messages by whose visit."""

    stories: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)

    def differing(self, other: Told) -> list[str]:
        """In what the book's world differs from the one in memory, in sentences."""
        kinds: list[tuple[str, Mapping[str, object], Mapping[str, object]]] = [
            ("story", self.stories, other.stories),
            ("message", self.letters, other.letters),
            ("sent", self.taken, other.taken),
        ]
        return [
            f"{what} of {name}: {theirs.get(name)} in memory, {ours.get(name)} in the book"
            for what, ours, theirs in kinds
            for name in sorted({*ours, *theirs})
            if ours.get(name) != theirs.get(name)
        ]


def told_in_memory(play: Play) -> Told:
    """What the world in memory has come to."""
    names = {number: f"{w.person}:{w.key}" for number, w in play.book.walks.items()}
    return Told(
        {
            names[number]: [(m.at, m.step, m.code, m.to, m.visit) for m in (o.move for o in lines)]
            for number, lines in play.book.story.items()
        },
        {one.name: one.state for one in play.book.letters.values()},
        Counter(
            {o.name: play.taken[o.key] for o in play.book.letters.values() if play.taken[o.key]}
        ),
    )  # fmt: skip


@dataclass
class Provider:
    """One channel's provider; it knows nothing of the book but what it has been asked before."""

    played: Booked
    channel: str
    name: str = "simulated"
    workers: int = 64

    @property
    def dedupes(self) -> bool:
        return self.channel in self.played.world.dedupes

    def prepare(self, _: object) -> bytes:
        return b"made"

    def open(self) -> Provider:
        return self

    def close(self) -> None:
        """Nothing is open."""

    def wait_for(self, _: str) -> float:
        return 0.0

    def send(self, _: bytes, outgoing: Any) -> Any:
        from enishi.messages.channels.port import Later, Refused, Sent, Unknown

        name = self.played.name_of(outgoing.key)
        if self.dedupes and self.played.taken[name]:
            return Sent("again")
        answer = answered(self.played.world, name, self.played.tries(outgoing.delivery))
        if answer in ("sent", "mute"):
            self.played.taken[name] += 1
        if answer == "busy":
            return Later("busy", LATER.total_seconds())
        if answer == "failed":
            return Refused("refused")
        return Sent("ok") if answer == "sent" else Unknown("no_answer")


class Booked:
    """One world on the book of a ground, played once."""

    def __init__(self, ground: Ground, of: World, clock: VirtualClock) -> None:
        self.world, self._ground, self._clock = of, ground, clock
        self.taken: Counter[str] = Counter()
        self._walks: dict[int, tuple[str, str]] = {}  # id: person, key
        self._entered = self._heard = self._gated = self._changed = 0
        self._told_gate = sorted(of.happenings, key=lambda one: one.at)
        self._holds: dict[str, str] = {}
        self._paused = self._moved = False
        self.journey = ground.make_journey(of)
        self._oracle = Play(of)
        self._lane: Any = None

    def name_of(self, key: str) -> str:
        _, walk, step, visit = key.split(":")
        person, entry = self._walks[int(walk)]
        return f"{person}:{entry}:{step}:{visit}"

    def tries(self, delivery: str) -> int:
        """How often it has been marked, this time included."""
        with closing(sqlite3.connect(self._ground.book, timeout=10)) as book:
            asked = "SELECT attempts FROM messages_delivery WHERE id = ?"
            return int(book.execute(asked, [delivery]).fetchone()[0])

    def run(self) -> Told:
        for look in self.world.looks:
            self._clock.now = look.at + look.skew
            try:
                with dying(look.dies):
                    self._look(look)
            except Died:
                self._drop_lane()
        self._drop_lane()
        return self._told()

    # ── one look ─────────────────────────────────────────────────────────────────────────────────

    def _look(self, look: Look) -> None:
        from enishi.journeys.walking import moving, runner

        self._surroundings(look)
        self._enter(look)
        runner.settle(self._clock)
        happenings = self.world.happenings
        while self._heard < len(happenings) and happenings[self._heard].known <= look.at:
            self._hear(happenings[self._heard])
            self._heard += 1
        self._do_tasks()
        while runner.move(self._clock, self._ground.warehouse):
            pass
        while moving.run_once(self._clock):
            pass
        self._send()

    def _surroundings(self, look: Look) -> None:
        """What others do: the files, the gate's restrictions and consents, pauses, versions."""
        from enishi.journeys import service
        from enishi.messages.sending import pauses

        due = [one for one in self.world.changes[self._changed :] if one.at <= look.at]
        self._changed += len(due)
        self._ground.change(due)
        while self._gated < len(self._told_gate) and self._told_gate[self._gated].at <= look.at:
            self._tell_gate(self._told_gate[self._gated])
            self._gated += 1
        halted = self._oracle.halted(look.at)
        if halted != self._paused:
            (service.pause if halted else service.resume)("simulated", SYSTEM)
            self._paused = halted
            while pauses.sweep():
                pass
        moved_at = self.world.moved_at
        if moved_at is not None and moved_at <= look.at and not self._moved:
            self._ground.put_newer_live(self.journey, self.world)
            self._moved = True

    def _tell_gate(self, one: Happening) -> None:
        from enishi.gate.models import Consent, Restriction

        if one.kind == "withdrawal":
            Consent.objects.create(
                person=one.person, channel=one.name, given=False, at=one.at, origin="user", by="u",
                recorded_at=one.at,
            )  # fmt: skip
        elif one.kind == "hold":
            made = Restriction.objects.create(
                type="hold", person=one.person, kind=one.name, by="u", at=one.at
            )
            self._holds[one.number] = made.id
        elif one.kind == "release":
            Restriction.objects.filter(id=self._holds[one.number]).update(released_at=one.at)

    def _enter(self, look: Look) -> None:
        from enishi.journeys.models import Enrollment
        from enishi.journeys.walking.store import Entry, enter_many

        entries = self.world.entries
        while self._entered < len(entries) and entries[self._entered].at <= look.at:
            one = entries[self._entered]
            self._entered += 1
            version = 2 if self._moved else 1
            enter_many(self.journey, version, [Entry(one.person, one.key, one.at, "api")])
            row = Enrollment.objects.get(person=one.person, key=one.key)
            self._walks[row.id] = (one.person, one.key)

    def _hear(self, one: Happening) -> None:
        from enishi.journeys.walking import rows, store

        mine = [number for number, (person, _) in self._walks.items() if person == one.person]
        told = []
        for row in rows.by_ids(mine):
            ready = self._oracle.readies[row.version]
            told += [(row.walk.id, h) for h in self._oracle.heard_as(row.walk, ready, one)]
        store.hear(told)

    def _do_tasks(self) -> None:
        from enishi.journeys.models import EnrollmentMove, JourneyTask
        from enishi.journeys.types import STAYING
        from enishi.journeys.walking import store

        told = []
        for row in JourneyTask.objects.filter(state="waiting").order_by("id"):
            moves = EnrollmentMove.objects.filter(enrollment=row.enrollment, visit=row.visit)
            if moves.exclude(code__in=[*STAYING, "mapped"]).exists():
                continue  # it has led on
            heard = task_of(
                self.world, self.name_of(row.key), row.step, row.visit, row.created_at,
                self._clock(),
            )  # fmt: skip
            if heard is not None:
                told.append((row.enrollment, heard))
        store.hear(told)

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    def _send(self) -> None:
        from enishi.messages.public.links import links_for
        from enishi.messages.sending.lane import Sending

        if self._lane is None:
            self._lane = Sending(links_for, lambda account: Provider(self, account.channel))
        lane = self._lane
        while True:
            read = False
            while lane.read_on():
                read = True
            if not lane.round() and not read:
                if not lane.busy():
                    return
                lane.wait(0.05)

    def _drop_lane(self) -> None:
        """The process ends: what its workers have in hand goes out, and nobody writes it down."""
        lane, self._lane = self._lane, None
        if lane is not None:
            for workers in list(lane._workers.values()):
                workers.close()
            lane._apart.close()

    # ── what it came to ──────────────────────────────────────────────────────────────────────────

    def _told(self) -> Told:
        from enishi.journeys.models import EnrollmentMove
        from enishi.messages.models import Delivery

        found = Told(taken=Counter({n: times for n, times in self.taken.items() if times}))
        for number, (person, key) in self._walks.items():
            lines = EnrollmentMove.objects.filter(enrollment=number).order_by("id")
            found.stories[f"{person}:{key}"] = list(
                lines.values_list("at", "step", "code", "to", "visit")
            )
        for key, state in Delivery.objects.values_list("key", "state"):
            found.letters[self.name_of(key)] = state
        return found


@contextmanager
def dying(where: str) -> Iterator[None]:
    """Let this process die at the first such place, as a unit's transaction would see it."""
    from enishi.journeys.walking import applying
    from enishi.messages.sending import lane as sending

    write, point = applying.Batch.write, sending.crash_point
    dead = False

    def written(batch: Any) -> int:
        nonlocal dead
        moves = write(batch)
        if where == "unit" and moves and not dead:
            dead = True
            raise Died
        return moves

    handed = False

    def passed(name: str) -> None:
        nonlocal handed
        if where == "answered" and name == "sending.commit" and handed:
            raise Died
        if name == "sending.marked" and passing():
            if where == "marked":
                raise Died
            handed = True

    def passing() -> bool:
        from enishi.messages.models import Delivery

        return Delivery.objects.filter(state="attempting").exists()

    applying.Batch.write = written  # type: ignore[method-assign]  # the instrument of the campaign
    sending.crash_point = passed
    try:
        yield
    finally:
        applying.Batch.write = write  # type: ignore[method-assign]  # as it was
        sending.crash_point = point


def simulate_on_book(first: int, seeds: int, fault: str = "") -> Sum:
    """Play these seeds in memory, judge them, and compare them with what a book comes to. A process
    may do so once. `fault`: what is broken in memory alone, which must be noticed."""
    found = Sum()
    with (
        TemporaryDirectory(prefix="enishi-simulation-") as folder,
        opened(Path(folder) / "bank") as ground,
    ):
        for seed in range(first, first + seeds):
            of = world(seed, sparse=True, persons=ground.persons)
            play, one = judged(of, fault)
            clock = VirtualClock(of.begins)
            with ground.anew(of, clock):
                differing = Booked(ground, of, clock).run().differing(told_in_memory(play))
            one.violations.update(["book"] * len(differing))
            one.examples += [f"seed {seed}: {told}" for told in differing]
            found.add(one)
    return found
