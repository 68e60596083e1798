"""The Node SDKs of Segment and RudderStack, unchanged but for the host."""

from __future__ import annotations

import pytest
from sdk_said import check_one_of_each, numbers_in
from sdk_senders import KINDS, NODE, say_in_node
from sdk_world import Api


@pytest.mark.parametrize("name", NODE)
def test_each_call_arrives(api: Api, name: str) -> None:
    assert say_in_node(name, api.url) == []
    check_one_of_each(api.events(), KINDS)
    assert {record.head.source for record in api.records()} == {"src_server"}


@pytest.mark.heavy
def test_each_call_arrives_unpacked_too(api: Api) -> None:
    assert say_in_node("rudderstack", api.url, packed=False) == []
    check_one_of_each(api.events(), KINDS)


@pytest.mark.heavy
@pytest.mark.parametrize("name", NODE)
def test_thousands_arrive_once_each(api: Api, name: str) -> None:
    assert say_in_node(name, api.url, count=3_000) == []
    assert sorted(numbers_in(api.events())) == list(range(3_000))


@pytest.mark.heavy
@pytest.mark.parametrize("name", NODE)
def test_a_wrong_key_drops_the_events(api: Api, name: str) -> None:
    assert say_in_node(name, api.url, key="srv_wrong") != []
    assert api.events() == []
