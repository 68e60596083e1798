"""People inside journeys as the API tells them: counts, who stands where, stories, row scope."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from enishi.book.models import AuditRow
from enishi.journeys.inside import view as live_view
from enishi.journeys.models import Enrollment
from enishi.journeys.types import Heard
from enishi.journeys.walking import moving, runner, store
from journeys_world import BODY, approved_template, go_live, made_journey
from lists_world import Bank

WAITING: dict[str, Any] = BODY | {
    "start": "which",
    "steps": {
        "which": {
            "kind": "branch",
            "arms": [
                {
                    "label": {"ja": "本店", "en": "Main"},
                    "rule": {"field": "branch", "op": "eq", "value": "本店"},
                    "next": "calm",
                }
            ],
            "next": "away",
        },
        "calm": {"kind": "wait", "duration": "2d", "name": "Calm", "next": "away"},
        "away": {"kind": "exit", "reason": {"ja": "対象外", "en": "Not meant"}},
    },
}


def run(bank: Bank) -> None:
    while runner.move(bank.clock, bank.warehouse):
        pass


def inside(bank: Bank, count: int = 6) -> str:
    """A journey with the first persons inside; the even ones wait, the odd ones are out."""
    slug = made_journey(bank, WAITING, live=True)
    entries = [{"person": f"P{n:03}", "values": {"n": n}} for n in range(1, count + 1)]
    done = bank.api("manager").post(f"journeys/{slug}/entries", {"entries": entries})
    assert done.status_code == 200, done.content.decode()
    assert done.json() == {"entered": count, "refused": []}
    run(bank)
    return slug


def test_counts_people_and_stories(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = inside(bank)
    api = bank.api("marketer")
    told = api.get(f"journeys/{slug}/live").json()
    assert (told["inside"], told["entered"], told["ended"], told["counted"]) == (3, 6, 3, True)
    nodes = {one["step"]: one for one in told["nodes"]}
    assert (nodes["calm"]["standing"], nodes["calm"]["arrived"], nodes["which"]["passed"]) == (
        3, 3, 6,
    )  # fmt: skip
    ways = {(e["step"], e["to"], e["code"]): (e["people"], e["share"]) for e in told["edges"]}
    assert ways["which", "calm", "arm_0"] == (3, 0.5)
    assert ways["away", "", "exit"] == (3, 1.0)
    assert told["ends"] == [{"end": "exit", "label": "Ended at an exit", "people": 3}]
    bank.later(timedelta(days=2, minutes=1))
    run(bank)
    again = {
        n["step"]: n for n in bank.api("marketer").get(f"journeys/{slug}/live").json()["nodes"]
    }
    assert again["calm"]["standing"] == 0
    assert 1 <= again["calm"]["median_seconds"] / timedelta(days=2).total_seconds() * 2 <= 4
    assert bank.api("marketer").get("journeys").json()["items"][0]["entered"] == 6


def test_a_story_is_told_in_sentences_and_is_a_look(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = inside(bank)
    api = bank.api("manager")
    page = api.get(f"journeys/{slug}/people?step=calm").json()
    assert page["total"] == 3
    one = page["items"][0]
    assert one["display"].startswith("顧客")
    assert one["standing"] == "Waiting until 22 Nov 2026, 10:00."
    story = api.get(f"journeys/{slug}/enrollments/{one['enrollment']}").json()
    assert [(line["code"], line["local"]) for line in story["lines"]] == [
        ("entered", "20 Nov 2026, 10:00"), ("arm_0", "20 Nov 2026, 10:00"),
    ]  # fmt: skip
    assert story["lines"][0]["sentence"] == "Began by the API."
    assert story["lines"][1]["sentence"] == 'The condition "Main" held. On to "Calm".'
    japanese = bank.client_of("manager", locale="ja")
    told = japanese.get(f"journeys/{slug}/enrollments/{one['enrollment']}").json()
    assert told["lines"][1]["sentence"] == "条件「本店」に当てはまりました。「Calm」に進みました。"
    assert told["standing"] == "2026年11月22日 10:00まで待っています。"
    looks = AuditRow.objects.filter(action__in=["journey.people", "customer.view"])
    assert {row.action for row in looks} == {"journey.people", "customer.view"}
    assert one["person"] in looks.get(action="journey.people").subjects


ASKED: dict[str, Any] = BODY | {
    "start": "answer",
    "steps": {
        "answer": {
            "kind": "wait_event",
            "signal": {"kind": "event", "event": ["answered"]},
            "timeout": "2d",
            "next": "thanks",
        },
        "thanks": {"kind": "exit", "reason": {"ja": "回答あり", "en": "Answered"}},
    },
}


def test_what_somebody_stands_for_says_that_the_journey_is_paused(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    slug = made_journey(bank, ASKED, live=True)
    manager = bank.api("manager")

    def let_in(person: str) -> None:
        bank.api("marketer").post(f"journeys/{slug}/entries", {"entries": [{"person": person}]})

    def standing() -> list[str]:
        return [one["standing"] for one in manager.get(f"journeys/{slug}/people").json()["items"]]

    let_in("P001")
    run(bank)
    (one,) = manager.get(f"journeys/{slug}/people").json()["items"]
    assert one["due_at"] == "2026-11-22T01:00:00Z"  # the deadline, not when the lane comes by
    waiting = 'Waiting for "answered", until 22 Nov 2026, 10:00.'
    assert standing() == [waiting]
    assert manager.post(f"journeys/{slug}/pause", {"reason": "a look"}).status_code == 200
    let_in("P002")
    run(bank)
    assert standing() == [
        f"{waiting} The journey is paused.",
        "At the entry, until the journey is resumed.",
    ]
    store.hear([(one["enrollment"], Heard("wait", bank.clock()))])
    assert standing()[0] == "Goes on when the journey is resumed."
    assert manager.post(f"journeys/{slug}/resume").status_code == 200
    run(bank)
    gone = manager.get(f"journeys/{slug}/enrollments/{one['enrollment']}").json()
    assert gone["lines"][-2]["sentence"].endswith('On to "Answered".')


def test_a_story_is_told_by_the_version_she_was_on(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    slug = inside(bank, 2)
    marketer = bank.api("marketer")
    steps = WAITING["steps"]
    (arm,) = steps["which"]["arms"]
    arms = [arm | {"label": {"en": "Head office"}, "next": "rest"}]
    second = {
        "which": steps["which"] | {"arms": arms},
        "rest": {"kind": "wait", "duration": "3d", "name": "Rest", "next": "away"},
        "away": steps["away"],
    }
    saved = marketer.put(f"journeys/{slug}/draft", {"body": WAITING | {"steps": second}})
    assert saved.status_code == 200, saved.content.decode()
    assert marketer.post(f"journeys/{slug}/submit").status_code == 200
    bank.later(timedelta(hours=1))
    manager = bank.api("manager")
    done = go_live(manager, slug, move="move", steps={"calm": "rest"})
    assert done.status_code == 200, done.content.decode()
    while moving.run_once(bank.clock):
        pass
    run(bank)
    (one,) = manager.get(f"journeys/{slug}/people?step=rest").json()["items"]
    told = manager.get(f"journeys/{slug}/enrollments/{one['enrollment']}").json()["lines"]
    assert [(line["step_title"], line["sentence"]) for line in told[1:]] == [
        ("Branch", 'The condition "Main" held. On to "Calm".'),
        ("Calm", 'Went over to the new version. On to "Rest".'),
    ]


def test_taking_somebody_out(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = inside(bank)
    api = bank.api("manager")
    one = api.get(f"journeys/{slug}/people?step=calm").json()["items"][0]["enrollment"]
    where = f"journeys/{slug}/enrollments/{one}/remove"
    gone = api.post(where, {"reason": "ご本人の希望"})
    assert gone.json()["end"] == "removed", gone.content.decode()
    assert gone.json()["lines"][-1]["sentence"] == "Was taken out by hand."
    assert api.post(where, {"reason": "x"}).json()["code"] == "walk_ended"
    assert "ご本人" not in str(list(AuditRow.objects.values_list("detail", flat=True)))


def test_a_row_scope_shows_own_customers_alone(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = inside(bank)
    scope = {"field": "person_id", "op": "in", "value": ["P002", "P001"]}
    done = bank.api("administrator").patch("roles/representative", {"scope": scope, "pii": "high"})
    assert done.status_code == 200, done.content.decode()
    api = bank.api("representative")
    told = api.get(f"journeys/{slug}/live").json()
    assert (told["scoped"], told["inside"], told["entered"], told["ended"]) == (True, 1, 2, 1)
    ways = {(e["step"], e["to"], e["code"]): e["people"] for e in told["edges"]}
    assert ways == {
        ("", "which", "entered"): 2, ("which", "calm", "arm_0"): 1, ("which", "away", "else"): 1,
        ("away", "", "exit"): 1,
    }  # fmt: skip
    people = api.get(f"journeys/{slug}/people").json()
    assert people["total"] == 2
    seen = {one["enrollment"] for one in people["items"]}
    other = Enrollment.objects.exclude(id__in=seen).values_list("id", "person")[0]
    hidden = api.get(f"journeys/{slug}/enrollments/{other[0]}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "enrollment_not_found")
    assert api.get(f"customers/{other[1]}/journeys").status_code == 404
    assert api.get("journeys").json()["items"][0]["inside"] == 1
    mine = people["items"][0]["person"]
    assert api.get(f"customers/{mine}/journeys").json()["total"] == 1


def test_who_sees_no_personal_data_sees_no_entry_key(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = inside(bank)
    Enrollment.objects.update(key="080-1234-5678")
    walk = Enrollment.objects.first()
    assert walk is not None
    for pii, key in (("low", "080-1234-5678"), ("none", "＊＊＊")):
        bank.api("administrator").patch("roles/representative", {"scope": None, "pii": pii})
        api = bank.api("representative")
        told = api.get(f"journeys/{slug}/people").json()
        assert {one["key"] for one in told["items"]} == {key}
        assert api.get(f"journeys/{slug}/enrollments/{walk.id}").json()["key"] == key
        assert api.get(f"customers/{walk.person}/journeys").json()["items"][0]["key"] == key


def test_where_too_many_are_to_be_sorted_out_nothing_is_counted(
    sqlite_bank: Bank, monkeypatch: Any
) -> None:
    from enishi.journeys.inside import scoping

    bank = sqlite_bank
    approved_template()
    slug = inside(bank)
    bank.api("administrator").patch(
        "roles/representative",
        {"scope": {"field": "branch", "op": "eq", "value": "本店"}, "pii": "high"},
    )
    monkeypatch.setattr(scoping, "MOST", 2)
    told = bank.api("representative").get(f"journeys/{slug}/live").json()
    assert (told["counted"], told["inside"], told["nodes"]) == (False, 0, [])
    assert bank.api("representative").get("journeys").json()["items"][0]["inside"] is None


def test_where_people_get_lost_is_marked(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    body = WAITING | {
        "start": "hope",
        "steps": {
            "hope": {
                "kind": "wait_event", "name": "Hope", "timeout": "1d",
                "signal": {"kind": "event", "event": ["login"]},
            }
        },
    }  # fmt: skip
    slug = made_journey(bank, body, live=True)
    entries = [{"person": f"P{n:03}"} for n in range(1, 9)]
    bank.api("manager").post(f"journeys/{slug}/entries", {"entries": entries})
    run(bank)
    bank.later(timedelta(days=1, minutes=2))
    run(bank)
    told = bank.api("marketer").get(f"journeys/{slug}/live").json()
    assert told["bottleneck"] == "hope"
    assert told["sentence"].startswith('At "Hope", 8 of 8 (100%)')


def test_a_version_goes_live_with_its_people_mapped(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = inside(bank)
    api, manager = bank.api("marketer"), bank.api("manager")
    body = WAITING | {
        "start": "rest",
        "steps": {"rest": {"kind": "wait", "duration": "5d", "name": "Rest"}},
    }
    api.put(f"journeys/{slug}/draft", {"body": body})
    api.post(f"journeys/{slug}/submit")
    stay = manager.post(f"journeys/{slug}/go-live/preview", {}).json()
    assert (stay["inside"], stay["moved"], stay["ended"]) == (3, 0, 0)
    move = {"move": "move", "steps": {"calm": "rest"}}
    told = manager.post(f"journeys/{slug}/go-live/preview", move).json()
    assert (told["moved"], told["ended"], told["faults"]) == (3, 0, [])
    assert [(r["step"], r["people"], r["to_title"], r["by"]) for r in told["rows"]] == [
        ("calm", 3, "Rest", "named")
    ]
    none = manager.post(f"journeys/{slug}/go-live/preview", {"move": "move"}).json()
    assert (none["moved"], none["ended"], none["rows"][0]["by"]) == (0, 3, "none")
    wrong = {"move": "move", "steps": {"calm": "nowhere"}}
    assert go_live(manager, slug, **wrong).json()["code"] == "mapping_invalid"
    done = go_live(manager, slug, **move)
    assert done.status_code == 200, done.content.decode()

    while moving.run_once(bank.clock):
        pass
    assert set(Enrollment.objects.exclude(state="ended").values_list("version", "step")) == {
        (2, "rest")
    }


def test_the_median_lies_in_its_bucket() -> None:
    assert live_view.median({}) is None
    assert live_view.median({0: 5}) == 0 or live_view.median({0: 5}) == 1
    assert 64 <= (live_view.median({7: 10}) or 0) <= 128
    assert 4 <= (live_view.median({2: 1, 3: 5, 9: 1}) or 0) <= 8
