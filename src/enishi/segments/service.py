"""What can be asked of segments: make, word anew, rename, refresh, cancel, archive, restore."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, Literal

from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.db.models import F

from enishi.book import audit
from enishi.book.access import SYSTEM, Actor, require
from enishi.book.clock import now
from enishi.book.unit import work
from enishi.book.workspace import current_workspace
from enishi.catalog.types import Catalog
from enishi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from enishi.kernel.ids import new_id
from enishi.kernel.text import Text
from enishi.segments.checking import CheckedSegment, check_live, check_segment
from enishi.segments.models import Refresh, Segment, SegmentVersion
from enishi.segments.naming import TAKEN_SLUGS, slug_from
from enishi.segments.schedule import next_due
from enishi.segments.schemas import RankIn, SegmentIn, SegmentPatch, VersionIn
from enishi.segments.types import UNFINISHED, Cause, Kind, Mode, RefreshState
from enishi.segments.uses import deciding_scopes, uses_of
from enishi.warehouse.process import warehouse


def catalog() -> Catalog:
    """The workspace's catalog, as this process asks the warehouse with it."""
    found: Catalog = warehouse().catalog
    return found


def get_segment(slug: str) -> Segment:
    """One segment; raises NotFound."""
    found = Segment.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(
            Text(f"セグメント「{slug}」はありません。", f"There is no segment {slug!r}."),
            Text("一覧から選んでください。", "Choose one from the overview."),
            code="segment_not_found",
        )
    return found


def version_of(segment: Segment, number: int | None = None) -> SegmentVersion:
    """A wording of a segment, by default the one in use; raises NotFound."""
    wanted = segment.version if number is None else number
    found = SegmentVersion.objects.filter(segment=segment, number=wanted).first()
    if found is None:
        raise NotFound(
            Text(f"第{wanted}版はありません。", f"There is no version {wanted}."),
            Text("版の一覧から選んでください。", "Choose one from the list of versions."),
            code="version_not_found",
        )
    return found


def wordings_in_use() -> list[SegmentVersion]:
    """The wording in use of every segment that is not archived, each with its segment."""
    return list(
        SegmentVersion.objects.select_related("segment").filter(
            segment__archived_at__isnull=True, number=F("segment__version")
        )
    )


def checked(segment: Segment, version: SegmentVersion | None = None) -> CheckedSegment:
    """A wording checked against the catalog as it is now. Raises Invalid when it no longer fits."""
    wording = version or version_of(segment)
    return check_segment(
        catalog(), slug=segment.slug, subject=segment.subject, purpose=segment.purpose,
        kind=segment.kind, rule=wording.rule, rank=wording.rank,
    )  # fmt: skip


def envelope(segment: Segment, version: SegmentVersion | None = None) -> dict[str, Any]:
    """The rule as it is stored elsewhere: with its subject, and a purpose the catalog names."""
    found: dict[str, Any] = {
        "version": 1, "subject": segment.subject, "rule": (version or version_of(segment)).rule
    }  # fmt: skip
    named = segment.purpose in catalog().purposes
    return found | {"purpose": segment.purpose} if named else found


# ── made and changed ─────────────────────────────────────────────────────────────────────────────


def create(body: SegmentIn, actor: Actor, owner: str | None = None) -> Segment:
    """A new segment; its first refresh is queued. Raises Invalid with faults, Conflict on a slug
    that is taken."""
    require(actor, "segments.write")
    slug = body.slug or _free_slug(body)
    _refuse_widening(slug, actor)
    rank = stored_rank(body.rank)
    found = check_segment(
        catalog(), slug=slug, subject=body.subject, purpose=body.purpose, kind=body.kind,
        rule=body.rule, rank=rank, author=actor,
    )  # fmt: skip
    if body.live:
        check_live(catalog(), body.kind, found.rule.subject)
    segment = Segment(
        slug=slug, name=body.name, name_en=body.name_en, description=body.description,
        subject=found.rule.subject, purpose=body.purpose, kind=body.kind,
        owner=owner or actor.user_id, refresh_every=body.refresh_every or "",
        created_by=actor.user_id, live=body.live,
    )  # fmt: skip
    segment.due_at = next_due(segment, now(), current_workspace().zone)
    if slug in TAKEN_SLUGS or Segment.objects.filter(slug=slug).exists():
        raise _taken(slug)
    try:
        with work("segment.create"):
            segment.save(force_insert=True)
            _word(segment, 1, found, rank, "", actor)
            queue(segment, Mode.FULL, Cause.CREATED, actor)
            audit.record(actor, "segment.create", "segment", segment.id, {"slug": slug})
    except IntegrityError as error:  # somebody else has made it meanwhile
        if not Segment.objects.filter(slug=slug).exists():
            raise
        raise _taken(slug) from error
    return segment


