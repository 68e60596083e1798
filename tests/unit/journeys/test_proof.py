"""Proofs with known answers: whom it reached, what followed, what a holdout says, who may see."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from enishi.book.models import AuditRow
from enishi.journeys.models import Enrollment, JourneyVersion
from enishi.journeys.walking import runner
from enishi.kernel.ids import bucket
from enishi.kernel.text import fold
from enishi.messages.models import Delivery
from journeys_world import BODY, approved_template, made_journey
from lists_world import PEOPLE, Bank
from walks_world import finish_deliveries

HALF: dict[str, Any] = BODY | {
    "start": "apart",
    "steps": {
        "apart": {"kind": "holdout", "percent": 50, "next": "mail", "control_next": None},
        "mail": BODY["steps"]["mail"],
    },
    "cost": {"sms": 12},
    "conversions": [{"name": {"ja": "入金", "en": "deposit"}, "event": ["Paid"], "window": "2d"}],
}


def happened(
    bank: Bank, event: str, whom: Iterable[str], at: datetime, **properties: object
) -> None:
    """Put an event of each of these people (Enishi ids) into the warehouse."""
    numbers = numbers_of(bank)
    plain = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    with bank.warehouse.engine.write() as writer:
        for one in whom:
            writer.execute(
                "INSERT INTO data.activity (message_id, event, event__f, ts, person, person__f,"
                " properties) VALUES (?, ?, ?, CAST(? AS TIMESTAMP), ?, ?, ?)",
                [f"{event}{one}{plain}", event, fold(event), plain, numbers[one],
                 fold(numbers[one]), json.dumps(properties)],
            )  # fmt: skip


def numbers_of(bank: Bank) -> dict[str, str]:
    with bank.warehouse.engine.read() as question:
        return dict(question.rows("SELECT _id, person_id FROM data.person"))


def run(bank: Bank) -> None:
    while runner.settle(bank.clock) | runner.move(bank.clock, bank.warehouse):
        pass


def walked(bank: Bank, body: dict[str, Any] = HALF) -> str:
    """A journey that everybody has walked: controls got nothing, the others an SMS each."""
    approved_template()
    slug = made_journey(bank, dealt_evenly(bank, body), live=True)
    entries = [{"person": f"P{n:03}"} for n in range(1, PEOPLE + 1)]
    done = bank.api("manager").post(f"journeys/{slug}/entries", {"entries": entries})
    assert done.status_code == 200, done.content.decode()
    run(bank)
    finish_deliveries(bank.clock)
    run(bank)
    return slug


def dealt_evenly(bank: Bank, body: dict[str, Any]) -> dict[str, Any]:
    """The body with a salt by which half of the people are controls: ids are others each time."""
    if "apart" not in body["steps"]:
        return body
    people = list(numbers_of(bank))
    salt = next(
        salt for salt in map(str, range(10_000))
        if sum(bucket(salt, one) < 5000 for one in people) == PEOPLE // 2
    )  # fmt: skip
    return body | {"steps": body["steps"] | {"apart": body["steps"]["apart"] | {"salt": salt}}}


def told(bank: Bank, slug: str, role: str = "marketer", what: str = "") -> dict[str, Any]:
    answer = bank.api(role).get(f"journeys/{slug}/proof{what}")
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def arms() -> tuple[list[str], list[str]]:
    rows = Enrollment.objects.order_by("person")
    return tuple(
        [one.person for one in rows if one.control is control] for control in (True, False)
    )  # type: ignore[return-value]  # two of them


def step(told: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in told["steps"] if one["step"] == name)
    return found


@pytest.fixture
def half(sqlite_bank: Bank) -> str:
    return walked(sqlite_bank)


def test_a_proof_with_a_known_answer(sqlite_bank: Bank, half: str) -> None:
    bank, start = sqlite_bank, sqlite_bank.clock()
    control, treated = arms()
    assert len(control) + len(treated) == PEOPLE
    happened(bank, "Paid", treated[:12], start + timedelta(hours=5))
    happened(bank, "Paid", treated[:3], start + timedelta(hours=9))  # twice is once
    happened(bank, "Paid", control[:1], start + timedelta(days=1))
    happened(bank, "Paid", control[1:4], start + timedelta(days=2, seconds=1))  # too late
    happened(bank, "Paid", control[4:6], start - timedelta(seconds=1))  # before
    happened(bank, "Paid", control[6:9], start + timedelta(hours=1), machine=True)
    happened(bank, "Other", control[9:], start + timedelta(hours=1))
    happened(bank, "Paid", control[10:12], start + timedelta(days=1, hours=23))  # not yet
    bank.later(timedelta(days=1, hours=12))
    Delivery.objects.filter(person__in=treated[:8]).update(opened_at=bank.clock())
    Delivery.objects.filter(person__in=treated[4:9]).update(machine_opened_at=bank.clock())
    Delivery.objects.filter(person__in=treated[:2]).update(unsubscribed_at=bank.clock())
    Delivery.objects.filter(person=treated[0]).update(cost=Decimal("30.5"))
    found = told(bank, half)
    assert (found["counted"], found["scoped"], found["entered"], found["people"]) == (
        True, False, PEOPLE, PEOPLE,
    )  # fmt: skip
    assert found["aims"] == [
        {"name": "deposit", "event": ["Paid"], "window": "2d", "window_label": "2 days",
         "value": "", "fault": "", "sentence": found["sentence"]}
    ]  # fmt: skip
    assert (found["entry"][0]["k"], found["entry"][0]["n"]) == (13, PEOPLE)
    sent, many = step(found, "mail")["contact"], len(treated)
    assert (sent["intended"], sent["sent"]["k"], sent["suppressed"]) == (many, many, 0)
    assert [sent[name]["k"] for name in ("opened", "machine_opened", "unsubscribed")] == [8, 5, 2]
    assert (sent["converted"][0]["k"], sent["converted"][0]["n"]) == (12, many)
    assert sent["converted"][0]["open"] == many - 12
    assert sent["cost"] == pytest.approx(30.5 + 12 * (many - 1))
    assert sent["cost_per_contact"] == pytest.approx(sent["cost"] / many)
    assert found["cost_per_success"] == [pytest.approx(sent["cost"] / 12)]
    arm = found["holdouts"][0]
    assert (arm["control"][0]["k"], arm["control"][0]["n"]) == (1, len(control))
    assert (arm["treated"][0]["k"], arm["treated"][0]["n"]) == (12, many)
    apart = arm["differences"][0]
    assert apart["value"] == pytest.approx(12 / many - 1 / len(control))
    assert apart["low"] < apart["value"] < apart["high"]
    assert apart["certain"]
    assert arm["extra"][0] == pytest.approx(12 - many / len(control))
    assert arm["ratio"]["expected"] == PEOPLE / 2
    assert not arm["ratio"]["wrong"]
    assert found["sentence"].startswith("The rate of “deposit” is ")
    assert "higher than in the control group" in found["sentence"]
    japanese = bank.client_of("marketer", locale="ja").get(f"journeys/{half}/proof").json()
    assert japanese["sentence"].startswith("対照群より入金の割合が")


def test_what_counts_is_chosen_afterwards(sqlite_bank: Bank, half: str) -> None:
    bank, start = sqlite_bank, sqlite_bank.clock()
    _, treated = arms()
    happened(bank, "Paid", treated[:4], start + timedelta(days=4), branch="x")
    happened(bank, "Paid", treated[:2], start + timedelta(hours=4))
    happened(bank, "Other", treated[2:6], start + timedelta(hours=4))
    bank.later(timedelta(days=9))
    assert told(bank, half)["entry"][0]["k"] == 2
    versions = list(JourneyVersion.objects.values_list("id", "body", "state"))
    wanted: dict[str, Any] = {
        "conversions": [
            {"name": {"ja": "", "en": ""}, "event": ["Paid"], "window": "7d"},
            {"event": ["Paid", "Other"], "window": "1d",
             "where": {"field": "event", "op": "eq", "value": "Paid"}},
        ],
        "cost": {"sms": 3},
    }  # fmt: skip
    api = bank.api("marketer")
    chosen = api.put(f"journeys/{half}/proof/settings", wanted)
    assert chosen.status_code == 200, chosen.content.decode()
    assert chosen.json()["own"]
    assert chosen.json()["changed_by"]
    assert [one["window"] for one in chosen.json()["wording"]] == ["2d"]
    found = told(bank, half)
    assert [one["k"] for one in found["entry"]] == [4, 2]
    assert (found["own"], found["cost"]) == (True, 3 * len(treated))
    # The wording is as it was, and whoever changed what counts is on record.
    assert list(JourneyVersion.objects.values_list("id", "body", "state")) == versions
    row = AuditRow.objects.get(action="journey.proof")
    assert row.detail["before"]["conversions"][0]["window"] == "2d"
    assert row.detail["after"]["conversions"][0]["window"] == "7d"
    assert api.delete(f"journeys/{half}/proof/settings").status_code == 204
    assert told(bank, half)["entry"][0]["k"] == 2


def test_a_wrong_choice_is_refused_with_its_place(sqlite_bank: Bank, half: str) -> None:
    api, where = sqlite_bank.api("marketer"), f"journeys/{half}/proof/settings"
    unknown = {"field": "no_such", "op": "eq", "value": 1}
    wrong = api.put(where, {"conversions": [{"event": ["Paid"], "where": unknown}]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "conversions_wrong")
    assert wrong.json()["faults"][0]["path"].startswith("$.conversions[0]")
    for bad in (
        {"conversions": [{"event": []}]}, {"conversions": [{"event": ["x"], "window": "soon"}]},
        {"conversions": [], "cost": {"sms": -1}}, {"conversions": [], "cost": {"pigeon": 1}},
    ):  # fmt: skip
        assert api.put(where, bad).status_code == 422, bad


def test_every_number_opens_its_people(sqlite_bank: Bank, half: str) -> None:
    bank = sqlite_bank
    control, treated = arms()
    happened(bank, "Paid", treated[:3], bank.clock() + timedelta(hours=5))
    bank.later(timedelta(days=1))
    Delivery.objects.filter(person=treated[5]).update(state="suppressed", reason="do_not_contact")
    found = told(bank, half)
    asked = {
        "what=entered": PEOPLE, "what=reached&step=mail": step(found, "mail")["reached"],
        "what=intended&step=mail": len(treated), "what=sent&step=mail": len(treated) - 1,
        "what=suppressed&step=mail&reason=do_not_contact": 1, "what=opened&step=mail": 0,
        "what=control&step=apart": len(control), "what=treated&step=apart": len(treated),
        "group=step&step=mail&conversion=0": 3, "group=treated&step=apart": 3,
        "group=control&step=apart": 0, "group=entry": 3,
    }  # fmt: skip
    for query, count in asked.items():
        page = told(bank, half, what=f"/people?limit=100&{query}")
        assert (page["total"], len(page["items"])) == (count, count), query
    one = told(bank, half, what="/people?group=entry&limit=1&offset=1")
    assert (one["total"], len(one["items"])) == (3, 1)
    person = one["items"][0]
    assert person["person"] in treated[:3]
    assert person["display"] == "顧＊"  # as the role may read it
    story = bank.api("marketer").get(f"journeys/{half}/enrollments/{person['enrollment']}")
    assert story.status_code == 200
    looked = AuditRow.objects.filter(action="journey.proof_people").last()
    assert looked is not None
    assert looked.subjects == [person["person"]]


def test_a_row_scope_counts_and_shows_its_own(sqlite_bank: Bank, half: str) -> None:
    bank = sqlite_bank
    control, treated = arms()
    happened(bank, "Paid", [*treated[:3], *control[:2]], bank.clock() + timedelta(hours=5))
    bank.later(timedelta(days=1))
    numbers = numbers_of(bank)
    own = [*treated[2:5], control[0]]
    scope = {"field": "person_id", "op": "in", "value": [numbers[one] for one in own]}
    done = bank.api("administrator").patch("roles/representative", {"scope": scope})
    assert done.status_code == 200, done.content.decode()
    bank.clients.clear()
    whole = told(bank, half)
    found = told(bank, half, "representative")
    assert (found["scoped"], found["entered"], found["may_change"]) == (True, 4, False)
    assert (step(found, "mail")["reached"], step(found, "mail")["contact"]["sent"]["k"]) == (3, 3)
    arm = found["holdouts"][0]
    assert [(arm[name][0]["k"], arm[name][0]["n"]) for name in ("control", "treated")] == [
        (1, 1), (1, 3),
    ]  # fmt: skip
    assert whole["entered"] == PEOPLE  # what is kept for one is not told to another
    for query in ("what=entered", "what=sent&step=mail", "what=treated&step=apart", "group=entry"):
        page = told(bank, half, "representative", f"/people?limit=100&{query}")
        assert {one["person"] for one in page["items"]} <= set(own), query
        assert page["total"] == len(page["items"]) > 0, query
    refused = bank.api("representative").put(f"journeys/{half}/proof/settings", {"conversions": []})
    assert refused.status_code == 403


def test_an_unequal_split_is_told_instead_of_a_difference(sqlite_bank: Bank, half: str) -> None:
    bank = sqlite_bank
    version = JourneyVersion.objects.get()
    version.body["steps"]["apart"]["percent"] = 5
    version.save()
    found = told(bank, half)
    assert found["holdouts"][0]["ratio"]["wrong"]
    assert "do not trust the difference" in found["sentence"]


def test_figures_are_kept_for_ten_minutes(sqlite_bank: Bank, half: str) -> None:
    bank = sqlite_bank
    first = told(bank, half)
    _, treated = arms()
    happened(bank, "Paid", treated[:1], bank.clock() + timedelta(seconds=1))
    bank.later(timedelta(minutes=5))
    assert told(bank, half) == first
    assert told(bank, half, what="?fresh=true")["entry"][0]["k"] == 1
    happened(bank, "Paid", treated[1:2], bank.clock())
    bank.later(timedelta(minutes=11))
    assert told(bank, half)["entry"][0]["k"] == 2


def test_nothing_that_counts_and_no_control_group(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    plain = HALF | {"start": "mail", "steps": {"mail": BODY["steps"]["mail"]}}
    slug = walked(bank, plain)
    found = told(bank, slug)
    assert found["holdouts"] == []
    assert "Without a control group" in found["sentence"]
    assert found["entry"][0]["open"] == PEOPLE
    done = bank.api("marketer").put(f"journeys/{slug}/proof/settings", {"conversions": []})
    assert done.status_code == 200
    found = told(bank, slug)
    assert (found["entry"], found["cost"]) == ([], None)  # no cost was chosen with it
    assert found["sentence"].startswith("Nothing counts as success yet")


def test_a_humans_task_costs_what_its_kind_does(sqlite_bank: Bank) -> None:
    from enishi.journeys.models import JourneyTask

    bank = sqlite_bank
    slug = walked(bank)
    body = JourneyVersion.objects.get()
    body.body["steps"]["call"] = {"kind": "task", "list": "calls", "contact": "visit"}
    body.body["cost"] = {"sms": 1, "visit": 500, "person": 9}
    body.save()
    people = Enrollment.objects.order_by("id")[:5]
    for n, one in enumerate(people):
        JourneyTask.objects.create(
            key=f"walk:{one.id}:call:9", enrollment=one.id, person=one.person, step="call", visit=9,
            list="calls", state=["done", "done", "open", "refused", "withdrawn"][n],
            created_at=bank.clock(), done_at=bank.clock() if n < 2 else None,
        )  # fmt: skip
    happened(bank, "Paid", [people[0].person], bank.clock() + timedelta(hours=1))
    bank.later(timedelta(hours=2))
    call = step(told(bank, slug), "call")["contact"]
    assert (call["intended"], call["waiting"], call["suppressed"], call["sent"]["k"]) == (
        5,
        1,
        2,
        2,
    )
    assert (call["channel"], call["cost"], call["converted"][0]["k"]) == ("person", 1000, 1)
    for query, count in {"what=sent": 2, "what=suppressed": 2, "what=waiting": 1}.items():
        page = told(bank, slug, what=f"/people?step=call&{query}")
        assert page["total"] == len(page["items"]) == count, query
    page = told(bank, slug, what="/people?step=call&what=suppressed&reason=refused")
    assert [one["detail"] for one in page["items"]] == ["No one could be given it"]


def test_a_send_with_a_holdout(sqlite_bank: Bank) -> None:
    """The people held out against all others intended, also those whom it could not reach."""
    from enishi.messages.models import Send

    bank, start = sqlite_bank, sqlite_bank.clock()
    slug = approved_template()
    send = Send.objects.create(
        slug="spring", name="Spring", state="done", created_by="u",
        body={"template": slug, "segments": ["x"], "holdout": {"percent": 25}},
    )  # fmt: skip
    persons = sorted(numbers_of(bank))
    states = [("suppressed", "holdout")] * 10 + [("suppressed", "excluded")] * 4
    states += [("suppressed", "address.missing")] * 6 + [("sent", "")] * 20
    for person, (state, reason) in zip(persons, states, strict=True):
        Delivery.objects.create(
            key=f"send:{send.id}:{person}", person=person, channel="sms", purpose="deposits",
            template_version="v", send=send.id, state=state, reason=reason, finished_at=start,
        )  # fmt: skip
    happened(
        bank, "Paid", [*persons[:1], *persons[12:17], *persons[20:25]], start + timedelta(hours=2)
    )
    bank.later(timedelta(days=1))
    api = bank.api("marketer")
    assert api.get("sends/spring/proof").json()["sentence"].startswith("Nothing counts as success")
    body = {"conversions": [{"event": ["Paid"], "window": "7d"}], "cost": {"sms": 10}}
    assert api.put("sends/spring/proof/settings", body).status_code == 200
    found = api.get("sends/spring/proof").json()
    contact = found["steps"][0]["contact"]
    assert (contact["intended"], contact["sent"]["k"], contact["suppressed"]) == (40, 20, 20)
    assert (contact["converted"][0]["k"], found["cost"]) == (5, 200)
    arm = found["holdouts"][0]
    assert [(arm[name][0]["k"], arm[name][0]["n"]) for name in ("control", "treated")] == [
        (1, 10), (8, 26),
    ]  # fmt: skip
    assert arm["ratio"]["expected"] == 9
    people = api.get("sends/spring/proof/people?group=treated&limit=50").json()
    assert people["total"] == len(people["items"]) == 8
    assert bank.api("representative").get("sends/spring/proof").status_code == 403
