"""A date that a role sees masked is not told by the journeys that follow it."""

from __future__ import annotations

from typing import Any

import pytest

from feed_world import BORN, DATED, Feeding, feeding
from lists_world import Bank

__all__ = ["feeding"]

UNTIL: dict[str, Any] = {
    "until": {"kind": "wait_date", "field": "born", "next": "stand"},
    "stand": {"kind": "wait", "duration": "90d"},
}
ORDER: dict[str, Any] = {"kind": "event", "event": ["Order Completed"]}
TOLD = ("12-20", "12月20日", "20 Dec", "12-10", "12月10日", "10 Dec")
"""How the dates that are waited for would stand in an answer."""


@pytest.fixture
def masked(feeding: Feeding) -> Feeding:
    """Birth dates are personal data: managers see them, marketers do not."""
    personal = BORN.replace("en: Born}}", "en: Born}, pii: low}")
    assert personal != BORN
    (feeding.bank.workspace.root / "catalog" / "bank.yaml").write_text(
        DATED.replace(BORN, personal), encoding="utf-8"
    )
    return feeding


def answers(bank: Bank, role: str) -> list[Any]:
    """The walk in the list of people, on the customer's page, and as a story."""
    api = bank.api(role)
    walk = api.get("journeys/j/people").json()["items"][0]
    story = api.get(f"journeys/j/enrollments/{walk['enrollment']}").json()
    page = api.get(f"customers/{walk['person']}/journeys").json()["items"][0]
    return [walk, page, story]


def test_a_wait_for_a_masked_date_tells_no_due_time(masked: Feeding) -> None:
    bank = masked.bank
    masked.load(born={1: "2026-12-10"})
    masked.journey(entries=[ORDER], start="until", steps=UNTIL)
    masked.send(("P001", "Order Completed"))
    masked.load(born={1: "2026-12-20"})
    masked.later(minutes=20)
    masked.later(seconds=1)
    assert masked.story("P001") == ["entered", "followed"]
    for found in answers(bank, "manager"):
        assert found["due_at"].startswith("2026-12-20")
        assert found["times_hidden"] == ""
    assert "20 Dec" in answers(bank, "manager")[2]["lines"][1]["sentence"]
    for found in answers(bank, "marketer"):
        assert found["due_at"] is None
        assert "may not see" in found["times_hidden"]
        assert found["since"] is not None, "she came to wait when anybody may know"
        assert not any(told in str(found) for told in TOLD), found
    story = answers(bank, "marketer")[2]
    assert story["standing"] == "Waiting (until when is hidden from your role)."
    assert story["lines"][1]["sentence"] == "The date that is waited for moved."


@pytest.mark.heavy
def test_a_masked_date_that_has_come_tells_no_time(masked: Feeding) -> None:
    bank = masked.bank
    masked.load(born={1: "2026-12-20", 2: "2026-12-10"})
    masked.journey(entries=[ORDER], start="until", steps=UNTIL)
    masked.send(("P001", "Order Completed"), ("P002", "Order Completed"))
    for at in ("2026-12-10 09:00", "2026-12-20 09:00", "2026-12-23 09:00"):
        masked.until(at)
    api = bank.api("marketer")
    people = api.get("journeys/j/people?step=stand").json()["items"]
    assert [one["since"] for one in people] == [None, None]
    assert not any(told in str(people) for told in TOLD)
    ids = [one["enrollment"] for one in sorted(people, key=lambda one: one["enrollment"])]
    order = [one["person"] for one in people]
    assert order == sorted(order), "nor does the order tell whose date came first"
    seen = bank.api("manager").get("journeys/j/people?step=stand").json()["items"]
    assert [one["since"][:10] for one in seen] == ["2026-12-10", "2026-12-20"]
    story = api.get(f"journeys/j/enrollments/{ids[0]}").json()
    assert [(line["code"], line["at"] is None) for line in story["lines"]] == [
        ("entered", False), ("date", True)
    ]  # fmt: skip
    assert story["lines"][1]["local"] == "hidden"
    live = api.get("journeys/j/live").json()
    assert {node["oldest_since"] for node in live["nodes"]} == {None}
    behind = api.get("journeys/j/proof/people?what=reached&step=stand").json()["items"]
    assert [one["at"] for one in behind] == [None, None]


