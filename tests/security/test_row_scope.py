"""Row scope and masking over the API: what a role may not see is in no answer, by no way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from enishi.book.models import AuditRow

if TYPE_CHECKING:
    from book_fixtures import ApiClient
    from lists_world import Bank

OWN = {"field": "branch", "op": "eq", "value": {"user": "branch"}}
EVERYBODY: dict[str, Any] = {"all": []}


@pytest.fixture
def scoped(sqlite_bank: Bank) -> Bank:
    """Analysts see their branch alone (本店: 20 of 40 persons), nothing personal unmasked."""
    answer = sqlite_bank.api("administrator").patch("roles/analyst", {"scope": OWN})
    assert answer.status_code == 200, answer.content
    return sqlite_bank


def stranger(bank: Bank) -> str:
    """The id of somebody of the other branch."""
    found = bank.api("manager").get("customers?q=P001").json()["items"][0]
    assert found["key"] == "P001"
    return str(found["id"])


def preview(client: ApiClient, rule: object) -> Any:
    return client.post("rules/preview", {"rule": rule})


def test_counts_samples_and_funnels_stay_in_scope(scoped: Bank) -> None:
    everybody = preview(scoped.api("administrator"), EVERYBODY).json()
    own = preview(scoped.api("analyst"), EVERYBODY).json()
    assert (everybody["count"], own["count"]) == (40, 20)
    rule = {"all": [{"field": "branch", "op": "in", "value": ["本店", "駅前支店"]}]}
    assert [step["alone"] for step in preview(scoped.api("analyst"), rule).json()["funnel"]] == [20]
    odd = {"field": "branch", "op": "eq", "value": "駅前支店"}
    assert preview(scoped.api("analyst"), odd).json()["count"] == 0
    assert preview(scoped.api("analyst"), {"not": odd}).json()["count"] == 20


def test_search_and_page_stay_in_scope(scoped: Bank) -> None:
    outside = stranger(scoped)
    analyst = scoped.api("analyst")
    assert analyst.get("customers").json()["total"] == 20
    assert analyst.get("customers?q=P001").json()["items"] == []
    for path in (f"customers/{outside}", "customers/P001"):
        answer = analyst.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "subject_unknown")
    for part in ("lists", "contacts", "restrictions"):
        assert analyst.get(f"customers/{outside}/{part}").status_code == 404
    nobody = analyst.get("customers/p000000000000000000000000").json()
    assert nobody["code"] == "subject_unknown", "as for one who does not exist"


def test_why_and_values_stay_in_scope(scoped: Bank) -> None:
    analyst = scoped.api("analyst")
    answer = analyst.post("rules/why", {"rule": EVERYBODY, "person": "P001"})
    assert answer.status_code == 404
    values = analyst.get("data/values?dataset=person&field=branch").json()["items"]
    assert values == [{"value": "本店", "count": 20}]
    deposits = analyst.get("data/values?dataset=deposit&field=balance&limit=100").json()["items"]
    assert sum(one["count"] for one in deposits) == 20


def test_a_scope_that_cannot_be_bound_shows_nobody(scoped: Bank) -> None:
    client = scoped.api_of(scoped.make_user("analyst", attributes={}))
    for path in ("customers", "customers/P002"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_denies")
    assert preview(client, EVERYBODY).json()["code"] == "scope_denies"


def test_a_wrong_scope_is_not_saved(sqlite_bank: Bank) -> None:
    administrator = sqlite_bank.api("administrator")
    for rule, code in (
        ({"field": "brunch", "op": "eq", "value": {"user": "branch"}}, "unknown_field"),
        ({"field": "branch", "op": "eq", "value": {"user": "nobody_has_this"}}, None),
    ):
        answer = administrator.patch("roles/manager", {"scope": rule})
        assert answer.status_code == 422, answer.content
        assert code is None or answer.json()["faults"][0]["code"] == code
    roles = {role["name"]: role for role in administrator.get("roles").json()["items"]}
    assert roles["manager"]["scope"] is None


def test_a_scope_may_name_a_segment(sqlite_bank: Bank) -> None:
    rule = {"field": "branch", "op": "eq", "value": "101"}
    made = sqlite_bank.api("manager").post(
        "segments", {"slug": "own", "name": "自店", "rule": rule}
    )
    assert made.status_code == 201, made.content
    administrator = sqlite_bank.api("administrator")
    answer = administrator.patch("roles/analyst", {"scope": {"segment": "own"}})
    assert answer.status_code == 200, answer.content
    answer = administrator.patch("roles/analyst", {"scope": {"segment": "onw"}})
    assert [f["code"] for f in answer.json()["faults"]] == ["unknown_segment"]


def test_personal_data_is_masked_by_role(scoped: Bank) -> None:
    shown = {}
    for role in ("manager", "administrator", "analyst"):
        page = scoped.api(role).get("customers/P002").json()
        fields = {field["name"]: field for field in page["fields"]}
        shown[role] = (fields["name"]["masked"], fields["phone"]["masked"])
        assert ("090-0000-0002" in str(page)) is not fields["phone"]["masked"]
        assert ("顧客 002" in str(page)) is not fields["name"]["masked"]
    assert shown == {
        "manager": (False, False),
        "administrator": (False, True),
        "analyst": (True, True),
    }


def test_what_staff_wrote_is_masked_for_who_sees_no_personal_data(scoped: Bank) -> None:
    manager = scoped.api("manager")
    person = manager.get("customers/P002").json()["id"]
    told = {"reason": "娘さん 090-9999-0000 に連絡してほしいとのこと"}
    made = manager.post(f"customers/{person}/refusals", told)
    assert made.status_code == 201, made.content
    for role, seen in (("manager", True), ("administrator", True), ("analyst", False),
                       ("auditor", False)):  # fmt: skip
        shown = scoped.api(role).get(f"customers/{person}/restrictions").json()
        assert shown["total"] == 1
        assert ("090-9999" in str(shown)) is seen, role


def test_masked_data_cannot_be_searched_for(scoped: Bank) -> None:
    assert scoped.api("manager").get("customers?q=09000000002").json()["total"] == 1
    assert scoped.api("analyst").get("customers?q=09000000002").json()["total"] == 0
    refused = scoped.api("analyst").get("data/values?dataset=person&field=phone")
    assert refused.status_code == 403


def test_every_sight_of_a_person_is_on_record(scoped: Bank) -> None:
    scoped.api("analyst")
    before = AuditRow.objects.count()
    client = scoped.api("analyst")
    client.get("customers?q=P002")
    page = client.get("customers/P002").json()
    client.post("rules/why", {"rule": EVERYBODY, "person": "P002"})
    preview(client, EVERYBODY)
    rows = list(AuditRow.objects.filter(seq__gt=before).order_by("seq"))
    assert [row.action for row in rows] == [
        "customer.search", "customer.view", "rule.why", "rule.preview"
    ]  # fmt: skip
    assert all(page["id"] in row.subjects for row in rows[:3])
    assert len(rows[3].subjects) == 10
    found = scoped.api("auditor").get(f"audit?subject={page['id']}&action=customer.").json()
    assert [row["action"] for row in found["items"]] == ["customer.view", "customer.search"]
    assert found["items"][0]["actor"] == scoped.people["analyst"].id
