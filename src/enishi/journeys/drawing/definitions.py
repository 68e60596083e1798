"""Journeys through their versions: drawn, submitted, approved by somebody else, put live.

A version is approved by going live; whoever has worked on it, at any time, cannot (`own_work`).
Drafts are stored as they are sent, however unfinished; `checking` tells what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Max, Q, QuerySet

from enishi.book import audit
from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.jsontext import digest
from enishi.book.reviewing import (
    authors_of,
    draft_changed,
    no_draft,
    refuse_own,
    require,
    with_author,
)
from enishi.book.unit import work
from enishi.journeys.drawing.checking import check, require_fit
from enishi.journeys.drawing.draft import read_draft
from enishi.journeys.drawing.known import known
from enishi.journeys.flows import get_flow
from enishi.journeys.models import Journey, JourneyVersion
from enishi.journeys.types import JourneyState, VersionState
from enishi.journeys.walking import closing
from enishi.kernel.errors import Conflict, Invalid, NotFound
from enishi.kernel.ids import new_id
from enishi.kernel.text import Locale, Text

IN_WORK = (VersionState.DRAFT, VersionState.REVIEW)
_ORDER = {
    JourneyState.LIVE: 0, JourneyState.PAUSED: 1, JourneyState.CLOSING: 2,
    JourneyState.DRAFT: 3, JourneyState.ENDED: 4,
}  # fmt: skip


def get_journey(reference: str) -> Journey:
    """A journey by slug or id; raises NotFound."""
    found = Journey.objects.filter(Q(slug=reference) | Q(id=reference)).first()
    if found is None:
        raise NotFound(
            Text("このジャーニーは見つかりません。", "There is no such journey."),
            Text("一覧から選び直してください。", "Choose one from the overview."),
            code="journey_not_found",
        )
    return found


def find(
    q: str, state: str | None, archived: bool, offset: int, limit: int
) -> tuple[list[Journey], int]:
    """A page of journeys, those that run first, each with its versions; and how many there are."""
    rows: QuerySet[Journey] = Journey.objects.filter(archived_at__isnull=not archived)
    if q:
        rows = rows.filter(Q(slug__icontains=q) | Q(name__icontains=q))
    if state:
        rows = rows.filter(state=state)
    found = sorted(
        rows.prefetch_related("versions"),
        key=lambda row: (_ORDER[JourneyState(row.state)], row.name, row.id),
    )
    return found[offset : offset + limit], len(found)


def versions_of(journey: Journey) -> list[JourneyVersion]:
    """The versions, newest first."""
    return list(journey.versions.order_by("-number"))


def get_version(journey: Journey, number: int) -> JourneyVersion:
    """A version by its number; raises NotFound."""
    found = journey.versions.filter(number=number).first()
    if found is None:
        raise NotFound(
            Text(f"第{number}版はありません。", f"There is no version {number}."),
            Text("版の一覧から選んでください。", "Choose one from the list of versions."),
            code="version_not_found",
        )
    return found


def work_version(journey: Journey) -> JourneyVersion | None:
    """The version being written or reviewed."""
    return journey.versions.filter(state__in=IN_WORK).first()


def live_version(journey: Journey) -> JourneyVersion | None:
    """The version that people come in on."""
    return journey.versions.filter(state=VersionState.LIVE).first()


def shown(journey: Journey) -> JourneyVersion:
    """The version to read or go on writing: the one in work, else the live one, else the last."""
    return work_version(journey) or live_version(journey) or versions_of(journey)[0]


# ── making and naming ────────────────────────────────────────────────────────────────────────────


def create(
    name: str,
    actor: Actor,
    *,
    slug: str | None = None,
    flow: str = "",
    purpose: str = "",
    body: Mapping[str, Any] | None = None,
    locale: Locale = "ja",
) -> Journey:
    """A new journey with a first draft: `body`, that of a flow in a language, or nearly empty.

    Raises Conflict `slug_taken`, NotFound `flow_not_found`.
    """
    begun: dict[str, Any] = {"purpose": ""}
    if body is not None:
        begun = dict(body)
    elif flow:
        begun = get_flow(flow).body(locale)
    if purpose:
        begun["purpose"] = purpose
    with work("journey.create"):
        free = slug or _free_slug(name)
        if Journey.objects.filter(slug=free).exists():
            raise Conflict(
                Text(f"「{free}」はすでに使われています。", f"The slug {free!r} is taken."),
                Text("別の名前にしてください。", "Choose another."),
                code="slug_taken",
            )
        made = Journey.objects.create(
            slug=free, name=name, flow=flow, owner=actor.user_id, created_by=actor.user_id,
            created_at=now(),
        )  # fmt: skip
        audit.record(actor, "journey.create", "journey", made.id, {"slug": free, "flow": flow})
        _add(made, 1, begun, actor, "")
    return made


def _free_slug(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-")
    if not plain or not plain[0].isalpha():
        plain = f"journey-{plain}".rstrip("-")
    if not Journey.objects.filter(slug=plain).exists():
        return plain
    return f"{plain}-{new_id('j')[-6:].lower()}"


def change(
    slug: str,
    actor: Actor,
    *,
    name: str | None = None,
    priority: int | None = None,
    owner: str | None = None,
) -> Journey:
    """Rename, give another priority, hand over; what is None stays. Raises Invalid."""
    with work("journey.change"):
        found = locked(slug)
        wanted = {"name": name, "priority": priority, "owner": owner}
        changed = {k: v for k, v in wanted.items() if v is not None and v != getattr(found, k)}
        if "owner" in changed and not get_user_model().objects.filter(pk=owner).exists():
            raise Invalid(
                Text("この利用者はいません。", "There is no such user."),
                Text("選び直してください。", "Choose another."),
                code="user_unknown",
            )
        for field, value in changed.items():
            setattr(found, field, value)
        if changed:
            found.save(update_fields=list(changed))
            audit.record(actor, "journey.change", "journey", found.id, {"fields": list(changed)})
    return found


def locked(slug: str) -> Journey:
    """The journey, held until the end of the caller's unit; raises NotFound."""
    row = get_journey(slug)
    return Journey.objects.select_for_update().get(id=row.id)


