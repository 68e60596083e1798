"""Exits and goals by a rule, asked of everybody inside every quarter of an hour: what only time, or
a load, has made true is noticed then."""

from __future__ import annotations

from datetime import datetime, timedelta

from enishi.book.unit import work
from enishi.journeys.feed.cursor import follow, followed
from enishi.journeys.feed.hearing import Ear
from enishi.journeys.feed.signals import those_who_fit
from enishi.journeys.feed.told import Feed
from enishi.journeys.models import Enrollment
from enishi.journeys.types import Heard, WalkState
from enishi.journeys.walking import store

EVERY = timedelta(minutes=15)
AT_ONCE = 10_000
_WRITTEN = 200
_NAME = "rules"


def run_once(feed: Feed) -> bool:
    """Ask the next of those inside; whether there may be more.

    The cursor: when the round began (`at`), and by rule up to which walk it has asked (`asked`).
    """
    rules = feed.hearing.rules
    if not rules:
        return False
    value = followed(_NAME, {"at": None, "over": True})
    began = None if value["at"] is None else datetime.fromisoformat(value["at"])
    if value["over"]:
        if began is not None and began <= feed.now < began + EVERY:
            return False
        value = {"at": feed.now.isoformat(), "over": False, "asked": {}}
    for ear in rules:
        after = value["asked"].get(ear.place_key, 0)
        if after is not None:
            value["asked"][ear.place_key] = _ask(feed, ear, after)
            break
    else:
        value = {"at": value["at"], "over": True}
    with work("journeys.rules"):
        follow(_NAME, value, feed.now)
    return not value["over"]


def _ask(feed: Feed, ear: Ear, after: int) -> int | None:
    """Ask a rule of the next walks on its version; the last one asked, None when there was none."""
    assert ear.rule is not None
    rows = list(
        Enrollment.objects.filter(
            journey=ear.version.journey, version=ear.version.number, id__gt=after
        )
        .exclude(state=WalkState.ENDED)
        .order_by("id")
        .values_list("id", "person")[:AT_ONCE]
    )
    if not rows:
        return None
    fit = those_who_fit(
        feed.engine, feed.catalog, ear.rule, {person for _, person in rows}, feed.now
    )
    told = [
        (walk, Heard(ear.place, feed.now, detail={"rule": True}))
        for walk, person in rows if person in fit
    ]  # fmt: skip
    for start in range(0, len(told), _WRITTEN):
        store.hear(told[start : start + _WRITTEN])
    return rows[-1][0]
