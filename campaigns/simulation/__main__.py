"""Random journeys, people, faults and clocks, played for 30 virtual days each.

    python -m campaigns.simulation                            # 10,000 seeds, two processes
    python -m campaigns.simulation --seeds 1000 --from 20000
    python -m campaigns.simulation --seeds 200 --broken deaf  # must be noticed
    python -m campaigns.simulation --broken all               # each of them must be noticed
    python -m campaigns.simulation --book sqlite --seeds 200  # and on a real book

Each seed makes a world (`world`): a journey of up to 14 steps and another version of it, up to six
people in one of four zones, three of which change their clocks, what is known of them and what
happens to them, when the engine looks and how wrong its clock is (it jumps by up to 26 hours, both
ways), when it dies in the middle of a unit or between a message and its outcome, when the journey
is paused. It is played (`play`, `sender`) by the engine's own `advance` over a book in memory, and
what came of it is judged by other means (`checks`). One seed in ten is played twice: both must be
the same.

With `--book sqlite` each world, looked at a few times a day, is also played on a book in a file by
the runner, the gate, the warehouse and the sending lane (`booked`), and must come to the same
stories, the same ends of messages and the same number of times each was sent. A world takes about
half a second then.

Prints JSON. `violations`: how many sentences each check has found, with some of them. The exit code
is 0 if there are none, or, with `--broken`, if what is broken is noticed by the check named for it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from campaigns.simulation.booked import simulate_on_book
from campaigns.simulation.checks import CHECKS
from campaigns.simulation.judging import Sum, noticed, simulate
from campaigns.simulation.play import BROKEN
from campaigns.simulation.world import DAYS

_AT_ONCE = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--broken", choices=[*BROKEN, "all"], default="")
    parser.add_argument("--book", choices=["memory", "sqlite"], default="memory")
    asked = parser.parse_args()
    if asked.broken == "all":
        told = {fault: noticed(fault, asked.first, asked.seeds) for fault in BROKEN}
        print(json.dumps({"campaign": "simulation", "noticed_by_seed": told}, indent=2))
        sys.exit(0 if None not in told.values() else 1)
    print(json.dumps(found := play(asked), ensure_ascii=False, indent=2))
    violations = found["violations"]
    if asked.broken:
        sys.exit(not violations["book" if asked.book == "sqlite" else BROKEN[asked.broken]])
    sys.exit(any(violations.values()))


def play(asked: argparse.Namespace) -> dict[str, Any]:
    """Play the seeds that were asked for, in several processes."""
    begun = time.monotonic()
    found = Sum()
    ends = asked.first + asked.seeds
    on_book = asked.book == "sqlite"
    kind = simulate_on_book if on_book else simulate
    # A process has one workspace: on a book each has all its seeds at once.
    at_once = -(-asked.seeds // asked.processes) if on_book else _AT_ONCE
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        slices = [
            pool.submit(kind, first, min(at_once, ends - first), asked.broken)
            for first in range(asked.first, ends, at_once)
        ]
        for one in slices:
            found.add(one.result())
    return {
        "campaign": "simulation",
        "from": asked.first,
        "seeds": found.seeds,
        "virtual_days": found.seeds * DAYS,
        "broken": asked.broken or None,
        "book": asked.book,
        **found.counts,
        "moves": dict(found.moves.most_common()),
        "violations": {name: found.violations[name] for name in [*CHECKS, "replay", "book"]},
        "examples": found.examples,
        "seconds": round(time.monotonic() - begun, 1),
    }


if __name__ == "__main__":
    main()
