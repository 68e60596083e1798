"""Refreshes that fail, are cancelled, or die: the last good state stands, the next try follows."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lists_world import CATALOG, Bank
from segments_world import MAIN, RICH, Segments, numbers


def killed_at(bank: Bank, place: str) -> int:
    """Run the loop of segments in a process that dies at the place; returns its return code."""
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
        [sys.executable, str(script), str(bank.workspace.root), bank.clock.now.isoformat(),
         "segments"],
        env=os.environ | book | {"ENISHI_CRASH_AT": place},
        capture_output=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    bank.reopen()
    assert done.returncode <= 0, done.stderr.decode()
    return done.returncode


def test_a_killed_refresh_is_finished_once(bank: Bank) -> None:
    """Whether it died before the warehouse had it, after, or after the book had it too."""
    world = Segments(bank)
    world.make("rich", RICH)
    world.run()
    for number, place in enumerate(("segments.decided", "segments.applied", "segments.done")):
        bank.later(timedelta(hours=1))
        bank.load(balances={1: 9_000_000 if number % 2 == 0 else 1})
        assert killed_at(bank, place) == -9
        during = world.get("rich")
        assert during["size"] in (11, 12)
        bank.later(timedelta(minutes=2))  # its lease is over
        world.run()
        found = world.get("rich")
        assert found["state"] == "fresh"
        assert found["size"] == len(world.inside("rich")) == (12 if number % 2 == 0 else 11)
        done = [row for row in world.get("rich/refreshes") if row["state"] == "done"]
        assert len(done) == number + 2, "one more, and only one"
        assert (done[0]["entered"], done[0]["left"]) == ((1, 0) if number % 2 == 0 else (0, 1))


def test_a_failed_refresh_keeps_the_last_state_and_is_tried_again(bank: Bank) -> None:
    world = Segments(bank)
    world.make("rich", RICH)
    world.make("main", MAIN)
    world.run()
    bank.later(timedelta(hours=1))
    catalog = bank.workspace.catalog_path / "bank.yaml"
    catalog.write_text(CATALOG.replace("name: person\n    inverse: deposits", "name: person"))
    world.post("rich/refresh", {"mode": "full"})
    world.post("main/refresh", {"mode": "full"})
    world.run()
    found = world.get("rich")
    assert (found["state"], found["size"], found["entered"]) == ("failed", 11, 11)
    assert found["failure"]["attempts"] == 1
    assert found["failure"]["message"]
    assert found["failure"]["next_try"] is not None
    assert found["sentence"] == ""
    assert found["warnings"]
    assert world.get("main")["state"] == "fresh", "another segment is refreshed all the same"
    bank.later(timedelta(minutes=1))
    world.run()
    assert world.get("rich")["failure"]["attempts"] == 2
    catalog.write_text(CATALOG)
    bank.later(timedelta(minutes=5))
    world.run()
    found = world.get("rich")
    assert (found["state"], found["failure"]) == ("fresh", None)


def test_a_dropped_dataset_fails_what_leans_on_it_and_makes_the_next_one_late(
    sqlite_bank: Bank,
) -> None:
    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.run()
    world.make("rich-main", {"all": [{"segment": "rich"}, MAIN]})
    world.run()
    catalog = sqlite_bank.workspace.catalog_path / "bank.yaml"
    without = CATALOG[: CATALOG.index("  deposit:")]
    catalog.write_text(without)
    sqlite_bank.later(timedelta(hours=1))
    world.post("rich/refresh", {"mode": "full"})
    world.run()
    assert world.get("rich")["state"] == "failed"
    assert world.get("rich-main")["state"] == "late"
    assert world.get("rich-main")["freshness"]["segments"][0]["state"] == "failed"


def test_rows_of_another_shape_than_the_catalog_are_not_decided_by(sqlite_bank: Bank) -> None:
    """Until they are loaded anew nobody can say what a rule means on them."""
    from enishi.sources.service import load

    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.make("main", MAIN)
    world.run()
    sqlite_bank.later(timedelta(hours=1))
    catalog = sqlite_bank.workspace.catalog_path / "bank.yaml"
    catalog.write_text(CATALOG.replace("type: decimal, scale: 2", "type: integer"))
    world.post("rich/refresh", {"mode": "full"})
    world.post("main/refresh", {"mode": "full"})
    world.run()
    found = world.get("rich")
    assert (found["state"], found["size"]) == ("failed", 11)
    assert "--rebuild" in found["failure"]["remedy"]
    assert world.get("main")["state"] == "fresh"
    value = {"related": "deposits", "measure": {"sum": "balance"}}
    refused = sqlite_bank.api("manager").post("segments/main/composition", {"value": value})
    assert (refused.status_code, refused.json()["code"]) == (409, "reload_needed")
    catalog.write_text(CATALOG.replace("type: decimal, scale: 2", "type: decimal, scale: 4"))
    warehouse = sqlite_bank.warehouse
    load(
        sqlite_bank.workspace, warehouse.engine, warehouse.catalog, ["deposit"],
        clock=sqlite_bank.clock, rebuild_first=True,
    )  # fmt: skip
    sqlite_bank.later(timedelta(minutes=1))
    world.run()
    assert world.get("rich")["state"] == "fresh"


def test_a_subject_that_the_catalog_no_longer_has_is_named(sqlite_bank: Bank) -> None:
    world = Segments(sqlite_bank)
    world.make("main", MAIN)
    world.run()
    renamed = CATALOG.replace("  person:\n", "  customer:\n")
    renamed = renamed.replace("subject: person", "subject: customer")
    catalog = sqlite_bank.workspace.catalog_path / "bank.yaml"
    catalog.write_text(renamed.replace("person.person_id", "customer.person_id"))
    api = sqlite_bank.api("manager")
    for path in ("members", "members?q=P001", "members/P001"):
        assert api.get(f"segments/main/{path}").status_code == 422, path
    for path in ("", "/trend", "/uses", "/versions", "/differences"):
        assert api.get(f"segments/main{path}").status_code == 200, path


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes; writing further fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_fails_a_refresh_with_its_reason(sqlite_bank: Bank, tmp_path: Path) -> None:
    from enishi.kernel.errors import Unavailable
    from enishi.warehouse.memberships import cycle
    from enishi.warehouse.refresh_log import Change, states

    engine = sqlite_bank.warehouse.engine
    many = (
        "SELECT md5(CAST(i AS VARCHAR)) || md5(CAST(-i AS VARCHAR)) AS _id FROM range(300000) r(i)"
    )
    at = sqlite_bank.clock.now
    size = max(f.stat().st_size for f in sqlite_bank.workspace.var.glob("warehouse.duckdb*"))
    with cycle(engine) as passing, files_up_to(size + 1_000_000):
        passing.touch([])
        passing.decide("many", many)
        changes = [Change("r1", "many", 1, True)]
        passing.compare(changes)
        with pytest.raises(Unavailable, match="cannot be written"):
            passing.apply(changes, at)
    with engine.read() as question:
        assert states(question) == {}
        assert question.one("SELECT count(*) FROM enishi.memberships") == 0
    with cycle(engine) as passing:
        passing.touch([])
        passing.decide("many", many)
        passing.compare(changes)
        [stored] = passing.apply(changes, at)
    assert stored.size == 300_000, "with room again it goes through"


def test_a_warehouse_that_cannot_be_asked_fails_every_refresh_and_says_so(
    sqlite_bank: Bank,
) -> None:
    """Before any of them is looked at alone: none may be left running for ever."""
    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.make("main", MAIN)
    world.run()
    sqlite_bank.later(timedelta(hours=1))
    with sqlite_bank.warehouse.engine.write() as writer:
        writer.execute("ALTER TABLE enishi.list_members RENAME TO away")
    for slug in ("rich", "main"):
        world.post(f"{slug}/refresh", {"mode": "full"})
    world.run()
    for slug, size in (("rich", 11), ("main", 20)):
        found = world.get(slug)
        assert (found["state"], found["size"]) == ("failed", size)
        assert found["failure"]["message"]
        assert found["failure"]["next_try"] is not None
    with sqlite_bank.warehouse.engine.write() as writer:
        writer.execute("ALTER TABLE enishi.away RENAME TO list_members")
    sqlite_bank.later(timedelta(minutes=1))
    world.run()
    assert {world.get(slug)["state"] for slug in ("rich", "main")} == {"fresh"}


def test_two_wishes_follow_each_other_and_can_be_cancelled(bank: Bank) -> None:
    world = Segments(bank)
    world.make("rich", RICH)
    api = bank.api("manager")
    first = api.post("segments/rich/refresh", {"mode": "incremental"})
    again = api.post("segments/rich/refresh", {"mode": "full"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["id"] == again.json()["id"]
    world.post("rich/refresh/cancel")
    assert api.post("segments/rich/refresh/cancel").json()["code"] == "no_refresh"
    world.run()
    assert world.inside("rich") == set()
    world.post("rich/refresh", {"mode": "full"})
    world.run()
    assert world.inside("rich") == numbers(30, 40)


def test_a_running_refresh_is_cancelled_before_it_counts(
    sqlite_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statement at work is stopped; the members stay as they were."""
    from enishi.segments import jobs

    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    monkeypatch.setattr(jobs, "_BEAT_SECONDS", 0.05)
    begun = threading.Event()
    endless = "SELECT sum(a.i * b.i)::VARCHAR AS _id FROM range(10000000) a(i), range(1000000) b(i)"

    def slow(*_: Any, **__: Any) -> str:
        begun.set()
        return endless

    monkeypatch.setattr("enishi.segments.refreshing.compile_segment", slow)
    loop = threading.Thread(target=jobs.run_once)
    loop.start()
    assert begun.wait(10)
    world.post("rich/refresh/cancel")
    loop.join(20)
    assert not loop.is_alive()
    found = world.get("rich/refreshes")
    assert [row["state"] for row in found] == ["cancelled"]
    assert world.inside("rich") == set()


