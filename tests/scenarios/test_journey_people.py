"""Humans in journeys: tasks on actionable lists, what comes of them, statuses that are heard."""

from __future__ import annotations

from typing import Any

import pytest

from feed_world import WAIT, Feeding, feeding, feeding_on_both

__all__ = ["feeding", "feeding_on_both"]

ORDER: dict[str, Any] = {"kind": "event", "event": ["Order Completed"]}
LEAVE: dict[str, Any] = {"kind": "event", "event": ["Unsubscribed"]}
NOBODY_YET = {"field": "branch", "op": "eq", "value": "none"}


def calls(feeding: Feeding, slug: str = "calls") -> str:
    """A list that is empty by its maker's filter; its id."""
    made = feeding.bank.make_list(slug=slug, filter=NOBODY_YET)
    feeding.run()
    return made


def task(**more: Any) -> dict[str, Any]:
    """Steps with a task on the list `calls`."""
    return {
        "call": {"kind": "task", "list": "calls", "next": "after", "timeout": "5d",
                 "timeout_next": "late", **more},
        "won": WAIT, "after": WAIT, "late": WAIT,
    }  # fmt: skip


def given_task(feeding: Feeding, **more: Any) -> str:
    found = calls(feeding)
    feeding.journey(entries=[ORDER], start="call", steps=task(**more), exits=[LEAVE])
    feeding.send(("P001", "Order Completed"))
    return found


def tasks() -> list[tuple[str, str, str]]:
    from enishi.journeys.models import JourneyTask

    return [(row.state, row.outcome, row.reason) for row in JourneyTask.objects.order_by("id")]


def test_a_task_puts_her_on_the_list_and_its_outcome_leads_on(feeding: Feeding) -> None:
    card = {"who": "Who ordered", "what": "Thanks", "why": "To hear how it goes"}
    won = [{"status": ["won"], "next": "won"}]
    found = given_task(feeding, outcomes=won, text="Ask about the order", card=card)
    (member,) = feeding.bank.members(found)
    assert (member["display"], member["status"]) == ("顧客 001", "open")
    walks = feeding.bank.api("representative").get(f"customers/{member['person_id']}/journeys")
    (walk,) = walks.json()["items"]  # who works the list reads what the journey asks
    assert walk["asked"] == {
        "list": "calls", "way": "call", "text": "Ask about the order", "what": "Thanks",
        "why": "To hear how it goes",
    }  # fmt: skip
    assert tasks() == [("open", "", "")]
    assert feeding.listening.segments.true_of({"list": "calls"}) == {"P001"}
    feeding.later(hours=1)
    assert feeding.bank.log(found, member["id"], "no_answer").status_code == 201
    feeding.run()
    assert feeding.walks() == [("P001", "", "active", "call")]
    assert feeding.bank.log(found, member["id"], "won").status_code == 201
    feeding.run()
    assert feeding.walks() == [("P001", "", "active", "won")]
    assert tasks() == [("done", "won", "")]


def test_a_task_that_is_done_otherwise_leads_to_next(feeding: Feeding) -> None:
    found = given_task(feeding, outcomes=[{"status": ["won"], "next": "won"}])
    (member,) = feeding.bank.members(found)
    feeding.later(minutes=1)
    answer = feeding.bank.api("manager").post(
        f"lists/{found}/members/bulk", {"action": "status", "ids": [member["id"]], "status": "done"}
    )
    assert answer.status_code == 200, answer.content.decode()
    feeding.run()
    assert feeding.walks() == [("P001", "", "active", "after")]
    assert tasks() == [("done", "done", "")]


def test_leaving_withdraws_the_task_and_takes_her_off(feeding: Feeding) -> None:
    found = given_task(feeding)
    assert len(feeding.bank.members(found)) == 1
    feeding.later(minutes=1)
    feeding.send(("P001", "Unsubscribed"))
    assert feeding.outcomes() == {"P001": "left"}
    assert feeding.bank.members(found) == []
    assert tasks() == [("withdrawn", "", "left")]
    assert feeding.listening.segments.true_of({"list": "calls"}) == set()


@pytest.mark.heavy
def test_whom_somebody_has_begun_to_work_stays_on_the_list(feeding: Feeding) -> None:
    found = given_task(feeding)
    (member,) = feeding.bank.members(found)
    feeding.later(minutes=1)
    feeding.bank.log(found, member["id"], "no_answer")
    feeding.send(("P001", "Unsubscribed"))
    assert [one["id"] for one in feeding.bank.members(found)] == [member["id"]]


@pytest.mark.heavy
def test_a_task_that_nobody_does_in_time(feeding: Feeding) -> None:
    given_task(feeding)
    feeding.later(days=5, minutes=2)
    assert feeding.walks() == [("P001", "", "active", "late")]


def test_a_list_that_is_closed_lets_her_go_on(feeding: Feeding) -> None:
    found = given_task(feeding)
    feeding.bank.api("manager").post(f"lists/{found}/close")
    feeding.later(minutes=2)
    assert feeding.walks() == [("P001", "", "active", "late")]
    assert tasks() == [("refused", "", "list_closed")]


