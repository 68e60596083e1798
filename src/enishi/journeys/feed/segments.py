"""Entries and exits of segments, as what they mean to journeys.

Live segments tell of each crossing as it happens, in order. Of the others the stays are looked
through after each refresh. Both are kept apart by segment: what a crossing has told of, the stays
do not tell again, so that a segment may be made live, or live no longer, at any time. Who is in a
segment when it is filled for the first time has not entered it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from enishi.book.access import SYSTEM
from enishi.book.unit import work
from enishi.catalog.builtin import ENTERED
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.feed.hearing import Ear
from enishi.journeys.feed.told import Feed, Happened, apply
from enishi.warehouse.refresh_log import LOG, listed
from enishi.warehouse.spelling import literal

AT_ONCE = 200
_CROSSINGS, _STAYS = "crossings", "stays"
_PASS_EVERY = 5.0
"""Seconds after which crossings that nobody listens to are passed over again."""
_passed: dict[str, float] = {}


# ── live ones ────────────────────────────────────────────────────────────────────────────────────


def take_crossings(feed: Feed, warehouse: Any) -> bool:
    """Take in the next crossings of live segments; whether there were any."""
    wanted = feed.hearing.segments
    if not wanted and time.monotonic() - _passed.get("at", -_PASS_EVERY) < _PASS_EVERY:
        return False
    newest = warehouse.newest_crossing()
    known = followed(_CROSSINGS, {"after": ""})
    if not wanted:
        _passed["at"] = time.monotonic()
        if known["after"] != newest:
            _go_on_from(newest, feed.now)
        return False
    if newest <= known["after"]:
        return False
    rows = warehouse.crossings(
        actor=SYSTEM, after=known["after"], segments=sorted(wanted), limit=AT_ONCE
    )
    if not rows:
        _go_on_from(newest, feed.now)
        return False
    seen = followed(_STAYS, {})
    happened = [_crossed(feed, row, seen) for row in rows]

    def done(taken: int) -> None:
        follow(_CROSSINGS, {"after": rows[taken - 1]["crossing_id"]}, feed.now)
        for row in rows[:taken]:
            entry = seen.setdefault(row["segment"], {})
            entry["crossed"] = _told(datetime.fromisoformat(row["at"]))
        follow(_STAYS, seen, feed.now)

    apply(feed, happened, done)
    return True


def _go_on_from(newest: str, at: datetime) -> None:
    with work("journeys.crossings"):
        follow(_CROSSINGS, {"after": newest}, at)


def _crossed(feed: Feed, row: Mapping[str, Any], seen: Mapping[str, Any]) -> Happened:
    at = datetime.fromisoformat(row["at"]).astimezone(UTC)
    known = seen.get(row["segment"], {}).get("at")
    if known is not None and at <= datetime.fromisoformat(known):
        return Happened(row["id"], at, "")  # the stays have told of it
    return _moved(feed, row["segment"], row["id"], at, entered=row["event"] == ENTERED)


def _moved(feed: Feed, segment: str, person: str, at: datetime, *, entered: bool) -> Happened:
    crossing = "entered" if entered else "left"
    ears = [ear for ear in _ears(feed, segment) if ear.signal.crossing == crossing]
    detail = {"segment": segment, "crossing": crossing}
    return Happened(person, at, f"segment:{segment}"[:40], ears, detail=detail)


def _ears(feed: Feed, segment: str) -> Sequence[Ear]:
    return feed.hearing.segments.get(segment, ())


# ── all others ───────────────────────────────────────────────────────────────────────────────────


def take_stays(feed: Feed) -> bool:
    """Take in what the last refreshes have moved; whether there was any."""
    if not feed.hearing.segments:
        return False
    seen = followed(_STAYS, {})
    refreshed = _refreshed(feed)
    for segment, until in refreshed.items():
        known = seen.get(segment)
        if known is None or "at" not in known:
            since = min(ear.version.begun for ear in _ears(feed, segment))
            first = _first(feed, segment)
            seen[segment] = {**(known or {}), "at": _told(max(since, first)), "after": "~"}
            with work("journeys.stays"):
                follow(_STAYS, seen, feed.now)
            known = seen[segment]
        if until > datetime.fromisoformat(known["at"]) and _take(feed, segment, seen, until):
            return True
    return False


def _refreshed(feed: Feed) -> dict[str, datetime]:
    """When each segment that is listened to was last refreshed."""
    with feed.engine.books.read() as question:
        rows = question.rows(
            f"SELECT segment, max(as_of) FROM {LOG}"
            f" WHERE segment IN ({listed(feed.hearing.segments)}) GROUP BY segment"
        )
    return {segment: as_of.replace(tzinfo=UTC) for segment, as_of in rows}


def _first(feed: Feed, segment: str) -> datetime:
    with feed.engine.books.read() as question:
        found: datetime = question.one(
            f"SELECT min(as_of) FROM {LOG} WHERE segment = {literal(segment)}"
        )
    return found.replace(tzinfo=UTC)


def _take(feed: Feed, segment: str, seen: dict[str, Any], until: datetime) -> bool:
    """Take in the next moves of one segment, up to its last refresh; whether there were any."""
    known = seen[segment]
    since, after = datetime.fromisoformat(known["at"]), known["after"]
    crossed = known.get("crossed")
    if crossed is not None and datetime.fromisoformat(crossed) > since:
        since, after = datetime.fromisoformat(crossed), "~"
    rows = _moves(feed, segment, since, after, until)

    def done(taken: int) -> None:
        whole = taken == len(rows) < AT_ONCE
        at, person = (until, "~") if whole else (rows[taken - 1][0], rows[taken - 1][1])
        seen[segment] = {**known, "at": _told(at), "after": person}
        follow(_STAYS, seen, feed.now)

    happened = [_moved(feed, segment, person, at, entered=entered) for at, person, entered in rows]
    if happened:
        apply(feed, happened, done)
        return True
    with work("journeys.stays"):
        done(0)
    return False


def _moves(
    feed: Feed, segment: str, since: datetime, after: str, until: datetime
) -> list[tuple[datetime, str, bool]]:
    """(when, whom, whether she entered), in order, after an instant and a person at it."""
    spell = feed.engine.spelling
    table = spell.book("memberships")
    parts = []
    for column, entered in (("entered_at", "1"), ("left_at", "0")):
        parts.append(
            f"SELECT {column} AS moved_at, _id, {entered} AS entered FROM {table}"
            f" WHERE segment = {spell.text(segment)} AND {column} <= {spell.instant(until)}"
            f" AND ({column} > {spell.instant(since)}"
            f" OR ({column} = {spell.instant(since)} AND _id > {spell.text(after)}))"
        )
    with feed.engine.read() as question:
        rows = question.rows(
            f"SELECT moved_at, _id, entered FROM ({' UNION ALL '.join(parts)}) m"
            f" ORDER BY moved_at, _id, entered LIMIT {AT_ONCE}"
        )
    return [(at.replace(tzinfo=UTC), person, bool(entered)) for at, person, entered in rows]


def _told(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
