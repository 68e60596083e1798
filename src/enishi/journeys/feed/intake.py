"""What happened, taken in: found in the warehouse and the book, told to the walks it concerns.

inbox (events)  crossings  stays of segments  notices (lists, holds)
      └────────────┴─────────────┴──────────────────┘
             Happened: whom, when, which ears
                       │  one unit of the book
        hear · enter · how far it has been read
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from enishi.journeys import emitting, holds, tasks
from enishi.journeys.entries import dates, schedule
from enishi.journeys.feed import events as feed_events
from enishi.journeys.feed import hearing
from enishi.journeys.feed import loads as feed_loads
from enishi.journeys.feed import notices as feed_notices
from enishi.journeys.feed import rules as feed_rules
from enishi.journeys.feed import segments as feed_segments
from enishi.journeys.feed.told import Feed
from enishi.warehouse.duckdb_engine import DuckDBEngine

_turn = threading.Lock()
_Known: TypeAlias = WeakKeyDictionary[DuckDBEngine, tuple[int, hearing.Hearing]]
_taken: _Known = WeakKeyDictionary()
_loaded: _Known = WeakKeyDictionary()
"""By the books of an open warehouse: at how many commits, with which ears, it told nothing."""


def take_in(context: Any) -> bool:
    """Take in a slice of what happened; whether there may be more.

    `context` has `warehouse` and `clock` (see `work.lanes.Context`). On other engines than DuckDB
    there are no events and no live segments; everything else is heard.
    """
    warehouse = context.warehouse
    with _turn:
        feed = feed_of(context)
        more = feed_notices.take(feed)
        return _from_warehouse(feed, _taken, lambda: _take_all(feed, warehouse)) or more


def _take_all(feed: Feed, warehouse: Any) -> bool:
    more = False
    if isinstance(feed.engine, DuckDBEngine):
        more = feed_events.take(feed, feed.engine)
        more = feed_segments.take_crossings(feed, warehouse) or more
    return feed_segments.take_stays(feed) or more


def _from_warehouse(feed: Feed, known: _Known, take: Callable[[], bool]) -> bool:
    """Take in what the warehouse tells, unless it told nothing and nothing has come to it since."""
    books = feed.engine.books
    commits = books.commits
    if known.get(books) == (commits, feed.hearing):
        return False
    more = take()
    if more:
        known.pop(books, None)
    else:
        known[books] = (commits, feed.hearing)
    return more


def feed_of(context: Any) -> Feed:
    """One round over what is listened to now."""
    warehouse = context.warehouse
    catalog = warehouse.catalog
    return Feed(warehouse.engine, catalog, context.clock, hearing.look(catalog))


def run_slow(context: Any) -> bool:
    """The lane beside: what takes its time, or is nobody's next step; whether there may be more.

    Schedules, dates and whoever is present let many people in at once; rules are asked again of
    everybody inside; tasks go onto lists; what journeys tell goes into the log.
    """
    feed = feed_of(context)
    more = tasks.run_once(feed.now)
    more = emitting.run_once(context) or more
    more = schedule.run_once(feed) or more
    more = dates.run_once(feed) or more
    if isinstance(feed.engine, DuckDBEngine):
        loads = partial(feed_loads.run_once, feed)
        more = _from_warehouse(feed, _loaded, loads) or more
    more = feed_rules.run_once(feed) or more
    return holds.reconcile(feed.now) or more
