"""What every SDK is made to say, and whether that is what arrived."""

from __future__ import annotations

from collections import Counter
from typing import Any

USER, VISITOR, GROUP = "00012345", "visitor-縁", "acme-01"
NAME = "シミュレーション実行"
PROPERTIES = {"product": "住宅ローン 🏠", "amount": 35_000_000, "rate": 0.75, "steps": [1, 2, 3]}
TRAITS = {"branch": "本店", "plan": "standard"}


def check_one_of_each(events: list[dict[str, Any]], kinds: set[str]) -> None:
    """One call of each kind arrived whole, each with an id of its own."""
    assert Counter(event["type"] for event in events) == Counter(kinds)
    by_type = {event["type"]: event for event in events}
    track = by_type["track"]
    assert (track["event"], track["userId"]) == (NAME, USER)
    assert track["properties"].items() >= PROPERTIES.items()
    identify = by_type["identify"]
    told = identify.get("traits") or identify["context"]["traits"]
    assert told.items() >= TRAITS.items()
    assert identify["userId"] == USER
    if "group" in kinds:
        assert by_type["group"]["groupId"] == GROUP
    if "alias" in kinds:
        assert by_type["alias"]["userId"] == USER
    ids = [event["messageId"] for event in events]
    assert len(set(ids)) == len(ids)
    for event in events:
        assert event.get("timestamp") or event.get("originalTimestamp")


def numbers_in(events: list[dict[str, Any]]) -> list[int]:
    """The numbers of the numbered events, in order of arrival."""
    return [
        event["properties"]["number"]
        for event in events
        if event["type"] == "track" and "number" in event.get("properties", {})
    ]
