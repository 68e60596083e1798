"""What is asked of a segment's people: trend, members, overlap, composition, comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enishi.book import audit
from enishi.book.access import Actor
from enishi.kernel.errors import Conflict, Invalid
from enishi.kernel.text import Locale, Text
from enishi.segments.models import Refresh, Segment
from enishi.segments.naming import named
from enishi.segments.schemas import ComparedPeople, ComparedVersion, SetSize, VersionCompareOut
from enishi.segments.service import catalog, envelope, get_segment, version_of
from enishi.warehouse.process import warehouse
from enishi.warehouse.rules_compare import differing_parts


def trend(slug: str, days: int, actor: Actor) -> dict[str, Any]:
    """Sizes and flows of the last `days` days, today included."""
    segment = get_segment(slug)
    found: dict[str, Any] = warehouse().segment_trend(slug, segment.subject, days, actor=actor)
    return found


def members(
    slug: str, actor: Actor, *, left: bool, q: str, offset: int, limit: int
) -> dict[str, Any]:
    """A page of the members; that they were shown is recorded."""
    segment = get_segment(slug)
    found: dict[str, Any] = warehouse().segment_members(
        slug, segment.subject, actor=actor, left=left, text=q, offset=offset, limit=limit
    )
    if found["items"]:
        audit.record(
            actor, "segment.members", "segment", segment.id, {"total": found["total"]},
            [item["id"] for item in found["items"]],
        )  # fmt: skip
    return found


def member(slug: str, reference: str, actor: Actor) -> dict[str, Any]:
    """One person's stays; recorded as a view of that person."""
    segment = get_segment(slug)
    found: dict[str, Any] = warehouse().segment_member(
        slug, segment.subject, reference, actor=actor
    )
    audit.record(actor, "segment.member", "segment", segment.id, {}, [found["id"]])
    return found | {"rule": envelope(segment)}


def overlap(slugs: list[str], actor: Actor, locale: Locale) -> dict[str, Any]:
    """How segments of one kind of subject overlap. Raises NotFound, Invalid for mixed kinds."""
    found = [get_segment(slug) for slug in dict.fromkeys(slugs)]
    if len({segment.subject for segment in found}) > 1:
        raise Invalid(
            Text(
                "対象が異なるセグメントは重ねられません。",
                "Segments of different subjects do not overlap.",
            ),
            Text("同じ対象のセグメントを選んでください。", "Choose segments of one subject."),
            code="other_subject",
        )
    names = [segment.slug for segment in found]
    told: dict[str, Any] = warehouse().segment_overlap(names, found[0].subject, actor=actor)
    sizes = [
        SetSize(slug=s.slug, name=named(s.name, s.name_en, locale), size=told["sizes"][s.slug])
        for s in found
    ]
    return told | {"sizes": sizes}


def composition(
    slug: str, value: Mapping[str, Any], bins: int, actor: Actor, locale: Locale
) -> dict[str, Any]:
    """How a value is spread over the members; it has to serve the segment's purpose."""
    segment = get_segment(slug)
    purpose = segment.purpose if segment.purpose in catalog().purposes else None
    found: dict[str, Any] = warehouse().segment_composition(
        slug, segment.subject, value, actor=actor, purpose=purpose, bins=bins, locale=locale
    )
    return found


def compare(slug: str, a: int, b: int, actor: Actor, locale: Locale) -> VersionCompareOut:
    """Two wordings side by side: their conditions, and how many people each selects now."""
    segment = get_segment(slug)
    first, second = (envelope(segment, version_of(segment, number)) for number in (a, b))
    parts = differing_parts(first, second, catalog(), actor, locale)
    people = warehouse().compare(first, second, actor=actor, people=0)
    return VersionCompareOut(
        a=ComparedVersion(number=a, sentence=parts["a"]["sentence"]),
        b=ComparedVersion(number=b, sentence=parts["b"]["sentence"]),
        parts_only_a=[part["sentence"] for part in parts["a"]["parts"]],
        parts_only_b=[part["sentence"] for part in parts["b"]["parts"]],
        parts_both=parts["common"],
        people=ComparedPeople(
            only_a=people["only_a"], both=people["both"], only_b=people["only_b"]
        ),
    )


def differences(
    slug: str, refresh: str | None, actor: Actor, *, offset: int, limit: int
) -> dict[str, Any]:
    """Whom a full refresh (by default the last) found different; showing them is recorded."""
    segment = get_segment(slug)
    wanted = refresh or segment.full_refresh
    if not wanted or not Refresh.objects.filter(id=wanted, segment=segment).exists():
        return {"items": [], "total": 0}
    found: dict[str, Any] = warehouse().segment_differences(
        wanted, segment.subject, actor=actor, offset=offset, limit=limit
    )
    if found["items"]:
        audit.record(
            actor, "segment.differences", "segment", segment.id, {"refresh": wanted},
            [item["id"] for item in found["items"]],
        )  # fmt: skip
    return found


def require_state(segment: Segment) -> None:
    """Raise Conflict `never_refreshed` while a segment has no members to speak of yet."""
    if segment.as_of is None:
        raise Conflict(
            Text("まだ一度も更新されていません。", "It has not been refreshed yet."),
            Text("最初の更新が終わるまでお待ちください。", "Wait until its first refresh is done."),
            code="never_refreshed",
        )
