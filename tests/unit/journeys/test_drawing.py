"""Journeys drawn, checked, reviewed and put live over the API, on the bank of the lists' tests."""

from __future__ import annotations

import copy
import random
from datetime import timedelta
from typing import Any

import pytest

from enishi.journeys.drawing import showing
from enishi.journeys.drawing.cards import QUESTIONS
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.known import known
from enishi.journeys.flows import flows
from enishi.messages.models import Template, TemplateVersion
from journeys_world import BODY, approved_template, go_live, made_journey
from lists_world import Bank


def codes(answer: Any) -> set[tuple[str, str]]:
    return {(one["code"], one["path"]) for one in answer["faults"] if one["level"] == "refuse"}


@pytest.mark.heavy
def test_every_flow_opens_as_a_draft_that_only_has_to_be_chosen(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    api = bank.api("marketer")
    flows = api.get("journeys/flows").json()
    assert [one["name"] for one in flows] == [
        "welcome", "first_to_continued", "trial_to_full", "reactivation", "maturity",
        "card_closed", "nps_detractor",
    ]  # fmt: skip
    for flow in flows:
        assert all(flow["sheet"].values()), flow["name"]
        made = api.post("journeys", {"name": flow["label"], "flow": flow["name"]})
        assert made.status_code == 201, made.content.decode()
        shown = made.json()["shown"]
        assert {code for code, _ in codes(shown)} == {"not_chosen"}
        gaps = {name for card in shown["cards"] for name in QUESTIONS if card[name]["missing"]}
        assert gaps <= {"where", "how", "when"}  # what the choices will tell
        assert all(words["sentence"] or words["kind"] for words in shown["words"])


def test_the_same_flow_in_japanese(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    api = bank.client_of("marketer", locale="ja")
    flow = next(one for one in api.get("journeys/flows").json() if one["name"] == "maturity")
    assert flow["label"] == "満期のご案内"
    assert flow["body"]["steps"]["notice"]["name"] == "満期のお知らせ"
    assert flow["body"]["conversions"][0]["name"] == {"ja": "継続のお手続き", "en": "Renewal"}


def test_a_draft_is_saved_however_unfinished(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    api = bank.api("marketer")
    slug = api.post("journeys", {"name": "Half"}).json()["slug"]
    for body in (
        {},
        {"purpose": "deposits", "start": "a", "steps": {"a": {"kind": "branch", "arms": []}}},
        {"purpose": 5, "steps": {"a": {"kind": "no such kind"}, "b": 7}},
        {"purpose": "deposits", "steps": [1], "entries": {"kind": "event"}, "goal": "x"},
    ):
        saved = api.put(f"journeys/{slug}/draft", {"body": body})
        assert saved.status_code == 200, saved.content.decode()
        assert saved.json()["body"] == body
        assert saved.json()["refused"] > 0
        assert api.get(f"journeys/{slug}").json()["shown"]["body"] == body
    refused = api.post(f"journeys/{slug}/submit")
    assert refused.status_code == 422
    assert refused.json()["code"] == "journey_unfinished"
    assert refused.json()["faults"]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"purpose": "nothing"}, "unknown_purpose", "$.purpose"),
    ({"entries": []}, "not_chosen", "$.entries"),
    ({"start": "nowhere"}, "no_start", "$.start"),
    ({"entries": [{"kind": "segment", "segment": "no-such"}]}, "unknown_segment",
     "$.entries[0].segment"),
    ({"audience": {"field": "no_such", "op": "is_set"}}, "unknown_field",
     "$.audience.field"),
    ({"audience": {"field": "income", "op": "gt", "value": 5}}, "purpose_forbids",
     "$.audience"),
    ({"entries": [{"kind": "schedule", "every": "day"}]}, "everybody", "$.audience"),
    ({"entries": [{"kind": "schedule", "every": "month"}]}, "not_chosen",
     "$.entries[0].day"),
    ({"entries": [{"kind": "date", "field": "branch"}]}, "not_a_date", "$.entries[0].field"),
    ({"reentry": {"kind": "after"}}, "not_chosen", "$.reentry.after"),
    ({"exits": [{"kind": "list_status", "list": "gone", "status": ["x"]}]}, "unknown_list",
     "$.exits[0].list"),
]  # fmt: skip


