"""Segments as the API shows them: rows, the head of a page, versions, refreshes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.catalog.types import Catalog
from enishi.kernel.errors import EnishiError, Unavailable
from enishi.kernel.text import Locale, Text
from enishi.rules import describe
from enishi.segments.checking import CONTACT_PURPOSES
from enishi.segments.models import Refresh, Segment, SegmentVersion
from enishi.segments.naming import named
from enishi.segments.ranking import rank_sentence
from enishi.segments.schedule import every, is_late, promised, states_of
from enishi.segments.schemas import (
    DataBehind,
    DifferencesOut,
    FailureOut,
    Freshness,
    Named,
    OwnerRef,
    RankOut,
    RefreshRow,
    SegmentBehind,
    SegmentDetail,
    SegmentMay,
    SegmentRow,
    SegmentsOut,
    VersionOut,
)
from enishi.segments.service import catalog, checked, get_segment, version_of
from enishi.segments.types import UNFINISHED, Kind, RefreshState, SegmentState
from enishi.warehouse.freshness import is_fresh
from enishi.warehouse.process import warehouse

_CONTACT = {
    "service": Text("サービスのご案内", "Service"),
    "transactional": Text("お取引に関する連絡", "Transactional"),
}
assert set(_CONTACT) == set(CONTACT_PURPOSES)


@dataclass
class Shown:
    """What is looked up once for everything on a page."""

    actor: Actor
    locale: Locale
    catalog: Catalog
    at: datetime
    segments: dict[str, Segment]  # all, by slug
    wordings: dict[str, SegmentVersion]  # in use, by slug
    states: dict[str, SegmentState]
    ages: dict[str, datetime] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)  # within the actor's scope
    users: dict[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> Any:
        return self.catalog.zone

    def user(self, user: str) -> OwnerRef | None:
        return OwnerRef(id=user, name=self.users.get(user, user)) if user else None


def look_up(actor: Actor, locale: Locale) -> Shown:
    """Everything that rows and pages of segments lean on, in a handful of questions.

    Refreshes are read before segments: one that ends between the two shows as still running, and
    never as done with the segment still as it was before.
    """
    unfinished = list(
        Refresh.objects.filter(state__in=UNFINISHED).values_list("segment_id", "state")
    )
    segments = {segment.slug: segment for segment in Segment.objects.all()}
    by_id = {segment.id: segment for segment in segments.values()}
    wordings = {}
    for row in SegmentVersion.objects.filter(segment_id__in=by_id):
        segment = by_id[row.segment_id]
        if row.number == segment.version:
            wordings[segment.slug] = row
    running: dict[str, bool] = {}
    for segment_id, state in unfinished:
        running[segment_id] = running.get(segment_id, False) or state == RefreshState.RUNNING
    uses = {slug: list(row.uses) for slug, row in wordings.items()}
    at = now()
    found = Shown(
        actor, locale, catalog(), at, segments, wordings, states_of(segments, uses, running, at)
    )
    with suppress(Unavailable):  # the page stands without the ages of data
        told = warehouse().segment_ages()
        found.ages = {name: datetime.fromisoformat(text) for name, text in told.items()}
    if actor.scope is not None:
        subjects = {
            slug: one.subject for slug, one in segments.items()
            if one.as_of is not None and found.catalog.subject_dataset(one.subject)
        }  # fmt: skip
        found.counts = warehouse().segment_counts(subjects, actor=actor)
    found.users = user_names({s.owner for s in segments.values()})
    return found


def user_names(users: Iterable[str]) -> dict[str, str]:
    """User id → name (the e-mail address's first part while no name is set)."""
    rows = get_user_model().objects.filter(pk__in={user for user in users if user})
    return {
        str(pk): str(name or str(email).partition("@")[0])
        for pk, name, email in rows.values_list("pk", "name", "email")
    }


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────


def segment_rows(
    shown: Shown,
    *,
    q: str = "",
    kind: str | None = None,
    purpose: str | None = None,
    owner: str | None = None,
    state: str | None = None,
    offset: int = 0,
    limit: int = 50,
    days: int = 0,
) -> SegmentsOut:
    """A page of the segments that fit, by name; archived ones only when asked for.

    `days`: of how many days the sizes are told.
    """
    words = q.casefold().split()
    found = []
    for slug, segment in shown.segments.items():
        stands = shown.states[slug]
        text = f"{slug} {segment.name} {segment.name_en} {segment.description}".casefold()
        if (
            (state is None and stands == SegmentState.ARCHIVED)
            or (state is not None and stands != state)
            or (kind is not None and segment.kind != kind)
            or (purpose is not None and segment.purpose != purpose)
            or (owner is not None and segment.owner != owner)
            or not all(word in text for word in words)
        ):
            continue
        found.append((named(segment.name, segment.name_en, shown.locale), segment))
    found.sort(key=lambda one: (one[0], one[1].slug))
    page = [segment for _, segment in found[offset : offset + limit]]
    counted = {one.slug: one.subject for one in page if days and one.as_of is not None}
    sizes: dict[str, list[int]] = {}
    if counted:
        with suppress(Unavailable):  # the list stands without its little pictures
            sizes = warehouse().segment_sizes(counted, days, actor=shown.actor)
    items = [
        SegmentRow(
            **_row(shown, one),
            sentence=_in_words(shown, one, shown.wordings[one.slug])[0],
            sizes=sizes.get(one.slug, []),
        )
        for one in page
    ]
    return SegmentsOut(items=items, total=len(found))


def _row(shown: Shown, segment: Segment) -> dict[str, Any]:
    locale = shown.locale
    english = segment.name_en or segment.name
    behind = [
        shown.ages[name] for name in shown.wordings[segment.slug].datasets if name in shown.ages
    ]
    size, entered, left = segment.size, segment.entered, segment.left
    if shown.actor.scope is not None and size is not None:
        counts = shown.counts.get(segment.slug, {})
        size = counts.get("size", 0)
        entered, left = (
            min(counts.get("entered", 0), entered), min(counts.get("left", 0), left)
        )  # fmt: skip
    purpose = shown.catalog.purposes.get(segment.purpose or "")
    label = purpose.label if purpose else _CONTACT.get(segment.purpose or "")
    subject = shown.catalog.subject_dataset(segment.subject)
    return {
        "id": segment.id,
        "slug": segment.slug,
        "name": named(segment.name, segment.name_en, locale),
        "names": Named(ja=segment.name, en=english),
        "description": segment.description,
        "subject": segment.subject,
        "subject_label": subject.label[locale] if subject else segment.subject,
        "purpose": segment.purpose,
        "purpose_label": label[locale] if label else segment.purpose,
        "kind": segment.kind,
        "owner": shown.user(segment.owner),
        "state": shown.states[segment.slug],
        "version": segment.version,
        "size": size,
        "entered": entered,
        "left": left,
        "as_of": segment.as_of,
        "data_as_of": min(behind, default=None),
        "message": _told(segment.message, "message", locale) if segment.failures else "",
        "live": segment.live,
        "live_since": segment.live_since,
        "live_differences": _live_differences(segment),
        "created_at": segment.created_at,
        "changed_at": segment.changed_at,
    }


def _live_differences(segment: Segment) -> int | None:
    """How many people the last full refresh found other than live deciding had left them."""
    since, full = segment.live_since, segment.full_as_of
    if not segment.live or since is None or full is None or full <= since:
        return None
    return segment.moved + segment.missed


def _told(message: Mapping[str, Any] | None, part: str, locale: Locale) -> str:
    found = (message or {}).get(part) or {}
    return str(found.get(locale, ""))


# ── the head of a page ───────────────────────────────────────────────────────────────────────────


def segment_detail(slug: str, actor: Actor, locale: Locale) -> SegmentDetail:
    """Everything that the head of a segment's page says. Raises NotFound."""
    found = get_segment(slug)
    refreshes = list(Refresh.objects.filter(segment=found).order_by("-requested_at")[:50])
    shown = look_up(actor, locale)
    segment = shown.segments[slug]
    wording = version_of(segment)
    sentence, rank, warnings = _in_words(shown, segment, wording)
    shown.users |= user_names(row.requested_by for row in refreshes)
    under_way = [row for row in refreshes if row.state in UNFINISHED]
    under_way.sort(key=lambda row: row.state != RefreshState.RUNNING)
    ended = [row for row in refreshes if row.state == RefreshState.DONE]
    return SegmentDetail(
        **_row(shown, segment),
        rule=wording.rule,
        rank=rank,
        sentence=sentence,
        refresh_every=segment.refresh_every or None,
        freshness=_freshness(shown, segment, wording),
        failure=_failure(segment, under_way, locale),
        refresh=refresh_row(under_way[0], shown) if under_way else None,
        last_refresh=refresh_row(ended[0], shown) if ended else None,
        differences=_differences(segment) if actor.scope is None else None,
        warnings=warnings,
        archived_at=segment.archived_at,
        may=SegmentMay(write=actor.may("segments.write"), export=actor.may("segments.export")),
    )


def _in_words(
    shown: Shown, segment: Segment, wording: SegmentVersion
) -> tuple[str, RankOut | None, list[str]]:
    """The sentence of a wording, its rank and its warnings; no sentence when it no longer fits."""
    locale = shown.locale
    try:
        found = checked(segment, wording)
    except EnishiError as error:
        rank = None if wording.rank is None else RankOut(**wording.rank, sentence="")
        return (
            "",
            rank,
            [fault.message[locale] for fault in error.faults] or [error.message[locale]],
        )
    rank = None
    if found.rank is not None and wording.rank is not None:
        rank = RankOut(**wording.rank, sentence=rank_sentence(found.rank, shown.catalog, locale))
    warnings = [warning.message[locale] for warning in found.rule.warnings]
    return describe(found.rule, shown.catalog, locale), rank, warnings


def _freshness(shown: Shown, segment: Segment, wording: SegmentVersion) -> Freshness:
    wish = promised(segment)
    state = shown.states[segment.slug]
    own = segment.refresh_every if every(segment.refresh_every) == wish else None
    return Freshness(
        as_of=segment.as_of,
        promised=None if wish is None else own or "1d",
        late=state == SegmentState.LATE or is_late(segment, shown.at),
        next_refresh=segment.due_at if segment.archived_at is None else None,
        data=[
            one for name in wording.datasets if (one := _data_behind(shown, segment, name))
        ],
        segments=[
            SegmentBehind(
                slug=slug,
                name=named(below.name, below.name_en, shown.locale),
                state=shown.states[slug].value,
                as_of=below.as_of,
            )
            for slug in wording.uses
            if (below := shown.segments.get(slug)) is not None
        ],
    )  # fmt: skip


def _data_behind(shown: Shown, segment: Segment, name: str) -> DataBehind | None:
    dataset = shown.catalog.datasets.get(name)
    if dataset is None:
        return DataBehind(
            dataset=name, label=name, loaded_at=None, fresh_for=None, fresh=False, newer=False
        )
    loaded = shown.ages.get(name)
    return DataBehind(
        dataset=name,
        label=dataset.label[shown.locale],
        loaded_at=loaded,
        fresh_for=dataset.fresh_for,
        fresh=is_fresh(dataset, loaded, shown.at, shown.zone),
        newer=segment.as_of is not None
        and loaded is not None
        and loaded > segment.as_of
        and segment.kind != Kind.SNAPSHOT,
    )


def _failure(segment: Segment, under_way: Sequence[Refresh], locale: Locale) -> FailureOut | None:
    if not segment.failures or segment.failed_at is None:
        return None
    waiting = [row.not_before for row in under_way if row.state == RefreshState.QUEUED]
    return FailureOut(
        at=segment.failed_at,
        attempts=segment.failures,
        message=_told(segment.message, "message", locale),
        remedy=_told(segment.message, "remedy", locale),
        next_try=min(waiting, default=None),
    )


def _differences(segment: Segment) -> DifferencesOut | None:
    if segment.full_as_of is None or not segment.full_refresh:
        return None
    return DifferencesOut(
        refresh=segment.full_refresh,
        as_of=segment.full_as_of,
        moved=segment.moved,
        missed=segment.missed,
    )


# ── refreshes and versions ───────────────────────────────────────────────────────────────────────


def refresh_row(row: Refresh, shown: Shown) -> RefreshRow:
    """One attempt; its counts are of everybody and hidden from who sees a part of the rows."""
    whole = shown.actor.scope is None
    by = None if row.requested_by == "system" else shown.user(row.requested_by)
    return RefreshRow.model_validate(
        {
            "id": row.id, "mode": row.mode, "cause": row.cause, "state": row.state,
            "attempt": row.attempt, "requested_by": by, "requested_at": row.requested_at,
            "not_before": row.not_before, "started_at": row.started_at,
            "ended_at": row.ended_at, "as_of": row.as_of, "version": row.version,
            "size": row.size if whole else None, "entered": row.entered if whole else 0,
            "left": row.left if whole else 0, "touched": row.touched if whole else None,
            "moved": row.moved if whole else 0, "missed": row.missed if whole else 0,
            "ms": row.ms, "message": _told(row.message, "message", shown.locale),
        }
    )  # fmt: skip


def refresh_rows(slug: str, actor: Actor, locale: Locale, limit: int) -> list[RefreshRow]:
    """The last refreshes of a segment, newest first."""
    segment = get_segment(slug)
    rows = list(Refresh.objects.filter(segment=segment).order_by("-requested_at")[:limit])
    shown = Shown(actor, locale, catalog(), now(), {}, {}, {})
    shown.users = user_names(row.requested_by for row in rows)
    return [refresh_row(row, shown) for row in rows]


def version_rows(slug: str, actor: Actor, locale: Locale) -> list[VersionOut]:
    """Every wording of a segment, newest first."""
    segment = get_segment(slug)
    rows = list(SegmentVersion.objects.filter(segment=segment).order_by("-number"))
    shown = Shown(actor, locale, catalog(), now(), {}, {}, {})
    shown.users = user_names(row.by for row in rows)
    found = []
    for row in rows:
        sentence, rank, _ = _in_words(shown, segment, row)
        found.append(
            VersionOut(
                number=row.number, rule=row.rule, rank=rank, sentence=sentence, note=row.note,
                by=shown.user(row.by), at=row.at, current=row.number == segment.version,
            )
        )  # fmt: skip
    return found
