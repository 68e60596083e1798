"""One-off sends from the draft to the report: previewed, dispatched, paused, cancelled, told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from enishi.book.access import SYSTEM
from enishi.book.models import AuditRow
from enishi.book.unit import work
from enishi.gate import service as gate
from enishi.gate.types import HoldKind
from enishi.kernel.ids import bucket
from enishi.messages import jobs
from enishi.messages.addresses import digest
from enishi.messages.channels.port import Unknown
from enishi.messages.deliveries import report
from enishi.messages.models import Delivery, Send
from enishi.messages.public.responses import stop_address
from enishi.messages.sending import pauses
from enishi.messages.sends import preparing, previewing
from enishi.messages.types import FINISHED
from sending_world import PEOPLE, Post

RULE = {"field": "points", "op": "gt", "value": 0}


def body(**more: Any) -> dict[str, Any]:
    return {"template": "points", "rule": RULE} | more


def create(post: Post, role: str = "marketer", **more: Any) -> str:
    made = post.api(role).post("sends", {"name": "ポイント", "body": body(**more)})
    assert made.status_code == 201, made.content.decode()
    return str(made.json()["slug"])


def preview(post: Post, slug: str) -> dict[str, Any]:
    seen = post.api("marketer").post(f"sends/{slug}/preview")
    assert seen.status_code == 200, seen.content.decode()
    found: dict[str, Any] = seen.json()
    return found


def dispatch(post: Post, slug: str, token: str) -> Any:
    return post.api("manager").post(f"sends/{slug}/dispatch", {"token": token})


def go(post: Post, slug: str) -> None:
    done = dispatch(post, slug, preview(post, slug)["token"])
    assert done.status_code == 200, done.content.decode()


def prepare() -> None:
    while jobs.prepare_once():
        pass


def sparing(post: Post, *numbers: int) -> str:
    """A salt whose holdout of 20 % holds none of these persons out, and somebody else."""
    for n in range(1000):
        held = [bucket(f"salt{n}", person) < 2000 for person in post.persons]
        if any(held) and not any(held[number - 1] for number in numbers):
            return f"salt{n}"
    raise AssertionError("no such salt")


def test_a_send_from_draft_to_report(post: Post) -> None:
    """Everybody intended is in exactly one state with a reason, and the preview has said so."""
    gate.hold(post.persons[0], HoldKind.DECEASED, at=post.clock(), actor=SYSTEM)
    slug = create(post, holdout={"percent": 20, "salt": sparing(post, 1, 58, 59, 60)})
    seen = preview(post, slug)
    assert (seen["people"], seen["no_address"], seen["same_address"]) == (PEOPLE, 1, 1)
    assert 0 < seen["held_out"] < PEOPLE
    assert seen["stopped"] == [
        {"code": "hold.deceased", "people": 1, "estimated": False, "state": None,
         "sentence": seen["stopped"][0]["sentence"]}
    ]  # fmt: skip
    assert seen["to_send"] == PEOPLE - 2 - seen["held_out"] - 1
    assert {one["code"] for one in seen["warnings"]} == {"sender_missing"}
    assert dispatch(post, slug, seen["token"]).status_code == 200
    prepare()
    post.run()
    prepare()
    send = Send.objects.get(slug=slug)
    assert send.state == "done"
    rows = list(Delivery.objects.filter(send=send.id))
    assert Counter(row.person for row in rows) == Counter(post.persons)
    assert all(row.state in FINISHED and (row.state == "sent" or row.reason) for row in rows)
    reasons = Counter(row.reason for row in rows)
    assert reasons["holdout"] == seen["held_out"]
    assert reasons["address.missing"] == reasons["same_address"] == 1
    assert reasons["hold.deceased"] == 1
    assert reasons[""] == seen["to_send"] == len(post.way.sent)
    assert max(Counter(one.address for one in post.way.sent).values()) == 1
    told = post.api("analyst").get(f"sends/{slug}/report").json()
    assert told["counts"]["intended"] == PEOPLE
    assert told["counts"]["sent"] == seen["to_send"]
    assert {one["code"]: one["people"] for one in told["stopped"]} == {
        code: count for code, count in reasons.items() if code
    }


def test_a_preview_counts_everybody_whom_something_lasting_stops(
    sqlite_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only those of a sample: exclusions in a large audience are told by reason, exactly."""
    post = sqlite_post
    monkeypatch.setattr(previewing, "SAMPLE", 5)
    for person in post.persons[40:47]:
        gate.hold(person, HoldKind.DECEASED, at=post.clock(), actor=SYSTEM)
    gate.refuse(post.persons[50], product=None, at=post.clock(), actor=SYSTEM)
    with work():
        bounced = digest("email", "p12@example.jp")
        stop_address("email", bounced, "bounced", person=post.persons[11], at=post.clock())
    slug = create(post)
    seen = preview(post, slug)
    assert {one["code"]: (one["people"], one["estimated"]) for one in seen["stopped"]} == {
        "hold.deceased": (7, False), "refusal.all": (1, False), "address.bounced": (1, False),
    }  # fmt: skip
    assert seen["to_send"] == PEOPLE - 2 - 9
    go(post, slug)
    prepare()
    post.run()
    assert len(post.way.sent) == seen["to_send"]


