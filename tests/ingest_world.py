"""The event API for tests: in this process, call by call, or as the real process on a port."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from enishi.book.workspace import Workspace
from enishi.sources.eventlog.format import Record, decode
from enishi.sources.eventlog.group import Bounds
from enishi.sources.eventlog.positions import read_synced
from enishi.sources.ingest import Ingest
from enishi.sources.ingest_keys import KEYS, KeyFile, KnownSource, SourceKind, digest

WEB, SERVER = "web_0123456789abcdef", "srv_0123456789abcdef"
READY_WITHIN = 60.0


def put_keys(workspace: Workspace, keys: Mapping[str, KnownSource] | None = None) -> None:
    """Write the key file as the book side does: by default a web and a server key."""
    known = keys if keys is not None else {
        WEB: KnownSource("src_web", "公式サイト", "web"),
        SERVER: KnownSource("src_server", "基幹", "server"),
    }  # fmt: skip
    workspace.events.mkdir(parents=True, exist_ok=True)
    fresh = workspace.events / "keys.fresh"
    fresh.write_bytes(msgspec.json.encode(KeyFile({digest(k): s for k, s in known.items()})))
    fresh.replace(workspace.events / KEYS)


def a_source(kind: SourceKind = "web", **fields: Any) -> KnownSource:
    return KnownSource(f"src_{kind}", kind, kind, **fields)


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def logged(workspace: Workspace, shard: str = "0") -> list[Record]:
    """Every record of a shard that is known to be on the disk, in order."""
    folder = workspace.events / shard
    found = []
    for path in sorted(folder.glob("*.log")):
        found.extend(decode(path.read_bytes(), int(path.stem)))
    synced = read_synced(folder)
    return [record for record in found if synced is None or record.after <= synced]


def events_of(record: Record) -> list[dict[str, Any]]:
    """The events of a record, a single call's as one."""
    body = json.loads(record.body)
    return body["batch"] if record.head.kind == "batch" else [body]


def events_logged(workspace: Workspace, shard: str = "0") -> list[dict[str, Any]]:
    return [event for record in logged(workspace, shard) for event in events_of(record)]


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes; a part of what goes further is written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        found: str = self.json["code"]
        return found


class Door:
    """Calls an `Ingest` in this process: a real log, a real thread, no network."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        bounds: Bounds | None = None,
        now: Callable[[], int] | None = None,
    ) -> None:
        self.ingest = Ingest(workspace, bounds=bounds, **({"now": now} if now else {}))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self._start())
        writer = self.ingest._writer
        assert writer is not None
        assert writer.settled.wait(READY_WITHIN)

    async def _start(self) -> None:
        self.ingest.start()

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(READY_WITHIN)

    def close(self) -> None:
        self.ingest.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Door:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, method: str, target: str, body: bytes = b"", **headers: str) -> Any:
        """Begin a call; `.result()` is its answer."""
        call = self._call(method, target, [body], headers)
        return asyncio.run_coroutine_threadsafe(call, self._loop)

    def call(
        self,
        method: str,
        target: str,
        body: bytes | object = b"",
        headers: Mapping[str, str] | None = None,
        *,
        pieces: int = 1,
    ) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        size = max(1, -(-len(content) // pieces))
        parts = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
        found: Answer = self.run(self._call(method, target, parts, headers or {}))
        return found

    def post(
        self, target: str, body: bytes | object = b"", key: str = WEB, **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("POST", target, body, (basic(key) if key else {}) | named)

    async def _call(
        self, method: str, target: str, parts: list[bytes], headers: Mapping[str, str]
    ) -> Answer:
        path, _, query = target.partition("?")
        scope = {
            "type": "http", "method": method, "path": path, "scheme": "http",
            "query_string": query.encode(),
            "headers": [
                (name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()
            ],
        }  # fmt: skip
        waiting = [
            {"type": "http.request", "body": part, "more_body": at < len(parts) - 1}
            for at, part in enumerate(parts)
        ]
        told: list[Any] = []

        async def receive() -> Any:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message)

        await self.ingest(scope, receive, send)
        begun = next(message for message in told if message["type"] == "http.response.start")
        content = b"".join(message.get("body", b"") for message in told)
        named = {name.decode(): value.decode("latin-1") for name, value in begun["headers"]}
        return Answer(begun["status"], named, content)


@dataclass(slots=True)
class Served:
    """The real process."""

    url: str
    port: int
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it as by a power cut, its worker too."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def fetch(
        self, target: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        asked = urllib.request.Request(self.url + target, body, dict(headers or {}))
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return Answer(answer.status, dict(answer.headers.items()), answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, dict(error.headers.items()), error.read())


def spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def start(root: Path, port: int | None = None, *before: str) -> Served:
    """Start ingest on a workspace, and come back when it accepts events."""
    port = port or spare_port()
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "enishi.sources.ingest", "127.0.0.1", str(port)],
        env=os.environ | {"ENISHI_WORKSPACE": str(root)},
        start_new_session=True,
    )
    served = Served(f"http://127.0.0.1:{port}", port, process)
    waited = threading.Event()
    for _ in range(int(READY_WITHIN / 0.05)):
        try:
            if served.fetch("/healthz").status == 200:
                return served
        except OSError:
            assert process.poll() is None, "ingest ended"
        waited.wait(0.05)
    served.kill()
    raise AssertionError("ingest did not come up")


@contextmanager
def served(root: Path) -> Iterator[Served]:
    found = start(root)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.process.terminate()
            found.process.wait(30)
