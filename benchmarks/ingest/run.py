"""Events a second that one ingest process acknowledges, against a bare server in the same run.

    python -m benchmarks.ingest                       # 5 s each, 100 events a request
    python -m benchmarks.ingest --seconds 30 --connections 64 --gzip

Prints JSON. `ingest` is the real process on a fresh workspace: checked, appended, synced, answered.
`baseline` is the same server with an application that reads the body and answers 200. `ratio` is
the one by the other. `logged` counts what stands in the log afterwards: at least what was
acknowledged. `memory_mb` is the resident memory of the ingest worker: when it was idle, and the
most it had.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from enishi.sources.eventlog.format import decode
from enishi.sources.ingest_keys import KEYS, KeyFile, KnownSource, digest

KEY = "srv_benchmark"


def spare_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@contextmanager
def server(command: list[str], environment: Mapping[str, str], port: int) -> Iterator[int]:
    """A server process and, when it listens, its id."""
    import socket

    process = subprocess.Popen(command, env=dict(environment), start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the server did not come up") from None
                time.sleep(0.05)
        time.sleep(0.5)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def workers_of(parent: int) -> list[int]:
    """The processes a server has started."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(one) for one in found]


class Watch:
    """Looks at the memory and the processor time of a process while it works."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._stat = Path(f"/proc/{pid}/stat")
        self.idle = self.most = self._resident()
        self._cpu = self._seconds()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _resident(self) -> int:
        line = next(x for x in self._status.read_text().splitlines() if x.startswith("VmRSS"))
        return int(line.split()[1])

    def _seconds(self) -> float:
        fields = self._stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _look(self) -> None:
        while not self._stop.wait(0.1):
            self.most = max(self.most, self._resident())

    def end(self) -> dict[str, Any]:
        self._stop.set()
        self._thread.join()
        return {
            "memory_mb": {"idle": round(self.idle / 1024), "most": round(self.most / 1024)},
            "processor_seconds": round(self._seconds() - self._cpu, 2),
        }


def measured(port: int, options: argparse.Namespace, pid: int) -> dict[str, Any]:
    workers = workers_of(pid)
    watch = Watch(workers[0])
    command = [
        sys.executable, "-m", "benchmarks.ingest.sender", str(port), str(options.connections),
        str(options.seconds), str(options.events), KEY,
    ]  # fmt: skip
    if options.gzip:
        command.append("gzip")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found | watch.end()


def baseline(options: argparse.Namespace) -> dict[str, Any]:
    port = spare_port()
    command = [sys.executable, "-m", "benchmarks.ingest.bare", str(port)]
    with server(command, os.environ, port) as pid:
        return measured(port, options, pid)


def ingest(options: argparse.Namespace, root: Path) -> dict[str, Any]:
    (root / "enishi.toml").write_text('name = "benchmark"\n[events]\nbacklog_mb = 1000000\n')
    events = root / "var" / "events"
    events.mkdir(parents=True)
    source = KnownSource("src_benchmark", "benchmark", "server")
    (events / KEYS).write_bytes(msgspec.json.encode(KeyFile({digest(KEY): source})))
    port = spare_port()
    command = [sys.executable, "-m", "enishi.sources.ingest", "127.0.0.1", str(port)]
    environment = os.environ | {"ENISHI_WORKSPACE": str(root)}
    with server(command, environment, port) as pid:
        found = measured(port, options, pid)
    return found | {"logged": logged(events / "0") * options.events}


def logged(shard: Path) -> int:
    """How many records stand in the log."""
    return sum(
        1 for path in sorted(shard.glob("*.log")) for _ in decode(path.read_bytes(), int(path.stem))
    )


def sync_ms(folder: Path) -> float:
    """What one write of 50 KB with a sync costs on this disk, in milliseconds (median of 30)."""
    path, took = folder / "probe", []
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for _ in range(30):
        begun = time.perf_counter()
        os.write(file, bytes(50_000))
        os.fdatasync(file)
        took.append(time.perf_counter() - begun)
    os.close(file)
    path.unlink()
    return round(sorted(took)[15] * 1000, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--events", type=int, default=100, help="in one request")
    parser.add_argument("--gzip", action="store_true", help="packed, as SDKs on servers send")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        probe = sync_ms(root)
        bare = baseline(options)
        real = ingest(options, root)
    print(
        json.dumps(
            {
                "benchmark": "ingest",
                "machine": f"{platform.machine()}, {os.cpu_count()} processors",
                "sync_ms": probe,
                "connections": options.connections,
                "events_per_request": options.events,
                "gzip": options.gzip,
                "ingest": real,
                "baseline": bare,
                "ratio": round(real["events_per_second"] / bare["events_per_second"], 3),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
