"""Four weeks of events from the demo bank's site and app, as if they had been accepted then."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

import pyarrow.parquet as pq

from enishi.book.access import OPERATOR
from enishi.book.workspace import Workspace
from enishi.demo.columns import generator
from enishi.demo.visits import Request, Visits, Where
from enishi.sources.event_sources import MadeKey, create
from enishi.sources.eventlog.format import Head, encode
from enishi.sources.eventlog.writer import Shard

STREAM = 77
"""Which of the seed's dice the visits throw."""
PER_DAY = 0.02
"""Visits a day for each customer."""
_SOURCES: dict[Where, str] = {"web": "日の出銀行ウェブサイト", "app": "日の出アプリ"}
_AT_ONCE = 2_000


def customers_online(workspace: Workspace) -> list[str]:
    """The numbers of the customers who use the app, in order."""
    persons = pq.read_table(workspace.data / "persons.parquet", columns=["customer_no", "app_user"])
    rows = zip(*(column.to_pylist() for column in persons.itercolumns()), strict=True)
    return sorted(number for number, online in rows if online)


def open_sources() -> dict[Where, MadeKey]:
    """Make the event sources of the site and of the app."""
    return {where: create(OPERATOR, name, where) for where, name in _SOURCES.items()}


def write_visits(
    workspace: Workspace,
    sources: dict[Where, MadeKey],
    customers: Sequence[str],
    seed: int,
    now: datetime,
    days: int = 28,
) -> int:
    """Write what was sent during the last `days` into the log; returns how many requests."""
    requests = list(_past(customers, workspace, seed, now, days))
    requests.sort(key=lambda one: one.at)
    with Shard(workspace.events / "0") as shard:
        for start in range(0, len(requests), _AT_ONCE):
            some = requests[start : start + _AT_ONCE]
            shard.append([_record(one, sources[one.where].source.id) for one in some])
    return len(requests)


def _past(
    customers: Sequence[str], workspace: Workspace, seed: int, now: datetime, days: int
) -> Iterator[Request]:
    visits = Visits(customers, generator(seed, STREAM))
    today: date = now.astimezone(workspace.zone).date()
    count = max(8, int(len(customers) * PER_DAY))
    for back in range(days, -1, -1):
        day = datetime.combine(today - timedelta(days=back), clock_time(0), workspace.zone)
        yield from (one for one in visits.during(day, count) if one.at < now)


def _record(request: Request, source: str) -> bytes:
    at = int(request.at.astimezone(UTC).timestamp() * 1_000_000)
    body = json.dumps(request.body, ensure_ascii=False).encode()
    return encode(at, Head(source, "batch", snippet=request.where == "web"), body)
