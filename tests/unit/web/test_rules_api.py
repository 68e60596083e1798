"""Rules as the builder asks about them, over a small loaded bank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from enishi.book.models import AuditRow
from enishi.warehouse.parts import leaves, parts_at

if TYPE_CHECKING:
    from lists_world import Bank

MAIN: dict[str, Any] = {"field": "branch", "op": "eq", "value": "本店"}
RICH: dict[str, Any] = {
    "related": "deposits",
    "measure": {"sum": "balance"},
    "op": "ge",
    "value": 1_000_000,
}


def test_count_funnel_and_sample_can_be_asked_apart(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    rule = {"all": [MAIN, RICH]}
    whole = api.post("rules/preview", {"rule": rule, "sample": 3}).json()
    count = api.post("rules/count", {"rule": rule}).json()
    assert (count["count"], count["sentence"]) == (whole["count"], whole["sentence"])
    steps = api.post("rules/funnel", {"rule": rule}).json()["steps"]
    assert [(s["path"], s["mode"], s["opens"]) for s in steps] == [
        ("$.all[0]", "all", False),
        ("$.all[1]", "all", False),
    ]
    assert steps[0]["alone"] == steps[0]["cumulative"] > steps[1]["cumulative"]
    assert steps[1]["cumulative"] == count["count"]
    people = api.post("rules/sample", {"rule": rule, "sample": 3}).json()["people"]
    assert [one["id"] for one in people] == [one["id"] for one in whole["sample"]]
    assert AuditRow.objects.filter(action="rule.preview").count() == 2


def test_a_group_has_a_funnel_of_its_own(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    rule = {"all": [MAIN, {"not": {"any": [MAIN, RICH]}}]}
    top = api.post("rules/funnel", {"rule": rule}).json()["steps"]
    assert [step["opens"] for step in top] == [False, True]
    inside = api.post("rules/funnel", {"rule": rule, "path": "$.all[1]"}).json()["steps"]
    assert [step["path"] for step in inside] == ["$.all[1].not.any[0]", "$.all[1].not.any[1]"]
    either = api.post("rules/count", {"rule": {"any": [MAIN, RICH]}}).json()["count"]
    assert [step["mode"] for step in inside] == ["any", "any"]
    assert inside[-1]["cumulative"] == either
    assert top[-1]["alone"] == 40 - either
    gone = api.post("rules/funnel", {"rule": rule, "path": "$.all[7]"})
    assert (gone.status_code, gone.json()["code"]) == (422, "path_unknown")


def test_what_a_purpose_forbids_is_told_at_the_condition(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    income = {"field": "income", "op": "gt", "value": 5}
    rule = {"all": [MAIN, {"any": [MAIN, {"not": income}]}]}
    told = api.post("rules/check", {"rule": rule, "purpose": "deposits"}).json()
    assert [(fault["code"], fault["path"]) for fault in told["faults"]] == [
        ("purpose_forbids", "$.all[1].any[1].not")
    ]
    envelope = {"version": 1, "purpose": "deposits", "rule": rule}
    told = api.post("rules/check", {"rule": envelope}).json()
    assert told["faults"][0]["path"] == "$.rule.all[1].any[1].not"
    assert api.post("rules/check", {"rule": rule, "purpose": "cards"}).json()["ok"] is True


def test_two_rules_are_compared(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    other = {"field": "branch", "op": "ne", "value": "本店"}
    found = api.post("rules/compare", {"a": {"all": [MAIN, RICH]}, "b": {"all": [RICH]}}).json()
    rich = api.post("rules/count", {"rule": RICH}).json()["count"]
    both = api.post("rules/count", {"rule": {"all": [MAIN, RICH]}}).json()["count"]
    assert (found["only_a"], found["both"], found["only_b"]) == (0, both, rich - both)
    assert [part["rule"] for part in found["a"]["parts"]] == [MAIN]
    assert found["b"]["parts"] == []
    assert len(found["common"]) == 1
    assert len(found["people_only_b"]) == min(5, rich - both)
    apart = api.post("rules/compare", {"a": MAIN, "b": other}).json()
    assert (apart["both"], apart["only_a"] + apart["only_b"]) == (0, 40)
    assert AuditRow.objects.filter(action="rule.compare").count() == 2


def test_the_sets_a_rule_may_name(sqlite_bank: Bank) -> None:
    found = sqlite_bank.api("manager").get("rules/sets").json()
    assert set(found) == {"segments", "lists"}
    assert sqlite_bank.api("representative").get("rules/sets").status_code == 403


def test_a_sequence_is_taken_apart_by_its_steps() -> None:
    rule = {
        "sequence": [
            {"event": "a", "where": MAIN},
            {"event": "b", "within": "7d"},
            {"no_event": "c", "within": "3d"},
        ],
        "during": {"last": "90d"},
        "same": "order",
    }
    found = parts_at({"all": [{"not": rule}]}, "$.all[0]")
    assert found.mode == "steps"
    assert [part.path for part in found.parts] == [
        f"$.all[0].not.sequence[{index}]" for index in range(3)
    ]
    assert found.parts[0].rule == {
        "event": "a",
        "where": {"all": [MAIN, {"field": "order", "op": "is_set"}]},
        "during": {"last": "90d"},
    }
    assert found.parts[1].rule == {**rule, "sequence": rule["sequence"][:2]}
    assert found.parts[2].rule == rule


@pytest.mark.parametrize(
    ("rule", "paths"),
    [
        (MAIN, ["$"]),
        ({"at_least": 1, "of": [MAIN, {"not": MAIN}]}, ["$.of[0]", "$.of[1].not"]),
        ({"any": []}, []),
        ("nonsense", ["$"]),
    ],
)
def test_the_conditions_of_a_rule(rule: object, paths: list[str]) -> None:
    assert [part.path for part in leaves(rule)] == paths
