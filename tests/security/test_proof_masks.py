"""A proof sums nothing of a person that its author, or its reader, sees masked."""

from __future__ import annotations

from typing import Any

import pytest

from feed_world import DATED, Feeding, feeding

__all__ = ["feeding"]

ABOUT = "      about: {type: string, label: {ja: 用件, en: About}}\n"
SPENT = "      about: {type: integer, label: {ja: 金額, en: Amount}, pii: low}\n"
SUMMED: dict[str, Any] = {"event": ["visited"], "value": "about", "window": "90d"}


@pytest.fixture
def masked(feeding: Feeding) -> Feeding:
    """What is spent in a visit is personal data: managers see it, marketers do not."""
    assert ABOUT in DATED
    (feeding.bank.workspace.root / "catalog" / "bank.yaml").write_text(
        DATED.replace(ABOUT, SPENT), encoding="utf-8"
    )
    return feeding


def summed(world: Feeding, role: str) -> tuple[Any, Any, Any]:
    found = world.bank.api(role).get("journeys/j/proof").json()
    return found["entry"][0]["k"], found["entry"][0]["value"], found["aims"][0]["value"]


def test_a_masked_amount_is_summed_by_and_for_those_who_see_it(masked: Feeding) -> None:
    bank = masked.bank
    masked.journey(entries=[{"kind": "event", "event": ["Order Completed"]}])
    masked.send(("P001", "Order Completed"))
    masked.later(hours=30)
    masked.visits("P001,2026-11-21,700", "P001,2026-11-20,20")
    masked.later(hours=24)
    where, wanted = "journeys/j/proof/settings", {"conversions": [SUMMED]}

    refused = bank.api("marketer").put(where, wanted)
    assert (refused.status_code, refused.json()["code"]) == (422, "conversions_wrong")
    (fault,) = refused.json()["faults"]
    assert (fault["code"], fault["path"]) == ("masked_field", "$.conversions[0].value")
    assert "“Amount” is masked for your role" in fault["message"]
    plain = {"conversions": [SUMMED | {"value": ""}]}
    assert bank.api("marketer").put(where, plain).status_code == 200
    assert bank.api("administrator").put(where, wanted).status_code == 200

    assert summed(masked, "manager") == (1, 720, "about")
    assert summed(masked, "marketer") == (1, None, "")
    assert "720" not in bank.api("marketer").get("journeys/j/proof").content.decode()


def test_a_wording_sums_no_amount_that_its_author_sees_masked(masked: Feeding) -> None:
    from journeys_world import BODY, approved_template, made_journey

    approved_template()
    slug = made_journey(masked.bank, BODY | {"conversions": [SUMMED]})
    refused = masked.bank.api("marketer").post(f"journeys/{slug}/submit")
    assert (refused.status_code, refused.json()["code"]) == (422, "journey_unfinished")
    told = [(one["code"], one["path"]) for one in refused.json()["faults"]]
    assert told == [("masked_field", "$.conversions[0].value")]
    done = masked.bank.api("administrator").post(f"journeys/{slug}/submit")
    assert done.status_code == 200, "who sees it may have it summed"
