"""The Python SDKs of Segment and RudderStack, unchanged but for the host."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from rudderstack.analytics.client import Client as RudderClient
from sdk_said import GROUP, NAME, PROPERTIES, TRAITS, USER, VISITOR, check_one_of_each, numbers_in
from sdk_world import Api
from segment.analytics.client import Client as SegmentClient

from enishi.book.workspace import Workspace
from ingest_world import SERVER, events_logged, start

CLIENTS: dict[str, Any] = {"segment": SegmentClient, "rudderstack": RudderClient}
KINDS = {"identify", "track", "page", "screen", "group", "alias"}


def a_client(name: str, url: str, key: str = SERVER, **options: Any) -> tuple[Any, list[Any]]:
    """A client, and the errors it tells of."""
    errors: list[Any] = []
    client = CLIENTS[name](
        key, host=url, on_error=lambda error, items: errors.append((error, len(items))), **options
    )
    return client, errors


@pytest.mark.parametrize("packed", [True, pytest.param(False, marks=pytest.mark.heavy)])
@pytest.mark.parametrize("name", CLIENTS)
def test_each_call_arrives(api: Api, name: str, packed: bool) -> None:
    client, errors = a_client(name, api.url, gzip=packed)
    client.identify(USER, TRAITS)
    client.track(USER, NAME, PROPERTIES)
    client.page(USER, "ローン", "金利", {"url": "https://www.example.jp/loan"})
    client.screen(USER, "アプリ", "残高")
    client.group(USER, GROUP, {"name": "例示商事"})
    client.alias(VISITOR, USER)
    client.flush()
    client.shutdown()
    assert errors == []
    check_one_of_each(api.events(), KINDS)
    assert {record.head.source for record in api.records()} == {"src_server"}


@pytest.mark.heavy
@pytest.mark.parametrize("name", CLIENTS)
def test_a_wrong_key_is_told_and_the_event_dropped(api: Api, name: str) -> None:
    client, errors = a_client(name, api.url, key="srv_wrong")
    client.track(USER, NAME, PROPERTIES)
    client.flush()
    client.shutdown()
    assert len(errors) == 1
    assert "write_key_unknown" in str(errors[0])
    assert api.events() == []


@pytest.mark.heavy
@pytest.mark.parametrize("name", CLIENTS)
def test_thousands_arrive_once_each_and_in_order(api: Api, name: str) -> None:
    client, errors = a_client(name, api.url, max_queue_size=20_000)
    for number in range(5_000):
        client.track(USER, NAME, {"number": number, "note": "縁" * 50})
    client.flush()
    client.shutdown()
    assert errors == []
    assert numbers_in(api.events()) == list(range(5_000))


@pytest.mark.heavy
@pytest.mark.parametrize("name", CLIENTS)
def test_nothing_is_lost_when_ingest_dies_and_comes_back(home: Workspace, name: str) -> None:
    first = start(home.root)
    client, errors = a_client(
        name, first.url, max_queue_size=20_000, max_retries=20, upload_size=10
    )
    for number in range(200):
        client.track(USER, NAME, {"number": number})
    client.queue.join()
    first.kill()
    for number in range(200, 400):
        client.track(USER, NAME, {"number": number})
    refusing_for_a_while(first.port)
    second = start(home.root, first.port)
    try:
        client.flush()
        client.shutdown()
        assert errors == []
        assert sorted(set(numbers_in(events_logged(home)))) == list(range(400))
    finally:
        second.process.terminate()
        second.process.wait(30)


def refusing_for_a_while(port: int) -> None:
    """Come back when the SDK has tried, in vain, to reach somebody at the port."""
    with socket.create_server(("127.0.0.1", port), reuse_port=True) as listening:
        listening.settimeout(30)
        tried, _ = listening.accept()
        tried.close()
