"""What the endpoints of arriving events answer."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema


class ArrivalSource(Schema):
    id: str
    name: str


class ArrivalValue(Schema):
    """A property or trait as it was sent; masked as for the role."""

    name: str
    value: str | None


class ArrivalRow(Schema):
    """One event as it was sent, before the drain has looked at it. `path` is the page's."""

    id: str
    at: datetime
    source: ArrivalSource
    type: str
    event: str
    user_id: str | None
    anonymous_id: str | None
    path: str | None
    values: list[ArrivalValue]


class ArrivalCount(Schema):
    source: ArrivalSource
    count: int


class ArrivalsOut(Schema):
    """Newest first. `after` goes on from here; `skipped`: more came than is shown. `counts`: how
    many came of each source since the last look. `backlog`: bytes that wait for the drain."""

    items: list[ArrivalRow]
    after: str
    skipped: bool
    counts: list[ArrivalCount]
    backlog: int
    hidden: bool
    """One's row scope leaves people out, so no value is shown."""


class StreamStandingOut(Schema):
    """What has not found its way. `unread`: events nobody could read, shown as dead letters of the
    load `unread_load`; `unclaimed`: events of nobody known yet, kept until somebody is."""

    unread: int
    unread_load: str | None
    unclaimed: int
