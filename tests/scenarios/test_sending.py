"""The sending lane: every delivery comes to one end, and the gate is asked when it is sent."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from enishi.book import about
from enishi.book.access import SYSTEM
from enishi.book.unit import work
from enishi.gate import service as gate
from enishi.gate.models import ContactMade, DecisionRecord
from enishi.gate.types import HoldKind
from enishi.messages.channels.port import Later, Outcome, Outgoing, Refused, Sent, Unknown
from enishi.messages.deliveries import service as deliveries
from enishi.messages.deliveries.service import Finished
from enishi.messages.erasing import let_go
from enishi.messages.models import AddressStop, Delivery, Template
from enishi.messages.public.links import token_of
from enishi.messages.sending import pauses
from sending_world import BODY, PEOPLE, Post, make_template


def test_everybody_comes_to_one_end_with_a_reason(post: Post) -> None:
    post.queue(*[post.want(n) for n in range(1, PEOPLE + 1)])
    gate.hold(post.persons[0], HoldKind.DECEASED, at=post.clock(), actor=SYSTEM)
    post.run()
    assert post.states() == Counter(sent=PEOPLE - 2, suppressed=2)
    assert post.row(1).reason == "hold.deceased"
    assert post.row(1).reasons[0]["restriction"]
    assert post.row(PEOPLE).reason == "address.missing"
    sent = post.row(5)
    assert (sent.provider_id, sent.attempts, str(sent.cost)) == ("ok", 1, "0.5000")
    assert sent.finished_at is not None
    assert sent.decision
    assert max(post.way.keys().values()) == 1
    assert len(post.way.sent) == PEOPLE - 2
    told = {one.person: one for one in post.way.sent}[post.persons[4]]
    assert told.address == "p5@example.jp"
    assert "顧客" in told.rendered.subject
    assert ContactMade.objects.filter(given_back_at__isnull=True).count() == PEOPLE - 2


def test_what_a_provider_answers_never_stops_the_others(post: Post) -> None:
    """NUL and control characters are left out; what the book takes in no way has an unknown end."""
    said: dict[str, Outcome] = {
        "p1@example.jp": Sent("a\0b\r\n\x1b\ud800c"),
        "p2@example.jp": Refused("no\0t", provider_id="\0"),
        "p3@example.jp": Later("lat\0er", 60.0),
        "p4@example.jp": Sent("ok", Decimal("1e30")),
    }
    post.way.answer = lambda outgoing: said.get(outgoing.address, Sent("ok"))
    post.queue(*[post.want(n) for n in range(1, 9)])
    lane = post.run()
    post.later(seconds=31)  # what was read ahead of a failed round may be read again
    post.run(lane)
    assert (post.row(1).state, post.row(1).provider_id) == ("sent", "abc")
    assert (post.row(2).state, post.row(2).reason) == ("failed", "not")
    assert (post.row(3).state, post.row(3).reason) == ("queued", "later")
    if connection.vendor == "postgresql":  # SQLite holds any number
        assert (post.row(4).state, post.row(4).reason) == ("unknown", "unreadable")
    assert [post.row(n).state for n in range(5, 9)] == ["sent"] * 4
    assert max(post.way.keys().values()) == 1
    kept = ContactMade.objects.filter(given_back_at__isnull=True).count()
    assert kept == 6, "who may have got it keeps the slot"


def test_the_gate_is_asked_when_it_is_sent_and_not_before(sqlite_post: Post) -> None:
    """A hold that comes between being read ahead and being tried counts."""
    post = sqlite_post
    post.queue(post.want(1), post.want(2))
    lane = post.lane()
    assert lane.read_on()
    gate.hold(post.persons[0], HoldKind.COMPLAINT, at=post.clock(), actor=SYSTEM)
    post.run(lane)
    assert (post.row(1).state, post.row(1).reason) == ("suppressed", "hold.complaint")
    assert post.row(2).state == "sent"


def test_what_is_withdrawn_or_paused_after_reading_ahead_stays_unsent(post: Post) -> None:
    post.queue(
        post.want(1), post.want(2, journey="jny_1"), post.want(3, send="snd_1"), post.want(4)
    )
    lane = post.lane()
    assert lane.read_on()
    with work():
        deliveries.withdraw(["test:1"], "exit", at=post.clock())
        deliveries.hold(journey="jny_1")
        deliveries.hold(send="snd_1")
    post.run(lane)
    assert [post.row(n).state for n in (1, 2, 3, 4)] == ["suppressed", "queued", "queued", "sent"]
    assert post.row(2).held
    deliveries.unhold(journey="jny_1")
    while pauses.sweep():
        pass
    post.run(lane)
    assert [post.row(n).state for n in (2, 3)] == ["sent", "queued"]


@pytest.mark.parametrize(
    ("came", "end", "counts"),
    [
        (Later("busy", 60), ("suppressed", "left"), 0),
        (Unknown("no_answer"), ("unknown", "no_answer"), 1),
        (Sent("ok"), ("sent", ""), 1),
    ],
)
def test_what_is_withdrawn_in_a_workers_hands_is_not_tried_again(
    post: Post, came: Outcome, end: tuple[str, str], counts: int
) -> None:
    """Also where the provider knows our key: it would send now what it had not sent before."""

    def answer(_: Outgoing) -> Outcome:
        with work("test.leaves"):
            deliveries.withdraw(["test:1"], "left", at=post.clock())
        connection.close()
        return came

    post.way.dedupes, post.way.answer = True, answer
    post.queue(post.want(1))
    lane = post.run()
    post.later(days=1)
    post.run(lane)
    assert len(post.way.sent) == 1
    assert (post.row(1).state, post.row(1).reason) == end
    assert post.row(1).address, "a bounce that comes later finds the address"
    assert ContactMade.objects.filter(given_back_at__isnull=True).count() == counts


def test_who_is_erased_is_not_written_to_though_her_message_is_ready(post: Post) -> None:
    post.queue(post.want(1), post.want(2))
    lane = post.lane()
    assert lane.read_on()
    assert let_go(post.persons[0])
    assert post.row(1).state == "suppressed"
    about.erase(post.persons[0])
    post.run(lane)
    assert [one.person for one in post.way.sent] == [post.persons[1]]


def test_an_erasure_waits_for_what_is_in_a_workers_hands(sqlite_post: Post) -> None:
    """The worker would keep the message in the mailbox after the rows about her are gone."""
    post = sqlite_post
    handed, go_on = threading.Event(), threading.Event()

    def answer(_: Outgoing) -> Outcome:
        handed.set()
        go_on.wait(10)
        return Sent()

    post.way.answer = answer
    post.queue(post.want(1))
    lane = post.lane()
    lane.read_on()
    lane.round()
    assert handed.wait(10)
    assert not let_go(post.persons[0])
    go_on.set()
    post.run(lane)
    assert let_go(post.persons[0])


def test_one_click_a_second_before_stops_what_is_ready(post: Post) -> None:
    """RFC 8058: the POST withdraws the consent, and what was made ready before is suppressed."""
    from django.test import Client as Browser

    post.queue(post.want(1), post.want(2))
    lane = post.run()
    browser = Browser(headers={"host": "localhost"})
    token = token_of("u", post.row(1).id)
    post.later(days=60)  # beyond any cap
    post.queue(post.want(1, key="test:101"), post.want(2, key="test:102"))
    assert lane.read_on()
    assert browser.get(f"/m/u/{token}").status_code == 200
    post.later(seconds=1)
    done = browser.post(f"/m/u/{token}", {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    post.run(lane)
    assert (post.row(101).state, post.row(101).reason) == ("suppressed", "consent.withdrawn")
    assert post.row(102).state == "sent"


@pytest.mark.parametrize("channel", ["line", "push", "sms"])
def test_who_has_no_address_on_a_channel_is_suppressed_for_that(
    sqlite_post: Post, channel: str
) -> None:
    post = sqlite_post
    bodies: dict[str, dict[str, object]] = {
        "line": {"messages": [{"kind": "text", "text": "満期です"}]},
        "push": {"title": "満期", "body": "満期です", "url": "https://www.example.jp/"},
        "sms": {"text": "満期です"},
    }
    body = {"kind": channel, **bodies[channel]}
    version = make_template("other", body)
    Template.objects.filter(slug="other").update(channel=channel)
    post.queue(post.want(1, channel=channel, template_version=version))
    post.run()
    row = post.row(1)
    assert (row.state, row.reason) == ("suppressed", "address.missing")


def test_only_as_many_are_attempted_as_there_are_workers(sqlite_post: Post) -> None:
    post = sqlite_post
    gate_open, seen = threading.Event(), []

    def answer(_: Outgoing) -> Outcome:
        gate_open.wait(10)
        return Sent()

    post.way.answer = answer
    post.queue(*[post.want(n) for n in range(1, 31)])
    lane = post.lane()
    lane.read_on()
    for _ in range(5):
        lane.round()
        seen.append(post.states()["attempting"])
    gate_open.set()
    post.run(lane)
    assert seen == [4] * 5
    assert post.states() == Counter(sent=30)


def test_a_cap_defers_the_second_until_it_may(sqlite_post: Post) -> None:
    post = sqlite_post
    post.queue(*[post.want(1, key=f"test:{n}") for n in range(1, 12)])
    lane = post.run()
    states = post.states()
    assert states["sent"] < 11, "no cap stopped anything: the test tells nothing"
    assert states["queued"] == 11 - states["sent"]
    waiting = Delivery.objects.filter(state="queued").first()
    assert waiting is not None
    assert waiting.reason.startswith("cap.")
    assert waiting.due_at is not None
    assert waiting.due_at > post.clock()
    for _ in range(12):
        post.later(days=7)
        post.run(lane)
    assert post.states() == Counter(sent=11)


def test_the_higher_priority_gets_the_last_slot(sqlite_post: Post) -> None:
    post = sqlite_post
    post.queue(*[post.want(1, key=f"test:{n}", priority=n) for n in range(1, 12)])
    post.run()
    sent = sorted(Delivery.objects.filter(state="sent").values_list("priority", flat=True))
    assert sent == list(range(12 - len(sent), 12))


def test_refused_for_now_is_tried_again_and_its_slot_given_back(post: Post) -> None:
    tries: Counter[str] = Counter()

    def answer(outgoing: Outgoing) -> Outcome:
        tries[outgoing.key] += 1
        return Later("greylisted", 60) if tries[outgoing.key] < 3 else Sent()

    post.way.answer = answer
    post.queue(post.want(1), post.want(2))
    lane = post.run()
    row = post.row(1)
    assert (row.state, row.reason, row.attempts) == ("queued", "greylisted", 1)
    assert ContactMade.objects.filter(given_back_at__isnull=True).count() == 0
    for _ in range(3):
        post.later(minutes=10)
        post.run(lane)
    assert post.states() == Counter(sent=2)
    assert post.row(1).attempts == 3
    assert ContactMade.objects.filter(given_back_at__isnull=True).count() == 2


def test_it_is_given_up_after_many_tries(sqlite_post: Post) -> None:
    post = sqlite_post
    post.way.answer = lambda _: Later("greylisted", 60)
    post.queue(post.want(1))
    lane = post.run()
    for _ in range(20):
        post.later(hours=7)
        post.run(lane)
    assert (post.row(1).state, post.row(1).reason) == ("failed", "tries")
    assert len(post.way.sent) == post.row(1).attempts == 12


def test_a_refusal_for_good_stops_the_address(sqlite_post: Post) -> None:
    post = sqlite_post
    post.way.answer = lambda _: Refused("mailbox_unknown", stops_address=True)
    post.queue(post.want(1))
    post.run()
    assert (post.row(1).state, post.row(1).reason) == ("failed", "mailbox_unknown")
    assert AddressStop.objects.count() == 1
    assert ContactMade.objects.filter(given_back_at__isnull=True).count() == 0
    post.way.answer = lambda _: Sent()
    post.queue(post.want(1, key="test:2"))
    post.run()
    assert (post.row(2).state, post.row(2).reason) == ("suppressed", "address.bounced")


@pytest.mark.parametrize("dedupes", [False, True])
def test_no_answer_is_unknown_unless_the_provider_knows_the_key(
    sqlite_post: Post, dedupes: bool
) -> None:
    post = sqlite_post
    seen: Counter[str] = Counter()

    def answer(outgoing: Outgoing) -> Outcome:
        seen[outgoing.key] += 1
        return Unknown("timeout") if seen[outgoing.key] == 1 else Sent()

    post.way.dedupes, post.way.answer = dedupes, answer
    post.queue(post.want(1))
    lane = post.run()
    assert post.row(1).state == ("sent" if dedupes else "unknown")
    assert seen["test:1"] == (2 if dedupes else 1)
    post.later(days=9)
    post.run(lane)
    assert seen["test:1"] == (2 if dedupes else 1), "an unknown one is never sent by itself"


def test_a_channel_that_asks_to_wait_is_left_alone(sqlite_post: Post) -> None:
    post = sqlite_post
    post.way.answer = lambda _: Later("quota", 3600, whole_channel=True)
    post.queue(*[post.want(n) for n in range(1, 31)])
    lane = post.lane()
    lane.read_on()
    lane.round()
    for _ in range(100):  # each worker answers when it comes to it
        lane.wait(0.1)
        lane.round()
        if post.states() == Counter(queued=30):
            break
    assert len(post.way.sent) <= post.way.workers
    assert post.states() == Counter(queued=30)
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {0}


def test_who_caused_it_is_told_in_the_same_unit(sqlite_post: Post) -> None:
    post = sqlite_post
    told: list[Finished] = []
    deliveries._tell.append(told.extend)
    try:
        key = deliveries.walk_key(7, "mail", 3)
        post.queue(post.want(1, key=key, enrollment=7, step="mail", journey="jny_1"))
        post.run()
    finally:
        deliveries._tell.remove(told.extend)
    assert [(one.key, one.enrollment, one.step, one.visit, one.state) for one in told] == [
        (key, 7, "mail", 3, "sent")
    ]


def test_nothing_is_written_when_who_is_told_fails(sqlite_post: Post) -> None:
    post = sqlite_post

    def fail(_: list[Finished]) -> None:
        raise RuntimeError("told badly")

    post.queue(post.want(1))
    lane = post.lane()
    deliveries._tell.append(fail)
    try:
        with pytest.raises(RuntimeError):
            post.run(lane)
        assert post.row(1).state == "attempting"
    finally:
        deliveries._tell.remove(fail)
    post.run(lane)
    assert post.row(1).state == "sent"
    assert post.way.keys() == Counter({"test:1": 1})


def test_a_template_that_fails_is_a_failure(sqlite_post: Post) -> None:
    post = sqlite_post
    broken = make_template("broken", BODY | {"subject": "{{ 1 | divided_by: 0 }}"})
    post.queue(post.want(1, template_version=broken), post.want(2, template_version="tpv_none"))
    post.run()
    for n in (1, 2):
        assert post.row(n).state == "failed"
        assert post.row(n).reason == "template_broken"


def test_a_sender_that_is_gone_leaves_its_deliveries_waiting(sqlite_post: Post) -> None:
    post = sqlite_post
    post.queue(post.want(1, sender="gone"), post.want(2))
    post.run()
    assert [post.row(n).state for n in (1, 2)] == ["queued", "sent"]


def test_decisions_that_were_acted_on_are_kept(sqlite_post: Post) -> None:
    post = sqlite_post
    post.queue(post.want(1), post.want(2))
    gate.refuse(post.persons[1], product=None, at=post.clock(), actor=SYSTEM)
    post.run()
    kept = {row.source: row for row in DecisionRecord.objects.all()}
    one, two = post.row(1), post.row(2)
    assert kept[f"delivery:{one.id}"].answer == "allow"
    assert kept[f"delivery:{two.id}"].answer == "deny"
    assert two.decision == kept[f"delivery:{two.id}"].id


def test_due_later_waits(sqlite_post: Post) -> None:
    post = sqlite_post
    post.queue(post.want(1, due_at=post.clock() + timedelta(hours=1)))
    lane = post.run()
    assert post.row(1).state == "queued"
    post.later(hours=2)
    post.run(lane)
    assert post.row(1).state == "sent"


@pytest.mark.parametrize("dedupes", [False, True])
def test_what_a_dead_process_was_attempting_is_unknown_or_asked_again(
    post: Post, dedupes: bool
) -> None:
    """A process of this machine that has ended; and one elsewhere, once its lease is over."""
    post.way.dedupes = dedupes
    post.queue(post.want(1), post.want(2), post.want(3))
    here = socket.gethostname()[:20]
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    alive = post.clock() + timedelta(minutes=5)
    for n, worker in ((1, f"{here}:{ended.pid}:x"), (2, "elsewhere:1:x")):
        Delivery.objects.filter(key=f"test:{n}").update(
            state="attempting", worker=worker, lease_until=alive, attempts=1
        )
    lane = post.run()
    sqlite = connection.vendor == "sqlite"  # where nobody else can be alive
    after = "sent" if dedupes else "unknown"
    assert post.row(1).state == after
    assert post.row(2).state == (after if sqlite else "attempting")
    assert post.row(3).state == "sent"
    post.later(minutes=6)
    lane._doubtful = True  # as after a failed unit, or a quarter of a minute later
    post.run(lane)
    assert post.row(2).state == after
    assert post.row(1).reason == ("" if dedupes else "stopped")
    assert sum(post.way.keys().values()) == (3 if dedupes else 1)