def _taken(slug: str) -> Conflict:
    return Conflict(
        Text(f"「{slug}」はすでに使われています。", f"The slug {slug!r} is taken."),
        Text("別の識別名を付けてください。", "Choose another slug."),
        code="slug_taken",
    )


def _free_slug(body: SegmentIn) -> str:
    base = slug_from(body.name_en) or slug_from(body.name)
    wanted = base or f"segment-{new_id('s')[-6:]}"
    taken = set(Segment.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number = 2
    slug = wanted
    while slug in taken | TAKEN_SLUGS:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def stored_rank(rank: RankIn | None) -> dict[str, Any] | None:
    """A rank as it is stored; None for none."""
    return None if rank is None else rank.model_dump(exclude_none=True)


def _word(
    segment: Segment,
    number: int,
    found: CheckedSegment,
    rank: Mapping[str, Any] | None,
    note: str,
    actor: Actor,
) -> SegmentVersion:
    return SegmentVersion.objects.create(
        segment=segment, number=number, rule=dict(found.rule.json), rank=rank,
        fields=found.fields, datasets=found.datasets, uses=sorted(found.rule.segments),
        lists=sorted(found.rule.lists), note=note, by=actor.user_id, at=now(),
    )  # fmt: skip


def add_version(slug: str, body: VersionIn, actor: Actor) -> SegmentVersion:
    """Word a segment anew; the new wording is in use at once and a full refresh is queued.

    Members stay until that refresh has decided them. Raises Invalid with faults, Conflict.
    """
    require(actor, "segments.write")
    segment = get_segment(slug)
    _refuse_widening(slug, actor)
    rank = stored_rank(body.rank)
    found = check_segment(
        catalog(), slug=slug, subject=segment.subject, purpose=segment.purpose, kind=segment.kind,
        rule=body.rule, rank=rank, author=actor,
    )  # fmt: skip
    with work("segment.version"):
        segment = Segment.objects.select_for_update().get(id=segment.id)
        _refuse_archived(segment)
        number = 1 + max(segment.versions.values_list("number", flat=True))
        made = _word(segment, number, found, rank, body.note, actor)
        Segment.objects.filter(id=segment.id).update(
            version=number, changed_at=now(), live_since=None
        )
        segment.version = number
        queue(segment, Mode.FULL, Cause.VERSION, actor)
        audit.record(actor, "segment.version", "segment", segment.id, {"version": number})
    return made


def change(slug: str, body: SegmentPatch, actor: Actor) -> Segment:
    """Rename, describe, hand over, or refresh more or less often."""
    require(actor, "segments.write")
    found = get_segment(slug)
    given = {
        name: value
        for name, value in body.model_dump(exclude_unset=True).items()
        if value is not None
    }
    owner = given.get("owner")
    if owner and not get_user_model().objects.filter(pk=owner, is_active=True).exists():
        raise Invalid(
            Text("この利用者は見つかりません。", "There is no such user."),
            Text("一覧から選んでください。", "Choose one from the overview."),
            code="user_not_found",
        )
    if given.get("live"):
        check_live(catalog(), found.kind, found.subject)
    with work("segment.change"):
        segment = Segment.objects.select_for_update().get(id=found.id)
        turned = "live" in given and given["live"] is not segment.live
        for name, value in given.items():
            setattr(segment, name, value)
        if turned:
            segment.live_since = None
            given["live_since"] = None
            if segment.live and segment.archived_at is None:
                queue(segment, Mode.FULL, Cause.BY_HAND, actor)  # live deciding begins from there
        segment.changed_at = now()
        segment.due_at = next_due(segment, now(), current_workspace().zone)
        segment.save(update_fields=[*given, "changed_at", "due_at"])
        audit.record(actor, "segment.change", "segment", segment.id, {"changed": sorted(given)})
    return segment


# ── refreshed ────────────────────────────────────────────────────────────────────────────────────


def refresh(slug: str, mode: str, actor: Actor) -> tuple[Refresh, bool]:
    """Ask for a refresh; returns it and whether it is a new one.

    One that waits already is returned (made full, if that is asked for); beside one that runs a
    second waits for its end. Raises Conflict on an archived segment.
    """
    require(actor, "segments.write")
    with work("segment.refresh"):
        segment = Segment.objects.select_for_update().get(id=get_segment(slug).id)
        _refuse_archived(segment)
        made, new = queue(segment, Mode(mode), Cause.BY_HAND, actor)
        detail = {"refresh": made.id, "mode": mode}
        audit.record(actor, "segment.refresh", "segment", segment.id, detail)
    return made, new


def queue(
    segment: Segment, mode: Mode, cause: Cause, actor: Actor = SYSTEM
) -> tuple[Refresh, bool]:
    """Let a refresh wait, in the unit that is open; one that waits already is taken for it."""
    # Two who queue at once follow each other: of one segment one refresh waits at most.
    Segment.objects.select_for_update().get(id=segment.id)
    waiting = Refresh.objects.filter(segment=segment, state=RefreshState.QUEUED).first()
    if waiting is not None:
        wider = mode == Mode.FULL and waiting.mode == Mode.INCREMENTAL
        sooner = waiting.not_before > now()
        if wider or sooner:
            waiting.mode = Mode.FULL if wider else waiting.mode
            waiting.not_before = min(waiting.not_before, now())
            waiting.save(update_fields=["mode", "not_before"])
        return waiting, False
    made = Refresh.objects.create(
        segment=segment, mode=mode, cause=cause, requested_by=actor.user_id,
        requested_at=now(), not_before=now(), attempt=segment.failures + 1,
    )  # fmt: skip
    return made, True


def queue_following(
    slugs: Set[str], by: Literal["uses", "lists"], done: Set[str] = frozenset()
) -> None:
    """Let what names one of these segments (or lists), whose members have changed, wait for an
    incremental refresh, in the unit that is open; those `done` already are left out."""
    for wording in wordings_in_use():
        segment = wording.segment
        named = wording.uses if by == "uses" else wording.lists
        if slugs.isdisjoint(named) or segment.slug in done:
            continue
        if segment.kind != Kind.SNAPSHOT and segment.as_of is not None:
            queue(segment, Mode.INCREMENTAL, Cause.LOAD)


def cancel(slug: str, actor: Actor) -> int:
    """Stop what waits or runs; returns how many refreshes that were. The members stay as they are.

    Raises Conflict when there is nothing to stop.
    """
    require(actor, "segments.write")
    segment = get_segment(slug)
    with work("segment.cancel"):
        stopped = Refresh.objects.filter(segment=segment, state__in=UNFINISHED).update(
            state=RefreshState.CANCELLED, ended_at=now()
        )
        if not stopped:
            raise Conflict(
                Text("進行中の更新はありません。", "No refresh is under way."),
                Text("画面を更新してください。", "Reload the page."),
                code="no_refresh",
            )
        audit.record(actor, "segment.cancel_refresh", "segment", segment.id)
    return stopped


# ── put away ─────────────────────────────────────────────────────────────────────────────────────


def archive(slug: str, actor: Actor) -> Segment:
    """Put a segment away: it is no longer refreshed nor named in rules; its history stays.

    Raises Conflict `segment_in_use` naming what still uses it.
    """
    require(actor, "segments.write")
    found = get_segment(slug)
    used = uses_of(slug)
    if used:
        ja = "、".join(f"「{use.name}」" for use in used[:5])
        en = ", ".join(f"“{use.name}”" for use in used[:5])
        raise Conflict(
            Text(f"このセグメントは使われています: {ja}", f"This segment is in use: {en}"),
            Text("先に使用箇所から外してください。", "Take it out of them first."),
            code="segment_in_use",
        )
    with work("segment.archive"):
        Refresh.objects.filter(segment=found, state__in=UNFINISHED).update(
            state=RefreshState.CANCELLED, ended_at=now()
        )
        Segment.objects.filter(id=found.id, archived_at__isnull=True).update(
            archived_at=now(), changed_at=now()
        )
        audit.record(actor, "segment.archive", "segment", found.id)
    return get_segment(slug)


def restore(slug: str, actor: Actor) -> Segment:
    """Take a segment back into use; it is checked again and refreshed whole."""
    require(actor, "segments.write")
    found = get_segment(slug)
    _refuse_widening(slug, actor)
    checked(found)
    with work("segment.restore"):
        segment = Segment.objects.select_for_update().get(id=found.id)
        if segment.archived_at is not None:
            segment.archived_at, segment.changed_at = None, now()
            segment.due_at = next_due(segment, now(), current_workspace().zone)
            segment.save(update_fields=["archived_at", "changed_at", "due_at"])
            queue(segment, Mode.FULL, Cause.BY_HAND, actor)
            audit.record(actor, "segment.restore", "segment", segment.id)
    return get_segment(slug)


def _refuse_archived(segment: Segment) -> None:
    if segment.archived_at is not None:
        raise Conflict(
            Text("このセグメントは保管されています。", "This segment is archived."),
            Text("先に元に戻してください。", "Restore it first."),
            code="segment_archived",
        )


def _refuse_widening(slug: str, actor: Actor) -> None:
    """Who words a segment that a row scope names decides what its role sees."""
    if actor.may("users.write") or slug not in deciding_scopes():
        return
    raise Forbidden(
        Text(
            "このセグメントは役割の参照範囲を決めているため、管理者だけが条件を変えられます。",
            "This segment decides which rows a role sees, so only an administrator may word it.",
        ),
        Text(
            "管理者に依頼するか、別のセグメントを作ってください。",
            "Ask an administrator, or make another segment.",
        ),
        code="segment_decides_scope",
    )
