"""The loop of live segments, as the work process runs it; it drains the log too."""

from __future__ import annotations

from typing import Any

from enishi.live.lane import LiveLane
from enishi.sources.stream import jobs as stream
from enishi.warehouse.duckdb_engine import DuckDBEngine

_lanes: dict[int, LiveLane] = {}
"""By open engine."""


def run_once(context: Any) -> bool:
    """One round over an open warehouse; always to be called again at once.

    `context` has `workspace`, `warehouse` and `clock` (see `work.lanes.Context`). On other engines
    than DuckDB events stay in the log and nothing is live.
    """
    engine = context.warehouse.engine
    if not isinstance(engine, DuckDBEngine):
        return stream.run_once(context)
    lane = _lanes.get(id(engine))
    if lane is None:
        close()
        lane = _lanes[id(engine)] = LiveLane(context.workspace, context.warehouse, context.clock)
    return lane.run_once()


def close() -> None:
    """Let go of everything; when the process ends."""
    for lane in _lanes.values():
        lane.close()
    _lanes.clear()
