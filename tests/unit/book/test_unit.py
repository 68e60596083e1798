"""Units of work: turns, savepoints, chunks that give way, crash points."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from enishi.book import unit
from enishi.book.clock import now
from enishi.book.models import Attempt
from enishi.book.unit import grown, in_chunks, work
from enishi.book.workspace import Workspace
from enishi.kernel.errors import Unavailable


def add(keys: list[str]) -> None:
    Attempt.objects.bulk_create([Attempt(key=key, since=now()) for key in keys])


def test_all_or_nothing(both_books: Workspace) -> None:
    def fail() -> None:
        with work():
            add(["a"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert Attempt.objects.count() == 0


def test_bulk_work_is_written_whole_and_tells_its_progress(both_books: Workspace) -> None:
    progress: list[int] = []
    keys = [f"k{n}" for n in range(5000)]
    assert in_chunks(keys, add, size=300, after=progress.append) == 5000
    assert Attempt.objects.count() == 5000
    assert progress == sorted(progress)
    assert progress[-1] == 5000
    assert len(progress) > 1


def test_bulk_work_that_fails_keeps_the_chunks_before(both_books: Workspace) -> None:
    def some() -> Iterator[str]:
        yield from (f"k{n}" for n in range(100))
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        in_chunks(some(), add, size=20)
    assert Attempt.objects.count() == 70  # 20, then 50; the last 30 were never a whole chunk


def test_a_chunk_shrinks_when_writing_is_slow(book: Workspace) -> None:
    sizes: list[int] = []

    def slow(chunk: list[int]) -> None:
        sizes.append(len(chunk))
        ends = time.perf_counter() + len(chunk) / 1000 * 0.2
        while time.perf_counter() < ends:
            pass

    in_chunks(range(2000), slow, size=1000, target_ms=50)
    assert sizes[0] == 1000
    assert all(size <= 400 for size in sizes[1:])


def test_a_unit_does_not_become_small_for_what_it_only_waits_for() -> None:
    assert grown(0.010, 0.010, 50.0) == 2.0, "at most twice as large"
    assert grown(0.100, 0.100, 50.0) == 0.5, "work is shared out"
    assert grown(0.500, 0.015, 50.0) == 1.0, "a slow disk is as slow for a small one"
    assert grown(0.500, 0.001, 50.0) == 2.0


def test_a_waiting_writer_gets_its_turn_between_chunks(book: Workspace) -> None:
    """What the book promises to a call logged beside a large build."""
    stop = threading.Event()
    waits: list[float] = []

    def bulk() -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                in_chunks([f"b{number}-{n}" for n in range(3000)], add, size=500)
        finally:
            connection.close()

    thread = threading.Thread(target=bulk)
    thread.start()
    try:
        for number in range(15):
            begun = time.perf_counter()
            with work():
                add([f"call{number}"])
            waits.append(time.perf_counter() - begun)
    finally:
        stop.set()
        thread.join()
    assert sorted(waits)[len(waits) // 2] < 0.5  # wide: the machine is shared


def test_a_writer_that_never_gets_a_turn_is_told(
    book: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit, "BUSY_SECONDS", 0.05)
    begun, end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with work():
                begun.set()
                end.wait()
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    try:
        with pytest.raises(Unavailable) as refused, work():
            pass
        assert refused.value.code == "book_busy"
    finally:
        end.set()
        thread.join()


_PROGRAM = """
import sys
from pathlib import Path
from enishi.book.setup import setup
from enishi.book.workspace import read_workspace
setup(read_workspace(Path(sys.argv[1])))
from enishi.book.clock import now
from enishi.book.models import Attempt
from enishi.book.unit import crash_point, in_chunks
def write(chunk):
    Attempt.objects.bulk_create([Attempt(key=f"k{n}", since=now()) for n in chunk])
    crash_point("test.chunk")
in_chunks(range(1000), write, size=100, target_ms=0.001)
"""


def test_a_killed_process_leaves_whole_chunks(book: Workspace) -> None:
    environment = os.environ | {"ENISHI_CRASH_AT": "test.chunk:3"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(book.root)], env=environment, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert Attempt.objects.count() == 150  # 100, then 50; the third chunk died uncommitted


def test_without_the_variable_the_same_process_finishes(book: Workspace) -> None:
    """The control: it is the crash point that kills."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM, str(book.root)], check=False)
    assert done.returncode == 0
    assert Attempt.objects.count() == 1000


def test_what_sqlite_commits_is_on_the_disk(book: Workspace) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2  # FULL
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone()[0] == 1
