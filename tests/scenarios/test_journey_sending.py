"""Journeys and the sending lane on one book: who goes first, and neither waits for the other."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.db import connection, connections

from enishi.book import about
from enishi.book.access import SYSTEM
from enishi.book.unit import work
from enishi.gate import policies
from enishi.gate import service as gate
from enishi.gate.bodies import BODY, Example
from enishi.gate.types import HoldKind
from enishi.journeys.inside import people
from enishi.journeys.models import Enrollment, EnrollmentMove
from enishi.journeys.types import Heard
from enishi.journeys.walking import rows, store
from enishi.journeys.walking.applying import UNASKED, Batch
from enishi.messages.models import Delivery
from sending_world import Post
from walks_world import enter, make_journey, run

MAIL = {
    "mail": {"kind": "message", "template": "points", "next": "rest"},
    "rest": {"kind": "wait", "duration": "9d"},
}
LEAVE = {"kind": "event", "event": ["Left"]}
ONCE = {
    "kind": "cap", "name": {"ja": "1日1回", "en": "Once a day"}, "most": 1,
    "window": {"unit": "hours", "count": 24},
}  # fmt: skip
EXAMPLE = Example.model_validate(
    {"name": {"ja": "2回目", "en": "Second"}, "ask": {"channel": "email", "purpose": "deposits"},
     "contacts": [{"channel": "email", "purpose": "deposits", "at": "2026-11-20T09:00:00+09:00"}],
     "at": "2026-11-20T10:00:00+09:00", "answer": "defer", "codes": ["cap.person"],
     "until": "2026-11-21T09:00:00+09:00"}
)  # fmt: skip


def until_somebody_waits() -> None:
    """Until another session waits for a lock of this one; on SQLite nobody does, but for the
    turn to write."""
    waiting = 0
    with connection.cursor() as cursor:
        while connection.vendor == "postgresql" and not waiting:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            waiting = cursor.fetchone()[0]


def test_who_leaves_while_her_message_is_being_refused_blocks_nobody(post: Post) -> None:
    """The lane has her walk and wants her message; sending has her message and wants her walk."""
    enter(make_journey(MAIL, exits=[LEAVE]), [post.persons[0]], post.clock)
    run(post.clock)
    gate.hold(post.persons[0], HoldKind.DECEASED, at=post.clock(), actor=SYSTEM)
    lane = post.lane()
    assert lane.read_on()
    broken: list[BaseException] = []

    def send() -> None:
        try:
            lane.round()
        except BaseException as error:
            broken.append(error)
        finally:
            connections.close_all()

    sending = threading.Thread(target=send)
    walk = Enrollment.objects.get().id
    with work("test.lane"):
        store.lock([walk])
        sending.start()
        until_somebody_waits()
        store.hear([(walk, Heard("exit:0", post.clock()))])
    sending.join()
    assert not broken
    assert Enrollment.objects.get().end == "left"
    assert (Delivery.objects.get().state, Delivery.objects.get().reason) == ("suppressed", "left")


def test_what_a_lane_writes_to_a_walk_that_is_being_erased_goes_with_it(post: Post) -> None:
    """The lane has her walk in hand while an erasure, in a session of its own, comes to it."""
    person = post.persons[0]
    enter(make_journey(MAIL), [person], post.clock)
    broken: list[BaseException] = []

    def erase() -> None:
        try:
            about.erase(person)
        except BaseException as error:
            broken.append(error)
        finally:
            connections.close_all()

    erasing = threading.Thread(target=erase)
    with work("test.lane"):
        batch = Batch(rows.by_ids([Enrollment.objects.get().id]), post.clock())
        erasing.start()
        until_somebody_waits()
        for row in batch.rows:
            assert batch.go(row, (), UNASKED)
        assert batch.write()
    erasing.join()
    assert not broken
    assert not Enrollment.objects.exists()
    assert not EnrollmentMove.objects.exists()
    assert not Delivery.objects.exists()


def test_what_no_cap_concerns_waits_for_no_higher_journey(sqlite_post: Post) -> None:
    post = sqlite_post
    lower, _higher = (make_journey(MAIL, slug=f"p{p}", priority=p) for p in (0, 10))

    def waits() -> timedelta:
        enter(lower, [post.persons.pop()], post.clock)
        run(post.clock)
        due = Delivery.objects.latest("id").due_at
        assert due is not None
        return due - post.clock()

    assert waits() == timedelta(seconds=2)
    for cap in ("weekly-cap", "household-cap", "address-cap"):
        policies.retire(cap, at=post.clock(), actor=SYSTEM)
    assert waits() == timedelta(0)


def test_the_higher_journey_gets_the_only_message_of_the_day(sqlite_post: Post) -> None:
    """Also where its message is queued a moment after that of the lower one."""
    post = sqlite_post
    draft = policies.create(
        "once", BODY.validate_python(ONCE), [EXAMPLE], at=post.clock(), actor=SYSTEM
    )
    policies.publish(draft.id, at=post.clock(), actor=SYSTEM)
    lane, person = post.lane(), [post.persons[0]]
    journeys = {p: make_journey(MAIL, slug=f"p{p}", priority=p) for p in (0, 10, 5)}
    for priority in (0, 5, 10):
        enter(journeys[priority], person, post.clock)
        run(post.clock)
        post.run(lane)  # sending comes by at once
        post.later(seconds=0.3)
    post.run(lane)
    post.later(seconds=5)
    post.run(lane)
    told = dict(Delivery.objects.values_list("priority", "state"))
    assert told == {0: "queued", 5: "queued", 10: "sent"}
    put_off = Delivery.objects.filter(state="queued").values_list("reason", "due_at")
    assert {reason for reason, _ in put_off} == {"cap.person"}
    assert min(due for _, due in put_off if due) > post.clock() + timedelta(hours=20)
    walk = Enrollment.objects.get(journey=journeys[5])
    told_of = people.story("p5", walk.id, SYSTEM, "en")
    until = max(due for _, due in put_off if due)
    assert told_of.due_at == until
    assert told_of.standing.startswith("The message is put off until 21 Nov 2026, ")
