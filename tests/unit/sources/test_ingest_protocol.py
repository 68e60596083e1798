"""The event API call by call: what is kept, what is dropped for good, what is to be sent again."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from enishi.book.workspace import Workspace, read_workspace
from enishi.sources.eventlog.group import Bounds
from enishi.sources.ingest_keys import KEYS
from enishi.sources.ingest_tally import Tally
from enishi.sources.protocol import MOST_BATCH, MOST_EVENT
from ingest_world import (
    SERVER,
    WEB,
    Door,
    a_source,
    basic,
    events_logged,
    files_up_to,
    logged,
    put_keys,
)

EVENT = {"type": "track", "event": "rate_simulated", "userId": "u1", "messageId": "m1"}


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    (tmp_path / "enishi.toml").write_text('name = "t"\n', encoding="utf-8")
    workspace = read_workspace(tmp_path)
    put_keys(workspace)
    return workspace


@pytest.fixture
def door(home: Workspace) -> Iterator[Door]:
    with Door(home, now=lambda: 1_775_000_000_000_000) as found:
        yield found


@pytest.mark.parametrize("version", ["/v1", ""])
@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("track", "track"), ("t", "track"), ("identify", "identify"), ("i", "identify"),
        ("page", "page"), ("p", "page"), ("screen", "screen"), ("s", "screen"),
        ("group", "group"), ("g", "group"), ("alias", "alias"), ("a", "alias"),
    ],
)  # fmt: skip
def test_every_call_by_its_long_and_its_short_name(
    door: Door, home: Workspace, version: str, call: str, kind: str
) -> None:
    answer = door.post(f"{version}/{call}", EVENT)
    assert (answer.status, answer.json) == (200, {"success": True})
    [record] = logged(home)
    assert (record.head.kind, record.head.source, record.head.snippet) == (kind, "src_web", True)
    assert record.at == 1_775_000_000_000_000
    assert json.loads(record.body) == EVENT


@pytest.mark.parametrize("path", ["/v1/batch", "/batch", "/v1/b", "/v1/import", "/v1/batch/"])
def test_a_batch_is_one_record(door: Door, home: Workspace, path: str) -> None:
    batch = {"batch": [EVENT, {"anything": ["at", "all"]}, 5, None], "sentAt": "x"}
    assert door.post(path, batch, SERVER).status == 200
    [record] = logged(home)
    assert json.loads(record.body) == batch
    assert (record.head.kind, record.head.source, record.head.snippet) == (
        "batch", "src_server", False,
    )  # fmt: skip


def test_the_key_may_come_by_header_query_or_body(door: Door, home: Workspace) -> None:
    batch = {"batch": [EVENT]}
    assert door.post("/v1/batch", batch).status == 200
    assert door.post(f"/beacon/v1/batch?writeKey={WEB}", batch, "").status == 200
    assert door.post("/v1/batch", batch | {"writeKey": WEB}, "").status == 200
    assert door.post("/v1/track", EVENT | {"writeKey": WEB}, "").status == 200
    assert door.post("/v1/batch", {"batch": [EVENT | {"writeKey": WEB}]}, "").status == 200
    assert len(logged(home)) == 5


@pytest.mark.parametrize("key", ["", "web_unknown", "あ", WEB + "x", "x" * 10_000])
def test_an_unknown_key_is_401_and_asks_for_no_password(
    door: Door, home: Workspace, key: str
) -> None:
    answer = door.post(f"/v1/track?writeKey={key[:100]}", EVENT, "")
    assert (answer.status, answer.code) == (401, "write_key_unknown")
    assert "asic" not in answer.headers["www-authenticate"]
    answer = door.post("/v1/track", EVENT | {"writeKey": key}, "")
    assert answer.status == 401
    broken = {"authorization": "Basic ☃".encode().decode("latin-1")}
    assert door.call("POST", "/v1/track", EVENT, broken).status == 401
    assert logged(home) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "event_json"),
        (b"{", "event_json"),
        (b"[]", "event_json"),
        (b'"text"', "event_json"),
        (b"null", "event_json"),
        (b'{"event": "\xff"}', "event_json"),
        (b'{"event": "\xed\xa0\x80"}', "event_json"),  # half of a pair, as bytes
        (b'{"batch": []} {"batch": []}', "event_json"),
        (b'{"a": NaN}', "event_json"),
        (b'{"a": ' + b"[" * 9_000 + b"]" * 9_000 + b"}", "event_json"),
        (b"writeKey=x&event=y", "event_json"),
        (b"\x1f\x8bbroken", "event_gzip"),
        (gzip.compress(b'{"a": 1}', mtime=0)[:-4], "event_gzip"),
    ],
)
def test_what_cannot_be_read_is_400(door: Door, home: Workspace, body: bytes, code: str) -> None:
    for path in ("/v1/track", "/v1/batch"):
        answer = door.post(path, body)
        assert (answer.status, answer.code) == (400, code)
    assert logged(home) == []


def test_a_batch_without_its_array_is_400(door: Door, home: Workspace) -> None:
    for body in ({}, {"batch": {}}, {"batch": "x"}, EVENT):
        answer = door.post("/v1/batch", body)
        assert (answer.status, answer.code) == (400, "event_batch")
    answer = door.post("/v1/trakc", EVENT)
    assert (answer.status, answer.code) == (400, "event_call")
    assert logged(home) == []


def test_an_empty_batch_is_fine_and_leaves_nothing(door: Door, home: Workspace) -> None:
    assert door.post("/v1/batch", {"batch": []}).status == 200
    assert logged(home) == []


def test_half_an_emoji_does_not_lose_the_batch(door: Door, home: Workspace) -> None:
    told = rb'"\ud83d", "\ud83d\ude00", "\\ud83d", "\udc00\ud800", "\uD83Dx", "\u3042"'
    assert door.post("/v1/batch", b'{"batch": [{"p": [' + told + b"]}]}").status == 200
    [event] = events_logged(home)
    assert event["p"] == ["\ufffd", "😀", "\\ud83d", "\ufffd\ufffd", "\ufffdx", "あ"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        {"content-type": "multipart/form-data"},
        {},
    ],
)
def test_the_content_type_does_not_matter(
    door: Door, home: Workspace, headers: dict[str, str]
) -> None:
    body = "\ufeff" + json.dumps(EVENT)
    assert door.call("POST", "/v1/track", body.encode(), basic(WEB) | headers).status == 200
    assert events_logged(home) == [EVENT]


def test_gzip_is_unpacked_labelled_or_not(door: Door, home: Workspace) -> None:
    packed = gzip.compress(json.dumps(EVENT).encode())
    assert door.post("/v1/track", packed, content_encoding="gzip").status == 200
    assert door.post("/v1/track", packed).status == 200
    assert events_logged(home) == [EVENT, EVENT]
    answer = door.post("/v1/track", EVENT, content_encoding="br")
    assert (answer.status, answer.code) == (400, "event_encoding")


def sized(size: int) -> bytes:
    return b'{"p":"' + b"x" * (size - 8) + b'"}'


def test_an_event_of_32_kb_passes_and_one_byte_more_does_not(door: Door, home: Workspace) -> None:
    assert door.post("/v1/track", sized(MOST_EVENT)).status == 200
    answer = door.post("/v1/track", sized(MOST_EVENT + 1))
    assert (answer.status, answer.code) == (413, "event_too_large")
    assert answer.json["detail"] == {"limit": 32768}
    assert "32 KB" in answer.json["message"]
    assert door.post("/v1/batch", b'{"batch":[' + sized(MOST_EVENT) + b"]}").status == 200
    answer = door.post("/v1/batch", b'{"batch":[' + sized(MOST_EVENT + 1) + b"]}")
    assert (answer.status, answer.code) == (413, "event_too_large")
    assert len(logged(home)) == 2


def test_a_request_of_500_kb_passes_and_one_byte_more_does_not(door: Door, home: Workspace) -> None:
    start, end = b'{"batch":[', b'{"last":1}]}'
    many = start + (sized(30_000) + b",") * 17
    for over in (0, 1):
        body = many + b" " * (MOST_BATCH + over - len(many) - len(end)) + end
        answer = door.call("POST", "/v1/batch", body, basic(WEB), pieces=7)
        packed = door.post("/v1/batch", gzip.compress(body))
        if not over:
            assert (answer.status, packed.status) == (200, 200)
        else:
            assert (answer.status, answer.code) == (413, "batch_too_large")
            assert (packed.status, packed.code) == (413, "batch_too_large")
            assert answer.json["detail"] == {"limit": 512000}
            assert "500 KB" in answer.json["message"]
    declared = door.post("/v1/batch", b"", content_length="8388609")
    assert declared.status == 413


def test_a_bomb_goes_off_at_the_limit(door: Door) -> None:
    bomb = gzip.compress(gzip.compress(bytes(60_000_000), 9), 9)
    assert len(bomb) < 10_000
    assert door.post("/v1/batch", gzip.decompress(bomb)).status == 413
    assert door.post("/v1/batch", bomb).status == 400  # no JSON inside; unpacked once, not twice


def test_a_browser_may_send_from_any_page(door: Door) -> None:
    asked = {
        "origin": "https://www.example.jp",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,anonymousid,sentat",
    }
    for path in ("/v1/batch", "/v1/t", "/beacon/v1/batch", "/sourceConfig/"):
        answer = door.call("OPTIONS", path, b"", asked)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == "https://www.example.jp"
        allowed = answer.headers["access-control-allow-headers"].split(", ")
        assert {"authorization", "content-type", "anonymousid", "sentat"} <= set(allowed)
        assert "POST" in answer.headers["access-control-allow-methods"]
    for named, fits in (("x-retry-count", True), ("evil: 1\r\nset-cookie", False)):
        asked["access-control-request-headers"] = named
        answer = door.call("OPTIONS", "/v1/t", b"", asked)
        assert (named in answer.headers["access-control-allow-headers"]) is fits
    for answer in (
        door.post("/v1/t", EVENT, origin="https://www.example.jp"),
        door.post("/v1/t", b"{", origin="https://www.example.jp"),
    ):
        assert answer.headers["access-control-allow-origin"] == "https://www.example.jp"


def test_a_source_may_be_limited_to_its_pages(home: Workspace) -> None:
    put_keys(home, {WEB: a_source(origins=("https://www.example.jp",))})
    with Door(home) as door:
        assert door.post("/v1/t", EVENT, origin="https://www.example.jp").status == 200
        refused = door.post("/v1/t", EVENT, origin="https://evil.example")
    assert (refused.status, refused.code) == (403, "origin_not_allowed")
    assert len(logged(home)) == 1


def test_settings_lead_browsers_back_here(door: Door) -> None:
    host = {"host": "events.example.jp:8001"}
    found = door.call("GET", f"/v1/projects/{WEB}/settings", b"", host).json
    assert found["integrations"]["Segment.io"]["apiKey"] == WEB
    assert found["integrations"]["Segment.io"]["apiHost"] == "events.example.jp:8001/v1"
    target = f"/sourceConfig/?p=npm&v=3&writeKey={WEB}&lockIntegrationsVersion=false"
    found = door.call("GET", target, b"", host).json
    assert found["source"]["enabled"] is True
    assert found["source"]["config"]["statsCollection"]["errors"]["enabled"] is False
    assert found["source"]["destinations"] == []
    assert found["source"]["dataplanes"] == {}
    by_header = door.call("GET", "/sourceConfig/?p=npm", b"", host | basic(WEB))
    assert by_header.status == 200
    assert door.call("GET", "/v1/projects/web_other/settings", b"", host).status == 401
    assert door.call("GET", "/sourceConfig/?writeKey=no", b"", host).status == 401


def test_other_addresses_are_404(door: Door) -> None:
    for method, path in [
        ("GET", "/"), ("GET", "/v1/track"), ("POST", "/"), ("PUT", "/v1/track"),
        ("DELETE", "/v1/batch"), ("GET", "/../keys.json"), ("GET", "/v1/projects//settings/x"),
    ]:  # fmt: skip
        answer = door.call(method, path, b"", basic(WEB))
        assert (answer.status, answer.code) == (404, "not_found")
    assert door.post("/v1/m", {"series": []}).status == 200  # a browser SDK's own measurements


def test_errors_are_in_the_language_asked_for(door: Door) -> None:
    assert "書き込みキー" in door.post("/v1/t", EVENT, "no").json["message"]
    told = door.post("/v1/t", EVENT, "no", accept_language="en-GB,en;q=0.9").json
    assert told["message"] == "This write key is unknown or no longer valid."


def test_a_key_is_known_at_once_and_forgotten_within_a_second(door: Door, home: Workspace) -> None:
    assert door.post("/v1/t", EVENT, "web_new").status == 401
    put_keys(home, {"web_new": a_source(), WEB: a_source()})
    assert door.post("/v1/t", EVENT, "web_new").status == 200
    put_keys(home, {"web_new": a_source(enabled=False), WEB: a_source()})
    door.ingest._keys._look_at = 0.0  # a second has passed
    assert door.post("/v1/t", EVENT, "web_new").status == 401


def test_a_replaced_key_goes_on_until_its_time(home: Workspace) -> None:
    put_keys(home, {WEB: a_source(until=time.time() + 3600), SERVER: a_source(until=1.0)})
    with Door(home) as door:
        assert door.post("/v1/t", EVENT, WEB).status == 200
        assert door.post("/v1/t", EVENT, SERVER).status == 401


def test_without_a_key_file_nothing_is_dropped(home: Workspace) -> None:
    (home.events / KEYS).unlink()
    with Door(home) as door:
        answer = door.post("/v1/t", EVENT)
        assert (answer.status, answer.code) == (503, "ingest_not_ready")
        assert int(answer.headers["retry-after"]) > 0
        put_keys(home)
        assert door.post("/v1/t", EVENT).status == 200
        (home.events / KEYS).write_text("{broken")
        door.ingest._keys._look_at = 0.0
        assert door.post("/v1/t", EVENT).status == 200, "the keys that were known still are"


def test_a_backlog_beyond_the_bound_is_503(home: Workspace) -> None:
    with Door(home, bounds=Bounds(backlog=10_000)) as door:
        answer = door.post("/v1/t", EVENT)
        for _ in range(100_000):
            if answer.status != 200:
                break
            answer = door.post("/v1/t", EVENT)
        assert (answer.status, answer.code) == (503, "ingest_backlog")
        assert answer.headers["retry-after"] == "30"
        health = door.call("GET", "/healthz")
        assert (health.status, health.code) == (503, "ingest_backlog")
        refusing = door.ingest._writer.refusing() if door.ingest._writer else None
        assert refusing is not None
        assert refusing.__traceback__ is None, "refused requests would be kept in memory"
        kept = len(logged(home))
        assert kept > 30


def test_a_full_disk_is_503_and_what_was_acknowledged_is_there(home: Workspace) -> None:
    acknowledged = []
    with Door(home) as door, files_up_to(20_000):
        for number in range(200):
            answer = door.post("/v1/t", EVENT | {"messageId": str(number)})
            if answer.status == 200:
                acknowledged.append(str(number))
            else:
                assert (answer.status, answer.code) == (503, "ingest_disk")
                assert int(answer.headers["retry-after"]) > 0
    # The limit is one of a file, so a new segment takes a few more.
    assert 0 < len(acknowledged) < 200
    assert [event["messageId"] for event in events_logged(home)] == acknowledged


def test_what_is_written_is_for_its_owner_alone(door: Door, home: Workspace) -> None:
    door.post("/v1/t", EVENT)
    for path in (home.events / "0").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_refused_is_counted_in_the_log_and_nothing_of_it_told(
    home: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    with Door(home) as door:
        for _ in range(3):
            door.post("/v1/t", EVENT, "web_secret")
        door.post("/v1/t", b"{kanaria")
    lines = [record.getMessage() for record in caplog.records if record.name == "enishi.ingest"]
    assert lines == ["refused: write_key_unknown 1", "refused: event_json 1, write_key_unknown 2"]


def test_refusals_are_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    tally = Tally(lambda: now)
    for second in range(121):
        now = float(second)
        tally.add("event_json")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["refused: event_json 1", "refused: event_json 60", "refused: event_json 60"]


def test_a_request_of_very_many_items_is_413(door: Door, home: Workspace) -> None:
    answer = door.post("/v1/batch", b'{"batch":[' + b"0," * 10_000 + b"0]}")
    assert (answer.status, answer.code) == (413, "batch_too_many")
    assert answer.json["detail"] == {"limit": 10_000}
    assert door.post("/v1/batch", b'{"batch":[' + b"0," * 9_999 + b"0]}").status == 200
    assert len(logged(home)) == 1