def test_who_came_in_by_a_masked_date_shows_no_time(masked: Feeding) -> None:
    bank = masked.bank
    masked.load(born={1: "1990-11-22"})
    masked.journey(entries=[{"kind": "date", "field": "born", "yearly": True}])
    masked.until("2026-11-22 09:00")
    masked.later(minutes=1)
    (walk, page, story) = answers(bank, "marketer")
    for found in (walk, page, story):
        assert (found["entered_at"], found["since"], found["due_at"]) == (None, None, None)
        assert found["key"] == "＊＊＊", "the key of a date is the date"
        assert "11-22" not in str(found)
    assert {line["at"] for line in story["lines"]} == {None}
    seen = answers(bank, "manager")[0]
    assert seen["key"] == "2026-11-22"
    assert seen["entered_at"].startswith("2026-11-22")


def test_no_order_tells_whose_masked_date_came_first(masked: Feeding) -> None:
    """Over a page's end neither: whoever pages by one or two learns no order of dates."""
    bank = masked.bank
    people = sorted(f"P{n:03}" for n in range(1, 5))
    ids = sorted(masked.id_of(number) for number in people)
    # Whose id is higher comes in earlier, so that no order of coming in is one of persons.
    born = {int(masked.number_of(one)[1:]): f"1990-11-{25 - n}" for n, one in enumerate(ids)}
    masked.load(born=born)
    conversion = {"event": ["Order Completed"], "window": "30d"}
    masked.journey(
        entries=[{"kind": "date", "field": "born", "yearly": True}], conversions=[conversion]
    )
    for day in range(22, 26):
        masked.until(f"2026-11-{day} 09:00")
    masked.later(minutes=1)
    masked.send(*((number, "Order Completed") for number in people))
    masked.later(minutes=1)
    api = bank.api("marketer")
    for path in (
        "people?", "proof/people?what=entered&", "proof/people?what=reached&step=stand&",
        "proof/people?group=entry&",
    ):  # fmt: skip
        pages = [api.get(f"journeys/j/{path}limit=2&offset={at}").json() for at in (0, 2)]
        assert [one["person"] for page in pages for one in page["items"]] == ids, path
    newest = bank.api("manager").get("journeys/j/proof/people?what=entered").json()["items"]
    assert [one["person"] for one in newest] == ids, "who sees the dates has the newest first"
    longest = bank.api("manager").get("journeys/j/people").json()["items"]
    assert [one["person"] for one in longest] == ids[::-1], "or those longest there"


@pytest.mark.parametrize(("level", "told"), [("high", False), ("low", True)])
def test_events_of_journeys_do_not_tell_a_date_of_level_high(
    feeding: Feeding, level: str, told: bool
) -> None:
    """Roles of level low read the properties of events, and see such a date masked."""
    (feeding.bank.workspace.root / "catalog" / "bank.yaml").write_text(
        DATED.replace(BORN, BORN.replace("en: Born}}", f"en: Born}}, pii: {level}}}")),
        encoding="utf-8",
    )
    feeding.load(born={1: "1990-11-22"})
    feeding.journey(
        entries=[{"kind": "date", "field": "born", "yearly": True}],
        steps={"stand": {"kind": "exit"}},
    )
    feeding.until("2026-11-22 09:00")
    feeding.later(minutes=1)
    for event in ("journey_entered", "journey_exited"):
        ((number, properties),) = feeding.activity(event)
        assert number == "P001"
        assert ("2026-11-22" in properties, '"key"' in properties) == (told, told)


def test_a_dry_run_over_a_masked_date_is_for_who_sees_it(masked: Feeding) -> None:
    from enishi.journeys.dry import jobs as dry_jobs

    bank = masked.bank
    masked.load(born={1: "1990-11-15"})
    masked.journey(entries=[{"kind": "date", "field": "born", "yearly": True}])
    refused = bank.api("marketer").post("journeys/j/dry-runs", {"days": 30})
    assert (refused.status_code, refused.json()["code"]) == (403, "masked_field")
    made = bank.api("manager").post("journeys/j/dry-runs", {"days": 30}).json()
    while dry_jobs.run_once(masked.context):
        pass
    shown = {
        role: bank.api(role).get(f"journeys/j/dry-runs/{made['id']}").json()["result"]
        for role in ("manager", "marketer")
    }
    assert shown["manager"]["people"][0]["entered_at"].startswith("2026-11-15")
    assert any(day["entered"] for day in shown["manager"]["days"])
    hidden = shown["marketer"]
    assert (hidden["entered"], hidden["days"], hidden["hours"]) == (1, [], [])
    (one,) = hidden["people"]
    assert (one["entered_at"], one["key"]) == (None, "＊＊＊")
    assert {line["at"] for line in one["lines"]} == {None}
    assert "11-15" not in str(one)
