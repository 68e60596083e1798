"""The small bank with journeys that listen: events, segments, lists, dates, and a clock by hand.

Beside what `lists_world` gives, each person has a birth date, and each deposit a day of maturity.
Journeys are put live as rows of the book, by their bodies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from listening_world import Listening
from lists_world import CATALOG, PEOPLE, Bank, write_people
from segments_world import Segments

BORN = "      born: {type: date, label: {ja: 生年月日, en: Born}}\n"
MATURES = "      matures: {type: date, label: {ja: 満期日, en: Matures}}\n"
VISIT = """  visit:
    label: {ja: 来店, en: Visit}
    kind: event
    key: [person_id, day]
    time: {field: day, kind: occurred}
    event: {name: visited, of: {person: visits}}
    source: {files: "visit.csv"}
    fields:
      person_id: {type: string, label: {ja: 顧客番号, en: Person}}
      day: {type: date, label: {ja: 来店日, en: Day}}
      about: {type: string, label: {ja: 用件, en: About}}
relations:
  - {from: visit.person_id, to: person.person_id, name: person, inverse: visits}
"""
DATED = CATALOG.replace("      income: {type", f"{BORN}      income: {{type")
DATED = DATED.replace("      balance: {type", f"{MATURES}      balance: {{type")
DATED = DATED.replace("relations:\n", VISIT)
WAIT: dict[str, Any] = {"kind": "wait", "duration": "30d"}
AFTER_EXIT = {"kind": "after_exit"}


@dataclass
class Feeding:
    """The bank with the lanes that journeys need. `run` lets them all come to rest."""

    listening: Listening
    context: Any
    names: dict[str, str] = field(default_factory=dict)

    @property
    def bank(self) -> Bank:
        return self.listening.bank

    # ── what there is ────────────────────────────────────────────────────────────────────────────

    def journey(self, slug: str = "j", *, state: str = "live", **body: Any) -> str:
        """A journey that is live from now on; its id."""
        from enishi.journeys.graph import JourneyBody
        from enishi.journeys.models import Journey, JourneyVersion

        given = {"purpose": "deposits", "start": "stand", "steps": {"stand": WAIT}, **body}
        told = JourneyBody.model_validate(given).model_dump(mode="json", exclude_none=True)
        at = self.bank.clock()
        made = Journey.objects.create(
            slug=slug, name=slug, state=state, owner="u", created_by="u", created_at=at,
            live_since=at, state_since=at,
        )  # fmt: skip
        JourneyVersion.objects.create(
            journey=made, number=1, state="live", body=told, created_by="u", created_at=at,
            live_at=at,
        )  # fmt: skip
        self.run()
        return made.id

    def send(self, *events: tuple[str, str], **more: Any) -> None:
        """Events (customer number, name), and let them be taken in."""
        self.listening.send(*events, **more)
        self.run()

    def load(
        self,
        born: Mapping[int, str] | None = None,
        matures: Mapping[int, str] | None = None,
        balances: dict[int, int] | None = None,
    ) -> None:
        """The files anew: by person's number her birth date, and her deposit's maturity."""
        from enishi.sources.service import load

        bank = self.bank
        write_people(bank.workspace.data, balances)
        for name, column, told in (
            ("person", "born", born or {}), ("deposit", "matures", matures or {})
        ):  # fmt: skip
            path = bank.workspace.data / f"{name}.csv"
            head, *rows = path.read_text(encoding="utf-8").splitlines()
            rows = [f"{row},{told.get(n, '')}" for n, row in enumerate(rows, 1)]
            path.write_text("\n".join([f"{head},{column}", *rows]) + "\n", encoding="utf-8")
        engine, catalog = bank.warehouse.engine, bank.warehouse.catalog
        for done in load(bank.workspace, engine, catalog, ["person", "deposit"], clock=bank.clock):
            assert str(done.state) == "loaded", done

    def visits(self, *rows: str) -> None:
        """Load visits (customer number, day, what about)."""
        from enishi.sources.service import load

        bank = self.bank
        path = bank.workspace.data / "visit.csv"
        path.write_text("\n".join(["person_id,day,about", *rows]) + "\n", encoding="utf-8")
        engine, catalog = bank.warehouse.engine, bank.warehouse.catalog
        (done,) = load(bank.workspace, engine, catalog, ["visit"], clock=bank.clock)
        assert str(done.state) == "loaded", done
        self.run()

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Let all lanes run until they rest."""
        from enishi.journeys import jobs
        from enishi.journeys.feed import intake as feed
        from enishi.lists import telling

        for _ in range(100):
            self.listening.run()
            more = jobs.run_once(self.context)
            more = feed.run_slow(self.context) or more
            more = telling.run_once() or more
            if not more:
                return
        raise AssertionError("journeys do not come to rest")

    def later(self, **by: float) -> None:
        self.bank.later(timedelta(**by))
        self.run()

    def until(self, local: str) -> None:
        """Let it become a local time: `2026-11-21 09:00`."""
        at = datetime.fromisoformat(local).replace(tzinfo=self.context.warehouse.catalog.zone)
        assert at >= self.bank.clock(), "the clock runs forward"
        self.bank.clock.now = at.astimezone(self.bank.clock().tzinfo)
        self.bank.clients.clear()
        self.run()

    # ── what is so ───────────────────────────────────────────────────────────────────────────────

    def number_of(self, person: str) -> str:
        """The customer number of an Enishi id."""
        if person not in self.names:
            with self.bank.warehouse.engine.read() as question:
                self.names = dict(question.rows("SELECT _id, person_id FROM data.person"))
        return self.names.get(person, person)

    def id_of(self, number: str) -> str:
        self.number_of("")
        return next(one for one, told in self.names.items() if told == number)

    def walks(self, slug: str = "j") -> list[tuple[str, str, str, str | None]]:
        """(customer number, entry key, outcome or state, step) of every walk, in order."""
        from enishi.journeys.models import Enrollment, Journey

        rows = Enrollment.objects.filter(journey=Journey.objects.get(slug=slug).id)
        return sorted(
            (self.number_of(row.person), row.key, row.end or row.state, row.step) for row in rows
        )

    def who(self, slug: str = "j") -> list[str]:
        return [walk[0] for walk in self.walks(slug)]

    def outcomes(self, slug: str = "j") -> dict[str, str]:
        """By customer number the outcome, or the state; one walk each."""
        told = [(walk[0], walk[2]) for walk in self.walks(slug)]
        assert len({number for number, _ in told}) == len(told)
        return dict(told)

    def story(self, number: str) -> list[str]:
        """The codes of everything that happened to a person's walks."""
        from enishi.journeys.models import EnrollmentMove

        rows = EnrollmentMove.objects.filter(enrollment__person=self.id_of(number)).order_by("id")
        return [row.code for row in rows]

    def activity(self, event: str) -> list[tuple[str, str]]:
        """(customer number, properties) of the events of a name, in order."""
        with self.bank.warehouse.engine.read() as question:
            found: list[tuple[str, str]] = question.rows(
                "SELECT person, properties FROM data.activity WHERE event = ? ORDER BY person, ts",
                [event],
            )
        return found


