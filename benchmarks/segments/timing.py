"""Fair timing: contenders in turn, several rounds, medians, everything warm."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Took:
    """Medians in milliseconds: on the clock, and of the processors of this process."""

    wall: float
    cpu: float


def interleaved(
    works: Mapping[str, Callable[[], object]], rounds: int, *, warm: int = 1
) -> dict[str, Took]:
    """What each work takes, run A B A B …; the first `warm` rounds do not count."""
    walls: dict[str, list[float]] = {name: [] for name in works}
    cpus: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + warm):
        for name, work in works.items():
            begun, used = time.perf_counter(), time.process_time()
            work()
            if turn >= warm:
                walls[name].append((time.perf_counter() - begun) * 1000)
                cpus[name].append((time.process_time() - used) * 1000)
    return {name: Took(median(walls[name]), median(cpus[name])) for name in works}


def median(times: list[float]) -> float:
    """Rounded to hundredths."""
    return round(statistics.median(times), 2)


def timed(work: Callable[[], T]) -> tuple[Took, T]:
    """What one run took, and what it gave."""
    begun, used = time.perf_counter(), time.process_time()
    found = work()
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    return Took(round(wall * 1000, 2), round(cpu * 1000, 2)), found
