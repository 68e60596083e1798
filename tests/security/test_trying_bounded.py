"""Trying and proving a journey is bounded: nobody fills the work process with dry runs or
counts, or tries persons by a script."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from enishi.journeys.dry import jobs as dry_jobs
from enishi.journeys.dry import one_person
from enishi.journeys.dry.one_person import OFTEN
from enishi.journeys.models import Journey, JourneyDryRun
from enishi.journeys.proof import figures
from enishi.journeys.proof.points import About
from journeys_world import BODY, approved_template, made_journey
from lists_world import Bank


def test_an_asker_has_a_few_dry_runs_at_a_time(sqlite_bank: Bank) -> None:
    approved_template()
    one, other = made_journey(sqlite_bank), made_journey(sqlite_bank, name="Other")
    api = sqlite_bank.api("marketer")

    def ask(slug: str, days: int, role: str = "marketer") -> tuple[int, dict[str, str]]:
        answer = sqlite_bank.api(role).post(f"journeys/{slug}/dry-runs", {"days": days})
        return answer.status_code, answer.json()

    made = [ask(slug, days) for slug, days in ((one, 1), (one, 2), (other, 1))]
    assert [status for status, _ in made] == [202] * dry_jobs.MOST
    assert ask(one, 2)[1]["id"] == made[1][1]["id"], "the same once more is the same"
    status, told = ask(other, 3)
    assert (status, told["code"]) == (409, "dry_runs_waiting")
    assert told["remedy"] == "Wait for one, or cancel one."
    assert ask(other, 3, "manager")[0] == 202, "each asker has a bound of his own"
    own = made[0][1]["id"]
    assert api.post(f"journeys/{one}/dry-runs/{own}/cancel").json()["state"] == "cancelled"
    assert ask(other, 3)[0] == 202
    assert JourneyDryRun.objects.filter(state="queued").count() == dry_jobs.MOST + 1


def test_persons_are_walked_as_often_as_by_hand(sqlite_bank: Bank) -> None:
    approved_template(purpose="service")
    slug = made_journey(sqlite_bank)
    from enishi.book import throttle

    actor, api = sqlite_bank.actor("marketer"), sqlite_bank.api("marketer")
    assert api.post(f"journeys/{slug}/test-walk", {}).status_code == 200
    for _ in range(OFTEN.most - 1):
        throttle.take(OFTEN, actor.user_id)
    refused = api.post(f"journeys/{slug}/test-walk", {})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")


AGAIN: dict[str, Any] = BODY | {
    "start": "stand",
    "steps": {
        "stand": {"kind": "wait", "duration": "1d", "next": "which"},
        "which": {
            "kind": "branch", "next": "stand",
            "arms": [{"rule": {"field": "branch", "op": "eq", "value": "nowhere"}, "next": None}],
        },
    },
}  # fmt: skip


def test_a_walk_by_hand_asks_a_bounded_number_of_questions(
    sqlite_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request may play 500 actions, and time may pass in each."""
    monkeypatch.setattr(one_person, "MOST_QUESTIONS", 4)
    approved_template()
    slug = made_journey(sqlite_bank, AGAIN)
    table = sqlite_bank.warehouse.who({"all": []}, actor=sqlite_bank.actor("administrator"))
    person = table["_id"].to_pylist()[0]

    def ask(days: int, **more: Any) -> tuple[int, dict[str, Any]]:
        asked = {"actions": [{"kind": "wait", "minutes": days * 1440}], **more}
        answer = sqlite_bank.api("marketer").post(f"journeys/{slug}/test-walk", asked)
        return answer.status_code, answer.json()

    status, told = ask(4, person=person)
    assert status == 200, told
    status, told = ask(5, person=person)
    assert (status, told["code"]) == (422, "walk_too_long")
    assert told["remedy"].startswith("Give the answers of some branches")
    assert ask(5)[0] == 200, "nobody is asked about somebody invented"


def test_a_proof_is_not_counted_anew_by_whoever_asks_for_it(
    sqlite_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved_template()
    slug = made_journey(sqlite_bank)
    counts: list[None] = []
    begun, go_on = threading.Event(), threading.Event()
    go_on.set()
    count = figures.counted

    def counted(*given: Any) -> figures.Proof:
        counts.append(None)
        begun.set()
        assert go_on.wait(20)
        return count(*given)

    monkeypatch.setattr(figures, "counted", counted)
    api = sqlite_bank.api("marketer")

    def ask() -> str:
        return str(api.get(f"journeys/{slug}/proof?fresh=true").json()["as_of"])

    first = ask()
    sqlite_bank.later(figures.REST - timedelta(seconds=1))
    assert ask() == first, "it says of when it is"
    assert len(counts) == 1
    sqlite_bank.later(timedelta(seconds=1))
    assert ask() > first
    assert len(counts) == 2

    # Whoever comes while it is being counted waits for that count.
    sqlite_bank.later(figures.REST)
    go_on.clear()
    begun.clear()
    about, actor = (
        About("journey", Journey.objects.get(slug=slug).id),
        sqlite_bank.actor("marketer"),
    )
    told: list[str] = []

    def wait() -> None:
        told.append(figures.asked(about, actor, fresh=True)["as_of"])

    threads = [threading.Thread(target=wait, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(20)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert (len(told), len(set(told)), len(counts)) == (4, 1, 3)
