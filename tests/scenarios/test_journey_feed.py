"""Who is brought into a journey and what her walk hears: at t this happens, so she stands there."""

from __future__ import annotations

from typing import Any

import pytest

from feed_world import AFTER_EXIT, WAIT, Feeding, feeding
from listening_world import BUYERS

__all__ = ["feeding"]

ORDER: dict[str, Any] = {"kind": "event", "event": ["Order Completed"]}
CANCEL: dict[str, Any] = {"kind": "event", "event": ["Order Cancelled"]}
PER_KEY = {"kind": "per_key"}


# ── events ───────────────────────────────────────────────────────────────────────────────────────


def test_an_event_brings_her_in_once(feeding: Feeding) -> None:
    feeding.send(("P001", "Order Completed"))  # before it is live
    feeding.journey(entries=[ORDER])
    assert feeding.walks() == []
    feeding.send(("P002", "order completed"), ("P003", "Other"), message="m")
    feeding.send(("P002", "order completed"), message="m")
    assert feeding.walks() == [("P002", "", "active", "stand")]
    assert feeding.story("P002") == ["entered"]


@pytest.mark.heavy
def test_an_event_of_the_past_brings_nobody_in(feeding: Feeding) -> None:
    feeding.journey(entries=[ORDER])
    feeding.send(("P001", "Order Completed"), timestamp="2026-01-05T03:00:00Z")
    assert feeding.walks() == []


@pytest.mark.heavy
def test_nobody_is_brought_in_whom_the_warehouse_does_not_know(feeding: Feeding) -> None:
    feeding.journey(entries=[ORDER])
    feeding.send(("nobody", "Order Completed"))
    assert feeding.walks() == []


def test_the_audience_has_to_hold(feeding: Feeding) -> None:
    main = {"field": "branch", "op": "eq", "value": "本店"}
    feeding.journey(entries=[ORDER], audience=main)
    feeding.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    assert feeding.who() == ["P002"]


def test_where_asks_the_event_itself(feeding: Feeding) -> None:
    where = {"field": "path", "op": "starts_with", "value": "/loan"}
    feeding.journey(entries=[{"kind": "event", "event": ["page"], "where": where}])
    for user, path in (("P001", "/loan/house"), ("P002", "/cards")):
        feeding.send((user, "ignored"), kind="page", context={"page": {"path": path}})
    assert feeding.who() == ["P001"]


def test_an_event_ends_a_wait_for_it_and_an_exit_ends_the_walk(feeding: Feeding) -> None:
    steps = {
        "hears": {"kind": "wait_event", "signal": CANCEL, "timeout": "3d", "next": "stand"},
        "stand": WAIT,
    }
    leave = {"kind": "event", "event": ["Unsubscribed"]}
    feeding.journey(entries=[ORDER], start="hears", steps=steps, exits=[leave])
    feeding.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    feeding.later(hours=1)
    feeding.send(("P001", "Order Cancelled"))
    assert feeding.walks() == [("P001", "", "active", "stand"), ("P002", "", "active", "hears")]
    feeding.later(hours=1)
    feeding.send(("P001", "Unsubscribed"), ("P002", "Unsubscribed"))
    assert feeding.outcomes() == {"P001": "left", "P002": "left"}


def test_things_that_came_together_are_heard_in_their_order(feeding: Feeding) -> None:
    """After an outage: an entry, and what the walk then waited for, are in one batch."""
    steps = {
        "hears": {"kind": "wait_event", "signal": CANCEL, "timeout": "3d", "next": "again"},
        "again": {"kind": "wait_event", "signal": CANCEL, "timeout": "3d", "next": "stand"},
        "stand": WAIT,
    }
    feeding.journey(entries=[ORDER], start="hears", steps=steps)
    feeding.listening.send(
        ("P001", "Order Cancelled"), ("P001", "Order Completed"), ("P001", "Order Cancelled"),
        ("P002", "Order Completed"), ("P001", "Order Cancelled"), ("P002", "Order Cancelled"),
    )  # fmt: skip
    feeding.run()
    assert feeding.walks() == [("P001", "", "active", "stand"), ("P002", "", "active", "again")]
    assert feeding.story("P001") == ["entered", "heard", "heard"]


