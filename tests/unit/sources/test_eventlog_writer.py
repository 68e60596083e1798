"""The log's writer: what is answered for is on the disk, and a torn end is mended."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from enishi.kernel.errors import Conflict, EnishiError, Unavailable
from enishi.sources.eventlog.bell import WAKE
from enishi.sources.eventlog.copying import copy_log
from enishi.sources.eventlog.format import FIXED, MOST, Head, Record, decode, encode, name_of
from enishi.sources.eventlog.group import Bounds, GroupWriter, Waiting
from enishi.sources.eventlog.positions import read_drained, read_synced, write_drained
from enishi.sources.eventlog.reader import LogReader
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.waking import Waking
from ingest_world import files_up_to

HEAD = Head("src_1", "track")
PATIENCE = 30.0


def record(number: int, size: int = 20) -> bytes:
    return encode(number, HEAD, b'{"n":"%0*d"}' % (size, number))


def records(folder: Path) -> list[Record]:
    found: list[Record] = []
    for path in sorted(folder.glob("*.log")):
        found.extend(decode(path.read_bytes(), int(path.stem)))
    return found


def numbers(folder: Path) -> list[int]:
    return [found.at for found in records(folder)]


def test_records_follow_one_another_over_segments(tmp_path: Path) -> None:
    with Shard(tmp_path, roll_at=200) as shard:
        for number in range(10):
            shard.append([record(number), record(number + 100)])
            assert read_synced(tmp_path) == shard.end
    assert len(list(tmp_path.glob("*.log"))) > 3
    found = records(tmp_path)
    assert [one.at for one in found] == [n for number in range(10) for n in (number, number + 100)]
    assert [one.after for one in found[:-1]] == [one.offset for one in found[1:]]


def test_a_torn_tail_is_cut_off_wherever_it_tore(tmp_path: Path) -> None:
    whole = record(1) + record(2)
    torn = record(3)
    for cut in range(len(torn)):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / name_of(0)).write_bytes(whole + torn[:cut])
        with Shard(folder) as shard:
            assert (shard.start, shard.end) == (len(whole), len(whole))
            shard.append([record(4)])
        assert numbers(folder) == [1, 2, 4]
        assert (folder / name_of(0)).stat().st_size == len(whole)
        assert read_synced(folder) == len(whole) + len(record(4))


@pytest.mark.parametrize(
    "broken",
    [
        bytes(100),  # a hole: what a power cut leaves on some file systems
        FIXED.pack(MOST + 1, 0, 0, 0),  # a length nobody writes
        record(9)[:-1] + b"!",  # a check that does not fit
        FIXED.pack(5, 0, 0, 500),  # a head longer than the record
    ],
)
def test_what_is_no_record_ends_the_log(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / name_of(0)).write_bytes(record(1) + broken + record(2))
    with Shard(tmp_path) as shard:
        shard.append([record(3)])
    assert numbers(tmp_path) == [1, 3]


def test_only_the_newest_segment_is_mended(tmp_path: Path) -> None:
    with Shard(tmp_path, roll_at=1) as shard:
        for number in range(3):
            shard.append([record(number)])
    older = sorted(tmp_path.glob("*.log"))[0]
    before = older.stat().st_mtime_ns
    with Shard(tmp_path):
        pass
    assert older.stat().st_mtime_ns == before
    assert numbers(tmp_path) == [0, 1, 2]


def test_each_start_begins_a_segment_and_uses_an_empty_one_again(tmp_path: Path) -> None:
    for _ in range(3):
        with Shard(tmp_path):
            pass
    assert [path.name for path in tmp_path.glob("*.log")] == [name_of(0)]
    with Shard(tmp_path) as shard:
        shard.append([record(1)])
    with Shard(tmp_path):
        pass
    assert len(list(tmp_path.glob("*.log"))) == 2


def test_the_end_is_known_when_the_newest_segment_is_compressed(tmp_path: Path) -> None:
    content = record(1) + record(2)
    with pa.output_stream(str(tmp_path / f"{name_of(500)}.zst"), compression="zstd") as out:
        out.write(content)
    with Shard(tmp_path) as shard:
        assert shard.end == 500 + len(content)
        shard.append([record(3)])
    assert (tmp_path / name_of(500 + len(content))).exists()


def test_a_log_that_was_lost_gives_no_offset_out_again(tmp_path: Path) -> None:
    with Shard(tmp_path) as shard:
        shard.append([record(1), record(2)])
        drained = shard.end
    write_drained(tmp_path, drained)
    (tmp_path / name_of(0)).write_bytes(record(1) + record(2)[:5])  # an older, torn copy
    with Shard(tmp_path) as shard:
        assert shard.start == drained
        shard.append([record(3)])
    assert numbers(tmp_path) == [1, 3]
    for path in tmp_path.iterdir():
        path.unlink()
    write_drained(tmp_path, drained)
    with Shard(tmp_path) as shard, LogReader(tmp_path) as reader:
        shard.append([record(4)])
        assert [one.at for one in reader.read(drained, 1000)[0]] == [4]


def test_a_copy_of_the_log_can_be_written_on(tmp_path: Path) -> None:
    events, copy = tmp_path / "events", tmp_path / "copy"
    with Shard(events / "0", roll_at=100) as shard:
        for number in range(5):
            shard.append([record(number)])
        os.write(shard._file or 0, b"half a record")
        named = dict(copy_log(events, copy))
        assert sorted(named)[-1] == f"0/{name_of(shard.start)}"
        shard.append([record(99)])
    assert numbers(copy / "0") == list(range(5))
    with Shard(copy / "0") as again:
        again.append([record(5)])
    assert numbers(copy / "0") == list(range(6))


def test_a_shard_has_one_writer(tmp_path: Path) -> None:
    with Shard(tmp_path):
        with pytest.raises(Conflict) as refused:
            Shard(tmp_path)
        assert refused.value.code == "shard_taken"
    with Shard(tmp_path):
        pass


def test_a_full_disk_takes_back_the_group_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with Shard(tmp_path) as shard:
        shard.append([record(1)])
        end = shard.end
        with files_up_to(end + 150):
            for _ in range(3):
                with pytest.raises(OSError, match="large"):
                    shard.append([record(2, 50), record(3, 500)])  # a whole one, and half of one
                assert shard.end == end == read_synced(tmp_path)
        assert numbers(tmp_path) == [1], "nothing of the refused group is left"
        shard.append([record(4)])
        assert shard.start == end, "a segment that could not be synced is not written again"
    assert numbers(tmp_path) == [1, 4]


def test_what_was_acknowledged_before_a_failure_survives_a_start(tmp_path: Path) -> None:
    shard = Shard(tmp_path)
    shard.append([record(1)])
    with files_up_to(shard.end + 10), pytest.raises(OSError, match="large"):
        shard.append([record(2)])
    shard.close()
    with Shard(tmp_path) as again:
        again.append([record(3)])
    assert numbers(tmp_path) == [1, 3]


class Told:
    """Gathers what a group writer tells, and lets a test wait for it."""

    def __init__(self) -> None:
        self.kept: list[object] = []
        self.refused: list[tuple[object, str]] = []
        self.groups: list[int] = []
        self._changed = threading.Condition()

    def __call__(self, group: list[Waiting], error: EnishiError | None) -> None:
        with self._changed:
            self.groups.append(len(group))
            for waiting in group:
                if error is None:
                    self.kept.append(waiting.whose)
                else:
                    self.refused.append((waiting.whose, error.code))
            self._changed.notify_all()

    def wait(self, number: int) -> None:
        with self._changed:
            done = lambda: len(self.kept) + len(self.refused) >= number  # noqa: E731  for wait_for
            assert self._changed.wait_for(done, PATIENCE)


class SlowShard(Shard):
    """A real shard whose next write waits to be let go, as on a slow disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.writing, self.go = threading.Event(), threading.Event()

    def append(self, parts: list[bytes]) -> int:  # type: ignore[override]  # a list is given
        self.writing.set()
        assert self.go.wait(PATIENCE)
        return super().append(parts)


