"""How far the load is that runs in this process, whoever began it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

_lock = threading.Lock()
_latest: list[Note] = []


@dataclass
class Note:
    """The progress of one load of `total` datasets. It shows from its first news on.

    A load that is refused because another runs never has news, and so never hides that one.
    """

    total: int
    running: bool = True
    progress: dict[str, Any] = field(default_factory=dict)  # dataset → its latest progress

    def told(self, progress: Any) -> None:
        with _lock:
            self.progress[progress["dataset"]] = progress
            _latest[:] = [self]

    def end(self) -> None:
        with _lock:
            self.running = False


def told() -> dict[str, object]:
    """The load begun last: `{"running", "total", "progress": […]}`, as JSON."""
    with _lock:
        if not _latest:
            return {"running": False, "total": 0, "progress": []}
        note = _latest[0]
        return {
            "running": note.running, "total": note.total, "progress": list(note.progress.values())
        }  # fmt: skip
