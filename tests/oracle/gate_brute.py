"""The gate's policies read by brute force: one plain reading of each, with nothing of `deciding`.

Bodies are read as the JSON they are stored as. Wall clocks are compared as texts and dates, windows
are counted contact by contact. `forbidding` answers with the codes that stand in a contact's way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from enishi.gate.types import Contact, Facts, History, Question, Statement

Json = Mapping[str, Any]
HOLIDAYS = {date(2026, 11, 3), date(2026, 11, 23), date(2026, 12, 31), date(2027, 1, 1),
            date(2027, 1, 2), date(2027, 1, 3), date(2027, 1, 11)}  # fmt: skip
"""Of a bank, from November 2026 to January 2027."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def forbidding(
    policies: Sequence[tuple[str, str, Json]],
    facts: Facts,
    history: History,
    question: Question,
    at: datetime | None = None,
) -> set[tuple[str, str]]:
    """(answer, code) of everything that stands in the way; empty: the contact may be made.

    `policies` are version, slug and body, the ground among them. With `at` only what passes by
    itself is read, as of that instant.
    """
    kind = class_of(policies, question.purpose)
    found: set[tuple[str, str]] = set()
    unknown = False
    for version, slug, body in policies:
        what = body["kind"]
        if what in ("holds", "refusals"):
            if at is None:
                found |= set(_stops(body, history, question, kind))
            continue
        if what == "classes" or not _about(body["applies"], question.channel, question.purpose,
                                           kind):  # fmt: skip
            continue
        if not facts.told and (
            what in ("address", "age", "rule") or (what == "cap" and body["per"] != "person")
        ):
            unknown = True
            continue
        if at is None:
            found |= set(_lasting(version, slug, body, facts, history, question))
        found |= set(_passing(version, slug, body, facts, history, question, at or question.at,
                              policies))  # fmt: skip
    if at is None:
        if unknown and kind == "promotion":
            found.add(("deny", "facts.unknown"))
        found = _without_approved(found, history, question)
    else:
        found = {one for one in found if one[0] == "defer"}
    return found


def class_of(policies: Sequence[tuple[str, str, Json]], purpose: str | None) -> str:
    for _, _, body in policies:
        if body["kind"] == "classes" and purpose in body["purposes"]:
            return str(body["purposes"][purpose])
    return purpose if purpose in ("service", "transactional") else "promotion"


def _about(applies: Json, channel: str, purpose: str | None, kind: str) -> bool:
    for value, wanted in ((channel, "channels"), (purpose, "purposes"), (kind, "classes")):
        if applies[wanted] and value not in applies[wanted]:
            return False
    return True


def _local(at: datetime, facts: Facts) -> datetime:
    return at.astimezone(ZoneInfo(facts.zone or "Asia/Tokyo"))


# ── what lasts ───────────────────────────────────────────────────────────────────────────────


def _stops(
    body: Json, history: History, question: Question, kind: str
) -> Iterator[tuple[str, str]]:
    for stop in history.stops:
        if stop.at > question.at or (stop.until and stop.until <= question.at):
            continue
        if (stop.ended and stop.ended <= question.at) or stop.channel not in (
            None, question.channel
        ):  # fmt: skip
            continue
        if body["kind"] == "holds" and stop.type == "hold":
            answer, code = body[stop.kind][kind], f"hold.{stop.kind}"
        elif body["kind"] == "refusals" and stop.type == "do_not_contact":
            answer, code = body["do_not_contact"][kind], "do_not_contact"
        elif body["kind"] == "refusals" and stop.type == "refusal" and stop.product is None:
            answer, code = body["everything"][kind], "refusal.all"
        elif body["kind"] == "refusals" and stop.type == "refusal":
            offered = question.product if question.product else question.purpose
            if stop.product != offered:
                continue
            answer, code = body["product"][kind], "refusal.product"
        else:
            continue
        if answer != "allow":
            yield answer, f"{code}:{stop.id}"


def _lasting(
    version: str, slug: str, body: Json, facts: Facts, history: History, question: Question
) -> Iterator[tuple[str, str]]:
    if body["kind"] == "consent":
        said = _said(history.statements, question)
        if said == "withdrawn" or (body["mode"] == "opt_in" and said != "given"):
            yield "deny", "consent.missing" if said == "none" else f"consent.{said}"
    if (
        body["kind"] == "address"
        and question.channel in facts.known
        and question.channel not in facts.reach
    ):
        yield "deny", "address.missing"
    if body["kind"] == "age":
        if facts.birth_date is None:
            if "birth_date" in facts.known and body["unknown"] != "allow":
                yield body["unknown"], "age.unknown"
        else:
            birthdays = _birthdays(facts.birth_date, _local(question.at, facts).date())
            if birthdays >= body["from_age"] and birthdays < (body.get("to_age") or 999):
                yield body["answer"], "age"
    if body["kind"] == "rule" and version in facts.rules and body["answer"] != "defer":
        yield body["answer"], f"rule.{slug}"


