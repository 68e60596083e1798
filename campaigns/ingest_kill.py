"""Kills ingest, work and web at random while a client sends, and counts what was lost or doubled.

    python -m campaigns.ingest_kill                                  # 200 kills, 1,000,000 events
    python -m campaigns.ingest_kill --kills 20 --events 100000
    python -m campaigns.ingest_kill --without-dedupe                 # must find doubled events

Real processes on a fresh workspace, each killed by SIGKILL and started again at once. The client
sends batches of 100 and repeats each until it is answered with 200; of one answer in fifty it acts
as if it had been lost, and sends the batch again. When everything has been acknowledged and
drained, the warehouse is opened and compared with what was sent.

Prints JSON. `lost`: acknowledged events that are in no row. `doubled`: rows beyond one for an
event. `resent`: batches that were sent again. The exit code is 0 if nothing was lost and nothing
doubled, or, without the dedupe, if doubled events were found.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enishi.sources.eventlog.positions import read_drained, read_synced
from enishi.sources.eventlog.reader import shards
from enishi.sources.stream.index import ENV_DEDUPE

BATCH = 100
LOST_ANSWERS = 50
"""Of so many answers one is taken for lost."""

CATALOG = """
datasets:
  client:
    kind: current
    subject: person
    key: id
    fields: {id: {type: string}}
stream:
  fields: {amount: {type: decimal, scale: 0}}
