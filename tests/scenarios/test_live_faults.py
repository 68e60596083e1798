"""Live segments when something goes wrong beside them: faults of rules, rebuilds of the rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from enishi.live import deciding
from enishi.live.facts import Gatherer
from enishi.rules import decide
from enishi.segments import service
from enishi.sources.actions import rebuild_in
from enishi.sources.erasing import erase_from_warehouse
from listening_world import BUYERS, Listening, listening

__all__ = ["listening"]

SEERS = {"event": "Product Viewed", "during": {"last": "2d"}}


def crossings(listening: Listening) -> list[tuple[Any, ...]]:
    with listening.bank.warehouse.engine.read() as question:
        return question.rows(
            "SELECT segment, person, event, cause FROM data.crossing ORDER BY crossing_id"
        )


def drained(listening: Listening) -> int:
    with listening.bank.warehouse.engine.read() as question:
        return int(question.one("SELECT count(*) FROM data.activity"))


def test_a_rule_that_raises_stops_nobody_else(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = listening.segments
    segments.make("buyers", BUYERS, live=True)
    segments.make("seers", SEERS, live=True)
    listening.run()

    def fails(rule: Any, *given: Any) -> Any:
        if "seers" in listening.lane.live.rules and rule is listening.lane.live.rules["seers"].rule:
            raise OverflowError
        return decide(rule, *given)

    monkeypatch.setattr(deciding, "decide", fails)
    listening.send(*[("P001", "Order Completed")] * 2, ("P001", "Product Viewed"))
    listening.run()
    assert drained(listening) == 3
    assert segments.inside("buyers") == {"P001"}
    assert set(listening.lane.live.rules) == {"buyers"}
    listening.send(("P002", "Product Viewed"), ("P002", "Order Completed"))
    listening.run()
    assert drained(listening) == 5
    monkeypatch.undo()
    listening.later(minutes=11)  # it has rested, and a full refresh lets it in again
    listening.run()
    assert set(listening.lane.live.rules) == {"buyers", "seers"}
    assert segments.inside("seers") == {"P001", "P002"}
    listening.send(("P003", "Product Viewed"))
    listening.run()
    assert segments.inside("seers") == {"P001", "P002", "P003"}
    assert crossings(listening)[-1] == ("seers", "P003", "segment_entered", "event")


def test_a_fault_of_nobody_in_particular_lets_the_log_be_drained(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = listening.segments
    segments.make("seers", SEERS, live=True)
    listening.run()
    listening.send(("P001", "Product Viewed"))
    listening.run()

    def fails(*_: Any) -> Any:
        raise ValueError

    monkeypatch.setattr(Gatherer, "facts", fails)
    listening.send(("P002", "Product Viewed"))
    listening.run()
    listening.send(("P003", "Product Viewed"))
    listening.run()
    assert drained(listening) == 3
    assert listening.lane.live is None
    monkeypatch.undo()
    listening.later(seconds=31)
    listening.run()
    assert segments.inside("seers") == {"P001", "P002", "P003"}
    assert {row[1:] for row in crossings(listening)} == {
        ("P001", "segment_entered", "event"),
        ("P002", "segment_entered", "refresh"), ("P003", "segment_entered", "refresh"),
    }  # fmt: skip
    listening.send(("P004", "Product Viewed"))
    listening.run()
    assert crossings(listening)[-1] == ("seers", "P004", "segment_entered", "event")


def test_a_rebuild_moves_nobody_whom_the_log_knows(listening: Listening) -> None:
    bank, segments = listening.bank, listening.segments
    segments.make("buyers", BUYERS, live=True)
    listening.run()
    listening.send(*[(f"P{n:03}", "Order Completed") for n in range(1, 6)] * 2)
    listening.run()
    before = crossings(listening)
    assert len(before) == 5
    bank.later(timedelta(hours=1))
    assert rebuild_in(bank.workspace, bank.warehouse) == 10
    listening.run()
    assert crossings(listening) == before
    found = segments.get("buyers")
    assert (found["size"], found["live_differences"]) == (5, 0)
    listening.send(*[("P009", "Order Completed")] * 2)
    listening.run()
    assert segments.inside("buyers") == {"P001", "P002", "P003", "P004", "P005", "P009"}
    listening.later(days=1, hours=23, minutes=1)
    assert segments.inside("buyers") == {"P009"}
    listening.later(hours=2)
    assert segments.inside("buyers") == set()


def test_live_segments_take_up_what_a_rebuild_has_brought_back(listening: Listening) -> None:
    bank, segments = listening.bank, listening.segments
    segments.make("buyers", BUYERS, live=True)
    listening.run()
    listening.send(*[("P001", "Order Completed"), ("P002", "Order Completed")] * 2)
    listening.run()
    with bank.warehouse.engine.write() as writer:  # as if rows had been lost
        writer.execute("DELETE FROM data.activity WHERE person = 'P001'")
    segments.post("buyers/refresh", {"mode": "full"})
    listening.run()
    assert segments.inside("buyers") == {"P002"}
    rebuild_in(bank.workspace, bank.warehouse)
    listening.run()
    assert segments.inside("buyers") == {"P001", "P002"}
    assert crossings(listening)[-1] == ("buyers", "P001", "segment_entered", "refresh")
    listening.later(days=2, minutes=1)
    assert segments.inside("buyers") == set()


def test_no_crossing_has_the_number_of_one_that_was_erased(listening: Listening) -> None:
    bank, segments = listening.bank, listening.segments
    segments.make("seers", SEERS, live=True)
    listening.run()
    listening.send(("P001", "Product Viewed"))
    listening.run()
    engine = bank.warehouse.engine
    with engine.read() as question:
        before = question.one("SELECT max(crossing_id) FROM data.crossing")
    with engine.write() as writer:
        writer.execute("DELETE FROM data.crossing")
    listening.later(minutes=1)
    listening.lane.live = None  # as when the process begins anew
    listening.send(("P002", "Product Viewed"))
    listening.run()
    with engine.read() as question:
        assert question.one("SELECT max(crossing_id) FROM data.crossing") > before


def test_who_was_erased_is_in_nothing_and_leaves_nothing(listening: Listening) -> None:
    bank, segments = listening.bank, listening.segments
    segments.make("seers", SEERS, live=True)
    listening.run()
    listening.send(("P001", "Product Viewed"), ("P002", "Product Viewed"))
    listening.run()
    engine, catalog = bank.warehouse.engine, bank.warehouse.catalog
    with engine.read() as question:
        erased = question.one("SELECT _id FROM data.person WHERE person_id = 'P001'")
    erase_from_warehouse(engine, catalog, bank.workspace.secret(), erased)
    assert listening.lane.live.roster.sizes == {"seers": 1}
    listening.later(days=1)
    found = segments.get("seers")
    assert (found["size"], found["live_differences"]) == (1, 0)
    listening.later(days=1, minutes=1)
    assert [row[1:] for row in crossings(listening)] == [
        ("P002", "segment_entered", "event"), ("P002", "segment_left", "time")
    ]  # fmt: skip


def test_the_book_may_be_out_of_reach(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = listening.segments
    segments.make("seers", SEERS, live=True)
    listening.run()

    def fails() -> Any:
        raise OperationalError

    monkeypatch.setattr(service, "wordings_in_use", fails)
    lane = listening.lane
    lane._stamp = ()  # so that it has to ask
    listening.send(("P001", "Product Viewed"))
    lane.run()
    lane.run()
    assert drained(listening) == 1
    assert segments.inside("seers") == {"P001"}
    monkeypatch.undo()
    segments.make("buyers", BUYERS, live=True)
    listening.later(seconds=6)
    listening.run()
    assert set(lane.live.rules) == {"buyers", "seers"}
