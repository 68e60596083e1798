"""The drain: every accepted event is a row once, hers, with its time; or a letter saying why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.drain import Drainer
from enishi.sources.stream.loads import seal
from enishi.sources.stream.tombstones import ANONYMOUS, USER, erased_hash, put
from enishi.sources.stream.types import Drained
from enishi.warehouse.duckdb_engine import Workbench
from stream_world import CATALOG, START, StreamWorld, track


@pytest.fixture
def world(tmp_path: Path) -> Iterator[StreamWorld]:
    made = StreamWorld(tmp_path)
    yield made
    made.close()


def test_an_event_becomes_a_row_with_its_own_fields(world: StreamWorld) -> None:
    world.send(
        {
            "type": "page",
            "messageId": "m1",
            "userId": "c1",
            "anonymousId": "a1",
            "timestamp": "2026-03-31T23:59:00+00:00",
            "properties": {"url": "https://x.jp/ローン", "path": "/ローン", "b": 1, "a": "Ａ"},
            "context": {"campaign": {"name": "春"}, "page": {"url": "https://other.jp"}},
        },
        track("m2", "c2", "購入", properties={"order": {"amount": "1200"}, "tags": ["A", "b"]}),
    )
    assert world.drain() == 1
    (page, bought) = world.rows("* EXCLUDE (_load)")
    named = dict(zip(_columns(world), page, strict=True))
    assert named["event"] == named["type"] == "page"
    assert (named["ts"], named["received_at"]) == (
        at("2026-03-31T23:59"), START.replace(tzinfo=None)
    )  # fmt: skip
    assert (named["person"], named["anonymous_id"], named["url"]) == (
        "c1", "a1", "https://x.jp/ローン"
    )  # fmt: skip
    assert (named["campaign"], named["properties"]) == (
        "春", '{"a":"Ａ","b":1,"path":"/ローン","url":"https://x.jp/ローン"}'
    )  # fmt: skip
    assert named["properties__f"] == '{"a":"a","b":1,"path":"/ローン","url":"https://x.jp/ローン"}'
    other = dict(zip(_columns(world), bought, strict=True))
    assert (other["amount"], other["tags"], other["tags__f"], other["unread"]) == (
        Decimal(1200), ["A", "b"], ["a", "b"], None
    )  # fmt: skip


def at(text: str) -> datetime:
    """As the warehouse has it: naive, in UTC."""
    return datetime.fromisoformat(text)


def _columns(world: StreamWorld) -> list[str]:
    return [
        name for (name,) in world.ask("SELECT name FROM pragma_table_info('data.activity')")
        if name != "_load"
    ]  # fmt: skip


def test_what_does_not_fit_its_field_is_told_beside_the_event(world: StreamWorld) -> None:
    world.send(
        track("m1", "c1", properties={"order": {"amount": "12.5"}, "tags": [{"a": 1}]}),
        track("m2", "c1", properties={"order": "none", "tags": "one"}),
    )
    world.drain()
    assert world.rows("amount, tags, unread") == [
        (None, None, ["amount", "tags"]), (None, ["one"], None)
    ]  # fmt: skip


def test_copies_are_dropped_within_a_batch_after_it_and_after_a_restart(world: StreamWorld) -> None:
    world.send(track("m1", "c1"), track("m1", "c1"), track("m2", "c1"))
    world.drain()
    world.send(track("m2", "c1"), track("m3", "c1"))
    world.drain()
    world.drainer.close()
    world.drainer = world.new_drainer()
    world.send(track("m3", "c1"), shard="1")
    world.send(track("m4", "c1"), shard="1")
    world.drain()
    assert [row[0] for row in world.rows()] == ["m1", "m2", "m3", "m4"]
    (load,) = world.ask("SELECT read, loaded, added, unchanged, dead FROM enishi.loads")
    assert load == (7, 7, 4, 3, 0)


def test_an_id_is_known_for_as_long_as_the_catalog_says(tmp_path: Path) -> None:
    world = StreamWorld(tmp_path, CATALOG.replace("stream:", "stream:\n  keep: 4h"))
    world.send(track("m1", "c1"))
    world.drain()
    world.later(hours=4)
    world.send(track("m1", "c1"))
    world.drain()
    assert len(world.rows()) == 1
    world.later(hours=6)
    world.send(track("m1", "c1"))
    world.drain()
    assert len(world.rows()) == 2
    world.close()


@pytest.mark.parametrize("lost", ["index", "nothing"])
def test_a_batch_that_fails_is_drained_again_whole(world: StreamWorld, lost: str) -> None:
    def fail(bench: Workbench, drained: Drained) -> None:
        assert drained.rows.num_rows == 2
        assert bench.one("SELECT count(*) FROM data.activity") == 2
        raise RuntimeError("the listener")

    world.send(track("m1", "c1"), track("m2", "c1"), track("m1", "c1"))
    with pytest.raises(RuntimeError, match="the listener"):
        world.drainer.run_once(fail)
    assert world.rows() == []
    if lost == "index":  # as when the process dies between the index and the commit
        world.drainer = _killed(world)
    world.drain()
    assert [row[0] for row in world.rows()] == ["m1", "m2"]


def _killed(world: StreamWorld) -> Drainer:
    """A new drainer, the old one having let go of nothing properly."""
    seen = world.drainer._seen
    assert seen is not None
    seen._fresh.clear()  # nobody undoes what it put in
    return world.new_drainer()


def test_an_index_that_is_lost_is_made_again_from_the_log(world: StreamWorld) -> None:
    world.send(*(track(f"m{n}", "c1") for n in range(50)))
    world.drain()
    world.drainer.close()
    (world.workspace.events / "dedupe" / "state.json").unlink()
    world.drainer = world.new_drainer()
    world.send(*(track(f"m{n}", "c1") for n in range(40, 60)))
    world.drain()
    assert len(world.rows()) == 60


def test_events_of_a_device_wait_until_it_is_named(world: StreamWorld) -> None:
    world.send(track("m1", anonymousId="a1"), track("m2", anonymousId="a2"))
    world.drain()
    assert world.rows() == []
    heard: list[Drained] = []
    world.send(
        track("m3", anonymousId="a1"),
        {"type": "identify", "messageId": "m4", "anonymousId": "a1", "userId": "c1"},
        track("m5", anonymousId="a1"),
    )
    world.drain(lambda _, drained: heard.append(drained))
    assert world.rows() == [
        ("m1", "bought", "c1"), ("m3", "bought", "c1"), ("m4", "identify", "c1"),
        ("m5", "bought", "c1"),
    ]  # fmt: skip
    (subject,) = heard[0].subjects
    assert (sorted(subject.events), len(subject.rows)) == (["bought", "identify"], 4)
    world.send({"type": "alias", "messageId": "m6", "previousId": "a2", "userId": "c2"})
    world.send({"type": "identify", "messageId": "m7", "anonymousId": "a1", "userId": "c3"})
    world.send(track("m8", anonymousId="a1"), track("m9", anonymousId="a2"))
    world.drain()
    assert [row[2] for row in world.rows(where="message_id IN ('m2', 'm8', 'm9')")] == [
        "c2", "c3", "c2"
    ]  # fmt: skip
    assert world.ask("SELECT count(*) FROM enishi.stream_unclaimed") == [(0,)]


def test_a_user_who_is_not_loaded_yet_is_waited_for(tmp_path: Path) -> None:
    world = StreamWorld(tmp_path, CATALOG.replace("stream:", "stream:\n  user: number"))
    world.send(
        {"type": "identify", "messageId": "m1", "anonymousId": "a1", "userId": 7},
        track("m2", anonymousId="a1"),
        track("m3", "8"),
        track("m4", "no number"),
    )
    world.drain()
    assert world.rows() == []
    world.load_persons([("c7", 7)])
    world.send(track("m5", "7"))
    world.drain()
    assert [(row[0], row[2]) for row in world.rows()] == [
        ("m1", "c7"), ("m2", "c7"), ("m5", "c7")
    ]  # fmt: skip
    assert world.ask("SELECT code, field FROM enishi.dead_letters") == [("bad_user", "userId")]
    world.close()


def test_times_that_cannot_be_are_kept_and_marked(world: StreamWorld) -> None:
    hour = 3_600_000
    start = int(START.timestamp() * 1000)
    for message, told in {
        "a": start - hour, "b": start + hour, "c": None, "d": "yesterday",
        "e": "1970-01-01T00:00:00Z", "f": start + 60_000,
    }.items():  # fmt: skip
        world.send(track(message, "c1", timestamp=told))
    world.send(track("g", "c1", timestamp="2026-03-31T12:00:00Z"), sent="2026-03-31T13:00:00Z")
    world.drain()
    now = at("2026-04-01T00:00")
    assert world.rows("message_id, ts, sent_ts, time_mark") == [
        ("a", at("2026-03-31T23:00"), None, None),
        ("b", now, at("2026-04-01T01:00"), "future"),
        ("c", now, None, "missing"),
        ("d", now, None, "missing"),
        ("e", now, at("1970-01-01T00:00"), "ancient"),
        ("f", now, at("2026-04-01T00:01"), None),
        ("g", at("2026-03-31T23:00"), at("2026-03-31T12:00"), None),
    ]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "vote", "userId": "c1"}, "unknown_call"),
        ({"type": ["track"], "userId": "c1"}, "unknown_call"),
        ({"type": "track", "userId": "c1"}, "bad_event_name"),
        ({"type": "track", "event": 7, "userId": "c1"}, "bad_event_name"),
        ({"type": "track", "event": "x" * 201, "userId": "c1"}, "bad_event_name"),
        ({"type": "track", "event": "x"}, "no_ids"),
        ({"type": "track", "event": "x", "userId": "  "}, "no_ids"),
        ({"type": "track", "event": "x", "userId": {"id": 1}}, "bad_id"),
        ({"type": "track", "event": "x", "userId": "c" * 301}, "bad_id"),
        ({"type": "track", "event": "x", "userId": "c1", "messageId": [1]}, "bad_id"),
        ({"type": "alias", "userId": "c1"}, "no_ids"),
        ({"type": "track", "event": "x", "userId": "c1", "properties": [1]}, "bad_properties"),
        ("text", "not_object"),
        (7, "not_object"),
    ],
)
def test_what_cannot_be_read_is_a_letter_and_the_rest_go_on(
    world: StreamWorld, event: Any, code: str
) -> None:
    world.send(track("m1", "c1"), event, track("m2", "c1"))
    world.drain()
    assert len(world.rows()) == 2
    ((found, file, load),) = world.ask("SELECT code, file, load_id FROM enishi.dead_letters")
    assert (found, file) == (code, "stream:0")
    assert world.ask("SELECT read, loaded, dead FROM enishi.loads WHERE id = ?", load) == [
        (3, 2, 1)
    ]  # fmt: skip


def test_who_has_been_erased_does_not_come_back(world: StreamWorld) -> None:
    secret = world.workspace.secret()
    with world.engine.write() as writer:
        put(writer, [erased_hash(secret, USER, "c1")], START)
    world.send(track("m1", "c1"), track("m2", "c2"))
    world.drain()
    assert world.rows() == [("m2", "bought", "c2")]
    assert world.ask("SELECT read, erased FROM enishi.stream_offsets") == [(2, 1)]


@pytest.mark.parametrize("sent", ["42", "0042", "+42", 42, " 42 "])
def test_an_erased_number_does_not_come_back_in_another_spelling(
    tmp_path: Path, sent: str | int
) -> None:
    catalog = CATALOG.replace("client_id: {type: string}", "client_id: {type: integer}")
    world = StreamWorld(tmp_path, catalog)
    with world.engine.write() as writer:
        put(writer, [erased_hash(world.workspace.secret(), USER, "42")], START)
    world.send(track("m1", sent), track("m2", "43"))  # type: ignore[arg-type]  # as it is sent
    world.drain()
    assert world.rows() == [("m2", "bought", 43)]
    assert world.ask("SELECT erased FROM enishi.stream_offsets") == [(1,)]
    world.close()


def test_unreadable_events_of_who_has_been_erased_leave_no_letter(world: StreamWorld) -> None:
    secret = world.workspace.secret()
    with world.engine.write() as writer:
        hashes = [erased_hash(secret, USER, "c1"), erased_hash(secret, ANONYMOUS, "a1")]
        put(writer, hashes, START)
    odd: Any = 7  # no object
    world.send(
        {"type": "vote", "userId": "c1", "traits": {"name": "hers"}},
        {"type": "track", "event": "x", "userId": "c1", "properties": ["hers"]},
        {"type": "track", "anonymousId": "a1", "properties": {"name": "hers"}},
        {"type": "vote", "userId": "c2"},
        odd,
    )
    world.drain()
    assert sorted(world.ask("SELECT code FROM enishi.dead_letters")) == [
        ("not_object",), ("unknown_call",),
    ]  # fmt: skip
    assert world.ask("SELECT read, erased FROM enishi.stream_offsets") == [(5, 3)]


def test_blanked_events_are_passed_over(world: StreamWorld) -> None:
    world.write(b'{"batch":[{"erased":1   },{"type":"page","userId":"c1","messageId":"m1"}]}')
    world.write(b'{"erased":1           }', kind="track")
    world.drain()
    assert world.rows("message_id") == [("m1",)]
    assert world.ask("SELECT count(*) FROM enishi.dead_letters") == [(0,)]


def test_rows_of_a_stream_share_a_load_until_somebody_asks_what_is_new(world: StreamWorld) -> None:
    for number in range(3):
        world.send(track(f"m{number}", "c1"))
        world.drain()
    assert world.ask("SELECT state, added FROM enishi.loads") == [("streaming", 3)]
    seal(world.engine, lambda: world.now)
    world.send(track("m4", "c1"))
    world.drain()
    assert world.ask("SELECT state, added FROM enishi.loads ORDER BY id") == [
        ("loaded", 3), ("streaming", 1)
    ]  # fmt: skip
    world.later(hours=2)
    world.send(track("m5", "c1"))
    world.drain()
    assert world.ask("SELECT count(*) FROM enishi.loads WHERE state = 'streaming'") == [(1,)]
    assert len({row[0] for row in world.rows("_load")}) == 3


def test_a_writer_is_told_how_far_its_log_is_drained(world: StreamWorld) -> None:
    world.send(track("m1", "c1"))
    world.drain()
    with Shard(world.workspace.events / "0") as log:
        assert (world.workspace.events / "0" / "drained").read_text() == str(log.end)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_EVENT = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page", "alias", "group", "screen"]) | _JSON,
        "event": st.just("bought") | _JSON,
        "userId": st.just("c1") | _JSON,
        "anonymousId": st.just("a1") | _JSON,
        "previousId": st.just("a2") | _JSON,
        "timestamp": st.just("2026-04-01T00:00:00Z") | _JSON,
        "properties": st.dictionaries(st.sampled_from(["order", "tags", "url"]), _JSON) | _JSON,
        "context": st.dictionaries(st.sampled_from(["page", "campaign"]), _JSON) | _JSON,
        "traits": _JSON,
        "sentAt": _JSON,
        "name": _JSON,
    },
)


@settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))
@given(st.lists(_EVENT | _JSON, max_size=60))
def test_whatever_is_sent_is_a_row_a_letter_or_waits(
    tmp_path_factory: pytest.TempPathFactory, events: list[Any]
) -> None:
    world = StreamWorld(tmp_path_factory.mktemp("any"))
    world.send(*events)
    world.drain()
    ((rows, letters, waiting),) = world.ask(
        "SELECT (SELECT count(*) FROM data.activity), (SELECT count(*) FROM enishi.dead_letters),"
        " (SELECT count(*) FROM enishi.stream_unclaimed)"
    )
    assert rows + letters + waiting == len(events)
    world.close()
