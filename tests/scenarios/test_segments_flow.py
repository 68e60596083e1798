"""Segments through days: made, refreshed, entered and left, looked into."""

from __future__ import annotations

from datetime import timedelta

from lists_world import Bank, write_people
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


def test_segments_follow_those_they_name_whatever_moved_them(sqlite_bank: Bank) -> None:
    """Also where nothing that they read themselves was loaded, and when a wording changes."""
    from enishi.sources.service import load

    world = Segments(sqlite_bank)
    for slug, rule in (("a", RICH), ("b", {"segment": "a"}), ("c", {"not": {"segment": "b"}})):
        world.make(slug, rule)
        world.run()
    sqlite_bank.later(timedelta(hours=1))
    write_people(sqlite_bank.workspace.data, {1: 9_000_000})
    warehouse = sqlite_bank.warehouse
    load(
        sqlite_bank.workspace, warehouse.engine, warehouse.catalog, ["deposit"],
        clock=sqlite_bank.clock,
    )  # fmt: skip
    world.run()
    assert world.inside("a") == world.inside("b") == numbers(30, 40) | {"P001"}
    assert world.inside("c") == numbers(2, 29)
    sqlite_bank.later(timedelta(hours=1))
    world.post("a/versions", {"rule": MAIN})
    world.run()
    assert world.inside("b") == world.true_of(MAIN)
    assert world.inside("c") == world.true_of({"not": MAIN})


def test_why_tells_of_a_segment_inside_a_rule(sqlite_bank: Bank) -> None:
    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.run()
    rule = {"rule": {"segment": "rich"}, "subject": "person", "person": "P040"}
    found = sqlite_bank.api("manager").post("rules/why", rule).json()
    assert found["truth"] is True
    found = sqlite_bank.api("manager").post("rules/why", rule | {"person": "P001"}).json()
    assert found["truth"] is False


def test_compare_and_versions(sqlite_bank: Bank) -> None:
    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.run()
    both = {"all": [RICH, MAIN]}
    made = world.post("rich/versions", {"rule": both, "note": "本店のみ"})
    assert (made["version"], made["state"]) == (2, "fresh")
    world.run()
    assert world.inside("rich") == {f"P{n:03}" for n in range(30, 41, 2)}
    found = world.get("rich/compare?a=1&b=2")
    assert found["people"] == {"only_a": 5, "both": 6, "only_b": 0}
    assert len(found["parts_only_b"]) == 1
    assert [v["number"] for v in world.get("rich/versions")] == [2, 1]
    assert world.get("rich")["left"] == 5


def test_composition_serves_the_purpose_and_the_mask(sqlite_bank: Bank) -> None:
    world = Segments(sqlite_bank)
    world.make("rich", RICH, purpose="deposits")
    world.run()
    found = world.post("rich/composition", {"value": {"field": "branch"}})
    assert [(b["label"], b["count"]) for b in found["buckets"]] == [("本店", 6), ("駅前支店", 5)]
    value = {"related": "deposits", "measure": {"sum": "balance"}}
    found = world.post("rich/composition", {"value": value, "bins": 4})
    assert found["kind"] == "histogram"
    assert sum(b["count"] for b in found["buckets"]) == found["total"] == 11
    api = sqlite_bank.api("manager")
    refused = api.post("segments/rich/composition", {"value": {"field": "income"}})
    assert refused.json()["faults"][0]["code"] == "purpose_forbids"
    masked = sqlite_bank.api("marketer").post(
        "segments/rich/composition", {"value": {"field": "phone"}}
    )
    assert masked.json()["code"] == "masked_field"


def test_a_rule_is_refused_with_its_path(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("marketer")

    def refused(**body: object) -> tuple[str, str]:
        answer = api.post("segments", {"name": "x", "rule": MAIN, **body})
        assert answer.status_code == 422, answer.content.decode()
        fault = answer.json()["faults"][0]
        return fault["code"], fault["path"]

    assert refused(rule={"all": []}) == ("selects_everybody", "$.rule")
    assert refused(rule={"field": "brunch", "op": "eq", "value": "x"})[1] == "$.rule.field"
    assert refused(kind="ranked")[1] == "$.rank"
    assert refused(kind="one_per_group", rank={"value": {"field": "owner"}})[1] == "$.rank.group"
    assert refused(rank={"value": {"field": "owner"}})[1] == "$.rank"
    assert refused(kind="ranked", rank={"value": {"field": "x"}})[1] == "$.rank.value.field"
    assert refused(subject="horse")[1] == "$.subject"
    assert refused(purpose="weather")[1] == "$.purpose"
    income = {"field": "income", "op": "gt", "value": 1}
    assert refused(rule=income, purpose="deposits")[0] == "purpose_forbids"
    phone = api.post(
        "segments",
        {"name": "x", "rule": {"field": "phone", "op": "starts_with", "value": "0"}},
    )
    assert phone.json()["code"] == "masked_field"


def test_ranked_snapshot_and_one_of_each_group(sqlite_bank: Bank) -> None:
    world = Segments(sqlite_bank)
    total = {"related": "deposits", "measure": {"sum": "balance"}}
    by_branch = {"value": total, "n": 2, "group": {"field": "branch"}}
    some = {"field": "person_id", "op": "is_set"}
    world.make("top", some, kind="ranked", rank={"value": total, "n": 3})
    world.make("bottom", some, kind="ranked", rank={"value": total, "n": 1, "direction": "asc"})
    world.make("top-of-branch", some, kind="ranked", rank=by_branch)
    world.make("one", some, kind="one_per_group", rank=by_branch)
    world.make("taken", RICH, kind="snapshot")
    world.run()
    assert world.inside("top") == {"P038", "P039", "P040"}
    assert world.inside("bottom") == {"P001"}
    assert world.inside("top-of-branch") == {"P037", "P038", "P039", "P040"}
    assert world.inside("one") == {"P039", "P040"}
    sqlite_bank.later(timedelta(hours=1))
    sqlite_bank.load(balances={1: 9_000_000})
    world.run()
    assert world.inside("top") == {"P001", "P039", "P040"}
    assert world.inside("one") == {"P001", "P040"}
    assert "P001" not in world.inside("taken")
    sqlite_bank.later(timedelta(days=3))
    world.run()
    assert world.get("taken")["state"] == "fresh"
    world.post("taken/refresh", {"mode": "full"})
    world.run()
    assert "P001" in world.inside("taken")