def test_each_key_has_its_walk(feeding: Feeding) -> None:
    """Two appointments, one cancelled."""
    feeding.journey(
        entries=[{"kind": "event", "event": ["Booked"], "key": "appointment.no"}],
        reentry=PER_KEY,
        exits=[{"kind": "event", "event": ["Cancelled"], "same_key": "appointment.no"}],
    )
    for number in ("A1", "A2", "A2"):
        feeding.send(("P001", "Booked"), properties={"appointment": {"no": number}})
    feeding.send(("P001", "Cancelled"), properties={"appointment": {"no": "A1"}})
    feeding.send(("P001", "Cancelled"))
    assert feeding.walks() == [("P001", "A1", "left", "stand"), ("P001", "A2", "active", "stand")]


@pytest.mark.heavy
def test_what_an_event_came_with_is_given_along(feeding: Feeding) -> None:
    from enishi.journeys.models import Enrollment

    feeding.journey(entries=[ORDER])
    told = {"no": "7", "sum": 1200, "items": ["a"], "long": "x" * 600}
    feeding.send(("P001", "Order Completed"), properties=told)
    assert Enrollment.objects.get().memory["given"] == {"no": "7", "sum": 1200}


def test_what_a_machine_did_satisfies_no_wait(feeding: Feeding) -> None:
    signal = {"kind": "event", "event": ["email_opened"]}
    steps = {
        "hears": {"kind": "wait_event", "signal": signal, "timeout": "3d", "next": "stand"},
        "stand": WAIT,
    }
    feeding.journey(entries=[ORDER], start="hears", steps=steps)
    feeding.send(("P001", "Order Completed"))
    feeding.later(minutes=1)
    feeding.send(("P001", "email_opened"), properties={"machine": True})
    assert feeding.walks() == [("P001", "", "active", "hears")]
    feeding.send(("P001", "email_opened"), properties={"machine": False})
    assert feeding.walks() == [("P001", "", "active", "stand")]


@pytest.mark.heavy
def test_reaching_the_goal_comes_before_leaving(feeding: Feeding) -> None:
    feeding.journey(entries=[CANCEL], exits=[ORDER], goal={"signals": [ORDER]})
    feeding.send(("P001", "Order Cancelled"))
    feeding.later(minutes=1)
    feeding.send(("P001", "Order Completed"))
    assert feeding.outcomes() == {"P001": "goal"}


