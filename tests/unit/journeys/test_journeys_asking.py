"""Branches, dates and rules are asked of a real warehouse, for all who come to them together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from enishi.book.clock import clock_set_to
from enishi.book.workspace import Workspace
from enishi.journeys.models import Enrollment
from enishi.journeys.walking import following, runner, watchdog
from loading_world import World, make_world
from walks_world import enter, make_journey, run, stories, tokyo

CATALOG = """
purposes:
  deposits: {label: {ja: 預金, en: Deposits}}
datasets:
  person:
    kind: current
    subject: person
    key: id
    source: {files: "person.csv", removes: true}
    fields: {id: {type: integer}, score: {type: integer}, due: {type: date}}
"""
FORK = {
    "fork": {
        "kind": "branch", "next": "low",
        "arms": [
            {"rule": {"field": "score", "op": "ge", "value": 80}, "next": "high"},
            {"rule": {"field": "score", "op": "ge", "value": 50}, "next": "middle"},
        ],
    },
    "high": {"kind": "wait", "duration": "1d", "next": None},
    "middle": {"kind": "wait", "duration": "1d", "next": None},
    "low": {"kind": "wait", "duration": "1d", "next": None},
}  # fmt: skip
DUE = {
    "matures": {
        "kind": "wait_date", "field": "due", "offset": "-30d", "at": "10:00", "next": "call",
        "passed_next": "late", "unset_next": "none",
    },
    "call": {"kind": "wait", "duration": "1d", "next": None},
    "late": {"kind": "wait", "duration": "1d", "next": None},
    "none": {"kind": "wait", "duration": "1d", "next": None},
}  # fmt: skip


class Bank:
    """A warehouse of a few people, and the clock that its journeys go by."""

    def __init__(self, world: World) -> None:
        self.world, self.clock = world, world.clock
        self.warehouse = SimpleNamespace(engine=world.engine, catalog=world.catalog)
        self.context = SimpleNamespace(warehouse=self.warehouse, clock=self.clock)

    def people(self, *rows: tuple[int, int, str]) -> list[str]:
        """Load people as (id, score, due); returns their Enishi ids in the order of their ids."""
        told = "\n".join(",".join(map(str, row)) for row in rows)
        self.world.put("person.csv", f"id,score,due\n{told}\n")
        self.world.load("person")
        return [row[0] for row in self.world.rows("SELECT _id FROM data.person ORDER BY id")]

    def run(self) -> None:
        run(self.clock, self.warehouse)

    def at(self, person: str) -> Any:
        return Enrollment.objects.get(person=person)


@pytest.fixture
def bank(book: Workspace, tmp_path: Path) -> Iterator[Bank]:
    found = Bank(make_world(tmp_path / "bank", CATALOG))
    with clock_set_to(found.clock):
        yield found
    found.world.engine.close()


def test_the_first_arm_that_holds_is_taken(bank: Bank) -> None:
    people = bank.people((1, 90, ""), (2, 60, ""), (3, 10, ""))
    enter(make_journey(FORK), [*people, "nobody"], bank.clock)
    bank.run()
    assert [bank.at(person).step for person in [*people, "nobody"]] == [
        "high", "middle", "low", "low",
    ]  # fmt: skip
    assert stories()[people[1]] == ["entered", "arm_1"]


def test_a_question_that_the_catalog_no_longer_fits_is_put_off_and_counted(bank: Bank) -> None:
    people = bank.people((1, 90, ""))
    arms = [{"rule": {"field": "shoe_size", "op": "ge", "value": 80}, "next": "high"}]
    enter(make_journey(FORK | {"fork": {**FORK["fork"], "arms": arms}}), people, bank.clock)
    bank.run()
    assert bank.at(people[0]).due_at == bank.clock() + runner.LATER
    bank.clock.advance(timedelta(minutes=11))
    bank.run()
    bank.clock.advance(timedelta(seconds=1))
    assert watchdog.check(bank.clock()).breaches["unanswered"] == 1


def test_an_exit_rule_is_asked_before_every_step(bank: Bank) -> None:
    rule = {"field": "score", "op": "ge", "value": 80}
    steps = {"rest": {"kind": "wait", "duration": "1d", "next": "more"},
             "more": {"kind": "wait", "duration": "1d", "next": None}}  # fmt: skip
    people = bank.people((1, 10, ""), (2, 10, ""))
    enter(make_journey(steps, exits=[{"kind": "rule", "rule": rule}]), people, bank.clock)
    bank.run()
    bank.people((1, 90, ""), (2, 10, ""))
    bank.clock.advance(timedelta(days=1))
    bank.run()
    assert [bank.at(person).end for person in people] == ["left", ""]
    assert stories()[people[1]] == ["entered", "waited"]


def due(day: str) -> datetime:
    """Ten o'clock in Tokyo thirty days before a date."""
    return tokyo(f"{date.fromisoformat(day) - timedelta(days=30)} 10:00")


def test_a_wait_on_a_date_field_follows_the_field(bank: Bank) -> None:
    people = bank.people(
        (1, 0, "2026-06-30"), (2, 0, "2026-06-30"), (3, 0, "2026-06-30"), (4, 0, ""),
        (5, 0, "2026-04-02"),
    )  # fmt: skip
    enter(make_journey(DUE), people, bank.clock)
    bank.run()
    assert [bank.at(person).step for person in people] == ["matures"] * 3 + ["none", "late"]
    assert bank.at(people[0]).due_at == due("2026-06-30")
    bank.people((1, 0, "2026-07-15"), (2, 0, "2026-04-01"), (3, 0, "2026-06-30"))
    assert sum(following.follow(bank.context)) == 2
    bank.run()
    assert bank.at(people[0]).due_at == due("2026-07-15")
    assert stories()[people[0]] == ["entered", "followed"]
    assert stories()[people[1]] == ["entered", "passed"]
    bank.clock.now = due("2026-06-30")
    bank.run()
    assert [bank.at(person).step for person in people[:3]] == ["matures", "late", "call"]


def test_dates_are_followed_every_quarter_of_an_hour(bank: Bank) -> None:
    people = bank.people((1, 0, "2026-06-30"))
    enter(make_journey(DUE), people, bank.clock)
    bank.run()
    following.run_now_and_then(bank.context)
    bank.people((1, 0, "2026-07-15"))
    bank.clock.advance(timedelta(minutes=14))
    following.run_now_and_then(bank.context)
    assert bank.at(people[0]).why == "due"
    bank.clock.advance(timedelta(minutes=1))
    following.run_now_and_then(bank.context)
    assert bank.at(people[0]).why == "facts"
