"""Entries by a date of the person: a birthday, thirty days before a deposit matures.

Each local day has one run for each such entry, at the entry's time of day. Days that fell due while
nothing was running are made up for in order, as far back as a month. The entry key tells the date
(and of related rows the row), so that no date brings anybody in twice, and a date that was moved
counts anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from enishi.book.unit import work
from enishi.catalog.types import FieldType
from enishi.journeys.entries.schedule import Run, go_on, name_of
from enishi.journeys.entries.service import Wanted, who_may
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.feed.events import short_key
from enishi.journeys.feed.hearing import Ear
from enishi.journeys.feed.signals import EVERYBODY, person_rule
from enishi.journeys.feed.told import Feed
from enishi.journeys.feed.ways import among, joined
from enishi.journeys.graph import DateEntry
from enishi.journeys.walking import store
from enishi.journeys.walking.ready import span
from enishi.kernel.errors import EnishiError
from enishi.rules import check_value, compile_view
from enishi.rules.tree import Span
from enishi.rules.windows import anniversary, instant_of, local_date, step_date
from enishi.warehouse.spelling import SQL

LOOK_BACK = 31
"""Days of an outage that are made up for."""
_DAY = timedelta(days=1)
_NEAR = 4  # days: what a month's end may be off when it is stepped back


def days_that_lead_to(day: date, offset: Span) -> list[date]:
    """The dates that, moved by an offset, are a day. By months there may be several: from the 28th
    to the 31st a month leads to the end of February."""
    about, _ = step_date(day, -offset)
    near = [about + _DAY * by for by in range(-_NEAR, _NEAR + 1)]
    return [one for one in near if step_date(one, offset)[0] == day]


def is_anniversary(born: date, day: date) -> bool:
    """Whether a day is an anniversary of a date, the date itself left out."""
    return born < day and anniversary(born, day.year) == day


# ── which days are due ───────────────────────────────────────────────────────────────────────────


def run_once(feed: Feed) -> bool:
    """Go on with whatever day is due or under way; whether there may be more."""
    more = False
    for ear in feed.hearing.dates:
        more = _run(feed, ear) or more
    return more


def _run(feed: Feed, ear: Ear) -> bool:
    zone, entry = feed.catalog.zone, ear.signal
    before = local_date(ear.version.since, zone) - _DAY
    value = followed(name_of(ear), {"done": before.isoformat()})
    if value.get("run"):
        day = date.fromisoformat(value["run"])
    else:
        earliest = local_date(feed.now, zone) - _DAY * LOOK_BACK
        day = max(date.fromisoformat(value["done"]) + _DAY, earliest)
        at = instant_of(datetime.combine(day, entry.at), zone)
        if at > feed.now:
            return False
        if at < ear.version.since:  # it went live later that day
            with work("journeys.dates"):
                follow(name_of(ear), {"done": day.isoformat()}, feed.now)
            return True
    run = Run(ear, day.isoformat(), lambda: list(_entries(feed, ear, day)))
    go_on(feed, run, value)
    return True


def _entries(feed: Feed, ear: Ear, day: date) -> Iterator[store.Entry]:
    """Whom a local day brings, of the audience, by person and key."""
    entry: DateEntry = ear.signal
    led = days_that_lead_to(day, span(entry.offset))
    try:
        rows = whose(feed, ear, led)
    except EnishiError:  # the catalog no longer fits it; the journey's page says so
        return
    found = {(person, _key(key, told)): told for person, key, told in rows}
    wanted = [
        Wanted(
            ear.version,
            store.Entry(
                person, key, feed.now, "date", {"date": told.isoformat(), "field": entry.field}
            ),
        )
        for (person, key), told in sorted(found.items())
    ]
    for one in who_may(feed.engine, feed.catalog, wanted, feed.now):
        yield one.entry


def _key(row: str, told: date) -> str:
    return short_key(f"{row}@{told.isoformat()}" if row else told.isoformat())


# ── whose dates they are ─────────────────────────────────────────────────────────────────────────


Dated = tuple[str, str, date]
"""Person, key of the row (empty: her own), the date that counts (of a yearly one this year's)."""


def whose(feed: Feed, ear: Ear, led: Sequence[date]) -> list[Dated]:
    """Whom an entry's field has one of these dates of, as the warehouse knows it now."""
    entry: DateEntry = ear.signal
    return _related(feed, entry, led) if entry.related else _own(feed, ear, led)


def _own(feed: Feed, ear: Ear, led: Sequence[date]) -> list[Dated]:
    entry, catalog = ear.signal, feed.catalog
    rule = person_rule(None, catalog, ear.version.body.purpose)
    value = check_value({"field": entry.field}, catalog, subject=rule.subject, purpose=rule.purpose)
    view = compile_view(
        catalog, rule.subject, rule, {"value": value}, feed.now,
        dialect=feed.engine.dialect, schemas=feed.engine.schemas,
    )  # fmt: skip
    where = _near(feed, '"value"', value.type, led, entry.yearly)
    with feed.engine.read() as question:
        rows = question.rows(f'SELECT _id, "value" FROM ({view}) v WHERE {where}')
    return [
        (person, "", counted)
        for person, told in rows for counted in _counts(feed, told, led, entry.yearly)
    ]  # fmt: skip


def _related(feed: Feed, entry: DateEntry, led: Sequence[date]) -> list[Dated]:
    """The rows of a to-many relation whose date counts, each with the person it leads back to."""
    catalog, spell = feed.catalog, feed.engine.spelling
    stream = catalog.stream
    steps = None if stream is None else catalog.expand(stream.person, entry.related)
    if not steps or stream is None:
        return []
    target = catalog.datasets[steps[-1].target]
    last = f"t{len(steps)}"
    joins, tests = joined(feed, catalog.datasets[stream.person], steps)
    key = ", ".join(f"{last}.{spell.name(name)}" for name in target.key)
    column = f"{last}.{spell.name(entry.field)}"
    tests.append(_near(feed, column, target.fields[entry.field].type, led, entry.yearly))
    tests.append(among(feed, target, last, entry.where or EVERYBODY))
    with feed.engine.read() as question:
        rows = question.rows(
            f"SELECT DISTINCT t0._id, {column}, {key} FROM {joins} WHERE {' AND '.join(tests)}"
        )
    return [
        (row[0], "/".join(str(part) for part in row[2:]), counted)
        for row in rows for counted in _counts(feed, row[1], led, entry.yearly)
    ]  # fmt: skip


def _near(feed: Feed, column: SQL, kind: FieldType, led: Sequence[date], yearly: bool) -> SQL:
    """A test that keeps all whose date may count; `_counts` decides."""
    if not led:
        return "FALSE"
    if yearly:
        months = sorted({one.month for one in led})
        return f"month({column}) IN ({', '.join(map(str, months))})"
    spell = feed.engine.spelling
    if kind is FieldType.TIMESTAMP:
        first = spell.instant(instant_of(datetime.combine(min(led), datetime.min.time()),
                                         feed.catalog.zone))  # fmt: skip
        last = spell.instant(instant_of(datetime.combine(max(led) + _DAY, datetime.min.time()),
                                        feed.catalog.zone))  # fmt: skip
        return f"{column} >= {first} AND {column} < {last}"
    return f"{column} IN ({', '.join(spell.day(one) for one in led)})"


def _counts(feed: Feed, told: Any, led: Sequence[date], yearly: bool) -> list[date]:
    if told is None:
        return []
    if isinstance(told, datetime):
        aware = told if told.tzinfo is not None else told.replace(tzinfo=feed.now.tzinfo)
        told = local_date(aware, feed.catalog.zone)
    if yearly:
        return [one for one in led if is_anniversary(told, one)][:1]
    return [told] if told in led else []
