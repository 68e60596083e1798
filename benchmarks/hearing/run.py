"""How soon a walk hears: from the acknowledgement of an event to the commit of the walk's move.

    python -m benchmarks.hearing                            # 10,000 people inside a wait
    python -m benchmarks.hearing --people 100000 --rate 200

Real processes: ingest acknowledges, the work process (all its lanes) drains, hears and moves; this
one sends one event a request and watches the story in the book. First single events with pauses
(`idle`), then `rate` events a second (`load`). Each event is of somebody who stands in a wait for
it, for whose journey it is also looked through whether it ends the walk. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.ingest.run import server, spare_port
from benchmarks.live.run import latencies

CATALOG = """
version: 1
purposes:
  deposits: {label: {ja: 預金の案内, en: Deposits}}
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: current
    subject: person
    key: id
    source: {files: "person.csv"}
    fields:
      id: {type: integer, label: {ja: 番号, en: Number}}
"""
BODY: dict[str, Any] = {
    "purpose": "deposits", "start": "hears",
    "steps": {
        "hears": {
            "kind": "wait_event", "signal": {"kind": "event", "event": ["answered"]},
            "timeout": "30d", "next": "stand",
        },
        "stand": {"kind": "wait", "duration": "30d"},
    },
    "exits": [{"kind": "event", "event": ["unsubscribed"]}],
}  # fmt: skip
CONNECTIONS = 8
_WATCH_EVERY = 0.002


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=10_000, help="inside the wait")
    parser.add_argument("--idle", type=int, default=200, help="single events")
    parser.add_argument("--rate", type=int, default=100, help="events a second")
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    if options.idle + options.rate * options.seconds > options.people:
        parser.error("each event is of another person: there are too few people")
    with tempfile.TemporaryDirectory() as made:
        print(json.dumps(measure(Path(made), options), indent=1))


def make(folder: Path, people: int) -> str:
    """A bank whose people all stand in the wait; the write key of its event source."""
    (folder / "catalog").mkdir(parents=True)
    (folder / "enishi.toml").write_text('name = "benchmark"\n')
    (folder / "catalog" / "all.yaml").write_text(CATALOG, encoding="utf-8")
    from enishi.book.setup import migrate, setup
    from enishi.book.workspace import read_workspace

    workspace = read_workspace(folder)
    workspace.prepare()
    workspace.data.mkdir(exist_ok=True)
    rows = "\n".join(str(n) for n in range(people))
    (workspace.data / "person.csv").write_text(f"id\n{rows}\n")
    setup(workspace)
    migrate()
    from enishi.book.access import OPERATOR
    from enishi.journeys.models import Journey, JourneyVersion
    from enishi.journeys.walking import runner, store
    from enishi.kernel.clock import system_clock
    from enishi.sources.event_sources import create
    from enishi.sources.service import load
    from enishi.warehouse.client import open_file
    from enishi.warehouse.process import use_warehouse

    key = create(OPERATOR, "benchmark", "server").key
    at = system_clock()
    journey = Journey.objects.create(
        slug="heard", name="heard", state="live", owner="u", created_by="u", live_since=at
    )
    JourneyVersion.objects.create(
        journey=journey, number=1, state="live", created_by="u", body=BODY, live_at=at
    )
    warehouse = open_file(workspace)
    use_warehouse(warehouse)
    load(workspace, warehouse.engine, warehouse.catalog)
    with warehouse.engine.read() as question:
        persons = [row[0] for row in question.rows("SELECT _id FROM data.person")]
    store.enter_many(journey.id, 1, [store.Entry(one, "", at, "benchmark") for one in persons])
    while runner.move(system_clock, warehouse):
        pass
    use_warehouse(None)
    warehouse.close()
    return key


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    begun = time.perf_counter()
    key = make(folder, options.people)
    made = round(time.perf_counter() - begun, 1)
    environment = os.environ | {"ENISHI_WORKSPACE": str(folder)}
    work = subprocess.Popen(
        [sys.executable, "-m", "enishi.work.main"], env=environment, start_new_session=True
    )
    port = spare_port()
    command = [sys.executable, "-m", "enishi.sources.ingest", "127.0.0.1", str(port)]
    try:
        with server(command, environment, port), Watch() as watch:
            sender = Sender(port, key)
            warm = asyncio.run(sender.singly([options.people - 1]))
            watch.wait_for(len(warm), 60)
            idle = asyncio.run(sender.singly(list(range(options.idle))))
            watch.wait_for(len(warm) + len(idle), 30)
            numbers = list(range(options.idle, options.idle + options.rate * options.seconds))
            load = asyncio.run(sender.steadily(numbers, options.rate))
            watch.wait_for(len(warm) + len(idle) + len(load), 60)
    finally:
        os.killpg(work.pid, signal.SIGTERM)
        work.wait(60)
    return {
        "people": options.people, "made_s": made, "rate": options.rate,
        "idle": latencies(idle, watch.seen), "load": latencies(load, watch.seen),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
    }  # fmt: skip


class Watch:
    """Notes when each person's move is to be seen (monotonic ns, by message id)."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def wait_for(self, count: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while len(self.seen) < count and time.monotonic() < until:
            time.sleep(0.05)

    def _run(self) -> None:
        from enishi.journeys.models import EnrollmentMove

        last = 0
        while not self._over.wait(_WATCH_EVERY):
            rows = EnrollmentMove.objects.filter(id__gt=last).order_by("id")
            for number, code, detail in rows.values_list("id", "code", "detail"):
                last = number
                if code == "heard":
                    self.seen[detail["message"]] = time.monotonic_ns()


class Sender:
    """Sends events and notes when each was acknowledged (monotonic ns, by message id)."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._login = base64.b64encode(f"{key}:".encode()).decode()

    def _request(self, person: int) -> tuple[str, bytes]:
        message = f"m{person}"
        body = json.dumps({
            "type": "track", "event": "answered", "messageId": message, "userId": str(person),
            "timestamp": datetime.now(UTC).isoformat(), "properties": {"form": "a"},
        }).encode()  # fmt: skip
        head = (
            "POST /v1/track HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Basic {self._login}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return message, head.encode() + body

    async def singly(self, people: list[int]) -> dict[str, int]:
        found: dict[str, int] = {}
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for number in people:
            await self._send(reader, writer, number, found)
            await asyncio.sleep(0.2 + (number % 7) * 0.03)
        writer.close()
        return found

    async def steadily(self, people: list[int], rate: int) -> dict[str, int]:
        found: dict[str, int] = {}
        begun = time.monotonic()

        async def line(nth: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            for place in range(nth, len(people), CONNECTIONS):
                wait = begun + place / rate - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                await self._send(reader, writer, people[place], found)
            writer.close()

        await asyncio.gather(*(line(nth) for nth in range(CONNECTIONS)))
        return found

    async def _send(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        person: int,
        found: dict[str, int],
    ) -> None:
        message, request = self._request(person)
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        at = time.monotonic_ns()
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )  # fmt: skip
        await reader.readexactly(length)
        if b" 200 " in head[:20]:
            found[message] = at
