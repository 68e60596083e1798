"""The minute before a call, on one screen: what changed, what to say, what not, what was promised.

What changed lately is told by how rare it is for this person: what happened at most a few times
stands by itself, what happens every day is a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.gate import service as gate
from enishi.gate.people import names_of
from enishi.gate.restrictions import decision_out, restriction_rows, written
from enishi.kernel.text import Locale
from enishi.lists.contacts import contacts_of, engagement_rows, lists_with
from enishi.lists.definitions import body_of
from enishi.lists.notes import note_rows, notes_of
from enishi.lists.types import LIVE
from enishi.live.customer import known_catalog, require_seen
from enishi.live.customer_schemas import BriefChange, BriefOut, EntryOut, FollowUp, ToSay
from enishi.live.customer_timeline import Wanted, timeline

RARE = 3
"""What happened so often or less in the quarter stands by itself."""

_CHANGES, _CONTACTS, _NOTES = 6, 3, 3
_LATELY = timedelta(days=90)
_READ = 300  # entries of the quarter that are looked through
# Told in parts of their own, or no change: what the gate answers now is told beside each list.
_TALKED = frozenset({"engagement", "note", "list", "decision"})


def brief(person: str, actor: Actor, locale: Locale) -> BriefOut:
    """Everything to know before a call. Raises NotFound for nobody the actor may see."""
    require_seen(person, actor, "brief")
    instant, zone = now(), known_catalog().zone
    lately = timeline(person, Wanted(limit=_READ), actor, locale)
    labels = {name: shape.label for name, shape in lately.datasets.items()}
    since = instant - _LATELY
    recent = [e for e in lately.items if e.kind not in _TALKED and _when(e, zone) >= since]
    open_lists = _open_lists(person) if actor.may("lists.read") else []
    names = names_of(row.assignee for row in open_lists)
    restrictions = gate.restrictions_of(person) if actor.may("gate.read") else []
    return BriefOut(
        person_id=person,
        datasets=lately.datasets,
        changed=_changed(recent, labels),
        say=[_say(row, names, actor, locale, instant) for row in open_lists],
        never=[r for r in restriction_rows(restrictions, actor, locale) if r.active],
        follow_ups=_follow_ups(open_lists, names, actor, instant),
        contacts=engagement_rows(contacts_of(person, limit=_CONTACTS), actor, locale)
        if actor.may("lists.read")
        else [],
        notes=note_rows(notes_of(person)[:_NOTES], actor),
        since=since.astimezone(zone).date(),
    )


def _changed(entries: Iterable[EntryOut], labels: dict[str, Any]) -> list[BriefChange]:
    """The rare things one by one, newest first; then the frequent ones, counted."""
    by_kind: dict[tuple[str | None, ...], list[EntryOut]] = {}
    for entry in entries:
        by_kind.setdefault((entry.source, entry.event, entry.ref), []).append(entry)
    rare = [one for found in by_kind.values() if len(found) <= RARE for one in found]
    often = [found for found in by_kind.values() if len(found) > RARE]
    told = [_change([one], labels) for one in sorted(rare, key=_stamp, reverse=True)]
    told = told[:_CHANGES]
    told += [_change(found, labels) for found in sorted(often, key=len, reverse=True)]
    return told[: _CHANGES + RARE]


def _stamp(entry: EntryOut) -> str:
    return entry.at


def _change(found: Sequence[EntryOut], labels: dict[str, Any]) -> BriefChange:
    latest = found[0]
    return BriefChange(label=labels.get(latest.source), count=len(found), entry=latest)


def _open_lists(person: str) -> list[Any]:
    """Her places on open lists that somebody still has to work."""
    return [
        row
        for row in lists_with(person)
        if row.list.state == "open" and row.present and row.meaning in LIVE
    ]


def _say(row: Any, names: dict[str, str], actor: Actor, locale: Locale, instant: datetime) -> ToSay:
    body = body_of(row.list.definition)
    channel = body.kinds[0].channel
    decision = gate.decide(row.person, channel, body.purpose, body.product, at=instant, actor=actor)
    label = body.product_label
    return ToSay(
        list_id=row.list_id,
        list_name=row.list.name,
        member_id=row.id,
        product=None if label is None else (label.ja if locale == "ja" else label.en),
        assignee=names.get(row.assignee),
        mine=row.assignee == actor.user_id,
        due=row.list.due,
        guide=body.talk_guide if decision.allowed else "",
        decision=decision_out(decision, locale),
    )


def _follow_ups(
    rows: Iterable[Any], names: dict[str, str], actor: Actor, instant: datetime
) -> list[FollowUp]:
    found = [
        FollowUp(
            list_id=row.list_id,
            list_name=row.list.name,
            member_id=row.id,
            step=written(row.next_step, row.assignee, actor),
            at=row.next_at,
            late=row.next_at is not None and row.next_at < instant,
            by=names.get(row.assignee),
        )
        for row in rows
        if row.next_at is not None or row.next_step
    ]
    return sorted(found, key=lambda one: (one.at is None, one.at))


def _when(entry: EntryOut, zone: Any) -> datetime:
    found = datetime.fromisoformat(entry.at)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
