"""A customer's page, put together: what the warehouse holds, what the book knows, who may see it.

Every part asks for itself, so that a page opens with its slowest part and no slower. The first one
asked for is recorded as one look at the customer (see `book.opening`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enishi.book.access import Actor
from enishi.book.opening import look_at
from enishi.catalog.types import Catalog
from enishi.gate.asking import catalog, in_scope
from enishi.gate.visibility import opened_to, require_visible
from enishi.kernel.text import Locale
from enishi.live.customer_schemas import GroupOut, SegmentsOfOut, StayOut
from enishi.segments.known import segments_named
from enishi.segments.naming import named
from enishi.warehouse.process import warehouse


def head(reference: str, actor: Actor) -> dict[str, Any]:
    """The top of a page and what belongs to her; the look is recorded. Raises NotFound."""
    shown = opened_to(actor, reference)
    found: dict[str, Any] = warehouse().person(reference, actor=shown)
    look_at(actor, found["id"])
    return found


def related(person: str, path: str, actor: Actor, *, offset: int, limit: int) -> dict[str, Any]:
    """A page of one relation: the employees of a company, the accounts of a person."""
    shown = opened_to(actor, person)
    found: dict[str, Any] = warehouse().related(
        person, path, actor=shown, offset=offset, limit=limit
    )
    look_at(actor, person, "related")
    return found


def segments_of(person: str, actor: Actor, locale: Locale) -> SegmentsOfOut:
    """The segments she is in, then those she was in; archived ones are left out."""
    shown = opened_to(actor, person)
    told = warehouse().stays(person, actor=shown)
    look_at(actor, told["id"], "segments")
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for stay in told["stays"]:
        rows.setdefault(stay["segment"], []).append(stay)
    known = segments_named(rows)
    items = [
        StayOut.model_validate(
            {
                "slug": slug,
                "name": named(segment.name, segment.name_en, locale),
                "description": segment.description,
                "purpose": segment.purpose,
                "live": bool(getattr(segment, "live", False)),
                "inside": stays[0]["left_at"] is None,
                "entered_at": stays[0]["entered_at"],
                "left_at": stays[0]["left_at"],
                "stays": len(stays),
            }
        )
        for slug, stays in rows.items()
        if (segment := known.get(slug)) is not None and segment.archived_at is None
    ]
    return SegmentsOfOut(items=items, total=len(items))


def group_of(person: str, actor: Actor) -> GroupOut:
    """The group of companies around one."""
    shown = opened_to(actor, person)
    told = warehouse().group(person, actor=shown)
    look_at(actor, told["id"], "group")
    return GroupOut.model_validate(told)


def require_seen(person: str, actor: Actor, part: str) -> None:
    """Raise NotFound for a person the actor may not see; else the look is on record."""
    require_visible(actor, person, in_scope)
    look_at(actor, person, part)


def known_catalog() -> Catalog:
    return catalog()
