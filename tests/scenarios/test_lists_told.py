"""Scenarios: what the warehouse knows of who is on which list, so that rules can ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from lists_world import Bank


def tell(bank: Bank) -> None:
    from enishi.lists.telling import run_once

    while run_once():
        pass


def known(bank: Bank, slug: str) -> list[tuple[Any, ...]]:
    """(number, status, what it means, whether it still holds) by number and time."""
    with bank.warehouse.engine.read() as question:
        return question.rows(
            "SELECT p.person_id, m.status, m.means, m._to IS NULL FROM enishi.list_members m"
            " JOIN data.person p USING (_id) WHERE m.list = ? ORDER BY ALL",
            [slug],
        )


def slug_of(bank: Bank, list_id: str) -> str:
    return str(bank.api("manager").get(f"lists/{list_id}").json()["slug"])


def test_a_built_list_is_told_once(bank: Bank) -> None:
    list_id = bank.make_list()
    slug = slug_of(bank, list_id)
    assert slug == "deposits-20261120"
    tell(bank)
    told = known(bank, slug)
    assert len(told) == 40
    assert {row[1:] for row in told} == {("open", "open", True)}
    with bank.warehouse.engine.write() as writer:
        before = writer.rows("SELECT * FROM enishi.list_members ORDER BY ALL")
    from enishi.lists.models import Build

    Build.objects.update(told=False)  # as after a crash between the two commits
    tell(bank)
    with bank.warehouse.engine.read() as question:
        assert question.rows("SELECT * FROM enishi.list_members ORDER BY ALL") == before


def test_work_and_its_undoing_are_told_in_order(bank: Bank) -> None:
    list_id = bank.make_list()
    slug = slug_of(bank, list_id)
    tell(bank)
    member = next(m for m in bank.members(list_id) if m["key"] == "P007")
    bank.later(timedelta(minutes=1))
    made = bank.log(list_id, member["id"], "no_answer")
    assert made.status_code == 201, made.content.decode()
    bank.later(timedelta(seconds=5))
    undone = bank.api("manager").post(f"engagements/{made.json()['engagement']['id']}/undo")
    assert undone.status_code == 200, undone.content.decode()
    tell(bank)
    rows = [row for row in known(bank, slug) if row[0] == "P007"]
    assert sorted(rows) == [
        ("P007", "open", "open", False),
        ("P007", "open", "open", True),
        ("P007", "working", "working", False),
    ]


def test_who_leaves_at_a_refresh_is_on_the_list_no_more(bank: Bank) -> None:
    list_id = bank.make_list()
    slug = slug_of(bank, list_id)
    tell(bank)
    bank.later(timedelta(hours=2))
    bank.load(without=3)
    assert bank.api("manager").post(f"lists/{list_id}/refresh").status_code in (200, 202)
    bank.build()
    tell(bank)
    gone = [row[0] for row in known(bank, slug) if not row[3]]
    assert gone == ["P001", "P002", "P003"]
    assert sum(row[3] for row in known(bank, slug)) == 37


def test_a_second_list_of_a_day_gets_a_slug_of_its_own(bank: Bank) -> None:
    definition = bank.define()
    first, second = bank.make_list(definition), bank.make_list(definition)
    assert [slug_of(bank, i) for i in (first, second)] == [
        "deposits-20261120", "deposits-20261120-2",
    ]  # fmt: skip
    refused = bank.api("manager").post(
        "lists", {"definition": definition, "name": "同じ名", "slug": "deposits-20261120"}
    )
    assert refused.status_code == 409
    assert refused.json()["code"] == "slug_taken"


def test_rules_know_the_lists(bank: Bank) -> None:
    from enishi.gate.asking import catalog

    slug = slug_of(bank, bank.make_list())
    info = catalog().sets.lists()[slug]
    assert info.subject == "person"
    assert info.statuses["working"][1] == "working"
    assert ("deposit", "balance") in info.fields


@pytest.mark.parametrize("twice", [False, True])
def test_moves_of_one_member_follow_each_other(bank: Bank, twice: bool) -> None:
    from datetime import datetime

    from enishi.warehouse.list_members import MOVES, STANDING, tell_moves, tell_standing

    engine = bank.warehouse.engine
    start = datetime(2026, 1, 1)  # noqa: DTZ001  the warehouse keeps naive UTC
    standing = pa.table({"_id": ["a"], "status": ["open"], "means": ["open"]}, schema=STANDING)
    tell_standing(engine, "x", standing, start)
    steps = [("working", 1), ("done", 2), ("open", 3)]
    moves = pa.table(
        {
            "list": ["x"] * 3,
            "_id": ["a"] * 3,
            "status": [status for status, _ in steps],
            "means": [status for status, _ in steps],
            "at": [start + timedelta(hours=hour) for _, hour in steps],
        },
        schema=MOVES,
    )
    tell_moves(engine, moves)
    with engine.read() as question:
        rows = question.rows(
            "SELECT status, _from, _to FROM enishi.list_members WHERE list = 'x' ORDER BY _from"
        )
    assert [row[0] for row in rows] == ["open", "working", "done", "open"]
    assert [row[2] for row in rows[:-1]] == [row[1] for row in rows[1:]]
    if twice:  # one that stays is not moved again
        tell_moves(engine, moves.slice(2))
        with engine.read() as question:
            assert question.one("SELECT count(*) FROM enishi.list_members WHERE list = 'x'") == 4


def test_segments_follow_the_lists_they_name(sqlite_bank: Bank) -> None:
    """Nothing was loaded and no night has passed: a call and a build are news all the same."""
    from segments_world import Segments, numbers

    bank, world = sqlite_bank, Segments(sqlite_bank)
    list_id = bank.make_list()
    slug = slug_of(bank, list_id)
    tell(bank)
    world.make("tried", {"list": slug, "status": ["working"]})
    world.make("on-it", {"list": slug})
    world.run()
    assert (world.inside("tried"), world.inside("on-it")) == (set(), numbers(1, 40))
    bank.later(timedelta(hours=1))
    member = next(m for m in bank.members(list_id) if m["key"] == "P007")
    assert bank.log(list_id, member["id"], "no_answer").status_code == 201
    tell(bank)
    world.run()
    assert world.inside("tried") == {"P007"}
    bank.later(timedelta(hours=1))
    bank.load(without=3)
    world.run()
    assert bank.api("manager").post(f"lists/{list_id}/refresh").status_code in (200, 202)
    bank.build()
    tell(bank)
    world.run()
    assert world.inside("on-it") == numbers(4, 40)
    assert world.get("on-it")["last_refresh"]["mode"] == "incremental"
