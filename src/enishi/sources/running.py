"""A load begun from the web: it runs in the background while its progress can be asked for.

The load itself belongs to the process that owns the warehouse; here is only who began it, how far
it is, and the refusal it met at its start.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.workspace import current_workspace
from enishi.kernel.errors import Conflict, EnishiError
from enishi.kernel.text import Text
from enishi.sources.actions import load_into
from enishi.warehouse.process import warehouse

_FIRST_NEWS_SECONDS = 5.0


@dataclass
class Run:
    """One load under way: the latest progress of each dataset, in the order they came."""

    running: bool = False
    latest: dict[str, Any] = field(default_factory=dict)
    refused: EnishiError | None = None
    news: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def progress(self) -> list[Any]:
        return list(self.latest.values())

    def told(self, progress: Any) -> None:
        self.latest[progress["dataset"]] = progress
        self.news.set()


_lock = threading.Lock()
_run = Run()


def current() -> Run:
    """The load begun last."""
    return _run


def start(actor: Actor, dataset: str | None, *, rebuild: bool) -> Run:
    """Begin to load one dataset, or all; returns at the first progress.

    Raises what the load was refused with, such as Conflict `load_running` or NotFound.
    """
    global _run
    with _lock:
        if _run.running:
            raise Conflict(
                Text("別の読み込みが進行中です。", "Another load is running."),
                Text("終わってからもう一度お試しください。", "Try again when it has ended."),
                code="load_running",
            )
        run = _run = Run(running=True)
    audit.record(
        actor, "data.load", "dataset", dataset or "all", {"rebuild": rebuild, "began": True}
    )
    run.thread = threading.Thread(target=_load, args=(run, dataset, rebuild), daemon=True)
    run.thread.start()
    run.news.wait(_FIRST_NEWS_SECONDS)
    if run.refused is not None:
        raise run.refused
    return run


def _load(run: Run, dataset: str | None, rebuild: bool) -> None:
    try:
        load_into(
            current_workspace(),
            warehouse(),
            [dataset] if dataset else None,
            progress=run.told,
            rebuild=rebuild,
        )
    except EnishiError as error:
        run.refused = error
    finally:
        run.running = False
        run.news.set()
