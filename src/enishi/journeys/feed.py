"""What happened, taken in: found in the warehouse and the book, told to the walks it concerns.

inbox (events)  crossings  stays of segments  notices (lists, holds)
      └────────────┴─────────────┴──────────────────┘
             Happened: whom, when, which ears
                       │  one unit of the book
        hear · enter · how far it has been read
"""

from __future__ import annotations

import threading
from typing import Any

from enishi.journeys import feed_events, feed_notices, feed_segments, hearing
from enishi.journeys.feed_told import Feed
from enishi.warehouse.duckdb_engine import DuckDBEngine

_turn = threading.Lock()


def take_in(context: Any) -> bool:
    """Take in a slice of what happened; whether there may be more.

    `context` has `warehouse` and `clock` (see `work.lanes.Context`). On other engines than DuckDB
    there are no events and no live segments; everything else is heard.
    """
    warehouse = context.warehouse
    with _turn:
        feed = feed_of(context)
        more = feed_notices.take(feed)
        if isinstance(feed.engine, DuckDBEngine):
            more = feed_events.take(feed, feed.engine) or more
            more = feed_segments.take_crossings(feed, warehouse) or more
        return feed_segments.take_stays(feed) or more


def feed_of(context: Any) -> Feed:
    """One round over what is listened to now."""
    warehouse = context.warehouse
    catalog = warehouse.catalog
    return Feed(warehouse.engine, catalog, context.clock, hearing.look(catalog))
