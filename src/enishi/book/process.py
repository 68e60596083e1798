"""What every process of `enishi serve` does first: find its workspace, log, watch its parent."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from enishi.book.setup import setup
from enishi.book.workspace import Workspace, find_workspace

ENV_SUPERVISED = "ENISHI_SUPERVISED"
"""Set for the children of `enishi serve`, which must not outlive it."""


def begin(name: str) -> Workspace:
    """Django on the workspace; a log in `var/log/<name>.log`; an end with the supervisor's."""
    workspace = find_workspace()
    setup(workspace)
    log_to(workspace.log / f"{name}.log")
    hold_on_to_parent()
    return workspace


def log_to(path: Path) -> None:
    """Write the log to a file, at most 5 × 10 MB of it, readable by its owner alone.

    Under a supervisor the terminal then shows only what needs somebody.
    """
    root = logging.getLogger()
    if os.environ.get(ENV_SUPERVISED):
        for shown in root.handlers:
            shown.setLevel(logging.WARNING)
    os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    handler = RotatingFileHandler(path, maxBytes=10_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def hold_on_to_parent() -> None:
    """Under a supervisor, end this process within a second when its parent is gone, however."""
    if not os.environ.get(ENV_SUPERVISED):
        return
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
