"""Crossings in the warehouse, asked for and streamed: in order, in scope, bounded."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from enishi.book.access import SYSTEM, Actor
from enishi.book.models import AuditRow
from enishi.kernel.errors import Unavailable
from enishi.live import crossing_stream, crossings, following
from enishi.live.crossing_stream import MOST_EACH, MOST_STREAMS, Stream, open_streams
from enishi.live.types import Cause, Crossing
from lists_world import Bank

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
MAIN = {"field": "branch", "op": "eq", "value": "本店"}


def cross(bank: Bank, number: int, *people: str, segment: str = "vip", entered: bool = True) -> int:
    """Write crossings as the engine does; returns the last number given."""
    engine, catalog = bank.warehouse.engine, bank.warehouse.catalog
    ids = {person: bank.warehouse.find(person, actor=SYSTEM) for person in people}
    rows = [Crossing(segment, ids[one], one, AT, entered, Cause.EVENT) for one in people]
    with engine.workbench() as bench, bench.transaction():
        dataset = catalog.datasets[catalog.stream.crossing]
        if not engine.exists(bench, dataset):
            engine.create(bench, dataset)
        return crossings.write(bench, catalog, rows, number, "lod_x")


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(crossing_stream, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(crossing_stream, "HEARTBEAT", 0.3)
    yield
    assert open_streams() == 0
    thread = crossing_stream._follower.thread
    if thread is not None:
        thread.join(10)


def events(chunks: list[bytes]) -> list[dict[str, Any]]:
    found = [line for chunk in chunks for line in chunk.decode().split("\n")]
    return [json.loads(line[6:]) for line in found if line.startswith('data: {"')]


def read(stream: Stream, count: int) -> list[dict[str, Any]]:
    """The next crossings of a stream; heartbeats are passed over."""
    told: list[dict[str, Any]] = []
    while len(told) < count:
        told += events([next(stream)])
    return told


def test_crossings_are_asked_for_in_order_in_scope_and_masked(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    assert bank.warehouse.newest_crossing() == ""
    assert bank.warehouse.crossings(actor=SYSTEM) == []
    number = cross(bank, 0, "P001", "P002", "P003")
    cross(bank, number, "P001", segment="other", entered=False)
    found = following.since("", 10)
    assert [int(one.id) for one in found] == [1, 2, 3, 4]
    assert found[3].event == "segment_left"
    assert found[0].at == AT
    assert [int(one.id) for one in following.since(found[1].id, 1)] == [3]
    assert following.newest() == found[3].id

    main = Actor("usr_x", "manager", scope=MAIN, pii="none")
    rows = bank.warehouse.crossings(actor=main, newest=True, named=True)
    assert [(row["key"], row["display"]) for row in rows] == [("P002", "顧＊")]
    rows = bank.warehouse.crossings(actor=SYSTEM, segments=["other"], named=True)
    assert [(row["key"], row["display"]) for row in rows] == [("P001", "顧客 001")]
    assert bank.warehouse.crossings(actor=SYSTEM, segments=[]) == []


def test_a_stream_tells_what_crosses_and_goes_on_where_it_broke_off(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    number = cross(bank, 0, "P001")
    stream = Stream(SYSTEM, ["vip"], "")
    opened = next(stream).decode()
    assert f"id: {1:020}" in opened
    number = cross(bank, number, "P002", "P003")
    number = cross(bank, number, "P004", segment="other")
    number = cross(bank, number, "P005", entered=False)
    told = read(stream, 3)
    assert [int(one["crossing_id"]) for one in told] == [2, 3, 5]
    assert told[2]["event"] == "segment_left"
    assert set(told[0]) == {"crossing_id", "event", "at", "segment", "cause", "id"}
    stream.close()
    cross(bank, number, "P006")
    again = Stream(SYSTEM, None, told[1]["crossing_id"])
    assert [int(one["crossing_id"]) for one in read(again, 3)] == [4, 5, 6]
    again.close()


def test_a_stream_shows_only_people_in_ones_scope(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    number = cross(bank, 0, "P001")
    main = Actor("usr_x", "manager", scope=MAIN)
    stream, other = Stream(main, None, ""), Stream(SYSTEM, None, "")
    next(stream), next(other)
    cross(bank, number, "P007", "P008", "P009", "P010")
    assert len(read(other, 4)) == 4
    assert [int(one["crossing_id"]) for one in read(stream, 2)] == [3, 5]
    stream.close()
    other.close()


def test_streams_are_bounded_and_each_place_is_given_back(sqlite_bank: Bank) -> None:
    cross(sqlite_bank, 0, "P001")
    mine = [Stream(Actor("usr_a", "manager"), None, "") for _ in range(MOST_EACH)]
    with pytest.raises(Unavailable) as refused:
        Stream(Actor("usr_a", "manager"), None, "")
    assert refused.value.code == "too_many_streams"
    rest = [Stream(Actor(f"usr_{n}", "manager"), None, "") for n in range(MOST_STREAMS - MOST_EACH)]
    with pytest.raises(Unavailable):
        Stream(Actor("usr_z", "manager"), None, "")
    mine[0].close()
    mine[0].close()
    next(again := Stream(Actor("usr_z", "manager"), None, ""))
    for stream in (*mine, *rest, again):
        stream.close()


def test_a_stream_ends_by_itself(sqlite_bank: Bank) -> None:
    cross(sqlite_bank, 0, "P001")
    stream = Stream(SYSTEM, None, "", lasts=0.5)
    chunks = list(stream)
    assert len(chunks) >= 2
    assert chunks[-1].startswith(b":")
    stream.close()


def test_over_http_who_is_named_is_recorded(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    number = cross(bank, 0, "P001", "P002")
    rows = bank.api("manager").get("live/crossings").json()["items"]
    assert [row["key"] for row in rows] == ["P002", "P001"]
    seen = AuditRow.objects.get(action="crossing.view")
    assert set(seen.subjects) == {row["id"] for row in rows}
    assert bank.api("representative").get("live/crossings").status_code == 403

    answer = bank.api("manager").get("live/crossings/stream")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    writer = threading.Timer(0.2, cross, (bank, number, "P003"))
    writer.start()
    chunks = []
    for chunk in answer.streaming_content:
        chunks.append(chunk)
        if events([chunk]):
            break
    writer.join()
    answer.close()
    assert [int(one["crossing_id"]) for one in events(chunks)] == [3]


def test_what_has_not_found_its_way_is_counted(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    assert bank.api("analyst").get("events/standing").json() == {
        "unread": 0, "unread_load": None, "unclaimed": 0,
    }  # fmt: skip
    with bank.warehouse.engine.books.write() as books:
        for file, replayed in (("stream:0", None), ("stream:0", "lod_2"), ("visits.csv", None)):
            books.execute(
                'INSERT INTO enishi.dead_letters (load_id, dataset, file, line, code, "at",'
                " replayed_by) VALUES ('lod_1', 'activity', ?, 1, 'x', now()::TIMESTAMP, ?)",
                [file, replayed],
            )
        books.execute(
            "INSERT INTO enishi.stream_unclaimed"
            " VALUES (1, 'a', 'a-1', now()::TIMESTAMP, '', '', '')"
        )
    told = bank.api("analyst").get("events/standing").json()
    assert told == {"unread": 1, "unread_load": "lod_1", "unclaimed": 1}
