"""Running the lanes until so many mails are sent, and what is measured meanwhile."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any

from benchmarks.send import ground
from benchmarks.units import units_measured


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
