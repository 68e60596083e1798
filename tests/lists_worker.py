"""A work process of its own for kill tests: runs the loop of lists, or of the package named, until
nothing is left to do."""

from __future__ import annotations

import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path


def main(root: str, instant: str, package: str = "lists") -> None:
    from enishi.book.setup import setup
    from enishi.book.workspace import read_workspace

    workspace = read_workspace(Path(root))
    setup(workspace)
    from enishi.book.clock import clock_set_to
    from enishi.kernel.clock import VirtualClock
    from enishi.warehouse import process
    from enishi.warehouse.client import open_warehouse

    run_once = import_module(f"enishi.{package}.jobs").run_once
    clock = VirtualClock(datetime.fromisoformat(instant))
    process.use_warehouse(open_warehouse(workspace, clock=clock, attach_only=False))
    with clock_set_to(clock):
        while run_once():
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