@pytest.mark.heavy
def test_a_refresh_keeps_whom_a_journey_has_put_there(feeding: Feeding) -> None:
    found = given_task(feeding)
    assert feeding.bank.api("manager").post(f"lists/{found}/refresh").status_code in (200, 202)
    feeding.bank.build()
    assert len(feeding.bank.members(found)) == 1


@pytest.mark.heavy
def test_a_task_waits_for_a_list_that_is_being_built(feeding: Feeding) -> None:
    found = calls(feeding)
    feeding.journey(entries=[ORDER], start="call", steps=task())
    feeding.bank.api("manager").post(f"lists/{found}/refresh")
    feeding.send(("P001", "Order Completed"))
    assert tasks() == [("waiting", "", "")]
    feeding.bank.build()
    feeding.run()
    assert tasks() == [("open", "", "")]


def test_the_gate_is_asked_and_its_refusal_is_the_reason(feeding: Feeding) -> None:
    from enishi.gate import service as gate

    actor, clock = feeding.bank.actor("manager"), feeding.bank.clock
    gate.do_not_contact(feeding.id_of("P001"), channel="phone", at=clock(), actor=actor)
    found = given_task(feeding, timeout_next=None)
    assert feeding.walks() == [("P001", "", "active", "after")]
    assert tasks() == [("refused", "", "do_not_contact")]
    assert feeding.story("P001") == ["entered", "refused"]
    assert feeding.bank.members(found) == []


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("slug", "reason"), [("calls", "not_allowed"), ("no-such", "no_list"), ("ended", "list_closed")]
)
def test_why_nobody_was_given_a_task(feeding: Feeding, slug: str, reason: str) -> None:
    feeding.load(balances={1: -5})  # the definition asks for deposits above nothing
    found = feeding.bank.make_list(slug=slug if slug != "no-such" else "other")
    if slug == "ended":
        feeding.bank.api("manager").post(f"lists/{found}/close")
    steps = task() | {"call": task()["call"] | {"list": slug}}
    feeding.journey(entries=[ORDER], start="call", steps=steps)
    feeding.send(("P001", "Order Completed"))
    assert tasks() == [("refused", "", reason)]
    assert feeding.walks() == [("P001", "", "active", "late")]


@pytest.mark.heavy
def test_a_member_whose_work_had_ended_is_open_again(feeding: Feeding) -> None:
    found = feeding.bank.make_list(slug="calls")
    by_name = {one["display"]: one for one in feeding.bank.members(found)}
    member = by_name["顧客 001"]["id"]
    feeding.bank.log(found, member, "won")
    feeding.later(minutes=5)
    feeding.journey(entries=[ORDER], start="call", steps=task())
    feeding.send(("P001", "Order Completed"))
    assert tasks() == [("open", "", "")]
    now = {one["id"]: one["status"] for one in feeding.bank.members(found)}
    assert now[member] == "open"


def test_a_status_brings_in_and_lets_out(feeding: Feeding) -> None:
    found = feeding.bank.make_list(slug="calls")
    ids = {one["display"]: one["id"] for one in feeding.bank.members(found)}
    feeding.journey(
        entries=[{"kind": "list_status", "list": "calls", "status": ["reached"]}],
        exits=[{"kind": "list_status", "list": "calls", "status": ["done"]}],
    )
    feeding.later(minutes=1)
    for number in ("001", "002"):
        answer = feeding.bank.log(found, ids[f"顧客 {number}"], "reached")
        assert answer.status_code == 201, answer.content.decode()
    feeding.run()
    assert feeding.outcomes() == {"P001": "active", "P002": "active"}
    feeding.later(minutes=1)
    wish = {"action": "status", "ids": [ids["顧客 002"]], "status": "done"}
    feeding.bank.api("manager").post(f"lists/{found}/members/bulk", wish)
    feeding.run()
    assert feeding.outcomes() == {"P001": "active", "P002": "left"}


@pytest.mark.parametrize("both_books", ["postgres"], indirect=True)
@pytest.mark.postgres
def test_all_of_it_on_postgresql(feeding_on_both: Feeding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry, task, outcome, hold, release, what is told: one walk through everything."""
    from enishi.gate import service as gate
    from enishi.journeys import emitting

    feeding = feeding_on_both
    found = given_task(feeding, outcomes=[{"status": ["won"], "next": "won"}])
    (member,) = feeding.bank.members(found)
    feeding.later(minutes=1)
    assert feeding.bank.log(found, member["id"], "won").status_code == 201
    feeding.run()
    assert feeding.walks() == [("P001", "", "active", "won")]
    actor, clock = feeding.bank.actor("manager"), feeding.bank.clock
    held = gate.hold(feeding.id_of("P001"), "complaint", at=clock(), actor=actor)
    feeding.run()
    assert feeding.outcomes() == {"P001": "held"}
    gate.release(held.id, "settled", at=clock(), actor=actor)
    feeding.later(minutes=1)
    feeding.send(("P001", "Unsubscribed"))
    assert feeding.outcomes() == {"P001": "left"}
    assert feeding.story("P001") == ["entered", "outcome_0", "held", "released", "left"]
    monkeypatch.setattr(emitting, "SETTLED", 0.0)
    feeding.run()
    assert [told for told, _ in feeding.activity("journey_exited")] == ["P001"]