def test_requests_that_come_during_a_sync_share_the_next(tmp_path: Path) -> None:
    told, made = Told(), []

    def slow(folder: Path) -> Shard:
        made.append(SlowShard(folder))
        return made[0]

    writer = GroupWriter(tmp_path, told, open_shard=slow)
    writer.settled.wait(PATIENCE)
    writer.submit(record(0), 0)
    assert made[0].writing.wait(PATIENCE)
    for number in range(1, 200):
        writer.submit(record(number), number)
    made[0].go.set()
    told.wait(200)
    writer.close()
    assert told.groups == [1, 199]
    assert told.kept == list(range(200)) == numbers(tmp_path)


def test_more_than_may_wait_is_refused_and_nothing_else(tmp_path: Path) -> None:
    told, made = Told(), []

    def slow(folder: Path) -> Shard:
        made.append(SlowShard(folder))
        return made[0]

    size = len(record(0, 1000))
    writer = GroupWriter(
        tmp_path, told, open_shard=slow, bounds=Bounds(bytes=size * 10, requests=1000)
    )
    writer.settled.wait(PATIENCE)
    for number in range(10):
        writer.submit(record(number, 1000), number)
    for number in range(10, 50):
        with pytest.raises(Unavailable) as refused:
            writer.submit(record(number, 1000), number)
        assert refused.value.code == "ingest_busy"
    made[0].go.set()
    told.wait(10)
    writer.submit(record(99, 1000), 99)
    writer.close()
    assert told.kept == [*range(10), 99]


