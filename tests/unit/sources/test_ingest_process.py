"""The ingest process as such: what it does with slow and large senders, and how it dies."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from enishi.book.workspace import Workspace, read_workspace
from ingest_world import SERVER, Served, basic, events_logged, put_keys, served, start

EVENT = {"type": "track", "event": "x", "userId": "u"}


@pytest.fixture(scope="module")
def ingest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(a_home(tmp_path_factory.mktemp("ingest")).root) as found:
        yield found


def a_home(root: Path) -> Workspace:
    (root / "enishi.toml").write_text('name = "t"\n', encoding="utf-8")
    found = read_workspace(root)
    put_keys(found)
    return found


def workers(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    waited = threading.Event()
    while not found():
        assert time.monotonic() < deadline, "waited in vain"
        waited.wait(0.02)


def send(process: Served, message: str) -> int:
    body = json.dumps(EVENT | {"messageId": message}).encode()
    try:
        return process.fetch("/v1/track", body, basic(SERVER)).status
    except OSError:
        return 0


def begun(process: Served, size: int, sent: bytes) -> socket.socket:
    """A request whose body has not arrived whole."""
    line = socket.create_connection(("127.0.0.1", process.port))
    head = f"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n"
    login = basic(SERVER)["authorization"]
    line.sendall(f"{head}Authorization: {login}\r\n\r\n".encode() + sent)
    return line


def test_many_who_send_nothing_do_not_keep_others_out(ingest: Served) -> None:
    waiting = [begun(ingest, 500_000, b'{"a":') for _ in range(300)]
    assert send(ingest, "beside them") == 200
    for line in waiting:
        line.close()
    assert send(ingest, "after them") == 200


def test_who_sends_too_much_is_told_so_and_not_cut_off(ingest: Served) -> None:
    for size in (600_000, 5_000_000):
        answer = ingest.fetch("/v1/batch", b" " * size, basic(SERVER))
        assert (answer.status, answer.code) == (413, "batch_too_large")
    line = begun(ingest, 2_000_000, b"")
    for _ in range(20):
        line.sendall(b" " * 100_000)
        assert ingest.fetch("/healthz").status == 200  # meanwhile the piece has been read
    assert line.recv(1000).startswith(b"HTTP/1.1 413")
    line.close()


def test_nobody_asks_for_the_snippet_in_vain(ingest: Served) -> None:
    answer = ingest.fetch("/enishi.js")
    if answer.status == 404:  # not built here
        assert answer.code == "not_found"
        return
    assert answer.headers["content-type"].startswith("text/javascript")
    again = ingest.fetch("/enishi.js", None, {"if-none-match": answer.headers["etag"]})
    assert again.status == 304


def test_a_killed_worker_comes_back_and_has_lost_nothing(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    process = start(home.root)
    try:
        assert send(process, "before") == 200
        [worker] = workers(process.process.pid)
        os.kill(worker, signal.SIGKILL)
        until(lambda: send(process, "after") == 200)
        kept = [event["messageId"] for event in events_logged(home)]
        assert kept[0] == "before"
        assert "after" in kept
    finally:
        process.process.terminate()
        process.process.wait(30)


def test_the_worker_of_a_killed_server_lets_go_of_the_log(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    first = start(home.root)
    assert send(first, "before") == 200
    os.kill(first.process.pid, signal.SIGKILL)  # the server alone, as by who is out of memory
    first.process.wait()
    second = start(home.root, first.port)
    try:
        until(lambda: send(second, "after") == 200)
        assert {event["messageId"] for event in events_logged(home)} == {"before", "after"}
    finally:
        second.process.terminate()
        second.process.wait(30)


def test_it_ends_when_asked_and_answers_what_it_has(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    process = start(home.root)
    acknowledged: list[str] = []
    stop = threading.Event()

    def keep_sending() -> None:
        number = 0
        while not stop.is_set():
            if send(process, str(number)) == 200:
                acknowledged.append(str(number))
            number += 1

    sender = threading.Thread(target=keep_sending)
    sender.start()
    until(lambda: len(acknowledged) > 20)
    process.process.terminate()
    assert process.process.wait(30) == 0
    stop.set()
    sender.join()
    kept = {event["messageId"] for event in events_logged(home)}
    assert set(acknowledged) <= kept