def test_what_does_not_fit_is_a_fault_at_its_place(sqlite_bank: Bank) -> None:
    api = sqlite_bank.api("marketer")
    for change, code, path in WRONG:
        answer = api.post("journeys/check", {"body": BODY | change}).json()
        assert (code, path) in codes(answer), change


WRONG_STEPS: list[tuple[dict[str, Any], str, str]] = [
    ({"mail": {"next": "nowhere"}}, "unknown_step", "$.steps.mail.next"),
    ({"alone": {"kind": "exit"}}, "unreachable", "$.steps.alone"),
    ({"mail": {"next": "back"}, "back": {"kind": "join", "next": "mail"}}, "loop",
     "$.steps.back"),
    ({"mail": {"next": "pause"}, "pause": {"kind": "wait", "duration": "1d", "next": "mail"}},
     "no_end", "$.steps.mail"),
    ({"mail": {"template": "no-such"}}, "unknown_template", "$.steps.mail.template"),
    ({"mail": {"card": {"who": "", "what": "x", "why": "y"}}}, "card_hole",
     "$.steps.mail.card.who"),
    ({"mail": {"sender": "no-such"}}, "unknown_sender", "$.steps.mail.sender"),
    ({"mail": {"next": "cut"}, "cut": {"kind": "split", "shares": [
        {"percent": 50}, {"percent": 30}]}}, "split_sum", "$.steps.cut.shares"),
    ({"mail": {"next": "day"}, "day": {"kind": "wait_date", "field": ""}}, "not_chosen",
     "$.steps.day.field"),
]  # fmt: skip


def test_steps_that_do_not_fit(sqlite_bank: Bank) -> None:
    approved_template()
    api = sqlite_bank.api("marketer")
    for steps, code, path in WRONG_STEPS:
        drawn = {name: BODY["steps"].get(name, {}) | change for name, change in steps.items()}
        body = BODY | {"steps": BODY["steps"] | drawn}
        answer = api.post("journeys/check", {"body": body}).json()
        assert (code, path) in codes(answer), answer["faults"]


