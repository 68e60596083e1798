"""Working a list on a virtual clock: leases, follow-ups, undo, grants, scope, masking, exports."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from typing import Any

import pytest

from enishi.book import audit
from enishi.book.models import AuditRow, Role
from enishi.book.roles import scope_text
from enishi.gate.models import Restriction
from enishi.lists.body import default_outcomes
from enishi.lists.models import ActionableList, Engagement, Member
from lists_world import PEOPLE, Bank

SCOPE = {"field": "branch", "op": "eq", "value": {"user": "branch"}}


def one(bank: Bank, list_id: str, key: str, role: str = "manager") -> dict[str, Any]:
    return next(row for row in bank.members(list_id, role) if row["key"] == key)


def test_a_lease_keeps_others_off_until_it_runs_out(bank: Bank) -> None:
    list_id = bank.make_list()
    bank.api("manager").post(
        f"lists/{list_id}/shares", {"user": bank.people["representative"].id, "level": "work"}
    )
    first = bank.api("manager").post(f"lists/{list_id}/claim-next").json()["member"]
    second = bank.api("representative").post(f"lists/{list_id}/claim-next").json()["member"]
    assert first["id"] != second["id"]
    taken = bank.api("representative").post(f"lists/{list_id}/members/{first['id']}/claim")
    assert (taken.status_code, taken.json()["code"]) == (409, "being_worked")
    logged = bank.log(list_id, first["id"], "reached", role="representative")
    assert logged.json()["code"] == "being_worked"

    bank.clock.advance(timedelta(minutes=10))
    bank.api("manager").post(f"lists/{list_id}/members/{first['id']}/heartbeat")
    bank.clock.advance(timedelta(minutes=10))
    still = bank.api("representative").post(f"lists/{list_id}/members/{first['id']}/claim")
    assert still.status_code == 409
    bank.clock.advance(timedelta(minutes=6))
    after = bank.api("representative").post(f"lists/{list_id}/members/{first['id']}/claim")
    assert after.status_code == 200
    gone = bank.api("manager").post(f"lists/{list_id}/members/{first['id']}/heartbeat")
    assert gone.status_code == 409


def test_many_who_claim_at_once_never_get_the_same_member(bank: Bank) -> None:
    from django.db import connections

    from enishi.book.access import actor_of
    from enishi.lists.work import claim_next

    list_id = bank.make_list()
    actors = [actor_of(bank.make_user("representative")) for _ in range(6)]
    for actor in actors:
        bank.api("manager").post(
            f"lists/{list_id}/shares", {"user": actor.user_id, "level": "work"}
        )
    got: list[int] = []
    start = threading.Barrier(len(actors))

    def grab(actor: Any) -> None:
        start.wait()
        try:
            member = claim_next(list_id, actor)
            assert member is not None
            got.append(member.id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=grab, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == len(actors)


def test_a_double_submit_makes_one_list_and_one_engagement(bank: Bank) -> None:
    definition = bank.define()
    wish = {"definition": definition, "name": "満期", "idempotency_key": "list-0001"}
    answers = [bank.api("manager").post("lists", wish) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 200]
    assert ActionableList.objects.count() == 1
    other = bank.api("manager").post("lists", wish | {"name": "別"})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    bank.build()
    list_id = answers[0].json()["id"]
    member = bank.members(list_id)[0]["id"]
    done = [bank.log(list_id, member, "reached", idempotency_key="call-0001") for _ in range(2)]
    assert [a.status_code for a in done] == [201, 200]
    assert done[1].json()["replayed"] is True
    assert Engagement.objects.count() == 1


def test_a_double_click_makes_one_engagement_and_one_list(bank: Bank) -> None:
    """Both requests are under way at once; neither has seen what the other wrote."""
    from django.db import connections

    from enishi.lists.engaging import log
    from enishi.lists.making import create
    from enishi.lists.schemas import ListIn
    from enishi.lists.work_schemas import EngagementIn

    list_id = bank.make_list()
    member = bank.members(list_id)[0]["id"]
    actor = bank.actor("manager")
    asked = EngagementIn(kind="call", outcome="refused")
    wish = ListIn.model_validate({"definition": "deposits", "name": "二度押し"})
    replayed: list[bool] = []
    made: list[str] = []
    start = threading.Barrier(4, timeout=20)

    def press() -> None:
        try:
            start.wait()
            replayed.append(log(list_id, member, asked, "call-0001", actor).replayed)
            start.wait()
            made.append(create(wish, "list-0001", actor)[0].id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replayed) == [False, True, True, True]
    assert Engagement.objects.count() == Restriction.objects.count() == 1
    assert Member.objects.get(id=member).attempts == 1
    assert len(made) == 4
    assert len(set(made)) == 1
    assert audit.verify().ok


def test_follow_ups_come_back_today(bank: Bank) -> None:
    list_id = bank.make_list()
    member = one(bank, list_id, "P005")
    bank.log(list_id, member["id"], "positive", next_step="資料を送る",
             next_at="2026-11-21T09:30:00")  # fmt: skip
    assert bank.api("manager").get("today").json()["follow_ups"] == []
    bank.later(timedelta(days=1))
    told = bank.api("manager").get("today").json()
    assert [task["why"] for task in told["follow_ups"]] == ["資料を送る"]
    nxt = bank.api("manager").post(f"lists/{list_id}/claim-next").json()["member"]
    assert nxt["key"] == "P005"
    past = bank.log(list_id, member["id"], "reached", next_at="2026-11-01T09:00:00")
    assert past.json()["code"] == "next_at_past"


def test_undo_takes_everything_back_for_ten_seconds(bank: Bank) -> None:
    list_id = bank.make_list()
    before = one(bank, list_id, "P009")
    made = bank.log(list_id, before["id"], "complaint").json()["engagement"]
    blocked = one(bank, list_id, "P009")
    assert blocked["meaning"] == "dropped"
    assert "open complaint" in blocked["blocked"]
    bank.clock.advance(timedelta(seconds=9))
    undone = bank.api("manager").post(f"engagements/{made['id']}/undo")
    assert undone.status_code == 200, undone.content.decode()
    assert one(bank, list_id, "P009") == before
    again = bank.log(list_id, before["id"], "complaint").json()["engagement"]
    bank.clock.advance(timedelta(seconds=11))
    late = bank.api("manager").post(f"engagements/{again['id']}/undo")
    assert (late.status_code, late.json()["code"]) == (409, "undo_over")
    assert audit.verify().ok


def test_a_contact_begun_under_a_lease_may_be_logged_though_blocked_meanwhile(bank: Bank) -> None:
    list_id = bank.make_list()
    member = one(bank, list_id, "P011")
    bank.api("manager").post(f"lists/{list_id}/members/{member['id']}/claim")
    held = bank.api("administrator").post(
        f"customers/{member['person_id']}/holds", {"kind": "inheritance"}
    )
    assert held.status_code == 201, held.content.decode()
    assert bank.log(list_id, member["id"], "reached").status_code == 201
    assert bank.log(list_id, member["id"], "reached").status_code == 409


def test_claim_next_passes_over_the_blocked(bank: Bank) -> None:
    list_id = bank.make_list(top_n=2)
    first, second = bank.members(list_id)
    bank.api("manager").post(f"customers/{first['person_id']}/do-not-contact", {})
    picked = bank.api("manager").post(f"lists/{list_id}/claim-next").json()["member"]
    assert picked["id"] == second["id"]
    bank.log(list_id, second["id"], "won")
    nobody = bank.api("manager").post(f"lists/{list_id}/claim-next").json()
    assert nobody["member"] is None


def test_an_assignment_opens_exactly_those_people_and_ends_with_the_list(bank: Bank) -> None:
    Role.objects.create(name="representative", scope=scope_text(SCOPE), pii="high")
    stranger = bank.make_user("representative", attributes={"branch": "どこか"})
    api = bank.api_of(stranger)
    list_id = bank.make_list()
    mine, other = one(bank, list_id, "P001"), one(bank, list_id, "P002")
    assert api.get(f"lists/{list_id}").status_code == 404
    assert api.get(f"customers/{mine['person_id']}/lists").status_code == 404
    done = bank.api("manager").post(
        f"lists/{list_id}/members/bulk",
        {"action": "assign", "ids": [mine["id"]], "assignee": stranger.id},
    )
    assert done.json()["changed"] == 1
    assert [r["key"] for r in api.get(f"lists/{list_id}/members").json()["items"]] == ["P001"]
    assert api.get(f"lists/{list_id}/members/{other['id']}").status_code == 404
    assert api.get(f"customers/{mine['person_id']}/lists").status_code == 200
    assert api.get(f"customers/{other['person_id']}/lists").status_code == 404
    page = api.get(f"customers/{mine['person_id']}")
    assert (page.status_code, page.json()["key"]) == (200, "P001")
    assert page.json()["related"][0]["total"] == 1
    assert api.get(f"customers/{other['person_id']}").status_code == 404
    assert api.get("customers?q=P001").json()["items"] == []  # opened in that list, not in search
    seen = AuditRow.objects.filter(action="customer.view", actor=stranger.id)
    assert [row.subjects for row in seen] == [[mine["person_id"]]]
    bank.api("manager").post(f"lists/{list_id}/close")
    assert api.get(f"lists/{list_id}").status_code == 404
    assert api.get(f"customers/{mine['person_id']}/lists").status_code == 404
    assert api.get(f"customers/{mine['person_id']}").status_code == 404


def test_a_share_opens_the_people_of_its_list_until_it_is_ended(bank: Bank) -> None:
    Role.objects.create(name="representative", scope=scope_text(SCOPE), pii="high")
    stranger = bank.make_user("representative", attributes={"branch": "どこか"})
    api = bank.api_of(stranger)
    list_id = bank.make_list(top_n=1)
    on_it = bank.members(list_id)[0]["person_id"]
    off_it = bank.api("administrator").get("customers?q=P001").json()["items"][0]["id"]
    assert off_it != on_it
    paths = ("customers/{}", "customers/{}/restrictions", "customers/{}/gate?purpose=deposits")

    def seen(person: str) -> set[int]:
        return {api.get(path.format(person)).status_code for path in paths}

    assert seen(on_it) == {404}
    share = bank.api("manager").post(
        f"lists/{list_id}/shares", {"user": stranger.id, "level": "view"}
    )
    assert (seen(on_it), seen(off_it)) == ({200}, {404})
    bank.api("manager").delete(f"lists/{list_id}/shares/{share.json()['id']}")
    assert seen(on_it) == {404}
    bank.api("manager").post(f"lists/{list_id}/shares", {"user": stranger.id, "level": "work"})
    assert seen(on_it) == {200}  # she is in the pool
    Member.objects.filter(list_id=list_id).update(assignee=bank.people["manager"].id)
    assert seen(on_it) == {404}


def test_one_question_answers_for_every_channel(bank: Bank) -> None:
    list_id = bank.make_list(top_n=1)
    person = bank.members(list_id)[0]["person_id"]
    api = bank.api("manager")
    api.post(f"customers/{person}/do-not-contact", {"channel": "phone"})
    api.post(f"customers/{person}/refusals", {"product": "card"})
    seen = AuditRow.objects.filter(action="customer.view", object_id=person)
    told = api.get(f"customers/{person}/gate?purpose=deposits").json()["items"]
    assert {one["channel"]: one["decision"]["answer"] for one in told} == {
        "phone": "deny", "visit": "allow", "email": "deny", "post": "allow", "meeting": "allow",
        "sms": "deny", "line": "allow", "push": "allow", "web": "allow",
    }  # fmt: skip
    assert "phone" in told[0]["decision"]["sentence"]
    assert [row.detail for row in seen] == [{"part": "gate"}]
    card = api.get(f"customers/{person}/gate?purpose=cards&product=card").json()["items"]
    assert {one["decision"]["answer"] for one in card} == {"deny"}
    assert api.get(f"customers/{person}/gate").status_code == 422


def test_a_draft_can_be_thrown_away_and_nothing_else(bank: Bank) -> None:
    active = bank.define()
    api = bank.api("administrator")
    kept = api.delete(f"definitions/{active}")
    assert (kept.status_code, kept.json()["code"]) == (409, "not_a_draft")
    draft = api.post(f"definitions/{active}/new-version").json()["id"]
    assert api.delete(f"definitions/{draft}").status_code == 204
    assert api.get(f"definitions/{draft}").status_code == 404
    assert api.delete(f"definitions/{draft}").status_code == 404
    assert AuditRow.objects.get(action="definition.delete").object_id == draft
    again = api.post(f"definitions/{active}/new-version").json()
    assert again["version"] == 2
    api.post(f"definitions/{active}/retire")
    assert api.delete(f"definitions/{active}").status_code == 409


def test_a_maker_sees_a_list_only_under_the_scope_it_was_built_with(bank: Bank) -> None:
    Role.objects.create(name="manager", scope=scope_text(SCOPE), pii="high")
    list_id = bank.make_list()
    assert len(bank.members(list_id)) == PEOPLE // 2
    manager = bank.people["manager"]
    manager.attributes = {"branch": "駅前支店"}
    manager.save()
    answer = bank.api("manager").get(f"lists/{list_id}/members")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_changed")
    manager.attributes = {}
    manager.save()
    assert bank.api("manager").get(f"lists/{list_id}/members").status_code == 403
    denied = bank.api("manager").post("lists", {"definition": "deposits", "name": "x"})
    assert (denied.status_code, denied.json()["code"]) == (403, "scope_denies")


def test_rows_out_of_scope_are_masked_and_left_out_of_exports(bank: Bank) -> None:
    list_id = bank.make_list()
    Role.objects.create(name="analyst", scope=scope_text(SCOPE), pii="none")
    rows = bank.members(list_id, "analyst")
    hidden = [row for row in rows if row["masked"]]
    assert len(hidden) == PEOPLE // 2
    assert {(r["display"], r["person_id"], str(r["values"])) for r in hidden} == {("•••", "", "{}")}
    seen = next(row for row in rows if not row["masked"])
    assert seen["display"] == "顧＊"
    assert "0000" not in seen["values"]["phone"]
    made = bank.api("analyst").post(f"lists/{list_id}/export", {"format": "csv_utf8"})
    assert made.headers["X-Enishi-Left-Out"] == str(PEOPLE // 2)
    text = b"".join(made.streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == PEOPLE // 2 + 1


def test_masked_names_order_nothing_and_masked_rows_are_not_found(bank: Bank) -> None:
    list_id = bank.make_list()
    Member.objects.filter(key="P001").update(display="龠", search="龠")  # 駅前支店, the last name
    Member.objects.filter(key="P002").update(display="あ", search="あ")  # 本店, the first name

    def keys(sort: str) -> list[str]:
        return [row["key"] for row in bank.members(list_id, "analyst", sort=sort)]

    def found(q: str) -> int:
        return int(bank.api("analyst").get(f"lists/{list_id}/members?q={q}").json()["total"])

    Role.objects.create(name="analyst", scope=scope_text({"all": []}), pii="low")
    assert keys("name")[0] == "P002"
    assert keys("name")[-1] == "P001"
    assert (found("龠"), found("顧客")) == (1, PEOPLE - 2)

    Role.objects.filter(name="analyst").update(pii="none")
    by_id = list(Member.objects.order_by("id").values_list("key", flat=True))
    assert keys("name") == by_id
    assert keys("-name") == by_id[::-1]

    Role.objects.filter(name="analyst").update(scope=scope_text(SCOPE), pii="low")
    for sort in ("name", "-name", "value.balance", "-value.balance"):
        shown = keys(sort)
        assert shown[PEOPLE // 2 :] == ["•••"] * (PEOPLE // 2), sort
        rows = bank.members(list_id, "analyst", sort=sort)[PEOPLE // 2 :]
        ids = [row["id"] for row in rows]
        assert ids == sorted(ids, reverse=sort.startswith("-"))
    assert keys("value.balance")[:2] == ["P002", "P004"]
    assert keys("name")[0] == "P002"
    assert (found("龠"), found("あ"), found("顧客")) == (0, 1, PEOPLE // 2 - 1)


def test_a_nul_in_the_data_keeps_nobody_off_a_list(bank: Bank) -> None:
    with bank.warehouse.engine.write() as writer:
        writer.execute(
            "UPDATE data.person SET name = 'a' || chr(0) || 'b', owner = chr(0) || 'S1'"
            " WHERE person_id = 'P001'"
        )
    list_id = bank.make_list()
    found = one(bank, list_id, "P001")
    assert (found["display"], found["values"]["owner"]) == ("ab", "S1")
    assert len(bank.members(list_id)) == PEOPLE


def test_an_excel_export_goes_on_upon_further_sheets(
    sqlite_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    import python_calamine

    from enishi.book import sheets as written

    list_id = sqlite_bank.make_list()
    for limit, sizes in ((15, [15, 15, 10]), (20, [20, 20]), (PEOPLE, [PEOPLE])):
        monkeypatch.setattr(written, "SHEET_ROWS", limit)
        made = sqlite_bank.api("manager").post(f"lists/{list_id}/export", {"format": "xlsx"})
        book = python_calamine.CalamineWorkbook.from_filelike(
            io.BytesIO(b"".join(made.streaming_content))
        )
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:-1]]
        assert [len(sheet) - 1 for sheet in sheets] == sizes
        assert all(sheet[0] == sheets[0][0] for sheet in sheets)
        keys = {row[0] for sheet in sheets for row in sheet[1:]}
        assert keys == {f"P{n:03}" for n in range(1, PEOPLE + 1)}


def test_a_due_date_is_not_moved_into_the_past(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    list_id = bank.make_list(due="2026-11-20")
    api = bank.api("manager")
    refused = api.patch(f"lists/{list_id}", {"due": "2026-11-19"})
    assert (refused.status_code, refused.json()["code"]) == (422, "due_past")
    bank.later(timedelta(days=3))
    renamed = bank.api("manager").patch(f"lists/{list_id}", {"name": "x", "due": "2026-11-20"})
    assert renamed.status_code == 200, "a date that has passed meanwhile may stay"
    moved = bank.api("manager").patch(f"lists/{list_id}", {"due": "2026-11-21"})
    assert moved.json()["code"] == "due_past"
    cleared = bank.api("manager").patch(f"lists/{list_id}", {"clear_due": True})
    assert cleared.json()["due"] is None


def test_why_a_dataset_failed_is_told_in_both_languages(
    sqlite_bank: Bank,
) -> None:
    from enishi.lists.models import ListDefinition

    bank = sqlite_bank
    definition = bank.define()
    kept = ListDefinition.objects.get(id=definition)
    kept.body["rule"] = {"field": "gone", "op": "eq", "value": 1}  # the catalog has moved away
    kept.save()
    bank.build()
    assert ListDefinition.objects.get(id=definition).dataset_state == "failed"
    told = {
        locale: bank.api("administrator")
        .get(f"definitions/{definition}", **{"accept-language": locale})
        .json()["dataset"]["message"]
        for locale in ("ja", "en")
    }
    assert told["en"].isascii()
    assert not told["ja"].isascii()
    ListDefinition.objects.filter(id=definition).update(dataset_message="以前の文")
    told = bank.api("administrator").get(f"definitions/{definition}").json()
    assert told["dataset"]["message"] == "以前の文"


@pytest.mark.parametrize("form", ["csv_utf8", "csv_cp932", "xlsx"])
def test_exports_open_and_are_audited(sqlite_bank: Bank, form: str) -> None:
    bank = sqlite_bank
    list_id = bank.make_list()
    Member.objects.filter(key="P001").update(display="=HYPERLINK(1)")
    Member.objects.filter(key="P002").update(display="髙橋 🙂〜")
    made = bank.api("manager").post(f"lists/{list_id}/export", {"format": form})
    assert made.status_code == 200, made.content.decode()
    content = b"".join(made.streaming_content)
    if form == "xlsx":
        import python_calamine

        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        cells = [str(c) for row in book.get_sheet_by_index(0).to_python() for c in row]
    else:
        text = content.decode("utf-8-sig" if form == "csv_utf8" else "cp932")
        cells = [cell for line in text.splitlines() for cell in line.split(",")]
    assert "'=HYPERLINK(1)" in cells
    assert ("髙橋 〓～" if form == "csv_cp932" else "髙橋 🙂〜") in cells
    assert made.headers["X-Enishi-Replaced"] == ("1" if form == "csv_cp932" else "0")
    row = AuditRow.objects.get(action="list.export")
    assert len(row.subjects) == PEOPLE
    assert list(bank.workspace.exports.iterdir()) == []


def test_owners_get_their_people(bank: Bank) -> None:
    owner = bank.make_user("representative", attributes={"staff_code": "S1"})
    list_id = bank.make_list(
        assignment={"kind": "owner", "otherwise": [bank.people["representative"].id]}
    )
    got = {row["key"]: row["assignee"]["id"] for row in bank.members(list_id)}
    assert {user for key, user in got.items() if int(key[1:]) % 2 == 0} == {owner.id}
    assert {user for key, user in got.items() if int(key[1:]) % 2} == {
        bank.people["representative"].id
    }


def test_a_wish_that_is_wrong_is_refused_with_its_place(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    definition = bank.define()
    api = bank.api("manager")
    asked = {"definition": definition, "name": "x"}
    not_offered = api.post(
        "lists", asked | {"filter": {"all": [{"field": "owner", "op": "eq", "value": "S1"}]}}
    )
    assert not_offered.json()["faults"][0]["code"] == "not_offered"
    assert not_offered.json()["faults"][0]["path"] == "$.all[0]"
    assert api.post("lists", asked | {"due": "2026-11-01"}).json()["code"] == "due_past"
    auditor = bank.people["auditor"].id
    cannot = api.post("lists", asked | {"assignment": {"kind": "round_robin", "users": [auditor]}})
    assert cannot.json()["code"] == "cannot_work"
    purpose = bank.api("administrator").post(
        "definitions",
        {
            "slug": "income",
            "body": {
                "name": {"ja": "年収", "en": "Income"},
                "purpose": "deposits",
                "rule": {"field": "income", "op": "gt", "value": 1},
                "columns": [
                    {"name": "branch", "label": {"ja": "支店", "en": "Branch"},
                     "value": {"field": "branch"}}
                ],
            },
        },
    )  # fmt: skip
    assert purpose.status_code == 422
    assert purpose.json()["faults"][0]["path"].startswith("$.rule")


def test_an_outcome_that_refuses_or_complains_stops_everybody_before_the_next_click(
    bank: Bank,
) -> None:
    """Over HTTP: one logs, another is refused at once, on this list, on others and on the page."""
    outcomes = [one.model_dump(mode="json") for one in default_outcomes()] + [
        {"code": "not_this", "label": {"ja": "この商品は不要", "en": "Not this product"},
         "kind": "refused", "status": "dropped", "blocks": "product"}
    ]  # fmt: skip
    first = bank.make_list(bank.define(outcomes=outcomes))
    second = bank.make_list(bank.define("again"))
    cards = bank.make_list(bank.define("cards", purpose="cards", product="card"))
    mate = {"user": bank.people["representative"].id, "level": "work"}
    for list_id in (first, second, cards):
        shared = bank.api("manager").post(f"lists/{list_id}/shares", mate)
        assert shared.status_code == 201, shared.content.decode()

    def tried(list_id: str, key: str, role: str) -> tuple[int, str | None]:
        member = one(bank, list_id, key)
        answer = bank.log(list_id, member["id"], "reached", role=role)
        codes = [r["code"] for r in answer.json().get("detail", {}).get("reasons", [])]
        return answer.status_code, codes[0] if codes else None

    refused = one(bank, first, "P003")
    assert bank.log(first, refused["id"], "not_this").status_code == 201
    for list_id, role in ((first, "manager"), (second, "representative")):
        assert tried(list_id, "P003", role) == (409, "refusal.product")
        assert "Time deposits" in one(bank, list_id, "P003")["blocked"]
    assert tried(cards, "P003", "representative") == (201, None)  # another product

    complains = one(bank, first, "P004")
    page = f"customers/{complains['person_id']}/gate?purpose=cards"
    answers = bank.api("administrator").get(page).json()["items"]
    assert answers[0]["decision"]["answer"] == "allow"
    assert bank.log(first, complains["id"], "complaint").status_code == 201
    for list_id, role in (
        (first, "manager"), (second, "representative"), (cards, "representative"),
    ):  # fmt: skip
        assert tried(list_id, "P004", role) == (409, "hold.complaint")
    answers = bank.api("administrator").get(page).json()["items"]
    assert {told["decision"]["answer"] for told in answers} == {"deny"}


def test_what_can_be_refused_is_chosen_from_what_lists_are_about(bank: Bank) -> None:
    list_id = bank.make_list()
    bank.define("cards", purpose="cards", product="card", product_label=None)
    told = bank.api("representative").get("products").json()["items"]
    assert [(row["code"], row["kind"], row["label_en"]) for row in told] == [
        ("card", "product", "card"), ("time_deposit", "product", "Time deposits"),
        ("deposits", "purpose", "Deposits"), ("cards", "purpose", "Cards"),
    ]  # fmt: skip
    member = one(bank, list_id, "P005")
    made = bank.api("representative").post(
        f"customers/{member['person_id']}/refusals",
        {"product": "time_deposit", "product_label_ja": "定期預金",
         "product_label_en": "Time deposits", "reason": "いらない"},
    )  # fmt: skip
    assert made.status_code == 201, made.content.decode()
    assert "Time deposits" in one(bank, list_id, "P005")["blocked"]
