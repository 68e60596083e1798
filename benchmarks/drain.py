"""Events a second that the drain brings into the warehouse, with the dedupe, and what they take.

    python -m benchmarks.drain                                   # 500,000 events, empty warehouse
    python -m benchmarks.drain --there 50000000                  # 50M events there already
    python -m benchmarks.drain --events 100000 --plain           # events without properties

Prints JSON. `rate` is events by the clock, `cpu_us` the processor's time for each in µs, in all
threads. A hundredth of the events are copies. `one_ms` is a batch of a single event: median and
99th percentile. `memory_mb` is the resident memory after the first and after the last batch.
`bytes` is what an event takes: in the log, in the log compressed, in the warehouse's file, in the
index of message ids.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from enishi.book.workspace import Workspace, read_workspace
from enishi.catalog.load import load_catalog
from enishi.catalog.types import Catalog
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.reader import segments
from enishi.sources.eventlog.writer import Shard
from enishi.sources.stream.dedupe import Seen
from enishi.sources.stream.drain import Drainer
from enishi.sources.stream.index import FOLDER
from enishi.sources.stream.keeping import compress
from enishi.warehouse.duckdb_engine import DuckDBEngine
from enishi.warehouse.tables import prepare

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
PERSONS = 100_000
BATCH = 100
_NAMES = ("product_viewed", "cart_updated", "login", "申込開始")
_CHUNK = 2_000_000


def event(number: int, chance: random.Random, *, plain: bool) -> dict[str, Any]:
    """An event as a browser sends it; one in a hundred is a copy of one a little before."""
    page = f"/products/{number % 500}"
    known = number - 7 if number % 100 == 99 else number
    found: dict[str, Any] = {
        "type": "track",
        "messageId": str(uuid.uuid5(uuid.NAMESPACE_URL, str(known))),
        "userId": f"c{chance.randrange(PERSONS)}",
        "anonymousId": str(uuid.UUID(int=known % PERSONS)),
        "event": _NAMES[number % 4],
        "timestamp": "2026-04-01T01:02:03.456Z",
        "context": {
            "page": {"url": f"https://www.example.jp{page}", "path": page, "title": "商品"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            "library": {"name": "enishi", "version": "1"},
        },
    }
    if not plain:
        found["properties"] = {
            "amount": number % 10_000,
            "category": f"分類{number % 40}",
            "sku": f"SKU{number % 9000}",
        }
    return found


def write_log(workspace: Workspace, events: int, *, plain: bool) -> int:
    """Write the events in batches of a hundred; returns the bytes of the log."""
    chance, at = random.Random(4), time.time_ns() // 1000
    with Shard(workspace.events / "0") as log:
        records: list[bytes] = []
        for start in range(0, events, BATCH):
            batch = [event(start + n, chance, plain=plain) for n in range(BATCH)]
            body = json.dumps({"batch": batch}, ensure_ascii=False).encode()
            records.append(encode(at + start, Head("src_web", "batch"), body))
            if len(records) >= 200:
                log.append(records)
                records = []
        if records:
            log.append(records)
        return log.end


def fill(engine: DuckDBEngine, workspace: Workspace, catalog: Catalog, there: int) -> None:
    """Put so many events of the last week into the warehouse and the index."""
    stream = catalog.stream
    assert stream is not None
    with engine.write() as writer:
        for start in range(0, there, _CHUNK):
            writer.execute(
                "INSERT INTO data.activity BY NAME SELECT uuid()::VARCHAR AS message_id,"
                " message_id AS message_id__f, 'login' AS event, 'login' AS event__f,"
                f" 'c' || (n % {PERSONS}) AS person, person AS person__f, 'track' AS type,"
                " 'track' AS type__f, now()::TIMESTAMP - to_seconds(604800 - n % 604800) AS ts,"
                " ts AS received_at, 'load_0' AS _load"
                f" FROM range({start}, {min(start + _CHUNK, there)}) r(n)"
            )
    engine.checkpoint()
    seen = Seen(workspace.events / FOLDER, stream.keep.days * 86_400_000_000)
    numbers, now = np.random.default_rng(4), time.time_ns() // 1000
    for start in range(0, there, _CHUNK):
        count = min(_CHUNK, there - start)
        words = numbers.integers(1, 2**63, (count, 2), np.uint64)
        at = now - (there - start) * (7 * 86_400_000_000 // max(there, 1))
        seen.duplicates(words, np.full(count, 1 << 40, np.uint64), np.full(count, at))
        seen.commit()
    seen.close()


def resident() -> float:
    """The resident memory of this process that belongs to no file, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


def singles(workspace: Workspace, drainer: Drainer, count: int) -> list[float]:
    """How long batches of one event take, in ms."""
    chance, taken = random.Random(5), []
    with Shard(workspace.events / "0") as log:
        for number in range(count):
            body = json.dumps(event(10**9 + number * 100, chance, plain=False)).encode()
            log.append([encode(time.time_ns() // 1000, Head("src_web", "track"), body)])
            began = time.perf_counter()
            assert drainer.run_once()
            taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def run(events: int, there: int, *, plain: bool, folder: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="enishi-drain-", dir=folder) as made:
        root = Path(made)
        (root / "catalog").mkdir()
        (root / "catalog" / "all.yaml").write_text(CATALOG)
        (root / "enishi.toml").write_text('name = "drain"\n')
        workspace, catalog = read_workspace(root), load_catalog(root)
        workspace.prepare()
        with DuckDBEngine(workspace.warehouse_path) as engine:
            prepare(engine, catalog)
            if there:
                fill(engine, workspace, catalog, there)
            before = workspace.warehouse_path.stat().st_size
            size = write_log(workspace, events, plain=plain)
            drainer = Drainer(workspace, engine, catalog)
            memory, batches = [], 0
            began, processor = time.perf_counter(), time.process_time()
            while drainer.run_once():
                batches += 1
                memory.append(resident())
            seconds, processor = time.perf_counter() - began, time.process_time() - processor
            with engine.read() as question:
                rows = question.one("SELECT count(*) FROM data.activity") - there
            engine.checkpoint()
            after = workspace.warehouse_path.stat().st_size
            index = sum(path.stat().st_size for path in (workspace.events / FOLDER).iterdir())
            one = singles(workspace, drainer, 100)
            drainer.close()
        folder_of_log = workspace.events / "0"
        first = segments(folder_of_log)[0]
        plain_size = first.path.stat().st_size
        compress(folder_of_log, first)
        packed = segments(folder_of_log)[0].path.stat().st_size
    return {
        "benchmark": "drain", "events": events, "there": there, "plain": plain, "rows": rows,
        "copies_dropped": events - rows, "seconds": round(seconds, 2),
        "rate": round(events / seconds), "cpu_us": round(processor / events * 1e6, 1),
        "batches": batches, "one_ms": [round(one[50], 2), round(one[98], 2)],
        "memory_mb": [round(memory[0]), round(memory[-1])],
        "bytes": {
            "log": round(size / events), "log_packed": round(size / events * packed / plain_size),
            "warehouse": round((after - before) / max(rows, 1)),
            "index": round(index / max(rows + there, 1), 1),
        },
        "cores": os.cpu_count(), "load": os.getloadavg()[0], "machine": platform.machine(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--there", type=int, default=0, help="events in the warehouse before")
    parser.add_argument("--plain", action="store_true", help="events without properties")
    parser.add_argument("--folder", type=Path, help="where the workspace is made")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    found = run(given.events, given.there, plain=given.plain, folder=given.folder)
    text = json.dumps(found, indent=2)
    print(text)
    if given.out is not None:
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