def test_a_process_that_dies_takes_everything_in_once(
    feeding: Feeding, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enishi.journeys.feed import intake as feed
    from enishi.journeys.feed import told as feed_told

    feeding.journey(entries=[ORDER], reentry=AFTER_EXIT, exits=[CANCEL])
    for place in ("journeys.fed", "journeys.feed_committed"):
        feeding.listening.send(("P001", "Order Completed"))
        feeding.listening.run()

        def dies(name: str, place: str = place) -> None:
            if name == place:
                raise SystemExit

        monkeypatch.setattr(feed_told, "crash_point", dies)
        with pytest.raises(SystemExit):
            feed.take_in(feeding.context)
        monkeypatch.undo()
        feeding.run()
        feeding.later(minutes=1)
        feeding.send(("P001", "Order Cancelled"))
    assert feeding.walks() == [("P001", "", "left", "stand")] * 2


@pytest.mark.heavy
def test_a_journey_that_closes_takes_nobody_in(feeding: Feeding) -> None:
    from enishi.journeys.models import Journey

    feeding.journey(entries=[ORDER], exits=[CANCEL])
    feeding.send(("P001", "Order Completed"))
    Journey.objects.update(state="closing")
    feeding.later(minutes=1)
    feeding.send(("P002", "Order Completed"), ("P001", "Order Cancelled"))
    assert feeding.outcomes() == {"P001": "left"}


def test_rows_of_an_event_dataset_are_heard_when_they_are_loaded(feeding: Feeding) -> None:
    """Of those whom the way leads to, whatever their file says of the day."""
    feeding.visits("P003,2026-11-19,loan")
    loans = {"field": "about", "op": "eq", "value": "loan"}
    feeding.journey(
        entries=[{"kind": "event", "event": ["visited"], "where": loans}],
        exits=[{"kind": "event", "event": ["visited"],
                "where": {"field": "about", "op": "eq", "value": "leave"}}],
    )  # fmt: skip
    assert feeding.walks() == []
    feeding.visits(
        "P001,2026-11-20,loan", "P002,2026-11-20,card", "P003,2026-11-19,loan",
        "P004,2026-11-18,loan", "nobody,2026-11-20,loan",
    )  # fmt: skip
    assert feeding.outcomes() == {"P001": "active"}
    feeding.later(days=1)
    feeding.visits("P001,2026-11-21,leave")
    assert feeding.outcomes() == {"P001": "left"}


# ── segments ─────────────────────────────────────────────────────────────────────────────────────


def test_crossings_of_a_live_segment(feeding: Feeding) -> None:
    segments = feeding.listening.segments
    segments.make("buyers", BUYERS, live=True)
    feeding.run()
    feeding.send(*[("P009", "Order Completed")] * 2)
    feeding.later(minutes=1)
    feeding.journey(
        entries=[{"kind": "segment", "segment": "buyers"}],
        exits=[{"kind": "segment", "segment": "buyers", "crossing": "left"}],
    )
    feeding.later(seconds=1)
    feeding.send(*[("P001", "Order Completed"), ("P002", "Order Completed")] * 2)
    assert feeding.outcomes() == {"P001": "active", "P002": "active"}
    feeding.later(days=2, minutes=1)
    assert feeding.outcomes() == {"P001": "left", "P002": "left"}


@pytest.mark.heavy
def test_a_segment_that_is_not_live_is_heard_after_its_refresh(feeding: Feeding) -> None:
    rich = {"related": "deposits", "measure": {"sum": "balance"}, "op": "ge", "value": 3_950_000}
    segments = feeding.listening.segments
    segments.make("rich", rich)
    feeding.run()
    feeding.journey(
        entries=[{"kind": "segment", "segment": "rich"}],
        exits=[{"kind": "segment", "segment": "rich", "crossing": "left"}],
    )
    assert feeding.walks() == []  # P040 is inside already
    feeding.later(hours=1)
    feeding.load(balances={1: 5_000_000, 2: 5_000_000})
    feeding.run()
    assert feeding.who() == ["P001", "P002"]
    feeding.later(hours=1)
    feeding.load(balances={1: 5_000_000})
    feeding.run()
    assert feeding.outcomes() == {"P001": "active", "P002": "left"}


@pytest.mark.heavy
def test_the_first_fill_of_a_segment_is_no_entry_unless_the_present_count(
    feeding: Feeding,
) -> None:
    main = {"field": "branch", "op": "eq", "value": "本店"}
    feeding.journey("present", entries=[{"kind": "segment", "segment": "main", "present": True}])
    feeding.journey("coming", entries=[{"kind": "segment", "segment": "main"}])
    feeding.listening.segments.make("main", main)
    feeding.later(minutes=5)
    assert len(feeding.walks("present")) == 20
    assert feeding.walks("coming") == []


# ── rules ────────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_that_an_event_makes_true_ends_a_wait_at_once(feeding: Feeding) -> None:
    feeding.journey(entries=[CANCEL], goal={"signals": [{"kind": "rule", "rule": BUYERS}]})
    feeding.send(("P001", "Order Cancelled"), ("P002", "Order Cancelled"))
    feeding.later(minutes=1)
    feeding.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    feeding.send(("P001", "Order Completed"))
    assert feeding.outcomes() == {"P001": "goal", "P002": "active"}


@pytest.mark.heavy
def test_a_rule_that_a_load_makes_true_is_noticed_within_a_quarter_of_an_hour(
    feeding: Feeding,
) -> None:
    rich = {"related": "deposits", "measure": {"sum": "balance"}, "op": "ge", "value": 3_950_000}
    feeding.journey(entries=[CANCEL], exits=[{"kind": "rule", "rule": rich}])
    feeding.send(("P001", "Order Cancelled"), ("P002", "Order Cancelled"))
    feeding.later(minutes=16)
    feeding.load(balances={1: 5_000_000})
    feeding.run()
    assert feeding.outcomes() == {"P001": "active", "P002": "active"}
    feeding.later(minutes=16)
    assert feeding.outcomes() == {"P001": "left", "P002": "active"}


# ── holds, erasure ───────────────────────────────────────────────────────────────────────────────


def test_a_complaint_pauses_and_its_release_lets_go_on(feeding: Feeding) -> None:
    from enishi.gate import service as gate

    feeding.journey(entries=[ORDER], steps={"stand": {"kind": "wait", "duration": "2d"}})
    feeding.send(("P001", "Order Completed"))
    actor, clock = feeding.bank.actor("manager"), feeding.bank.clock
    held = gate.hold(feeding.id_of("P001"), "complaint", at=clock(), actor=actor)
    feeding.run()
    assert feeding.walks() == [("P001", "", "held", "stand")]
    feeding.later(days=3)
    assert feeding.walks() == [("P001", "", "held", "stand")]
    gate.release(held.id, "settled", at=clock(), actor=actor)
    feeding.run()
    assert feeding.outcomes() == {"P001": "completed"}


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["inheritance", "deceased"])
def test_inheritance_and_death_end_the_walk(feeding: Feeding, kind: str) -> None:
    from enishi.gate import service as gate

    feeding.journey(entries=[ORDER])
    feeding.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    actor, clock = feeding.bank.actor("manager"), feeding.bank.clock
    gate.hold(feeding.id_of("P001"), kind, at=clock(), actor=actor)
    feeding.run()
    assert feeding.outcomes() == {"P001": "held", "P002": "active"}