def test_a_drain_that_lags_behind_stops_the_intake_until_it_has_caught_up(tmp_path: Path) -> None:
    told = Told()
    writer = GroupWriter(tmp_path, told, bounds=Bounds(backlog=1000))
    writer.settled.wait(PATIENCE)
    sent, refused = submit_until_refused(writer, told)
    assert refused == "ingest_backlog"
    assert numbers(tmp_path) == list(range(sent))
    write_drained(tmp_path, read_synced(tmp_path) or 0)
    waited = threading.Event()
    for _ in range(600):
        if writer.refusing() is None:
            break
        waited.wait(0.05)
    writer.submit(record(7), "after")
    writer.close()
    assert told.kept[-1] == "after"
    assert read_drained(tmp_path) > 1000


def submit_until_refused(writer: GroupWriter, told: Told) -> tuple[int, str]:
    for number in range(100_000):
        try:
            writer.submit(record(number, 500), number)
        except Unavailable as error:
            return number, error.code
        told.wait(number + 1)
    raise AssertionError("never refused")


def test_a_full_disk_refuses_the_group_and_the_next_may_pass(tmp_path: Path) -> None:
    told = Told()
    writer = GroupWriter(tmp_path, told)
    writer.settled.wait(PATIENCE)
    with files_up_to(1000):
        writer.submit(record(1, 5000), "large")
        told.wait(1)
    assert told.refused == [("large", "ingest_disk")]
    writer.submit(record(2), "small")
    writer.close()
    assert told.kept == ["small"]
    assert numbers(tmp_path) == [2]


def test_a_new_segment_is_begun_when_somebody_asks(tmp_path: Path) -> None:
    told = Told()
    writer = GroupWriter(tmp_path, told)
    writer.settled.wait(PATIENCE)
    writer.submit(record(1), 1)
    told.wait(1)
    (tmp_path / "roll").touch()
    waited = threading.Event()
    for _ in range(600):
        if not (tmp_path / "roll").exists():
            break
        waited.wait(0.05)
    assert sorted(path.name for path in tmp_path.glob("*.log")) == [
        name_of(0), name_of(len(record(1))),
    ]  # fmt: skip
    writer.close()


def test_a_writer_waits_for_the_shard_of_one_that_is_ending(tmp_path: Path) -> None:
    other = Shard(tmp_path)
    told = Told()
    writer = GroupWriter(tmp_path, told)
    assert writer.settled.wait(PATIENCE)
    with pytest.raises(Unavailable) as refused:
        writer.submit(record(1), 1)
    assert refused.value.code == "ingest_not_ready"
    other.append([record(1)])
    other.close()
    waited = threading.Event()
    for _ in range(600):
        if writer.refusing() is None:
            break
        waited.wait(0.05)
    writer.submit(record(2), 2)
    writer.close()
    assert numbers(tmp_path) == [1, 2]


def test_closing_writes_what_waits(tmp_path: Path) -> None:
    told = Told()
    writer = GroupWriter(tmp_path, told)
    writer.settled.wait(PATIENCE)
    for number in range(500):
        writer.submit(record(number), number)
    writer.close()
    assert numbers(tmp_path) == list(range(500)) == told.kept


@pytest.mark.parametrize("long", [False, True])
def test_the_drain_is_woken_after_each_sync(tmp_path: Path, long: bool) -> None:
    events = tmp_path / ("長い" * 30 if long else "short")
    waking = Waking(events)
    told = Told()
    writer = GroupWriter(events / "0", told, wake=events / WAKE)
    writer.settled.wait(PATIENCE)
    assert not waking.wait(0)
    writer.submit(record(1), 1)
    assert waking.wait(PATIENCE)
    assert numbers(events / "0") == [1]
    writer.close()
    waking.close()
    assert not (events / WAKE).exists()


def test_nobody_has_to_listen(tmp_path: Path) -> None:
    told = Told()
    writer = GroupWriter(tmp_path / "0", told, wake=tmp_path / WAKE)
    writer.settled.wait(PATIENCE)
    writer.submit(record(1), 1)
    writer.close()
    assert told.kept == [1]
