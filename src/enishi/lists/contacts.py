"""Engagements and other lists of a person, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from enishi.book.access import Actor
from enishi.book.clock import now
from enishi.book.workspace import current_workspace
from enishi.gate.models import Restriction
from enishi.gate.people import names_of, ref
from enishi.gate.restrictions import written
from enishi.gate.service import labelled
from enishi.kernel.text import Locale
from enishi.lists.body import DefinitionBody, Words
from enishi.lists.definitions import body_of
from enishi.lists.engaging import UNDO
from enishi.lists.models import Engagement, Member
from enishi.lists.words import elsewhere, last_contact
from enishi.lists.work_schemas import EngagementOut, OtherListOut


def said(words: Words, locale: Locale) -> str:
    return words.ja if locale == "ja" else words.en


def engagement_rows(
    rows: Sequence[Engagement], actor: Actor, locale: Locale
) -> list[EngagementOut]:
    """Engagements in the words of their lists' definitions. Needs `list__definition` selected."""
    names = names_of(row.by for row in rows)
    bodies: dict[str, DefinitionBody] = {}
    instant = now()
    restrictions = {
        row.id: row
        for row in Restriction.objects.filter(
            id__in=[row.restriction_id for row in rows if row.restriction_id]
        )
    }
    found = []
    for row in rows:
        definition = row.list.definition
        body = bodies.setdefault(definition.id, body_of(definition))
        kind, outcome = body.kind(row.kind), body.outcome(row.outcome)
        restriction = restrictions.get(row.restriction_id)
        may_undo = row.by == actor.user_id and row.undone_at is None
        found.append(
            EngagementOut.model_validate(
                {
                    "id": row.id, "list_id": row.list_id, "list_name": row.list.name,
                    "member_id": row.member_id, "person_id": row.person, "kind": row.kind,
                    "kind_label": said(kind.label, locale) if kind else row.kind,
                    "channel": row.channel, "direction": row.direction, "outcome": row.outcome,
                    "outcome_label": said(outcome.label, locale) if outcome else row.outcome,
                    "outcome_kind": row.outcome_kind, "note": written(row.note, row.by, actor),
                    "next_step": written(row.next_step, row.by, actor) or None,
                    "next_at": row.next_at,
                    "by": ref(row.by, names), "at": row.at, "undone_at": row.undone_at,
                    "undo_until": row.at + UNDO if may_undo and row.at + UNDO > instant else None,
                    "blocked": labelled(restriction, names, instant)[0][locale]
                    if restriction else None,
                }
            )
        )  # fmt: skip
    return found


def contacts_of(person: str, *, limit: int = 50) -> list[Engagement]:
    """The engagements with a person on every list, newest first, undone ones left out."""
    return list(
        Engagement.objects.select_related("list__definition")
        .filter(person=person, undone_at__isnull=True)
        .order_by("-at", "-id")[:limit]
    )


def lists_with(person: str, *, but: str = "") -> list[Any]:
    """The person's memberships on published lists, open ones first, newest first."""
    rows = list(
        Member.objects.select_related("list__definition")
        .filter(person=person, joined_at__isnull=False, list__published__isnull=False)
        .exclude(list_id=but)
        .order_by("-list__created_at")[:100]
    )
    return sorted(rows, key=lambda row: row.list.state != "open")


def other_lists(rows: Sequence[Any], locale: Locale) -> list[OtherListOut]:
    """Where a person stands: status, assignee and last contact on each list."""
    last: dict[int, Engagement] = {}
    for made in Engagement.objects.filter(
        member_id__in=[row.id for row in rows], undone_at__isnull=True
    ).order_by("at"):
        last[made.member_id] = made
    names = names_of([row.assignee for row in rows] + [made.by for made in last.values()])
    zone, instant = current_workspace().zone, now()
    found = []
    for row in rows:
        status = body_of(row.list.definition).status(row.status)
        made_last = last.get(row.id)
        told = None
        if made_last is not None:
            by = names.get(made_last.by, made_last.by)
            told = last_contact(made_last.channel, made_last.at, by, zone, instant)[locale]
        found.append(
            OtherListOut.model_validate(
                {
                    "list_id": row.list_id, "list_name": row.list.name,
                    "status": said(status.label, locale) if status else row.status,
                    "meaning": row.meaning, "assignee": ref(row.assignee, names),
                    "state": row.list.state, "present": row.present, "last_contact": told,
                    "last_contact_at": made_last.at if made_last else None, "member_id": row.id,
                }
            )
        )  # fmt: skip
    return found


def warning(person: str, list_id: str, locale: Locale) -> str | None:
    """ "On 2 other lists; called 3 Nov by …" for the builder and work mode."""
    lists = Member.objects.filter(
        person=person, list__state="open", present=True, joined_at__isnull=False
    ).exclude(list_id=list_id)
    made = (
        Engagement.objects.filter(person=person, undone_at__isnull=True)
        .exclude(list_id=list_id)
        .order_by("-at")
        .first()
    )
    told = None
    if made is not None:
        by = names_of([made.by]).get(made.by, made.by)
        told = last_contact(made.channel, made.at, by, current_workspace().zone, now())
    text = elsewhere(lists.count(), told)
    return text[locale] if text is not None else None
