"""The list of segments: what each row tells, and names that no segment may have."""

from __future__ import annotations

from datetime import timedelta

from lists_world import Bank
from segments_world import MAIN, RICH, Segments


def test_rows_tell_their_rule_and_how_their_size_moved(sqlite_bank: Bank) -> None:
    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.make("main", MAIN)
    world.run()
    sqlite_bank.later(timedelta(days=1))
    sqlite_bank.load(balances={1: 9_000_000})
    world.run()
    main, rich = world.get("?days=3")["items"]
    assert (main["slug"], main["sizes"]) == ("main", [0, 20, 20])
    assert (rich["slug"], rich["sizes"]) == ("rich", [0, 11, 12])
    assert rich["sentence"] == world.get("rich")["sentence"] != ""
    assert [day["size"] for day in world.get("rich/trend?days=3")["sizes"]] == rich["sizes"]
    assert [row["sizes"] for row in world.get("?limit=1")["items"]] == [[]]


def test_no_segment_is_called_like_a_page_or_an_endpoint_beside_it(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    refused = api.post("segments", {"slug": "new", "name": "x", "rule": MAIN})
    assert (refused.status_code, refused.json()["code"]) == (409, "slug_taken")
    made = api.post("segments", {"name": "新しい", "name_en": "New", "rule": MAIN}).json()
    assert made["slug"] == "new-2"