# ── the draft ────────────────────────────────────────────────────────────────────────────────────


def _add(
    journey: Journey, number: int, body: Mapping[str, Any], actor: Actor, note: str
) -> JourneyVersion:
    made = JourneyVersion.objects.create(
        journey=journey, number=number, state=VersionState.DRAFT, body=dict(body), note=note,
        created_by=actor.user_id, created_at=now(), authors=[actor.user_id],
        changed_by=actor.user_id, changed_at=now(),
    )  # fmt: skip
    _tell(actor, "journey.draft", made)
    return made


def save_draft(
    slug: str,
    body: Mapping[str, Any],
    actor: Actor,
    *,
    note: str = "",
    seen: datetime | None = None,
) -> JourneyVersion:
    """Write the draft, a new version unless one is being written. It may be unfinished.

    `seen`: the draft's `changed_at` as it was read. Raises Conflict `draft_changed` when somebody
    else has saved since, `in_review`, `archived`.
    """
    with work("journey.draft"):
        journey = _usable(slug)
        found = work_version(journey)
        if found is None:
            last = journey.versions.aggregate(last=Max("number"))["last"] or 0
            return _add(journey, last + 1, body, actor, note)
        require(found, "draft")
        if seen is not None and found.changed_at != seen and found.changed_by != actor.user_id:
            raise draft_changed()
        if digest(found.body) == digest(dict(body)) and found.note == note:
            return found
        found.body, found.note = dict(body), note
        found.changed_by, found.changed_at = actor.user_id, now()
        found.authors = with_author(found.authors, actor)
        found.save(update_fields=["body", "note", "changed_by", "changed_at", "authors"])
        _tell(actor, "journey.draft", found)
    return found


def discard(slug: str, actor: Actor) -> None:
    """Throw the version in work away; a journey that was never live goes with it.

    Raises Conflict `no_draft`, `in_review`.
    """
    with work("journey.discard"):
        journey = locked(slug)
        found = _worked_on(journey)
        require(found, "draft")
        _tell(actor, "journey.discard", found)
        found.delete()
        if not journey.versions.exists():
            journey.delete()


# ── review ───────────────────────────────────────────────────────────────────────────────────────


