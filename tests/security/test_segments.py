"""What segments must not tell or let through: masked fields, scopes, purposes, names of columns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from enishi.book.models import AuditRow
from lists_world import Bank
from segments_world import MAIN, RICH, Segments


@pytest.mark.parametrize(
    "rank",
    [
        {"value": {"field": "phone"}, "n": 1},
        {"value": {"field": "branch"}, "n": 1, "group": {"field": "phone"}},
    ],
)
def test_nobody_is_ranked_or_grouped_by_what_is_masked(
    sqlite_bank: Bank, rank: dict[str, Any]
) -> None:
    """The first n for n = 1, 2, 3… would tell the order of all phone numbers."""
    body = {"name": "x", "rule": MAIN, "kind": "ranked", "rank": rank}
    refused = sqlite_bank.api("marketer").post("segments", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "masked_field")
    assert sqlite_bank.api("manager").post("segments", body).status_code == 201


def test_who_is_limited_by_a_segment_does_not_word_it(sqlite_bank: Bank) -> None:
    world = Segments(sqlite_bank)
    world.make("below", MAIN)
    world.run()
    world.make("own", {"segment": "below"})
    world.make("other", MAIN)
    world.run()
    sqlite_bank.later(timedelta(minutes=1))
    administrator, analyst = sqlite_bank.api("administrator"), sqlite_bank.api("analyst")
    assert administrator.patch("roles/analyst", {"scope": {"segment": "own"}}).status_code == 200
    assert analyst.get("customers").json()["total"] == 20
    wider = {"rule": {"field": "branch", "op": "is_set"}}
    for slug in ("own", "below"):
        refused = analyst.post(f"segments/{slug}/versions", wider)
        assert (refused.status_code, refused.json()["code"]) == (403, "segment_decides_scope")
    world.run()
    sqlite_bank.later(timedelta(minutes=1))
    assert analyst.get("customers").json()["total"] == 20
    assert analyst.post("segments/other/versions", wider).status_code == 200
    assert administrator.post("segments/below/versions", wider).status_code == 200


def test_nothing_is_told_of_one_person_beyond_the_scope(sqlite_bank: Bank) -> None:
    """A segment of one person tells, by whatever counts it, all that a rule can ask of her."""
    from enishi.book.access import OPERATOR
    from enishi.book.scopes import set_role

    world = Segments(sqlite_bank)
    set_role(OPERATOR, "manager", MAIN, "high")
    rule = {"all": [{"field": "person_id", "op": "eq", "value": "P001"}, {"related": "deposits"}]}
    nobody = {"all": [{"field": "person_id", "op": "eq", "value": "P001"}, MAIN]}
    told = []
    for slug, one in (("one", rule), ("none", nobody)):
        world.make(slug, one)
        world.run()
        sqlite_bank.later(timedelta(minutes=5))
        world.post(f"{slug}/refresh", {"mode": "full"})
        world.run()
        page = world.get(slug)
        assert page["differences"] is None
        exported = sqlite_bank.api("manager").post(f"segments/{slug}/export", {})
        counts = ("size", "entered", "left", "touched", "moved", "missed")
        told.append(
            [
                [page[name] for name in ("size", "entered", "left")],
                [[row[name] for name in counts] for row in world.get(f"{slug}/refreshes")],
                world.get(f"{slug}/trend?days=2"),
                world.get(f"{slug}/members"),
                world.get(f"{slug}/members?state=left"),
                world.get(f"{slug}/differences"),
                world.post(f"{slug}/composition", {"value": {"field": "owner"}}),
                world.post("overlap", {"slugs": [slug, "one"]})["total"],
                world.get("?days=3")["items"][0]["sizes"],
                sorted(name for name in exported.headers if name.startswith("X-Enishi")),
                b"".join(exported.streaming_content),
            ]
        )
    assert told[0] == told[1]
    ranked = {"name": "x", "kind": "ranked", "rank": {"value": {"field": "owner"}, "n": 1},
              "rule": {"field": "person_id", "op": "in", "value": ["P001", "P002"]}}  # fmt: skip
    refused = sqlite_bank.api("manager").post("segments", ranked)
    assert (refused.status_code, refused.json()["code"]) == (403, "beyond_scope")


def test_a_new_wording_does_not_wash_fields_of_their_purpose(sqlite_bank: Bank) -> None:
    """Who left the segment after its new wording had an income: the stays still tell it."""
    world = Segments(sqlite_bank)
    income = {"field": "income", "op": "ge", "value": 20000}
    world.make("earners", income, purpose="cards")
    world.run()
    world.post("earners/versions", {"rule": {"not": {"field": "branch", "op": "is_set"}}})
    world.run()
    rule = {"segment": "earners", "left": {"last": "30d"}}
    body = {"name": "x", "rule": rule, "purpose": "deposits"}
    refused = sqlite_bank.api("manager").post("segments", body)
    assert [f["code"] for f in refused.json()["faults"]] == ["purpose_forbids"]
    assert sqlite_bank.api("manager").post("segments", body | {"purpose": "cards"}).status_code == (
        201
    )


@pytest.mark.parametrize("name", ["", " ", "_id", "_ID", "_key0", "_display", "key", "x" * 201])
def test_no_column_takes_the_place_of_the_person(sqlite_bank: Bank, name: str) -> None:
    """Else the audit row would name, say, a branch as the person who was shown."""
    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.run()
    api = sqlite_bank.api("manager")
    columns = {name: {"field": "branch"}}
    for path, body in (
        ("segments/rich/export", {"columns": columns}),
        ("rules/sample", {"rule": MAIN, "columns": columns}),
        ("rules/preview", {"rule": MAIN, "columns": columns}),
    ):
        refused = api.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (422, "column_name"), path
    assert not AuditRow.objects.filter(action__in=["segment.export", "rule.preview"]).exists()


def test_columns_that_differ_in_case_alone_or_are_endless_are_refused(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    twice = {"A": {"field": "branch"}, "a": {"field": "owner"}}
    refused = api.post("rules/sample", {"rule": MAIN, "columns": twice})
    assert refused.json()["code"] == "column_name"
    refused = api.post("rules/sample", {"rule": MAIN, "columns": {"id": {"field": "branch"}}})
    assert refused.json()["code"] == "column_name", "a sample names the person `id`"
    many = {f"c{n}": {"field": "branch"} for n in range(201)}
    for path, body in (
        ("rules/sample", {"rule": MAIN, "columns": many}),
        ("segments/x/export", {"columns": many}),
    ):
        assert api.post(path, body).status_code == 422


@pytest.mark.parametrize("levels", [61, 500, 900])
def test_rules_nested_without_end_are_refused_at_their_place(
    sqlite_bank: Bank, levels: int
) -> None:
    world = Segments(sqlite_bank)
    world.make("main", MAIN)
    rule: dict[str, Any] = MAIN
    for _ in range(levels):
        rule = {"not": rule}
    api = sqlite_bank.api("manager")
    for path, body in (
        ("segments", {"name": "x", "rule": rule}),
        ("segments/main/versions", {"rule": rule}),
        ("segments/main/composition", {"value": {"related": "deposits", "where": rule}}),
        ("segments", {"name": "x", "rule": MAIN, "kind": "ranked",
                      "rank": {"value": {"related": "deposits", "where": rule}}}),
        ("segments/main/export", {"columns": {"x": {"related": "deposits", "where": rule}}}),
    ):  # fmt: skip
        refused = api.post(path, body)
        assert refused.status_code in (400, 409, 422), (path, refused.content[:200])
        if path == "segments" and levels == 500:
            assert refused.json()["faults"][0]["code"] == "too_deep"


def test_one_of_many_who_make_the_same_segment_at_once_makes_it(bank: Bank) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def make(api: Any) -> int:
        try:
            body = {"slug": "same", "name": "x", "rule": MAIN}
            return int(api.post("segments", body).status_code)
        finally:
            connections.close_all()

    clients = [bank.client_of("manager") for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(make, clients)) == [201, 409, 409, 409, 409, 409]
