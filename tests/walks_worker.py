"""A process of its own for kill tests: moves whoever is due until nobody is, and nothing else."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path


def main(root: str, instant: str) -> None:
    from enishi.book.setup import setup
    from enishi.book.workspace import read_workspace

    setup(read_workspace(Path(root)))
    from enishi.book.clock import clock_set_to
    from enishi.journeys.walking import moving, runner
    from enishi.kernel.clock import VirtualClock

    clock = VirtualClock(datetime.fromisoformat(instant))
    with clock_set_to(clock):
        while runner.move(clock, None) | moving.run_once(clock):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
