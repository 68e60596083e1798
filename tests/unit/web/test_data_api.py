"""The API of the catalog, of data and of rules, over a small loaded bank."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from enishi.book.models import AuditRow, Role
from enishi.book.roles import role_view
from enishi.sources import running

if TYPE_CHECKING:
    import pytest

    from lists_world import Bank


def test_the_catalog_speaks_both_languages(sqlite_bank: Bank) -> None:
    found = sqlite_bank.api("representative").get("catalog").json()
    person = next(one for one in found["datasets"] if one["name"] == "person")
    assert (person["label"], person["labels"]["ja"]) == ("Person", "顧客")
    assert person["subject"] == "person"
    income = next(field for field in person["fields"] if field["name"] == "income")
    assert income["purposes"] == ["cards"]
    deposits = next(one for one in person["relations"] if one["name"] == "deposits")
    assert (deposits["target"], deposits["many"], deposits["inverse"]) == (
        "deposit",
        True,
        "person",
    )
    assert {purpose["name"] for purpose in found["purposes"]} == {"deposits", "cards"}


def test_datasets_loads_and_dead_letters(sqlite_bank: Bank) -> None:
    sqlite_bank.clock.advance(timedelta(days=3650))  # later than the load of the fixture
    file = sqlite_bank.workspace.data / "deposit.csv"
    file.write_text(file.read_text("utf-8") + "D999,P001,nonsense\n", encoding="utf-8")
    api = sqlite_bank.api("administrator")
    begun = api.post("data/loads", {"dataset": "deposit"})
    assert begun.status_code == 202, begun.content
    wait_for_the_load()
    states = {one["name"]: one for one in api.get("data/datasets").json()["items"]}
    assert states["deposit"]["rows"] == 40
    last = states["deposit"]["last_load"]
    assert (last["state"], last["read"], last["loaded"], last["dead"]) == ("loaded", 41, 40, 1)
    assert last["id"] == api.get("data/loads").json()["items"][0]["id"]
    assert api.get(f"data/loads/{last['id']}").json()["files"] == ["deposit.csv"]
    dead = api.get(f"data/loads/{last['id']}/dead-letters").json()
    assert dead["total"] == 1
    assert (dead["items"][0]["line"], dead["items"][0]["field"]) == (42, "balance")
    assert dead["items"][0]["reason"]

    def looks() -> int:
        return AuditRow.objects.filter(action="data.dead_letters").count()

    before = looks()
    Role.objects.update_or_create(name="auditor", defaults={"pii": "high"})
    auditor = sqlite_bank.api_of(sqlite_bank.make_user("auditor"))
    shown = auditor.get(f"data/loads/{last['id']}/dead-letters").json()
    assert shown["items"][0]["raw"] == "D999,P001,nonsense"
    assert looks() == before + 1  # who reads people's rows is on record
    Role.objects.filter(name="auditor").update(pii="none")
    masked = auditor.get(f"data/loads/{last['id']}/dead-letters").json()
    assert masked["items"][0]["raw"] is None
    assert looks() == before + 1


def wait_for_the_load() -> None:
    thread = running.current().thread
    assert thread is not None
    thread.join(30)
    assert not thread.is_alive()


def test_a_load_of_what_is_not_there_is_refused_at_once(sqlite_bank: Bank) -> None:
    answer = sqlite_bank.api("administrator").post("data/loads", {"dataset": "nonsense"})
    assert answer.status_code == 404
    assert "nonsense" in answer.json()["message"]
    wait_for_the_load()
    assert sqlite_bank.api("administrator").get("data/loads/running").json()["running"] is False


def test_a_second_load_waits_for_the_first(
    sqlite_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_run", running.Run(running=True))
    answer = sqlite_bank.api("administrator").post("data/loads", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "load_running")


def test_a_rule_is_checked_with_the_place_of_its_fault(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    wrong = api.post("rules/check", {"rule": {"all": [{"field": "branche", "op": "is_set"}]}})
    told = wrong.json()
    assert told["ok"] is False
    assert told["faults"][0]["path"] == "$.all[0].field"
    assert "branch" in told["faults"][0]["remedy"]
    purpose = {"rule": {"field": "income", "op": "gt", "value": 5}, "purpose": "deposits"}
    assert api.post("rules/check", purpose).json()["ok"] is False
    right = api.post("rules/check", {"rule": {"field": "branch", "op": "eq", "value": "本店"}})
    assert right.json()["ok"] is True
    assert "本店" in right.json()["sentence"]
    empty: dict[str, Any] = {"rule": {"all": []}, "audience": True}
    assert api.post("rules/check", empty).json()["faults"][0]["code"] == "selects_everybody"


def test_decimals_reach_the_rule_as_they_were_written(sqlite_bank: Bank) -> None:
    """Person 3 holds 300000.50 yen: a float in between would let the border slip."""
    api = sqlite_bank.api("manager")
    for border, count in (("300000.50", 38), ("300000.51", 37)):
        token = api.http.cookies["csrftoken"].value
        body = (
            '{"rule": {"related": "deposits", "measure": {"sum": "balance"}, "op": "ge", "value": '
            + border
            + "}}"
        )
        answer = api.http.generic(
            "POST", "/api/rules/preview", body, "application/json", headers={"X-CSRFToken": token}
        )
        assert answer.json()["count"] == count


def test_a_scope_keeps_its_decimals(sqlite_bank: Bank) -> None:
    rule = {"related": "deposits", "measure": {"sum": "balance"}, "op": "gt", "value": 0.1}
    answer = sqlite_bank.api("administrator").patch("roles/marketer", {"scope": rule})
    assert answer.json()["scope"]["value"] == 0.1
    scope = role_view("marketer").scope
    assert scope is not None
    assert scope["value"] == Decimal("0.1")


def test_as_of_is_part_of_the_answer(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("manager")
    rule = {"field": "branch", "op": "eq", "value": "本店"}
    found = api.post("rules/preview", {"rule": rule, "as_of": "2026-04-01"}).json()
    assert found["as_of"].startswith("2026-04-01T00:00:00+09:00")
    assert found["as_known_today"] == ["person"]
    wrong = api.post("rules/preview", {"rule": rule, "as_of": "yesterday"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_instant")


def test_who_sees_no_data_page_still_sees_how_old_the_data_is(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("representative")
    assert api.get("data/datasets").status_code == 403
    someone = api.get("customers").json()["items"][0]["id"]
    ages = {one["dataset"]: one for one in api.get(f"customers/{someone}").json()["data"]}
    assert {"person", "deposit"} <= ages.keys()
    assert ages["person"]["loaded_at"].endswith("+09:00")
    assert ages["person"]["label"]["ja"] == "顧客"


def test_a_load_begun_elsewhere_is_seen(sqlite_bank: Bank) -> None:
    from enishi.sources import under_way

    elsewhere = under_way.Note(3)
    elsewhere.told({"dataset": "deposit", "rows": 10, "dead": 0, "part": 0.5, "stage": "reading"})
    found = sqlite_bank.api("analyst").get("data/loads/running").json()
    assert (found["running"], found["total"]) == (True, 3)
    assert found["progress"][0]["rows"] == 10
    elsewhere.end()
    assert sqlite_bank.api("analyst").get("data/loads/running").json()["running"] is False
