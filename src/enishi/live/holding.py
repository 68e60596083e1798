"""What a refresh of live segments is given: an instant, and the duty to tell what it has moved.

Live deciding stands still meanwhile. Everything has been decided up to the instant, so the refresh
compares what is stored with what is true then: whoever differs, live deciding has missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta

from enishi.live import books, crossings
from enishi.live.engine import LiveEngine
from enishi.live.types import LiveRule, failing
from enishi.warehouse.duckdb_engine import Workbench
from enishi.warehouse.refresh_log import Moved
from enishi.warehouse.spelling import literal

_TICK = timedelta(microseconds=1)


class Hold:
    """One hold of an engine; `wanted` are the live segments as the book words them."""

    def __init__(self, engine: LiveEngine, wanted: Mapping[str, LiveRule], at: datetime) -> None:
        self.at = at
        self._engine, self._wanted = engine, wanted
        self._refreshed: dict[str, datetime] = {}

    def moved(self, bench: Workbench, moved: Moved) -> None:
        """Write the crossings of what a refresh applies, in its transaction."""
        engine = self._engine
        mine = {slug: v for slug, v in moved.versions.items() if slug in self._wanted}
        tell = [slug for slug in mine if slug not in moved.first]
        if tell:
            listed = ", ".join(map(literal, tell))
            load = engine.load_of(bench, moved.at)
            engine.hear_loads(bench, {load})
            rows = f"SELECT * FROM ({moved.rows}) r WHERE segment IN ({listed})"
            engine.number = crossings.write_moved(
                bench, engine.catalog, rows, moved.at, engine.number, load
            )
        books.admit(
            bench,
            {
                slug: version for slug, version in mine.items()
                if self._wanted[slug].version == version
                and (slug in moved.whole or slug in engine.rules)
            },
        )  # fmt: skip
        books.set_decided(bench, moved.at)
        self._refreshed |= dict.fromkeys(mine, moved.at)

    def release(self) -> None:
        """Go on from what the refresh has left behind."""
        engine = self._engine
        engine.follow(self._wanted, self._refreshed)


@contextmanager
def hold(engine: LiveEngine, wanted: Mapping[str, LiveRule]) -> Iterator[Hold]:
    """Let live deciding stand still at an instant at which all is decided. Raises LiveFault."""
    with engine.lock:
        at = failing(engine.mark, sealing=True)
        found = Hold(engine, wanted, at + _TICK)
        try:
            yield found
        except BaseException:
            engine.reload()
            raise
        failing(found.release)