def test_the_clock_asks_for_a_full_refresh_at_night_and_as_often_as_wished(
    sqlite_bank: Bank,
) -> None:
    world = Segments(sqlite_bank)
    world.make("rich", RICH)
    world.make("often", MAIN, refresh_every="2h")
    world.run()
    assert world.get("often")["freshness"]["promised"] == "2h"
    sqlite_bank.later(timedelta(hours=2, minutes=1))
    world.run()
    assert [row["cause"] for row in world.get("often/refreshes")] == ["schedule", "created"]
    assert len(world.get("rich/refreshes")) == 1
    sqlite_bank.later(timedelta(hours=13))
    world.run()
    assert [row["cause"] for row in world.get("rich/refreshes")] == ["nightly", "created"]
    assert world.get("rich")["freshness"]["late"] is False
    sqlite_bank.later(timedelta(days=2))
    assert world.get("rich")["state"] == "late", "nobody has refreshed it since"


def test_people_beyond_the_row_scope_are_neither_shown_nor_counted(sqlite_bank: Bank) -> None:
    from enishi.book.access import OPERATOR
    from enishi.book.scopes import set_role

    world = Segments(sqlite_bank)
    world.make("rich", RICH, role="analyst")
    world.make("main", MAIN, role="analyst")
    world.run()
    scope = {"field": "branch", "op": "eq", "value": {"user": "branch"}}
    set_role(OPERATOR, "manager", scope, "high")
    found = world.get("rich")
    assert (found["size"], found["entered"]) == (6, 6)
    assert found["last_refresh"]["size"] is None
    members = world.get("rich/members")
    assert members["total"] == 6
    assert all(int(item["key"][1:]) % 2 == 0 for item in members["items"])
    assert world.get("rich/trend?days=1")["sizes"][0]["size"] == 6
    overlap = world.post("overlap", {"slugs": ["rich", "main"]})
    assert overlap["total"] == 20
    spread = world.post("rich/composition", {"value": {"field": "branch"}})
    assert [b["count"] for b in spread["buckets"]] == [6]
    hidden = sqlite_bank.api("manager").get("segments/rich/members/P031")
    assert hidden.status_code == 404
    made = sqlite_bank.api("manager").post("segments/rich/export", {"format": "csv_utf8"})
    assert made["X-Enishi-Rows"] == "6"
    assert "X-Enishi-Left-Out" not in made, "how many there are beyond is not the reader's to know"
    text = b"".join(made.streaming_content).decode("utf-8-sig")
    assert "P030" in text
    assert "P031" not in text


def test_exports_are_audited_with_every_person(sqlite_bank: Bank) -> None:
    from enishi.book.models import AuditRow

    world = Segments(sqlite_bank)
    world.make("rich", RICH, purpose="deposits")
    world.run()
    api = sqlite_bank.api("manager")
    for form in ("csv_cp932", "xlsx", "parquet"):
        columns = {"支店": {"field": "branch"}}
        made = api.post("segments/rich/export", {"format": form, "columns": columns})
        assert made.status_code == 200, form
        assert b"".join(made.streaming_content)
    rows = list(AuditRow.objects.filter(action="segment.export"))
    assert [len(row.subjects) for row in rows] == [11, 11, 11]
    refused = api.post("segments/rich/export", {"columns": {"x": {"field": "income"}}})
    assert refused.status_code == 422
