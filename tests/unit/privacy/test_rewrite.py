"""Blanking one person's events in the log: nothing else moves, nothing of hers can be read."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from enishi.sources.eventlog.format import Head, Record, decode, encode
from enishi.sources.eventlog.rewrite import (
    Identifiers,
    blank,
    read_segment,
    spellings,
)
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.parse import events_of

HER = "山田-0042"
DEVICE = "device-7f3a"


def _track(user: str, **more: object) -> dict[str, object]:
    return {"type": "track", "userId": user, "event": "見た", **more}


def _batch(*items: object, **more: object) -> bytes:
    return json.dumps({"batch": list(items), "sentAt": "2026-11-20T00:00:00Z", **more}).encode()


def _write(events: Path, bodies: list[tuple[str, bytes]]) -> Path:
    folder = events / "0"
    with Shard(folder) as shard:
        shard.append([encode(7 + n, Head("src_1", kind), body)  # type: ignore[arg-type]  # kinds
                      for n, (kind, body) in enumerate(bodies)])  # fmt: skip
    return folder


def _records(folder: Path) -> list[Record]:
    found: list[Record] = []
    for path in sorted(folder.glob("*.log*")):
        start = int(path.name.partition(".")[0])
        found += decode(read_segment(path), start)
    return found


def _hers(told: Identifiers) -> bool:
    return told.user == HER or (told.user is None and told.anonymous == DEVICE)


def _needles() -> list[bytes]:
    return [*spellings(HER), *spellings(DEVICE)]


BODIES = [
    ("track", json.dumps(_track(HER, properties={"secret": "her-secret-1"})).encode()),
    ("track", json.dumps(_track("other")).encode()),
    ("batch", _batch(_track("other", n=1), _track(HER, s="her-secret-2"), _track("other", n=2))),
    ("batch", json.dumps(
        {"context": {"x": 1}, "batch": [_track(HER, s="her-secret-3")]}, ensure_ascii=False,
        indent=2).encode()),
    ("identify", json.dumps({"anonymousId": DEVICE, "traits": {"s": "her-secret-4"}}).encode()),
    ("identify", json.dumps({"anonymousId": DEVICE, "userId": "other"}).encode()),
    ("batch", _batch({"type": "track"}, 17, None, _track("もう一人"))),
    ("batch", b'{"batch": 5}'),
]  # fmt: skip


def test_blanks_hers_and_leaves_the_rest_where_it_was(tmp_path: Path) -> None:
    folder = _write(tmp_path, BODIES)
    before = _records(folder)
    done = blank(tmp_path, _hers, _needles())
    after = _records(folder)
    assert (done.events, done.segments) == (4, 1)
    assert [(r.offset, r.after, r.at, r.head) for r in after] == [
        (r.offset, r.after, r.at, r.head) for r in before
    ]
    for number in (1, 5, 6, 7):
        assert after[number].body == before[number].body
    assert [json.loads(after[n].body) for n in (0, 3, 4)] == [{"erased": 1}, {"batch": []},
                                                             {"erased": 1}]  # fmt: skip
    mixed = json.loads(after[2].body)
    assert [item.get("n") for item in mixed["batch"]] == [1, None, 2]
    assert mixed["sentAt"] == "2026-11-20T00:00:00Z"
    raw = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"her-secret" not in raw
    assert not any(needle in raw for needle in spellings(HER))
    assert blank(tmp_path, _hers, _needles()).events == 0


def test_a_compressed_segment_is_rewritten_and_stays_compressed(tmp_path: Path) -> None:
    folder = _write(tmp_path, BODIES)
    with Shard(folder):
        pass
    first = min(folder.glob("*.log"), key=lambda path: path.name)
    packed = first.with_name(first.name + ".zst")
    with pa.output_stream(str(packed), compression="zstd") as out:
        out.write(first.read_bytes())
    first.unlink()
    assert blank(tmp_path, _hers, _needles()).events == 4
    assert packed.exists()
    assert b"her-secret" not in read_segment(packed)
    assert len(_records(folder)) == len(BODIES)


def test_a_name_spelled_with_escapes_is_found(tmp_path: Path) -> None:
    body = b'{"type":"track","userId":"\\u0061bc","event":"x","s":"her-secret-5"}'
    folder = _write(tmp_path, [("track", body)])
    assert blank(tmp_path, lambda told: told.user == "abc", [b"abc"]).events == 1
    assert b"her-secret" not in b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_writer_is_asked_to_begin_a_new_segment(tmp_path: Path) -> None:
    import threading

    folder = tmp_path / "0"
    over = threading.Event()
    with Shard(folder) as shard:
        shard.append([encode(1, Head("src_1", "track"), BODIES[0][1])])

        def write() -> None:
            while not over.wait(0.005):
                shard.roll_if_asked()

        thread = threading.Thread(target=write)
        thread.start()
        try:
            assert blank(tmp_path, _hers, _needles()).events == 1
        finally:
            over.set()
            thread.join()
        shard.append([encode(2, Head("src_1", "track"), BODIES[1][1])])
    assert [json.loads(r.body).get("userId") for r in _records(folder)] == [None, "other"]


@pytest.mark.parametrize(
    ("value", "told"), [(42, "42"), (42.0, "42"), (" a ", "a"), ("", None), ({}, None)]
)
def test_an_identifier_is_read_as_the_drain_reads_it(value: object, told: str | None) -> None:
    assert Identifiers(userId=value).user == told


def test_the_drain_passes_over_what_was_blanked(tmp_path: Path) -> None:
    folder = _write(tmp_path, BODIES[:5])
    blank(tmp_path, _hers, _needles())
    events = [event for record in _records(folder) for event in events_of("0", record)]
    assert [getattr(event, "user", None) for event in events] == ["other", "other", "other"]
