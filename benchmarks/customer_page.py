"""How fast a customer's page opens, over HTTP from a served workspace, beside SQL by hand.

    python -m benchmarks.customer_page                  # 1M persons, 3M accounts, 50M events
    python -m benchmarks.customer_page --scale 0.02     # a fiftieth of it
    python -m benchmarks.customer_page --keep FOLDER    # keeps the data, and uses it the next time
    python -m benchmarks.customer_page --unsorted       # the events as a stream leaves them

An opening is what the interface asks for at once: the head, what stops contacts, the timeline, its
years, segments, lists and notes, side by side over as many connections as a browser has. `open` is
from the first request to the last answer; `top` until head, restrictions and the first page of the
timeline are there. Persons are drawn by a seed. By hand: SQL of the same rows in one connection,
without scope, masking, words or a second process. Every page's timeline is compared with it.
Prints JSON.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from benchmarks.segments.data import AS_OF, Size, make, write_catalog
from benchmarks.segments.run import machine

CONNECTIONS = 6  # as many as a browser opens to one host
TOP = ("", "/restrictions", "/timeline")
REST = ("/timeline/summary", "/segments", "/lists", "/notes")
FURTHER = ("/brief", "/gate/matrix", "/consents")
EMAIL, SEGMENTS = "bench@example.jp", 10
FIRST_DAYS, PAGE = 92, 60


class Session:
    """One connection of a signed-in browser."""

    def __init__(self, url: str, cookie: str = "") -> None:
        self._host, self._cookie = urlsplit(url).netloc, cookie
        self._http = http.client.HTTPConnection(self._host)

    def get(self, path: str) -> Any:
        self._http.request("GET", path, headers={"Cookie": self._cookie, "Accept-Language": "ja"})
        answer = self._http.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:300].decode()}")
        return json.loads(body)

    def sign_in(self, password: str) -> str:
        """The cookie of a new session."""
        told = json.dumps({"email": EMAIL, "password": password})
        headers = {"Content-Type": "application/json", "Origin": f"http://{self._host}"}
        self._http.request("POST", "/api/auth/sign-in", told, headers)
        answer = self._http.getresponse()
        answer.read()
        cookies = [one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or []]
        if answer.status != 200:
            raise RuntimeError(f"signing in: {answer.status}")
        return "; ".join(cookies)


def furnish(folder: Path, data: Path, unsorted: bool) -> str:
    """A workspace over a copy of the data, with segments and one administrator; her password."""
    write_catalog(folder)
    (folder / "var").mkdir()
    shutil.copy(data / "warehouse.duckdb", folder / "var" / "warehouse.duckdb")
    with duckdb.connect(str(folder / "var" / "warehouse.duckdb")) as warehouse:
        if unsorted:
            warehouse.execute("CREATE TABLE data.other AS SELECT * FROM data.event ORDER BY ts")
            warehouse.execute("DROP TABLE data.event")
            warehouse.execute("ALTER TABLE data.other RENAME TO event")
        for n in range(SEGMENTS):
            warehouse.execute(
                f"INSERT INTO enishi.memberships SELECT 's{n}', _id, TIMESTAMP '{_plain(AS_OF)}'"
                f" - to_days(CAST(1 + hash(_id) % 300 AS INTEGER)), CASE WHEN hash(_id) % 7 = {n}"
                f" THEN TIMESTAMP '{_plain(AS_OF)}' END FROM data.person"
                f" WHERE hash(_id, {n}) % 4 = 0"
            )
    password = secrets.token_urlsafe(16)
    subprocess.run(
        [*_enishi(folder), "user", "create", EMAIL, "--name", "Bench", "--role", "administrator"],
        input=f"{password}\n{password}\n",
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return password


def _enishi(folder: Path) -> list[str]:
    return [str(Path(sys.executable).parent / "enishi"), "-w", str(folder)]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The workspace, served; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen([*_enishi(folder), "serve", "--port", str(port)], stdout=log)
        try:
            for _ in range(1200):
                if url in (folder / "serve.log").read_text():
                    break
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=60)


class Opener:
    """Opens pages as a browser does."""

    def __init__(self, url: str, cookie: str) -> None:
        self._sessions = [Session(url, cookie) for _ in range(CONNECTIONS)]
        self._pool = ThreadPoolExecutor(CONNECTIONS)

    def one(self, person: str, part: str) -> tuple[float, Any]:
        """Ask for one part alone: milliseconds, and the answer."""
        return _timed(lambda: self._sessions[0].get(f"/api/customers/{person}{part}"))

    def open(self, person: str) -> tuple[float, float]:
        """Ask for everything at once: milliseconds to the top of the page, and to all of it."""
        begun = time.perf_counter()
        free = list(self._sessions)

        def ask(part: str) -> tuple[str, float]:
            session = free.pop()
            try:
                session.get(f"/api/customers/{person}{part}")
            finally:
                free.append(session)
            return part, (time.perf_counter() - begun) * 1000

        took = dict(self._pool.map(ask, (*TOP, *REST)))
        return max(took[part] for part in TOP), max(took.values())

    def close(self) -> None:
        self._pool.shutdown()


def by_hand(connection: duckdb.DuckDBPyConnection, number: int, now: datetime) -> Any:
    """The rows of the head and of the first page of the timeline."""
    person = connection.execute("SELECT * FROM data.person WHERE person_no = ?", [number])
    found = [person.fetchall()]
    accounts = connection.execute("SELECT * FROM data.account WHERE person_no = ?", [number])
    found.append(accounts.fetchall())
    events = connection.execute(
        "SELECT event_no, ts FROM data.event WHERE person_no = ? AND ts <= ?"
        f" AND ts >= ? - INTERVAL {FIRST_DAYS} DAY"
        f" ORDER BY ts DESC, CAST(event_no AS VARCHAR) DESC LIMIT {PAGE}",
        [number, now, now],
    )
    return [*found, events.fetchall()]


def measure(
    opener: Opener, persons: list[tuple[str, int]], hand: Path, rounds: int
) -> dict[str, object]:
    tops: list[float] = []
    opens: list[float] = []
    parts: dict[str, list[float]] = {part: [] for part in (*TOP, *REST, *FURTHER)}
    pages: dict[str, Any] = {}
    opener.open(persons[0][0])  # warm
    for person, _ in persons[:rounds]:
        top, whole = opener.open(person)
        tops.append(top)
        opens.append(whole)
    for person, _ in persons[: max(5, rounds // 4)]:
        for part, took in parts.items():
            ms, answer = opener.one(person, part)
            took.append(ms)
            if part == "/timeline":
                pages[person] = answer
    hands = []
    with duckdb.connect(str(hand), read_only=True) as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        for person, number in persons[: max(5, rounds // 4)]:
            ms, rows = _timed(partial(by_hand, connection, number, now))
            hands.append(ms)
            ours = [i["values"]["event_no"] for i in pages[person]["items"] if i["kind"] == "event"]
            if ours != [row[0] for row in rows[2]][: len(ours)]:
                raise AssertionError(f"another timeline than by hand, of person {number}")
    return {
        "open_ms": _spread(opens),
        "top_ms": _spread(tops),
        "alone_ms": {part or "head": _spread(took) for part, took in parts.items()},
        "by_hand_ms": _spread(hands),
    }


def _spread(times: list[float]) -> Mapping[str, float]:
    ordered = sorted(times)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
        "max": round(ordered[-1], 1),
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return (time.perf_counter() - begun) * 1000, found


def _plain(at: datetime) -> str:
    return str(at.replace(tzinfo=None))


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    given = _read(arguments)
    size = Size(given.persons, given.accounts, given.events, given.seed).scaled(given.scale)
    with ExitStack() as stack:
        data = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data.mkdir(parents=True, exist_ok=True)
        made = make(data, size)
        place = tempfile.TemporaryDirectory(dir=data, prefix="page-")
        folder = Path(stack.enter_context(place)) / "bank"
        folder.mkdir()
        password = furnish(folder, data, given.unsorted)
        hand = folder / "var" / "by-hand.duckdb"
        shutil.copy(folder / "var" / "warehouse.duckdb", hand)
        with duckdb.connect(str(hand), read_only=True) as connection:
            everybody = connection.execute(
                "SELECT _id, person_no FROM data.person ORDER BY _id LIMIT 5000"
            ).fetchall()
        random.Random(given.seed).shuffle(everybody)
        url = stack.enter_context(served(folder))
        opener = Opener(url, Session(url).sign_in(password))
        stack.callback(opener.close)
        told = {
            "benchmark": "customer_page",
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "machine": machine(),
            "size": asdict(size),
            "unsorted": given.unsorted,
            "made": made,
            **measure(opener, everybody, hand, given.rounds),
        }
    print(json.dumps(told, indent=2, ensure_ascii=False))
    if given.json:
        given.json.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    return told


def _read(arguments: list[str] | None) -> argparse.Namespace:
    size = Size()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.customer_page", description=__doc__)
    parser.add_argument("--persons", type=int, default=size.persons)
    parser.add_argument("--accounts", type=int, default=size.accounts)
    parser.add_argument("--events", type=int, default=size.events)
    parser.add_argument("--seed", type=int, default=size.seed)
    parser.add_argument("--scale", type=float, default=1.0, help="of all three at once")
    parser.add_argument("--rounds", type=int, default=40, help="pages opened")
    parser.add_argument("--unsorted", action="store_true", help="events in the order they came")
    parser.add_argument("--keep", type=Path, help="a folder for the data, used again if it fits")
    parser.add_argument("--json", type=Path, help="write the result here too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
