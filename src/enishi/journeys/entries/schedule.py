"""Entries at regular times: everybody of the audience, when the local clock says so.

A run that fell due while nothing was running is made up for once, the last one only: who would have
come in is asked now, and asking it twice would say the same. Runs never happen twice: how far one
has come is kept in the units that let its people in.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from enishi.book.unit import crash_point, work
from enishi.gate.in_force import as_calendar, calendar_body
from enishi.journeys import holds
from enishi.journeys.entries.service import Wanted, let_in
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.feed.hearing import Ear, present_entries
from enishi.journeys.feed.signals import everybody_who_fits, person_rule, still_there, those_who_fit
from enishi.journeys.feed.told import Feed
from enishi.journeys.graph import ScheduleEntry
from enishi.journeys.walking import store
from enishi.journeys.walking.times import WEEKDAYS
from enishi.kernel.business_days import BusinessCalendar
from enishi.kernel.errors import EnishiError
from enishi.rules.windows import instant_of, local_date
from enishi.warehouse.refresh_log import LOG

AT_ONCE = 1000
_DAY = timedelta(days=1)
_LOOK_BACK = 400  # days: an outage longer than that is made up for no more
Find = Callable[[], Sequence[store.Entry]]


# ── when ─────────────────────────────────────────────────────────────────────────────────────────


def falls_on(entry: ScheduleEntry, day: date, calendar: BusinessCalendar) -> bool:
    """Whether a schedule has a run on a local day. `day` 31 is the last of any month."""
    weekday = WEEKDAYS[day.weekday()]
    if entry.every == "once":
        return day.isoformat() == entry.on
    if entry.every == "week":
        return weekday in (entry.weekdays or ["mon"])
    if entry.weekdays and weekday not in entry.weekdays:
        return False
    if entry.every == "business_day":
        return calendar.is_business_day(day)
    if entry.every == "month":
        return day.day == min(entry.day or 1, monthrange(day.year, day.month)[1])
    return True


def last_run(
    entry: ScheduleEntry,
    after: datetime,
    until: datetime,
    calendar: BusinessCalendar,
    zone: ZoneInfo,
) -> datetime | None:
    """The last run after an instant and not after another; None when there is none."""
    day, first = local_date(until, zone), local_date(after, zone)
    for _ in range(_LOOK_BACK):
        if day < first:
            return None
        if falls_on(entry, day, calendar):
            at = instant_of(datetime.combine(day, entry.at), zone)
            if after < at <= until:
                return at
        day -= _DAY
    return None


# ── a run, in units ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Run:
    """One run of an entry. `number` names it for ever; `find` tells whom it brings, in the order of
    person and key."""

    ear: Ear
    number: str
    find: Find


_found: dict[str, tuple[str, Sequence[store.Entry]]] = {}


def name_of(ear: Ear) -> str:
    """The cursor of an entry's runs."""
    return f"{ear.version.journey}:{ear.version.number}:{ear.place}"


def go_on(feed: Feed, run: Run, value: Mapping[str, Any]) -> bool:
    """Let the next people of a run in, and keep how far it has come; True until it is over.

    `value` is the cursor: `done`, the run under way (`run`) and whom it has come to (`after`).
    """
    name = name_of(run.ear)
    if name not in _found or _found[name][0] != run.number:
        _found[name] = (run.number, run.find())
    entries = _found[name][1]
    after = tuple(value["after"]) if value.get("run") == run.number else ("", "")
    start = bisect_right(entries, after, key=lambda one: (one.person, one.key))
    chunk = entries[start : start + AT_ONCE]
    with work("journeys.run"):
        there = still_there(feed.engine, feed.catalog, [one.person for one in chunk])
        let_in([Wanted(run.ear.version, one) for one in chunk if one.person in there])
        holds.settle(there, feed.now)
        if len(chunk) == AT_ONCE:
            last = [chunk[-1].person, chunk[-1].key]
            follow(name, {**value, "run": run.number, "after": last}, feed.now)
        else:
            follow(name, {"done": run.number}, feed.now)
        crash_point("journeys.run")
    if len(chunk) < AT_ONCE:
        del _found[name]
    return len(chunk) == AT_ONCE


def run_once(feed: Feed) -> bool:
    """Go on with whatever run is due or under way; whether there may be more."""
    more = False
    calendar = as_calendar(calendar_body()) if feed.hearing.schedules else None
    for ear in feed.hearing.schedules:
        if calendar is not None:
            more = _scheduled(feed, ear, calendar) or more
    for ear in present_entries(feed.hearing):
        more = _present(feed, ear) or more
    return more


# ── schedules ────────────────────────────────────────────────────────────────────────────────────


def _scheduled(feed: Feed, ear: Ear, calendar: BusinessCalendar) -> bool:
    value = followed(name_of(ear), {"done": ear.version.since.isoformat()})
    zone = feed.catalog.zone
    if value.get("run"):
        at = datetime.fromisoformat(value["run"])
    else:
        done = datetime.fromisoformat(value["done"])
        due = last_run(ear.signal, done, feed.now, calendar, zone)
        if due is None:
            return False
        at = due
    per_key = ear.version.body.reentry.kind == "per_key"
    key = local_date(at, zone).isoformat() if per_key else ""

    def find() -> list[store.Entry]:
        persons = _audience(feed, ear)
        return [store.Entry(one, key, feed.now, "schedule") for one in persons]

    return go_on(feed, Run(ear, at.isoformat(), find), value)


def _audience(feed: Feed, ear: Ear) -> list[str]:
    """Everybody who may come in now; nobody while the audience cannot be asked."""
    body = ear.version.body
    try:
        rule = person_rule(body.audience, feed.catalog, body.purpose)
    except EnishiError:  # the catalog no longer fits it; the journey's page says so
        return []
    return everybody_who_fits(feed.engine, feed.catalog, rule, feed.now)


# ── those who are inside a segment already ───────────────────────────────────────────────────────


def _present(feed: Feed, ear: Ear) -> bool:
    """Let in who was inside when the version went live, or when the segment was first filled."""
    value = followed(name_of(ear), {})
    if "done" in value:
        return False
    first = _first_filled(feed, ear.signal.segment)
    if first is None:
        return False
    at = max(first, ear.version.since)

    def find() -> list[store.Entry]:
        by = f"segment:{ear.signal.segment}"
        return [
            store.Entry(one, "", feed.now, by)
            for one in _inside(feed, ear, at)
        ]  # fmt: skip

    return go_on(feed, Run(ear, at.isoformat(), find), value)


def _first_filled(feed: Feed, segment: str) -> datetime | None:
    with feed.engine.books.read() as question:
        found: datetime | None = question.one(
            f"SELECT min(as_of) FROM {LOG} WHERE segment = ?", [segment]
        )
    return None if found is None else found.replace(tzinfo=feed.now.tzinfo)


def _inside(feed: Feed, ear: Ear, at: datetime) -> list[str]:
    """Who was inside the segment at an instant and is of the audience now, by id."""
    spell = feed.engine.spelling
    instant = spell.instant(at)
    with feed.engine.read() as question:
        rows = question.rows(
            f"SELECT DISTINCT _id FROM {spell.book('memberships')}"
            f" WHERE segment = {spell.text(ear.signal.segment)} AND entered_at <= {instant}"
            f" AND (left_at IS NULL OR left_at > {instant})"
        )
    body = ear.version.body
    try:
        rule = person_rule(body.audience, feed.catalog, body.purpose)
    except EnishiError:  # as above
        return []
    persons = [row[0] for row in rows]
    return sorted(those_who_fit(feed.engine, feed.catalog, rule, persons, feed.now))