@contextmanager
def feed_over(bank: Bank) -> Iterator[Feeding]:
    """The lanes over a bank whose catalog knows dates and visits."""
    from enishi.journeys.feed import hearing
    from enishi.live.lane import LiveLane
    from enishi.sources.own_events import let_go

    (bank.workspace.root / "catalog" / "bank.yaml").write_text(DATED, encoding="utf-8")
    bank.warehouse.close()
    bank.reopen()
    hearing.forget()
    lane = LiveLane(bank.workspace, bank.warehouse, bank.clock)
    context = SimpleNamespace(workspace=bank.workspace, warehouse=bank.warehouse, clock=bank.clock)
    found = Feeding(Listening(bank, Segments(bank), lane), context)
    try:
        found.load()
        found.run()
        yield found
    finally:
        lane.close()
        let_go()
        hearing.forget()


@pytest.fixture
def feeding(sqlite_bank: Bank) -> Iterator[Feeding]:
    """On a SQLite book."""
    with feed_over(sqlite_bank) as found:
        yield found


@pytest.fixture
def feeding_on_both(bank: Bank) -> Iterator[Feeding]:
    """On a SQLite book, then on a PostgreSQL book."""
    with feed_over(bank) as found:
        yield found


__all__ = ["AFTER_EXIT", "PEOPLE", "WAIT", "Feeding", "feeding", "feeding_on_both"]
