"""Segments through days: made, refreshed, entered and left, looked into."""

from __future__ import annotations

from datetime import timedelta

from lists_world import Bank
from segments_world import MAIN, RICH, Segments, numbers


def test_a_segment_is_made_refreshed_and_shows_its_people(bank: Bank) -> None:
    world = Segments(bank)
    made = world.make("rich", RICH, description="三百万円以上")
    assert (made["state"], made["size"], made["version"]) == ("refreshing", None, 1)
    world.run()
    assert world.inside("rich") == numbers(30, 40) | {"P030"}
    found = world.get("rich")
    assert (found["state"], found["size"], found["entered"]) == ("fresh", 11, 11)
    assert found["freshness"]["late"] is False
    assert "3" in found["sentence"]
    members = world.get("rich/members")
    assert members["total"] == 11
    assert {item["key"] for item in members["items"]} == numbers(30, 40)
    listed = world.get("?q=ric")
    assert [row["slug"] for row in listed["items"]] == ["rich"]


def test_entries_and_exits_over_days(bank: Bank) -> None:
    world = Segments(bank)
    world.make("rich", RICH)
    world.run()
    bank.later(timedelta(days=1))
    bank.load(balances={1: 9_000_000, 40: 5})
    world.run()
    assert world.inside("rich") == numbers(30, 39) | {"P001"}
    bank.later(timedelta(days=1))
    bank.load(balances={1: 9_000_000})
    world.run()
    trend = world.get("rich/trend?days=4")
    assert [day["size"] for day in trend["sizes"]] == [0, 11, 11, 12]
    assert [(d["entered"], d["left"]) for d in trend["flows"]] == [(0, 0), (11, 0), (1, 1), (1, 0)]
    member = world.get("rich/members/P040")
    assert member["inside"] is True
    assert len(member["stays"]) == 2
    assert world.get("rich/members?state=left")["total"] == 0


def test_overlap_counts_each_person_once(bank: Bank) -> None:
    world = Segments(bank)
    world.make("rich", RICH)
    world.make("main", MAIN)
    world.run()
    found = world.post("overlap", {"slugs": ["rich", "main"]})
    assert {s["slug"]: s["size"] for s in found["sizes"]} == {"rich": 11, "main": 20}
    assert found["pairs"] == [{"a": "rich", "b": "main", "both": 6}]
    assert {tuple(i["slugs"]): i["size"] for i in found["intersections"]} == {
        ("main",): 14, ("rich", "main"): 6, ("rich",): 5
    }  # fmt: skip
    assert found["total"] == 25


def test_a_segment_of_segments_follows_them(bank: Bank) -> None:
    world = Segments(bank)
    world.make("rich", RICH)
    world.run()
    rule = {"all": [{"segment": "rich"}, {"not": MAIN}]}
    world.make("rich-elsewhere", rule)
    world.run()
    assert world.inside("rich-elsewhere") == {"P031", "P033", "P035", "P037", "P039"}
    assert world.get("rich/uses") == [
        {"kind": "segment", "id": "rich-elsewhere", "name": "rich-elsewhere"}
    ]
    bank.later(timedelta(hours=1))
    bank.load(balances={1: 9_000_000})
    world.run()
    assert "P001" in world.inside("rich-elsewhere")
    refused = bank.api("manager").post("segments/rich/archive")
    assert refused.json()["code"] == "segment_in_use"
    cyclic = bank.api("manager").post(
        "segments/rich/versions", {"rule": {"segment": "rich-elsewhere"}}
    )
    assert cyclic.status_code == 422
    assert cyclic.json()["faults"][0]["path"].startswith("$.rule")
