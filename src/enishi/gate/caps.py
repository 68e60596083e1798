"""Frequency caps: which contacts count against one, and when a slot is free again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from enishi.gate.bodies import Cap
from enishi.gate.policy_set import PolicySet
from enishi.gate.types import Contact, Facts, Question
from enishi.kernel.business_days import instant
from enishi.kernel.text import Text

_ROLLING = {"hours": timedelta(hours=1), "days": timedelta(days=1)}


def longest(cap: Cap) -> timedelta:
    """How far back a contact can lie that still counts."""
    if cap.window.unit in _ROLLING:
        return _ROLLING[cap.window.unit] * cap.window.count
    return {"day": timedelta(days=2), "week": timedelta(days=8)}.get(
        cap.window.unit, timedelta(days=33)
    )


def full_until(
    cap: Cap,
    facts: Facts,
    contacts: Sequence[Contact],
    question: Question,
    at: datetime,
    zone: ZoneInfo,
    policies: PolicySet,
) -> datetime | None:
    """When a slot of the cap is free again, in UTC; None while one is.

    A contact counts until its window has passed, whether it was made before `at` or will be after:
    no window may ever hold more than `most`, in whichever order workers come.
    """
    ends = sorted(
        (
            end
            for contact in _counting(cap, facts, contacts, question, policies)
            if (end := _leaves(cap, contact, at, zone)) is not None
        ),
        reverse=True,
    )
    return ends[cap.most - 1] if len(ends) >= cap.most else None


def _counting(
    cap: Cap,
    facts: Facts,
    contacts: Sequence[Contact],
    question: Question,
    policies: PolicySet,
) -> Iterator[Contact]:
    for contact in contacts:
        if contact.ended is not None and contact.ended <= question.at:
            continue
        if contact.held_until is not None and _own(contact, question):
            continue
        if cap.same_purpose and contact.purpose != (question.purpose or ""):
            continue
        kind = contact.purpose_class or policies.class_of(contact.purpose)
        if _shared(cap, facts, contact, question) and cap.counts.to(
            contact.channel, contact.purpose, kind
        ):
            yield contact


def _own(contact: Contact, question: Question) -> bool:
    """Whether a held slot is the asker's: the one asked for, or any where nothing is taken."""
    if question.source:
        return contact.source == question.source
    return contact.by == question.by


def _shared(cap: Cap, facts: Facts, contact: Contact, question: Question) -> bool:
    if contact.person == question.person:
        return True
    if cap.per == "household":
        return bool(facts.household) and contact.household == facts.household
    if cap.per == "address":
        return bool(facts.address) and contact.address == facts.address
    return False


def _leaves(cap: Cap, contact: Contact, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When a contact stops counting; None when it does not count at `at`."""
    end = _window_end(cap, contact.at, at, zone)
    if end is None or contact.held_until is None:
        return end
    return min(end, contact.held_until) if contact.held_until > at else None


def _window_end(cap: Cap, made: datetime, at: datetime, zone: ZoneInfo) -> datetime | None:
    step = _ROLLING.get(cap.window.unit)
    if step is not None:
        end = made + step * cap.window.count
        begin = made - step * cap.window.count
        return end if begin < at < end else None
    first, next_first = _running(cap.window.unit, at.astimezone(zone).date())
    begin, end = instant(first, time(0), zone), instant(next_first, time(0), zone)
    return end if begin <= made < end else None


def _running(unit: str, day: date) -> tuple[date, date]:
    """The first day of the day, week or month that holds `day`, and of the next."""
    if unit == "day":
        return day, day + timedelta(days=1)
    if unit == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


_PER = {
    "person": Text("このお客さま", "this customer"),
    "household": Text("同じ世帯", "this household"),
    "address": Text("同じ住所", "this address"),
}


def sentence(cap: Cap) -> Text:
    """A full cap in words: 「同じ世帯への連絡は7日間に3回までです」."""
    who, n = _PER[cap.per], cap.most
    if n == 0:
        return Text(f"{who.ja}への連絡は行いません", f"No contacts with {who.en}")
    count = cap.window.count
    ja, en = {
        "hours": (f"{count}時間に", f"in {count} hours"),
        "days": (f"{count}日間に", f"in {count} days"),
        "day": ("1日に", "a day"),
        "week": ("1週間（月曜から）に", "a week from Monday"),
        "month": ("ひと月に", "a month"),
    }[cap.window.unit]
    times = "contact" if n == 1 else "contacts"
    return Text(
        f"{who.ja}への連絡は{ja}{n}回までです",
        f"At most {n} {times} {en} with {who.en}",
    )
