"""What goes wrong beside the drain keeps nothing else back, and loses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from enishi.sources.eventlog.reader import segments
from enishi.sources.stream import drain
from enishi.sources.stream.batch import Part
from enishi.sources.stream.keeping import keep
from enishi.sources.stream.types import Drained
from enishi.warehouse.duckdb_engine import Workbench
from stream_world import CATALOG, StreamWorld, track


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StreamWorld]:
    made = StreamWorld(tmp_path)
    yield made
    made.close()


def listen(_: Workbench, batch: Drained) -> None:
    assert batch.subjects is not None  # its rows are read, as live deciding reads them


@pytest.mark.parametrize("depth", [970, 985, 1000, 5000])
def test_an_event_of_any_depth_is_a_row_or_a_letter(world: StreamWorld, depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    odd = json.dumps(track("odd", "c1"))[:-1] + f', "properties": {deep}}}'
    world.write(f'{{"batch":[{odd}]}}'.encode())
    world.send(track("m1", "c1"))
    world.drain(listen)
    letters = world.ask("SELECT code FROM enishi.dead_letters")
    assert {row[0] for row in world.rows()} - {"odd"} == {"m1"}
    assert len(world.rows()) + len(letters) == 2


def test_a_time_before_all_calendars_is_not_believed(world: StreamWorld) -> None:
    world.send(track("m1", "c1", timestamp=-9.9e10), source="import:old")
    world.drain(listen)
    assert world.rows("message_id, ts, time_mark, sent_ts") == [
        ("m1", world.now.replace(tzinfo=None), "ancient", None)
    ]


def test_a_shard_that_cannot_be_read_keeps_no_other_back(world: StreamWorld) -> None:
    for shard in ("0", "1"):
        world.send(track(f"a{shard}", "c1"), shard=shard)
        world.send(track(f"b{shard}", "c1"), shard=shard)
    folder = world.workspace.events / "1"
    keep(folder, 10**9, world.now, None)
    first = segments(folder)[0].path
    assert first.suffix == ".zst"
    content = first.read_bytes()
    first.write_bytes(b"damaged" + content[7:])
    world.drain()
    assert [row[0] for row in world.rows()] == ["a0", "b0"]
    world.send(track("c0", "c1"))
    world.drain()
    first.write_bytes(content)
    world.drain()
    assert [row[0] for row in world.rows()] == ["a0", "a1", "b0", "b1", "c0"]
    assert world.ask("SELECT sum(duplicates) FROM enishi.stream_offsets") == [(0,)]


def test_a_batch_that_could_not_be_read_is_not_taken_for_its_own_copy(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send(track("m1", "c1"))
    world.send(track("m2", "c1"), shard="1")
    parse = world.drainer._parse

    def fails(shard: str, offset: int) -> Part:
        if shard == "1":
            raise MemoryError
        return parse(shard, offset)

    monkeypatch.setattr(world.drainer, "_parse", fails)
    with pytest.raises(MemoryError):
        world.drain()
    monkeypatch.undo()
    world.drain()
    assert [row[0] for row in world.rows()] == ["m1", "m2"]


def test_each_shard_has_its_turn(world: StreamWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "MOST_EVENTS", 2)
    for n in range(4):
        world.send(track(f"a{n}", "c1"), track(f"b{n}", "c1"))
    world.send(track("m1", "c1"), shard="1")
    assert world.drainer.run_once()
    assert world.drainer.run_once()
    assert "m1" in {row[0] for row in world.rows()}
    world.drain()
    assert len(world.rows()) == 9


def test_ingest_that_cannot_be_told_keeps_nothing_back(world: StreamWorld) -> None:
    for shard in ("0", "1"):
        world.send(track(f"a{shard}", "c1"), track(None, None), shard=shard)
    blocked = world.workspace.events / "0" / "drained.new"
    blocked.mkdir()
    world.drain()
    world.send(track("b1", "c1"), shard="1")
    world.drain()
    assert [row[0] for row in world.rows()] == ["a0", "a1", "b1"]
    assert world.ask("SELECT count(*) FROM enishi.dead_letters") == [(2,)]
    assert (world.workspace.events / "1" / "drained").exists()
    assert not (world.workspace.events / "0" / "drained").exists()


def test_who_waits_for_a_row_is_taken_up_when_nothing_else_comes(tmp_path: Path) -> None:
    world = StreamWorld(tmp_path, CATALOG + "  user: number\n")
    identify = {"type": "identify", "messageId": "i", "userId": "7", "anonymousId": "d1"}
    world.send(track("m1", "7"), track("m2", anonymousId="d1"), identify)
    world.drain()
    assert world.rows() == []
    world.later(minutes=1)
    assert not world.drainer.run_once(listen)
    world.load_persons([("c7", 7)])
    world.later(minutes=1)
    heard: list[str] = []
    world.drain(lambda _, batch: heard.extend(batch.rows.column("message_id").to_pylist()))
    assert [row[0::2] for row in world.rows()] == [("i", "c7"), ("m1", "c7"), ("m2", "c7")]
    assert sorted(heard) == ["i", "m1", "m2"]
    assert not world.drainer.run_once(listen)
    world.close()
