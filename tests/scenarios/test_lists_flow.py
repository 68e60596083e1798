"""The spine: definition, list, member, engagement, tracking, over the API, on both books."""

from __future__ import annotations

from lists_world import BODY, PEOPLE, Bank


def test_from_definition_to_a_won_customer(bank: Bank) -> None:
    definition = bank.define()
    bank.build()
    shown = bank.api("administrator").get(f"definitions/{definition}").json()
    assert shown["dataset"]["state"] == "ready"
    assert shown["dataset"]["rows"] == PEOPLE
    curated = bank.api("analyst").get(f"definitions/{definition}/dataset?limit=5").json()
    assert len(curated["items"]) == 5
    assert curated["items"][0]["values"]["phone"] != "090-0000-0001"

    wish = {
        "definition": "deposits",
        "filter": {"field": "branch", "op": "eq", "value": "本店"},
        "priority": {
            "kind": "score",
            "parts": [
                {"value": {"related": "deposits", "measure": {"sum": "balance"}},
                 "weight": 0.00001, "label": {"ja": "残高", "en": "Balance"}}
            ],
        },
        "top_n": 10,
        "assignment": {"kind": "round_robin",
                       "users": [bank.people["representative"].id, bank.people["manager"].id]},
        "due": "2026-12-01",
    }  # fmt: skip
    preview = bank.api("manager").post("lists/preview", wish)
    assert preview.status_code == 200, preview.content.decode()
    assert (preview.json()["count"], preview.json()["members"]) == (20, 10)
    assert preview.json()["sample"][0]["key"] == "P040"

    list_id = bank.make_list(definition, **{k: v for k, v in wish.items() if k != "definition"})
    rows = bank.members(list_id)
    assert [row["key"] for row in rows] == [f"P{n:03}" for n in range(40, 20, -2)]
    assert rows[0]["priority"] == "high"
    assert rows[0]["values"]["balance"] == 4_000_000.50
    assert rows[0]["reasons"] == ["Balance ¥4,000,000.5 (+40)"]
    assert rows[0]["assignee"]["id"] == bank.people["representative"].id

    mine = bank.members(list_id, role="representative")
    assert len(mine) == 5
    claimed = bank.api("representative").post(f"lists/{list_id}/claim-next").json()["member"]
    assert claimed["key"] == "P040"
    assert claimed["lease"]["mine"] is True
    detail = bank.api("representative").get(f"lists/{list_id}/members/{claimed['id']}")
    assert detail.status_code == 200, detail.content.decode()
    assert detail.json()["gate"]["call"]["allowed"] is True
    why, _ = detail.json()["why"]
    assert (why["truth"], why["found"], bool(why["sentence"])) == (True, "4000000.50", True)

    won = bank.log(list_id, claimed["id"], "won", role="representative")
    assert won.status_code == 201, won.content.decode()
    assert won.json()["member"]["meaning"] == "done"
    told = bank.api("manager").get(f"lists/{list_id}/tracking").json()
    assert told["total"] | {"label": "", "key": ""} == {
        "key": "", "label": "", "members": 10, "attempted": 1, "reached": 1, "positive": 1, "won": 1
    }  # fmt: skip
    behind = bank.api("manager").get(f"lists/{list_id}/tracking/members?stage=won").json()
    assert [row["key"] for row in behind["items"]] == ["P040"]


def test_refused_blocks_at_once_on_every_list(bank: Bank) -> None:
    first = bank.make_list()
    cards = bank.define("cards", purpose="cards", product="card", rule={
        "field": "income", "op": "gt", "value": 0,
    }, columns=BODY["columns"][1:3], filters=[])  # fmt: skip
    second = bank.make_list(cards)
    one = next(row for row in bank.members(first) if row["key"] == "P007")
    done = bank.log(first, one["id"], "refused", note="もう電話しないで")
    assert done.status_code == 201, done.content.decode()
    other = next(row for row in bank.members(second) if row["key"] == "P007")
    assert "20 Nov" in other["blocked"]
    assert other["other_lists"] == 0  # dropped there
    refused = bank.log(second, other["id"], "reached")
    assert refused.status_code == 409
    assert refused.json()["code"] == "blocked"
    inbound = bank.log(second, other["id"], "reached", direction="inbound")
    assert inbound.status_code == 201

    ja = (
        bank.api("manager")
        .get(f"lists/{second}/members/{other['id']}", **{"accept-language": "ja"})
        .json()
    )
    assert "11月20日に電話で今後の案内をすべて断られています" in ja["blocked"]
