"""What is asked about a few people costs the same however many others are inside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enishi.book.clock import clock_set_to
from enishi.book.workspace import Workspace
from enishi.journeys import jobs
from enishi.journeys.models import JourneyVersion
from enishi.journeys.walking import moving, runner, store
from enishi.kernel.clock import VirtualClock
from walks_world import body, enter, make_journey, put_live, run, stories

REST = {"rest": {"kind": "wait", "duration": "2d", "next": "done"}, "done": {"kind": "goal"}}


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


def ways(asked: CaptureQueriesContext) -> list[str]:
    """How SQLite finds the walks of each question asked."""
    found = []
    for query in asked.captured_queries:
        sql = query["sql"]
        if sql.startswith("SELECT") and "journeys_enrollment" in sql:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%", "%%"))
                found += [row[3] for row in cursor.fetchall() if "enrollment" in row[3]]
    return found


def test_people_are_found_by_their_ids_and_not_among_everybody(clock: VirtualClock) -> None:
    journey = make_journey(REST)
    with CaptureQueriesContext(connection) as asked:
        enter(journey, ["p1", "p2"], clock)
        assert [one.person for one in store.standing(["p1", "p2", "p3"], [journey])] == ["p1", "p2"]
        assert store.standing(["p1"], ["another"]) == []
    found = ways(asked)
    assert len(found) == 3
    assert all("journey_person (person=?)" in way for way in found), found


def test_people_are_moved_in_several_looks(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_AHEAD", 3)
    journey = make_journey(REST)
    enter(journey, [f"p{n}" for n in range(8)], clock)
    run(clock)
    put_live(journey, 2, body(REST))
    JourneyVersion.objects.filter(number=2).update(moving={"1": {}})
    rounds = 0
    while moving.run_once(clock):
        rounds += 1
    assert JourneyVersion.objects.get(number=2).moving == {}
    assert rounds >= 3
    assert set(map(tuple, stories().values())) == {("entered", "mapped")}


def test_further_lanes_move_their_parts_where_the_book_has_several_writers(
    clock_of_both: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_helped", {})
    clock = clock_of_both
    enter(make_journey(REST), [f"p{n}" for n in range(6)], clock)
    clock.advance(timedelta(seconds=1))
    context = SimpleNamespace(clock=clock, warehouse=None)
    several = connection.vendor == "postgresql"
    for done, help_moving in enumerate(jobs.HELPING.values(), start=1):
        help_moving(context)
        assert len(stories()) == (2 * done if several else 0)
    assert set(jobs._helped) == ({1, 2} if several else set())
    runner.move(clock, None, parts={0})
    assert len(stories()) == (6 if several else 2)


def test_who_does_not_help_any_more_has_her_part_taken_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "_helped", {1: 100.0, 2: 109.0})
    assert jobs._unhelped(109.5) == {0}
    assert jobs._unhelped(111.0) == {0, 1}
    assert jobs._unhelped(130.0) is None
