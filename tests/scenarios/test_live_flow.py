"""Live segments from the log to the book: made live over the API, drained, decided, compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from listening_world import BUYERS, Listening, listening
from segments_world import MAIN, numbers

__all__ = ["listening"]


def test_an_event_lets_somebody_in_and_time_lets_her_out(listening: Listening) -> None:
    bank, segments = listening.bank, listening.segments
    made = segments.make("buyers", BUYERS, live=True)
    assert (made["live"], made["live_since"], made["live_differences"]) == (True, None, None)
    listening.run()
    assert segments.get("buyers")["live_since"] is not None
    listening.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    listening.run()
    assert segments.inside("buyers") == set()
    bank.later(timedelta(hours=1))
    listening.send(("P001", "order completed"))
    listening.run()
    assert segments.inside("buyers") == {"P001"} == segments.true_of(BUYERS)
    listening.later(days=1, hours=22, minutes=59)
    assert segments.inside("buyers") == {"P001"}
    listening.later(minutes=2)
    assert segments.inside("buyers") == set()
    with bank.warehouse.engine.read() as question:
        told = question.rows("SELECT person, event, cause FROM data.crossing ORDER BY crossing_id")
    assert told == [("P001", "segment_entered", "event"), ("P001", "segment_left", "time")]


def test_the_nightly_refresh_finds_nobody(listening: Listening) -> None:
    segments = listening.segments
    segments.make("buyers", BUYERS, live=True)
    segments.make("near", {"all": [{"segment": "buyers"}, MAIN]}, live=True)
    listening.run()
    listening.send(*[(f"P{n:03}", "Order Completed") for n in range(1, 11)] * 2)
    listening.run()
    assert segments.inside("buyers") == numbers(1, 10)
    assert segments.inside("near") == {f"P{n:03}" for n in range(2, 11, 2)}
    listening.later(days=1)
    for slug in ("buyers", "near"):
        found = segments.get(slug)
        assert found["live_differences"] == 0
        assert found["size"] == len(segments.inside(slug))


def test_a_difference_is_counted_and_mended(listening: Listening) -> None:
    """The negative control: what somebody else changed is found by the full refresh."""
    bank, segments = listening.bank, listening.segments
    segments.make("buyers", BUYERS, live=True)
    listening.run()
    listening.send(*[("P001", "Order Completed")] * 2)
    listening.run()
    with bank.warehouse.engine.write() as writer:
        writer.execute("DELETE FROM enishi.memberships")
    segments.post("buyers/refresh", {"mode": "full"})
    listening.run()
    assert segments.get("buyers")["live_differences"] == 1
    assert segments.inside("buyers") == {"P001"}


def test_a_load_moves_live_segments_too(listening: Listening) -> None:
    bank, segments = listening.bank, listening.segments
    rich = {"related": "deposits", "measure": {"sum": "balance"}, "op": "ge", "value": 3_950_000}
    segments.make("rich", rich, live=True)
    segments.make("rich-buyers", {"all": [{"segment": "rich"}, BUYERS]}, live=True)
    listening.run()
    listening.send(*[("P001", "Order Completed"), ("P040", "Order Completed")] * 2)
    listening.run()
    assert segments.inside("rich-buyers") == {"P040"}
    bank.load(balances={1: 5_000_000})
    listening.run()
    assert segments.inside("rich") == {"P001", "P040"}
    assert segments.inside("rich-buyers") == {"P001", "P040"}


def test_a_new_wording_and_turning_it_off(listening: Listening) -> None:
    segments = listening.segments
    segments.make("buyers", BUYERS, live=True)
    listening.run()
    listening.send(("P001", "Order Completed"))
    listening.run()
    segments.post("buyers/versions", {"rule": {"event": "Order Completed"}})
    assert segments.get("buyers")["live_since"] is None
    listening.run()
    assert segments.inside("buyers") == {"P001"}
    listening.send(("P002", "Order Completed"))
    listening.run()
    assert segments.inside("buyers") == {"P001", "P002"}
    answer = listening.bank.api("manager").patch("segments/buyers", {"live": False})
    assert answer.json()["live"] is False
    listening.send(("P003", "Order Completed"))
    listening.run()
    assert segments.inside("buyers") == {"P001", "P002"}


def test_what_is_not_live_follows_what_it_names(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    from enishi.live import lane

    monkeypatch.setattr(lane, "FOLLOW_SECONDS", 0.0)
    segments = listening.segments
    segments.make("buyers", BUYERS, live=True)
    segments.make("others", {"not": {"segment": "buyers"}})
    listening.run()
    listening.send(*[("P001", "Order Completed")] * 2)
    listening.run()
    listening.bank.later(timedelta(seconds=1))
    listening.lane.tell()
    segments.run()
    assert segments.inside("others") == numbers(2, 40)


def test_copies_and_strangers_change_nothing(listening: Listening) -> None:
    segments = listening.segments
    segments.make("buyers", BUYERS, live=True)
    listening.run()
    listening.send(("P001", "Order Completed"), message="once")
    listening.send(("P001", "Order Completed"), message="once")
    listening.send(("nobody", "Order Completed"), ("nobody", "Order Completed"))
    listening.run()
    assert segments.inside("buyers") == set()


def test_events_that_come_another_way_are_refreshed(listening: Listening) -> None:
    """Replayed letters are a load of their own that live deciding is not told of."""
    bank, segments = listening.bank, listening.segments
    segments.make("buyers", {"event": "Order Completed"}, live=True)
    listening.run()
    listening.send(("P001", "Order Completed"))
    listening.run()
    bank.later(timedelta(minutes=1))
    with bank.warehouse.engine.write() as writer:
        writer.execute(
            "INSERT INTO enishi.loads (id, dataset, state, started_at, changed, removed)"
            " VALUES ('load_zzz', 'activity', 'loaded', now()::TIMESTAMP, 0, 0)"
        )
        writer.execute(
            "INSERT INTO data.activity (message_id, event, event__f, ts, person, person__f, _load)"
            " SELECT 'again', event, event__f, ts, 'P005', 'p005', 'load_zzz' FROM data.activity"
        )
    listening.run()
    assert segments.inside("buyers") == {"P001", "P005"}


def test_an_alias_that_comes_later_counts_backwards(listening: Listening) -> None:
    segments = listening.segments
    segments.make("buyers", BUYERS, live=True)
    listening.run()
    listening.send(("", "Order Completed"), ("", "Order Completed"), anonymousId="a1", userId="")
    listening.run()
    assert segments.inside("buyers") == set()
    listening.send(("P007", ""), kind="identify", anonymousId="a1")
    listening.run()
    assert segments.inside("buyers") == {"P007"}


@pytest.mark.parametrize("kind", ["snapshot", "ranked"])
def test_only_what_a_rule_alone_decides_is_live(listening: Listening, kind: str) -> None:
    rank = {"rank": {"value": {"related": "deposits"}, "n": 3}} if kind == "ranked" else {}
    body = {"slug": "x", "name": "x", "rule": MAIN, "kind": kind, "live": True} | rank
    answer = listening.bank.api("manager").post("segments", body)
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["faults"]] == ["not_live"]


def test_live_travels_as_code(listening: Listening, tmp_path: Any) -> None:
    from enishi.segments import as_code

    segments = listening.segments
    segments.make("buyers", BUYERS, live=True)
    actor = listening.bank.actor("administrator")
    (path,) = as_code.export(tmp_path, actor)
    assert "live: true" in path.read_text()
    assert [one.what for one in as_code.apply([path], actor)] == ["unchanged"]
    path.write_text(path.read_text().replace("live: true\n", ""))
    assert [one.what for one in as_code.apply([path], actor)] == ["changed"]
    assert segments.get("buyers")["live"] is False
