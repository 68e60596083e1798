"""Running the lanes until so many mails are sent, and what is measured meanwhile."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.send import ground


class Memory(threading.Thread):
    """The memory of this process while it runs, in MB, each half second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen = [ground.resident()]
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.5):
            self.seen.append(ground.resident())

    def told(self) -> dict[str, int]:
        """At the start, when a tenth has passed (all windows are full), the most, at the end."""
        return {
            "first": self.seen[0], "warm": self.seen[len(self.seen) // 10],
            "most": max(self.seen), "last": self.seen[-1],
        }  # fmt: skip


class Units(logging.Handler):
    """How long each unit of work held the book, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.took: dict[str, list[float]] = defaultdict(list)

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and len(record.args) == 2:
            took, name = record.args
            if isinstance(took, float):
                self.took[str(name)].append(took)

    def told(self) -> dict[str, dict[str, float]]:
        """Milliseconds."""
        return {
            name: {"units": len(some), **quantiles(some), "longest": round(max(some), 1)}
            for name, some in sorted(self.took.items())
        }


@contextmanager
def units_measured() -> Iterator[Units]:
    """Have every unit of work tell what it took: the book's log names those beyond a bound."""
    from enishi.book import unit

    found, log, bound = Units(), logging.getLogger("enishi.book"), unit.LONGEST_MS
    unit.LONGEST_MS, log.propagate = -1.0, False
    log.addHandler(found)
    try:
        yield found
    finally:
        log.removeHandler(found)
        unit.LONGEST_MS, log.propagate = bound, True


def quantiles(some: list[float]) -> dict[str, float]:
    ordered = sorted(some)
    return {
        "p50": round(ordered[len(ordered) // 2], 1),
        "p99": round(ordered[int(len(ordered) * 0.99)], 1),
    }


def pour(send: str) -> dict[str, Any]:
    """Run the lanes as the work process does until a send is over; how fast, and what it took."""
    from enishi.messages.channels.registry import channel_for
    from enishi.messages.models import Delivery
    from enishi.messages.public.links import links_for
    from enishi.messages.sending.lane import Sending
    from enishi.work.main import SWITCH_SECONDS

    sys.setswitchinterval(SWITCH_SECONDS)
    lane = Sending(links_for, channel_for)
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            if not lane.read_on():
                stop.wait(0.05)

    ours = Delivery.objects.filter(send=send)
    going = ours.filter(state__in=("queued", "attempting"))
    memory, reader = Memory(), threading.Thread(target=read)
    rounds = 0
    with units_measured() as units:
        cpu, begun = os.times(), time.perf_counter()
        memory.start()
        reader.start()
        checked = 0
        while True:
            if lane.round():
                rounds += 1
            else:
                lane.wait(0.05)
            if rounds - checked >= 20 or not lane.busy():
                checked = rounds
                if not going.exists():
                    break
        seconds = time.perf_counter() - begun
        stop.set()
        reader.join()
        lane.close()
    memory.over.set()
    mails = ours.filter(state="sent").count()
    spent = os.times()
    here = spent.user + spent.system - cpu.user - cpu.system
    child = spent.children_user + spent.children_system - cpu.children_user - cpu.children_system
    return {
        "sent": mails,
        "seconds": round(seconds, 2),
        "mails_per_second": round(mails / seconds),
        "rounds": rounds,
        "units_ms": units.told(),
        "cpu_seconds": {"here": round(here, 1), "child": round(child, 1)},
        "memory_mb": memory.told(),
    }
