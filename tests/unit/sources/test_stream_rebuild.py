"""The log as the truth: drained anew it gives the same rows, compressed or not, replayed or not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enishi.catalog.load import load_catalog
from enishi.kernel.errors import Conflict
from enishi.sources.eventlog.reader import LogReader, segments, walk
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream import drain
from enishi.sources.stream.keeping import keep
from enishi.warehouse.tables import prepare
from stream_world import CATALOG, StreamWorld, track


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StreamWorld]:
    made = StreamWorld(tmp_path)
    yield made
    made.close()


def story(world: StreamWorld) -> None:
    """Events of two shards with copies, devices named late, and letters; over three days."""
    for day in range(3):
        world.send(
            track(f"a{day}", "c1", properties={"order": {"amount": day}}),
            track(f"b{day}", anonymousId="d1"),
            track("copy", "c2"),
            {"type": "track", "messageId": f"x{day}", "event": "nobody"},
        )
        world.send(track(f"c{day}", "c3"), track(f"w{day}", anonymousId="d2"), shard="1")
        world.drain()
        world.later(days=1)
    world.send({"type": "identify", "messageId": "i", "anonymousId": "d1", "userId": "c9"})
    world.drain()


def everything(world: StreamWorld) -> list[Any]:
    return [
        world.rows("* EXCLUDE (_load)"),
        world.ask("SELECT anonymous_id, person, since FROM enishi.stream_aliases ORDER BY ALL"),
        world.ask("SELECT id, raw, received_at FROM enishi.stream_unclaimed ORDER BY ALL"),
        world.ask("SELECT file, line, code, raw FROM enishi.dead_letters ORDER BY ALL"),
        world.ask("SELECT name FROM enishi.stream_names ORDER BY ALL"),
        world.ask("SELECT * FROM enishi.stream_offsets ORDER BY ALL"),
    ]


def test_the_log_drained_anew_gives_the_same(world: StreamWorld) -> None:
    story(world)
    before = everything(world)
    assert [len(part) for part in before] == [11, 1, 3, 3, 2, 2]
    told: list[int] = []
    assert world.drainer.rebuild(told.append) == 19
    assert told == [19]
    assert everything(world) == before
    assert world.ask("SELECT removed FROM enishi.loads WHERE removed > 0") == [(11,)]
    world.send(track("a0", "c1"), track("new", "c1"))
    world.drain()
    assert len(world.rows()) == 12


def test_compressed_segments_read_the_same(world: StreamWorld) -> None:
    story(world)
    before, records = everything(world), list(walk(world.workspace.events / "0"))
    folder = world.workspace.events / "0"
    for _ in range(10):
        keep(folder, 10**9, world.now, None)
    assert [one.packed for one in segments(folder)] == [True, True, True, False]
    assert list(walk(folder)) == records
    world.drainer.rebuild()
    assert everything(world) == before
    with Shard(folder) as log, LogReader(folder) as reader:
        assert log.end == reader.end()


def test_what_is_not_drained_is_not_compressed(world: StreamWorld) -> None:
    story(world)
    folder = world.workspace.events / "0"
    second = segments(folder)[1].start
    for _ in range(3):
        keep(folder, second, world.now, timedelta(0))
    assert next(one.start for one in segments(folder)) == second


def test_rows_whose_log_is_gone_stay(world: StreamWorld) -> None:
    story(world)
    before = everything(world)
    for shard in "01":
        keep(world.workspace.events / shard, 10**9, world.now, timedelta(days=1, hours=12))
    assert segments(world.workspace.events / "0")[0].start > 0
    world.drainer.rebuild()
    after = everything(world)
    assert after[:3] == before[:3]
    assert after[4] == before[4]


@pytest.mark.parametrize("ages", [(1.5, 0.5), (0.5, None), (None, 0.5)])
def test_shards_whose_logs_begin_at_different_times_lose_and_double_nothing(
    world: StreamWorld, ages: tuple[float | None, ...]
) -> None:
    story(world)
    world.later(days=30)  # more than ids are kept for
    story(world)
    before = everything(world)
    for shard, days in zip("01", ages, strict=True):
        longest = None if days is None else timedelta(days=days)
        keep(world.workspace.events / shard, 10**9, world.now, longest)
    world.drainer.rebuild()
    after = everything(world)
    assert len(before[0]) == 22
    assert after[0] == before[0]
    assert after[1:3] == before[1:3]
    assert after[3] == before[3]


def test_a_shard_without_its_log_is_not_rebuilt(world: StreamWorld) -> None:
    story(world)
    before = everything(world)
    shutil.rmtree(world.workspace.events / "1")
    with pytest.raises(Conflict) as refused:
        world.drainer.rebuild()
    assert refused.value.code == "log_gone"
    assert everything(world) == before
    assert not world.drainer.finish_rebuild()
    world.send(track("new", "c1"))
    world.drain()
    assert len(world.rows()) == len(before[0]) + 1


def test_a_rebuild_that_was_killed_is_done_again(
    world: StreamWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    story(world)
    before = everything(world)
    monkeypatch.setattr(drain, "MOST_EVENTS", 1)

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.drainer.rebuild(die)
    assert 0 < len(world.rows()) < len(before[0])
    world.drainer.close()
    world.drainer = world.new_drainer()
    assert world.drainer.finish_rebuild()
    assert everything(world)[:5] == before[:5]
    assert not world.drainer.finish_rebuild()


def test_letters_are_read_again_by_a_catalog_that_was_mended(tmp_path: Path) -> None:
    typed = CATALOG.replace("client_id: {type: string}", "client_id: {type: integer}")
    world = StreamWorld(tmp_path, typed)
    world.send(track("m1", "A1"), track("m2", "7"), {"type": "vote", "messageId": "m3"})
    world.send(track("m1", "A1"), shard="1")
    world.drain()
    assert [row[0] for row in world.rows()] == ["m2"]
    ((load,),) = world.ask("SELECT id FROM enishi.loads WHERE dataset = 'activity'")
    (world.root / "catalog" / "all.yaml").write_text(CATALOG)
    catalog = load_catalog(world.root)
    world.drainer.use_catalog(catalog)
    with pytest.raises(Conflict) as refused:
        world.drainer.replay(load)
    assert refused.value.code == "reload_needed"
    world.drainer.rebuild()
    assert [(row[0], row[2]) for row in world.rows()] == [("m1", "A1"), ("m2", "7")]
    world.close()


def test_a_replay_brings_what_now_fits_once(world: StreamWorld) -> None:
    world.send({"type": "vote", "messageId": "m1", "userId": "c1"})
    world.send({"type": "track", "event": "x", "messageId": "m2", "userId": {}}, kind="track")
    world.drain()
    with world.engine.write() as writer:  # as if this version read what the last one could not
        writer.execute(
            """UPDATE enishi.dead_letters SET raw = '{"type":"page","messageId":"m1","userId":"c1"}'
            WHERE code = 'unknown_call'"""
        )
    ((load,),) = world.ask("SELECT id FROM enishi.loads")
    done = world.drainer.replay(load)
    assert (done.read, done.loaded, done.dead, done.added) == (2, 1, 1, 1)
    assert world.rows() == [("m1", "page", "c1")]
    assert world.ask(
        "SELECT code, replayed_by IS NULL FROM enishi.dead_letters ORDER BY ALL"
    ) == [("bad_id", False), ("bad_id", True), ("unknown_call", False)]  # fmt: skip
    with pytest.raises(Conflict):
        world.drainer.replay(load)
    again = world.drainer.replay(done.id)
    assert (again.read, again.dead) == (1, 1)


def test_a_grown_catalog_gains_its_columns(world: StreamWorld) -> None:
    world.send(track("m1", "c1", properties={"plan": "gold"}))
    world.drain()
    (world.root / "catalog" / "all.yaml").write_text(CATALOG + "    plan: {type: string}\n")
    catalog = load_catalog(world.root)
    prepare(world.engine, catalog)
    world.drainer.use_catalog(catalog)
    world.send(track("m2", "c1", properties={"plan": "Gold"}))
    world.drain()
    assert world.rows("message_id, plan, plan__f") == [("m1", None, None), ("m2", "Gold", "gold")]
    world.drainer.rebuild()
    assert world.rows("plan, plan__f") == [("gold", "gold"), ("Gold", "gold")]
