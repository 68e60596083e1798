"""The Python SDKs of Segment and RudderStack, unchanged but for the host."""

from __future__ import annotations

import socket

import pytest
from sdk_said import NAME, PROPERTIES, USER, check_one_of_each, numbers_in
from sdk_senders import KINDS, PYTHON, python_client, say_in_python
from sdk_world import Api

from enishi.book.workspace import Workspace
from ingest_world import events_logged, start


@pytest.mark.parametrize("packed", [True, pytest.param(False, marks=pytest.mark.heavy)])
@pytest.mark.parametrize("name", PYTHON)
def test_each_call_arrives(api: Api, name: str, packed: bool) -> None:
    assert say_in_python(name, api.url, gzip=packed) == []
    check_one_of_each(api.events(), KINDS)
    assert {record.head.source for record in api.records()} == {"src_server"}


@pytest.mark.heavy
@pytest.mark.parametrize("name", PYTHON)
def test_a_wrong_key_is_told_and_the_event_dropped(api: Api, name: str) -> None:
    client, errors = python_client(name, api.url, key="srv_wrong")
    client.track(USER, NAME, PROPERTIES)
    client.flush()
    client.shutdown()
    assert len(errors) == 1
    assert "write_key_unknown" in str(errors[0])
    assert api.events() == []


@pytest.mark.heavy
@pytest.mark.parametrize("name", PYTHON)
def test_thousands_arrive_once_each_and_in_order(api: Api, name: str) -> None:
    client, errors = python_client(name, api.url, max_queue_size=20_000)
    for number in range(5_000):
        client.track(USER, NAME, {"number": number, "note": "縁" * 50})
    client.flush()
    client.shutdown()
    assert errors == []
    assert numbers_in(api.events()) == list(range(5_000))


@pytest.mark.heavy
@pytest.mark.parametrize("name", PYTHON)
def test_nothing_is_lost_when_ingest_dies_and_comes_back(home: Workspace, name: str) -> None:
    first = start(home.root)
    client, errors = python_client(
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
