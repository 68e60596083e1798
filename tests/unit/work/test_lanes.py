"""Lanes: apart from each other, patient with failures, woken by a poke, ended after a slice."""

from __future__ import annotations

import logging
import threading
from typing import Any, cast

import pytest

from enishi.work import lanes
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