def test_two_messages_at_once_only_warn(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    mail = BODY["steps"]["mail"]
    body = BODY | {"steps": {"mail": mail | {"next": "more"}, "more": mail | {"next": None}}}
    answer = bank.api("marketer").post("journeys/check", {"body": body}).json()
    told = {(one["code"], one["step"], one["level"]) for one in answer["faults"]}
    assert ("two_messages", "more", "warn") in told
    assert answer["refused"] == 0


def test_the_card_tells_when_where_and_how_by_itself(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    body = BODY | {
        "start": "calm",
        "steps": {"calm": {"kind": "wait", "duration": "3d", "next": "mail"}} | BODY["steps"],
    }
    answer = bank.api("marketer").post("journeys/check", {"body": body}).json()
    (card,) = answer["cards"]
    assert card["when"] == {"text": "Wait 3 days, then at once", "derived": True, "missing": False}
    assert card["where"]["text"] == "SMS"
    assert "Hello" in card["how"]["text"]
    assert card["why"] == {"text": "y", "derived": False, "missing": False}


def test_a_draft_of_any_size_is_refused(sqlite_bank: Bank) -> None:
    """It is checked anew whenever it is shown: twenty thousand steps would take seconds each."""
    api = sqlite_bank.api("marketer")
    slug = made_journey(sqlite_bank)
    many = {f"s{n}": {"kind": "wait", "duration": "1d"} for n in range(1001)}
    wide = {"s": {"kind": "branch", "arms": [{"label": {"ja": "あ" * 100}}] * 10_000}}
    for steps in (many, wide):
        for answer in (
            api.put(f"journeys/{slug}/draft", {"body": BODY | {"steps": steps}}),
            api.post("journeys/check", {"body": BODY | {"steps": steps}}),
            api.post(f"journeys/{slug}/test-walk", {"body": BODY | {"steps": steps}}),
        ):
            assert answer.status_code == 422


def test_a_flow_is_set_into_a_journey_between_two_steps(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = made_journey(bank)
    api = bank.api("marketer")
    place = {"after": BODY["start"], "way": "next"}
    before = BODY["steps"][BODY["start"]].get("next")
    for flow in flows():
        wanted = {"flow": flow.name, "after": "", "way": "next"}
        told = api.post(f"journeys/{slug}/draft/flow", wanted).json()
        assert not [f for f in told["faults"] if f["code"] in ("unreachable", "unknown_step")]
    told = api.post(f"journeys/{slug}/draft/flow", place | {"flow": "welcome"}).json()
    steps = told["body"]["steps"]
    assert len(steps) == len(BODY["steps"]) + sum(
        len(one.raw["steps"]) for one in [*flows(), flows()[0]]
    )
    assert steps[BODY["start"]]["next"] == "greet_2"  # the flow has come in before, by its name
    assert steps["greet_2"]["next"] == "first_use_2"
    assert steps["next_step_2"].get("next") == before
    assert told["body"]["purpose"] == BODY["purpose"]
    wrong = api.post(f"journeys/{slug}/draft/flow", {"flow": "welcome", "after": "nowhere"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "no_such_way")


def test_nobody_approves_own_work(bank: Bank) -> None:
    approved_template()
    slug = made_journey(bank)
    api = bank.api("marketer")
    assert api.post(f"journeys/{slug}/submit").status_code == 200
    assert api.put(f"journeys/{slug}/draft", {"body": BODY}).json()["code"] == "in_review"
    own = go_live(api, slug)
    assert (own.status_code, own.json()["code"]) == (403, "own_work")
    assert api.get(f"journeys/{slug}").json()["may"]["approve_refused"] == "own_work"
    manager = bank.api("manager")
    live = go_live(manager, slug)
    assert live.status_code == 200, live.content.decode()
    assert (live.json()["state"], live.json()["version"]) == ("live", 1)


def test_whoever_wrote_an_earlier_wording_is_an_author_for_good(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = made_journey(bank)
    admin, api = bank.api("administrator"), bank.api("marketer")
    admin.put(f"journeys/{slug}/draft", {"body": BODY | {"product": "p"}})
    api.put(f"journeys/{slug}/draft", {"body": BODY})
    api.post(f"journeys/{slug}/submit")
    assert go_live(admin, slug).json()["code"] == "own_work"


def test_no_wording_goes_live_that_the_approver_has_not_read(sqlite_bank: Bank) -> None:
    """Its author may take it back, write it anew and submit it while the approver reads."""
    bank = sqlite_bank
    approved_template()
    slug = made_journey(bank)
    api, manager = bank.api("marketer"), bank.api("manager")
    api.post(f"journeys/{slug}/submit")
    shown = manager.get(f"journeys/{slug}").json()["shown"]
    read = {"number": shown["number"], "seen": shown["changed_at"]}
    bank.clock.advance(timedelta(seconds=1))
    api.post(f"journeys/{slug}/return", {"reason": "x"})
    api.put(f"journeys/{slug}/draft", {"body": BODY | {"product": "other"}})
    assert api.post(f"journeys/{slug}/submit").status_code == 200
    refused = manager.post(f"journeys/{slug}/go-live", read)
    assert (refused.status_code, refused.json()["code"]) == (409, "draft_changed")
    assert manager.post(f"journeys/{slug}/go-live", {"number": 1}).status_code == 422
    assert go_live(manager, slug).status_code == 200


def test_a_returned_version_says_why(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = made_journey(bank)
    api = bank.api("marketer")
    api.post(f"journeys/{slug}/submit")
    told = bank.api("manager").post(f"journeys/{slug}/return", {"reason": "件名を直して"}).json()
    assert told["draft"] == "draft"
    assert told["shown"]["returned_because"] == "件名を直して"
    assert told["versions"][0]["returned_by"]["name"]
    assert api.post(f"journeys/{slug}/submit").json()["shown"]["returned_because"] == ""


def test_a_template_that_lost_its_approval_keeps_the_journey_from_going_live(
    sqlite_bank: Bank,
) -> None:
    bank = sqlite_bank
    template = approved_template()
    slug = made_journey(bank)
    bank.api("marketer").post(f"journeys/{slug}/submit")
    TemplateVersion.objects.filter(template__slug=template).update(state="replaced")
    refused = go_live(bank.api("manager"), slug)
    assert refused.status_code == 422
    assert {one["code"] for one in refused.json()["faults"]} == {"template_not_approved"}
    Template.objects.filter(slug=template).delete()


def test_versions_follow_each_other_and_differ_in_words(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = made_journey(bank, live=True)
    api, manager = bank.api("marketer"), bank.api("manager")
    body = BODY | {
        "steps": {"mail": BODY["steps"]["mail"] | {"next": "calm"}}
        | {"calm": {"kind": "wait", "duration": "2w"}}
    }
    assert api.put(f"journeys/{slug}/draft", {"body": body}).json()["number"] == 2
    told = api.get(f"journeys/{slug}/diff?a=1&b=2").json()["rows"]
    assert [(r["path"], r["kind"]) for r in told] == [
        ("$.steps.mail.next", "added"), ("$.steps.calm", "added"),
    ]  # fmt: skip
    assert told[1]["after"] == "Wait 2 weeks"
    api.post(f"journeys/{slug}/submit")
    assert go_live(manager, slug, 1).json()["code"] == "draft_changed"
    go_live(manager, slug)
    states = [row["state"] for row in api.get(f"journeys/{slug}/versions").json()]
    assert states == ["live", "replaced"]


def test_what_differs_is_told_in_words(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    deal = {
        "kind": "split",
        "shares": [
            {"label": {"ja": "半分", "en": "Half"}, "percent": 50, "next": "mail"},
            {"percent": 50},
        ],
    }
    first = BODY | {"start": "deal", "steps": BODY["steps"] | {"deal": deal}}
    slug = made_journey(bank, first, live=True)
    shares = [
        {"label": {"ja": "半分", "en": "Half"}, "percent": 50, "next": "calm"},
        {"percent": 50},
    ]
    steps = first["steps"] | {
        "deal": deal | {"shares": shares},
        "calm": {"kind": "wait", "duration": "2w", "name": "Calm", "next": "mail"},
    }
    second = first | {"steps": steps, "audience": {"field": "branch", "op": "eq", "value": "本店"}}
    api = bank.api("marketer")
    assert api.put(f"journeys/{slug}/draft", {"body": second}).status_code == 200
    told = {r["path"]: r for r in api.get(f"journeys/{slug}/diff?a=1&b=2").json()["rows"]}
    dealt = told["$.steps.deal.shares"]
    assert dealt["before"] == 'Name: Half; Percentage: 50; Next step: Send "Hello"\nPercentage: 50'
    assert dealt["after"] == "Name: Half; Percentage: 50; Next step: Calm\nPercentage: 50"
    assert "本店" in told["$.audience"]["after"]
    assert "{" not in told["$.audience"]["after"]


def test_somebody_elses_save_is_not_lost(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    slug = made_journey(bank)
    admin, api = bank.api("administrator"), bank.api("marketer")
    seen = api.get(f"journeys/{slug}").json()["shown"]["changed_at"]
    bank.later(timedelta(minutes=1))
    admin.put(f"journeys/{slug}/draft", {"body": BODY | {"product": "q"}})
    lost = api.put(f"journeys/{slug}/draft", {"body": BODY, "seen": seen})
    assert (lost.status_code, lost.json()["code"]) == (409, "draft_changed")


def test_pausing_closing_and_ending(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    slug = made_journey(bank, live=True)
    api = bank.api("manager")
    assert api.post(f"journeys/{slug}/pause").json()["state"] == "paused"
    assert api.post(f"journeys/{slug}/pause").json()["code"] == "journey_state"
    assert api.post(f"journeys/{slug}/resume").json()["state"] == "live"
    assert api.post(f"journeys/{slug}/close").json()["state"] == "closing"
    writer = bank.api("marketer")
    assert writer.post(f"journeys/{slug}/archive").json()["code"] == "journey_state"
    ended = api.post(f"journeys/{slug}/end", {"reason": "終わり"})
    assert ended.json()["state"] == "ended", ended.content.decode()
    assert writer.post(f"journeys/{slug}/archive").json()["archived_at"] is not None
    assert api.get("journeys").json()["total"] == 0
    assert writer.post(f"journeys/{slug}/restore").json()["archived_at"] is None


def test_a_journey_that_was_never_live_goes_with_its_draft(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    slug = made_journey(bank)
    api = bank.api("marketer")
    assert api.delete(f"journeys/{slug}/draft").status_code == 204
    assert api.get(f"journeys/{slug}").status_code == 404


def test_the_pickers_offer_what_can_be_named(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    told = bank.api("marketer").get("journeys/choices").json()
    assert {"deposits", "cards", "service"} <= {one["value"] for one in told["purposes"]}
    assert [(one["value"], one["channel"], one["ready"]) for one in told["templates"]] == [
        ("hello", "sms", True)
    ]
    labels = {one["value"]: one["label"] for one in told["events"]}
    assert labels["segment_entered"] == "Came into a segment"


def test_a_segment_tells_which_journeys_name_it(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    api = bank.api("marketer")
    rule = {"field": "branch", "op": "eq", "value": "本店"}
    api.post("segments", {"slug": "main", "name": "本店", "rule": rule})
    body = BODY | {"entries": [{"kind": "segment", "segment": "main"}]}
    slug = made_journey(bank, body, name="By segment")
    assert api.get("segments/main/uses").json() == [
        {"kind": "journey", "id": slug, "name": "By segment"}
    ]


def test_an_event_of_a_name_never_seen_only_warns(sqlite_bank: Bank) -> None:
    bank = sqlite_bank
    approved_template()
    body = BODY | {"entries": [{"kind": "event", "event": ["Odrer"]}]}
    answer = bank.api("marketer").post("journeys/check", {"body": body}).json()
    told = [(one["path"], one["level"]) for one in answer["faults"]]
    assert ("$.entries[0].event", "warn") in told
    assert answer["refused"] == 0


JUNK: list[Any] = [
    None, "", 5, -1, True, 1.5, [], {}, [5], {"kind": 5}, {"kind": ["x"]}, {"kind": "event"},
    {"all": [5]}, {"rule": 5}, "x" * 50,
]  # fmt: skip


def spoiled(value: Any, dice: random.Random) -> Any:
    """A body with some of its parts gone or replaced by junk."""
    if dice.random() < 0.08:
        return copy.deepcopy(dice.choice(JUNK))
    if isinstance(value, dict):
        return {name: spoiled(v, dice) for name, v in value.items() if dice.random() > 0.03}
    return [spoiled(one, dice) for one in value] if isinstance(value, list) else value


def test_whatever_is_drawn_is_checked_and_never_breaks_the_check(sqlite_bank: Bank) -> None:
    assert sqlite_bank
    told = known()
    for seed in range(150):
        dice = random.Random(seed)
        raw = spoiled(dice.choice(flows()).body("en"), dice)
        if isinstance(raw, dict):
            found = showing.checked(read_draft(raw), told, "ja")
            assert found.refused, seed
