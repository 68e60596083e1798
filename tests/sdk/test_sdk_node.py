"""The Node SDKs of Segment and RudderStack, unchanged but for the host."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from sdk_packages import HERE, install, node
from sdk_said import (
    GROUP,
    NAME,
    PROPERTIES,
    TRAITS,
    USER,
    VISITOR,
    check_one_of_each,
    numbers_in,
)
from sdk_world import Api

from ingest_world import SERVER

SENDERS = ("segment", "rudderstack")
KINDS = {"identify", "track", "page", "screen", "group", "alias"}


def send(name: str, api: Api, **options: Any) -> list[str]:
    """Let an SDK send; returns the errors it told of."""
    install()
    program, environment = node()
    told = {
        "url": api.url, "key": SERVER, "user": USER, "visitor": VISITOR, "group": GROUP,
        "name": NAME, "properties": PROPERTIES, "traits": TRAITS,
    }  # fmt: skip
    done = subprocess.run(
        [program, f"senders/{name}.mjs"],
        input=json.dumps(told | options),
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    errors: list[str] = json.loads(done.stdout.splitlines()[-1])["errors"]
    return errors


@pytest.mark.parametrize("name", SENDERS)
def test_each_call_arrives(api: Api, name: str) -> None:
    assert send(name, api) == []
    check_one_of_each(api.events(), KINDS)
    assert {record.head.source for record in api.records()} == {"src_server"}


@pytest.mark.heavy
def test_each_call_arrives_unpacked_too(api: Api) -> None:
    assert send("rudderstack", api, packed=False) == []
    check_one_of_each(api.events(), KINDS)


@pytest.mark.heavy
@pytest.mark.parametrize("name", SENDERS)
def test_thousands_arrive_once_each(api: Api, name: str) -> None:
    assert send(name, api, count=3_000) == []
    assert sorted(numbers_in(api.events())) == list(range(3_000))


@pytest.mark.heavy
@pytest.mark.parametrize("name", SENDERS)
def test_a_wrong_key_drops_the_events(api: Api, name: str) -> None:
    assert send(name, api, key="srv_wrong") != []
    assert api.events() == []