def test_a_hold_that_is_there_already_counts_on_entering(feeding: Feeding) -> None:
    from enishi.gate import service as gate

    feeding.journey(entries=[ORDER])
    actor, clock = feeding.bank.actor("manager"), feeding.bank.clock
    gate.hold(feeding.id_of("P001"), "deceased", at=clock(), actor=actor)
    gate.hold(feeding.id_of("P002"), "complaint", at=clock(), actor=actor)
    feeding.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    assert feeding.outcomes() == {"P001": "held", "P002": "held"}
    assert feeding.story("P001") == ["hold_ends"]


@pytest.mark.heavy
def test_a_hold_that_ends_by_itself_lets_go_on_within_a_minute(feeding: Feeding) -> None:
    from datetime import timedelta

    from enishi.gate import service as gate

    feeding.journey(entries=[ORDER])
    feeding.send(("P001", "Order Completed"))
    actor, clock = feeding.bank.actor("manager"), feeding.bank.clock
    until = clock() + timedelta(hours=1)
    gate.hold(feeding.id_of("P001"), "complaint", until=until, at=clock(), actor=actor)
    feeding.run()
    assert feeding.outcomes() == {"P001": "held"}
    feeding.later(minutes=62)
    assert feeding.outcomes() == {"P001": "active"}


def test_who_is_erased_walks_no_more_and_is_not_brought_back(feeding: Feeding) -> None:
    from enishi.book import about
    from enishi.sources.erasing import bury, erase_from_warehouse

    feeding.journey(entries=[ORDER], reentry=AFTER_EXIT)
    feeding.send(("P001", "Order Completed"))
    feeding.listening.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    feeding.listening.run()  # in the inbox, not taken in yet
    bank, person = feeding.bank, feeding.id_of("P001")
    engine, catalog = bank.warehouse.engine, bank.warehouse.catalog
    secret = bank.workspace.secret()
    bury(engine, catalog, secret, person, bank.clock())
    gone = erase_from_warehouse(engine, catalog, secret, person)
    assert gone["journey_inbox"] == 1
    about.erase(person)
    feeding.run()
    assert feeding.who() == ["P002"]


# ── what journeys tell ───────────────────────────────────────────────────────────────────────────


def test_what_happens_on_journeys_becomes_events(feeding: Feeding) -> None:
    steps = {
        "tell": {"kind": "update", "event": "welcomed", "values": {"stage": 2}, "next": "points"},
        "points": {"kind": "score", "score": "warmth", "points": 5, "next": "done"},
        "done": {"kind": "goal"},
    }
    feeding.journey("first", entries=[ORDER], start="tell", steps=steps)
    feeding.journey("second", entries=[{"kind": "event", "event": ["welcomed"]}])
    feeding.send(("P001", "Order Completed"))
    assert feeding.activity("welcomed") == [("P001", '{"stage":2}')]
    assert feeding.activity("score_changed") == [("P001", '{"points":5,"score":"warmth"}')]
    assert feeding.who("second") == ["P001"]
    told = [name for name in ("journey_entered", "journey_goal_reached", "journey_exited")
            for _ in feeding.activity(name)]  # fmt: skip
    assert told == ["journey_entered"] * 2 + ["journey_goal_reached", "journey_exited"]
    assert '"end":"goal"' in feeding.activity("journey_exited")[0][1]