def test_a_token_is_good_for_what_was_seen_and_for_an_hour(sqlite_post: Post) -> None:
    post = sqlite_post
    slug, other = create(post), create(post)
    token = preview(post, slug)["token"]

    def refused(name: str, shown: str) -> str:
        answer = dispatch(post, name, shown)
        assert answer.status_code == 409, answer.content.decode()
        return str(answer.json()["code"])

    assert refused(slug, "made.up") == "preview_token"
    assert refused(other, token) == "preview_changed"
    post.api("marketer").patch(f"sends/{slug}", {"body": body(priority=3)})
    assert refused(slug, token) == "preview_changed"
    token = preview(post, slug)["token"]
    post.later(hours=1, seconds=1)
    assert refused(slug, token) == "preview_old"
    go(post, slug)
    assert refused(slug, token) in ("send_not_now", "preview_old")
    assert Send.objects.get(slug=slug).dispatched_by == post.people["manager"].id


def test_an_audience_that_has_moved_is_refused_with_both_numbers(sqlite_post: Post) -> None:
    post = sqlite_post
    slug = create(post)
    from enishi.messages.sends import service as sends
    from enishi.messages.sends.tokens import Seen, body_digest, token_of

    send = sends.get_send(slug)
    until = int(post.clock().timestamp()) + 60
    seen = Seen(send.id, body_digest(sends.body_of(send)), post.version, 40, until)
    answer = dispatch(post, slug, token_of(seen))
    assert answer.status_code == 409
    assert answer.json()["code"] == "drifted"
    assert answer.json()["detail"] == {"previewed": 40, "found": PEOPLE}
    # One that was to go later is looked at again when its time comes.
    later = create(post, at="2026-11-20T15:00:00+09:00")
    send = sends.get_send(later)
    seen = Seen(send.id, body_digest(sends.body_of(send)), post.version, 40, until)
    assert dispatch(post, later, token_of(seen)).status_code == 200
    prepare()
    assert Send.objects.get(slug=later).state == "preparing"
    post.later(hours=3)
    prepare()
    told = post.api("marketer").get(f"sends/{later}").json()
    assert told["state"] == "draft"
    assert told["not_begun"]["code"] == "drifted"
    assert (told["not_begun"]["previewed"], told["not_begun"]["found"]) == (40, PEOPLE)
    assert not Delivery.objects.exists()


