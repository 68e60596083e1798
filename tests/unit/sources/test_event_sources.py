"""Event sources: from the administrator's click to the key that ingest knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from book_fixtures import ApiClient
from enishi.book.clock import clock_set_to
from enishi.book.models import AuditRow
from enishi.book.workspace import Workspace
from enishi.kernel.clock import VirtualClock, system_clock
from enishi.sources.ingest_keys import KEYS, KeyFile, Keys, digest
from ingest_world import Door, logged

EVENT = {"type": "track", "event": "x", "userId": "u", "messageId": "m"}
Clients = Callable[..., ApiClient]


def keys(workspace: Workspace) -> dict[str, Any]:
    return msgspec.json.decode((workspace.events / KEYS).read_bytes(), type=KeyFile).sources


def make(client: ApiClient, **given: Any) -> Any:
    answer = client.post("events/sources", {"name": "公式サイト", "kind": "web"} | given)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_new_source_may_send_at_once(both_books: Workspace, client_of: Clients) -> None:
    made = make(client_of("administrator"))
    with Door(both_books) as door:
        assert door.post("/v1/t", EVENT, made["key"]).status == 200
    assert [record.head.source for record in logged(both_books)] == [made["source"]["id"]]
    row = AuditRow.objects.get(action="events.source_created")
    assert (row.object_id, row.detail) == (made["source"]["id"], {"kind": "web"})


def test_a_server_key_is_told_once_and_stands_nowhere(book: Workspace, client_of: Clients) -> None:
    client = client_of("administrator")
    web, server = make(client), make(client, name="基幹", kind="server")
    assert server["key"].startswith("srv_")
    listed = {one["name"]: one for one in client.get("events/sources").json()["items"]}
    assert listed["公式サイト"]["key"] == web["key"]
    assert listed["基幹"]["key"] is None
    assert listed["基幹"]["hint"] == server["key"][-4:]
    for path in (*book.var.glob("*"), *book.events.glob("*")):
        if path.is_file():
            assert server["key"].encode() not in path.read_bytes(), path


def test_a_disabled_source_is_refused_and_comes_back(book: Workspace, client_of: Clients) -> None:
    client = client_of("administrator")
    made = make(client)
    address = f"events/sources/{made['source']['id']}"
    known = Keys(book.events / KEYS)
    assert known.find(made["key"]) is not None
    assert client.patch(address, {"enabled": False}).json()["enabled"] is False
    known._read_anew()
    assert known.find(made["key"]) is None
    assert client.patch(address, {"enabled": True, "name": "新サイト"}).json()["name"] == "新サイト"
    known._read_anew()
    found = known.find(made["key"])
    assert found is not None
    assert found.name == "新サイト"


def test_a_new_key_replaces_the_old_at_once_or_after_a_while(
    book: Workspace, client_of: Clients
) -> None:
    client = client_of("administrator")
    first = make(client)
    address = f"events/sources/{first['source']['id']}/rotate"
    second = client.post(address, {"keep_old_hours": 24}).json()
    assert second["source"]["old_key_until"] is not None
    known = Keys(book.events / KEYS)
    assert known.find(first["key"]) is not None
    assert known.find(second["key"]) is not None
    until = keys(book)[digest(first["key"])].until
    assert abs(until - (system_clock() + timedelta(hours=24)).timestamp()) < 60
    third = client.post(address, {}).json()
    known = Keys(book.events / KEYS)
    assert [known.find(one["key"]) is not None for one in (first, second, third)] == [
        False, False, True,
    ]  # fmt: skip


def test_an_old_key_ends_with_its_time(book: Workspace, client_of: Clients) -> None:
    client = client_of("administrator")
    with clock_set_to(VirtualClock()):  # long ago
        first = make(client)
        client.post(f"events/sources/{first['source']['id']}/rotate", {"keep_old_hours": 24})
    assert Keys(book.events / KEYS).find(first["key"]) is None


def test_what_is_wrong_is_said(book: Workspace, client_of: Clients) -> None:
    client = client_of("administrator")
    made = make(client)
    for body, status, code in [
        ({"name": "公式サイト", "kind": "web"}, 409, "event_source_name_taken"),
        ({"name": " 公式サイト ", "kind": "app"}, 409, "event_source_name_taken"),
        ({"name": "  ", "kind": "web"}, 422, "event_source_name"),
        ({"name": "a\u202eb", "kind": "web"}, 422, "event_source_name"),
        ({"name": "x" * 101, "kind": "web"}, 422, "event_source_name"),
        ({"name": "x", "kind": "web", "origins": ["www.example.jp"]}, 422, "event_source_origins"),
        ({"name": "x", "kind": "web", "origins": ["https://a.jp/b"]}, 422, "event_source_origins"),
        ({"name": "x", "kind": "app", "origins": ["https://a.jp"]}, 422, "event_source_origins"),
    ]:
        answer = client.post("events/sources", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    other = make(client, name="別", origins=["https://A.example.jp/", "https://a.example.jp"])
    assert other["source"]["origins"] == ["https://a.example.jp"]
    taken = client.patch(f"events/sources/{other['source']['id']}", {"name": "公式サイト"})
    assert taken.status_code == 409
    assert client.patch("events/sources/src_none", {}).status_code == 404
    assert len(keys(book)) == 2
    assert made["source"]["kind"] == "web"


def test_the_command_line_makes_and_lists_them(
    book: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from enishi.cli.main import main

    monkeypatch.setattr(settings, "ENISHI_ROOT", str(book.root))  # this process serves the book

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["-w", str(book.root), "source", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    assert "srv_" in run("add", "基幹", "--kind", "server")
    assert "srv_" not in run("list")
    [row] = msgspec.json.decode(run("list", "--json"))
    run("disable", row["id"])
    assert not next(iter(keys(book).values())).enabled
    run("enable", row["id"])
    assert "srv_" in run("rotate", row["id"], "--keep-old-hours", "1")
    assert len(keys(book)) == 2
