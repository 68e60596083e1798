"""The durable loop of the stream: drains what has come, and waits until ingest rings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from enishi.book.workspace import Workspace
from enishi.kernel.clock import Clock
from enishi.kernel.errors import Conflict
from enishi.kernel.text import Text
from enishi.sources.stream.drain import Drainer
from enishi.sources.stream.types import OnBatch
from enishi.sources.stream.waking import Waking
from enishi.warehouse.duckdb_engine import DuckDBEngine

_WAIT_SECONDS = 0.2
"""How long the loop waits for the bell; a lane that is to end notices it then."""

Quiet = Callable[[], AbstractContextManager[object]]

_lock = threading.Lock()
_quiet: list[Quiet] = []
_drainers: dict[int, tuple[Any, Drainer]] = {}
_bells: dict[str, Waking] = {}


def drainer(workspace: Workspace, warehouse: Any, clock: Clock) -> Drainer:
    """The drainer of an open warehouse (`warehouse.warehouse.Warehouse`), by its present catalog.

    There is one for all that drain, rebuild or replay in this process. Raises Conflict
    `stream_needs_duckdb` on other engines.
    """
    if not isinstance(warehouse.engine, DuckDBEngine):
        raise Conflict(
            Text(
                "イベントの取り込みには、倉庫が DuckDB である必要があります。",
                "Draining events needs a warehouse on DuckDB.",
            ),
            Text(
                "イベントはログに残っています。enishi warehouse move で DuckDB に移せます。",
                "They stay in the log. `enishi warehouse move` brings the warehouse to DuckDB.",
            ),
            code="stream_needs_duckdb",
        )
    with _lock:
        found = _drainers.get(id(warehouse.engine))
        if found is None or found[0] is not warehouse.engine:
            made = Drainer(workspace, warehouse.engine, warehouse.catalog, clock)
            found = _drainers[id(warehouse.engine)] = warehouse.engine, made
    found[1].use_catalog(warehouse.catalog)
    return found[1]


def provide_quiet(provider: Quiet | None) -> None:
    """Let rebuilds hold this, so that who decides by events does not see half of them; None:
    nothing any more."""
    _quiet[:] = [] if provider is None else [provider]


def rebuild(workspace: Workspace, warehouse: Any, clock: Clock, tell: Callable[[int], None]) -> int:
    """Drain the whole log again while nobody decides by it; see `Drainer.rebuild`."""
    found = drainer(workspace, warehouse, clock)
    with _quiet[-1]() if _quiet else nullcontext():
        return found.rebuild(tell)


def bell(workspace: Workspace) -> Waking:
    """What ingest rings after each sync; made when first asked for."""
    with _lock:
        found = _bells.get(str(workspace.events))
        if found is None:
            found = _bells[str(workspace.events)] = Waking(workspace.events)
        return found


def run_once(context: Any, on_batch: OnBatch | None = None) -> bool:
    """Drain what there is, else wait for the bell a moment; always to be called again at once.

    On other engines than DuckDB the events stay in the log.
    """
    if not isinstance(context.warehouse.engine, DuckDBEngine):
        bell(context.workspace).wait(_WAIT_SECONDS)
        return True
    drain = drainer(context.workspace, context.warehouse, context.clock)
    drain.finish_rebuild()
    if not drain.run_once(on_batch):
        bell(context.workspace).wait(_WAIT_SECONDS)
    return True


def close() -> None:
    """Let go of the logs, the indexes and the bells; when the process ends."""
    with _lock:
        for _, drain in _drainers.values():
            drain.close()
        for one in _bells.values():
            one.close()
        _drainers.clear()
        _bells.clear()