def test_pausing_and_cancelling_act_at_once_on_what_is_queued(post: Post) -> None:
    slug = create(post)
    go(post, slug)
    prepare()
    lane = post.lane()
    lane.read_on()
    assert post.api("manager").post(f"sends/{slug}/pause").status_code == 200
    post.run(lane)
    assert post.way.sent == []
    assert post.api("manager").post(f"sends/{slug}/pause").status_code == 409
    assert post.api("manager").post(f"sends/{slug}/resume").status_code == 200
    while pauses.sweep():
        pass
    lane.read_on()
    lane.round()
    assert 0 < len(post.way.sent) <= post.way.workers
    assert post.api("manager").post(f"sends/{slug}/pause").status_code == 200
    post.run(lane)  # what was in a worker's hands comes to its end, and is counted in time
    post.later(seconds=6)
    preparing.step(Send.objects.get(slug=slug))
    shown = post.api("manager").get(f"sends/{slug}").json()["counts"]
    assert (shown["sent"], shown["attempting"]) == (len(post.way.sent), 0)
    assert preparing.due() == []
    assert post.api("manager").post(f"sends/{slug}/cancel").status_code == 200
    post.run(lane)
    prepare()
    send = Send.objects.get(slug=slug)
    assert (send.state, send.finished_at is None) == ("cancelled", False)
    reasons = Counter(Delivery.objects.filter(send=send.id).values_list("state", "reason"))
    assert reasons[("sent", "")] == len(post.way.sent) < PEOPLE - 2
    assert reasons[("suppressed", "cancelled")] == PEOPLE - 2 - len(post.way.sent)


def stop_within(
    post: Post, slug: str, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]
) -> None:
    """Write the people of a send down in slices of ten, with something happening after two."""
    monkeypatch.setattr(preparing, "SLICE", 10)
    asked = []
    real = preparing.recipients

    def slowly(channel: str, persons: Sequence[str]) -> Any:
        asked.append(persons)
        if len(asked) == 3:
            act()
        return real(channel, persons)

    monkeypatch.setattr(preparing, "recipients", slowly)
    preparing.step(Send.objects.get(slug=slug))


def test_a_send_cancelled_while_it_is_written_down_leaves_nobody_without_an_end(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = create(post)
    go(post, slug)
    manager = post.api("manager")
    stop_within(post, slug, monkeypatch, lambda: manager.post(f"sends/{slug}/cancel"))
    prepare()
    post.run()
    prepare()
    send = Send.objects.get(slug=slug)
    assert (send.state, post.way.sent) == ("cancelled", [])
    assert Counter(Delivery.objects.values_list("person", flat=True)) == Counter(post.persons)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"suppressed"}
    reasons = Counter(Delivery.objects.values_list("reason", flat=True))
    assert reasons["address.missing"] == 1
    assert reasons["cancelled"] + reasons["same_address"] == PEOPLE - 1
    told = manager.get(f"sends/{slug}/report").json()
    assert told["counts"]["intended"] == PEOPLE
    assert send.finished_at is not None


