"""A refresh shows added, left and changed, never half of it, and loses no work; kills included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enishi.lists import jobs
from enishi.lists.models import ActionableList, Build, Engagement, Member
from lists_world import PEOPLE, Bank


def refresh(bank: Bank, list_id: str) -> dict[str, Any]:
    asked = bank.api("manager").post(f"lists/{list_id}/refresh")
    assert asked.status_code == 202, asked.content.decode()
    bank.build()
    found: dict[str, Any] = (
        bank.api("manager").get(f"lists/{list_id}/builds/{asked.json()['id']}").json()
    )
    assert found["state"] == "done", found
    return found


def by_key(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in rows}


def test_refresh_keeps_work_and_tells_what_changed(bank: Bank) -> None:
    list_id = bank.make_list()
    before = by_key(bank.members(list_id))
    assert len(before) == PEOPLE
    bank.log(list_id, before["P001"]["id"], "positive", next_step="来店",
             next_at="2026-11-25T10:00:00")  # fmt: skip
    bank.load(without=3, balances={40: 1})
    told = refresh(bank, list_id)
    assert (told["added"], told["left"], told["changed"]) == (0, 3, 1)

    after = by_key(bank.members(list_id))
    assert len(after) == PEOPLE - 3
    assert after["P040"]["values"]["balance"] == 1.5
    assert after["P040"]["id"] == before["P040"]["id"]
    left = by_key(bank.members(list_id, presence="left"))
    assert set(left) == {"P001", "P002", "P003"}
    assert left["P001"]["present"] is False
    assert (left["P001"]["status"], left["P001"]["next_step"]) == ("working", "来店")

    changes = bank.api("manager").get(f"lists/{list_id}/changes?kind=changed").json()
    assert changes["total"] == 1
    assert changes["items"][0]["fields"] == ["Balance"]
    assert changes["items"][0]["before"] == {"balance": 4_000_000.5}
    assert changes["items"][0]["after"] == {"balance": 1.5}
    gone = bank.api("manager").get(f"lists/{list_id}/changes?kind=left").json()
    assert [row["has_work"] for row in gone["items"]].count(True) == 1

    bank.load()
    told = refresh(bank, list_id)
    assert (told["added"], told["left"], told["changed"]) == (3, 0, 1)
    again = by_key(bank.members(list_id))
    assert again["P001"]["id"] == before["P001"]["id"]
    assert again["P001"]["status"] == "working"
    assert refresh(bank, list_id)["changed"] == 0


def test_nothing_of_a_refresh_shows_before_it_is_published(bank: Bank) -> None:
    list_id = bank.make_list()
    whole = by_key(bank.members(list_id))
    bank.load(without=5, balances=dict.fromkeys(range(6, PEOPLE + 1), 7))
    bank.api("manager").post(f"lists/{list_id}/refresh")
    seen = []
    while jobs.run_once():
        state = Build.objects.get(list_id=list_id, number=2).state
        rows = by_key(bank.members(list_id))
        seen.append((state, len(rows)))
        if state in ("queued", "gathering", "writing"):
            assert {k: r["values"] for k, r in rows.items()} == {
                k: r["values"] for k, r in whole.items()
            }
        else:
            assert len(rows) == PEOPLE - 5
            assert all(row["values"]["balance"] == 7.5 for row in rows.values())
            top = bank.members(list_id, sort="-value.balance", limit=1)
            assert top[0]["values"]["balance"] == 7.5
    assert {state for state, _ in seen} >= {"writing", "folding", "done"}


def test_work_goes_on_while_a_refresh_is_folded(bank: Bank) -> None:
    list_id = bank.make_list()
    bank.load(without=1, balances=dict.fromkeys(range(2, PEOPLE + 1), 7))
    bank.api("manager").post(f"lists/{list_id}/refresh")
    while Build.objects.get(list_id=list_id, number=2).state != "folding":
        assert jobs.run_once()
    claimed = bank.api("manager").post(f"lists/{list_id}/claim-next").json()["member"]
    assert claimed["key"] != "P001"
    assert claimed["values"]["balance"] == 7.5
    done = bank.log(list_id, claimed["id"], "won")
    assert done.status_code == 201
    hand = bank.api("manager").post(
        f"lists/{list_id}/members/bulk",
        {"action": "priority", "ids": [claimed["id"]], "priority": "low"},
    )
    assert hand.json()["changed"] == 1
    bank.build()
    row = next(r for r in bank.members(list_id) if r["id"] == claimed["id"])
    assert (row["meaning"], row["priority"]) == ("done", "low")


def test_two_who_refresh_at_once_get_one_build(bank: Bank) -> None:
    list_id = bank.make_list()
    first = bank.api("manager").post(f"lists/{list_id}/refresh")
    second = bank.api("administrator").post(f"lists/{list_id}/refresh")
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["id"] == second.json()["id"]
    assert second.json()["message"] == "試験 manager is refreshing this list."
    bank.build()
    assert Build.objects.filter(list_id=list_id).count() == 2


def test_many_who_refresh_in_the_same_moment_get_one_build(bank: Bank) -> None:
    from django.db import connections

    from enishi.lists.service import refresh as ask

    list_id = bank.make_list()
    actors = [bank.actor("manager"), bank.actor("administrator")] * 3
    got: list[tuple[str, bool]] = []
    start = threading.Barrier(len(actors))

    def press(actor: Any) -> None:
        start.wait()
        try:
            build, new = ask(list_id, actor)
            got.append((build.id, new))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(actors)
    assert len({build for build, _ in got}) == 1
    assert [new for _, new in got].count(True) == 1
    assert Build.objects.filter(list_id=list_id).count() == 2


def test_a_cancelled_refresh_leaves_the_list_as_it_was(bank: Bank) -> None:
    list_id = bank.make_list()
    bank.load(without=5)
    asked = bank.api("manager").post(f"lists/{list_id}/refresh").json()
    jobs.run_once()
    stopped = bank.api("manager").post(f"lists/{list_id}/builds/{asked['id']}/cancel")
    assert stopped.json()["state"] == "cancelled"
    bank.build()
    assert len(bank.members(list_id)) == PEOPLE
    assert refresh(bank, list_id)["left"] == 5


def test_a_failed_first_build_can_be_tried_again(bank: Bank) -> None:
    definition = bank.define()
    made = bank.api("manager").post("lists", {"definition": definition, "name": "満期"}).json()
    catalog = bank.workspace.catalog_path / "bank.yaml"
    whole = catalog.read_text(encoding="utf-8")
    catalog.write_text(whole.replace("income:", "earnings:"), encoding="utf-8")
    catalog.write_text(whole.replace("      branch:", "      shop:"), encoding="utf-8")
    bank.build()
    found = bank.api("manager").get(f"lists/{made['id']}").json()
    assert found["state"] == "failed"
    assert found["build"]["message"]
    catalog.write_text(whole, encoding="utf-8")
    refresh(bank, made["id"])
    assert len(bank.members(made["id"])) == PEOPLE


@pytest.mark.parametrize(
    "place",
    ["lists.gather", "lists.gathered", "lists.write", "lists.publish", "lists.published",
     "lists.fold"],
)  # fmt: skip
def test_a_killed_refresh_is_finished_by_the_next_worker(bank: Bank, place: str) -> None:
    list_id = bank.make_list()
    one = by_key(bank.members(list_id))["P002"]
    assert bank.log(list_id, one["id"], "positive").status_code == 201
    bank.load(without=1, balances=dict.fromkeys(range(2, PEOPLE + 1), 9))
    bank.api("manager").post(f"lists/{list_id}/refresh")

    assert killed_at(bank, place) == -signal.SIGKILL

    rows = by_key(bank.members(list_id))
    amounts = {row["values"]["balance"] for row in rows.values()}
    assert len(amounts) in (1, PEOPLE)  # all new or all old, never a mixture
    assert rows["P002"]["status"] == "working"
    assert jobs.run_once() is False  # the dead worker's lease still holds
    bank.clock.advance(jobs.LEASE + timedelta(seconds=1))
    bank.build()
    assert Build.objects.get(list_id=list_id, number=2).state == "done"
    rows = by_key(bank.members(list_id))
    assert {row["values"]["balance"] for row in rows.values()} == {9.5}
    assert len(rows) == PEOPLE - 1
    told = Build.objects.get(list_id=list_id, number=2)
    assert (told.added, told.left, told.changed) == (0, 1, PEOPLE - 1)
    assert Engagement.objects.count() == 1
    assert Member.objects.filter(list_id=list_id, next_build__isnull=False).count() == 0


@pytest.mark.parametrize("place", ["lists.gathered", "lists.write", "lists.publish"])
def test_a_killed_first_build_is_done_cleanly(bank: Bank, place: str) -> None:
    definition = bank.define()
    bank.build()
    made = bank.api("manager").post("lists", {"definition": definition, "name": "満期"}).json()

    assert killed_at(bank, place) == -signal.SIGKILL

    assert bank.members(made["id"]) == []
    bank.clock.advance(jobs.LEASE + timedelta(seconds=1))
    bank.build()
    assert len(bank.members(made["id"])) == PEOPLE
    assert ActionableList.objects.get(id=made["id"]).state == "open"


def killed_at(bank: Bank, place: str) -> int:
    """Run the loop of lists in a process that dies at the place; returns its return code."""
    from django.db import connection, connections

    book = {}
    if connection.vendor == "postgresql":
        at = connection.settings_dict
        book["ENISHI_DATABASE_URL"] = (
            f"postgresql://{at['USER']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
        )
    connections.close_all()
    bank.warehouse.close()  # the other process takes the file, as work does
    script = Path(__file__).parents[1] / "lists_worker.py"
    done = subprocess.run(
        [sys.executable, str(script), str(bank.workspace.root), bank.clock.now.isoformat()],
        env=os.environ | book | {"ENISHI_CRASH_AT": place},
        capture_output=True,
        timeout=60,
        check=False,
    )
    bank.reopen()
    assert done.returncode <= 0, done.stderr.decode()
    return done.returncode
