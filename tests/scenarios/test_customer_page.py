"""A customer's page: its parts, their order, who sees what, and what is recorded about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lists_world import Bank


def _person(bank: Bank, key: str) -> str:
    found = bank.api("administrator").get(f"customers?q={key}").json()["items"]
    return str(next(one["id"] for one in found if one["key"] == key))


def _told(bank: Bank, path: str, role: str = "manager", status: int = 200) -> Any:
    answer = bank.api(role).get(f"customers/{path}")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def _whole(bank: Bank, person: str, more: str = "", limit: int = 2) -> list[dict[str, Any]]:
    """The timeline read page by page."""
    found: list[dict[str, Any]] = []
    after = ""
    for _ in range(50):
        page = _told(bank, f"{person}/timeline?limit={limit}{more}{after}")
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&before={page['next']}"
    raise AssertionError("the timeline does not end")


def test_everything_stands_on_one_timeline_in_order(bank: Bank) -> None:
    person = _person(bank, "P002")
    made = bank.make_list()
    [member] = [m for m in bank.members(made) if m["person_id"] == person]
    bank.later(timedelta(hours=1))
    bank.log(made, member["id"], "reached", note="朝がよい")
    bank.later(timedelta(days=120))
    api = bank.api("manager")
    assert api.post(f"customers/{person}/notes", {"text": "奥さまも同席"}).status_code == 201
    bank.later(timedelta(minutes=1))
    held = api.post(f"customers/{person}/holds", {"kind": "complaint"}).json()
    bank.later(timedelta(minutes=1))
    assert api.delete(f"restrictions/{held['id']}", {"reason": "解決"}).status_code == 200

    told = [(one["kind"], one["entered"]) for one in _whole(bank, person)]
    assert told == [
        ("gate", False), ("gate", True), ("note", None), ("engagement", None), ("list", True),
    ]  # fmt: skip
    first = _told(bank, f"{person}/timeline")
    assert [one["kind"] for one in first["items"]] == ["gate", "gate", "note"]  # of a quarter
    assert first["next"] is not None
    assert [one["kind"] for one in _whole(bank, person, "&show=@note,@list")] == ["note", "list"]
    assert [one["kind"] for one in _whole(bank, person, "&year=2026")] == ["engagement", "list"]
    years = _told(bank, f"{person}/timeline/summary")
    assert years["years"] == [{"year": 2027, "count": 3}, {"year": 2026, "count": 2}]
    assert {one["source"]: one["count"] for one in years["sources"]}["@gate"] == 2


def test_entries_of_one_instant_are_told_once_each(bank: Bank) -> None:
    person = _person(bank, "P002")
    api = bank.api("manager")
    for n in range(5):
        api.post(f"customers/{person}/notes", {"text": f"{n}"})
        api.post(f"customers/{person}/refusals", {"product": f"p{n}", "reason": "x"})
    places = [one["place"] for one in _whole(bank, person, limit=3)]
    assert len(places) == len(set(places)) == 10
    assert [one["place"] for one in _whole(bank, person, limit=100)] == places


@pytest.mark.parametrize(
    "word",
    [
        "x", "W10", "eyJhIjoxfQ", "WyJ4IiwieSIsInoiXQ",
        "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgImFjdGl2aXR5IiwgIngiXQ",  # the year 1
        "WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTE0OjAwIiwgInp6eiIsICJ4Il0",  # the year 9999
        "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIlx1ZDgwMCIsICJ4Il0",  # half a pair
    ],
)  # fmt: skip
def test_a_place_that_is_none_is_refused(sqlite_bank: Bank, word: str) -> None:
    bank = sqlite_bank
    person = _person(bank, "P002")
    refused = _told(bank, f"{person}/timeline?before={word}", status=422)
    assert refused["code"] == "bad_place"


def test_one_opening_is_one_audit_row_however_many_parts_it_has(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    from enishi.book.models import AuditRow

    person = _person(bank, "P002")
    seen = AuditRow.objects.filter(object_id=person, actor=bank.people["manager"].id)
    parts = ("", "/timeline", "/timeline/summary", "/segments", "/brief", "/notes", "/lists",
             "/contacts", "/restrictions", "/group", "/gate?purpose=deposits", "/gate/matrix",
             "/consents")  # fmt: skip
    for part in parts:
        _told(bank, f"{person}{part}")
    assert [(row.action, row.subjects) for row in seen] == [("customer.view", [person])]
    bank.later(timedelta(minutes=11))
    _told(bank, f"{person}/timeline")
    assert [row.detail["part"] for row in seen.order_by("seq")] == ["page", "timeline"]
    _told(bank, f"{person}/timeline", role="analyst")
    assert AuditRow.objects.filter(action="customer.view", object_id=person).count() == 3


def test_notes_belong_to_who_wrote_them(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _person(bank, "P002")
    mine, boss = bank.api("representative"), bank.api("manager")
    made = mine.post(f"customers/{person}/notes", {"text": " 夕方がよい "}).json()
    assert (made["text"], made["mine"], made["may_remove"]) == ("夕方がよい", True, True)
    refused = boss.patch(f"notes/{made['id']}", {"text": "朝がよい"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_note")
    assert boss.patch(f"notes/{made['id']}", {"pinned": True}).json()["pinned"]
    assert mine.patch(f"notes/{made['id']}", {"text": "夜がよい"}).json()["changed_at"]
    assert boss.patch(f"notes/{made['id']}", {"removed": True}).status_code == 200
    assert _told(bank, f"{person}/notes")["items"] == []
    assert boss.patch(f"notes/{made['id']}", {"pinned": False}).status_code == 404
    assert boss.patch(f"notes/{made['id']}", {"removed": False}).status_code == 200
    assert [one["text"] for one in _told(bank, f"{person}/notes")["items"]] == ["夜がよい"]
    [masked] = _told(bank, f"{person}/notes", role="analyst")["items"]
    assert masked["text"] == "•••"
    for bad in ("", "   ", "x" * 4001):
        assert mine.post(f"customers/{person}/notes", {"text": bad}).status_code == 422


def test_the_brief_tells_what_to_say_what_not_and_what_was_promised(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _person(bank, "P002")
    made = bank.make_list()
    [member] = [m for m in bank.members(made) if m["person_id"] == person]
    soon = (bank.clock() + timedelta(days=1)).isoformat()
    bank.log(made, member["id"], "reached", next_step="資料を送る", next_at=soon)
    told = _told(bank, f"{person}/brief")
    assert [one["list_id"] for one in told["say"]] == [made]
    assert told["say"][0]["decision"]["allowed"]
    assert told["say"][0]["guide"].startswith("## ")
    assert [(one["step"], one["late"]) for one in told["follow_ups"]] == [("資料を送る", False)]
    assert len(told["contacts"]) == 1
    bank.later(timedelta(days=2))
    bank.api("manager").post(f"customers/{person}/refusals", {"reason": "もうけっこう"})
    told = _told(bank, f"{person}/brief")
    assert told["follow_ups"][0]["late"]
    assert [one["reason"] for one in told["never"]] == ["もうけっこう"]
    assert (told["say"][0]["decision"]["allowed"], told["say"][0]["guide"]) == (False, "")


def test_whom_one_may_not_see_has_no_page(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    from enishi.book.models import AuditRow, Role
    from enishi.book.roles import scope_text

    outside = _person(bank, "P001")
    scope = {"field": "branch", "op": "eq", "value": "本店"}
    Role.objects.update_or_create(
        name="analyst", defaults={"scope": scope_text(scope), "pii": "low"}
    )
    before = AuditRow.objects.count()
    for part in ("", "/timeline", "/timeline/summary", "/segments", "/brief", "/notes", "/group",
                 "/related/deposits"):  # fmt: skip
        _told(bank, f"{outside}{part}", role="analyst", status=404)
    assert AuditRow.objects.count() == before
    assert _told(bank, f"{_person(bank, 'P002')}", role="analyst")["key"] == "P002"


def test_a_relation_is_read_by_page(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _person(bank, "P002")
    page = _told(bank, f"{person}/related/deposits?limit=1")
    assert (page["total"], [row["deposit_id"] for row in page["rows"]]) == (1, ["D002"])
    assert _told(bank, f"{person}/related/deposits?offset=5")["rows"] == []
    assert _told(bank, f"{person}/related/nothing", status=404)["code"] == "relation_unknown"


def test_contacts_that_the_gate_stopped_and_approvals_stand_on_the_timeline(
    sqlite_bank: Bank,
) -> None:
    bank = sqlite_bank
    person = _person(bank, "P002")
    made = bank.make_list()
    [member] = [m for m in bank.members(made) if m["person_id"] == person]
    api = bank.api("manager")
    held = api.post(f"customers/{person}/holds", {"kind": "complaint"}).json()
    for _ in range(2):  # tried twice, told once
        assert bank.log(made, member["id"], "reached").status_code == 409
    [stopped] = _told(bank, f"{person}/timeline?show=@decision")["items"]
    assert (stopped["kind"], stopped["event"]) == ("decision", "deny")
    assert stopped["title"] == "Deposits · phone"
    assert stopped["text"] == "an open complaint"
    assert stopped["by"] == bank.people["manager"].name
    bank.later(timedelta(minutes=1))
    asked = bank.api("representative").post(
        "approvals", {"person_id": person, "channel": "phone", "purpose": "service", "note": "お礼"}
    )
    assert asked.status_code == 201, asked.content.decode()
    given = api.post(f"approvals/{asked.json()['id']}/approve", {"answer": "丁寧に"})
    assert given.status_code == 200, given.content.decode()
    approved, _ = _told(bank, f"{person}/timeline?show=@decision")["items"]
    assert (approved["event"], approved["title"]) == ("approved", "Service · phone")
    assert approved["text"].endswith("/ 丁寧に")
    assert held["id"] not in approved["text"]
    [masked, _] = _told(bank, f"{person}/timeline?show=@decision", role="analyst")["items"]
    assert masked["text"].endswith("/ •••")
    counted = {
        s["source"]: s["count"] for s in _told(bank, f"{person}/timeline/summary")["sources"]
    }
    assert counted["@decision"] == 2
    assert all(
        one["entry"]["kind"] != "decision" for one in _told(bank, f"{person}/brief")["changed"]
    )
