"""One person, invented or real, walked through a wording with time travel."""

from __future__ import annotations

from typing import Any

from enishi.book.models import AuditRow
from journeys_world import BODY, approved_template, made_journey
from lists_world import Bank

PLAN: dict[str, Any] = BODY | {
    "start": "mail",
    "steps": {
        "mail": BODY["steps"]["mail"] | {"name": "Hello", "next": "which"},
        "which": {
            "kind": "branch",
            "arms": [
                {
                    "label": {"ja": "本店", "en": "Main"},
                    "rule": {"field": "branch", "op": "eq", "value": "本店"},
                    "next": "answer",
                }
            ],
        },
        "answer": {
            "kind": "wait_event", "name": "Answer", "timeout": "3d", "next": "done",
            "timeout_next": "late", "signal": {"kind": "event", "event": ["Answered"]},
        },
        "late": {"kind": "exit", "reason": {"ja": "返事なし", "en": "No answer"}},
        "done": {"kind": "goal"},
    },
    "exits": [{"kind": "event", "event": ["Unsubscribed"]}],
}  # fmt: skip


def walked(bank: Bank, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    api = bank.api("marketer")
    if not api.get("journeys").json()["total"]:
        approved_template(purpose="service")
        made_journey(bank, PLAN)
    slug = api.get("journeys").json()["items"][0]["slug"]
    told = api.post(f"journeys/{slug}/test-walk", {"actions": list(actions), **more})
    assert told.status_code == 200, told.content.decode()
    found: dict[str, Any] = told.json()
    return found


SENT = {"kind": "delivery", "code": "sent"}
MAIN = {"arms": {"which": 0}}


def test_time_travel_keeps_within_the_calendar(sqlite_bank: Bank) -> None:
    walked(sqlite_bank)
    api = sqlite_bank.api("marketer")
    slug = api.get("journeys").json()["items"][0]["slug"]
    for at in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"):
        for asked in ({"start_at": at}, {"facts": {"dates": {"x": at}}}):
            assert api.post(f"journeys/{slug}/test-walk", asked).status_code == 422


def test_step_by_step_with_time_travel(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    first = walked(bank)
    assert (first["step"], first["why"], first["display"]) == (
        "mail", "delivery", "Somebody invented",
    )  # fmt: skip
    assert ("delivery", "sent") in {(one["kind"], one["code"]) for one in first["possible"]}
    assert first["contacts"] == [
        {"step": "mail", "at": first["at"], "what": 'Send "Hello"', "answer": "", "sentence": ""}
    ]
    waiting = walked(bank, SENT, facts=MAIN)
    assert (waiting["step"], waiting["why"]) == ("answer", "signal")
    labels = [one["label"] for one in waiting["possible"]]
    assert labels[:2] == [
        "Go on to 23 Nov 2026, 10:01", 'It happens: "Answered" happens',
    ]  # fmt: skip
    answered = walked(bank, SENT, {"kind": "wait", "minutes": 60}, {"kind": "signal"}, facts=MAIN)
    assert (answered["end"], answered["visited"]) == ("goal", ["mail", "which", "answer", "done"])
    assert answered["local"] == "20 Nov 2026, 11:00"
    late = walked(bank, SENT, {"kind": "due"}, facts=MAIN)
    assert (late["end"], late["step"], late["local"]) == ("exit", "late", "23 Nov 2026, 10:01")
    assert walked(bank, SENT)["end"] == "completed"  # nobody invented fits a condition
    assert walked(bank, SENT, facts=MAIN) == waiting  # the same again says the same


def test_holds_exits_and_what_is_not_there(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    held = walked(bank, SENT, {"kind": "hold", "code": "complaint"}, facts=MAIN)
    assert (held["state"], held["standing"]) == ("held", "Waiting for a hold to be lifted.")
    assert "release" in {one["kind"] for one in held["possible"]}
    again = walked(
        bank, SENT, {"kind": "hold", "code": "complaint"}, {"kind": "release", "code": "complaint"},
        facts=MAIN,
    )  # fmt: skip
    assert (again["state"], again["step"]) == ("active", "answer")
    assert walked(bank, {"kind": "hold", "code": "deceased"})["end"] == "held"
    left = walked(bank, SENT, {"kind": "exit", "index": 0}, facts=MAIN)
    assert left["end"] == "left"
    assert left["lines"][-1]["sentence"] == 'An exit condition came true: "Unsubscribed" happens.'
    api = bank.api("marketer")
    slug = api.get("journeys").json()["items"][0]["slug"]
    wrong = api.post(f"journeys/{slug}/test-walk", {"actions": [{"kind": "goal", "index": 3}]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "no_signal")


def test_a_real_person_answers_herself_and_is_looked_at(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    table = bank.warehouse.who({"all": []}, actor=bank.actor("administrator"))
    ids = dict(zip(table["key"].to_pylist(), table["_id"].to_pylist(), strict=True))
    main = walked(bank, SENT, person=ids["P002"])
    assert main["step"] == "answer"
    assert main["contacts"][0]["answer"] == "allow"
    assert walked(bank, SENT, person=ids["P001"])["end"] == "completed"
    looked = AuditRow.objects.filter(action="customer.view")
    assert {tuple(row.subjects) for row in looked} == {(ids["P002"],), (ids["P001"],)}
    scope = {"field": "branch", "op": "eq", "value": "本店"}
    bank.api("administrator").patch("roles/manager", {"scope": scope, "pii": "high"})
    slug = bank.api("marketer").get("journeys").json()["items"][0]["slug"]
    hidden = bank.api("manager").post(f"journeys/{slug}/test-walk", {"person": ids["P001"]})
    assert hidden.status_code == 404
