"""How soon a live segment knows: from the acknowledgement of an event to its committed membership.

    python -m benchmarks.live                           # 1M persons, 50M events, 50 segments
    python -m benchmarks.live --persons 50000 --events 2000000 --seconds 30
    python -m benchmarks.live --keep FOLDER             # keeps the data, and uses it the next time

Three real processes: ingest acknowledges, work drains and decides, this one sends one event a
request over connections kept alive. First single events with pauses between (`idle`), then `rate`
events a second while a reader counts builder questions in the work process (`load`). An event's
latency is from its 200 to the commit of the transaction that has decided it, whether or not it
moved anybody. At the end a full refresh compares everything (`differences`). Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.ingest.run import KEY, server, spare_port
from benchmarks.live.ground import make
from benchmarks.segments.data import _EVENTS, Size
from enishi.sources.ingest_keys import KEYS, KeyFile, KnownSource, digest

CONNECTIONS = 16


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        size = Size(options.persons, options.persons * 3, options.events)
        found = {"size": vars(options) | {"keep": None}, "made": make(folder, size)}
        found |= measure(folder, options)
    found["machine"] = {"cores": os.cpu_count(), "python": platform.python_version()}
    print(json.dumps(found, indent=1, default=str))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.live", description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--segments", type=int, default=50)
    parser.add_argument("--rate", type=int, default=500, help="events a second")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--idle", type=int, default=100, help="single events before")
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    events = folder / "var" / "events"
    events.mkdir(parents=True, exist_ok=True)
    source = KnownSource("src_benchmark", "benchmark", "server")
    (events / KEYS).write_bytes(msgspec.json.encode(KeyFile({digest(KEY): source})))
    environment = os.environ | {"ENISHI_WORKSPACE": str(folder)}
    worker = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.live.worker", str(folder), str(options.segments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert worker.stdin is not None
    assert worker.stdout is not None
    begun = time.perf_counter()
    while (line := worker.stdout.readline().strip()) != "READY":
        if worker.poll() is not None:
            raise SystemExit("the work process has ended")
        print(line, file=sys.stderr)
    ready = round(time.perf_counter() - begun, 1)
    port = spare_port()
    command = [sys.executable, "-m", "enishi.sources.ingest", "127.0.0.1", str(port)]
    with server(command, environment, port):
        sender = Sender(port, options.persons)
        idle = asyncio.run(sender.singly(options.idle))
        worker.stdin.write("read\n")
        worker.stdin.flush()
        load = asyncio.run(sender.steadily(options.rate, options.seconds))
        time.sleep(2)
    worker.stdin.close()
    told = json.loads(worker.stdout.read())
    worker.wait(60)
    committed = read_commits(folder / "commits.jsonl")
    return {
        "ready_s": ready,
        "idle": latencies(idle, committed),
        "load": latencies(load, committed),
        **told,
    }


def read_commits(path: Path) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in path.read_text().splitlines():
        at, ids = json.loads(line)
        found |= dict.fromkeys(ids, at)
    return found


def latencies(acknowledged: dict[str, int], committed: dict[str, int]) -> dict[str, Any]:
    took = sorted(
        max(0, committed[one] - at) / 1e6 for one, at in acknowledged.items() if one in committed
    )
    found: dict[str, Any] = {
        "acknowledged": len(acknowledged), "missing": len(acknowledged) - len(took)
    }  # fmt: skip
    if took:
        for name, part in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
            found[f"{name}_ms"] = round(took[int(part * (len(took) - 1))], 1)
        found["max_ms"] = round(took[-1], 1)
    return found


class Sender:
    """Sends events and notes when each was acknowledged (monotonic ns, by message id)."""

    def __init__(self, port: int, persons: int) -> None:
        self._port, self._persons = port, persons
        self._rng = random.Random()  # message ids that no earlier run has used
        self._login = base64.b64encode(f"{KEY}:".encode()).decode()

    def request(self) -> tuple[str, bytes]:
        """Few persons do much and many little, as in the data."""
        chance = self._rng.random()
        person = int(self._persons * chance * chance) * 7919 % self._persons
        name = self._rng.choices([n for n, _ in _EVENTS], [share for _, share in _EVENTS])[0]
        message = str(uuid.UUID(int=self._rng.getrandbits(128)))
        body = json.dumps({
            "type": "track", "event": name, "messageId": message, "userId": str(person),
            "timestamp": datetime.now(UTC).isoformat(), "properties": {"amount": 1200},
        }).encode()  # fmt: skip
        head = (
            "POST /v1/track HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Basic {self._login}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return message, head.encode() + body

    async def singly(self, count: int) -> dict[str, int]:
        found: dict[str, int] = {}
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for _ in range(count):
            await self._send(reader, writer, found)
            await asyncio.sleep(0.15 + 0.2 * self._rng.random())
        writer.close()
        return found

    async def steadily(self, rate: int, seconds: int) -> dict[str, int]:
        found: dict[str, int] = {}
        begun = time.monotonic()
        await asyncio.gather(
            *(self._line(nth, rate, seconds, begun, found) for nth in range(CONNECTIONS))
        )
        return found

    async def _line(
        self, nth: int, rate: int, seconds: int, begun: float, found: dict[str, int]
    ) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        for number in range(nth, rate * seconds, CONNECTIONS):
            wait = begun + number / rate - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            await self._send(reader, writer, found)
        writer.close()

    async def _send(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, found: dict[str, int]
    ) -> None:
        message, request = self.request()
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
