"""The gate over HTTP: policies, consents, approvals and the calendar, each as its page uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from enishi.book.models import AuditRow

if TYPE_CHECKING:
    from lists_world import Bank

NAME = {"ja": "電話は月に2回まで", "en": "Two calls a month"}
CAP: dict[str, Any] = {
    "kind": "cap", "name": NAME, "applies": {"channels": ["phone"], "classes": ["promotion"]},
    "counts": {"channels": ["phone"]}, "most": 2, "window": {"unit": "month"},
}  # fmt: skip
AT = "2026-11-20T03:00:00Z"
SECOND = {
    "name": {"ja": "2回目", "en": "Second"}, "at": AT,
    "ask": {"channel": "phone", "purpose": "cards"},
    "contacts": [{"channel": "phone", "purpose": "cards", "at": "2026-11-02T03:00:00Z"}],
    "answer": "allow",
}  # fmt: skip
THIRD = SECOND | {
    "name": {"ja": "3回目", "en": "Third"},
    "contacts": [
        {"channel": "phone", "purpose": "cards", "at": f"2026-11-0{n}T03:00:00Z"} for n in (2, 3)
    ],
    "answer": "defer", "codes": ["cap.person"],
}  # fmt: skip


def person_of(bank: Bank, key: str = "P001") -> str:
    found: str = bank.warehouse.find(key, actor=bank.actor("administrator"))
    return found


def test_a_policy_is_drafted_checked_published_and_retired(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("administrator")
    wrong = THIRD | {"answer": "allow", "codes": []}
    made = api.post("policies", {"body": CAP, "examples": [SECOND, wrong]})
    assert made.status_code == 201, made.json()
    policy = made.json()
    assert (policy["slug"], policy["state"], policy["version"]) == (
        "two-calls-a-month", "draft", None,
    )  # fmt: skip
    assert policy["sentence"] == ("Promotion by phone: at most 2 per person in a calendar month")
    refused = api.post(f"policies/{policy['id']}/publish")
    assert refused.status_code == 422
    assert [fault["path"] for fault in refused.json()["faults"]] == ["$.examples[1]"]

    checked = api.post("policies/check", {"body": CAP, "examples": [SECOND, wrong]}).json()
    assert [one["passed"] for one in checked["outcomes"]] == [True, False]
    assert checked["outcomes"][1]["answer"] == "defer"
    assert checked["outcomes"][1]["codes"] == ["cap.person"]

    saved = api.put(f"policies/{policy['id']}/draft", {"body": CAP, "examples": [SECOND, THIRD]})
    assert saved.status_code == 200, saved.json()
    published = api.post(f"policies/{policy['id']}/publish").json()
    assert (published["state"], published["version"], published["draft"]) == (
        "published", 1, False,
    )  # fmt: skip
    listed = api.get("policies").json()["items"]
    assert [one["kind"] for one in listed[:3]] == ["classes", "holds", "refusals"]
    assert policy["id"] in {one["id"] for one in listed}

    once = api.put(f"policies/{policy['id']}/draft", {"body": CAP | {"most": 1}, "examples": []})
    assert once.json()["draft"] is True
    assert once.json()["shown"]["body"]["most"] == 1
    assert once.json()["sentence"].startswith("Promotion by phone: at most 2")
    kept = api.delete(f"policies/{policy['id']}/draft")
    assert (kept.status_code, kept.json()["draft"]) == (200, False)
    assert api.post(f"policies/{policy['id']}/retire").json()["state"] == "retired"
    actions = set(AuditRow.objects.values_list("action", flat=True))
    assert {"policy.draft", "policy.publish", "policy.discard", "policy.retire"} <= actions


def test_a_draft_never_published_is_thrown_away_whole(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("administrator")
    policy = api.post("policies", {"body": CAP}).json()
    other = api.post("policies", {"body": CAP}).json()
    assert other["slug"].startswith("two-calls-a-month-")
    assert api.delete(f"policies/{policy['id']}/draft").status_code == 204
    assert api.get(f"policies/{policy['id']}").status_code == 404
    assert api.post(f"policies/{other['id']}/retire").status_code == 200


def test_what_is_wrong_with_a_wording_is_said_at_its_place(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("administrator")
    rule = {
        "kind": "rule", "name": NAME, "rule": {"field": "no_such", "op": "is_true"},
        "say": {"ja": "対象外", "en": "Not for these"},
    }  # fmt: skip
    checked = api.post("policies/check", {"body": rule}).json()
    assert checked["faults"][0]["path"].startswith("$.rule")
    assert checked["outcomes"] == []
    assert api.post("policies/check", {"body": CAP | {"most": -1}}).status_code == 422
    assert api.post("policies/check", {"body": CAP | {"window": {"unit": "day", "count": 2}}}
                    ).status_code == 422  # fmt: skip


@pytest.mark.parametrize("role", ["manager", "representative", "auditor"])
def test_only_an_administrator_changes_policies(sqlite_bank: Bank, role: str) -> None:
    api = sqlite_bank.api(role)
    assert api.post("policies", {"body": CAP}).status_code == 403
    assert api.put("gate/calendar", {"body": {}}).status_code == 403
    seen = api.get("policies").status_code
    assert seen == (403 if role == "representative" else 200)


def test_a_dry_run_says_how_many_contacts_would_have_been_stopped(sqlite_bank: Bank) -> None:
    from enishi.gate.slots import take

    person, actor = person_of(sqlite_bank), sqlite_bank.actor("representative")
    for n in range(4):
        take(
            person, "phone", "cards", at=sqlite_bank.clock.now, actor=actor, source=f"t:{n}",
            permit=lambda _: True,
        )  # fmt: skip
    api = sqlite_bank.api("administrator")
    policy = api.post("policies", {"body": CAP | {"most": 0}}).json()
    sqlite_bank.later(timedelta(minutes=5))
    body = {"body": CAP | {"most": 0}, "days": 7}
    told = api.post(f"policies/{policy['id']}/dry-run", body).json()
    assert told["total"] == told["examined"] == 4
    assert told["stopped"] == 4
    assert told["reasons"] == [{"code": "cap.person", "label": "Cap per person", "count": 4}]
    assert told["sentence"] == "Of 4 contacts in the last 7 days, 4 would have been stopped."
    assert {row["person_id"] for row in told["rows"]} == {person}


def test_consent_is_recorded_with_its_evidence_and_counts_at_once(sqlite_bank: Bank) -> None:
    api, person = sqlite_bank.api("representative"), person_of(sqlite_bank)
    opt_in = {
        "kind": "consent", "name": {"ja": "同意", "en": "Consent"}, "mode": "opt_in",
        "applies": {"channels": ["sms"]},
    }  # fmt: skip
    example = SECOND | {"contacts": [], "ask": {"channel": "sms", "purpose": "cards"},
                        "answer": "deny", "codes": ["consent.missing"]}  # fmt: skip
    boss = sqlite_bank.api("administrator")
    policy = boss.post("policies", {"body": opt_in, "examples": [example]}).json()
    assert boss.post(f"policies/{policy['id']}/publish").status_code == 200

    def sms() -> str:
        standing = api.get(f"customers/{person}/consents").json()["standing"]
        return str(next(one["state"] for one in standing
                        if (one["channel"], one["purpose"]) == ("sms", "cards")))  # fmt: skip

    assert sms() == "missing"
    given = api.post(
        f"customers/{person}/consents",
        {"given": True, "channel": "sms", "purpose": "cards", "how": "form",
         "wording": "カードの案内をSMSで受け取ることに同意します", "evidence": "F-0012"},
    )  # fmt: skip
    assert given.status_code == 201, given.json()
    assert given.json()["how_label"] == "paper form"
    assert sms() == "given"
    withdrawn = api.post(
        f"customers/{person}/consents",
        {"given": False, "channel": "sms", "how": "phone", "wording": "もう要りません"},
    )
    assert withdrawn.status_code == 201
    assert sms() == "withdrawn"
    voided = api.post(f"consents/{withdrawn.json()['id']}/void", {"reason": "人違い"})
    assert voided.json()["void_reason"] == "人違い"
    assert sms() == "given"
    assert api.post(f"consents/{withdrawn.json()['id']}/void", {"reason": "x"}).status_code == 409
    future = {"given": True, "how": "web", "wording": "x", "at": "2027-01-01T00:00:00"}
    assert api.post(f"customers/{person}/consents", future).status_code == 422
    hidden = sqlite_bank.api("auditor").get(f"customers/{person}/consents").json()["items"][0]
    assert hidden["wording"] in ("•••", "もう要りません")


def test_the_matrix_answers_every_purpose_on_every_channel(sqlite_bank: Bank) -> None:
    api, person = sqlite_bank.api("representative"), person_of(sqlite_bank)
    found = api.get(f"customers/{person}/gate/matrix").json()
    assert [row["purpose"] for row in found["purposes"]] == [
        "deposits", "cards", "service", "transactional",
    ]  # fmt: skip
    assert all(len(row["answers"]) == len(found["channels"]) == 9 for row in found["purposes"])
    api.post(f"customers/{person}/holds", {"kind": "complaint"})
    rows = {row["purpose"]: row for row in api.get(f"customers/{person}/gate/matrix").json()[
        "purposes"]}  # fmt: skip
    phone = rows["service"]["answers"][0]["decision"]
    assert (phone["answer"], phone["by"]) == ("needs_approval", "manager")
    assert rows["service"]["purpose_class"] == "service"
    assert rows["cards"]["answers"][0]["decision"]["reasons"][0]["code"] == "hold.complaint"


def test_an_approval_is_asked_for_given_by_another_and_then_counts(sqlite_bank: Bank) -> None:
    person = person_of(sqlite_bank)
    rep, manager = sqlite_bank.api("representative"), sqlite_bank.api("manager")
    ask = {"person_id": person, "channel": "phone", "purpose": "service", "note": "折り返し"}
    assert rep.post("approvals", ask).status_code == 409  # nothing stands in the way yet
    rep.post(f"customers/{person}/holds", {"kind": "complaint"})
    asked = rep.post("approvals", ask)
    assert asked.status_code == 201, asked.json()
    assert asked.json()["mine"] is True
    assert asked.json()["why_not"] == "Nobody approves a request of their own."
    assert rep.get("approvals").status_code == 403
    assert rep.post("approvals", ask).json()["id"] == asked.json()["id"]

    inbox = manager.get("approvals").json()
    assert inbox["total"] == 1
    one = inbox["items"][0]
    assert (one["display"], one["may_decide"], one["note"]) == ("顧客 001", True, "折り返し")
    assert one["reasons"][0]["code"] == "hold.complaint"
    done = manager.post(f"approvals/{one['id']}/approve", {"answer": "お願いします"})
    assert done.json()["state"] == "approved"
    gate = rep.post(f"customers/{person}/gate", {"channel": "phone", "purpose": "service"}).json()
    assert (gate["answer"], gate["approval"]) == ("allow", one["id"])
    assert manager.post(f"approvals/{one['id']}/deny", {"answer": "x"}).status_code == 409
    assert manager.get("approvals?state=decided").json()["items"][0]["id"] == one["id"]
    assert rep.get(f"customers/{person}/approvals").json()["items"][0]["answer"] == "お願いします"
    assert rep.post(f"approvals/{one['id']}/withdraw").json()["state"] == "withdrawn"


def test_requests_about_people_one_may_not_see_do_not_exist(sqlite_bank: Bank) -> None:
    from enishi.book.models import Role

    person = person_of(sqlite_bank)
    rep = sqlite_bank.api("representative")
    rep.post(f"customers/{person}/holds", {"kind": "complaint"})
    asked = rep.post(
        "approvals", {"person_id": person, "channel": "phone", "purpose": "service", "note": "x"}
    ).json()
    Role.objects.update_or_create(
        name="manager",
        defaults={"pii": "high",
                  "scope": '{"field": "branch", "op": "eq", "value": "本店"}'},
    )  # fmt: skip
    manager = sqlite_bank.api_of(sqlite_bank.make_user("manager"))
    assert manager.get("approvals").json()["total"] == 0
    assert manager.post(f"approvals/{asked['id']}/approve", {}).status_code == 404
    assert manager.get(f"customers/{person}/consents").status_code == 404
    assert manager.get(f"customers/{person}/gate/matrix").status_code == 404


def test_the_calendar_is_shown_for_a_year_and_changed(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("administrator")
    shown = api.get("gate/calendar?year=2026").json()
    days = {one["day"]: one for one in shown["days"]}
    assert len(days) == 365
    assert days["2026-11-03"]["name"] == "Culture Day"
    assert days["2026-11-20"]["opens"] == "09:00:00"
    assert days["2026-11-21"]["open"] is False  # a Saturday
    body = shown["body"] | {
        "opened": [{"day": "2026-11-21", "name": "相談会"}],
        "closed": [{"day": "2026-11-20", "name": "点検"}],
    }
    previewed = api.post("gate/calendar/preview?year=2026", {"body": body}).json()
    assert previewed["business_days"] == shown["business_days"]
    assert api.get("gate/calendar?year=2026").json()["body"]["closed"] == []
    saved = api.put("gate/calendar", {"body": body})
    assert saved.status_code == 200, saved.json()
    after = {one["day"]: one for one in api.get("gate/calendar?year=2026").json()["days"]}
    assert after["2026-11-21"]["open"] is True
    assert (after["2026-11-20"]["open"], after["2026-11-20"]["name"]) == (False, "点検")
    broken = body | {"hours": {"monday": {"opens": "18:00", "closes": "09:00"}}}
    assert api.put("gate/calendar", {"body": broken}).status_code == 422
