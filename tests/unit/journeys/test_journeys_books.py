"""Walks in a real book: coming in, pausing, versions, kills, several runners, the watchdog."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_delete

from enishi.book import about
from enishi.book.access import SYSTEM
from enishi.book.by_index import by_index
from enishi.book.clock import clock_set_to
from enishi.book.unit import work
from enishi.book.workspace import Workspace
from enishi.journeys import service
from enishi.journeys.models import Enrollment, EnrollmentMove, Journey, JourneyVersion, Passage
from enishi.journeys.types import Heard
from enishi.journeys.walking import closing, moving, runner, store, watchdog
from enishi.journeys.walking.store import Entry, enter_many
from enishi.kernel.clock import VirtualClock
from enishi.kernel.errors import Conflict
from enishi.messages.deliveries import service as deliveries
from enishi.messages.models import Delivery
from walks_world import (
    body,
    enter,
    finish_deliveries,
    make_journey,
    make_template,
    put_live,
    run,
    stories,
)

DAY = timedelta(days=1)
REST = {"rest": {"kind": "wait", "duration": "2d", "next": "done"}, "done": {"kind": "goal"}}
MAIL = {
    "rest": {"kind": "wait", "duration": "1d", "next": "mail"},
    "mail": {"kind": "message", "template": "hello", "next": "done"},
    "done": {"kind": "goal"},
}  # fmt: skip


@pytest.fixture
def clock(book: Workspace) -> Iterator[VirtualClock]:
    found = VirtualClock()
    with clock_set_to(found):
        yield found


@pytest.fixture
def clock_of_both(both_books: Workspace) -> Iterator[VirtualClock]:
    found = VirtualClock()
    with clock_set_to(found):
        yield found


@pytest.mark.parametrize(
    ("reentry", "after", "ended", "key", "expect"),
    [
        ({"kind": "never"}, DAY, False, "", "inside"),
        ({"kind": "never"}, 9 * DAY, True, "", "again"),
        ({"kind": "never"}, 9 * DAY, True, "other", "again"),
        ({"kind": "after_exit"}, 9 * DAY, False, "other", "inside"),
        ({"kind": "after_exit"}, DAY, True, "", ""),
        ({"kind": "after", "after": "5d"}, 5 * DAY - timedelta(seconds=1), True, "", "again"),
        ({"kind": "after", "after": "5d"}, 5 * DAY, True, "", ""),
        ({"kind": "after", "after": "5d"}, 6 * DAY, False, "", "inside"),
        ({"kind": "per_key"}, DAY, False, "other", ""),
        ({"kind": "per_key"}, DAY, True, "", "again"),
    ],
)
def test_re_entry(
    clock: VirtualClock, reentry: dict[str, str], after: timedelta, ended: bool, key: str,
    expect: str,
) -> None:  # fmt: skip
    journey = make_journey(REST, reentry=reentry)
    enter(journey, ["p1"], clock)
    if ended:
        number = Enrollment.objects.get().id
        store.hear([(number, Heard("remove", clock()))])
    clock.advance(after)
    done = enter_many(journey, 1, [Entry("p1", key, clock(), "api")])
    assert (done.entered, dict(done.refused)) == ((0, {expect: 1}) if expect else (1, {}))


def test_a_closing_journey_takes_nobody_in(clock: VirtualClock) -> None:
    journey = make_journey(REST, state="closing")
    done = enter_many(journey, 1, [Entry("p1", "", clock(), "api")])
    assert (done.entered, done.refused) == (0, {"closed": 1})


def test_pausing_keeps_the_order_in_which_people_became_due(clock: VirtualClock) -> None:
    journey = make_journey(REST)
    for person in ("p3", "p1", "p2"):
        enter(journey, [person], clock)
        run(clock)
        clock.advance(timedelta(hours=1))
    Journey.objects.update(state="paused")
    clock.advance(9 * DAY)
    run(clock)
    assert EnrollmentMove.objects.filter(code="waited").count() == 0
    Journey.objects.update(state="live")
    run(clock)
    run(clock)
    waited = EnrollmentMove.objects.filter(code="waited").order_by("id")
    assert list(waited.values_list("enrollment__person", flat=True)) == ["p3", "p1", "p2"]


def test_what_sending_rolls_back_nobody_hears_of(clock: VirtualClock) -> None:
    make_template()
    enter(make_journey(MAIL), ["p1"], clock)
    run(clock)
    clock.advance(DAY)
    run(clock)

    def cut_off() -> None:
        with work("test.outer"):
            finish_deliveries(clock)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        cut_off()
    run(clock)
    assert stories()["p1"] == ["entered", "waited"]
    finish_deliveries(clock)
    run(clock)
    assert stories()["p1"] == ["entered", "waited", "sent", "goal"]


def test_a_wait_after_a_delivery_counts_from_its_finish(clock_of_both: VirtualClock) -> None:
    clock = clock_of_both
    make_template()
    steps = {"mail": {**MAIL["mail"], "next": "rest"}, **REST}
    enter(make_journey(steps), ["p1"], clock)
    run(clock)
    clock.advance(timedelta(hours=1))
    finish_deliveries(clock)
    sent_at = clock()
    clock.advance(timedelta(hours=5))  # the lane comes late
    run(clock)
    assert Enrollment.objects.get().due_at == sent_at + 2 * DAY


def test_people_are_moved_to_another_version(clock_of_both: VirtualClock) -> None:
    clock = clock_of_both
    journey = make_journey(REST)
    enter(journey, ["p1", "p2"], clock)
    run(clock)
    enter(journey, ["p3"], clock)  # still at the door
    entered_at = clock()
    longer = {"pause": {"kind": "wait", "duration": "5d", "next": "end"}, "end": {"kind": "goal"}}
    put_live(journey, 2, body(longer))
    JourneyVersion.objects.filter(number=2).update(moving={"1": {"rest": "pause", "done": None}})
    clock.advance(DAY)
    while moving.run_once(clock):
        pass
    assert JourneyVersion.objects.get(number=2).moving == {}
    run(clock)
    moved = Enrollment.objects.filter(person__in=["p1", "p2"])
    assert set(moved.values_list("version", "step")) == {(2, "pause")}
    assert {row.due_at for row in moved} == {entered_at + 5 * DAY}  # waited time is kept
    assert Enrollment.objects.get(person="p3").step == "pause"
    passed = Passage.objects.get(code="mapped")
    assert (passed.version, passed.step, passed.to, passed.people) == (2, "rest", "pause", 2)


def test_a_closing_journey_ends_when_the_last_one_has_left(clock: VirtualClock) -> None:
    journey = make_journey(REST)
    enter(journey, ["p1"], clock)
    run(clock)
    Journey.objects.update(state="closing")
    closing.end_empty()
    assert Journey.objects.get().state == "closing"
    clock.advance(2 * DAY)
    run(clock)
    closing.end_empty()
    assert Journey.objects.get().state == "ended"


def test_ending_is_at_once_for_whoever_asks_and_the_lanes_for_those_inside(
    clock: VirtualClock,
) -> None:
    make_template()
    steps = {"mail": {**MAIL["mail"], "next": "rest"}, **REST}
    journey = make_journey(steps)
    enter(journey, ["p1", "p2"], clock)
    run(clock)
    service.end("welcome", "over", SYSTEM)
    assert deliveries.held(journey=journey)  # nothing is sent while the lane ends the walks
    assert set(Enrollment.objects.values_list("state", flat=True)) == {"active"}
    with pytest.raises(Conflict):
        closing.reopen(journey)
    assert closing.end_walks(clock)
    assert not closing.end_walks(clock)
    assert set(Enrollment.objects.values_list("state", "end")) == {("ended", "closed")}
    assert set(Delivery.objects.values_list("state", "reason")) == {("suppressed", "closed")}
    assert not deliveries.held(journey=journey)
    closing.reopen(journey)


def test_who_has_no_place_in_the_new_version_is_out(clock: VirtualClock) -> None:
    journey = make_journey(REST)
    enter(journey, ["p1"], clock)
    run(clock)
    put_live(journey, 2, body({"other": {"kind": "goal"}}))
    JourneyVersion.objects.filter(number=2).update(moving={"1": {"rest": None}})
    while moving.run_once(clock):
        pass
    one = Enrollment.objects.get()
    assert (one.state, one.end) == ("ended", "moved")


@pytest.mark.heavy
def test_a_killed_lane_does_each_step_once(clock: VirtualClock, book: Workspace) -> None:
    make_template()
    people = [f"p{n:04}" for n in range(900)]
    enter(make_journey(MAIL), people, clock)
    run(clock)
    clock.advance(DAY)
    script = Path(__file__).parents[2] / "walks_worker.py"

    def lane(crash: str) -> int:
        return subprocess.run(
            [sys.executable, str(script), str(book.root), clock().isoformat()],
            env=os.environ | {"ENISHI_CRASH_AT": crash}, check=False,
        ).returncode  # fmt: skip

    assert lane("journeys.move:2") == -signal.SIGKILL
    assert 0 < Delivery.objects.count() < len(people)
    assert lane("") == 0
    assert Delivery.objects.values("enrollment").distinct().count() == len(people)
    assert Delivery.objects.count() == len(people)
    assert set(map(tuple, stories().values())) == {("entered", "waited")}
    assert sum(Passage.objects.values_list("people", flat=True)) == 2 * len(people)


def test_who_is_erased_while_the_lane_moves_her_leaves_nothing(clock: VirtualClock) -> None:
    """Her messages are gone already when one more is caused, her walk is not yet."""
    make_template()
    first = {"first": {**MAIL["mail"], "next": "rest"}}
    enter(make_journey(first | MAIL), ["p1"], clock)
    run(clock)
    finish_deliveries(clock)
    clock.advance(DAY)

    def come_by(**_: object) -> None:
        post_delete.disconnect(come_by, Delivery)
        run(clock)

    post_delete.connect(come_by, Delivery)
    gone = about.erase("p1")
    assert gone["messages.delivery"] == 2
    assert not about.holds("p1")


def test_several_runners_pass_over_what_another_has_in_hand(clock_of_both: VirtualClock) -> None:
    from django.db import connections

    clock = clock_of_both
    make_template()
    people = [f"p{n:04}" for n in range(300)]
    enter(make_journey(MAIL), people, clock)
    clock.advance(DAY)
    broken: list[BaseException] = []

    def lane() -> None:
        try:
            run(clock)
        except BaseException as error:
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=lane) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broken
    assert set(map(tuple, stories().values())) == {("entered", "waited")}
    assert Delivery.objects.count() == len(people)
    assert sum(Passage.objects.values_list("people", flat=True)) == 2 * len(people)


def test_a_walk_whose_question_cannot_be_answered_is_put_off(clock: VirtualClock) -> None:
    steps = {
        "fork": {"kind": "branch", "arms": [{"rule": {}, "next": "done"}], "next": "done"},
        "done": {"kind": "goal"},
    }  # fmt: skip
    enter(make_journey(steps), ["p1"], clock)
    assert runner.move(clock, None) is False  # nobody to ask: it ends, and does not spin
    one = Enrollment.objects.get()
    assert (one.step, one.why, one.due_at) == ("fork", "facts", clock() + runner.LATER)


PLANTED: dict[str, dict[str, Any]] = {
    "no_due": {"due_at": None, "why": "due"},
    "overdue": {"due_at": VirtualClock()() - timedelta(minutes=11)},
    "unanswered": {"why": "facts", "since": VirtualClock()() - timedelta(hours=1)},
    "delivery_gone": {
        "step": "mail", "why": "delivery", "due_at": None,
        "since": VirtualClock()() - timedelta(hours=1),
    },
    "task_gone": {"step": "call", "why": "task", "due_at": None},
    "step_gone": {"step": "nowhere"},
}  # fmt: skip


@pytest.mark.parametrize("code", watchdog.CODES)
def test_the_watchdog_finds(clock: VirtualClock, code: str) -> None:
    make_template()
    call = {"kind": "task", "list": "calls", "next": "done"}
    journey = make_journey(MAIL | {"call": call})
    enter(journey, ["p1", "p2"], clock)
    run(clock)
    assert watchdog.check(clock()).total == 0
    Enrollment.objects.filter(person="p2").update(**PLANTED[code])
    report = watchdog.check(clock())
    assert {c: n for c, n in report.breaches.items() if n} == {code: 1}
    assert list(report.examples[code]) == [Enrollment.objects.get(person="p2").id]
    assert watchdog.last() == report


def test_the_watchdog_is_content_with_messages_and_tasks_on_their_way(clock: VirtualClock) -> None:
    make_template()
    call = {"kind": "task", "list": "calls", "next": "done"}
    journey = make_journey(MAIL | {"mail": {**MAIL["mail"], "next": "call"}, "call": call})
    enter(journey, ["p1", "p2"], clock)
    run(clock)
    clock.advance(DAY)
    run(clock)
    clock.advance(DAY)
    assert watchdog.check(clock()).total == 0
    finish_deliveries(clock)
    run(clock)
    clock.advance(9 * DAY)
    assert watchdog.check(clock()).total == 0


def test_whoever_is_passed_by_is_looked_for_again(clock_of_both: VirtualClock) -> None:
    """Looks go on from where the last one ended, and from the beginning now and then."""
    people = [f"p{n}" for n in range(30)]
    journey = make_journey(REST)
    enter(journey, people, clock_of_both)
    pace, found = runner.Pace(ahead=2), []
    for _ in range(9):
        here = pace.next_due(journey, clock_of_both(), "")
        found += [one.person for one in here]
        pace.past = here[-1]
    goes_on = connection.vendor == "postgresql"  # where those who were due lie before them
    assert found == (people[:18] if goes_on else people[:2] * 9)
    assert [one.person for one in pace.next_due(journey, clock_of_both(), "")] == people[:2]
    pace.ahead, pace.looks = 40, 0  # fewer lie beyond: all are looked for
    assert [one.person for one in pace.next_due(journey, clock_of_both(), "")] == people


@pytest.mark.parametrize(
    "both_books", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_what_follows_in_a_unit_is_planned_as_ever(clock_of_both: VirtualClock) -> None:
    def sorts() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_sort")
            return str(cursor.fetchone()[0])

    with work("test"):
        with by_index():
            assert sorts() == "off"
        assert sorts() == "on"
    with by_index():
        assert sorts() == "off"
    assert sorts() == "on"
