"""`enishi serve` as processes: it comes up, mends what dies, ends whole, and says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from book_fixtures import PASSWORD, make_workspace
from enishi.book.models import User
from enishi.book.process import ENV_SUPERVISED
from enishi.book.workspace import Workspace
from enishi.cli.supervisor import LONGEST_WAIT, STEADY, Child

_PATIENCE = 60.0


def spare_port() -> int:
    """A port whose successor is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def until(found: Callable[[], object], what: str) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + _PATIENCE
    while not found():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def answers(url: str) -> tuple[int, bytes] | None:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return None


def children(parent: int) -> dict[int, str]:
    """The processes a process has started, by id, with their command."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        state, ppid = stat.rpartition(")")[2].split()[:2]
        if int(ppid) == parent and state != "Z":
            found[int(entry.name)] = command
    return found


@contextmanager
def serving(root: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = spare_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "enishi.cli.main", "-w", str(root), "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"ENISHI_LANG": "en"},
    )
    try:
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = make_workspace(tmp_path / "w")
    (made.root / "catalog").mkdir()
    (made.root / "catalog" / "a.yaml").write_text("version: 1\ndatasets: {}\n")
    return made.root


def test_it_comes_up_mends_what_dies_and_ends_whole(root: Path) -> None:
    with serving(root) as (process, port):
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/api/session"), "the API")
        until(lambda: answers(f"http://127.0.0.1:{port + 1}/healthz"), "the ingest")
        strange = answers(f"http://127.0.0.1:{port + 1}/v1/projects/nobody/settings")
        assert strange is not None
        assert strange[0] == 401  # no event source has such a key
        assert json.loads(strange[1])["remedy"]
        door = root / "var" / "door.json"
        until(door.exists, "the door")
        before = children(process.pid)
        assert len(before) == 3
        work = next(pid for pid, command in before.items() if "enishi.work" in command)
        os.kill(work, signal.SIGKILL)
        until(lambda: work not in children(process.pid), "its end")
        until(
            lambda: [
                p for p, c in children(process.pid).items() if "enishi.work" in c and p != work
            ],
            "a new work process",
        )
        until(lambda: json.loads(door.read_text())["pid"] != work, "a new door")
        everybody = {*children(process.pid)}
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert not [pid for pid in everybody if Path(f"/proc/{pid}").exists()]
        assert answers(f"{url}/healthz") is None
        assert not door.exists()
        assert process.stdout is not None
        told = process.stdout.read()
        assert f"http://localhost:{port}" in told
        assert "work ended with code -9" in told


def test_the_web_never_takes_the_warehouse_for_itself(
    book: Workspace, people: dict[str, User]
) -> None:
    """Without the work process a question is a sentence, and the file stays free."""
    (book.root / "catalog").mkdir()
    (book.root / "catalog" / "a.yaml").write_text("version: 1\ndatasets: {}\n")
    port = spare_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "enishi.web.main", "127.0.0.1", str(port)],
        env=os.environ | {"ENISHI_WORKSPACE": str(book.root), ENV_SUPERVISED: "1"},
    )
    try:
        url = f"http://127.0.0.1:{port}/api"
        until(lambda: answers(f"{url}/session"), "the API")
        browser = signed_in(url, people["manager"].email)
        with pytest.raises(urllib.error.HTTPError) as refused:
            browser.open(f"{url}/customers")
        assert refused.value.code == 503
        assert json.loads(refused.value.read())["code"] == "door_closed"
        assert not book.warehouse_path.exists()
    finally:
        process.terminate()
        process.wait(30)


ONE_SUBJECT = """
version: 1
datasets:
  client: {kind: current, subject: person, key: id, fields: {id: {type: integer}}}
"""


def signed_in(url: str, email: str) -> urllib.request.OpenerDirector:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    body = json.dumps({"email": email, "password": PASSWORD}).encode()
    with browser.open(f"{url}/auth/sign-in", body) as answer:
        assert answer.status == 200
    return browser


def test_while_work_is_down_a_sentence_and_then_all_is_well(
    book: Workspace, people: dict[str, User]
) -> None:
    (book.root / "catalog").mkdir()
    (book.root / "catalog" / "a.yaml").write_text(ONE_SUBJECT)
    with serving(book.root) as (process, port):
        url = f"http://127.0.0.1:{port}/api"
        until(lambda: answers(f"{url}/session"), "the API")
        browser = signed_in(url, people["manager"].email)

        def ask() -> tuple[int, dict[str, object]]:
            try:
                with browser.open(f"{url}/customers", timeout=20) as answer:
                    return answer.status, json.loads(answer.read())
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read())

        until(lambda: ask()[0] == 200, "the first answer")
        for _ in range(2):
            work = next(pid for pid, told in children(process.pid).items() if "enishi.work" in told)
            os.kill(work, signal.SIGKILL)
            status, told = ask()
            assert (status, told["code"]) == (503, "door_closed")
            assert told["remedy"]
            with browser.open(f"{url}/session") as own:
                assert own.status == 200, "what needs no warehouse goes on"
            until(lambda: ask()[0] == 200, "the next answer")
        assert ask()[1] == {"items": [], "total": 0}


def test_children_do_not_outlive_a_killed_supervisor(book: Workspace) -> None:
    (book.root / "catalog").mkdir()
    (book.root / "catalog" / "a.yaml").write_text("version: 1\ndatasets: {}\n")
    with serving(book.root) as (process, port):
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the web")
        everybody = {*children(process.pid)}
        everybody |= {inner for pid in list(everybody) for inner in children(pid)}
        process.kill()
        process.wait()
        until(
            lambda: not [pid for pid in everybody if Path(f"/proc/{pid}").exists()],
            "the end of the children",
        )


def test_a_taken_port_is_a_sentence(root: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "enishi.cli.main",
                "-w",
                str(root),
                "serve",
                "--port",
                str(port),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"ENISHI_LANG": "en"},
        )
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "--port" in done.stderr


def test_a_child_that_keeps_dying_is_started_ever_more_rarely() -> None:
    child = Child("x", [sys.executable, "-c", "raise SystemExit(3)"])
    now, pauses = 0.0, []
    for _ in range(9):
        child.start(os.environ, now)
        assert child.process is not None
        child.process.wait()
        assert child.has_ended(now) == 3
        assert child.has_ended(now) is None, "told once"
        pauses.append(child.pause)
        assert child.due == now + child.pause
        now = child.due
    assert pauses == [0.5, 1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    child.start(os.environ, now)
    assert child.process is not None
    child.process.wait()
    child.has_ended(now + STEADY + 1)
    assert child.pause == 0.5, "after a steady while it begins anew"
