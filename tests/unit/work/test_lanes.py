"""Lanes: apart from each other, patient with failures, woken by a poke, ended after a slice."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import connection, connections

from enishi.book.clock import now
from enishi.book.models import Attempt
from enishi.book.unit import work
from enishi.book.workspace import Workspace
from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.work import lanes, noticing
from enishi.work.lanes import Context, Lanes

CONTEXT = cast(Context, None)
PATIENCE = 10.0


def test_a_lane_that_fails_does_not_stop_another(caplog: pytest.LogCaptureFixture) -> None:
    went = threading.Event()

    def broken(_: Context) -> bool:
        raise RuntimeError("佐藤花子")

    def good(_: Context) -> bool:
        went.set()
        return False

    running = Lanes(CONTEXT, [("broken", broken), ("good", good)])
    with caplog.at_level(logging.INFO):
        running.start()
        assert went.wait(PATIENCE)
        running.stop()
    assert "broken failed with RuntimeError" in caplog.text
    assert "佐藤" not in caplog.text


def test_a_poke_wakes_an_idle_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "IDLE_SECONDS", 3600.0)
    turns = threading.Semaphore(0)

    def idle(_: Context) -> bool:
        turns.release()
        return False

    running = Lanes(CONTEXT, [("idle", idle)])
    running.start()
    assert turns.acquire(timeout=PATIENCE)
    for _ in range(3):
        running.poke()
        assert turns.acquire(timeout=PATIENCE)
    running.stop()


def test_while_there_is_more_it_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "IDLE_SECONDS", 3600.0)
    left, done = [5], threading.Event()

    def slices(_: Context) -> bool:
        left[0] -= 1
        if left[0] == 0:
            done.set()
        return left[0] > 0

    running = Lanes(CONTEXT, [("slices", slices)])
    running.start()
    assert done.wait(PATIENCE)
    running.stop()


def test_stopping_waits_for_the_slice_under_way() -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def long(_: Any) -> bool:
        begun.set()
        go_on.wait()
        ended.set()
        return True

    running = Lanes(CONTEXT, [("long", long)])
    running.start()
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=running.stop)
    stopping.start()
    go_on.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    assert ended.is_set()


def test_what_is_committed_wakes_the_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "IDLE_SECONDS", 3600.0)
    monkeypatch.setattr(lanes, "APART_SECONDS", 0.001)
    monkeypatch.setattr(lanes, "LOOK_SECONDS", 0.001)
    committed = [0]
    turns, failures = threading.Semaphore(0), threading.Semaphore(0)

    def idle(_: Context) -> bool:
        turns.release()
        return False

    def broken(_: Context) -> bool:
        failures.release()
        raise RuntimeError

    running = Lanes(CONTEXT, [("idle", idle), ("broken", broken)], mark=lambda: committed[0])
    running.start()
    assert failures.acquire(timeout=PATIENCE)
    while failures.acquire(timeout=0.05):  # woken once more while it was about to fail
        pass
    for _ in range(3):
        while turns.acquire(timeout=0.05):  # what woke it before
            pass
        committed[0] += 1
        assert turns.acquire(timeout=PATIENCE)
    running.stop()
    assert not failures.acquire(blocking=False), "a lane that has failed rests"


def test_the_mark_changes_with_every_commit(both_books: Workspace) -> None:
    warehouse = cast(Any, SimpleNamespace(engine=SimpleNamespace(books=DuckDBEngine(None))))
    marked = ThreadPoolExecutor(1)  # a connection of its own, as the thread that asks has

    def mark() -> object:
        return marked.submit(noticing.mark, warehouse).result()

    alone = connection.vendor == "sqlite"  # a server may have other writers
    before = mark()
    assert Attempt.objects.count() == 0
    assert mark() == before or not alone
    with work():
        Attempt.objects.create(key="somebody", since=now())
        assert mark() == before or not alone, "nothing is committed yet"
    after = mark()
    assert after != before
    with warehouse.engine.books.write() as writer:
        writer.execute("CREATE TABLE t (n INTEGER)")
    assert mark() != after
    warehouse.engine.books.close()
    marked.submit(connections.close_all).result()
    marked.shutdown()
