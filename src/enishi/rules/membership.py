"""Whether a subject is in a named set, or came into it or left it: read from the stays kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from enishi.catalog.sets import LIST_ROWS, OPEN_MEANS, SEGMENT_ROWS
from enishi.rules.changes import earliest
from enishi.rules.facts import Facts, Row, stored
from enishi.rules.moment import Moment
from enishi.rules.tree import Membership


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in a set that had begun at the instant. `end` None: it has not ended.

    Of a list: how long a member has had one `status`.
    """

    start: datetime
    end: datetime | None
    status: str | None = None


class Standing(NamedTuple):
    """The truth, the stays behind it (the latest first), and when either can change."""

    truth: bool
    stays: tuple[Stay, ...]
    until: datetime | None


def standing(membership: Membership, facts: Facts, subject: Row, moment: Moment) -> Standing:
    """Whether a membership holds of a subject at an instant."""
    at = moment.at
    if membership.kind == "list":
        return _on_list(membership, facts, subject, at)
    rows = _rows(facts, SEGMENT_ROWS, membership.slug, subject)
    stays = [Stay(*_times(row, "entered_at", "left_at")) for row in rows]
    begun = _latest_first([stay for stay in stays if stay.start <= at])
    changes: list[datetime | None] = [stay.start for stay in stays if stay.start > at]
    if membership.window is None:
        changes += [_ending(stay, at) for stay in begun]
        return Standing(any(_there(s, at) for s in begun), begun, earliest(changes))
    crossed = [s.start if membership.crossing == "entered" else s.end for s in begun]
    truth = False
    for instant in crossed:
        if instant is None:
            continue
        truth = truth or (instant <= at and moment.instants(membership.window).holds(instant))
        if instant > at:
            changes.append(instant)
        changes.append(moment.window_change(membership.window, instant))
    return Standing(truth, begun, earliest(changes))


def _on_list(membership: Membership, facts: Facts, subject: Row, at: datetime) -> Standing:
    """On a list: a row valid at the instant whose status is meant."""
    truth, begun, changes = False, list[Stay](), list[datetime | None]()
    for row in _rows(facts, LIST_ROWS, membership.slug, subject):
        start, end = _times(row, "_from", "_to")
        if start > at:
            changes.append(start)
            continue
        stay = Stay(start, end, str(stored(row, "status")))
        begun.append(stay)
        changes.append(_ending(stay, at))
        if membership.statuses is None:
            meant = stored(row, "means") in OPEN_MEANS
        else:
            meant = stored(row, "status") in membership.statuses
        truth = truth or (meant and _there(stay, at))
    return Standing(truth, _latest_first(begun), earliest(changes))


def _rows(facts: Facts, table: str, slug: str, subject: Row) -> list[Row]:
    return list(facts.matching(table, ("set", "_id"), (slug, stored(subject, "_id"))))


def _times(row: Row, start: str, end: str) -> tuple[datetime, datetime | None]:
    first, last = stored(row, start), stored(row, end)
    assert isinstance(first, datetime)
    assert last is None or isinstance(last, datetime)
    return first, last


def _there(stay: Stay, at: datetime) -> bool:
    return stay.start <= at and (stay.end is None or at < stay.end)


def _ending(stay: Stay, at: datetime) -> datetime | None:
    return stay.end if stay.end is not None and stay.end > at else None


def _latest_first(stays: list[Stay]) -> tuple[Stay, ...]:
    return tuple(sorted(stays, key=lambda stay: stay.start, reverse=True))
