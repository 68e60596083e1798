"""Requests of persons: due dates, states, who may, and one person's export."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest

from enishi.book import audit
from enishi.book.models import Role
from enishi.gate.consents import consents_of
from lists_world import Bank


def _person(bank: Bank, number: str = "P007") -> str:
    found = bank.api("administrator").get(f"customers?q={number}").json()
    return str(found["items"][0]["id"])


def _ask(bank: Bank, kind: str, **more: Any) -> dict[str, Any]:
    body = {"kind": kind, "person": _person(bank), "via": "branch", "received_on": "2026-11-20"}
    made = bank.api("administrator").post("privacy/requests", body | more)
    assert made.status_code == 201, made.content.decode()
    found: dict[str, Any] = made.json()
    return found


def _do(bank: Bank, request: dict[str, Any], what: str, **body: Any) -> Any:
    return bank.api("administrator").post(f"privacy/requests/{request['id']}/{what}", body)


def test_a_request_is_due_in_fourteen_business_days(bank: Bank) -> None:
    made = _ask(bank, "disclosure", wording="何を持っているか知りたい")
    # Received on Friday the 20th; Monday the 23rd is 勤労感謝の日.
    assert made["due"] == "2026-12-11"
    assert (made["days_left"], made["state"], made["key"]) == (14, "received", "P007")
    bank.later(timedelta(days=18))  # Tuesday, 8 December
    listed = bank.api("auditor").get("privacy/requests").json()
    assert (listed["total"], listed["open"], listed["late"], listed["soon"]) == (1, 1, 0, 1)
    bank.later(timedelta(days=7))  # Tuesday, 15 December: two business days late
    listed = bank.api("manager").get("privacy/requests?state=late").json()
    assert [row["days_left"] for row in listed["items"]] == [-2]


def test_a_request_goes_its_way_and_no_other(bank: Bank) -> None:
    made = _ask(bank, "correction", wording="住所が古い")
    assert _do(bank, made, "answer", text="直しました").status_code == 409
    done = _do(bank, made, "confirm", method="document", note="免許証")
    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    assert _do(bank, made, "confirm", method="document").status_code == 409
    done = _do(bank, made, "answer", text="直しました").json()
    assert (done["state"], done["answer"], done["ended_on"]) == (
        "answered", "直しました", "2026-11-20"
    )  # fmt: skip
    assert [step["action"] for step in done["steps"]] == ["received", "confirmed", "answered"]
    assert _do(bank, made, "refuse", text="x").status_code == 409
    assert bank.api("manager").post(
        f"privacy/requests/{made['id']}/refuse", {"text": "x"}
    ).status_code == 403  # fmt: skip


def test_a_stop_use_request_stops_contact_at_once_and_gives_it_back(bank: Bank) -> None:
    made = _ask(bank, "stop_use")
    person = made["person"]

    def answers() -> set[str]:
        found = bank.api("manager").get(f"customers/{person}/gate?purpose=deposits").json()
        return {item["decision"]["answer"] for item in found["items"]}

    assert made["stopped"] is True
    assert answers() == {"deny"}
    assert _do(bank, made, "withdraw", text="もうよい").json()["state"] == "withdrawn"
    restrictions = bank.api("manager").get(f"customers/{person}/restrictions").json()["items"]
    assert [row["active"] for row in restrictions] == [False]
    said = consents_of(person)
    assert [(one.given, one.purpose, one.channel, one.how) for one in said] == [
        (False, None, None, "branch")
    ]
    assert said[0].voided_at is not None


@pytest.mark.parametrize("day", ["2026-11-21", "2025-11-18"])
def test_a_day_that_cannot_be_is_refused(sqlite_bank: Bank, day: str) -> None:
    body = {"kind": "disclosure", "person": _person(sqlite_bank), "via": "post", "received_on": day}
    made = sqlite_bank.api("administrator").post("privacy/requests", body)
    assert (made.status_code, made.json()["code"]) == (422, "received_on")


def test_an_erasure_asks_for_the_number_and_a_check(sqlite_bank: Bank) -> None:
    made = _ask(sqlite_bank, "erasure")
    assert _do(sqlite_bank, made, "erase", key="P007").json()["code"] == "request_moved_on"
    _do(sqlite_bank, made, "confirm", method="in_person")
    assert _do(sqlite_bank, made, "answer", text="x").json()["code"] == "erase_first"
    assert _do(sqlite_bank, made, "erase", key="P008").json()["code"] == "key_differs"
    done = _do(sqlite_bank, made, "erase", key="P007").json()
    assert (done["state"], done["erasure"]["state"], done["erasure"]["step"]) == (
        "erasing", "queued", "tombstones"
    )  # fmt: skip


def test_an_export_holds_everything_and_is_audited(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    person = _person(bank)
    listed = bank.make_list()
    member = next(row for row in bank.members(listed) if row["person_id"] == person)
    bank.log(listed, member["id"], "refused", note="=cmd を言われた")
    answer = bank.api("administrator").post(f"privacy/people/{person}/export")
    assert answer.status_code == 200, answer.content
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert sorted(archive.namelist()) == ["data.json", "data.xlsx", "index.html"]
        found = json.loads(archive.read("data.json"))
        page = archive.read("index.html").decode()
    rows = {dataset["name"]: dataset["rows"] for dataset in found["datasets"]}
    assert [row[0] for row in rows["person"]] == ["P007"]
    assert [row[0] for row in rows["deposit"]] == ["D007"]
    assert found["book"]["lists.engagement"][0]["note"] == "=cmd を言われた"
    assert "gate.restriction" in found["book"]
    assert any(row["action"] == "customer.view" or row["action"] for row in found["audit"])
    assert "顧客 007" in page
    assert "P008" not in json.dumps(found)
    rows_, _ = audit.search(action="privacy.export", subject=person)
    assert [row.actor for row in rows_] == [bank.people["administrator"].id]
    assert list(bank.workspace.exports.iterdir()) == []


def test_the_audit_keeps_words_sealed(sqlite_bank: Bank) -> None:
    made = _ask(sqlite_bank, "disclosure", wording="ひみつの事情")
    rows, _ = audit.search(action="privacy.received")
    assert "ひみつ" not in json.dumps(rows[0].detail, ensure_ascii=False)
    assert audit.opened(rows[0])["wording"] == "ひみつの事情"
    assert audit.verify().ok
    assert date.fromisoformat(made["due"]) > date(2026, 11, 20)


def test_requests_about_people_beyond_a_row_scope_are_not_told(sqlite_bank: Bank) -> None:
    made = _ask(sqlite_bank, "disclosure", wording="秘密の請求")
    Role.objects.update_or_create(
        name="manager",
        defaults={"pii": "high", "scope": '{"field": "branch", "op": "eq", "value": "nowhere"}'},
    )
    manager = sqlite_bank.api_of(sqlite_bank.make_user("manager"))
    listed = manager.get("privacy/requests").json()
    assert (listed["items"], listed["total"], listed["open"]) == ([], 0, 0)
    found = manager.get(f"privacy/requests/{made['id']}")
    assert (found.status_code, found.json()["code"]) == (404, "request_not_found")
    assert sqlite_bank.api("auditor").get("privacy/requests").json()["total"] == 1