"""
_DRAIN_SECONDS = 600.0


@dataclass
class Process:
    """One of Enishi's processes, in a group of its own."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    running: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> None:
        self.running = subprocess.Popen(
            self.command, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL to the whole group; the process is started again at once."""
        self._signal(signal.SIGKILL)
        self.kills += 1
        self.start()

    def end(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        assert self.running is not None
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, number)
        self.running.wait(60)


@dataclass
class Sent:
    """What the client has done, in batches; `errors` by what went wrong."""

    acknowledged: int = 0
    resent: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, error: str | None, *, again: bool) -> None:
        with self.lock:
            if error is not None:
                self.errors[error] = self.errors.get(error, 0) + 1
            self.resent += again


class Client:
    """Sends batches in threads, at a pace, each until it is acknowledged."""

    def __init__(self, port: int, key: str, batches: int, seconds: float, seed: int) -> None:
        self.sent = Sent()
        self.refused = ""
        self._key, self._port, self._batches, self._pause = (
            key,
            port,
            batches,
            seconds / max(batches, 1),
        )
        self._seed, self._next, self._turn = seed, 0, threading.Lock()
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(4)]
        for thread in self._threads:
            thread.start()

    def done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        chance = random.Random(f"{self._seed}-{number}")
        connection: http.client.HTTPConnection | None = None
        while (batch := self._take()) is not None:
            body = json.dumps({"batch": [event(batch * BATCH + n) for n in range(BATCH)]})
            answered = False
            while not answered:
                connection, error = self._post(connection, body)
                answered = error is None and chance.randrange(LOST_ANSWERS) > 0
                self.sent.note(error, again=not answered)
                if error is not None and error.startswith("4"):
                    self.refused = error  # it would never be taken
                    return
                if error is not None:
                    time.sleep(0.1)
            with self.sent.lock:
                self.sent.acknowledged += 1

    def _take(self) -> int | None:
        with self._turn:
            batch, self._next = self._next, self._next + 1
        if batch >= self._batches:
            return None
        time.sleep(max(0.0, self._began + batch * self._pause - time.monotonic()))
        return batch

    def _post(
        self, connection: http.client.HTTPConnection | None, body: str
    ) -> tuple[http.client.HTTPConnection | None, str | None]:
        """One try; the connection to go on with, and what went wrong."""
        made = connection or http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            made.request("POST", f"/v1/batch?writeKey={self._key}", body)
            answer = made.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            made.close()
            return None, type(error).__name__
        return made, None if answer.status == 200 else str(answer.status)


def event(number: int) -> dict[str, Any]:
    """The event of a number."""
    return {
        "type": "track",
        "messageId": f"message-{number}",
        "userId": f"c{number % 5000}",
        "event": "bought",
        "timestamp": "2026-04-01T00:00:00Z",
        "properties": {"amount": number},
    }


def make_workspace(root: Path) -> Path:
    """A workspace with persons; returns its folder of events."""
    (root / "catalog").mkdir(parents=True)
    (root / "catalog" / "all.yaml").write_text(CATALOG)
    (root / "enishi.toml").write_text('name = "campaign"\n')
    return root / "var" / "events"


def enishi(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a command; returns what it prints."""
    command = [sys.executable, "-m", "enishi.cli.main", *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True)
    return done.stdout.decode()


def spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def wait_until_drained(events: Path) -> bool:
    """Wait until all that the log has is in the warehouse; False when that takes too long."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < deadline:
        if all(
            read_drained(events / shard) >= (read_synced(events / shard) or 0)
            for shard in shards(events)
        ):
            return True
        time.sleep(0.2)
    return False


def compare(root: Path, batches: int) -> dict[str, int]:
    """What the warehouse has, against what was sent. No process may have it open."""
    from enishi.book.workspace import read_workspace
    from enishi.warehouse.duckdb_engine import DuckDBEngine

    with DuckDBEngine(read_workspace(root).warehouse_path) as engine, engine.read() as question:
        ((rows, distinct, strange),) = question.rows(
            "SELECT count(*), count(DISTINCT message_id), count(*) FILTER (amount IS NULL OR"
            " message_id <> 'message-' || CAST(amount AS VARCHAR)) FROM data.activity"
        )
        dead = question.one("SELECT count(*) FROM enishi.dead_letters")
        known = question.one("SELECT coalesce(sum(duplicates), 0) FROM enishi.stream_offsets")
    lost = batches * BATCH - distinct
    return {
        "rows": rows, "lost": lost, "doubled": rows - distinct, "strange": strange, "dead": dead,
        "copies_dropped": int(known),
    }  # fmt: skip


def run(kills: int, events: int, interval: float, seed: int, *, dedupe: bool) -> dict[str, Any]:
    """One campaign; its figures."""
    chance, batches = random.Random(seed), max(events // BATCH, 1)
    with tempfile.TemporaryDirectory(prefix="enishi-kill-") as made:
        root, port, web = Path(made), spare_port(), spare_port()
        log = make_workspace(root)
        environment = os.environ | {"ENISHI_WORKSPACE": str(root)}
        if not dedupe:
            environment[ENV_DEDUPE] = "off"
        python = [sys.executable, "-m"]
        enishi(environment, "migrate")
        made_source = enishi(environment, "source", "add", "campaign", "--kind", "server", "--json")
        key = json.loads(made_source)["key"]
        processes = [
            Process(
                "ingest", [*python, "enishi.sources.ingest", "127.0.0.1", str(port)], environment
            ),
            Process("work", [*python, "enishi.work.main"], environment),
            Process("web", [*python, "enishi.web.main", "127.0.0.1", str(web)], environment),
        ]
        for one in processes:
            one.start()
        began = time.monotonic()
        client = Client(port, key, batches, kills * interval, seed)
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 1.8) * interval)
            chance.choice(processes).kill()
        client.join()
        if client.refused:
            raise SystemExit(f"the event API refuses the campaign: {client.refused}")
        drained = wait_until_drained(log)
        seconds = time.monotonic() - began
        for one in processes:
            one.end()
        found = compare(root, batches)
    return {
        "campaign": "ingest_kill", "dedupe": dedupe, "seed": seed, "events": batches * BATCH,
        "acknowledged": client.sent.acknowledged * BATCH, "drained": drained,
        "kills": {one.name: one.kills for one in processes}, "resent": client.sent.resent,
        "errors": client.sent.errors, **found, "seconds": round(seconds, 1),
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--interval", type=float, default=2.0, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--without-dedupe", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    dedupe = not given.without_dedupe
    found = run(given.kills, given.events, given.interval, given.seed, dedupe=dedupe)
    text = json.dumps(found, indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n")
    whole = found["drained"] and not found["lost"] and not found["strange"]
    return 0 if whole and bool(found["doubled"]) is not dedupe else 1


if __name__ == "__main__":
    raise SystemExit(main())
