"""Notes on a customer, by those who serve her: what the next one should know before a call.

A note belongs to whoever wrote it: only they change it; they or a manager take it away. It is kept
for a while after that, so that it can be brought back, and seen by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.gate.people import names_of, ref
from enishi.gate.restrictions import written
from enishi.gate.schemas import Body, PersonRef
from enishi.kernel.errors import Forbidden, NotFound
from enishi.kernel.text import Text
from enishi.lists.models import CustomerNote

LONGEST = 4000
NoteText = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"\S")]
_MANAGERS = ("administrator", "manager")


class NoteOut(Schema):
    """`mine`: the reader wrote it and may change it. `may_remove`: the reader may take it away."""

    id: str
    text: str
    pinned: bool
    by: PersonRef | None
    at: datetime
    changed_at: datetime | None
    mine: bool
    may_remove: bool


class NotesOut(Schema):
    items: list[NoteOut]
    total: int


class NoteIn(Body):
    text: NoteText
    pinned: bool = False


class NotePatch(Body):
    """What is given is changed. `removed` takes a note away, or brings it back."""

    text: NoteText | None = None
    pinned: bool | None = None
    removed: bool | None = None


def notes_of(person: str) -> list[CustomerNote]:
    """The notes on a person, pinned ones first, then newest first."""
    return list(
        CustomerNote.objects.filter(person=person, removed_at__isnull=True).order_by(
            "-pinned", "-at", "-id"
        )
    )


def write(person: str, body: NoteIn, actor: Actor) -> CustomerNote:
    """A new note. One unit, audited; the text is in no audit row."""
    with work("note.write"):
        made = CustomerNote.objects.create(
            person=person, text=body.text.strip(), pinned=body.pinned, by=actor.user_id, at=now()
        )
        audit.record(actor, "note.write", "note", made.id, {"pinned": made.pinned}, [person])
    return made


def one(note_id: str) -> CustomerNote:
    """A note, taken away or not; raises NotFound."""
    found = CustomerNote.objects.filter(id=note_id).first()
    if found is None:
        raise _no_such_note()
    return found


def change(note_id: str, body: NotePatch, actor: Actor) -> CustomerNote:
    """Word a note anew, pin it, take it away or bring it back. Raises NotFound, Forbidden."""
    with work("note.change"):
        note = CustomerNote.objects.select_for_update().filter(id=note_id).first()
        if note is None or (note.removed_at is not None and body.removed is not False):
            raise _no_such_note()
        mine = note.by == actor.user_id
        if (body.text is not None and not mine) or not may_change(note, actor):
            raise _not_yours()
        told: dict[str, object] = {}
        if body.text is not None:
            note.text, note.changed_at = body.text.strip(), now()
            told["text"] = True
        if body.pinned is not None:
            note.pinned = told["pinned"] = body.pinned
        if body.removed is not None:
            note.removed_at = now() if body.removed else None
            told["removed"] = body.removed
        note.save()
        audit.record(actor, "note.change", "note", note.id, told, [note.person])
    return note


def may_change(note: CustomerNote, actor: Actor) -> bool:
    return note.by == actor.user_id or actor.role in _MANAGERS


def note_rows(rows: Sequence[CustomerNote], actor: Actor) -> list[NoteOut]:
    """Notes as the actor may read them; a role that sees no personal data reads a mask."""
    names = names_of(row.by for row in rows)
    return [
        NoteOut(
            id=row.id,
            text=written(row.text, row.by, actor),
            pinned=row.pinned,
            by=ref(row.by, names),
            at=row.at,
            changed_at=row.changed_at,
            mine=row.by == actor.user_id,
            may_remove=actor.may("customers.note") and may_change(row, actor),
        )
        for row in rows
    ]


def _no_such_note() -> NotFound:
    return NotFound(
        Text("このメモは見つかりません。", "There is no such note."),
        Text("画面を更新してください。", "Reload the page."),
        code="note_not_found",
    )


def _not_yours() -> Forbidden:
    return Forbidden(
        Text("このメモを書いたのは別の人です。", "Somebody else wrote this note."),
        Text(
            "書いた本人に直してもらうか、新しいメモを書いてください。",
            "Ask who wrote it, or write a note of your own.",
        ),
        code="not_your_note",
    )
