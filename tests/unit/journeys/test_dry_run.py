"""Dry runs over a made-up past: who would have come in, what would have been sent, what stopped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from enishi.journeys.dry import jobs as dry_jobs
from enishi.journeys.models import JourneyDryRun, JourneyDryWalk
from enishi.kernel.text import fold
from journeys_world import BODY, approved_template, made_journey
from lists_world import Bank

ORDERS: dict[str, Any] = BODY | {
    "entries": [{"kind": "event", "event": ["Order"], "key": "order_id"}],
    "reentry": {"kind": "per_key"},
    "start": "calm",
    "steps": {
        "calm": {"kind": "wait", "duration": "2d", "next": "where"},
        "where": {
            "kind": "branch",
            "arms": [
                {"rule": {"field": "branch", "op": "eq", "value": "本店"}, "next": "mail"},
            ],
        },
        "mail": BODY["steps"]["mail"] | {"next": "paid"},
        "paid": {
            "kind": "wait_event", "timeout": "5d", "next": "done", "timeout_next": None,
            "signal": {"kind": "event", "event": ["Payment"], "same_key": "order_id"},
        },
        "done": {"kind": "goal"},
    },
}  # fmt: skip


def happened(bank: Bank, rows: Iterable[tuple[str, str, datetime, str]]) -> None:
    """Put events into the warehouse: (event, customer number, when, order)."""
    with bank.warehouse.engine.write() as writer:
        for n, (event, person, at, order) in enumerate(rows):
            plain = at.astimezone(UTC).replace(tzinfo=None).isoformat()
            writer.execute(
                "INSERT INTO data.activity (message_id, event, event__f, ts, person, person__f,"
                " properties) VALUES (?, ?, ?, CAST(? AS TIMESTAMP), ?, ?, ?)",
                [f"m{event}{n}", event, fold(event), plain, person, fold(person),
                 f'{{"order_id": "{order}"}}'],
            )  # fmt: skip


def ago(bank: Bank, **by: float) -> datetime:
    return bank.clock() - timedelta(**by)


def played(bank: Bank, slug: str, days: int = 30, role: str = "administrator") -> dict[str, Any]:
    api = bank.api(role)
    asked = api.post(f"journeys/{slug}/dry-runs", {"days": days})
    assert asked.status_code == 202, asked.content.decode()
    assert dry_jobs.run_once(bank)
    told = api.get(f"journeys/{slug}/dry-runs/{asked.json()['id']}").json()
    assert told["state"] == "done", told
    found: dict[str, Any] = told["result"]
    return found


@pytest.fixture
def orders(sqlite_bank: Bank) -> str:
    """A journey of orders, with a past: six orders, one paid in time, one before the window."""
    bank = sqlite_bank
    approved_template(purpose="service")
    happened(
        bank,
        [
            *(("Order", f"P{n:03}", ago(bank, days=20, hours=n), f"o{n}") for n in range(1, 7)),
            ("Order", "P002", ago(bank, days=19), "o2b"),
            ("Order", "P002", ago(bank, days=18), "o2b"),  # the same order once more
            ("Payment", "P002", ago(bank, days=16), "o2"),
            ("Payment", "P004", ago(bank, days=16), "other"),
            ("Order", "P008", ago(bank, days=45), "o8"),
        ],
    )  # fmt: skip
    return made_journey(bank, ORDERS)


def test_what_would_have_happened(sqlite_bank: Bank, orders: str) -> None:
    told = played(sqlite_bank, orders)
    steps = {one["step"]: one for one in told["steps"]}
    assert (told["entered"], told["persons"], told["sampled"]) == (7, 6, False)
    assert (steps["calm"]["reached"], steps["where"]["reached"]) == (7, 7)
    assert steps["mail"]["reached"] == steps["mail"]["contacts"] == 4  # the even ones, P002 twice
    assert told["contacts"] == 4
    assert told["allowed"] + told["deferred"] + told["stopped"] == 4
    assert sum(day["entered"] for day in told["days"]) == 7
    assert len(told["days"]) == 30
    ends = {one["end"]: one["people"] for one in told["ends"]}
    assert sum(ends.values()) == 7
    assert told["sentence"].startswith("In the last 30 days 7 would have come in")


def test_the_gate_is_asked_as_of_then(sqlite_bank: Bank, orders: str) -> None:
    from enishi.gate import service

    bank = sqlite_bank
    free = played(bank, orders)
    assert (free["allowed"], free["stopped"], free["deferred"]) == (2, 0, 2)
    assert [(one["code"], one["deferred"]) for one in free["stops"]] == [("quiet_hours", 2)]
    night = next(p for p in free["people"] if p["key"] == "o4")
    told = [(line["code"], line["local"], line["sentence"]) for line in night["lines"]][3:5]
    assert told == [
        ("deferred", "2 Nov 2026, 06:00", "Put off until 2 Nov 2026, 08:00: Quiet hours."),
        ("sent", "2 Nov 2026, 08:00", 'The message was sent. On to "Wait for something".'),
    ]
    for key, days in (("o4", 25), ("o6", 1)):  # before that message, and after it
        person = next(p["person"] for p in free["people"] if p["key"] == key)
        service.do_not_contact(
            person, channel=None, until=None, reason="", at=ago(bank, days=days),
            actor=bank.actor("manager"),
        )  # fmt: skip
    held = played(bank, orders)
    assert (held["allowed"], held["stopped"], held["deferred"]) == (2, 1, 1)
    assert ("do_not_contact", 1) in [(one["code"], one["stopped"]) for one in held["stops"]]
    silent = next(p for p in held["people"] if p["key"] == "o4")
    line = next(line for line in silent["lines"] if line["code"] == "suppressed")
    assert line["sentence"].startswith("Nothing was sent:")


def test_the_same_past_plays_the_same(sqlite_bank: Bank, orders: str) -> None:
    first, again = (played(sqlite_bank, orders, days=days) for days in (30, 30))
    for one in (first, again):
        one.pop("took_ms")
    assert first == again


def test_a_hold_of_then_pauses_and_ends_walks(sqlite_bank: Bank, orders: str) -> None:
    from enishi.gate import service

    bank = sqlite_bank
    people = played(bank, orders)["people"]
    who = {p["key"]: p["person"] for p in people}
    actor = bank.actor("manager")
    service.hold(who["o4"], "complaint", until=None, reason="", at=ago(bank, days=19), actor=actor)
    service.hold(who["o6"], "deceased", until=None, reason="", at=ago(bank, days=19), actor=actor)
    told = played(bank, orders)
    ends = {one["end"]: one["people"] for one in told["ends"]}
    assert ends["held"] == 1
    assert told["inside"] == 1
    lines = {p["key"]: [line["code"] for line in p["lines"]] for p in told["people"]}
    assert lines["o4"] == ["entered", "held"]
    assert lines["o6"] == ["entered", "hold_ends"]


def test_of_very_many_a_sample_is_played(sqlite_bank: Bank, monkeypatch: Any) -> None:
    from enishi.journeys.dry import run as dry_run

    bank = sqlite_bank
    approved_template(purpose="service")
    everybody = [f"P{n:03}" for n in range(1, 41)]
    happened(bank, [("Order", who, ago(bank, days=9), f"o{who}") for who in everybody])
    slug = made_journey(bank, ORDERS)
    monkeypatch.setitem(dry_run.dry_run.__kwdefaults__, "most", 20)
    told = played(bank, slug)
    assert told["sampled"] is True
    assert 5 <= told["played"] < 40
    assert told["entered"] == 40
    assert told["sentence"].startswith("In the last 30 days about 40")
    assert "of a sample were played, and scaled to the 40 that came" in told["notes"][0]


def test_entries_by_segment_schedule_and_rule_of_now(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template(purpose="service")
    rich = {"related": "deposits", "measure": {"sum": "balance"}, "op": "gt", "value": 3_500_000}
    made = bank.api("marketer").post("segments", {"slug": "rich", "name": "大口", "rule": rich})
    assert made.status_code == 201, made.content.decode()
    entry = {"kind": "segment", "segment": "rich", "present": True}
    slug = made_journey(bank, BODY | {"entries": [entry]}, name="By segment")
    told = played(bank, slug, days=3)
    assert told["entered"] == 6  # P035 to P040, in it before the first day
    assert any("was not kept then" in note for note in told["notes"])
    daily = {"kind": "schedule", "every": "day", "at": "09:00"}
    body = BODY | {"entries": [daily], "audience": rich, "reentry": {"kind": "after_exit"}}
    told = played(bank, made_journey(bank, body, name="By schedule"), days=3)
    assert [day["entered"] for day in told["days"]] == [6, 6, 6]
    assert told["hours"][9]["contacts"] == told["allowed"] == 18 - told["stopped"]


def test_a_row_scope_limits_who_is_played_and_who_may_read(sqlite_bank: Bank, orders: str) -> None:
    bank = sqlite_bank
    whole = bank.api("marketer").post(f"journeys/{orders}/dry-runs", {"days": 30}).json()["id"]
    assert dry_jobs.run_once(bank)
    scope = {"field": "branch", "op": "eq", "value": "本店"}
    bank.api("administrator").patch("roles/manager", {"scope": scope, "pii": "high"})
    told = played(bank, orders, role="manager")
    assert (told["entered"], told["persons"]) == (4, 3)
    manager = bank.api("manager")
    assert manager.get(f"journeys/{orders}/dry-runs/{whole}").status_code == 404
    assert manager.get(f"journeys/{orders}/dry-runs").json()["total"] == 1
    assert bank.api("marketer").get(f"journeys/{orders}/dry-runs").json()["total"] == 2


def test_a_dry_run_writes_nothing_but_itself_and_can_be_cancelled(
    sqlite_bank: Bank, orders: str
) -> None:
    from enishi.gate.models import ContactMade, DecisionRecord
    from enishi.journeys.models import Enrollment
    from enishi.messages.models import Delivery

    bank, api = sqlite_bank, sqlite_bank.api("marketer")
    played(bank, orders)
    for table in (ContactMade, DecisionRecord, Enrollment, Delivery):
        assert not table.objects.exists(), table
    asked = api.post(f"journeys/{orders}/dry-runs", {"days": 10}).json()
    again = api.post(f"journeys/{orders}/dry-runs", {"days": 10}).json()
    assert asked["id"] == again["id"]
    gone = api.post(f"journeys/{orders}/dry-runs/{asked['id']}/cancel").json()
    assert gone["state"] == "cancelled"
    assert not dry_jobs.run_once(bank)


def test_one_whose_process_died_is_begun_again(sqlite_bank: Bank, orders: str) -> None:
    bank = sqlite_bank
    api = bank.api("marketer")
    asked = api.post(f"journeys/{orders}/dry-runs", {"days": 30}).json()["id"]
    JourneyDryRun.objects.filter(id=asked).update(
        state="running", worker="gone", attempt=1, lease_until=bank.clock() + timedelta(minutes=5)
    )
    assert not dry_jobs.run_once(bank)
    bank.later(timedelta(minutes=6))
    assert dry_jobs.run_once(bank)
    run = JourneyDryRun.objects.get(id=asked)
    assert (run.state, run.attempt) == ("done", 2)
    assert JourneyDryWalk.objects.filter(run=asked).count() == 7


def test_a_wording_that_nobody_could_walk_is_refused(sqlite_bank: Bank) -> None:
    slug = made_journey(sqlite_bank, BODY | {"start": None})
    refused = sqlite_bank.api("marketer").post(f"journeys/{slug}/dry-runs", {"days": 30})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_walkable")
    assert [fault["path"] for fault in refused.json()["faults"]] == ["$.start"]
