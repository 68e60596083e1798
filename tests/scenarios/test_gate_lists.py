"""Lists and the gate's policies: caps, nights, approvals; who waits comes back without any job."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from enishi.gate import approvals, dry_run, policies
from enishi.gate.bodies import BODY, Example
from enishi.gate.models import ContactMade, Policy, Profile
from lists_world import CATALOG, Bank

ONCE = {
    "kind": "cap", "name": {"ja": "1日1回", "en": "Once a day"}, "most": 1,
    "window": {"unit": "hours", "count": 24},
}  # fmt: skip
EXAMPLE = Example.model_validate(
    {"name": {"ja": "2回目", "en": "Second"}, "ask": {"channel": "phone", "purpose": "deposits"},
     "contacts": [{"channel": "post", "purpose": "cards", "at": "2026-11-20T09:00:00+09:00"}],
     "at": "2026-11-20T10:00:00+09:00", "answer": "defer", "codes": ["cap.person"],
     "until": "2026-11-21T09:00:00+09:00"}
)  # fmt: skip


def cap_once(bank: Bank) -> None:
    at, actor = bank.clock.now, bank.actor("administrator")
    draft = policies.create("once", BODY.validate_python(ONCE), [EXAMPLE], at=at, actor=actor)
    policies.publish(draft.id, at=at, actor=actor)


def blocked(bank: Bank, list_id: str) -> list[str | None]:
    return [row["blocked"] for row in bank.members(list_id)]


def claim_next(bank: Bank, list_id: str, role: str = "manager") -> Any:
    answer = bank.api(role).post(f"lists/{list_id}/claim-next")
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["member"]


def test_a_cap_blocks_until_its_window_has_passed(bank: Bank) -> None:
    cap_once(bank)
    list_id = bank.make_list(top_n=2)
    first, second = (row["id"] for row in bank.members(list_id))
    assert bank.log(list_id, first, "reached").status_code == 201
    told = {row["id"]: row["blocked"] for row in bank.members(list_id)}
    assert told[second] is None
    assert (
        "11月21日10:00から連絡できます" in told[first].replace("日 ", "日")
        or "21 Nov" in told[first]
    )
    refused = bank.log(list_id, first, "reached")
    assert refused.status_code == 409
    assert refused.json()["detail"]["answer"] == "defer"
    assert bank.log(list_id, first, "reached", direction="inbound").status_code == 201
    bank.later(timedelta(hours=23, minutes=59))
    assert blocked(bank, list_id).count(None) == 1
    bank.later(timedelta(minutes=1))
    assert blocked(bank, list_id) == [None, None]  # nothing ran in between


def test_undoing_a_contact_gives_its_slot_back(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    cap_once(bank)
    list_id = bank.make_list(top_n=1)
    [member] = (row["id"] for row in bank.members(list_id))
    made = bank.log(list_id, member, "reached").json()["engagement"]["id"]
    assert blocked(bank, list_id) != [None]
    undone = bank.api("manager").post(f"engagements/{made}/undo")
    assert undone.status_code == 200, undone.content.decode()
    assert blocked(bank, list_id) == [None]
    assert bank.log(list_id, member, "reached").status_code == 201


def test_a_claim_holds_the_slot_and_letting_go_frees_it(bank: Bank) -> None:
    """Two lists, one person, one slot: who claims first calls; the other sees that it is taken."""
    cap_once(bank)
    definition = bank.define()
    one, two = (bank.make_list(definition, top_n=1) for _ in range(2))
    [here], [there] = ([row["id"] for row in bank.members(each)] for each in (one, two))
    claimed = bank.api("manager").post(f"lists/{one}/members/{here}/claim")
    assert claimed.status_code == 200
    share = bank.api("manager").post(
        f"lists/{two}/shares", {"user": bank.people["representative"].id, "level": "work"}
    )
    assert share.status_code in (200, 201), share.content.decode()
    assert claim_next(bank, two, "representative") is None
    bank.api("manager").post(f"lists/{one}/members/{here}/release")
    assert not ContactMade.objects.exists()
    assert claim_next(bank, two, "representative")["id"] == there
    assert bank.log(one, here, "reached").status_code == 409
    assert bank.log(two, there, "reached", "representative").status_code == 201


def test_nobody_is_called_at_night_and_everybody_in_the_morning(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    list_id = bank.make_list(top_n=2)
    [member, *_] = (row["id"] for row in bank.members(list_id))
    bank.later(timedelta(hours=12))  # 22:00
    assert claim_next(bank, list_id) is None
    assert None not in blocked(bank, list_id)
    assert bank.log(list_id, member, "reached").status_code == 409
    bank.later(timedelta(hours=10))  # 8:00
    assert blocked(bank, list_id) == [None, None]
    assert claim_next(bank, list_id) is not None


def seniors(bank: Bank, age: int, list_id: str) -> tuple[int, str]:
    [row] = bank.members(list_id)
    born = date(2026 - age, 1, 1)
    Profile.objects.create(person=row["person_id"], birth_date=born, known="birth_date", digest="")
    return row["id"], row["person_id"]


def test_seventy_five_needs_an_approver_and_eighty_another_one(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    insurance = "purposes:\n  insurance: {label: {ja: 保険, en: Insurance}}"
    told = CATALOG.replace("purposes:", insurance, 1)
    (bank.workspace.root / "catalog" / "bank.yaml").write_text(told, encoding="utf-8")
    list_id = bank.make_list(bank.define(purpose="insurance"), top_n=1)
    member, person = seniors(bank, 76, list_id)
    assert claim_next(bank, list_id) is None
    assert bank.log(list_id, member, "reached").status_code == 201  # a manager may approve herself
    Profile.objects.update(birth_date=date(1946, 1, 1))
    assert bank.log(list_id, member, "reached").status_code == 409
    at, manager = bank.clock.now, bank.actor("manager")
    asked = approvals.ask(
        person, "phone", "insurance", "time_deposit", note="満期のご相談", at=at, actor=manager
    )
    assert [one.id for one in approvals.waiting(bank.actor("administrator"))] == [asked.id]
    assert approvals.waiting(manager) == []
    approvals.approve(asked.id, at=at, actor=bank.actor("administrator"))
    assert blocked(bank, list_id) == [None]
    assert bank.log(list_id, member, "reached").status_code == 201
    bank.later(approvals.VALID)
    assert bank.log(list_id, member, "reached").status_code == 409


def test_a_dry_run_tells_what_a_policy_would_have_stopped(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    list_id = bank.make_list(top_n=3)
    members = [row["id"] for row in bank.members(list_id)]
    for _ in range(2):
        for member in members:
            assert bank.log(list_id, member, "reached").status_code == 201
        bank.later(timedelta(hours=3))
    told = dry_run.dry_run("once", BODY.validate_python(ONCE), at=bank.clock.now)
    assert (told.total, told.examined, told.stopped, told.freed) == (6, 6, 3, 0)
    assert (told.persons, dict(told.by_code)) == (3, {"cap.person": 3})
    assert {row.after for row in told.rows} == {"defer"}
    part = dry_run.dry_run("once", BODY.validate_python(ONCE), at=bank.clock.now, most=2)
    assert (part.total, part.examined, part.sampled) == (6, 2, True)
    looser = policies.body_of(policies.published(Policy.objects.get(slug="weekly-cap")) or _none())
    assert dry_run.dry_run("weekly-cap", looser, at=bank.clock.now).stopped == 0


def _none() -> Any:
    raise AssertionError("the weekly cap is in force from the beginning")
