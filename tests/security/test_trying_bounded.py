"""Trying a journey is bounded: nobody fills the work process with dry runs, or tries persons by a
script."""

from __future__ import annotations

from enishi.journeys.dry import jobs as dry_jobs
from enishi.journeys.dry.one_person import OFTEN
from enishi.journeys.models import JourneyDryRun
from journeys_world import approved_template, made_journey
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
