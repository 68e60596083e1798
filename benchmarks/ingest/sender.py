"""Sends requests that were encoded beforehand, over connections kept alive, and counts answers.

    python -m benchmarks.ingest.sender PORT CONNECTIONS SECONDS EVENTS KEY [gzip]

A process of its own, so that it shares nothing with the server but the machine. Each connection has
one request under way: what it sends next waits for the answer, as an SDK's flush does. Prints JSON.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import selectors
import socket
import sys
import time
import uuid
from dataclasses import dataclass, field

VARIANTS = 64
"""How many different requests are prepared; a message id is only looked at by the drain."""

_NAMES = ("page_viewed", "rate_simulated", "form_opened", "form_sent", "branch_searched", "login")


def event(rng: random.Random) -> dict[str, object]:
    """An event as a bank's site would send it, about 500 bytes."""
    return {
        "type": "track",
        "event": rng.choice(_NAMES),
        "messageId": str(uuid.UUID(int=rng.getrandbits(128))),
        "anonymousId": str(uuid.UUID(int=rng.getrandbits(128))),
        "userId": f"{rng.randrange(1_000_000):08d}",
        "timestamp": "2026-04-01T09:30:00.000Z",
        "properties": {
            "product": rng.choice(("住宅ローン", "投資信託", "定期預金")),
            "amount": rng.randrange(1_000_000),
            "term_months": rng.choice((12, 60, 420)),
            "path": f"/loan/{rng.randrange(1000)}",
        },
        "context": {
            "library": {"name": "analytics.js", "version": "next-1.84.3"},
            "page": {"path": "/loan", "url": "https://www.example.jp/loan", "title": "住宅ローン"},
            "locale": "ja-JP",
        },
    }


def requests(events: int, key: str, *, packed: bool) -> list[bytes]:
    """Whole HTTP requests of a batch each."""
    rng = random.Random(1)
    login = base64.b64encode(f"{key}:".encode()).decode()
    found = []
    for _ in range(VARIANTS):
        body = json.dumps(
            {"batch": [event(rng) for _ in range(events)], "sentAt": "2026-04-01T09:30:01.000Z"},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        if packed:
            body = gzip.compress(body, 6)
        head = (
            "POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Basic {login}\r\nContent-Length: {len(body)}\r\n"
        )
        found.append(
            f"{head}{'Content-Encoding: gzip' + chr(13) + chr(10) if packed else ''}\r\n".encode()
            + body
        )
    return found


@dataclass(slots=True)
class Line:
    """One connection: what is left to send, what has come back, and since when it waits."""

    socket: socket.socket
    rest: memoryview
    since: float
    got: bytes = b""


@dataclass(slots=True)
class Count:
    acknowledged: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)


def send(port: int, connections: int, seconds: float, prepared: list[bytes]) -> tuple[Count, float]:
    """Send for a while; returns what was answered and how long it took."""
    chosen = selectors.DefaultSelector()
    count, number = Count(), 0
    begun = time.perf_counter()
    for at in range(connections):
        joined = socket.create_connection(("127.0.0.1", port))
        joined.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        joined.setblocking(False)
        line = Line(joined, memoryview(prepared[at % VARIANTS]), begun)
        chosen.register(joined, selectors.EVENT_WRITE, line)
    open_lines = connections
    while open_lines:
        for key, _ in chosen.select():
            line = key.data
            if line.rest:
                line.rest = line.rest[line.socket.send(line.rest) :]
                if not line.rest:
                    chosen.modify(line.socket, selectors.EVENT_READ, line)
                continue
            line.got += line.socket.recv(65536)
            if not _whole(line.got):
                continue
            now = time.perf_counter()
            if line.got.startswith(b"HTTP/1.1 200"):
                count.acknowledged += 1
            else:
                count.refused += 1
            count.seconds.append(now - line.since)
            if now - begun >= seconds:
                chosen.unregister(line.socket)
                line.socket.close()
                open_lines -= 1
                continue
            number += 1
            line.got, line.since = b"", now
            line.rest = memoryview(prepared[number % VARIANTS])
            chosen.modify(line.socket, selectors.EVENT_WRITE, line)
    return count, time.perf_counter() - begun


def _whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    size = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    return len(body) >= size


def main() -> None:
    port, connections, seconds, events, key = (*map(int, sys.argv[1:5]), sys.argv[5])
    prepared = requests(events, key, packed="gzip" in sys.argv[6:])
    count, took = send(port, connections, seconds, prepared)
    waits = sorted(count.seconds)
    print(
        json.dumps(
            {
                "acknowledged": count.acknowledged * events,
                "refused_requests": count.refused,
                "seconds": round(took, 3),
                "events_per_second": round(count.acknowledged * events / took),
                "bytes_per_event": round(sum(map(len, prepared)) / len(prepared) / events),
                "ms_p50": round(waits[len(waits) // 2] * 1000, 2),
                "ms_p99": round(waits[int(len(waits) * 0.99)] * 1000, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