def submit(slug: str, actor: Actor, *, note: str = "") -> JourneyVersion:
    """Ask for approval. Raises Invalid `journey_unfinished` with every fault that refuses."""
    checked = _worked_on(get_journey(slug))
    require_fit(check(read_draft(checked.body), known(), author=actor))
    with work("journey.submit"):
        found = _worked_on(_usable(slug))
        require(found, "draft")
        if digest(found.body) != digest(checked.body):
            raise draft_changed()
        found.state = VersionState.REVIEW
        found.submitted_by, found.submitted_at = actor.user_id, now()
        found.authors = with_author(found.authors, actor)
        found.note = note or found.note
        found.returned_by, found.returned_at, found.returned_because = "", None, ""
        found.save()
        _tell(actor, "journey.submit", found)
    return found


def return_(slug: str, reason: str, actor: Actor) -> JourneyVersion:
    """Give a submitted version back to be worked on; its authors may take it back so too."""
    with work("journey.return"):
        found = _worked_on(locked(slug))
        require(found, "review")
        found.state = VersionState.DRAFT
        found.returned_by, found.returned_at = actor.user_id, now()
        found.returned_because = reason
        found.save(update_fields=["state", "returned_by", "returned_at", "returned_because"])
        _tell(actor, "journey.return", found)
    return found


def refused_to(version: JourneyVersion, actor: Actor) -> str:
    """Why the actor may not approve a version: the code, empty where she may."""
    if version.state != VersionState.REVIEW:
        return "not_in_review"
    return "own_work" if actor.user_id in authors_of(version) else ""


def go_live(
    slug: str,
    number: int,
    actor: Actor,
    *,
    seen: datetime | None = None,
    moving: Mapping[str, Mapping[str, str | None]] | None = None,
) -> JourneyVersion:
    """Approve the submitted version `number` and put it live; the one before is replaced.

    `seen`: its `changed_at` as it was read, so that no wording goes live that nobody has read: it
    may have been returned, written anew and submitted since.
    `moving`: from the number of an older version, where those inside it go (`mapping`); those of
    versions not named finish on theirs. A paused journey stays paused. Raises Forbidden `own_work`,
    Conflict `not_in_review`, `draft_changed`, Invalid `journey_unfinished`.
    """
    checked = _worked_on(get_journey(slug))
    _refuse_other(checked, number)
    require_fit(check(read_draft(checked.body), known()))
    with work("journey.go_live"):
        journey = _usable(slug)
        found = _worked_on(journey)
        _refuse_other(found, number)
        require(found, "review")
        refuse_own(found, actor)
        if seen is not None and found.changed_at != seen:
            raise draft_changed()
        if digest(found.body) != digest(checked.body):
            raise draft_changed()
        instant = now()
        journey.versions.filter(state=VersionState.LIVE).update(
            state=VersionState.REPLACED, replaced_at=instant
        )
        found.state, found.live_by, found.live_at = VersionState.LIVE, actor.user_id, instant
        found.moving = {name: dict(steps) for name, steps in (moving or {}).items()}
        found.save()
        if journey.state == JourneyState.ENDED:
            closing.reopen(journey.id)
        if journey.state not in (JourneyState.LIVE, JourneyState.PAUSED):
            journey.state, journey.state_since = JourneyState.LIVE, instant
        journey.live_since = journey.live_since or instant
        journey.save(update_fields=["state", "state_since", "live_since"])
        _tell(actor, "journey.go_live", found)
    return found


# ── inside ───────────────────────────────────────────────────────────────────────────────────────


def _tell(actor: Actor, action: str, version: JourneyVersion) -> None:
    audit.record(
        actor, action, "journey", version.journey_id,
        {"number": version.number, "wording": digest(version.body)},
    )  # fmt: skip


def _usable(slug: str) -> Journey:
    found = locked(slug)
    if found.archived_at is not None:
        raise Conflict(
            Text("このジャーニーはアーカイブされています。", "This journey is archived."),
            Text("先に元に戻してください。", "Restore it first."),
            code="archived",
        )
    return found


def _worked_on(journey: Journey) -> JourneyVersion:
    found = work_version(journey)
    if found is None:
        raise no_draft()
    return found


def _refuse_other(version: JourneyVersion, number: int) -> None:
    if version.number != number:
        raise draft_changed()