def _said(statements: Sequence[Statement], question: Question) -> str:
    """What the last word about channel and purpose was."""
    state, when = "none", None
    for said in sorted(statements, key=lambda s: s.at):
        if said.at > question.at or (said.ended and said.ended <= question.at):
            continue
        if said.channel not in (None, question.channel):
            continue
        if said.purpose not in (None, question.purpose):
            continue
        if not said.given:
            told = "withdrawn"
        elif said.until is not None and said.until <= question.at:
            told = "ended"
        else:
            told = "given"
        if when == said.at:  # in one breath: the withdrawal weighs most, then what still holds
            told = min(state, told, key=["withdrawn", "given", "ended"].index)
        state, when = told, said.at
    return state


def _birthdays(born: date, day: date) -> int:
    count = 0
    for year in range(born.year + 1, day.year + 1):
        try:
            birthday = born.replace(year=year)
        except ValueError:
            birthday = date(year, 3, 1)
        count += birthday <= day
    return count


def _without_approved(
    found: set[tuple[str, str]], history: History, question: Question
) -> set[tuple[str, str]]:
    for leave in history.leaves:
        asked = (question.channel, question.purpose or "", question.product, question.by)
        given = (leave.channel, leave.purpose, leave.product, leave.for_user)
        if asked != given or leave.decided_by == question.by:
            continue
        if leave.at <= question.at < leave.until:
            covered = {f"{code}:{record}" if record else code for code, record in leave.covers}
            found = {
                (answer, code)
                for answer, code in found
                if answer != "needs_approval" or code not in covered
            }
    return found


# ── what passes ──────────────────────────────────────────────────────────────────────────────


def _passing(
    version: str,
    slug: str,
    body: Json,
    facts: Facts,
    history: History,
    question: Question,
    at: datetime,
    policies: Sequence[tuple[str, str, Json]],
) -> Iterator[tuple[str, str]]:
    local = _local(at, facts)
    if body["kind"] == "quiet_hours" and _quiet(body, local):
        yield "defer", "quiet_hours"
    if body["kind"] == "business_hours":
        open_day = local.weekday() < 5 and local.date() not in HOLIDAYS
        in_hours = "09:00" <= f"{local:%H:%M}" < "17:00"
        if not open_day or (body["hours"] and not in_hours):
            yield "defer", "business_hours"
    ruled = body["kind"] == "rule" and body["answer"] == "defer" and version in facts.rules
    if ruled and at == question.at:
        yield "defer", f"rule.{slug}"
    if body["kind"] == "cap":
        counted = sum(
            _counts(body, contact, facts, question, at, policies) for contact in history.contacts
        )
        if body["most"] == 0:
            yield "deny", f"cap.{body['per']}"
        elif counted >= body["most"]:
            yield "defer", f"cap.{body['per']}"


def _quiet(body: Json, local: datetime) -> bool:
    begin, end, clock = body["begin"][:5], body["end"][:5], f"{local:%H:%M}"
    today = _DAYS[local.weekday()] in body["weekdays"]
    yesterday = _DAYS[(local.weekday() + 6) % 7] in body["weekdays"]
    if begin < end:
        return today and begin <= clock < end
    return (today and clock >= begin) or (yesterday and clock < end)


def _counts(
    body: Json,
    contact: Contact,
    facts: Facts,
    question: Question,
    at: datetime,
    policies: Sequence[tuple[str, str, Json]],
) -> bool:
    if contact.ended is not None and contact.ended <= question.at:
        return False
    if contact.held_until is not None:
        own = contact.source == question.source if question.source else contact.by == question.by
        if own or contact.held_until <= at:
            return False
    same = contact.person == question.person
    if body["per"] == "household":
        same = same or bool(facts.household and contact.household == facts.household)
    if body["per"] == "address":
        same = same or bool(facts.address and contact.address == facts.address)
    if not same or (body["same_purpose"] and contact.purpose != (question.purpose or "")):
        return False
    kind = contact.purpose_class or class_of(policies, contact.purpose)
    if not _about(body["counts"], contact.channel, contact.purpose, kind):
        return False
    unit, count = body["window"]["unit"], body["window"]["count"]
    if unit in ("hours", "days"):
        length = timedelta(**{unit: count})
        return abs(at - contact.at) < length
    here, there = _local(at, facts), _local(contact.at, facts)
    if unit == "day":
        return here.date() == there.date()
    if unit == "week":
        return here.isocalendar()[:2] == there.isocalendar()[:2]
    return (here.year, here.month) == (there.year, there.month)
