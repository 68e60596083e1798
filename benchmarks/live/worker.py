"""The work process of the benchmark: its live lane, a reader beside it, and at the end the oracle.

    python -m benchmarks.live.worker FOLDER SEGMENTS

Says READY when the segments have been decided once, and READ when its standard input says `read`:
from then on a reader counts what the builder counts. Writes when each message was committed to
`commits.bin` (JSON lines: monotonic ns, message ids). At the end of its standard input it compares
everything with a full refresh and prints JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.live.ground import live_rules
from benchmarks.segments.questions import BALANCE, BOUGHT, QUARTER


def main() -> None:
    folder, segments = Path(sys.argv[1]), int(sys.argv[2])
    from enishi.book.setup import migrate, setup
    from enishi.book.workspace import read_workspace

    workspace = read_workspace(folder)
    workspace.prepare()
    setup(workspace)
    migrate()
    from enishi.kernel.clock import system_clock
    from enishi.live.lane import LiveLane
    from enishi.segments import jobs
    from enishi.warehouse.client import open_file
    from enishi.warehouse.process import use_warehouse

    warehouse: Any = open_file(workspace)
    use_warehouse(warehouse)
    lane = LiveLane(workspace, warehouse, system_clock)
    make(segments)
    lane.run()
    while jobs.run_once():
        pass
    while lane.run():  # what an earlier run has left in the log
        pass
    timing = Timing(folder / "commits.jsonl", lane.live)
    over, reading = threading.Event(), Reader(warehouse)
    threading.Thread(target=listen, args=(over, reading), daemon=True).start()
    print("READY", flush=True)
    while not over.is_set():
        lane.run_once()
    while lane.run():
        pass
    reading.stop()
    cpu = timing.close()
    begun = time.perf_counter()
    differences = compare()
    print(json.dumps({
        "differences": differences, "oracle_s": round(time.perf_counter() - begun, 1),
        "crossings": timing.crossed, "reader": reading.told(), "batches": timing.batches,
        "round_ms": timing.rounds(), "cpu_s": cpu,
    }), flush=True)  # fmt: skip
    lane.close()
    warehouse.close()


def make(count: int) -> None:
    """The live segments, where they are not there yet."""
    from enishi.book.access import OPERATOR
    from enishi.segments import service
    from enishi.segments.models import Segment
    from enishi.segments.schemas import SegmentIn

    for slug, rule in live_rules(count).items():
        if not Segment.objects.filter(slug=slug).exists():
            service.create(SegmentIn(slug=slug, name=slug, rule=rule, live=True), OPERATOR)


def compare() -> dict[str, int]:
    """Refresh everything whole; how many people live deciding had left otherwise."""
    from enishi.book.access import OPERATOR
    from enishi.segments import jobs, service
    from enishi.segments.models import Segment

    for segment in Segment.objects.filter(live=True):
        service.refresh(segment.slug, "full", OPERATOR)
    while jobs.run_once():
        pass
    rows = list(Segment.objects.filter(live=True))
    return {
        "segments": len(rows), "members": sum(row.size or 0 for row in rows),
        "moved": sum(row.moved for row in rows), "missed": sum(row.missed for row in rows),
        "failed": sum(bool(row.failures) for row in rows),
    }  # fmt: skip


class Timing:
    """Notes when what the engine has heard is committed."""

    def __init__(self, path: Path, engine: Any) -> None:
        self._file = path.open("w")
        self._hears, self._settle = engine.hears, engine.settle
        self._engine = engine
        self._heard: list[str] = []
        self._begun = 0.0
        self.batches = self.crossed = 0
        self._rounds: list[float] = []
        self._cpu = time.process_time()
        engine.hears, engine.settle = self.hears, self.settle

    def hears(self, bench: Any, batch: Any) -> None:
        self._begun = time.perf_counter()
        self._hears(bench, batch)
        self._rounds.append(time.perf_counter() - self._begun)
        self.crossed += len(self._engine._pending.crossings)
        self._heard = batch.rows.column("message_id").to_pylist()

    def settle(self) -> None:
        if self._heard:
            self._file.write(json.dumps([time.monotonic_ns(), self._heard]) + "\n")
            self.batches += 1
            self._heard = []
        self._settle()

    def rounds(self) -> dict[str, float]:
        """What deciding a batch took, in ms."""
        found = sorted(self._rounds)
        if not found:
            return {}
        return {
            "p50": round(found[len(found) // 2] * 1000, 1),
            "p99": round(found[int(len(found) * 0.99)] * 1000, 1),
        }

    def close(self) -> float:
        """The processor time of this process since it began, in seconds."""
        self._file.close()
        return round(time.process_time() - self._cpu, 1)


class Reader:
    """Counts what somebody in the builder counts, one question after another."""

    PAUSE = 0.2

    def __init__(self, warehouse: Any) -> None:
        self._warehouse = warehouse
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._took: list[float] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        from enishi.book.access import OPERATOR

        rules = [BOUGHT.rule, BALANCE.rule, QUARTER.rule]
        while not self._over.wait(self.PAUSE):
            begun = time.perf_counter()
            self._warehouse.count(rules[len(self._took) % 3], actor=OPERATOR)
            self._took.append(time.perf_counter() - begun)

    def told(self) -> dict[str, float]:
        found = sorted(self._took)
        return {
            "counts": len(found),
            "p50_ms": round(found[len(found) // 2] * 1000) if found else 0,
        }


def listen(over: threading.Event, reading: Reader) -> None:
    for line in sys.stdin:
        if line.strip() == "read":
            reading.start()
    over.set()


if __name__ == "__main__":
    main()
