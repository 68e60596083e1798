"""What the book knows to have happened to a customer: contacts, list work, notes, the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from enishi.book.access import Actor
from enishi.gate.consents import consents_of
from enishi.gate.decisions import Decided, decided_of
from enishi.gate.people import names_of
from enishi.gate.purposes import purposes
from enishi.gate.restrictions import restriction_rows, written
from enishi.gate.schemas import RestrictionOut
from enishi.gate.service import restrictions_of
from enishi.gate.types import CHANNEL_WORDS
from enishi.kernel.text import Locale, Text
from enishi.lists.contacts import contacts_of, engagement_rows, lists_with
from enishi.lists.notes import NoteOut, note_rows, notes_of
from enishi.live.customer_schemas import EntryKind, EntryOut
from enishi.warehouse.timeline import Place

BOOK: Mapping[str, EntryKind] = {
    "@engagement": "engagement",
    "@list": "list",
    "@note": "note",
    "@gate": "gate",
    "@consent": "consent",
    "@decision": "decision",
}
_MOST = 2000  # of one source: what people write by hand about one person


@dataclass(frozen=True, slots=True)
class Kept:
    """Something the book knows, at its place; the words are made only when it is shown."""

    place: Place
    entry: Callable[[], EntryOut]


def told_of(person: str, actor: Actor, locale: Locale, show: Iterable[str] | None) -> list[Kept]:
    """Everything the book knows of a person, in no order; `show` narrows to some sources."""
    wanted = frozenset(BOOK if show is None else show)
    found: list[Kept] = []
    if actor.may("lists.read"):
        if "@engagement" in wanted:
            found += _engagements(person, actor, locale)
        if "@list" in wanted:
            found += _lists(person)
    if "@note" in wanted:
        found += _notes(person, actor)
    if actor.may("gate.read"):
        if "@gate" in wanted:
            found += _restrictions(person, actor, locale)
        if "@consent" in wanted:
            found += _consents(person, actor, locale)
        if "@decision" in wanted:
            found += _decisions(person, actor, locale)
    return found


def _entry(source: str, at: datetime, **told: object) -> EntryOut:
    return EntryOut.model_validate(
        {"place": "", "at": at.isoformat(), "kind": BOOK[source], "source": source, **told}
    )


def _kept(
    source: str, at: datetime, key: str, entry: Callable[..., EntryOut], *given: object
) -> Kept:
    return Kept((at.astimezone(UTC), source, key), partial(entry, *given))


def _engagements(person: str, actor: Actor, locale: Locale) -> Iterator[Kept]:
    for row in contacts_of(person, limit=_MOST):
        yield _kept("@engagement", row.at, row.id, _engagement, row, actor, locale)


def _engagement(row: Any, actor: Actor, locale: Locale) -> EntryOut:
    [told] = engagement_rows([row], actor, locale)
    return _entry("@engagement", told.at, engagement=told)


def _lists(person: str) -> Iterator[Kept]:
    for row in lists_with(person):
        if row.joined_at is not None:
            yield _kept("@list", row.joined_at, f"{row.id}+", _list, row, True)
        if row.left_at is not None:
            yield _kept("@list", row.left_at, f"{row.id}-", _list, row, False)


def _list(row: Any, entered: bool) -> EntryOut:
    at = row.joined_at if entered else row.left_at
    return _entry("@list", at, title=row.list.name, ref=row.list_id, entered=entered)


def _notes(person: str, actor: Actor) -> Iterator[Kept]:
    for told in note_rows(notes_of(person), actor):
        yield _kept("@note", told.at, told.id, _note, told)


def _note(told: NoteOut) -> EntryOut:
    return _entry("@note", told.at, note=told)


def _restrictions(person: str, actor: Actor, locale: Locale) -> Iterator[Kept]:
    for row in restriction_rows(restrictions_of(person), actor, locale):
        yield _kept("@gate", row.at, f"{row.id}+", _restricted, row)
        if row.released_at is not None:
            yield _kept("@gate", row.released_at, f"{row.id}-", _released, row)


def _restricted(row: RestrictionOut) -> EntryOut:
    by = row.by.name if row.by else None
    return _entry("@gate", row.at, title=row.label, text=row.sentence, entered=True, by=by)


def _released(row: RestrictionOut) -> EntryOut:
    by = row.released_by.name if row.released_by else None
    assert row.released_at is not None
    return _entry(
        "@gate", row.released_at, title=row.label, text=row.release_reason, entered=False, by=by
    )


def _consents(person: str, actor: Actor, locale: Locale) -> Iterator[Kept]:
    rows = [row for row in consents_of(person) if row.voided_at is None]
    names = names_of(row.by for row in rows)
    for row in rows:
        given = (row, names.get(row.by), actor, locale)
        yield _kept("@consent", row.at, row.id, _consent, *given)


def _consent(row: Any, by: str | None, actor: Actor, locale: Locale) -> EntryOut:
    text = written(row.wording, row.by, actor) or None
    about = _about(row.purpose, row.channel, locale)
    return _entry("@consent", row.at, title=about, text=text, entered=row.given, by=by)


def _decisions(person: str, actor: Actor, locale: Locale) -> Iterator[Kept]:
    rows = decided_of(person)
    names = names_of(row.by for row in rows)
    for row in rows:
        yield _kept("@decision", row.at, row.id, _decision, row, names.get(row.by), actor, locale)


def _decision(row: Decided, by: str | None, actor: Actor, locale: Locale) -> EntryOut:
    told = [why[locale] for why in row.why]
    if row.words:
        told.append(written(row.words, row.by, actor))
    text = (" / " if locale == "en" else "／").join(told) or None
    about = _about(row.purpose, row.channel, locale)
    return _entry("@decision", row.at, event=row.answer, title=about, text=text, by=by)


def _about(purpose: str | None, channel: str | None, locale: Locale) -> str:
    """A purpose and a channel in words; none of either is all of them."""
    named, on = purposes().get(purpose or ""), CHANNEL_WORDS.get(channel or "")
    about = [
        (named[locale] if named else purpose) or _EVERY_PURPOSE[locale],
        (on[locale] if on else channel) or _EVERY_CHANNEL[locale],
    ]
    return " · ".join(about)


_EVERY_PURPOSE = Text("すべての目的", "every purpose")
_EVERY_CHANNEL = Text("すべてのチャネル", "every channel")
