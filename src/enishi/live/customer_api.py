"""A customer's page over HTTP: small parts that are asked for side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from ninja import Query, Status

from enishi.book.http import Limit, Offset, Request, Router
from enishi.gate.visibility import opened_to
from enishi.lists import notes
from enishi.lists.notes import NoteIn, NoteOut, NotePatch, NotesOut
from enishi.live import customer
from enishi.live.customer_brief import brief
from enishi.live.customer_schemas import (
    BriefOut,
    GroupOut,
    SegmentsOfOut,
    TimelinePage,
    TimelineSummary,
)
from enishi.live.customer_timeline import Wanted, summary, timeline
from enishi.segments.service import envelope, get_segment
from enishi.warehouse.api import PersonOut, RelatedOut
from enishi.warehouse.process import warehouse
from enishi.warehouse.rules_schemas import WhyOut

router = Router(tags=["customers"])
Show = Annotated[str | None, Query(max_length=2000, description="Sources, with commas")]
Word = Annotated[str | None, Query(max_length=1000)]


@router.get("/customers/{person_id}", permission="customers.read", response=PersonOut)
def head(request: Request, person_id: str) -> dict[str, Any]:
    """One customer: what is known and held, in one's row scope or opened by a list. Recorded."""
    return customer.head(person_id, request.actor)


@router.get("/customers/{person}/related/{path}", permission="customers.read", response=RelatedOut)
def related(
    request: Request, person: str, path: str, offset: Offset = 0, limit: Limit = 50
) -> dict[str, Any]:
    """One relation of a customer's page, by page: the employees of a company, say."""
    return customer.related(person, path, request.actor, offset=offset, limit=limit)


@router.get("/customers/{person}/timeline", permission="customers.read", response=TimelinePage)
def happened(
    request: Request,
    person: str,
    show: Show = None,
    before: Word = None,
    year: Annotated[int | None, Query(ge=1900, le=2999)] = None,
    limit: Annotated[int, Query(ge=1, le=300)] = 60,
) -> TimelinePage:
    """What happened, newest first: events, contacts, list work, segments, notes, the gate.

    The first page looks back a quarter; `next` goes on. `year` begins at the end of a year. `show`
    names datasets, and `@engagement`, `@list`, `@segment`, `@note`, `@gate`, `@consent`,
    `@decision`.
    """
    chosen = None if show is None else frozenset(one for one in show.split(",") if one)
    wanted = Wanted(chosen, before, year, limit)
    return timeline(person, wanted, request.actor, request.locale)


@router.get(
    "/customers/{person}/timeline/summary",
    permission="customers.read",
    response=TimelineSummary,
)
def years(request: Request, person: str) -> TimelineSummary:
    """How much happened, by source and year."""
    return summary(person, request.actor, request.locale)


@router.get("/customers/{person}/segments", permission="customers.read", response=SegmentsOfOut)
def segments(request: Request, person: str) -> SegmentsOfOut:
    """The segments this customer is in, and those she was in."""
    return customer.segments_of(person, request.actor, request.locale)


@router.get("/customers/{person}/segments/{slug}/why", permission="customers.read", response=WhyOut)
def why(request: Request, person: str, slug: str) -> dict[str, Any]:
    """Why this customer is in a segment, or is not: its rule, condition by condition."""
    customer.require_seen(person, request.actor, "segments")
    actor = replace(opened_to(request.actor, person), stored=True)
    found: dict[str, Any] = warehouse().why(
        envelope(get_segment(slug)), person, actor=actor, locale=request.locale
    )
    return found


@router.get("/customers/{person}/group", permission="customers.read", response=GroupOut)
def group(request: Request, person: str) -> GroupOut:
    """The group of companies around one."""
    return customer.group_of(person, request.actor)


@router.get("/customers/{person}/brief", permission="customers.read", response=BriefOut)
def before_a_call(request: Request, person: str) -> BriefOut:
    """The minute before a call: what changed, what to say, what not, what was promised."""
    return brief(person, request.actor, request.locale)


# ── notes ────────────────────────────────────────────────────────────────────────────────────────


@router.get("/customers/{person}/notes", permission="customers.read", response=NotesOut)
def notes_on(request: Request, person: str) -> NotesOut:
    """What staff wrote down about this customer, pinned ones first."""
    customer.require_seen(person, request.actor, "notes")
    items = notes.note_rows(notes.notes_of(person), request.actor)
    return NotesOut(items=items, total=len(items))


@router.post("/customers/{person}/notes", permission="customers.note", response={201: NoteOut})
def add_note(request: Request, person: str, body: NoteIn) -> Status[NoteOut]:
    """Write something down about this customer."""
    customer.require_seen(person, request.actor, "notes")
    made = notes.write(person, body, request.actor)
    return Status(201, notes.note_rows([made], request.actor)[0])


@router.patch("/notes/{note_id}", permission="customers.note", response=NoteOut)
def change_note(request: Request, note_id: str, body: NotePatch) -> NoteOut:
    """Word a note anew, pin it, take it away or bring it back."""
    customer.require_seen(notes.one(note_id).person, request.actor, "notes")
    changed = notes.change(note_id, body, request.actor)
    return notes.note_rows([changed], request.actor)[0]