def test_a_send_that_cannot_be_written_to_its_end_is_paused_and_goes_on(
    sqlite_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no draft again: some have got it already, and another wording would reach the rest."""
    post = sqlite_post
    from enishi.messages.models import Template

    slug = create(post)
    go(post, slug)
    manager = post.api("manager")
    stop_within(post, slug, monkeypatch, lambda: manager.post(f"sends/{slug}/pause"))
    Template.objects.update(archived_at=post.clock())
    manager.post(f"sends/{slug}/resume")
    prepare()
    send = Send.objects.get(slug=slug)
    assert (send.state, send.paused_from) == ("paused", "preparing")
    post.run()
    assert post.way.sent == []
    Template.objects.update(archived_at=None)
    assert manager.post(f"sends/{slug}/resume").status_code == 200
    prepare()
    post.run()
    assert Counter(Delivery.objects.values_list("person", flat=True)) == Counter(post.persons)
    assert post.states() == Counter(sent=PEOPLE - 2, suppressed=2)


def test_a_rate_lets_so_many_go_in_an_hour(sqlite_post: Post) -> None:
    post = sqlite_post
    slug = create(post, per_hour=120)
    assert preview(post, slug)["hours"] == (PEOPLE - 2) / 120
    go(post, slug)
    prepare()
    lane = post.run()
    assert len(post.way.sent) == 0
    for minute in range(1, 6):
        post.later(minutes=1)
        preparing.step(Send.objects.get(slug=slug))
        post.run(lane)
        assert len(post.way.sent) == 2 * minute
    post.later(hours=5)  # what an outage held up is not made up for all at once
    preparing.step(Send.objects.get(slug=slug))
    post.run(lane)
    assert len(post.way.sent) == 12


def test_who_shares_an_address_stands_in_for_whom_the_gate_stops(sqlite_post: Post) -> None:
    post = sqlite_post
    twins = [PEOPLE - 3, PEOPLE - 2]  # places of the two that share an address
    slug = create(post)
    go(post, slug)
    prepare()
    rows = {row.person: row for row in Delivery.objects.all()}
    pair = {post.persons[place]: rows[post.persons[place]].reason for place in twins}
    first = next(person for person, reason in pair.items() if not reason)
    second = next(person for person, reason in pair.items() if reason == "same_address")
    gate.refuse(first, product=None, at=post.clock(), actor=SYSTEM)
    post.run()
    assert Delivery.objects.get(person=first).reason == "refusal.all"
    assert Delivery.objects.get(person=second).state == "sent"


def test_preparing_again_after_a_crash_writes_nobody_twice(sqlite_post: Post) -> None:
    post = sqlite_post
    slug = create(post)
    go(post, slug)
    send = Send.objects.get(slug=slug)
    preparing.step(send)
    Send.objects.filter(id=send.id).update(state="preparing")
    Delivery.objects.filter(person__in=post.persons[:20]).delete()
    preparing.step(Send.objects.get(id=send.id))
    rows = Counter(Delivery.objects.values_list("person", flat=True))
    assert rows == Counter(post.persons)
    assert report.of_send(send.id).reasons[("suppressed", "same_address")] == 1


def test_what_a_send_may_not_be(sqlite_post: Post) -> None:
    post = sqlite_post
    api = post.api("marketer")
    for wrong, code in (
        ({"template": "none"}, "template_unknown"),
        ({"segments": ["nobody"]}, "segment_unknown"),
        ({"sender": "none"}, "sender_unknown"),
        ({"rule": None}, "send_to_nobody"),
    ):
        answer = api.post("sends", {"name": "x", "body": body(**wrong)})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    answer = api.post("sends", {"name": "x", "body": body(rule={"field": "nope"})})
    assert answer.status_code == 422
    answer = api.post("sends", {"name": "x", "body": body(at="0001-01-01T00:00:00+14:00")})
    assert answer.status_code == 422
    from enishi.messages.models import Template, TemplateVersion

    slug = create(post)
    Template.objects.update(channel="person")
    answer = api.patch(f"sends/{slug}", {"body": body()})
    assert (answer.status_code, answer.json()["code"]) == (422, "send_by_person")
    Template.objects.update(channel="email")
    TemplateVersion.objects.update(state="draft")
    answer = api.post(f"sends/{slug}/preview")
    assert (answer.status_code, answer.json()["code"]) == (409, "template_not_approved")


def test_a_rule_over_what_is_masked_is_refused(
    sqlite_post: Post,
) -> None:
    """A preview counts: who could word any rule would find a masked address letter by letter."""
    post = sqlite_post
    prying = body(rule={"field": "email", "op": "starts_with", "value": "p1"})
    api = post.api("marketer")
    answer = api.post("sends", {"name": "x", "body": prying})
    assert (answer.status_code, answer.json()["code"]) == (403, "masked_field")
    slug = create(post)
    answer = api.patch(f"sends/{slug}", {"body": prying})
    assert (answer.status_code, answer.json()["code"]) == (403, "masked_field")
    seen = preview(post, slug)
    told = {one["subject"] for one in seen["sample"]}  # shown with the name masked, but shown
    assert told == {"顧＊ 様へのご案内"}
    assert all(one["text"] for one in seen["sample"])


def test_recipients_are_of_the_readers_scope_masked_and_audited(sqlite_post: Post) -> None:
    post = sqlite_post
    from enishi.book.models import Role

    slug = create(post)
    go(post, slug)
    prepare()
    post.run()
    path = f"sends/{slug}/recipients?limit=500"
    whole = post.api("manager").get(path).json()
    assert len(whole["items"]) == PEOPLE
    assert whole["next"] is None
    missing = post.api("manager").get(f"{path}&reason=address.missing").json()["items"]
    assert [one["reason"]["code"] for one in missing] == ["address.missing"]
    scope = {"field": "branch", "op": "eq", "value": {"user": "branch"}}
    from enishi.book.roles import scope_text

    Role.objects.update_or_create(
        name="manager", defaults={"scope": scope_text(scope), "pii": "none"}
    )
    seen, after = [], ""
    while after is not None:
        page = post.api("manager").get(f"sends/{slug}/recipients?limit=7&after={after}").json()
        seen += page["items"]
        after = page["next"]
    assert len(seen) == PEOPLE // 2
    assert not any("顧客 0" in one["person_name"] for one in seen)
    told = post.api("manager").get(f"sends/{slug}/report").json()
    assert (told["counts"]["intended"], told["whole"]) == (PEOPLE // 2, False)
    file = post.api("manager").post(f"sends/{slug}/export", {"format": "csv_utf8"})
    assert file.status_code == 200
    assert b"".join(file.streaming_content).decode("utf-8-sig").count("\n") == PEOPLE // 2 + 1
    entry = AuditRow.objects.filter(action="send.export").latest("seq")
    assert entry.detail["rows"] == PEOPLE // 2
    beyond = Delivery.objects.exclude(person__in=[one["person"] for one in seen]).first()
    assert beyond is not None
    assert post.api("manager").get(f"deliveries/{beyond.id}").status_code == 404
    assert post.api("manager").get(f"deliveries/{seen[0]['id']}").status_code == 200


def test_unknown_ends_are_listed_and_sent_again_only_where_the_policy_asks(
    sqlite_post: Post,
) -> None:
    post = sqlite_post
    post.way.answer = lambda _: Unknown("no_answer")
    post.queue(post.want(1), post.want(2, purpose="service"))
    lane = post.run()
    api = post.api("manager")
    assert api.get("sending/queues").json()["unknown"] == 2
    listed = api.get("deliveries?state=unknown").json()["items"]
    assert {one["id"] for one in listed} == {post.row(1).id, post.row(2).id}
    one, two = post.row(1).id, post.row(2).id
    assert api.get(f"deliveries/{one}").json()["unknown"] == "leave"
    assert api.post(f"deliveries/{one}/again", {}).json()["code"] == "unknown_stays"
    assert api.post(f"deliveries/{one}/leave", {"note": "確認済み"}).status_code == 200
    assert api.get("sending/queues").json()["unknown"] == 1
    post.way.answer = type(post.way)().answer
    assert api.post(f"deliveries/{two}/again", {"note": "届いていない"}).status_code == 200
    post.run(lane)
    assert (post.row(1).state, post.row(2).state) == ("unknown", "sent")
    assert api.post(f"deliveries/{two}/again", {}).json()["code"] in ("not_unknown",)
    policy = {"promotion": "ask", "service": "leave", "transactional": "leave"}
    assert api.put("sending/unknowns", policy).status_code == 403
    assert post.api("administrator").put("sending/unknowns", policy).json() == policy
    assert api.get(f"deliveries/{one}").json()["unknown"] == "ask"
