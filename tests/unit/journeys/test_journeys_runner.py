"""The runner on both books: people come in, are moved, and everything is written at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from enishi.book import about
from enishi.book.clock import clock_set_to
from enishi.book.workspace import Workspace
from enishi.journeys.models import Emitted, Enrollment, EnrollmentMove, JourneyTask, Passage
from enishi.journeys.types import Heard
from enishi.journeys.walking import store
from enishi.journeys.walking.store import Entry, enter_many
from enishi.kernel.clock import VirtualClock
from enishi.messages.models import Delivery
from walks_world import enter, finish_deliveries, make_journey, make_template, run, stories

DAY = timedelta(days=1)
STEPS = {
    "wait": {"kind": "wait", "duration": "1d", "next": "mail"},
    "mail": {"kind": "message", "template": "hello", "next": "answer", "failed_next": "call"},
    "answer": {
        "kind": "wait_event", "signal": {"kind": "event", "event": ["replied"]},
        "timeout": "3d", "next": "score", "timeout_next": "call",
    },
    "score": {"kind": "score", "score": "warm", "points": 5, "next": "done"},
    "call": {"kind": "task", "list": "calls", "next": "done"},
    "done": {"kind": "goal"},
}  # fmt: skip


@pytest.fixture
def clock(both_books: Workspace) -> Iterator[VirtualClock]:
    found = VirtualClock()
    with clock_set_to(found):
        yield found


def test_a_journey_from_end_to_end(clock: VirtualClock) -> None:
    version = make_template()
    journey = make_journey(STEPS, priority=7)
    enter(journey, ["p1", "p2"], clock)
    run(clock)
    assert stories() == {"p1": ["entered"], "p2": ["entered"]}
    clock.advance(DAY)
    run(clock)
    first = Delivery.objects.order_by("id").first()
    assert first is not None
    assert Delivery.objects.count() == 2
    assert (first.template_version, first.priority, first.journey) == (version, 7, journey)
    assert first.key == f"walk:{first.enrollment}:mail:2"
    clock.advance(timedelta(minutes=5))
    finish_deliveries(clock)
    run(clock)
    ids = dict(Enrollment.objects.values_list("person", "id"))
    assert store.hear([(ids["p1"], Heard("wait", clock()))]) == 1
    assert [one.event for one in Emitted.objects.all()] == ["score_changed"]
    clock.advance(3 * DAY + timedelta(minutes=2))
    run(clock)
    task = JourneyTask.objects.get()
    assert (task.person, task.list, task.state) == ("p2", "calls", "waiting")
    store.hear([(ids["p2"], Heard("task", clock(), "x", {"done": True}))])
    assert stories()["p2"] == ["entered", "waited", "sent", "timeout", "done", "goal"]
    assert set(Enrollment.objects.values_list("state", "end", "due_at")) == {
        ("ended", "goal", None)
    }
    passed = Passage.objects.get(step="mail", code="sent")
    assert (passed.people, passed.seconds, passed.slow) == (2, 600, {"9": 2})


def test_who_left_by_exit_gets_nothing_more(clock: VirtualClock) -> None:
    make_template()
    journey = make_journey(STEPS)
    enter(journey, ["p1"], clock)
    clock.advance(DAY)
    run(clock)
    clock.advance(DAY)
    run(clock)
    one = Enrollment.objects.get()
    store.hear([(one.id, Heard("exit:0", clock()))])
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason) == ("suppressed", "left")
    assert EnrollmentMove.objects.order_by("-id").values_list("code", "to")[0] == ("left", None)


def test_a_message_without_an_approved_wording_is_passed(clock: VirtualClock) -> None:
    journey = make_journey(STEPS)
    enter(journey, ["p1"], clock)
    run(clock)
    clock.advance(DAY)
    run(clock)
    assert stories()["p1"] == ["entered", "waited", "suppressed"]
    assert JourneyTask.objects.count() == 1
    assert not Delivery.objects.exists()


def test_coming_in_twice_is_coming_in_once(clock: VirtualClock) -> None:
    journey = make_journey(STEPS, reentry={"kind": "per_key"})
    entries = [Entry("p1", "a", clock(), "api"), Entry("p1", "b", clock(), "api")]
    assert enter_many(journey, 1, [*entries, entries[0]]).entered == 2
    again = enter_many(journey, 1, entries)
    assert (again.entered, again.refused) == (0, {"inside": 2})


def test_a_story_is_told_and_goes_with_the_person(clock: VirtualClock) -> None:
    make_template()
    enter(make_journey(STEPS), ["p1", "p2"], clock)
    run(clock)
    told = [row["code"] for name, row in about.told("p1") if name == "journeys.enrollmentmove"]
    assert told == ["entered"]
    gone = about.erase("p1")
    assert (gone["journeys.enrollmentmove"], gone["journeys.enrollment"]) == (1, 1)
    assert not about.holds("p1")
    assert stories() == {"p2": ["entered"]}


def test_a_line_written_after_its_walks_lines_were_looked_up_goes_with_the_walk(
    clock: VirtualClock,
) -> None:
    make_template()
    enter(make_journey(STEPS), ["p1", "p2"], clock)
    run(clock)
    # An erasure has deleted the lines it knows of; a lane has written others when the walk goes.
    Enrollment.objects.filter(person="p1").delete()
    assert stories() == {"p2": ["entered"]}
    assert EnrollmentMove.objects.count() == 1
