"""Events that loads bring: rows of event datasets from files, and changed fields, heard as events.

Each event dataset that leads to the person is followed by its loads: when one is done, those rows
are heard whose names somebody listens to, in the order in which they happened. What came by the log
is heard from the inbox, long before its load is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from enishi.book.unit import work
from enishi.catalog.types import Dataset, FieldType, Pii
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.feed.events import given, key_field, key_in
from enishi.journeys.feed.told import Feed, Happened, apply
from enishi.journeys.feed.ways import joined
from enishi.kernel.text import fold
from enishi.rules.windows import midnight
from enishi.warehouse.gather import aware

AT_ONCE = 500
_PAGE = 20_000
_CURSOR = "loads"
_pages: dict[str, tuple[int, list[dict[str, Any]]]] = {}  # by load: from which place, which rows
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


def run_once(feed: Feed) -> bool:
    """Take in the next rows of the next load; whether there were any."""
    names = frozenset(feed.hearing.events)
    found = followed(_CURSOR, {})
    newest_of = _newest(feed)
    for dataset in _followed_by(feed):
        known = found.get(dataset.name)
        if known is not None and newest_of.get(dataset.name, "") <= known["load"]:
            continue
        loads = _loads(feed, dataset, "" if known is None else known["load"])
        if known is None or dataset.event is None or not dataset.event.may_hold(names):
            newest = loads[-1][0] if loads else ""
            if known is None or (newest and newest != known["load"]):
                _go_on_from(feed, found, dataset, newest)
            continue
        for load, at in loads:
            if _take(feed, found, dataset, load, at, names):
                return True
    return False


def _followed_by(feed: Feed) -> list[Dataset]:
    """The event datasets that lead to the person, but for those that stream."""
    catalog = feed.catalog
    stream = catalog.stream
    if stream is None:
        return []
    kind = catalog.datasets[stream.person].subject or ""
    return [
        one for one in catalog.event_sources(kind, None)
        if one.name not in (stream.activity, stream.crossing)
    ]  # fmt: skip


def _newest(feed: Feed) -> dict[str, str]:
    """The newest load that is done, of every dataset: one question, asked again and again."""
    with feed.engine.books.read() as question:
        return dict(
            question.rows(
                "SELECT dataset, max(id) FROM enishi.loads WHERE state = 'loaded' GROUP BY dataset"
            )
        )


def _loads(feed: Feed, dataset: Dataset, after: str) -> list[tuple[str, datetime]]:
    """The loads of a dataset that are done, after one, oldest first: id and when it ended."""
    with feed.engine.books.read() as question:
        rows = question.rows(
            "SELECT id, coalesce(ended_at, started_at) FROM enishi.loads WHERE dataset = ?"
            " AND state = 'loaded' AND id > ? ORDER BY id",
            [dataset.name, after],
        )
    return [(load, at.replace(tzinfo=UTC)) for load, at in rows]


def _go_on_from(feed: Feed, found: dict[str, Any], dataset: Dataset, load: str) -> None:
    found[dataset.name] = {"load": load, "place": 0}
    with work("journeys.loads"):
        follow(_CURSOR, found, feed.now)


def _take(
    feed: Feed,
    found: dict[str, Any],
    dataset: Dataset,
    load: str,
    at: datetime,
    names: frozenset[str],
) -> bool:
    """Take in the next rows of one load; whether there were any."""
    known = found[dataset.name]
    place = known["place"] if known.get("under") == load else 0
    rows = _next(feed, dataset, load, names, place)
    if not rows:
        _go_on_from(feed, found, dataset, load)
        return False
    happened = [_happened(feed, dataset, row, at) for row in rows]

    def done(taken: int) -> None:
        found[dataset.name] = {**known, "under": load, "place": place + taken}
        follow(_CURSOR, found, feed.now)

    apply(feed, happened, done)
    return True


def _next(
    feed: Feed, dataset: Dataset, load: str, names: frozenset[str], place: int
) -> list[dict[str, Any]]:
    """The next rows of a load; read many at a time, since each reading looks at all of them."""
    start, rows = _pages.get(load, (0, []))
    if not start <= place < start + len(rows):
        _pages.clear()
        start, rows = _pages[load] = place, _rows(feed, dataset, load, names, place)
    return rows[place - start : place - start + AT_ONCE]


def _rows(
    feed: Feed, dataset: Dataset, load: str, names: frozenset[str], place: int
) -> list[dict[str, Any]]:
    """The next rows of a load that somebody may listen to, in order, each with its `_id`."""
    catalog, spell = feed.catalog, feed.engine.spelling
    stream, event = catalog.stream, dataset.event
    assert stream is not None
    assert event is not None
    person = catalog.datasets[stream.person]
    steps = catalog.expand(person.name, event.of[person.subject or ""]) or ()
    joins, tests = joined(feed, person, steps)
    row = f"t{len(steps)}"
    tests.append(f"{row}._load = {spell.text(load)}")
    if event.name_field is not None:
        listed = ", ".join(spell.text(one) for one in sorted(names)) or "NULL"
        tests.append(f"{row}.{spell.name(event.name_field + '__f')} IN ({listed})")
    if dataset.time is not None:
        begun = min(version.begun for version in feed.hearing.versions) - 2 * _DAY
        column = f"{row}.{spell.name(dataset.time.field)}"
        on_days = dataset.fields[dataset.time.field].type is FieldType.DATE
        bound = spell.day(begun.date()) if on_days else spell.instant(begun)
        tests.append(f"{column} >= {bound}")
    order = [*([dataset.time.field] if dataset.time else []), *dataset.key]
    listed = ", ".join(f"{row}.{spell.name(name)}" for name in dataset.fields)
    with feed.engine.read() as question:
        found = question.records(
            f"SELECT DISTINCT t0._id, {listed} FROM {joins} WHERE {' AND '.join(tests)}"
            f" ORDER BY {', '.join(f'{row}.{spell.name(name)}' for name in order)}, t0._id"
            f" LIMIT {_PAGE} OFFSET {place}"
        )
    return aware(found)


def _happened(feed: Feed, dataset: Dataset, row: dict[str, Any], loaded: datetime) -> Happened:
    event = dataset.event
    assert event is not None
    name = event.name if event.name_field is None else row[event.name_field]
    at = min(_when(feed, dataset, row, loaded), feed.now)
    person = str(row["_id"])
    ears = [
        ear for ear in feed.hearing.by_event(fold(str(name or "")))
        if ear.fits(dataset.name, row, feed.now)
    ]  # fmt: skip
    return Happened(
        person,
        at,
        f"event:{name}"[:40],
        ears,
        keys={ear.place_key: key_in(row, {}, key_field(ear)) for ear in ears},
        detail={"event": str(name), "dataset": dataset.name},
        given=given(_plain(dataset, row)) if any(ear.enters for ear in ears) else {},
    )


def _when(feed: Feed, dataset: Dataset, row: Mapping[str, Any], loaded: datetime) -> datetime:
    """When a row happened. A date without a time of day may be any instant of its day: the last
    counts, so that what was true of the day is not taken for older than it is."""
    told = None if dataset.time is None else row[dataset.time.field]
    if isinstance(told, datetime):
        return told
    if isinstance(told, date):
        return midnight(told + _DAY, feed.catalog.zone) - _TICK
    return loaded


def _plain(dataset: Dataset, row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a row may be taken along: nothing that is meant for some purposes alone, and no
    personal data of the higher kind."""
    found: dict[str, Any] = {}
    for name, field in dataset.fields.items():
        value = row[name]
        if value is None or field.purposes is not None or field.pii is Pii.HIGH:
            continue
        if isinstance(value, Decimal):
            found[name] = int(value) if value == value.to_integral_value() else float(value)
        else:
            found[name] = value.isoformat() if isinstance(value, date) else value
    return found
