"""Notices: what happened in the book, left there by the unit that did it (see `models.Notice`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from enishi.book.unit import work
from enishi.journeys import holds, tasks
from enishi.journeys.feed.hearing import RUNNING, Ear
from enishi.journeys.feed.told import Feed, Happened, apply
from enishi.journeys.models import Journey, Notice

if TYPE_CHECKING:
    from enishi.lists.telling import Worked

AT_ONCE = 200
OVER = ("done", "dropped")
"""The meanings of a status with which a member's work has ended."""


def note_worked(worked: Sequence[Worked]) -> None:
    """Remember, in the unit that is open, that members of lists have been worked."""
    if not Journey.objects.filter(state__in=RUNNING).exists():
        return
    Notice.objects.bulk_create(
        Notice(
            kind="list", person=one.person, list=one.list, member=one.member,
            codes={"codes": [code for code in (one.outcome, one.status) if code]},
            done=one.meaning in OVER, by=one.by, at=one.at,
        )
        for one in worked
    )  # fmt: skip


def take(feed: Feed) -> bool:
    """Take in the next notices; whether there were any."""
    rows = list(Notice.objects.order_by("id")[:AT_ONCE])
    if not rows:
        return False
    held = [row for row in rows if row.kind == "hold"]
    if held:
        with work("journeys.holds"):
            holds.settle({row.person for row in held}, feed.now)
            _forget(held)
        return True
    concluded = tasks.concluded(rows, feed.hearing.versions)
    happened = [
        Happened(
            row.person, row.at, f"list:{row.list}"[:40], _ears(feed, row),
            detail={"list": row.list, "status": row.codes["codes"][-1], "by": row.by},
            direct=concluded.heard.get(row.id, ()),
        )
        for row in rows
    ]  # fmt: skip

    def before(taken: int) -> None:
        tasks.close(concluded, [row.id for row in rows[:taken]])

    apply(feed, happened, lambda taken: _forget(rows[:taken]), before)
    return True


def _ears(feed: Feed, row: Notice) -> list[Ear]:
    codes = set(row.codes["codes"])
    return [
        ear for ear in feed.hearing.lists.get(row.list, ())
        if not codes.isdisjoint(ear.signal.status)
    ]  # fmt: skip


def _forget(rows: Sequence[Notice]) -> None:
    Notice.objects.filter(id__in=[row.id for row in rows]).delete()
